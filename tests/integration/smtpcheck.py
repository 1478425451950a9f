#!/usr/bin/env python3
"""`maildiag smtpcheck` against real Postfix, Exim and OpenSMTPD on loopback.

    smtpcheck.py PROGRAM SOURCE_ROOT

A server that cannot run here is skipped, visibly; without any, the test is (77).
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

PROGRAM, ROOT = (sys.argv[1:3] + ["maildiag", "."])[:2] if len(sys.argv) > 2 else ("maildiag", ".")
sys.path.insert(0, str(Path(ROOT, "tests/support")))

from mail_servers import Exim, OpenSmtpd, Postfix, skip_reason  # noqa: E402
from servers import SKIPPED  # noqa: E402
from test_ca import TestCa  # noqa: E402

HOST = "mx.example.com"
ZONE = """$ORIGIN example.com.
@      3600 IN SOA ns hostmaster 1 3600 900 604800 300
@      3600 IN NS ns
@      3600 IN MX 10 mx
ns     3600 IN A 192.0.2.53
mx     3600 IN A 127.0.0.1
pair   3600 IN MX 10 mx
pair   3600 IN MX 20 second
second 3600 IN A 127.0.0.2
second 3600 IN AAAA ::1
null   3600 IN MX 0 .
empty  3600 IN TXT "no host"
"""
REVERSE = """$ORIGIN 127.in-addr.arpa.
@      3600 IN SOA ns.example.com. hostmaster.example.com. 1 3600 900 604800 300
@      3600 IN NS ns.example.com.
1.0.0  3600 IN PTR mx.example.com.
"""


class World:
    """What all tests share: a CA, zones, and the servers that can run here."""

    def __init__(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="maildiag-smtpcheck-")
        self.zones = []
        for name, text in (("zone", ZONE), ("reverse", REVERSE)):
            path = Path(self.temporary.name, name)
            path.write_text(text)
            self.zones.append(str(path))
        self.ca = TestCa().__enter__()

    def close(self):
        self.ca.__exit__()
        self.temporary.cleanup()

    def run(self, *arguments, format_="json", ca_file=None):
        command = [PROGRAM, "smtpcheck", "--format", format_, "--ca-file", ca_file or self.ca.file, "--ehlo", "client.example.net"]
        for zone in self.zones:
            command += ["--zone", zone]
        return subprocess.run([*command, *arguments], capture_output=True, text=True, timeout=60,
                              env={**os.environ, "LC_ALL": "C.UTF-8"})

    def check(self, port, *arguments, name=f"{HOST}:25", wanted=None):
        """The one report about a server on this port of loopback."""
        number = name.rpartition(":")[2]
        done = self.run(name, "--connect-to", f":{number}::{port}", *arguments)
        reports = [json.loads(line) for line in done.stdout.splitlines()]
        if len(reports) != 1:
            raise AssertionError(f"{len(reports)} reports: {done.stdout}{done.stderr}")
        if wanted is not None and done.returncode != wanted:
            raise AssertionError(f"exit status {done.returncode}: {done.stdout}")
        return reports[0]


def setUpModule():
    global WORLD
    WORLD = World()


def tearDownModule():
    WORLD.close()


def ids(report):
    return [finding["id"].removeprefix("smtp.") for finding in report["findings"]]


class PostfixTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        reason = skip_reason("postfix")
        if reason:
            raise unittest.SkipTest(reason)
        ca = WORLD.ca

        def tls(chain, **more):
            return {"smtpd_tls_security_level": "may", "smtpd_tls_chain_files": f"{chain[1]}, {chain[0]}", **more}

        good = ca.issue(HOST)

        def refuse(reply):
            return {"smtpd_delay_reject": "no", "smtpd_client_restrictions": f"check_client_access static:{{{reply}}}"}

        cls.postfix = Postfix({
            "plain": {"smtpd_tls_security_level": "none"},
            "good": tls(good),
            "soon": tls(ca.issue(HOST, days=10)),
            "expired": tls(ca.issue(HOST, days=-3)),
            "self": tls(ca.issue(HOST, self_signed=True)),
            "name": tls(ca.issue("www.example.com")),
            "wildcard": tls(ca.issue("*.example.com")),
            "old": tls(good, smtpd_tls_protocols=">=TLSv1.2, <=TLSv1.2"),
            "implicit": tls(good, smtpd_tls_wrappermode="yes"),
            "size": tls(good, message_size_limit="12345"),
            "broken": tls((good[0], ca.issue("other.example.com")[1])),
            "open": {"mynetworks": "127.0.0.0/8"},
            "listed": refuse("554 5.7.1 Service unavailable; Client host blocked using zen.spamhaus.org"),
            "busy": refuse("421 4.7.0 Error: too many connections from you"),
        }, main={"postscreen_greet_wait": "1s"}, postscreen=True).__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.postfix.stop()
        log = cls.postfix.log()
        assert "quit=1" in log, log
        assert " data=" not in log and "DATA" not in log, "a mail was begun: " + log
        lost = [line for line in log.splitlines() if "lost connection" in line and "/broken/" not in line]
        assert not lost, lost

    def check(self, service, *arguments, **named):
        return WORLD.check(self.postfix.port(service), *arguments, **named)

    def test_plain(self):
        report = self.check("plain", wanted=1)
        self.assertEqual(ids(report), ["ready", "names-agree", "no-starttls"])
        self.assertEqual(report["target"], f"{HOST}[127.0.0.1]:25")
        result = report["result"]
        self.assertEqual(result["banner"], f"{HOST} ESMTP Postfix")
        self.assertEqual(result["code"], 220)
        self.assertEqual(result["size"], 10240000)
        self.assertIn("PIPELINING", result["extensions"])
        self.assertTrue(result["quit"])
        self.assertIn("EHLO client.example.net", [line["text"] for line in result["transcript"]])

    def test_good_certificate(self):
        report = self.check("good", wanted=0)
        self.assertEqual(ids(report), ["ready", "names-agree", "tls", "certificate-ok"])
        starttls = report["result"]["starttls"]
        self.assertTrue(starttls["offered"] and starttls["accepted"] and starttls["verified"])
        self.assertTrue(starttls["name_matches"])
        self.assertEqual(starttls["version"], "TLSv1.3")
        self.assertEqual(starttls["certificate"]["names"], [HOST])
        self.assertEqual(starttls["certificate"]["issuer"], "CN=Test Authority")
        self.assertEqual(starttls["certificate"]["days_left"], 90)
        self.assertEqual(report["result"]["only_clear"], ["STARTTLS"])

    def test_bad_certificates(self):
        for service, expected, status in (("soon", "certificate-expires-soon", 1), ("expired", "certificate-expired", 2),
                                          ("self", "certificate-self-signed", 1), ("name", "certificate-name", 1)):
            with self.subTest(service):
                self.assertEqual(ids(self.check(service, wanted=status)), ["ready", "names-agree", "tls", expected])
        self.assertEqual(ids(self.check("wildcard", wanted=0))[-1], "certificate-ok")
        self.assertEqual(ids(self.check("soon", "--warning-days", "5", wanted=0))[-1], "certificate-ok")
        self.check("soon", "--critical-days", "11", wanted=2)

    def test_without_the_authority(self):
        done = WORLD.run(f"{HOST}:25", "--connect-to", f":25::{self.postfix.port('good')}",
                         ca_file=WORLD.ca.issue("nobody.example", self_signed=True)[0])
        self.assertIn("smtp.certificate-untrusted", done.stdout)
        self.assertEqual(done.returncode, 1)

    def test_tls_1_2_and_implicit_tls(self):
        self.assertEqual(self.check("old", wanted=0)["result"]["starttls"]["version"], "TLSv1.2")
        report = self.check("implicit", name=f"{HOST}:465", wanted=0)
        self.assertEqual(ids(report), ["ready", "names-agree", "tls", "certificate-ok"])
        self.assertTrue(report["result"]["starttls"]["implicit"])
        self.assertEqual(ids(self.check("plain", name=f"{HOST}:465", wanted=2)), ["no-implicit-tls"])

    def test_a_server_that_cannot_do_what_it_offers(self):
        report = self.check("broken")
        self.assertNotEqual(report["status"], "ok")
        self.assertTrue(set(ids(report)) & {"starttls-refused", "handshake-failed", "no-starttls", "broken-off"}, ids(report))

    def test_size_limit(self):
        self.assertEqual(self.check("size", wanted=0)["result"]["size"], 12345)

    def test_refusals_are_named_by_the_rulebook(self):
        report = self.check("listed", wanted=2)
        self.assertEqual(ids(report), ["rejected"])
        self.assertEqual(report["result"]["code"], 554)
        self.assertEqual(report["result"]["cause"]["cause"], "dnsbl-listed")
        self.assertEqual(report["result"]["cause"]["facts"]["list"], "zen.spamhaus.org")
        report = self.check("busy", wanted=1)
        self.assertEqual(ids(report), ["deferred"])
        self.assertEqual(report["result"]["cause"]["cause"], "too-many-connections")
        self.assertEqual(report["findings"][0]["data"]["rule"], report["result"]["cause"]["rule"])

    def test_relaying(self):
        report = self.check("good", "--relay-test", wanted=0)  # 454: Postfix defers strangers by default
        self.assertIn("relay-refused", ids(report))
        self.assertEqual(report["result"]["relay"]["rcpt"]["code"], 454)
        report = self.check("open", "--relay-test=a@example.net,b@example.org", wanted=2)
        self.assertIn("relay-not-refused", ids(report))
        commands = [line["text"] for line in report["result"]["transcript"] if line["from"] == "client"]
        self.assertEqual(commands[-4:], ["MAIL FROM:<a@example.net>", "RCPT TO:<b@example.org>", "RSET", "QUIT"])
        self.assertNotIn("relay", "".join(ids(self.check("open"))))

    def test_postscreen(self):
        report = self.check("postscreen")
        self.assertEqual(report["result"]["state"], "ready")
        self.assertGreaterEqual(report["result"]["banner_ms"], 500)
        self.assertGreaterEqual(report["result"]["banner"].count("\n"), 1)
        self.assertNotIn("PREGREET", self.postfix.log())

    def test_a_domain_is_each_of_its_addresses(self):
        port = self.postfix.port("good")
        done = WORLD.run("pair.example.com", "--connect-to", f"{HOST}:25::{port}",
                         "--connect-to", f"second.example.com:25:127.0.0.1:{port}")
        reports = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([report["target"] for report in reports],
                         [f"{HOST}[127.0.0.1]:25", "second.example.com[127.0.0.2]:25", "second.example.com[::1]:25"])
        self.assertEqual(ids(reports[0])[-1], "certificate-ok")
        self.assertIn("certificate-name", ids(reports[1]))

    def test_the_result_of_a_name_without_a_server_is_an_object(self):
        done = WORLD.run("absent.example.com")
        self.assertEqual((done.returncode, [json.loads(line)["result"] for line in done.stdout.splitlines()]), (2, [{}]))

    def test_a_watch_tells_what_changes(self):
        where = Path(WORLD.temporary.name)
        targets = where / "watch.toml"
        targets.write_text('[[target]]\nname = "example.com"\nchecks = ["smtp", "tls"]\n')

        def watch(port):
            command = [PROGRAM, "watch", "--targets", str(targets), "--state", str(where / "watch.db"), "--ca-file", WORLD.ca.file,
                       "--connect-to", f":25::{port}", *(word for zone in WORLD.zones for word in ("--zone", zone))]
            done = subprocess.run(command, capture_output=True, text=True, timeout=60, env={**os.environ, "LC_ALL": "C.UTF-8"})
            self.assertEqual(done.stderr, "")
            return done

        self.assertIn("First run", watch(self.postfix.port("good")).stdout)
        self.assertEqual(watch(self.postfix.port("good")).stdout, "")
        worse = watch(self.postfix.port("expired"))
        self.assertIn("got worse", worse.stdout)
        self.assertIn("has expired", worse.stdout)
        self.assertEqual(worse.returncode, 2)
        with socket.create_server(("127.0.0.1", 0)) as server:  # unknown: what is remembered stays
            threading.Thread(target=lambda: server.accept()[0].close(), daemon=True).start()
            self.assertEqual(watch(server.getsockname()[1]).stdout, "")
        self.assertEqual(watch(self.postfix.port("expired")).stdout, "")
        self.assertIn("no longer so: The", watch(self.postfix.port("good")).stdout)
        refused = watch(self.postfix.port("listed")).stdout
        self.assertIn("refuses this client", refused)
        self.assertNotIn("tls", refused)

    def test_text_and_monitoring(self):
        port = self.postfix.port("good")
        where = (f"{HOST}:25", "--connect-to", f":25::{port}")
        text = WORLD.run(*where, "-v", format_="text").stdout
        for part in ("220 mx.example.com ESMTP Postfix", "TLSv1.3", "-> EHLO client.example.net", "<- 221 2.0.0 Bye", "CN=Test Authority"):
            self.assertIn(part, text)
        self.assertNotIn("EHLO client", WORLD.run(*where, format_="text").stdout)
        self.assertIn("인증서", WORLD.run(*where, "--lang", "ko", format_="text").stdout)
        line = WORLD.run(*where, format_="nagios").stdout
        self.assertTrue(line.startswith("MAILDIAG SMTPCHECK OK - "), line)
        self.assertRegex(line, r"\btime=\d+\.\d+s")
        metrics = WORLD.run(*where, format_="prometheus").stdout
        self.assertIn(f'maildiag_certificate_end_time_seconds{{command="smtpcheck",target="{HOST}[127.0.0.1]:25"}}', metrics)


class EximTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        reason = skip_reason("exim4")
        if reason:
            raise unittest.SkipTest(reason)
        chain, key = WORLD.ca.issue(HOST)
        os.chmod(key, 0o644)  # Exim reads it as its own user
        here = "condition = ${if eq{$received_port}{PORT}}"
        cls.exim = Exim({
            "good": f"  accept {here}",
            "pause": f"  accept {here}\n         delay = 2s",
            "tarpit": f"  accept {here}\n         delay = 1s\n         set acl_c_slow = 1",
            "deny": f"  deny {here}\n       message = blocked - see https://www.spamhaus.org/query/ip/127.0.0.1",
            "defer": f"  defer {here}\n        message = try again later",
        }, options=f"tls_advertise_hosts = *\ntls_certificate = {chain}\ntls_privatekey = {key}\nmessage_size_limit = 20M").__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.exim.stop()
        log = cls.exim.log()
        assert "closed by QUIT" in log, log
        # One of the tests does not wait for the greeting, and before it nothing may be sent.
        assert "DATA" not in log and log.count("] lost ") == 1, log

    def test_certificate_and_size(self):
        report = WORLD.check(self.exim.port("good"), wanted=0)
        self.assertEqual(ids(report), ["ready", "names-agree", "tls", "certificate-ok"])
        self.assertEqual(report["result"]["size"], 20 << 20)
        self.assertIn("relay-refused", ids(WORLD.check(self.exim.port("good"), "--relay-test=a@example.net,b@example.org")))

    def test_greet_pause_and_tarpit_are_waited_out(self):
        report = WORLD.check(self.exim.port("pause"), wanted=0)
        self.assertGreaterEqual(report["result"]["banner_ms"], 1000)  # of two seconds
        report = WORLD.check(self.exim.port("tarpit"), wanted=0)
        self.assertEqual(ids(report)[-1], "certificate-ok")
        self.assertGreaterEqual(report["result"]["total_ms"], 2000)  # of three: the greeting, and EHLO twice

    def test_a_pause_that_is_too_long_is_unknown_and_one_finding(self):
        report = WORLD.check(self.exim.port("pause"), "--greeting-timeout", "1", wanted=3)
        self.assertEqual(ids(report), ["silent"])

    def test_refusals(self):
        report = WORLD.check(self.exim.port("deny"), wanted=2)
        self.assertEqual((ids(report), report["result"]["code"]), (["rejected"], 550))
        self.assertEqual(report["result"]["cause"]["cause"], "dnsbl-listed")
        report = WORLD.check(self.exim.port("defer"), wanted=1)
        self.assertEqual((ids(report), report["result"]["code"]), (["deferred"], 451))


class OpenSmtpdTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        reason = skip_reason("smtpd")
        if reason:
            raise unittest.SkipTest(reason)
        ca = WORLD.ca
        cls.smtpd = OpenSmtpd({"plain": "", "tls": f"tls pki {HOST}", "implicit": f"smtps pki {HOST}",
                               "expired": "tls pki expired.example.com"},
                              {HOST: ca.issue(HOST, rsa=True), "expired.example.com": ca.issue(HOST, days=-2, rsa=True)}).__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.smtpd.stop()
        log = cls.smtpd.log()
        assert "disconnected reason=quit" in log, log
        assert " smtp message " not in log and "DATA" not in log, log

    def test_plain(self):
        self.assertEqual(ids(WORLD.check(self.smtpd.port("plain"), wanted=1)), ["ready", "names-agree", "no-starttls"])
        # "Invalid recipient" is what it says of mailboxes that do not exist, too.
        self.assertIn("relay-undecided", ids(WORLD.check(self.smtpd.port("plain"), "--relay-test=a@example.net,b@good.test")))
        self.assertIn("relay-refused", ids(WORLD.check(self.smtpd.port("plain"), "--relay-test", wanted=1)))

    def openssl_can(self, service, *arguments):
        where = ["openssl", "s_client", "-connect", f"127.0.0.1:{self.smtpd.port(service)}", *arguments]
        done = subprocess.run(where, input=b"QUIT\r\n", capture_output=True, timeout=30)
        return b"Cipher is (NONE)" not in done.stdout and b"alert" not in done.stderr

    def test_tls_as_openssl_sees_it(self):
        """The OpenSMTPD of Debian 12 fails every handshake with today's OpenSSL 3: then the finding has to be that."""
        for service, good in (("tls", "certificate-ok"), ("expired", "certificate-expired")):
            wanted = good if self.openssl_can(service, "-starttls", "smtp") else "handshake-failed"
            self.assertEqual(ids(WORLD.check(self.smtpd.port(service)))[-1], wanted)
        wanted = "certificate-ok" if self.openssl_can("implicit") else "no-implicit-tls"
        self.assertEqual(ids(WORLD.check(self.smtpd.port("implicit"), name=f"{HOST}:465"))[-1], wanted)


