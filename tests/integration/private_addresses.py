#!/usr/bin/env python3
"""Where strangers' DNS leads to our own network: a name server that answers every name with private addresses, and another
one each time (DNS rebinding).

    private_addresses.py PROGRAM
"""

import collections
import json
import socketserver
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

PROGRAM = sys.argv[1] if len(sys.argv) > 1 else "maildiag"
INSIDE = ["127.0.0.1", "169.254.169.254", "10.0.0.1", "192.168.1.1"]
A, NS, MX, TXT = 1, 2, 15, 16
RECORD = "v=STSv1; id=1"
BOUNCE = """From: MAILER-DAEMON@mx.example
To: alice@sender.example
Subject: Undelivered
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.sender.example

Final-Recipient: rfc822; bob@rebind.example
Action: failed
Status: 5.7.10
Remote-MTA: dns; mx.rebind.example
Diagnostic-Code: smtp; 550 5.7.10 TLS required

--b--
"""


def wire(name):
    return b"".join(bytes([len(label)]) + label for label in name.encode().split(b".") if label) + b"\0"


class Rebinding(socketserver.ThreadingUDPServer):
    """Every name has an MX host, a policy and an address, each time the next one of INSIDE."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), None)
        self.asked, self.turn, self.lock = collections.Counter(), 0, threading.Lock()
        self.endpoint = f"127.0.0.1#{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def finish_request(self, request, client_address):
        packet, socket = request
        end = packet.index(b"\0", 12) + 5
        name = ".".join(packet[i + 1:i + 1 + packet[i]].decode() for i in self.labels(packet)).lower()
        kind = int.from_bytes(packet[end - 4:end - 2], "big")
        with self.lock:
            self.asked[name, kind] += 1
            self.turn += kind == A
            address = bytes(map(int, INSIDE[self.turn % len(INSIDE)].split(".")))
        data = {A: address, MX: b"\0\x0a" + wire("mx." + name), NS: wire("ns." + name),
                TXT: bytes([len(RECORD)]) + RECORD.encode() if name.startswith("_mta-sts.") else None}.get(kind)
        answer = b"" if data is None else b"\xc0\x0c" + packet[end - 4:end] + b"\0\0\0\0" + len(data).to_bytes(2, "big") + data
        socket.sendto(packet[:2] + b"\x84\0\0\1" + (b"\0\1" if answer else b"\0\0") + b"\0\0\0\0" + packet[12:end] + answer, client_address)

    @staticmethod
    def labels(packet):
        at = 12
        while packet[at]:
            yield at
            at += packet[at] + 1


class PrivateAddresses(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dns = Rebinding()

    @classmethod
    def tearDownClass(cls):
        cls.dns.shutdown()
        cls.dns.server_close()

    def run_program(self, *arguments):
        with tempfile.TemporaryDirectory() as home:
            run = subprocess.run([PROGRAM, *arguments, "--nameserver", self.dns.endpoint, "--format", "json", "--timeout", "2"],
                                 capture_output=True, text=True, timeout=60,
                                 env={"PATH": "/usr/bin:/bin", "HOME": home, "LC_ALL": "C.UTF-8"})
        self.assertIn(run.returncode, (0, 1, 2, 3), run.stderr)
        return json.loads(run.stdout)

    @staticmethod
    def http(report):
        return [each for finding in report["findings"] for each in finding["evidence"] if each.get("kind") == "http"]

    def test_a_policy_is_not_fetched_from_inside(self):
        # Every turn of INSIDE comes first once.
        for number, _ in enumerate(INSIDE):
            name = f"policy{number}.example"
            # Mail servers of a domain that the user names are asked wherever they are; here nobody is.
            report = self.run_program("tlscheck", name, "--connect-to", ":25:127.0.0.1:9")
            found = {finding["id"]: finding for finding in report["findings"]}
            self.assertEqual(found["mta-sts.policy-host-private"]["severity"], "unknown")
            self.assertTrue(set(found["mta-sts.policy-host-private"]["data"]["addresses"]) <= set(INSIDE))
            self.assertNotIn("mta-sts.policy-unreachable", found)
            self.assertIsNone(report["result"]["mta_sts"]["policy"])
            # Looked up once; a second answer could be another one.
            self.assertEqual(self.dns.asked[f"mta-sts.{name}", A], 1)

    def test_mail_servers_inside_are_not_asked_for_a_report(self):
        report = self.run_program("report", "pictured.example")
        self.assertIn("mx.private-address", [finding["id"] for finding in report["findings"]])
        for exchanger in report["result"]["mx"]:
            for address in exchanger["addresses"]:
                self.assertIn(address["ip"], INSIDE)
                self.assertFalse(address.get("smtp"), address)

    def test_a_bounce_leads_nowhere_inside(self):
        with tempfile.TemporaryDirectory() as folder:
            bounce = Path(folder, "bounce.eml")
            bounce.write_text(BOUNCE)
            report = self.run_program("explain", str(bounce))
        self.assertEqual(report["result"]["cause"], "tls-failure")
        kinds = [each.get("kind") for finding in report["findings"] for each in finding["evidence"]]
        self.assertNotIn("smtp", kinds)
        self.assertNotIn("http", kinds)
        self.assertIn(report["result"]["verdict"], ("inconclusive", "untestable"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
