#!/usr/bin/env python3
"""What strangers write, through every renderer: names, TXT records, greetings, certificates, bounces, logs, registries, and
targets of the command line. None of it reaches a terminal, a page, a monitoring system or a log as anything but text.

    hostile_output.py PROGRAM
"""

import os
import socket
import ssl
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from hostile_servers import Registry, Server, Smtp, Web  # noqa: E402
from hostile_words import BOUNCE, LINE, LOG, TEXT, ZONE  # noqa: E402
from output_checks import check_colored, check_html, check_json, check_nagios, check_prometheus, check_text  # noqa: E402
from servers import skip_unless  # noqa: E402
from test_ca import TestCa  # noqa: E402

PROGRAM = sys.argv[1] if len(sys.argv) > 1 else "maildiag"
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
