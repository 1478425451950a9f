#!/usr/bin/env python3
"""What strangers write, through every renderer: names, TXT records, greetings, certificates, bounces, mails, logs, registries.
None of it reaches a terminal, a page, a monitoring system or a program as anything but text, and in each run it does reach it.

    hostile_output.py PROGRAM
"""

import socket
import ssl
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from dkim_sign import Signer  # noqa: E402
from hostile_mails import BOUNCE, LOG, REFUSED, received  # noqa: E402
from hostile_runs import FORMATS, HostileRuns  # noqa: E402
from hostile_servers import Odd, Registry, Server, Smtp, Web  # noqa: E402
from hostile_words import ARGUMENT, BREAKOUTS, ESCAPE, EVERYWHERE, LINE, SERVED_ZONE, WORD, ZONE  # noqa: E402
from servers import skip_unless  # noqa: E402
from test_ca import TestCa  # noqa: E402

PROGRAM = sys.argv[1] if len(sys.argv) > 1 else "maildiag"
# Files may be called anything but "/" and NUL, and stand in each output.
HOSTILE_NAME = WORD.replace(b"/", b"") + b"\n| forged=1 \"} 1"

# Who writes about hostile.example, and what the servers of mail.example say.
RECORDS = ["spf", "dmarc", "dkim", "mta-sts", "tls-rpt"]
SERVERS = ["greeting", "certificate", "policy"]


