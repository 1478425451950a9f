#!/usr/bin/env python3
"""What strangers write, through every renderer: names, TXT records, greetings, certificates, bounces, logs, registries, and
targets of the command line. None of it reaches a terminal, a page, a monitoring system or a log as anything but text.

    hostile_output.py PROGRAM
"""

import html.parser
import json
import os
import re
import socket
import socketserver
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from servers import skip_unless  # noqa: E402
from test_ca import TestCa  # noqa: E402

PROGRAM = sys.argv[1] if len(sys.argv) > 1 else "maildiag"

# One text for all: a terminal's controls (C0, C1 as one octet and as UTF-8, OSC), bidi and invisible characters, line ends
# of all kinds with a line that looks like ours behind them, what ends a string, a label, an element or the text of a plugin,
# a shell's and Nagios's own words, and octets that are no UTF-8.
INVISIBLE = "\u009b\u202e\u2066\u200b\u2060\ufeff\u2028\u2029\U000e0041"
TEXT = (b"\x1b[31m\x1b]0;owned\x07\x9b2J" + INVISIBLE.encode() + b"\r\nFORGED ok\n"
        b"maildiag_forged{target=\"x\"} 0\nMAILDIAG FORGED OK | forged=1;;;0 \"\\\"} 1\\n"
        b"</script><script>x()</script><img src=x onerror=x()>'\"><a href=\"javascript:x()\" onclick=x()>&lt;"
        b"$HOSTNAME$ $(id) `id` ;id \xff\xc0\xaf\xed\xa0\x80\x00\x7f.")
# The same for places that end with a line.
LINE = TEXT.replace(b"\r\n", b" ").replace(b"\n", b" ").replace(b"\x00", b" ")
LABELS = [b"\x1b[31mred\x07", b"a\r\nFORGED ok", b"x | forged=1;;;0", b"<script>x()</script>", b"\"><img src=x onerror=x()>",
          b"\"} 1\\n$(id)`id`", INVISIBLE.encode()[:60], b"\xff\xc0\xaf\x00"]


def presented(octets):
    return "".join(f"\\{octet:03d}" for octet in octets)


def txt(octets):
    return " ".join(f'"{presented(octets[i:i + 200])}"' for i in range(0, len(octets), 200))


def names(parent):
    return [f"{presented(label)}.{parent}" for label in LABELS]


HOSTS = names("hostile.example")
ZONE = "\n".join([
    "$TTL 300", ". SOA ns.example. admin.example. 1 3600 600 86400 300", ". NS ns.example.",
    f"hostile.example. TXT {txt(b'v=spf1 include:' + LINE + b' exp=' + TEXT + b' -all')}",
    f"told.example. TXT {txt(b'v=spf1 exp=why.example -all')}", f"why.example. TXT {txt(b'because %{s} ' + TEXT)}",
    f"_dmarc.hostile.example. TXT {txt(b'v=DMARC1; p=reject; rua=mailto:' + TEXT + b'; x=' + TEXT)}",
    f"s._domainkey.hostile.example. TXT {txt(b'v=DKIM1; k=rsa; n=' + TEXT + b'; p=' + TEXT)}",
    f"_mta-sts.hostile.example. TXT {txt(b'v=STSv1; id=' + TEXT)}", f"_smtp._tls.hostile.example. TXT {txt(b'v=TLSRPTv1; rua=' + TEXT)}",
    f"default._bimi.hostile.example. TXT {txt(b'v=BIMI1; l=' + TEXT + b'; a=' + TEXT)}",
    *(f"hostile.example. MX {i} {host}." for i, host in enumerate(HOSTS)), *(f"hostile.example. NS {host}." for host in HOSTS),
    *(f"{host}. A 198.51.100.{i + 1}" for i, host in enumerate(HOSTS)),
    *(f"9.100.51.198.in-addr.arpa. PTR {host}." for host in HOSTS), f"alias.example. CNAME {HOSTS[0]}.",
    *(f"*.{zone}. A 127.0.0.2\n*.{zone}. TXT {txt(TEXT)}\n{zone}. NS ns.example." for zone in ["list.example"]),
    "1.0.0.127.list.example. TXT \"not listed\"",
    "mx.example. A 127.0.0.1", "mail.example. MX 0 mx.example.", "25.1.0.127.in-addr.arpa. PTR mx.example.",
    "whois.verisign-grs.com. A 198.41.0.4", "rdap.verisign.com. A 198.41.0.4", "data.iana.org. A 198.41.0.4",
    "whois.iana.org. A 198.41.0.4", "mta-sts.mail.example. A 198.51.100.77",
    "_mta-sts.mail.example. TXT \"v=STSv1; id=1\"", ""])
