#!/usr/bin/env python3
"""`maildiag whois` against nginx as RDAP server under a CA of our own, and port-43 servers that misbehave.

    whois.py PROGRAM
"""

import json
import os
import socketserver
import stat
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
import servers  # noqa: E402

PROGRAM = sys.argv[1] if len(sys.argv) > 1 else "maildiag"
# Addresses of nobody's concern: --connect-to leads each connection to loopback.
HOSTS = ["rdap.verisign.com", "rdap.apnic.net", "data.iana.org", "other.example", "whois.verisign-grs.com",
         "whois.apnic.net", "whois.iana.org", "whois.loop.example"]
ZONE = """$TTL 300
. SOA ns.example. admin.example. 1 3600 600 86400 300
. NS ns.example.
example.org. MX 10 mail.example.org.
mail.example.org. A 211.200.7.9
""" + "".join(f"{host}. A 198.41.0.4\n" for host in HOSTS) + "inside.example. A 10.0.0.1\n"
REVERSE = """$TTL 300
@ SOA ns.telecom.example. dns-admin.telecom.example. 1 3600 600 86400 300
@ NS ns.telecom.example.
"""


def card(**properties):
    return ["vcard", [[name, {}, "text", value] for name, value in properties.items()]]


DOMAIN = {
    "objectClassName": "domain", "ldhName": "example.com", "status": ["client transfer prohibited"],
    "events": [{"eventAction": "registration", "eventDate": "1995-08-14T04:00:00Z"},
               {"eventAction": "expiration", "eventDate": "2199-08-13T04:00:00Z"}],
    "nameservers": [{"ldhName": "NS1.EXAMPLE.NET"}],
    "entities": [{"roles": ["registrant"], "vcardArray": card(fn="Jane Doe", email="jane@example.com")},
                 {"roles": ["registrar"], "vcardArray": card(fn="Registrar \u001b[31mInc."), "entities": [
                     {"roles": ["abuse"], "vcardArray": card(email="abuse@registrar.example")}]}]}
NETWORK = {
    "objectClassName": "ip network", "name": "BOGI", "startAddress": "211.200.0.0", "endAddress": "211.200.255.255",
    "country": "KR", "cidr0_cidrs": [{"v4prefix": "211.200.0.0", "length": 16}],
    "entities": [{"roles": ["registrant"], "vcardArray": card(fn="Bogi Telecom", kind="org")},
                 {"roles": ["technical"], "vcardArray": card(kind="group", email="noc@telecom.example")}]}
BOOTSTRAP = {"version": "1.0", "services": [[["com"], ["http://other.example/", "https://other.example/new"]]]}

NGINX = """daemon off; master_process off; pid {dir}/pid; error_log {dir}/error; {user}
events {{}}
http {{
  access_log {dir}/access; client_body_temp_path {dir}/t1; proxy_temp_path {dir}/t2; fastcgi_temp_path {dir}/t3;
  uwsgi_temp_path {dir}/t4; scgi_temp_path {dir}/t5; default_type application/rdap+json;
  server {{
    listen 127.0.0.1:{port} ssl; absolute_redirect off; root {dir}/www;
    ssl_certificate {dir}/server.pem; ssl_certificate_key {dir}/server.key;
    location /com/v1/domain/once.com {{ return 302 https://other.example/domain/once.com; }}
    location /com/v1/domain/round.com {{ return 302 /com/v1/domain/round.com; }}
    location /com/v1/domain/plain.com {{ return 302 http://other.example/domain/plain.com; }}
    location /com/v1/domain/inside.com {{ return 302 https://inside.example/; }}
    location /com/v1/domain/literal.com {{ return 302 https://127.0.0.1:{port}/domain/once.com; }}
    location /com/v1/domain/busy.com {{ add_header Retry-After 120 always; return 429; }}
    location /com/v1/domain/free.com {{ return 404 '{{"errorCode":404}}'; }}
    location /com/v1/domain/page.com {{ default_type text/html; return 404 '<html>'; }}
    location = /rdap/ipv4.json {{ return 200 '<html>'; }}
  }}
}}
"""


