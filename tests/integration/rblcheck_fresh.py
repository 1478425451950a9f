#!/usr/bin/env python3
"""`rblcheck --fresh` past a resolver that remembers: unbound in front, and the lists' own name servers (nsd) on port 53.

    rblcheck_fresh.py PROGRAM

Port 53 of a loopback address needs root, or a network namespace of one's own; skipped where there is neither.
"""

import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from servers import SKIPPED, Nsd, Unbound, skip_unless  # noqa: E402

OWN_NAMESPACE = "MAILDIAG_TEST_NAMESPACE"
ADDRESS = "127.0.0.53"
ZONE = """$TTL 86400
@ IN SOA ns.lists.test. root.lists.test. 1 3600 600 86400 86400
@ IN NS ns.lists.test.
2.0.0.127 IN A 127.0.0.2
"""
ENTRY = '7.113.0.203 IN A 127.0.0.2\n7.113.0.203 IN TXT "listed by hand"\n'
HOSTS = f"""$TTL 86400
@ IN SOA ns root 1 3600 600 86400 86400
@ IN NS ns
ns IN A {ADDRESS}
"""


class ListServer(Nsd):
    wanted_port = 53

    def __init__(self, *listings):
        super().__init__({f"{name}.test": ZONE + (ENTRY if name in listings else "") for name in ("old", "new")}, ADDRESS)


class Program:
    def __init__(self, path, resolver, home):
        self.path, self.resolver, self.home = path, resolver, home

    def states(self, *words):
        """{zone: state} of the address, and the report."""
        command = [self.path, "rblcheck", "--nameserver", self.resolver.endpoint, "--format", "json", "--list", "old.test", "--list",
                   "new.test", "203.0.113.7", *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120,
                              env={**os.environ, "XDG_CACHE_HOME": self.home, "XDG_CONFIG_HOME": self.home})
        result = json.loads(done.stdout)["result"]
        return {entry["zone"]: entry["state"] for entry in result["lists"]}, result


def expect(what, found, wanted):
    if found != wanted:
        sys.exit(f"{what}: expected {wanted!r}, found {found!r}")


def check(path, home):
    with Nsd({"lists.test": HOSTS}) as hosts:
        listed, clean = {"old.test": "listed", "new.test": "not-listed"}, {"old.test": "not-listed", "new.test": "listed"}
        stubs = {"lists.test": hosts, "old.test": f"{ADDRESS}#53", "new.test": f"{ADDRESS}#53"}
        with Unbound(stubs) as resolver:
            program = Program(path, resolver, home)
            with ListServer("old"):
                expect("through the resolver", program.states()[0], listed)
                expect("from the lists' servers", program.states("--fresh")[0], listed)
            with ListServer("new"):  # since then one entry was taken out, and the other put in
                expect("what the resolver remembers", program.states()[0], listed)
                fresh, result = program.states("--fresh")
                expect("what the lists say now", fresh, clean)
                expect("no resolver is named", result["resolver"], [])
                expect("the reason", [entry["txt"] for entry in result["lists"] if entry["state"] == "listed"], ["listed by hand"])
            silent = program.states("--fresh", "--timeout", "0.2", "--tries", "1")[0]
            expect("servers that are gone", silent, {"old.test": "error", "new.test": "error"})
    with Unbound({"lists.test": "127.0.0.1#1"}) as resolver:
        silent = Program(path, resolver, home).states("--fresh", "--timeout", "0.2", "--tries", "1")[0]
        expect("lists whose servers cannot be found", silent, {"old.test": "error", "new.test": "error"})


def may_bind():
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind((ADDRESS, 53))
        return True
    except OSError:
        return False


def raise_loopback():
    """The loopback interface of a new namespace is down: SIOCSIFFLAGS with IFF_UP | IFF_RUNNING."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh14x", b"lo", 0x41))


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    skip_unless("nsd", "unbound")
    if os.environ.get(OWN_NAMESPACE):
        raise_loopback()
    if not may_bind():
        unshare = ["unshare", "--map-root-user", "--net"]
        if os.environ.get(OWN_NAMESPACE) or subprocess.run([*unshare, "true"], capture_output=True).returncode != 0:
            print(f"SKIPPED: port 53 of {ADDRESS} is not to be had", file=sys.stderr)
            sys.exit(SKIPPED)
        os.environ[OWN_NAMESPACE] = "1"
        os.execvp("unshare", [*unshare, sys.executable, *sys.argv])
    with tempfile.TemporaryDirectory() as home:
        check(sys.argv[1], home)
    print("--fresh tells what the lists say now")


if __name__ == "__main__":
    main()
