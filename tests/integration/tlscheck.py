#!/usr/bin/env python3
"""`maildiag tlscheck` against servers on loopback: nsd with a signed root behind a validating unbound, nginx as the host
of MTA-STS policies, STARTTLS servers with good and bad certificates, and a web server that never ends.

    tlscheck.py PROGRAM
"""

import hashlib
import json
import os
import socket
import socketserver
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from servers import READY_SECONDS, Nsd, Unbound, _DiedEarly, _Server, free_port, skip_unless  # noqa: E402
from test_ca import TestCa  # noqa: E402

PROGRAM = sys.argv[1] if len(sys.argv) > 1 else "maildiag"
POLICY = "version: STSv1\nmode: enforce\nmx: mx.signed.example\nmax_age: 604800\n"
# Each has a mail host mx.NAME of its own.
SIGNED = ["signed.example", "rollover.example", "mismatch.example", "anchor.example", "clear.example", "expired.example"]
UNSIGNED = ["plain.example", "bogus.example"]


def run_quietly(*command, cwd=None):
    return subprocess.run(command, cwd=cwd, check=True, capture_output=True).stdout


def key_digest(certificate):
    """SHA-256 of the public key of a file's first certificate."""
    text = run_quietly("openssl", "x509", "-in", certificate, "-noout", "-pubkey")
    der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "DER"], input=text, check=True, capture_output=True).stdout
    return hashlib.sha256(der).hexdigest()


class Threaded(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, handler, certificate=None):
        super().__init__(("127.0.0.1", 0), handler)
        self.context, self.ended, self.said = None, threading.Event(), []
        if certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*certificate)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self):
        return self.server_address[1]

    def handle_error(self, request, client_address):
        pass  # clients that hang up are part of the test

    def stop(self):
        self.ended.set()
        self.shutdown()
        self.server_close()


class Smtp(socketserver.BaseRequestHandler):
    """Speaks up to QUIT; STARTTLS where there is a certificate."""

    def handle(self):
        self.request.sendall(b"220 mx.example ESMTP\r\n")
        if self.talk(self.request):
            with self.server.context.wrap_socket(self.request, server_side=True) as peer:
                self.talk(peer)

    def talk(self, peer):
        """True: the other side has begun TLS."""
        with peer.makefile("rb") as lines:
            while line := lines.readline():
                self.server.said.append(line.decode(errors="replace").strip())
                word = line.split()[0].upper() if line.split() else b""
                if word == b"EHLO":
                    offer = b"250-STARTTLS\r\n" if self.server.context and not isinstance(peer, ssl.SSLSocket) else b""
                    peer.sendall(b"250-mx.example\r\n" + offer + b"250 SIZE 1000\r\n")
                elif word == b"STARTTLS" and self.server.context:
                    peer.sendall(b"220 go ahead\r\n")
                    return True
                elif word == b"QUIT":
                    peer.sendall(b"221 bye\r\n")
                    return False
                else:
                    peer.sendall(b"250 ok\r\n")
        return False


class Endless(socketserver.BaseRequestHandler):
    """Begins a policy and never ends it."""

    pause, part = 0.001, b"more: of this\n" * 100

    def handle(self):
        with self.server.context.wrap_socket(self.request, server_side=True) as peer:
            peer.recv(4096)
            peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nversion: STSv1\n")
            while not self.server.ended.wait(self.pause):
                peer.sendall(self.part)


class Drip(Endless):
    """The same, octet by octet: too little for the cap ever to end it."""

    pause, part = 0.2, b"x"