class Nginx:
    """Serves the files of `pages` by path, and what NGINX says."""

    def __init__(self, directory, pages):
        self.directory, self.port = Path(directory), servers.free_port()
        for path, content in pages.items():
            file = self.directory / "www" / path.lstrip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content if isinstance(content, str) else json.dumps(content))
        self.make_certificates()
        user = "user root;" if os.geteuid() == 0 else ""
        (self.directory / "conf").write_text(NGINX.format(dir=directory, port=self.port, user=user))

    def make_certificates(self):
        def openssl(*arguments):
            subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=60)
        key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
        path = self.directory
        openssl("req", "-x509", *key, "-keyout", path / "ca.key", "-out", path / "ca.pem", "-subj", "/CN=Test CA",
                "-days", 2)
        openssl("req", *key, "-keyout", path / "server.key", "-out", path / "request", "-subj", "/CN=server")
        (path / "names").write_text("subjectAltName=" + ",".join(f"DNS:{host}" for host in [*HOSTS, "inside.example"]))
        openssl("x509", "-req", "-in", path / "request", "-CA", path / "ca.pem", "-CAkey", path / "ca.key", "-days", 2,
                "-extfile", path / "names", "-out", path / "server.pem")

    def __enter__(self):
        command = [servers.find_program("nginx"), "-p", str(self.directory), "-c", str(self.directory / "conf")]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + servers.READY_SECONDS
        while not (self.directory / "pid").exists():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise RuntimeError("nginx did not start: " + (self.directory / "error").read_text())
            time.sleep(0.02)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(servers.STOP_SECONDS)

    def requests(self):
        return (self.directory / "access").read_text().count("GET ")


class Port43(socketserver.ThreadingTCPServer):
    """Answers each question by its words or the last of them; `questions` holds them."""

    allow_reuse_address = daemon_threads = True
    RECORD = b"Registrar: R\xc3\xa9g\r\nRegistry Expiry Date: 2199-01-01T00:00:00Z\r\n"
    ANSWERS = {
        b"escape.com": b"Registrar: \x1b]0;owned\x07\x1b[2J\xe2\x80\xae\x00x\r\n",
        b"binary.com": bytes(range(256)) * 64,
        b"empty.com": b"",
        b"limit.com": b"WHOIS LIMIT EXCEEDED\r\n",
        b"gone.com": b"No match for \"GONE.COM\".\r\n",
        b"korean.com": "Registrar: 가나다\r\nRegistry Expiry Date: 2199-01-01T00:00:00Z\r\n".encode("euc-kr"),
        b"loop.unknowntld": b"refer: whois.loop.example\r\n",
        b"lead.unknowntld": b"refer: inside.example\r\n",
        b"domain thin.com": b"Registrar: R\r\nRegistrar WHOIS Server: whois.loop.example\r\n",
        b"thin.com": b"Registrar: Other\r\nName Server: ns.thin.com\r\n",
        b"domain lured.com": b"Registrar: R\r\nRegistrar WHOIS Server: inside.example\r\n",
    }

    def __init__(self):
        self.questions = []
        super().__init__(("127.0.0.1", 0), Answer)

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()

    def handle_error(self, request, client_address):
        pass  # clients that hang up are part of the test


class Answer(socketserver.StreamRequestHandler):
    def handle(self):
        line = self.rfile.readline(4096)
        self.server.questions.append(line)
        word = line.split()[-1]
        if word == b"flood.com":
            while True:
                self.wfile.write(b"x" * 65536)
        if word == b"drip.com":
            for octet in b"Registrar: Slow\r\n":
                self.wfile.write(bytes([octet]))
                time.sleep(0.02)
            return
        answers = self.server.ANSWERS
        self.wfile.write(answers.get(line.strip(), answers.get(word, self.server.RECORD)))