class OtherTest(unittest.TestCase):
    """What needs no mail server."""

    def test_names_without_a_server(self):
        for name, expected, status in (("null.example.com", "recipient-domain.null-mx", 2),
                                       ("empty.example.com", "recipient-domain.unresolvable", 2),
                                       ("empty.example.com:25", "smtp.host-unresolvable", 2)):
            done = WORLD.run(name)
            self.assertEqual([finding["id"] for finding in json.loads(done.stdout)["findings"]], [expected])
            self.assertEqual(done.returncode, status)

    def test_with_answers_from_files_nothing_is_connected_to_unasked(self):
        done = WORLD.run("example.com")
        self.assertEqual(ids(json.loads(done.stdout)), ["untried"])
        self.assertEqual(done.returncode, 3)

    def test_a_port_that_nobody_listens_on(self):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            self.assertEqual(ids(WORLD.check(closed.getsockname()[1], wanted=2)), ["refused"])

    def test_another_protocol(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            def answer():
                connection, _ = server.accept()
                with connection:
                    connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
                    connection.recv(100)
            threading.Thread(target=answer, daemon=True).start()
            report = WORLD.check(server.getsockname()[1], wanted=2)
        self.assertEqual(ids(report), ["not-smtp"])
        self.assertEqual(report["result"]["banner"], "SSH-2.0-OpenSSH_9.2")

    def test_usage(self):
        for arguments in (["example.com:99999"], ["a b"], ["example.com", "--port", "0"], ["example.com", "--relay-test=x"],
                          ["example.com", "--relay-test=a@b,c@d>\r\nDATA"], ["example.com", "--greeting-timeout", "0"], []):
            self.assertEqual(WORLD.run(*arguments).returncode, 64, arguments)


if __name__ == "__main__":
    outcome = unittest.main(argv=sys.argv[:1], exit=False, verbosity=1).result
    for _, reason in outcome.skipped:
        print(f"SKIPPED: {reason}", file=sys.stderr)
    if not outcome.wasSuccessful():
        sys.exit(1)
    sys.exit(SKIPPED if len(outcome.skipped) == 3 else 0)
