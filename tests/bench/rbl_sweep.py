#!/usr/bin/env python3
"""How fast `maildiag rblcheck` sweeps, and whether it misses anything.

    rbl_sweep.py speed PROGRAM [--questions N] [--rounds N]   against dnsperf and adnshost, in turns, at one rbldnsd
    rbl_sweep.py far PROGRAM RELAY [--questions N]            20 ms away with 1 % loss
    rbl_sweep.py memory PROGRAM [--questions N]

PROGRAM is a release build; RELAY the built udp_relay. Prints one JSON object; fails if a listing is missed or invented.
adnshost asks port 53 only, so that comparison needs root.
"""

import argparse
import json
import os
import random
import re
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

ZONES = [f"bl{number}.test" for number in range(20)]
ENTRIES = 100_000
LISTED_SHARE = 0.00527
SEED = 5782
WINDOW = 100


def dotted(number, reverse=False):
    octets = number.to_bytes(4, "little" if reverse else "big")
    return ".".join(map(str, octets))


def make_world(targets, zones, entries):
    """The addresses to ask about, the zones' data, and which (address, zone) pairs are listed."""
    generator = random.Random(SEED)
    addresses = generator.sample(range(0x0B000000, 0x5F000000), targets)
    lists, listed = {}, set()
    for zone in zones:
        hits = [address for address in addresses if generator.random() < LISTED_SHARE]
        listed |= {(dotted(address), zone) for address in hits}
        others = generator.sample(range(0x60000000, 0x7E000000), entries)
        lines = "".join(dotted(address) + "\n" for address in hits + others)
        lists[zone] = ("ip4set", f"$SOA 3600 ns.{zone} hostmaster.{zone} 0 600 300 86400 300\n$NS 3600 ns.{zone}\n"
                                 f":127.0.0.2:Listed $\n127.0.0.2\n{lines}")
    return addresses, lists, listed


def sweep(program, endpoint, targets_file, zones, home, *more):
    command = [program, "rblcheck", "--nameserver", endpoint, "--format", "json", "--hide-clean", "--rate", "0",
               "--window", str(WINDOW), "-f", targets_file, *more]
    for zone in zones:
        command += ["--list", zone]
    begin = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True,
                               env={**os.environ, "XDG_CACHE_HOME": home, "XDG_CONFIG_HOME": home})
    peak = PeakMemory(process.pid)
    output = process.stdout.read()
    status = process.wait()
    seconds = time.monotonic() - begin
    return output, seconds, status, peak.kib()


