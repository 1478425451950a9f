#!/usr/bin/env python3
"""rblcheck against a DNS server that misbehaves in every way known: one zone for each trap, alone and all in one sweep.

    rblcheck_traps.py PROGRAM
"""

import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor

LISTED, CLEAN, MAPPED, IPV6 = "203.0.113.7", "203.0.113.9", "::ffff:203.0.113.7", "2001:db8:1:2:3456:789a:5:6"
NIBBLES = "6.0.0.0.5.0.0.0.a.9.8.7.6.5.4.3.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2"
PARKED = "203.0.113.80"
NXDOMAIN, SERVFAIL, REFUSED = 3, 2, 5

# What is said of the listed and of the clean address. The words are functions of Server below.
GOOD = ("listed", "not-listed")
TRAPS = {"honest": GOOD, "slow": GOOD, "lost": GOOD, "truncated": GOOD, "nodata": GOOD, "cname": GOOD, "several": GOOD,
         "forged-id": GOOD, "forged-question": GOOD, "silent": ("error",) * 2, "servfail": ("error",) * 2, "refused": ("error",) * 2,
         "cut-short": ("error",) * 2, "only-forged-id": ("error",) * 2, "only-forged-question": ("error",) * 2,
         "garbage": ("error",) * 2, "error-252": ("blocked",) * 2, "error-254": ("blocked",) * 2, "error-255": ("blocked",) * 2,
         "hijacked": ("broken",) * 2, "wildcard": ("broken",) * 2, "parked": ("broken",) * 2, "emptied": ("broken",) * 2,
         "later-refused": ("blocked",) * 2, "later-parked": ("broken",) * 2}