class HostileOutput(HostileRuns, unittest.TestCase):
    program = PROGRAM

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        ca = TestCa().__enter__()
        cls.addClassCleanup(ca.__exit__)
        chain, key = ca.issue("mx.example", "mta-sts.mail.example", "rdap.verisign.com", "data.iana.org", "www.example")
        Smtp.context, Web.context = (ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) for _ in range(2))
        Web.context.load_cert_chain(chain, key)
        Smtp.context.load_cert_chain(*cls.hostile_certificate())
        signer = Signer(cls.folder)
        cls.zone = cls.file("zone", ZONE + f"s._domainkey.signed.example. TXT {signer.record()}\nwww.example. A 198.41.0.4\n")
        cls.bounce, cls.mail = (cls.file(b"bounce" + HOSTILE_NAME, BOUNCE), cls.file(b"mail" + HOSTILE_NAME, received(signer)))
        cls.plain_mail = cls.file("mail.eml", received(signer))
        cls.log = cls.file("mail.log", LOG)
        cls.page = ["--selector", "s", "--config", cls.file("lists.toml", "[dnsbl]\nlists = [\"list.example\"]\n")]
        ports = {}
        for name, kind in (("smtp", Smtp), ("odd", Odd), ("whois", Registry), ("web", Web)):
            server = Server(kind)
            cls.addClassCleanup(server.server_close)
            cls.addClassCleanup(server.shutdown)
            ports[name] = server.port
        cls.web_port = ports["web"]
        cls.world = ["--zone", cls.zone, "--zone", cls.file("served", SERVED_ZONE), "--timeout", "5", "--ca-file", ca.file,
                     *(part for host, service, port in (("mx.example", "smtp", 25), ("odd.example", "odd", 25), ("whois.verisign-grs.com", "whois", 43),
                                                        ("whois.iana.org", "whois", 43), ("rdap.verisign.com", "web", 443),
                                                        ("data.iana.org", "web", 443), ("mta-sts.mail.example", "web", 443),
                                                        ("www.example", "web", 443))
                       for part in ("--connect-to", f"{host}:{port}:127.0.0.1:{ports[service]}"))]

    @classmethod
    def hostile_certificate(cls):
        """The words of a certificate are UTF-8; its authority lets anything pass."""
        words = ESCAPE.decode() + "\x1b]0;certificate\x07\u202eFORGED | forged=1 </script><script>x()"
        key, chain = cls.folder / "bad.key", cls.folder / "bad.pem"
        config = cls.file("bad.cnf", "[req]\ndistinguished_name=name\nprompt=no\nstring_mask=utf8only\nutf8=yes\nx509_extensions=more\n"
                          f"[name]\nCN=\"{words}\"\nO=\"{words}\"\n[more]\nsubjectAltName=DNS:\"{words[:19]}</script>.example\"\n")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
                        "-out", chain, "-config", config, "-days", "2"], check=True, capture_output=True)
        return chain, key

    def test_txt_records(self):
        self.check("SPF", "spfcheck", "hostile.example", of=["spf"])
        self.check("SPF explanation", "spfcheck", "told.example", "--ip", "192.0.2.1", "--sender", WORD + b"@told.example",
                   "--helo", "hostile.example", "--trace", of=["explanation"])
        self.check("DMARC", "dmarccheck", "hostile.example", of=["dmarc"])
        self.check("all that providers demand", "dmarccheck", "--bulk", "hostile.example", of=["dmarc"])
        self.check("DKIM", "dkimcheck", "hostile.example", "--selector", "s", of=["dkim"])
        self.check("MTA-STS and TLS-RPT", "tlscheck", "hostile.example", of=["mta-sts", "tls-rpt"])
        self.check("BIMI", "bimicheck", "hostile.example", of=["bimi"])

    def test_names(self):
        self.check("MX", "mxcheck", "hostile.example", *self.page, "--no-smtp", of=RECORDS)
        self.check("page", "report", "hostile.example", *self.page, "--no-smtp", of=RECORDS)
        self.check("PTR", "ptrcheck", "198.51.100.9", "--helo", "hostile.example")
        self.check("HELO", "ptrcheck", "198.51.100.1", "--helo", WORD)
        self.check("all records", "lookup", "any", "hostile.example")
        self.check("NS records", "lookup", "ns", "served.example")
        self.check("delegation", "lookup", "dns", "served.example")
        self.check("SOA record", "lookup", "soa", "served.example")
        self.check("SRV record", "lookup", "srv", "_25._tcp.hostile.example")
        self.check("CNAME", "lookup", "a", "alias.example")
        recording = str(self.folder / "recording")
        self.run_program("lookup", "mx", "hostile.example", "--record", recording, *self.world)
        self.check("replay", "lookup", "mx", "hostile.example", world=["--replay", recording])

    def test_block_lists(self):
        self.check("DNSBL", "rblcheck", "198.51.100.9", "--list", "list.example", of=["list"])
        self.check("table of targets", "rblcheck", "198.51.100.9", "198.51.100.10", "--list", "list.example", of=["list"])

    def test_bounces(self):
        self.check("bounce", "explain", self.bounce, "--passive", also=["nagios", "prometheus"], of=["recipient", "reply"])
        self.check("replies", "explain", "--reply", b"550 5.7.1 " + ARGUMENT, "--reply", WORD, "--ip", "198.51.100.9", "--helo", WORD,
                   "--sender", WORD + b"@hostile.example", "--passive")
        self.check("summary", "explain", "--summary", self.bounce, self.log, "--no-checks", of=["reply"])
        self.check("log", "explain", "--log", self.log, "--year", "2026", "--no-checks", of=["recipient", "reply"])
        self.check("reply lines", "explain", "--reply-lines", "-", stdin=b"550 5.7.1 " + LINE.replace(b"\t", b" ") + b"\n")
        merged = self.run_program("explain", "--summary", self.bounce, "--no-checks", "--format", "json").stdout
        self.check("summaries", "summary", "merge", self.file("summary.json", merged), of=["reply"])

        self.check("receiver", "explain", self.file("refused", REFUSED), of=["greeting", "certificate"])

    def test_mails(self):
        self.check("signatures", "dkimcheck", "--message", self.plain_mail)
        self.check("name of the mail", "dkimcheck", "--message", self.mail, also=["nagios", "prometheus"])
        self.check("sample of a sender", "dmarccheck", "--bulk", "hostile.example", "--message", self.plain_mail, of=["dmarc"])
        self.check("judged mail", "dmarccheck", "--message", self.mail, "--ip", "192.0.2.1", "--helo", "hostile.example",
                   also=["nagios", "prometheus"], of=["sender", "dmarc"])

    def test_servers(self):
        self.check("greeting, extensions, certificate", "smtpcheck", "mx.example", of=["greeting", "extension", "certificate"])
        self.check("greeting that is none", "smtpcheck", "odd.example", of=["odd"])
        self.check("the same of a domain", "mxcheck", "mail.example", *self.page, of=SERVERS)
        self.check("page of it", "report", "mail.example", *self.page, of=SERVERS)
        self.check("MTA-STS policy", "tlscheck", "mail.example", of=["policy", "certificate"])
        self.check("web server", "lookup", "https", "https://www.example/")

    def test_registries(self):
        self.check("RDAP", "whois", "domain.com")
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))  # nobody listens, so port 43 has to answer
            world = [part.replace(f":{self.web_port}", f":{closed.getsockname()[1]}") for part in self.world]
            self.check("port 43", "whois", "domain.com", "--fresh", world=world)

    def test_watch(self):
        targets = self.file("watch.toml", '[[target]]\nname = "hostile.example"\nchecks = ["mx", "spf", "dmarc", "dnsbl"]\n\n'
                            '[[target]]\nname = "198.51.100.9"\nchecks = ["ptr", "dnsbl"]\nlists = ["list.example"]\n')
        state = str(self.folder / "watch.db")
        self.check("watch", "watch", "--targets", targets, "--state", state, "--dry-run", also=["nagios"])
        stored = self.run_program("watch", "--targets", targets, "--state", state, *self.world)
        self.assertIn(stored.returncode, (0, 1, 2, 3), stored.stderr)
        self.check("history", "watch", "history", "--state", state)

    def test_the_checks_can_fail(self):
        """Each word where it would do harm, in an output that is good without it."""
        outputs = {"text": "[ok] spfcheck a.example\n  Record  {}\n", "colors": "\x1b[1;31m[critical]\x1b[0m a {}\n",
                   "json": '{{"schema":"maildiag.report/1","detail":"{}"}}\n',
                   "nagios": "MAILDIAG SPFCHECK WARNING - a: {} | targets=1;;;0 time=0.001s;;;0\n",
                   "prometheus": '# TYPE maildiag_status gauge\nmaildiag_status{{command="a",target="{}"}} 1\n',
                   "html": '<!DOCTYPE html>\n<html lang="en"><body><p class="a">{}</p></body></html>\n'}
        for name, output in outputs.items():
            check = FORMATS[name][1]
            check(output.format("harmless"))
            for word in EVERYWHERE + BREAKOUTS[name]:
                with self.subTest(renderer=name, word=word), self.assertRaises((AssertionError, ValueError, SyntaxError)):
                    check(output.format(word))
        with self.assertRaises(AssertionError):
            FORMATS["html"][1]('<html><p title="" onclick="x()">a</p></html>')

    def test_silence_is_noticed(self):
        with self.assertRaises(AssertionError):
            self.judge("text", self.run_program("lookup", "a", "mx.example", *self.world), shown=True)


if __name__ == "__main__":
    skip_unless("openssl")
    unittest.main(argv=sys.argv[:1])