class Whois(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.temporary = cls.enterClassContextOf(tempfile.TemporaryDirectory(prefix="maildiag-whois-"))
        Path(cls.temporary).chmod(0o755)
        pages = {"/com/v1/domain/example.com": DOMAIN, "/domain/once.com": {"objectClassName": "domain"},
                 "/new/domain/refreshed.com": {"objectClassName": "domain"}, "/ip/211.200.7.9": NETWORK,
                 "/com/v1/domain/huge.com": '{"objectClassName":"domain","x":"' + "x" * (1 << 20) + '"}',
                 "/com/v1/domain/deep.com": "[" * 100_000, "/rdap/dns.json": BOOTSTRAP}
        cls.nginx = cls.enterClassContextOf(Nginx(cls.temporary, pages))
        cls.port43 = cls.enterClassContextOf(Port43())
        cls.nsd = cls.enterClassContextOf(servers.Nsd({".": ZONE, "200.211.in-addr.arpa": REVERSE}))

    @classmethod
    def enterClassContextOf(cls, manager):
        value = manager.__enter__()
        cls.addClassCleanup(manager.__exit__, None, None, None)
        return value

    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="maildiag-cache-")
        self.addCleanup(directory.cleanup)
        self.cache = Path(directory.name)

    def run_program(self, *arguments, trust=True, stdin=None):
        command = [PROGRAM, "--nameserver", self.nsd.endpoint, "--config", "/dev/null"]
        for host in HOSTS:
            command += ["--connect-to", f"{host}:443:127.0.0.1:{self.nginx.port}",
                        "--connect-to", f"{host}:43:127.0.0.1:{self.port43.server_address[1]}"]
        if trust:
            command += ["--ca-file", f"{self.temporary}/ca.pem"]
        environment = {**os.environ, "XDG_CACHE_HOME": str(self.cache), "LC_ALL": "C.UTF-8", "HOME": str(self.cache)}
        return subprocess.run([*command, *arguments], env=environment, capture_output=True, text=True, timeout=120,
                              input=stdin, check=False)

    def whois(self, *arguments, **keywords):
        """(exit status, the last object)"""
        done = self.run_program("whois", "--format", "json", *arguments, **keywords)
        self.assertTrue(done.stdout, done.stderr)
        return done.returncode, json.loads(done.stdout.splitlines()[-1])

    def found(self, report):
        return {finding["id"]: finding for finding in report["findings"]}

    def test_domain_and_cache(self):
        before = self.nginx.requests()
        status, report = self.whois("www.example.com")
        self.assertEqual(status, 0, report)
        result = report["result"]
        self.assertEqual(result["registration"]["abuse"]["email"], "abuse@registrar.example")
        self.assertEqual((result["target"], result["source"], result["from_cache"]), ("example.com", "rdap", False))
        self.assertNotIn("jane", json.dumps(report).lower())
        self.assertTrue(self.whois("example.com")[1]["result"]["from_cache"])
        self.assertEqual(self.nginx.requests(), before + 1)
        self.assertFalse(self.whois("--fresh", "example.com")[1]["result"]["from_cache"])
        self.assertEqual(self.nginx.requests(), before + 2)
        file = next(self.cache.rglob("registrations.jsonl"))
        self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o640)
        text = file.read_text()
        file.write_text("{broken\n" + "[" * 100_000 + "\n" + text)
        self.assertTrue(self.whois("example.com")[1]["result"]["from_cache"])
        file.chmod(0o666)  # anybody could have written it
        self.assertFalse(self.whois("example.com")[1]["result"]["from_cache"])
        shown = self.run_program("whois", "example.com").stdout
        self.assertNotIn("\x1b", shown)
        self.assertIn("abuse@registrar.example", shown)

    def test_address_and_whom_to_ask(self):
        status, report = self.whois("211.200.7.9")
        self.assertEqual(status, 0, report)
        self.assertEqual(report["result"]["ask"]["email"], "noc@telecom.example")
        self.assertEqual(report["result"]["reverse"], {
            "zone": "200.211.in-addr.arpa", "primary": "ns.telecom.example", "mailbox": "dns-admin@telecom.example",
            "name_servers": ["ns.telecom.example"], "at_registry": False})
        for language in ("en", "ko"):
            shown = self.run_program("whois", "--lang", language, "211.200.7.9").stdout
            for part in ("Bogi Telecom", "noc@telecom.example", "200.211.in-addr.arpa", "211.200.0.0/16"):
                self.assertIn(part, shown)

    def test_explain_names_whom_to_ask(self):
        reply = ["explain", "--format", "json", "--reply",
                 "550 5.7.1 Client host rejected: cannot find your reverse hostname, [211.200.7.9]",
                 "--ip", "211.200.7.9", "--sender", "a@example.org"]
        report = json.loads(self.run_program(*reply).stdout.splitlines()[-1])
        self.assertEqual((report["result"]["cause"], report["result"]["verdict"]), ("ptr-missing", "confirmed"))
        steps = " ".join(report["result"]["remedy"][:3])
        for part in ("Bogi Telecom", "noc@telecom.example", "200.211.in-addr.arpa"):
            self.assertIn(part, steps)
        before, asked = self.nginx.requests(), len(self.port43.questions)
        self.cache = self.cache / "other"
        report = json.loads(self.run_program(*reply, "--passive").stdout.splitlines()[-1])
        self.assertEqual((self.nginx.requests(), len(self.port43.questions)), (before, asked))
        self.assertIn("ptr.delegation", self.found(report))
        self.assertNotIn("ptr.holder", self.found(report))

    def test_redirects(self):
        self.assertEqual(self.whois("once.com")[0], 0)
        before = self.nginx.requests()
        for name in ("plain.com", "inside.com", "literal.com"):
            with self.subTest(name):
                # RDAP leads nowhere; the port-43 server answers instead.
                self.assertEqual(self.whois(name)[1]["result"]["source"], "whois")
        self.assertEqual(self.nginx.requests(), before + 3)
        self.whois("round.com")
        self.assertEqual(self.nginx.requests(), before + 3 + 4)

    def test_answers_that_are_none(self):
        status, report = self.whois("busy.com")
        self.assertEqual(status, 3)
        self.assertIn("120", " ".join(self.found(report)["whois.rate-limited"]["remedy"]))
        status, report = self.whois("free.com")
        self.assertEqual((status, report["result"]["outcome"]), (2, "not-found"))
        for name in ("page.com", "huge.com", "deep.com"):
            with self.subTest(name):
                self.assertEqual(self.whois(name)[1]["result"]["source"], "whois")
        status, report = self.whois("example.com", trust=False)
        self.assertEqual(report["result"]["source"], "whois")

    def test_port43(self):
        self.assertEqual(self.whois("plain43.com")[1]["result"]["registration"]["registrar"], "Rég")
        self.assertEqual(self.port43.questions[-1], b"domain plain43.com\r\n")
        self.assertEqual(self.whois("korean.com")[1]["result"]["registration"]["registrar"], "가나다")
        self.assertEqual(self.whois("gone.com")[0], 2)
        for name in ("limit.com", "empty.com", "binary.com", "flood.com", "loop.unknowntld", "lead.unknowntld"):
            with self.subTest(name):
                status, report = self.whois(name)
                self.assertEqual((status, report["status"]), (3, "unknown"), report)
        self.assertEqual(self.whois("drip.com")[1]["result"]["registration"]["registrar"], "Slow")
        for form in ("text", "json", "nagios"):
            shown = self.run_program("whois", "--format", form, "escape.com").stdout
            for octet in "\x1b\x07\x00\u202e":
                self.assertNotIn(octet, shown)

    def test_the_registrar_is_asked_for_the_rest(self):
        registration = self.whois("thin.com")[1]["result"]["registration"]
        self.assertEqual((registration["registrar"], registration["name_servers"]), ("R", ["ns.thin.com"]))
        self.assertEqual(self.port43.questions[-2:], [b"domain thin.com\r\n", b"thin.com\r\n"])
        # None that leads into the network of whoever asks.
        asked = len(self.port43.questions)
        self.assertEqual(self.whois("lured.com")[1]["result"]["registration"]["registrar"], "R")
        self.assertEqual(len(self.port43.questions), asked + 1)

    def test_refresh(self):
        status, report = self.whois("--refresh")
        self.assertEqual(status, 3)  # three of the four are not there
        self.assertEqual([finding["id"] for finding in report["findings"]],
                         ["whois.refreshed"] + ["whois.not-refreshed"] * 3)
        self.assertEqual([file.name for file in sorted(self.cache.rglob("rdap-*"))], ["rdap-dns.json"])
        self.assertEqual(self.whois("refreshed.com")[1]["result"]["server"], "other.example")
        next(self.cache.rglob("rdap-dns.json")).write_text("{")
        self.assertEqual(self.whois("--fresh", "example.com")[1]["result"]["server"], "rdap.verisign.com")

    def test_offline_and_usage(self):
        zone = self.cache / "zone"
        zone.write_text("$ORIGIN example.\n@ 300 SOA a b 1 2 3 4 5\n@ 300 NS a\na 300 A 192.0.2.1\n")
        command = [PROGRAM, "whois", "--zone", str(zone), "--format", "json", "192.168.0.1", "x.example.com"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertEqual(self.run_program("whois").returncode, 64)
        self.assertEqual(self.run_program("whois", "a b").returncode, 64)


if __name__ == "__main__":
    servers.skip_unless("nginx", "nsd", "openssl")
    unittest.main(argv=sys.argv[:1])