class Nginx(_Server):
    """One TLS port for each variant: {name: (certificate, key, lines of a location)}"""

    program = "nginx"

    def __init__(self, variants, big):
        super().__init__()
        self.variants, self.big, self.ports = variants, big, {}

    def _configure(self):
        (self.directory / "www").mkdir()
        (self.directory / "www" / "big.txt").write_text(self.big)
        servers = ""
        for name, (certificate, key, lines) in self.variants.items():
            self.ports[name] = free_port()
            servers += (f"server {{ listen 127.0.0.1:{self.ports[name]} ssl; ssl_certificate {certificate}; "
                        f"ssl_certificate_key {key}; root {self.directory}/www; "
                        f"location = /.well-known/mta-sts.txt {{ {lines} }} location / {{ return 200 \"wrong\"; }} }}\n")
        paths = " ".join(f"{kind}_temp_path {self.directory}/{kind};" for kind in
                         ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        user = "user root;\n" if os.geteuid() == 0 else ""
        conf = (f"{user}daemon off;\npid {self.directory}/pid;\nerror_log {self.directory}/log;\nevents {{}}\n"
                f"http {{ access_log {self.directory}/access; {paths} default_type text/plain;\n{servers}}}\n")
        return ["-e", str(self.directory / "log"), "-c", str(self._write("nginx.conf", conf))]

    def _wait_until_ready(self):
        for port in self.ports.values():
            deadline = time.monotonic() + READY_SECONDS
            while True:
                if self._process.poll() is not None:
                    raise _DiedEarly(f"status {self._process.returncode}: {self.log().strip()}")
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    if time.monotonic() > deadline:
                        raise RuntimeError(f"nginx was not ready within {READY_SECONDS} s: {self.log()}") from None
                    time.sleep(0.02)

    def requests(self):
        return (self.directory / "access").read_text()


def zone(name, tlsa):
    lines = [f"{name}. MX 10 mx.{name}.", f"mx.{name}. A 192.0.2.1"]
    return "\n".join(lines + [f"_25._tcp.mx.{name}. TLSA {each}" for each in tlsa]) + "\n"


class Tlscheck(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = cls.enterClassContext(tempfile.TemporaryDirectory(prefix="maildiag-tlscheck-"))
        cls.directory = Path(cls.temporary)
        cls.directory.chmod(0o755)
        cls.ca = cls.enterClassContext(TestCa())
        cls.good = cls.ca.issue(*[f"mx.{name}" for name in SIGNED + UNSIGNED], with_ca=True)
        cls.expired = cls.ca.issue("mx.expired.example", days=-1)
        cls.smtp = cls.server(Smtp, cls.good)
        cls.clear = cls.server(Smtp)
        cls.late = cls.server(Smtp, cls.expired)
        cls.start_web()
        cls.start_dns()

    @classmethod
    def server(cls, handler, certificate=None):
        server = Threaded(handler, certificate)
        cls.addClassCleanup(server.stop)
        return server

    @classmethod
    def start_web(cls):
        host = "mta-sts.signed.example"
        good = cls.ca.issue(host)
        text = POLICY.replace("\n", "\\n")
        answer = f'return 200 "{text}";'
        cls.web = Nginx({
            "good": (*good, answer),
            "wrong-name": (*cls.ca.issue("www.signed.example"), answer),
            "expired": (*cls.ca.issue(host, days=-1), answer),
            "redirect": (*good, f"return 301 https://{host}/elsewhere;"),
            "missing": (*good, "return 404;"),
            "html": (*good, f"default_type text/html; {answer}"),
            "big": (*good, "try_files /big.txt =404;"),
            "uncovered": (*good, answer.replace("mx.signed.example", "other.example")),
        }, "mx: a.example\n" * 75000)
        cls.enterClassContext(cls.web)
        cls.endless = cls.server(Endless, good)
        cls.drip = cls.server(Drip, good)

    @classmethod
    def start_dns(cls):
        key, issuer = key_digest(cls.good[0]), key_digest(cls.ca.file)
        other = "00" * 32
        root = ("$ORIGIN .\n$TTL 300\n. SOA ns.example. root.example. 1 3600 600 86400 300\n. NS ns.example.\n"
                "ns.example. A 127.0.0.1\n")
        root += zone("signed.example", [f"3 1 1 {key}"]) + zone("rollover.example", [f"3 1 1 {key}", f"3 1 1 {other}"])
        root += zone("mismatch.example", [f"3 1 1 {other}"]) + zone("anchor.example", [f"2 1 1 {issuer}"])
        root += zone("clear.example", [f"3 1 1 {key}"]) + zone("expired.example", [])
        root += ('_mta-sts.signed.example. TXT "v=STSv1; id=1;"\nmta-sts.signed.example. A 192.0.2.80\n'
                 '_smtp._tls.signed.example. TXT "v=TLSRPTv1; rua=mailto:tls@signed.example"\n'
                 "plain.example. NS ns.plain.example.\nns.plain.example. A 127.0.0.1\n"
                 "bogus.example. NS ns.bogus.example.\nns.bogus.example. A 127.0.0.1\n"
                 f"bogus.example. DS 12345 13 2 {other}\n")
        (cls.directory / "root").write_text(root)
        name = run_quietly("ldns-keygen", "-a", "ECDSAP256SHA256", "-k", ".", cwd=cls.directory).decode().strip()
        run_quietly("ldns-signzone", "-o", ".", "-f", "root.signed", "root", name, cwd=cls.directory)
        zones = {".": (cls.directory / "root.signed").read_text()}
        for unsigned in UNSIGNED:
            zones[unsigned] = (f"$ORIGIN {unsigned}.\n$TTL 300\n@ SOA ns root 1 3600 600 86400 300\n@ NS ns\nns A 127.0.0.1\n"
                               + zone(unsigned, [f"3 1 1 {key}"]))
        cls.nsd = cls.enterClassContext(Nsd(zones))
        stubs = {".": cls.nsd, **dict.fromkeys(UNSIGNED, cls.nsd)}
        anchor = f'module-config: "validator iterator"\n  trust-anchor-file: "{cls.directory / name}.key"'
        cls.unbound = cls.enterClassContext(Unbound(stubs, extra="  " + anchor))
        cls.forwarder = cls.enterClassContext(Unbound(stubs))

    def check(self, domain, status, *, web="good", smtp=None, resolver=None, ca_file=None, pass_fds=()):
        """The report, as JSON. `web`: a variant of the policy host, or a port."""
        port = self.web.ports[web] if isinstance(web, str) else web
        command = [PROGRAM, "tlscheck", domain, "--format", "json", "--ca-file", ca_file or self.ca.file, "--nameserver",
                   (resolver or self.unbound).endpoint, "--timeout", "5",
                   "--connect-to", f"mta-sts.{domain}:443:127.0.0.1:{port}",
                   "--connect-to", f"mx.{domain}:25:127.0.0.1:{(smtp or self.smtp).port}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, pass_fds=pass_fds)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def severities(self, report):
        return {finding["id"]: finding["severity"] for finding in report["findings"]}

    def test_good(self):
        report = self.check("signed.example", 0)
        self.assertEqual(self.severities(report), dict.fromkeys(
            ["tls.certificate-ok", "mta-sts.enforced", "dane.match", "tls-rpt.record"], "ok"))
        result = report["result"]
        self.assertEqual(result["dane"]["validator"], "local")
        self.assertEqual(result["dane"]["mx_dnssec"], "secure")
        self.assertEqual(result["mta_sts"]["policy"]["mx"], ["mx.signed.example"])
        self.assertTrue(result["servers"][0]["verified"])

    def test_no_mail_is_ever_sent(self):
        self.check("signed.example", 0)
        words = {line.split()[0].upper() for line in self.smtp.said if line}
        self.assertLessEqual({"EHLO", "QUIT"}, words)
        self.assertFalse(words & {"DATA", "MAIL", "RCPT", "BDAT"}, words)

    def policy_fault(self, web, finding, severity, status):
        report = self.check("signed.example", status, web=web)
        self.assertEqual(self.severities(report).get(finding), severity, report["findings"])
        return report

    def test_policy_hosts_that_nobody_can_trust(self):
        for web in ("wrong-name", "expired"):
            report = self.policy_fault(web, "mta-sts.policy-certificate", "critical", 2)
            self.assertIsNone(report["result"]["mta_sts"]["policy"])

    def test_redirects_are_refused(self):
        report = self.policy_fault("redirect", "mta-sts.policy-redirect", "critical", 2)
        self.assertIsNone(report["result"]["mta_sts"]["policy"])
        self.assertEqual(report["result"]["mta_sts"]["status"], 301)
        self.assertNotIn("/elsewhere", self.web.requests())

    def test_no_policy_wrong_type_other_hosts(self):
        self.policy_fault("missing", "mta-sts.policy-status", "critical", 2)
        self.policy_fault("html", "mta-sts.policy-content-type", "warning", 1)
        self.policy_fault("uncovered", "mta-sts.mx-not-covered", "critical", 2)

    def test_bodies_without_end(self):
        self.policy_fault("big", "mta-sts.policy-too-large", "critical", 2)
        self.policy_fault(self.endless.port, "mta-sts.policy-too-large", "critical", 2)

    def test_a_body_that_drips(self):
        self.policy_fault(self.drip.port, "mta-sts.policy-unreachable", "unknown", 3)

    def test_something_else_than_https(self):
        report = self.policy_fault(self.clear.port, "mta-sts.policy-tls", "critical", 2)
        self.assertIsNone(report["result"]["mta_sts"]["policy"])

    def test_nobody_there(self):
        self.policy_fault(free_port(), "mta-sts.policy-unreachable", "unknown", 3)

    def test_rollover(self):
        found = self.severities(self.check("rollover.example", 1))
        self.assertEqual((found["dane.match"], found["dane.rollover"]), ("ok", "info"))
        self.assertEqual(found["tls-rpt.missing"], "warning")

    def test_mismatch(self):
        found = self.severities(self.check("mismatch.example", 2))
        self.assertEqual(found["dane.mismatch"], "critical")
        self.assertNotIn("dane.match", found)

    def test_anchor(self):
        self.assertEqual(self.severities(self.check("anchor.example", 1))["dane.match"], "ok")

    def test_no_starttls(self):
        found = self.severities(self.check("clear.example", 2, smtp=self.clear))
        self.assertEqual((found["dane.no-starttls"], found["tls.no-starttls"]), ("critical", "warning"))

    def test_expired(self):
        found = self.severities(self.check("expired.example", 1, smtp=self.late))
        self.assertEqual((found["tls.certificate-expired"], found["dane.missing"]), ("warning", "info"))

    def test_unsigned_zone(self):
        report = self.check("plain.example", 1)
        found = self.severities(report)
        self.assertEqual((found["dane.mx-insecure"], found["dane.insecure"], found["tls.unprotected"]), ("warning",) * 3)
        self.assertEqual(report["result"]["dane"]["mx_dnssec"], "insecure")
        self.assertEqual(found["dane.match"], "ok")

    def test_bogus_zone_is_unknown(self):
        report = self.check("bogus.example", 3)
        self.assertEqual(self.severities(report)["tls.mx-unknown"], "unknown")
        self.assertEqual([each["id"] for each in report["findings"] if each["severity"] == "critical"], [])

    def test_resolver_that_does_not_validate(self):
        report = self.check("signed.example", 3, resolver=self.forwarder)
        self.assertEqual(self.severities(report)["dane.not-validated"], "unknown")
        self.assertEqual(report["result"]["dane"]["mx_dnssec"], "unknown")

    def test_a_file_that_holds_no_certificates(self):
        key = str(self.ca.directory / "ca.key")
        for renderer, status in (("text", 65), ("json", 65), ("nagios", 3)):
            done = subprocess.run([PROGRAM, "tlscheck", "signed.example", "--nameserver", self.unbound.endpoint, "--format", renderer],
                                  capture_output=True, text=True, timeout=60, env={**os.environ, "MAILDIAG_CA_FILE": key})
            self.assertEqual(done.returncode, status, done.stdout + done.stderr)
            self.assertIn(f"{key}: no certificates in PEM format can be read from it", done.stdout + done.stderr)

    def test_trusted_certificates_that_are_gone_leave_all_unknown(self):
        reading, writing = os.pipe()  # a file that is there, and empty when it is needed
        os.close(writing)
        try:
            report = self.check("signed.example", 3, ca_file=f"/dev/fd/{reading}", pass_fds=[reading])
        finally:
            os.close(reading)
        severities = self.severities(report)
        self.assertEqual({severities[id] for id in ("tls.not-equipped", "mta-sts.not-equipped")}, {"unknown"})
        self.assertNotIn("tls.not-looked-at", severities)
        self.assertEqual(report["result"]["servers"][0]["state"], "unknown")

    def test_zone_file_connects_to_nobody(self):
        path = self.directory / "root"
        done = subprocess.run([PROGRAM, "tlscheck", "signed.example", "--zone", str(path), "--format", "json"],
                              capture_output=True, text=True, timeout=60)
        report = json.loads(done.stdout)
        self.assertEqual(done.returncode, 0, done.stdout)
        ids = [each["id"] for each in report["findings"]]
        self.assertEqual(sorted(ids), ["dane.from-file", "tls-rpt.record", "tls.not-looked-at"])


if __name__ == "__main__":
    skip_unless("nginx", "nsd", "unbound", "ldns-signzone", "ldns-keygen", "openssl")
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