BOUNCE = b"""From: MAILER-DAEMON@mx.example
To: alice@hostile.example
Subject: =?utf-8?q?Undelivered_=1B[31m=0AFORGED?= """ + LINE + b"""
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain; charset=utf-8

""" + TEXT.replace(b"\x00", b"") + b"""
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; """ + LINE + b"""

Final-Recipient: rfc822; <""" + LINE + b"""@mx.example>
Action: failed
Status: 5.7.1
Remote-MTA: dns; """ + LINE + b"""
Diagnostic-Code: smtp; 550 5.7.1 """ + LINE + b"""

--b--
"""
LOG = (b"Nov 20 10:00:00 mx postfix/smtp[1]: 4ABCDE: to=<" + LINE + b"@mx.example>, relay=" + LINE + b"[198.51.100.9]:25, delay=1, "
       b"delays=0/0/0/1, dsn=5.7.1, status=bounced (host " + LINE + b" said: 550 5.7.1 " + LINE + b")\n")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True

    def __init__(self, handler):
        super().__init__(("127.0.0.1", 0), handler)
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        pass  # clients that hang up are part of the test


class Smtp(socketserver.BaseRequestHandler):
    """Greets, offers STARTTLS, and refuses, all in hostile words."""

    context = None

    def handle(self):
        try:
            self.talk(self.request, b"220-" + LINE + b"\r\n220 " + LINE + b"\r\n", False)
        except (OSError, ssl.SSLError):
            pass

    def talk(self, peer, greeting, in_tls):
        peer.sendall(greeting)
        with peer.makefile("rb") as lines:
            for line in lines:
                verb = line[:4].upper()
                if verb == b"EHLO":
                    starttls = b"" if in_tls else b"250-STARTTLS\r\n"
                    peer.sendall(b"250-" + LINE + b"\r\n" + starttls + b"250-SIZE " + LINE + b"\r\n250 " + LINE + b"\r\n")
                elif verb == b"STAR":
                    peer.sendall(b"220 " + LINE + b"\r\n")
                    with self.context.wrap_socket(peer, server_side=True) as inside:
                        return self.talk(inside, b"", True)
                else:
                    peer.sendall(b"550 5.7.1 " + LINE + b"\r\n")


class Registry(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.recv(1000)
        self.request.sendall(b"Registrar: " + LINE + b"\r\nRegistrar URL: javascript:x()\r\nRegistrant Name: " + LINE +
                             b"\r\nDomain Status: " + LINE + b"\r\nRegistry Expiry Date: 2199-01-01T00:00:00Z\r\n")


class Web(socketserver.BaseRequestHandler):
    """RDAP for everybody, and an MTA-STS policy."""

    context = None

    def handle(self):
        try:
            with self.context.wrap_socket(self.request, server_side=True) as peer:
                request = peer.recv(4000)
                words = TEXT.decode("utf-8", "replace")
                card = ["vcard", [["fn", {}, "text", words], ["email", {}, "text", words]]]
                body = json.dumps({"objectClassName": "domain", "ldhName": words, "status": [words],
                                   "events": [{"eventAction": words, "eventDate": words}], "nameservers": [{"ldhName": words}],
                                   "entities": [{"roles": ["registrar", "registrant"], "vcardArray": card}],
                                   "links": [{"href": "javascript:x()", "value": words}]}).encode()
                kind = b"application/rdap+json"
                if b"mta-sts" in request:
                    kind, body = b"text/plain", b"version: STSv1\nmode: " + LINE + b"\nmx: " + LINE + b"\nmax_age: 1\n" + LINE + b"\n"
                peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: " + kind + b"\r\nX: " + LINE + b"\r\nConnection: close\r\nContent-Length: " +
                             str(len(body)).encode() + b"\r\n\r\n" + body)
        except (OSError, ssl.SSLError):
            pass


