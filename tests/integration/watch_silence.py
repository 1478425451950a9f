#!/usr/bin/env python3
"""`maildiag watch` of what is answered in part: half an answer hides no alert, and what it hides has not become better.

    watch_silence.py PROGRAM
"""

import contextlib
import ipaddress
import json
import os
import socket
import socketserver
import sqlite3
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from hostile_dns import A, MX, PTR, TXT, Query, txt, wire  # noqa: E402
from hostile_servers import Server  # noqa: E402
from test_ca import TestCa  # noqa: E402

PROGRAM = sys.argv[1] if len(sys.argv) > 1 else "maildiag"
AAAA = 28
SERVFAIL = 2


def host(number):
    return f"mx{number}.mail.test"


class Dns(socketserver.BaseRequestHandler):
    """The records of `zone`, and SERVFAIL for the questions in `silent`; nothing else is there."""

    zone, silent = {}, set()

    def handle(self):
        packet, peer = self.request
        query = Query(packet)
        broken = (query.name, query.type) in self.silent
        records = [(query.type, data) for data in self.zone.get((query.name, query.type), [])]
        missing = not any(name == query.name for name, _ in self.zone)
        peer.sendto(query.reply([] if broken else records, SERVFAIL if broken else 3 if missing else 0), self.client_address)


class Smtp(socketserver.BaseRequestHandler):
    context, greeting, starttls = None, b"", b""

    def handle(self):
        with contextlib.suppress(OSError):
            self.talk(self.request, self.greeting)

    def talk(self, peer, greeting):
        peer.sendall(greeting)
        with peer.makefile("rb") as lines:
            for line in lines:
                if line[:4].upper() == b"EHLO":
                    peer.sendall(b"250-mx1.mail.test\r\n" + (b"250-STARTTLS\r\n" if self.starttls else b"") + b"250 SIZE 1000000\r\n")
                elif line[:8].upper() == b"STARTTLS":
                    peer.sendall(self.starttls)
                    if self.starttls[:3] == b"220":
                        with self.context.wrap_socket(peer, server_side=True) as inside:
                            return self.talk(inside, b"")
                else:
                    peer.sendall(b"221 bye\r\n")


