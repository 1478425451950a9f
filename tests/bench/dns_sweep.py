#!/usr/bin/env python3
"""How fast a sweep is: our network backend and dnsperf in turns at one rbldnsd on loopback.

    dns_sweep.py PROGRAM [--queries N] [--rounds N] [--window N] [--delay MS]

PROGRAM is the built dns_sweep. Prints one JSON object; fails if a listing is missed or a question stays unanswered.
With --delay the answers pass a relay that holds each of them back, as a server elsewhere would (without dnsperf).
"""

import argparse
import heapq
import json
import random
import re
import selectors
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
import servers  # noqa: E402

ZONE = "list.test"
LISTED_SHARE = 527 / 100_000
SEED = 5782


def make_data(queries):
    """The data set of the list, the file of questions, and how many of them are listed."""
    generator = random.Random(SEED)
    addresses = generator.sample(range(0x0B000000, 0x5F000000), queries)
    listed = set(generator.sample(addresses, round(queries * LISTED_SHARE)))
    octets = [address.to_bytes(4, "big") for address in addresses]
    names = "".join(f"{o[3]}.{o[2]}.{o[1]}.{o[0]}.{ZONE} A\n" for o in octets)
    data = ":127.0.0.2:Listed $\n" + "".join(".".join(map(str, a.to_bytes(4, "big"))) + "\n" for a in listed)
    data = "$SOA 3600 ns.list.test hostmaster.list.test 0 600 300 86400 300\n$NS 3600 ns.list.test\n" + data
    return data, names, len(listed)


class DelayingRelay(threading.Thread):
    """Passes datagrams to a server and holds its answers back."""

    def __init__(self, port, delay):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.port, self.delay = port, delay
        self.endpoint = f"127.0.0.1#{self.socket.getsockname()[1]}"

    def run(self):
        upstream, due = {}, []
        with selectors.DefaultSelector() as selector:
            selector.register(self.socket, selectors.EVENT_READ, None)
            while True:
                for key, _ in selector.select(max(0.0, due[0][0] - time.monotonic()) if due else None):
                    self._read(key, selector, upstream, due)
                while due and due[0][0] <= time.monotonic():
                    _, _, message, client = heapq.heappop(due)
                    self.socket.sendto(message, client)

    def _read(self, key, selector, upstream, due):
        while True:
            try:
                message, source = key.fileobj.recvfrom(65535)
            except BlockingIOError:
                return
            if key.data is not None:
                heapq.heappush(due, (time.monotonic() + self.delay, random.random(), message, key.data))
                continue
            if source not in upstream:
                upstream[source] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                upstream[source].connect(("127.0.0.1", self.port))
                upstream[source].setblocking(False)
                selector.register(upstream[source], selectors.EVENT_READ, source)
            upstream[source].send(message)


def run_dnsperf(server, questions, window):
    command = ["dnsperf", "-s", server.address, "-p", str(server.port), "-d", questions, "-n", "1", "-c", "4", "-T", "1",
               "-q", str(window)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return float(re.search(r"Queries per second:\s+([\d.]+)", output).group(1))


def run_ours(program, endpoint, questions, window):
    output = subprocess.run([program, endpoint, questions, str(window)], check=True, capture_output=True, text=True).stdout
    return json.loads(output)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--queries", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--window", type=int, default=100)
    parser.add_argument("--delay", type=float, default=0.0, help="milliseconds")
    options = parser.parse_args()
    servers.skip_unless("rbldnsd", *([] if options.delay else ["dnsperf"]))
    data, names, listed = make_data(options.queries)

    ours, theirs, failures, memory = [], [], [], []
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as questions, \
            servers.Rbldnsd({ZONE: ("ip4set", data)}) as server:
        questions.write(names)
        questions.flush()
        endpoint = server.endpoint
        if options.delay:
            relay = DelayingRelay(server.port, options.delay / 1000)
            relay.start()
            endpoint = relay.endpoint
        for _ in range(options.rounds):
            if not options.delay:
                theirs.append(run_dnsperf(server, questions.name, options.window))
            result = run_ours(options.program, endpoint, questions.name, options.window)
            ours.append(result["queries"] / result["seconds"])
            memory.append(result["sweep_kib"])
            if result["listed"] != listed or result["listed"] + result["absent"] != options.queries:
                failures.append(result)

    report = {"queries": options.queries, "listed": listed, "window": options.window, "rounds": options.rounds,
              "queries_per_second": round(statistics.median(ours)), "sweep_kib": max(memory)}
    if theirs:
        report["dnsperf_queries_per_second"] = round(statistics.median(theirs))
        report["ratio"] = round(statistics.median(ours) / statistics.median(theirs), 3)
        report["ratios"] = [round(a / b, 2) for a, b in zip(ours, theirs)]
    print(json.dumps(report))
    for failure in failures:
        print(f"listings missed or questions unanswered: {failure}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