class Page(html.parser.HTMLParser):
    """Finds what a page of ours never has."""

    ALLOWED_LINKS = re.compile(r"(#[\w-]+|https://[\w./?=&%#:-]+|mailto:[\w.@+-]+)\Z")

    def __init__(self, text):
        super().__init__()
        self.faults = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        if tag in ("script", "img", "iframe", "object", "embed", "form", "base", "link"):
            self.faults.append(f"<{tag}>")
        for name, value in attributes:
            if name.startswith("on") or (name in ("href", "src") and not self.ALLOWED_LINKS.match(value or "")):
                self.faults.append(f"{name}={value!r}")


def check_characters(text, colors=False):
    """Nothing but visible characters, blanks and line ends; with `colors` our own SGR sequences, too."""
    if colors:
        text = re.sub(r"\x1b\[[\d;]*m", "", text)
    bad = re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]", text)
    assert not bad, f"{bad.group()!r} in {text[max(0, bad.start() - 60):bad.end() + 20]!r}"
    for line in text.splitlines():
        assert not re.match("(FORGED|MAILDIAG FORGED|maildiag_forged)", line), line


def check_text(text):
    check_characters(text)


def check_colored(text):
    check_characters(text, colors=True)
    assert "\x1b[31m\x1b]" not in text


def check_json(text):
    assert text.isascii(), "JSON of ours is ASCII"
    check_characters(text)
    for line in text.splitlines():
        assert isinstance(json.loads(line, parse_constant=lambda word: 1 / 0), dict), line


def check_nagios(text):
    check_characters(text)
    assert text.count("\n") == 1 and text.count("|") == 1, text
    said, data = text.rstrip("\n").split("|")
    assert not re.search(r"[<>$`\"\\&;{}]", said), said
    for word in data.split():
        assert re.fullmatch(r"(targets|critical|warning|unknown|listed|answered|queried|time)=[\d.]+s?(;[\d.]*){1,4}", word), word


def check_prometheus(text):
    check_characters(text)
    label = r'[a-z_]+="([^"\\\n]|\\\\|\\"|\\n)*"'
    for line in text.splitlines():
        assert re.fullmatch(r"# (HELP|TYPE) maildiag_\w+ [\w ,.:-]+|maildiag_\w+\{" + f"({label}(,{label})*)?" + r"\} [\d.e+]+", line), line


def check_html(text):
    check_characters(text)
    assert not Page(text).faults, Page(text).faults


FORMATS = {
    "text": (["--color", "never", "-v"], check_text), "colors": (["--color", "always", "-v"], check_colored),
    "json": (["--format", "json"], check_json), "nagios": (["--format", "nagios"], check_nagios),
    "prometheus": (["--format", "prometheus"], check_prometheus), "html": (["--format", "html"], check_html)}
PAGES = {"report", "watch"}
NOT_MONITORED = {"explain", "lookup", "whois", "reputation", "watch", "report"}
# No argument can hold a NUL.
ARGUMENT = TEXT.replace(b"\x00", b"")