class PeakMemory(threading.Thread):
    """The most memory that a process held. wait4() would tell this process's own, of which each child is first a copy."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.most = pid, 0
        self.start()

    def run(self):
        try:
            while match := re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")):
                self.most = int(match[1])
                time.sleep(0.02)
        except OSError:
            pass

    def kib(self):
        self.join()
        return self.most


def faults(output, targets, listed):
    """What was missed, invented, or not answered."""
    found, undecided, reports = set(), 0, 0
    for line in output.splitlines():
        report = json.loads(line)
        reports += 1
        for entry in report["result"]["lists"]:
            if entry["state"] == "listed":
                found.add((report["target"], entry["zone"]))
            else:
                undecided += 1
    wrong = {"missed": len(listed - found), "invented": len(found - listed), "undecided": undecided,
             "unreported": targets - reports}
    return {name: count for name, count in wrong.items() if count}


def run_dnsperf(server, questions, clients=4):
    command = ["dnsperf", "-s", server.address, "-p", str(server.port), "-d", questions, "-n", "1", "-c", str(clients),
               "-T", "1", "-q", str(WINDOW)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return float(re.search(r"Queries per second:\s+([\d.]+)", output).group(1))


def run_adnshost(address, questions, count):
    with open(questions, encoding="ascii") as file:
        names = "".join(line.split()[0] + "\n" for line in file)
    begin = time.monotonic()
    subprocess.run(["adnshost", "-a", "-t", "a", "-Fi", "-f"], input=names, capture_output=True, text=True,
                   env={**os.environ, "ADNS_RES_CONF_TEXT": f"nameserver {address}\n"}, timeout=600)
    return count / (time.monotonic() - begin)


class PrivilegedRbldnsd(servers.Rbldnsd):
    """On port 53 of a loopback address, as adnshost knows no other port."""

    wanted_port = 53


def write_lines(directory, name, lines):
    path = Path(directory) / name
    path.write_text("".join(line + "\n" for line in lines), encoding="ascii")
    return str(path)


def speed_rounds(program, questions, rounds):
    """Yields the rates of each round: what maildiag, dnsperf and adnshost ask a second. A fault ends it."""
    targets = questions // len(ZONES)
    addresses, lists, listed = make_world(targets, ZONES, ENTRIES)
    with tempfile.TemporaryDirectory() as home, PrivilegedRbldnsd(lists, "127.0.0.77") as server:
        targets_file = write_lines(home, "targets", map(dotted, addresses))
        asked = write_lines(home, "questions", (f"{dotted(a, True)}.{zone} A" for a in addresses for zone in ZONES))
        for _ in range(rounds):
            dnsperf = run_dnsperf(server, asked)
            output, seconds, status, peak = sweep(program, server.endpoint, targets_file, ZONES, home)
            if wrong := faults(output, targets, listed):
                raise RuntimeError(f"the sweep is wrong: {wrong}")
            yield {"dnsperf": dnsperf, "maildiag": questions / seconds,
                   "adnshost": run_adnshost(server.address, asked, questions),
                   "peak_kib": peak, "exit_status": status, "listed": len(listed)}


def speed(options):
    servers.skip_unless("rbldnsd", "dnsperf", "adnshost")
    rounds = list(speed_rounds(options.program, options.questions, options.rounds))
    medians = {name: round(statistics.median(each[name] for each in rounds)) for name in ("maildiag", "dnsperf", "adnshost")}
    return {"questions": options.questions, "rounds": options.rounds, "per_second": medians,
            "to_dnsperf": round(medians["maildiag"] / medians["dnsperf"], 2),
            "to_adnshost": round(medians["maildiag"] / medians["adnshost"], 2),
            **{name: rounds[-1][name] for name in ("peak_kib", "exit_status", "listed")}}, {}


def round_trip(port, zone, count=31):
    """The median of single questions, in seconds: what the relay and the server take apart from the delay counts, too."""
    name = b"".join(bytes([len(label)]) + label for label in b"2.0.0.127".split(b".") + zone.encode().split(b"."))
    times = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(1)
        client.connect(("127.0.0.1", port))
        while len(times) < count:
            begin = time.monotonic()
            client.send(len(times).to_bytes(2, "big") + b"\1\0\0\1\0\0\0\0\0\0" + name + b"\0\0\1\0\1")
            try:
                client.recv(512)
            except TimeoutError:
                continue
            times.append(time.monotonic() - begin)
    return statistics.median(times)


def far(options):
    servers.skip_unless("rbldnsd")
    zones = ZONES[:1]
    addresses, lists, listed = make_world(options.questions, zones, 1000)
    delay, loss = 20.0, 0.01
    rates, shares, trips, wrong = [], [], [], {}
    asked = options.questions + len(listed)  # each listing is asked for its reason
    with tempfile.TemporaryDirectory() as home, servers.Rbldnsd(lists) as server:
        targets_file = write_lines(home, "targets", map(dotted, addresses))
        one = write_lines(home, "one", [dotted(addresses[0])])
        for seed in range(options.rounds):
            relay = subprocess.Popen([options.relay, str(server.port), str(delay), str(loss), str(seed)],
                                     stdout=subprocess.PIPE, text=True)
            port = int(relay.stdout.readline())
            endpoint = f"127.0.0.1#{port}"
            trips.append(round_trip(port, zones[0]))
            # What a run costs apart from its questions: start, self-test (cached from then on).
            sweep(options.program, endpoint, one, zones, home)
            idle = min(sweep(options.program, endpoint, one, zones, home)[1] for _ in range(3))
            output, seconds, _, _ = sweep(options.program, endpoint, targets_file, zones, home)
            relay.kill()
            relay.wait()
            rates.append(asked / (seconds - idle))
            shares.append(rates[-1] * trips[-1] / WINDOW)
            wrong = wrong or faults(output, options.questions, listed)
    return {"questions": asked, "listed": len(listed), "rounds": options.rounds,
            "per_second": round(statistics.median(rates)), "round_trip_ms": round(1000 * statistics.median(trips), 2),
            "window_per_round_trip": round(statistics.median(WINDOW / trip for trip in trips)),
            "share": round(statistics.median(shares), 3), "shares": [round(share, 3) for share in shares],
            "share_of_bare_delay": round(statistics.median(rates) * delay / 1000 / WINDOW, 3)}, wrong


def memory(options):
    servers.skip_unless("rbldnsd")
    targets = options.questions // len(ZONES)
    addresses, lists, listed = make_world(targets, ZONES, 1000)
    with tempfile.TemporaryDirectory() as home, servers.Rbldnsd(lists) as server:
        targets_file = write_lines(home, "targets", map(dotted, addresses))
        output, seconds, status, peak = sweep(options.program, server.endpoint, targets_file, ZONES, home)
    return {"questions": options.questions, "per_second": round(options.questions / seconds),
            "peak_mib": round(peak / 1024, 1), "exit_status": status}, faults(output, targets, listed)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["speed", "far", "memory"])
    parser.add_argument("program")
    parser.add_argument("relay", nargs="?")
    parser.add_argument("--questions", type=int)
    parser.add_argument("--rounds", type=int)
    options = parser.parse_args()
    defaults = {"speed": (100_000, 7), "far": (10_000, 3), "memory": (1_000_000, 1)}[options.what]
    options.questions = options.questions or defaults[0]
    options.rounds = options.rounds or defaults[1]
    result, wrong = {"speed": speed, "far": far, "memory": memory}[options.what](options)
    print(json.dumps({**result, **wrong}))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
