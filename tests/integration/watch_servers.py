#!/usr/bin/env python3
"""`maildiag watch` of mail servers: what is said of a domain without any is taken back; one fault does not hide the next.

    watch_servers.py PROGRAM
"""

import contextlib
import json
import sqlite3
import subprocess
import sys
import tempfile
import unittest
import unittest.mock
from pathlib import Path

PROGRAM = sys.argv[1] if len(sys.argv) > 1 else "maildiag"
SOA = "$TTL 60\n$ORIGIN mail.test.\n@ IN SOA ns root 1 3600 600 86400 60\n"
NO_HOST = SOA + "@ IN MX 10 gone\n"
TWO_HOSTS = SOA + "@ IN MX 10 one\n@ IN MX 20 two\n"
NAMES = "$TTL 60\n$ORIGIN in-addr.arpa.\n@ IN SOA ns root 1 3600 600 86400 60\n8.8.8.8 PTR one.mail.test.\n9.9.9.9 PTR two.mail.test.\n"
ONE_HOST = SOA + "@ IN MX 10 mx\nmx IN A 192.0.2.25\n"


class NoMailServer(unittest.TestCase):
    def setUp(self):
        self.directory = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="maildiag-watch-servers-")))

    def findings(self, zone, checks, *more):
        """What one run told; no connection is made, as DNS is a file."""
        (self.directory / "zone").write_text(zone)
        (self.directory / "names").write_text(NAMES)
        (self.directory / "watch.toml").write_text(f'[[target]]\nname = "mail.test"\nchecks = {json.dumps(checks)}\n')
        done = subprocess.run([PROGRAM, "watch", "--state", self.directory / f"{checks[0]}.db", "--targets", self.directory / "watch.toml",
                               "--zone", self.directory / "zone", "--zone", self.directory / "names", "--format", "json", "--lang", "en", *more], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.stderr, "")
        reports = [json.loads(line) for line in done.stdout.splitlines()]
        return [finding for report in reports for finding in report["findings"]]

    def watch(self, zone, checks):
        return [(finding["id"], finding["subject"]) for finding in self.findings(zone, checks)]

    def test_a_domain_comes_back(self):
        for checks in (["smtp"], ["tls"], ["tls", "smtp"]):
            with self.subTest(checks):
                (self.directory / f"{checks[0]}.db").unlink(missing_ok=True)
                self.assertEqual(self.watch(ONE_HOST, checks), [("watch.baseline", "")])
                self.assertEqual(self.watch(NO_HOST, checks), [("watch.got-worse", "mail.test")])
                self.assertEqual(self.watch(NO_HOST, checks), [])
                self.assertEqual(self.watch(ONE_HOST, checks), [("watch.fault-gone", "mail.test")])
                self.assertEqual(self.watch(ONE_HOST, checks), [])

    def test_what_is_said(self):
        for zone in (ONE_HOST, NO_HOST):
            self.watch(zone, ["smtp"])
        titles = [finding["title"] for finding in self.findings(ONE_HOST, ["smtp"])]
        self.assertEqual(titles, ["mail.test, smtp, no longer so: The recipient's domain mail.test does not resolve to a mail host"])

    def test_a_second_fault_as_bad_as_the_first(self):
        one, two = "one IN A 8.8.8.8\n", "two IN A 9.9.9.9\n"

        def told(zone):
            return [(finding["id"], finding["data"]["about"]) for finding in self.findings(zone, ["mx"])[-1:]]

        dead = "The exchanger {}.mail.test of mail.test has no address"
        self.assertEqual(told(TWO_HOSTS + two), [("watch.found-fault", dead.format("one"))])
        self.assertEqual(told(TWO_HOSTS + two), [])
        self.assertEqual(told(TWO_HOSTS), [("watch.got-worse", dead.format("two"))])
        self.assertEqual(told(TWO_HOSTS), [])
        self.assertEqual(told(TWO_HOSTS + one), [("watch.fault-gone", dead.format("one"))])
        self.assertEqual(told(TWO_HOSTS + one + two), [("watch.fault-gone", dead.format("two"))])

    def test_the_other_kind_of_address(self):
        host = SOA + "@ IN MX 10 one\none IN A 8.8.8.8\none IN AAAA 2001:4860::8\n"

        def told(names):
            (self.directory / "names6").write_text("$TTL 60\n$ORIGIN ip6.arpa.\n@ IN SOA ns root 1 3600 600 86400 60\n")
            with unittest.mock.patch(f"{__name__}.NAMES", names):
                findings = self.findings(host, ["mx"], "--zone", self.directory / "names6")
            return [finding["data"]["about"] for finding in findings if finding["id"] != "watch.baseline"]

        missing = "{} of the exchanger one.mail.test has no PTR record"
        self.assertEqual(told(NAMES), [missing.format("2001:4860::8")])
        self.assertEqual(told(NAMES), [])
        self.assertEqual(told(NAMES.replace("8.8.8.8 PTR one.mail.test.\n", "")), [missing.format("8.8.8.8")])

    def test_a_name_that_nobody_tells_for_a_day(self):
        host = TWO_HOSTS + "one IN A 8.8.8.8\ntwo IN A 9.9.9.9\n"

        def told(*addresses):
            names = [f"$ORIGIN {each}.in-addr.arpa.\n$TTL 60\n@ IN SOA ns root 1 3600 600 86400 60\n@ PTR {name}.mail.test.\n" for each, name in addresses]
            with unittest.mock.patch(f"{__name__}.NAMES", "".join(names)):
                return [(each["id"], each["severity"], each["data"]["about"]) for each in self.findings(host, ["mx"]) if each["id"] != "watch.baseline"]

        one, two, elsewhere = ("8.8.8.8", "one"), ("9.9.9.9", "two"), ("9.9.9.9", "one")
        silent = ("watch.got-worse", "unknown", "The reverse DNS of 8.8.8.8 (exchanger one.mail.test) could not be determined")
        wrong = ("watch.got-worse", "warning", "9.9.9.9 of the exchanger two.mail.test has the name one.mail.test, which does not lead back to it")
        self.assertEqual(told(two), [])
        self.assertEqual(told(two), [])
        with contextlib.closing(sqlite3.connect(self.directory / "mx.db")) as history, history:
            history.execute("UPDATE item SET unknown_since = unknown_since - 86400 WHERE unknown_since <> 0")
        self.assertEqual(told(two), [silent])
        self.assertEqual(told(elsewhere), [wrong])
        self.assertEqual(told(two), [("watch.fault-gone", "ok", wrong[2])])
        self.assertEqual(told(one, two), [("watch.fault-gone", "ok", silent[2])])


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