class Silence(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.ca = cls.enterClassContext(TestCa())

    def setUp(self):
        self.directory = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="maildiag-watch-silence-")))
        self.dns = self.enterContext(socketserver.ThreadingUDPServer(("127.0.0.1", 0), Dns))
        threading.Thread(target=self.dns.serve_forever, daemon=True).start()
        self.addCleanup(self.dns.shutdown)
        Dns.zone, Dns.silent = {}, set()

    def publish(self, exchangers, names=None):
        """`exchangers`: {number: address}; `names`: {address: name}, those of the exchangers else."""
        names = names if names is not None else {address: host(number) for number, address in exchangers.items()}
        Dns.zone = {("mail.test", MX): [struct.pack(">H", 10 * number) + wire(host(number)) for number in exchangers]}
        for number, address in exchangers.items():
            Dns.zone[host(number), A] = [socket.inet_aton(address)] if address else []
        for address, name in names.items():
            if address:
                Dns.zone[ipaddress.ip_address(address).reverse_pointer, PTR] = [wire(name)]

    def told(self, checks, *arguments):
        (self.directory / "watch.toml").write_text(f'quorum = 0.5\n[[target]]\nname = "mail.test"\nchecks = {json.dumps(checks)}\n')
        done = subprocess.run([PROGRAM, "watch", "--state", self.directory / "watch.db", "--targets", self.directory / "watch.toml", "--nameserver",
                               f"127.0.0.1#{self.dns.server_address[1]}", "--format", "json", "--lang", "en", *arguments],
                              capture_output=True, text=True, timeout=60, env={**os.environ, "TZ": "UTC"})
        self.assertEqual(done.stderr, "")
        findings = [finding for line in done.stdout.splitlines() for finding in json.loads(line)["findings"]]
        return [(each["id"].removeprefix("watch."), each["severity"], each["data"]["finding"]) for each in findings if each["id"] != "watch.baseline"]

    def pass_a_day(self):
        with contextlib.closing(sqlite3.connect(self.directory / "watch.db")) as history, history:
            history.execute("UPDATE item SET unknown_since = unknown_since - 86400 WHERE unknown_since <> 0")

    def test_half_an_answer_about_a_host(self):
        good, nameless = {1: "8.8.8.8", 2: "9.9.9.9"}, {"9.9.9.9": host(2)}
        Dns.silent = {(host(1), AAAA)}
        self.publish(good)
        self.assertEqual(self.told(["mx"]), [])
        for _ in range(2):
            self.publish(good, nameless)
            self.assertEqual(self.told(["mx"]), [("got-worse", "warning", "mx.ptr-missing")])
            self.publish(good)
            self.assertEqual(self.told(["mx"]), [("fault-gone", "ok", "mx.ptr-missing")])
            self.publish({1: "10.0.0.1", 2: "9.9.9.9"})
            self.assertEqual(self.told(["mx"]), [("got-worse", "critical", "mx.private-address")])
            self.publish({1: "8.8.8.8", 2: ""})
            self.assertEqual(self.told(["mx"]), [("got-worse", "critical", "mx.host-unresolvable"), ("fault-gone", "ok", "mx.private-address")])
            self.publish(good)
            self.assertEqual(self.told(["mx"]), [("fault-gone", "ok", "mx.host-unresolvable")])
        self.pass_a_day()
        self.assertEqual(self.told(["mx"]), [("got-worse", "unknown", "mx.host-unknown")])
        # For one run more is silent: that has its own day.
        Dns.silent = {("mail.test", MX)}
        self.assertEqual(self.told(["mx"]), [("resolver-trouble", "unknown", "")])
        Dns.silent = {(host(1), AAAA)}
        self.assertEqual(self.told(["mx"]), [("resolver-back", "ok", "")])
        Dns.silent = set()
        self.assertEqual(self.told(["mx"]), [("fault-gone", "ok", "mx.host-unknown")])

    def test_the_first_answers_after_a_day(self):
        self.publish({1: "8.8.8.8", 2: "", 3: "9.9.9.9"}, {"8.8.8.8": host(1)})
        Dns.zone["mail.test", TXT] = [txt("v=spf1 -all")]
        Dns.silent = {("mail.test", MX)}
        checks = ["mx", "spf", "dmarc"]
        self.told(checks)
        self.pass_a_day()
        self.assertEqual(self.told(checks), [("got-worse", "unknown", "mx.unknown")])
        Dns.silent = set()
        self.assertEqual(self.told(checks), [("got-worse", "critical", "mx.host-unresolvable"), ("got-worse", "warning", "mx.ptr-missing"),
                                             ("check-answered", "ok", "mx.host-unresolvable")])
        self.assertEqual(self.told(checks), [])

    def test_an_include_without_an_answer(self):
        self.publish({1: "8.8.8.8"})
        more = "".join(f" include:s{number}.test" for number in range(10))
        records = {"mail.test": f"v=spf1 include:a.test{more} -all", "a.test": "v=spf1 include:b.test -all",
                   **{f"{name}.test": "v=spf1 ip4:192.0.2.1 -all" for name in ["b", *(f"s{number}" for number in range(10))]}}
        Dns.zone.update({(name, TXT): [txt(text)] for name, text in records.items()})
        first = self.told(["spf"])
        self.assertIn(("found-fault", "critical", "spf.too-many-lookups"), first)
        Dns.silent = {("a.test", TXT)}
        self.assertNotIn("fault-gone", [each[0] for each in self.told(["spf"])])
        Dns.silent = set()
        self.assertNotIn("got-worse", [each[0] for each in self.told(["spf"])])

    def test_a_server_that_does_not_get_as_far(self):
        server = self.enterContext(Server(Smtp))
        self.addCleanup(server.shutdown)
        self.publish({1: "8.8.8.8"})
        arguments = ["--connect-to", f"{host(1)}:25:127.0.0.1:{server.port}", "--ca-file", self.ca.file]
        Smtp.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        Smtp.context.load_cert_chain(*self.ca.issue(host(1), days=-2))
        Smtp.greeting, Smtp.starttls = b"220 localhost ESMTP\r\n", b"220 go\r\n"
        checks = ["smtp", "tls"]
        known = self.told(checks, *arguments)
        self.assertEqual({each[:2] for each in known}, {("found-fault", "critical"), ("found-fault", "warning")})
        self.assertIn(("found-fault", "critical", "smtp.certificate-expired"), known)
        for starttls, fault in ((b"", "smtp.no-starttls"), (b"454 later\r\n", "smtp.starttls-refused")):
            Smtp.starttls = starttls
            self.assertEqual(self.told(checks, *arguments), [("got-worse", "warning", fault)])
            Smtp.starttls = b"220 go\r\n"
            self.assertEqual(self.told(checks, *arguments), [("fault-gone", "ok", fault)])
        for greeting, severity, fault in ((b"421 later\r\n", "warning", "smtp.deferred"), (b"554 no\r\n", "critical", "smtp.rejected")):
            Smtp.greeting = greeting
            self.assertEqual(self.told(checks, *arguments), [("got-worse", severity, fault)])
            Smtp.greeting = b"220 localhost ESMTP\r\n"
            self.assertEqual(self.told(checks, *arguments), [("fault-gone", "ok", fault)])

    def test_one_of_two_hosts_that_nobody_can_look_up(self):
        server = self.enterContext(Server(Smtp))
        self.addCleanup(server.shutdown)
        self.publish({1: "8.8.8.8", 2: "9.9.9.9"})
        Smtp.greeting, Smtp.starttls = b"220 mx1.mail.test ESMTP\r\n", b""
        arguments = [word for number in (1, 2) for word in ("--connect-to", f"{host(number)}:25:127.0.0.1:{server.port}")]
        self.told(["smtp"], *arguments)
        Dns.silent = {(host(2), A), (host(2), AAAA)}
        self.assertEqual(self.told(["smtp"], *arguments), [])
        self.pass_a_day()
        self.assertEqual(self.told(["smtp"], *arguments), [("got-worse", "unknown", "smtp.host-unknown")])


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