def wire_name(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


class Query:
    def __init__(self, message):
        self.id = message[:2]
        labels, at = [], 12
        while message[at]:
            labels.append(message[at + 1:at + 1 + message[at]].decode())
            at += 1 + message[at]
        self.question = message[12:at + 5]
        self.type = struct.unpack(">H", message[at + 1:at + 3])[0]
        self.front, self.trap = ".".join(labels[:-2]).lower(), labels[-2].lower()
        self.listed = self.front in (reverse(LISTED), "2.0.0.127")

    def answer(self, *addresses, rcode=0, flags=0x8180, number=None, question=None, alias=None):
        records = []
        owner = b"\xc0\x0c"
        if alias:
            target = wire_name(alias)
            records.append(owner + struct.pack(">HHIH", 5, 1, 60, len(target)) + target)
            owner = target
        records += [owner + struct.pack(">HHIH", 1, 1, 60, 4) + socket.inet_aton(address) for address in addresses]
        head = struct.pack(">HHHHH", flags | rcode, 1, len(records), 0, 0)
        return (number or self.id) + head + (question or self.question) + b"".join(records)

    def honest(self):
        if self.type != 1:
            return self.answer(rcode=NXDOMAIN)
        return self.answer("127.0.0.2") if self.listed else self.answer(rcode=NXDOMAIN)


def reverse(address):
    return ".".join(reversed(address.split(".")))


class Server:
    """Each method is a trap: what is sent, in this order."""

    def __init__(self):
        self.seen, self.times, self.ended = [], {}, threading.Event()
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        while True:
            self.udp.bind(("127.0.0.1", 0))
            try:
                self.tcp.bind(self.udp.getsockname())
                break
            except OSError:
                self.udp.close()
                self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.tcp.listen(64)
        self.endpoint = "127.0.0.1#%d" % self.udp.getsockname()[1]
        for work in (self.serve_udp, self.serve_tcp):
            threading.Thread(target=work, daemon=True).start()

    def serve_udp(self):
        while True:
            message, client = self.udp.recvfrom(4096)
            query = Query(message)
            self.seen.append(query.front + "." + query.trap)
            key = (query.front, query.trap, query.type)
            self.times[key] = self.times.get(key, 0) + 1
            for answer in getattr(self, query.trap.replace("-", "_"))(query, self.times[key]):
                if callable(answer):
                    threading.Timer(0.3, lambda made=answer, to=client: self.udp.sendto(made(), to)).start()
                else:
                    self.udp.sendto(answer, client)

    def serve_tcp(self):
        while True:
            stream, _ = self.tcp.accept()
            with stream:
                size = struct.unpack(">H", stream.recv(2, socket.MSG_WAITALL))[0]
                query = Query(stream.recv(size, socket.MSG_WAITALL))
                if query.trap == "truncated":
                    answer = query.honest()
                    stream.sendall(struct.pack(">H", len(answer)) + answer)

    def honest(self, query, _):
        return [query.honest()]

    def slow(self, query, _):
        return [query.honest]

    def lost(self, query, time_asked):
        return [query.honest()] if time_asked > 1 else []

    def truncated(self, query, _):
        return [query.answer(flags=0x8380)]

    cut_short = truncated

    def nodata(self, query, _):
        return [query.honest() if query.listed else query.answer()]

    def cname(self, query, _):
        return [query.answer("127.0.0.2", alias="entry.cname.test") if query.listed and query.type == 1 else query.honest()]

    def several(self, query, _):
        return [query.answer("127.0.0.2", "127.0.0.4", "127.0.0.10") if query.listed and query.type == 1 else query.honest()]

    def only_forged_id(self, query, _):
        number = bytes([query.id[0] ^ 1, query.id[1]])
        return [query.answer("127.0.0.2", number=number)]

    def only_forged_question(self, query, _):
        other = wire_name("1." + query.front + "." + query.trap + ".test") + struct.pack(">HH", 1, 1)
        return [query.answer("127.0.0.2", question=other)]

    def forged_id(self, query, time_asked):
        return [*self.only_forged_id(query, time_asked), query.honest()]

    def forged_question(self, query, time_asked):
        return [*self.only_forged_question(query, time_asked), query.honest()]

    def silent(self, *_):
        return []

    def servfail(self, query, _):
        return [query.answer(rcode=SERVFAIL)]

    def refused(self, query, _):
        return [query.answer(rcode=REFUSED)]

    def garbage(self, query, _):
        return [query.id + os.urandom(40), query.id, b""]

    def error_252(self, query, _):
        return [query.answer("127.255.255.252")]

    def error_254(self, query, _):
        return [query.answer("127.255.255.254")]

    def error_255(self, query, _):
        return [query.answer("127.255.255.255")]

    def hijacked(self, query, _):
        return [query.honest() if query.listed else query.answer(PARKED)]

    def wildcard(self, query, _):
        return [query.answer("127.0.0.2")]

    def parked(self, query, _):
        return [query.answer(PARKED)]

    def emptied(self, query, _):
        return [query.answer(rcode=NXDOMAIN)]

    def later_refused(self, query, _):
        return [query.honest() if query.front.endswith("0.0.127") else query.answer("127.255.255.254")]

    def later_parked(self, query, _):
        return [query.honest() if query.front.endswith("0.0.127") else query.answer(PARKED)]


class Bench:
    def __init__(self, program, server, home):
        self.program, self.server, self.home, self.faults = program, server, home, []

    def run(self, *words):
        command = [self.program, "rblcheck", "--nameserver", self.server.endpoint, "--timeout", "2.0", "--tries", "1", "--format", "json",
                   *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=240,
                              env={**os.environ, "XDG_CACHE_HOME": self.home, "XDG_CONFIG_HOME": self.home})
        return [json.loads(line) for line in done.stdout.splitlines()], done.returncode

    def expect(self, what, found, wanted):
        if found != wanted:
            self.faults.append(f"{what}: expected {wanted!r}, found {found!r}")


def lists(traps):
    return [word for trap in traps for word in ("--list", trap + ".test")]


def states(report):
    return {entry["zone"].removesuffix(".test"): entry["state"] for entry in report["result"]["lists"]}


def check_all_at_once(bench):
    reports, _ = bench.run(*lists(TRAPS), LISTED, CLEAN, MAPPED)
    for report, which in zip(reports, (0, 1, 0)):
        found = states(report)
        for trap, wanted in TRAPS.items():
            bench.expect(f"{trap}: {report['target']} among all", found[trap], wanted[which])
        answered = sum(wanted[which] in GOOD for wanted in TRAPS.values())
        bench.expect("answered and queried", (report["result"]["answered"], report["result"]["queried"]), (answered, len(TRAPS)))
        bench.expect("listed", report["result"]["listed"], 0 if which else answered)
    codes = {entry["zone"]: entry["codes"] for entry in reports[0]["result"]["lists"]}
    bench.expect("every code is shown", sorted(codes["several.test"]), ["127.0.0.10", "127.0.0.2", "127.0.0.4"])
    bench.expect("the mapped address is asked as IPv4", [name for name in bench.server.seen if len(name) > 60 and ".f.f.f.f." in name], [])


def check_each_alone(bench):
    """A list that says nothing believable leaves the result unknown, never clean."""
    def alone(trap):
        return bench.run(*lists([trap]), "--self-test", "always", CLEAN)

    with ThreadPoolExecutor(8) as pool:  # most of them wait
        results = list(pool.map(alone, TRAPS))
    for (trap, wanted), (reports, status) in zip(TRAPS.items(), results):
        bench.expect(f"{trap}: alone", (states(reports[0])[trap], status), (wanted[1], 0 if wanted is GOOD else 3))


def check_ipv6(bench):
    reports, status = bench.run(*lists(["honest"]), "--self-test", "never", IPV6)
    bench.expect("an IPv6 address", (states(reports[0])["honest"], status), ("not-listed", 0))
    bench.expect("its nibbles", bench.server.seen[-1], NIBBLES + ".honest")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as home:
        bench = Bench(sys.argv[1], Server(), home)
        begin = time.monotonic()
        for check in (check_all_at_once, check_each_alone, check_ipv6):
            check(bench)
    print("\n".join(bench.faults) or f"no fault found in {time.monotonic() - begin:.0f} s")
    sys.exit(1 if bench.faults else 0)


if __name__ == "__main__":
    main()