class HostileOutput(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.ca = TestCa().__enter__()
        cls.addClassCleanup(cls.ca.__exit__)
        # The words of a certificate are UTF-8; its authority lets anything pass.
        cls.ca.issue("mx.example")
        chain, key = cls.ca.issue("mx.example", "mta-sts.mail.example", "rdap.verisign.com", "data.iana.org")
        Smtp.context, Web.context = (ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) for _ in range(2))
        Web.context.load_cert_chain(chain, key)
        Smtp.context.load_cert_chain(*cls.hostile_certificate())
        cls.servers = {name: Server(kind) for name, kind in (("smtp", Smtp), ("whois", Registry), ("web", Web))}
        cls.temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.temporary.cleanup)
        cls.folder = Path(cls.temporary.name)
        (cls.folder / "zone").write_text(ZONE)
        (cls.folder / "bounce.eml").write_bytes(BOUNCE)
        (cls.folder / "mail.log").write_bytes(LOG)
        ports = {name: server.port for name, server in cls.servers.items()}
        cls.world = ["--zone", str(cls.folder / "zone"), "--timeout", "5", "--ca-file", cls.ca.file,
                     *(part for host, service, port in (("mx.example", "smtp", 25), ("whois.verisign-grs.com", "whois", 43),
                                                        ("whois.iana.org", "whois", 43), ("rdap.verisign.com", "web", 443),
                                                        ("data.iana.org", "web", 443), ("mta-sts.mail.example", "web", 443))
                       for part in ("--connect-to", f"{host}:{port}:127.0.0.1:{ports[service]}"))]

    @classmethod
    def tearDownClass(cls):
        for server in cls.servers.values():
            server.shutdown()
            server.server_close()

    @classmethod
    def hostile_certificate(cls):
        words = "\x1b[31m\u202eFORGED | forged=1 </script><script>x()"
        key, chain = Path(cls.ca.directory, "bad.key"), Path(cls.ca.directory, "bad.pem")
        config = Path(cls.ca.directory, "bad.cnf")
        config.write_text("[req]\ndistinguished_name=name\nprompt=no\nstring_mask=utf8only\nutf8=yes\nx509_extensions=more\n"
                          f"[name]\nCN=\"{words}\"\nO=\"{words}\"\n[more]\nsubjectAltName=DNS:\"{words[:5]}</script>.example\"\n")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
                        "-out", chain, "-config", config, "-days", "2"], check=True, capture_output=True)
        return chain, key

    def run_program(self, *arguments, extra=(), stdin=b""):
        environment = {"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin", "XDG_CACHE_HOME": str(self.folder / "cache"),
                       "HOME": str(self.folder)}
        environment.update({key: value for key, value in os.environ.items() if key.endswith("SAN_OPTIONS")})
        return subprocess.run([PROGRAM, *arguments, *extra], capture_output=True, timeout=120, env=environment, input=stdin)

    def check(self, source, *arguments, network=True, stdin=b"", formats=FORMATS):
        """Runs one command in each format that it knows, in both languages where there are sentences."""
        command = arguments[0]
        seen = 0
        for name in formats:
            if (name == "html" and command not in PAGES) or (name in ("nagios", "prometheus") and command in NOT_MONITORED):
                continue
            options, check = FORMATS[name]
            for language in ("en", "ko") if name in ("text", "nagios") else ("en",):
                with self.subTest(source=source, renderer=name, language=language):
                    extra = [*options, "--lang", language, *(self.world if network else [])]
                    run = self.run_program(*arguments, extra=extra, stdin=stdin)
                    self.assertIn(run.returncode, (0, 1, 2, 3, 65), run.stderr)
                    self.assertTrue(run.stdout, run.stderr)
                    check(run.stdout.decode("utf-8"))  # which must not fail, either
                    check_text(run.stderr.decode("utf-8"))
                    seen += 1
        self.assertGreater(seen, 0)

    def test_txt_records(self):
        self.check("SPF", "spfcheck", "hostile.example")
        self.check("SPF explanation", "spfcheck", "told.example", "--ip", "192.0.2.1", "--sender", ARGUMENT + b"@told.example")
        self.check("DMARC", "dmarccheck", "hostile.example")
        self.check("DKIM", "dkimcheck", "hostile.example", "--selector", "s")
        self.check("MTA-STS and TLS-RPT", "tlscheck", "hostile.example")
        self.check("BIMI", "bimicheck", "hostile.example")
        self.check("TXT", "lookup", "txt", "hostile.example")

    def test_names(self):
        self.check("MX", "mxcheck", "hostile.example", "--no-smtp")
        self.check("MX and all else", "report", "hostile.example", "--no-smtp")
        self.check("PTR", "ptrcheck", "198.51.100.9")
        self.check("MX records", "lookup", "mx", "hostile.example")
        self.check("NS records", "lookup", "ns", "hostile.example")
        self.check("CNAME", "lookup", "a", "alias.example")

    def test_block_lists(self):
        self.check("DNSBL", "rblcheck", "198.51.100.9", "--list", "list.example", "--self-test", "never")

    def test_bounces(self):
        self.check("bounce", "explain", str(self.folder / "bounce.eml"), "--passive")
        self.check("reply", "explain", "--reply", b"550 5.7.1 " + ARGUMENT, "--no-checks")
        self.check("summary", "explain", "--summary", str(self.folder / "bounce.eml"), "--no-checks")
        self.check("log", "explain", "--log", str(self.folder / "mail.log"), "--year", "2026", "--no-checks")
        self.check("reply lines", "explain", "--reply-lines", "-", stdin=b"550 5.7.1 " + LINE + b"\n", network=False, formats=["json"])
        self.check("message", "dkimcheck", "--message", str(self.folder / "bounce.eml"))

    def test_servers(self):
        self.check("greeting, extensions, certificate", "smtpcheck", "mx.example")
        self.check("the same of a domain", "mxcheck", "mail.example")
        self.check("page of it", "report", "mail.example")
        self.check("MTA-STS policy", "tlscheck", "mail.example")

    def test_registries(self):
        self.check("RDAP", "whois", "domain.com")
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))  # nobody listens, so port 43 has to answer
            world = [part.replace(f":{self.servers['web'].port}", f":{closed.getsockname()[1]}") for part in self.world]
            run = self.run_program("whois", "domain.com", extra=[*world, "--format", "json"])
            check_json(run.stdout.decode())
            self.assertIn(b"2199", run.stdout)
            run = self.run_program("whois", "domain.com", extra=[*world, "-v"])
            check_text(run.stdout.decode())

    def test_watch(self):
        targets, state = self.folder / "watch.toml", self.folder / "watch.db"
        targets.write_text('[[target]]\nname = "hostile.example"\nchecks = ["mx", "spf", "dmarc", "dnsbl"]\n\n'
                           '[[target]]\nname = "198.51.100.9"\nchecks = ["ptr", "dnsbl"]\nlists = ["list.example"]\n')
        common = ["--targets", str(targets), "--state", str(state)]
        for round_ in ("first", "second"):
            for name in ("text", "json"):
                with self.subTest(source="watch", renderer=name, run=round_):
                    run = self.run_program("watch", *common, extra=[*FORMATS[name][0], *self.world])
                    self.assertIn(run.returncode, (0, 1, 2, 3), run.stderr)
                    FORMATS[name][1](run.stdout.decode())
                    check_text(run.stderr.decode())
        for name in ("text", "colors", "json", "html"):
            with self.subTest(source="history", renderer=name):
                run = self.run_program("watch", "history", "--state", str(state), extra=FORMATS[name][0])
                self.assertTrue(run.stdout, run.stderr)
                FORMATS[name][1](run.stdout.decode())

    def test_targets_and_files(self):
        """Wrong command lines and files: what is at fault is named, and does nothing."""
        bad_toml, bad_zone, bad_list = (self.folder / name for name in ("bad.toml", "bad.zone", "bad.list"))
        bad_toml.write_bytes(b"nameserver = '" + LINE + b"'\n" + LINE)
        bad_zone.write_bytes(b"hostile.example. A " + LINE + b"\n")
        bad_list.write_bytes(LINE + b"\n$(touch pwned)\n-x\n")
        hostile_file = bytes(self.folder) + b"/" + ARGUMENT.replace(b"/", b"")[:200]
        cases = {
            "target": ["ptrcheck", ARGUMENT], "domain": ["spfcheck", ARGUMENT], "option": [b"--" + ARGUMENT], "command": [ARGUMENT],
            "value": ["rblcheck", "192.0.2.1", "--timeout", ARGUMENT], "list": ["rblcheck", "192.0.2.1", "--list", ARGUMENT],
            "name server": ["rblcheck", "192.0.2.1", "--nameserver", ARGUMENT], "selector": ["dkimcheck", "a.example", "--selector", ARGUMENT],
            "record": ["lookup", ARGUMENT, "a.example"], "id": ["findings", ARGUMENT], "rule": ["rules", "show", ARGUMENT],
            "file": ["explain", hostile_file], "configuration": ["ptrcheck", "192.0.2.1", "--config", str(bad_toml)],
            "rules": ["rules", "list", "--rules", str(self.folder)], "zone": ["ptrcheck", "192.0.2.1", "--zone", str(bad_zone)],
            "targets": ["rblcheck", "-f", str(bad_list), "--list", "list.example", "--zone", str(self.folder / "zone")],
            "replay": ["ptrcheck", "192.0.2.1", "--replay", str(bad_list)],
            "connection": ["smtpcheck", "mx.example", "--connect-to", ARGUMENT], "watch": ["watch", "--targets", str(bad_toml)],
        }
        for source, arguments in cases.items():
            for name in ("text", "json", "nagios"):
                with self.subTest(source=source, renderer=name):
                    run = self.run_program(*arguments, extra=FORMATS[name][0])
                    self.assertNotIn(run.returncode, (0, 70), run.stdout)
                    self.assertGreaterEqual(run.returncode, 0)
                    check_text(run.stderr.decode("utf-8"))
                    check_text(run.stdout.decode("utf-8"))

    def test_targets_are_never_options_or_commands(self):
        for target in ("$(touch pwned)", "`touch pwned`", "a;touch pwned", "|touch pwned", "../../etc/passwd"):
            with self.subTest(target=target):
                run = self.run_program("mxcheck", target, extra=self.world)
                self.assertIn(run.returncode, (3, 64, 65))
        for option in ("-x", "--no-such", "-"):
            with self.subTest(option=option):
                self.assertIn(self.run_program("ptrcheck", option).returncode, (64, 65, 3))
                # Behind "--" it is a target, and no good one.
                self.assertIn(self.run_program("ptrcheck", "--", option, extra=[]).returncode, (64, 65, 3))
        self.assertFalse(list(Path.cwd().glob("pwned")) + list(self.folder.glob("pwned")))

    def test_the_checks_can_fail(self):
        for check, bad in ((check_text, TEXT.decode("utf-8", "replace")), (check_text, "FORGED ok\n"), (check_json, '{"a":"\u202e"}\n'),
                           (check_json, "{\n"), (check_nagios, "OK | a=1\nmore\n"), (check_nagios, "OK $(id) | targets=1;;;0\n"),
                           (check_nagios, "OK | targets=1;;;0 forged=1;;;0\n"), (check_prometheus, 'maildiag_status{target="a"b"} 0\n'),
                           (check_prometheus, "other 1\n"), (check_html, "<p><script>x()</script>"),
                           (check_html, '<a href="javascript:x()">'), (check_html, '<a onclick="x()">'), (check_colored, "\x1b]0;owned")):
            with self.subTest(bad=bad), self.assertRaises((AssertionError, ValueError)):
                check(bad)


if __name__ == "__main__":
    skip_unless("openssl")
    unittest.main(argv=sys.argv[:1])
