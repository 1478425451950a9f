#!/usr/bin/env python3
"""`maildiag watch` says the same in every format: what was not answered is unknown and never in order, what is named twice is
looked at with all that is asked for, and a run that only tells how things stand leaves the changes to one that tells them.

    watch_standing.py PROGRAM
"""

import contextlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

PROGRAM = str(Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else "maildiag"
LISTED, CLEAN = "11.0.2.1", "11.0.2.9"
ZONE = """$TTL 60
test. SOA ns.test. root.test. 1 3600 600 86400 60
2.0.0.127.list.test. A 127.0.0.2
1.2.0.11.list.test. A 127.0.0.2
2.0.0.127.other.test. A 127.0.0.2
host.test. A 11.0.2.9
"""
RECORD = "$TTL 60\nexample.org. SOA ns.example.org. root.example.org. 1 3600 600 86400 60\nexample.org. TXT \"v=spf1 -all\"\n"
GOOD = {"name": CLEAN, "checks": ["dnsbl"], "lists": ["list.test"]}


class Standing(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.state, self.targets = self.folder / "watch.db", self.folder / "watch.toml"
        self.zone, self.record = self.folder / "zone", self.folder / "record"
        self.zone.write_text(ZONE)
        self.record.write_text(RECORD)
        self.environment = {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "LC_ALL": "C.UTF-8"}
        self.environment.update({key: value for key, value in os.environ.items() if key.endswith("SAN_OPTIONS")})

    def write_targets(self, *targets, more=""):
        tables = ["[[target]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in target.items()) for target in targets]
        self.targets.write_text(more + "".join(tables))

    def run_program(self, *arguments, status=None):
        done = subprocess.run([PROGRAM, *map(str, arguments), "--state", str(self.state)], capture_output=True, text=True, timeout=120,
                              env=self.environment, cwd=self.folder)
        if status is not None:
            self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done

    def watch(self, *arguments, zones=None, status=None):
        files = [word for zone in zones or [self.zone] for word in ("--zone", zone)]
        return self.run_program("watch", "--targets", self.targets, *files, *arguments, status=status).stdout

    def standing(self, status, **kwargs):
        """{target: status} of a run by the formats of monitoring systems, which agree with each other and their exit status."""
        word = ["OK", "WARNING", "CRITICAL", "UNKNOWN"][status]
        line = self.watch("--format", "nagios", status=status, **kwargs)
        self.assertRegex(line, rf"\AMAILDIAG WATCH {word} - [^|]+ \| targets=\d+;[^\n]*\n\Z")
        metrics = self.watch("--format", "prometheus", status=status, **kwargs)
        found = {target: int(value) for target, value in re.findall(r'^maildiag_status\{command="watch",target="(.*)"\} (\d)$', metrics, re.M)}
        self.assertEqual(max(found.values(), key=[0, 1, 3, 2].index), status, metrics)
        counts = dict(re.findall(r" (critical|warning|unknown)=(\d+);", line))
        self.assertEqual([list(found.values()).count(value) for value in (1, 2, 3)],
                         [int(counts[name]) for name in ("warning", "critical", "unknown")], line)
        return found

    def told(self, status, *arguments, **kwargs):
        """[(finding, check, severity), ...] of what a run told."""
        lines = self.watch("--format", "json", *arguments, status=status, **kwargs).splitlines()
        return [(finding["id"], finding["data"]["check"], finding["severity"]) for line in lines for finding in json.loads(line)["findings"]]

    def change_history(self, statement):
        with contextlib.closing(sqlite3.connect(self.state)) as database, database:
            database.execute(statement)

    def test_a_name_that_nobody_answers_about(self):
        """Too little is answered to judge: the run says so, and the target is unknown."""
        for checks in ({"checks": ["ptr"]}, {"checks": ["dnsbl"], "lists": ["list.test"]}):
            with self.subTest(checks):
                self.state.unlink(missing_ok=True)
                self.write_targets({"name": "mail.ghost.example", **checks})
                found = self.standing(3)
                self.assertEqual(found.pop("mail.ghost.example"), 3)
                self.assertEqual(list(found.values()), [3])  # the host that cannot judge
                self.assertIn(("watch.resolver-trouble", "resolver", "unknown"), self.told(3))
                self.assertEqual(self.told(3), [])

    def test_one_of_many_that_nobody_answers_about(self):
        self.write_targets(*[{**GOOD, "name": f"11.0.2.{number}"} for number in range(8, 16)],
                           {"name": "mail.ghost.example", "checks": ["dnsbl"], "lists": ["list.test"]})
        found = self.standing(3)
        self.assertEqual((len(found), found["mail.ghost.example"], sum(found.values())), (9, 3, 3))
        self.assertEqual([word[0] for word in self.told(0)], ["watch.baseline"])
        self.change_history("UPDATE item SET unknown_since = unknown_since - 86400 WHERE unknown_since > 0")
        self.assertEqual(self.told(3), [("watch.got-worse", "addresses", "unknown")])
        self.assertEqual(self.told(0), [])
        self.record.write_text(RECORD.replace("example.org", "ghost.example") + "mail.ghost.example. A 11.0.2.8\n")
        self.assertEqual(self.told(0, zones=[self.zone, self.record]), [("watch.check-answered", "addresses", "ok")])

    def test_a_name_without_an_address(self):
        self.write_targets({"name": "none.host.test", "checks": ["dnsbl"], "lists": ["list.test"]}, GOOD)
        self.assertEqual(self.standing(1), {"none.host.test": 1, CLEAN: 0})
        self.assertEqual(self.told(1), [("watch.baseline", "watch", "ok"), ("watch.found-fault", "addresses", "warning")])
        self.write_targets({"name": "none.host.test", "checks": ["ptr"]}, GOOD)
        self.assertEqual(self.standing(1)["none.host.test"], 1)
        # Where lists of domains are asked about it, it is watched all the same.
        self.zone.write_text(ZONE + "test.domains.test. A 127.0.0.2\n")
        self.write_targets({"name": "none.host.test", "checks": ["dnsbl"], "lists": ["list.test", "domains.test"]}, GOOD)
        self.assertEqual(self.standing(0)["none.host.test"], 0)

    def test_a_name_with_an_address_that_its_lists_do_not_serve(self):
        self.zone.write_text(ZONE + "both.test. A 11.0.2.9\nboth.test. AAAA 2001:db8::9\nsix.test. AAAA 2001:db8::9\n")
        self.record.write_text("$TTL 60\nspamcop.net. SOA ns.test. root.test. 1 3600 600 86400 60\n2.0.0.127.bl.spamcop.net. A 127.0.0.2\n")
        zones = [self.zone, self.record]
        lists = {"checks": ["dnsbl"], "lists": ["bl.spamcop.net"]}  # of IPv4 alone
        self.write_targets({"name": "both.test", **lists})
        self.assertEqual(self.standing(0, zones=zones), {"both.test": 0, CLEAN: 0})
        self.write_targets({"name": "both.test", **lists}, {"name": "six.test", **lists})
        self.assertEqual(self.standing(3, zones=zones)["2001:db8::9"], 3)

    def test_certificates_of_a_server_that_was_not_reached(self):
        self.write_targets({"name": CLEAN, "checks": ["tls"]})
        self.assertEqual(self.standing(3), {CLEAN: 3})

    def test_a_record_that_is_not_answered_for_weeks(self):
        spf = {"name": "example.org", "checks": ["spf"]}
        self.write_targets(spf, *[{**GOOD, "name": f"11.0.2.{number}"} for number in range(8, 16)])
        self.watch(zones=[self.zone, self.record], status=0)
        self.assertEqual(self.told(0), [])
        self.assertEqual(self.standing(3)["example.org"], 3)
        self.change_history("UPDATE item SET unknown_since = unknown_since - 86400 WHERE unknown_since > 0")
        self.assertEqual(self.told(3), [("watch.got-worse", "spf", "unknown")])
        self.assertEqual(self.told(0), [])
        self.assertEqual(self.told(0, zones=[self.zone, self.record]), [("watch.check-answered", "spf", "ok")])

    def test_targets_that_are_named_twice(self):
        both = [{**GOOD, "name": LISTED, "lists": [zone]} for zone in ("other.test", "list.test")]
        for order in (both, both[::-1], [{"name": LISTED, "checks": ["dnsbl"]}, both[1]], [both[1], {"name": LISTED, "checks": ["dnsbl"]}]):
            with self.subTest(order):
                self.state.unlink(missing_ok=True)
                self.write_targets(*order)
                self.environment["MAILDIAG_DNSBL_LISTS"] = "other.test"
                metrics = self.watch("--format", "prometheus", status=2)
                self.assertEqual(sorted(re.findall(r'_answered\{.*zone="(.*)"\} 1', metrics)), ["list.test", "other.test"])

    def test_selectors_and_parts_of_targets_that_are_named_twice(self):
        self.write_targets({"name": "host.test", "checks": ["dkim"], "selectors": ["s1"]}, {"name": LISTED, "checks": ["smtp"]},
                           {"name": "host.test", "checks": ["dkim"], "selectors": ["s2"]}, {"name": LISTED, "checks": ["tls"]})
        self.assertEqual([word[1] for word in self.told(2)], ["watch", "dkim s1", "dkim s2"])
        with contextlib.closing(sqlite3.connect(self.state)) as database:
            kinds = database.execute("SELECT kind FROM item WHERE target = ? ORDER BY kind", (LISTED,)).fetchall()
        self.assertEqual(kinds, [("smtp",), ("tls",)])

    def test_how_it_stands_leaves_what_changed_to_be_told(self):
        self.write_targets({**GOOD, "name": LISTED})
        self.zone.write_text(ZONE.replace("1.2.0.11.list.test. A 127.0.0.2\n", ""))
        self.watch(status=0)
        self.zone.write_text(ZONE)
        self.assertEqual(self.standing(2), {LISTED: 2})
        self.assertIn("NEWLY LISTED", self.watch(status=2))
        self.assertEqual(self.watch(status=0), "")

    def test_what_is_told_once_is_not_kept_back(self):
        for more in ([], ["--format", "json"]):
            with self.subTest(more):
                self.state.unlink(missing_ok=True)
                self.write_targets({**GOOD, "name": LISTED})
                self.watch("-q", *more, status=2)
                self.zone.write_text(ZONE.replace("1.2.0.11.list.test. A 127.0.0.2\n", ""))
                self.assertRegex(self.watch("-q", *more, status=0), r"DELISTED|watch\.delisted")
                self.assertEqual(self.watch("-q", *more, status=0), "")
                self.zone.write_text(ZONE)

    def test_a_pipe_that_nobody_reads(self):
        self.write_targets({**GOOD, "name": LISTED})
        words = [PROGRAM, "watch", "--targets", self.targets, "--zone", self.zone, "--state", self.state]
        for more, status in ([], 73), (["--format", "nagios"], 3):
            with self.subTest(more):
                reader, writer = os.pipe()
                os.close(reader)
                done = subprocess.run([*map(str, words), *more], stdout=writer, stderr=subprocess.PIPE, text=True, timeout=60,
                                      env=self.environment)
                os.close(writer)
                self.assertEqual((done.returncode, done.stderr), (status, "maildiag: standard output: Broken pipe\n"))
        self.assertIn(LISTED, self.watch(status=2))  # it was not told

    def test_the_process_that_tells_is_killed(self):
        self.write_targets({**GOOD, "name": LISTED})
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        with contextlib.suppress(BlockingIOError):
            while os.write(writer, b"x" * 4096):
                pass
        os.set_blocking(writer, True)
        words = [PROGRAM, "watch", "--targets", self.targets, "--zone", self.zone, "--state", self.state]
        with subprocess.Popen(list(map(str, words)), stdout=writer, stderr=subprocess.PIPE, text=True, env=self.environment) as process:
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
            while process.poll() is None and not (found := children.read_text().split()):
                time.sleep(0.01)
            os.kill(int(found[0]), signal.SIGKILL)
            self.assertIn("(Killed); what it did not tell the next run does", process.stderr.read())
        self.assertEqual(process.returncode, 70)
        os.close(reader)
        os.close(writer)
        self.assertIn(LISTED, self.watch(status=2))

    def test_prune_forgets_nothing_that_is_watched(self):
        self.write_targets({**GOOD, "name": LISTED})
        self.watch(status=2)
        self.change_history("UPDATE run SET time = 1")
        self.run_program("watch", "prune", "--keep", "1d", status=0)
        self.zone.write_text(ZONE.replace("1.2.0.11.list.test. A 127.0.0.2\n", ""))
        self.assertEqual([word[0] for word in self.told(0)], ["watch.delisted"])

    def test_prune_with_a_span_that_is_for_ever(self):
        self.write_targets(GOOD, more='keep = "0"\n')
        self.watch(status=0)
        before = self.run_program("watch", "history", "--format", "json", status=0).stdout
        for span in ("0", "0d"):
            self.assertIn("for ever", self.run_program("watch", "prune", "--keep", span, status=64).stderr)
        after = self.run_program("watch", "history", "--format", "json", status=0).stdout
        self.assertEqual(*[json.loads(text)["result"]["events"] for text in (before, after)])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
