#!/usr/bin/env python3
"""What a watch looks at no more: `maildiag watch history` tells how it stood, and not that it stands so now.

    watch_unwatched.py PROGRAM
"""

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PROGRAM = str(Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else "maildiag"
OLD, NEW, OTHER = "11.0.2.1", "11.0.2.9", "11.0.2.77"
ZONE = """$TTL 60
. SOA ns.example. root.example. 1 3600 600 86400 60
2.0.0.127.list.test. A 127.0.0.2
1.2.0.11.list.test. A 127.0.0.3
2.0.0.127.other.test. A 127.0.0.2
example.org. A {address}
example.org. MX 10 mail.example.org.
mail.example.org. A {address}
"""


def make_older(database, version):
    """As a version of the history before 5 had its tables."""
    columns = ("target, kind, subject, bad, severity, value, since, told_at, unknown_since, next_bad, next_severity, next_value, next_since, "
               "next_runs") + (", plan, unwatched" if version >= 4 else "")
    key = "PRIMARY KEY (target, kind, subject)"
    database.executescript(f"CREATE TABLE older ({columns}, {key}) WITHOUT ROWID; INSERT INTO older SELECT {columns} FROM item; DROP TABLE item; "
                           f"ALTER TABLE older RENAME TO item; ALTER TABLE event DROP COLUMN fault; PRAGMA user_version = {version}")


class Unwatched(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.state, self.targets = self.folder / "watch.db", self.folder / "watch.toml"
        self.environment = {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "LC_ALL": "C.UTF-8"}
        self.environment.update({key: value for key, value in os.environ.items() if key.endswith("SAN_OPTIONS")})
        self.zones = {}
        for address in (OLD, NEW):
            self.zones[address] = self.folder / address
            self.zones[address].write_text(ZONE.format(address=address))
        self.write_targets("example.org")

    def write_targets(self, name, lists='"list.test", "other.test"', checks='"dnsbl"'):
        """A second target is always answered: what is not is no fault of the resolver."""
        both = ((name, checks, lists), (NEW, '"dnsbl"', '"other.test"'))
        tables = [f'[[target]]\nname = "{name}"\nchecks = [{checks}]\nlists = [{lists}]\n' for name, checks, lists in both]
        self.targets.write_text("quorum = 0.1\n" + "".join(tables))

    def run_program(self, *arguments, status=None):
        done = subprocess.run([PROGRAM, *map(str, arguments), "--state", str(self.state)], capture_output=True, text=True, timeout=120,
                              env=self.environment, cwd=self.folder)
        if status is not None:
            self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout

    def watch(self, address, *arguments, status=None, targets=True):
        named = ["--targets", self.targets] if targets else []
        return self.run_program("watch", *named, *arguments, "--zone", self.zones[address], status=status)

    def history(self, status):
        """(what is not in order now, what was not when nobody looked any more), as "target subject"."""
        report = json.loads(self.run_program("watch", "history", "--format", "json", status=status))
        return tuple([f'{item["target"]} {item["subject"]}' for item in report["result"][key]] for key in ("current", "unwatched"))

    def assert_watched(self):
        self.assertEqual(self.history(2), ([f"{OLD} list.test"], []))

    def assert_unwatched(self):
        self.assertEqual(self.history(0), ([], [f"{OLD} list.test"]))

    def test_an_address_that_a_name_has_no_more(self):
        self.watch(OLD, status=2)
        self.assert_watched()
        self.assertEqual(self.watch(NEW, status=0), "")  # nobody said that it was delisted
        self.assert_unwatched()
        text = self.run_program("watch", "history", status=0)
        self.assertNotIn("Not in order now", text)
        self.assertIn("no longer watched", text)
        self.assertIn(OLD, self.run_program("watch", "history", "--format", "html"))
        self.assertEqual(self.watch(OLD, status=0), "")  # it is as it was told
        self.assert_watched()

    def test_no_answer_is_no_farewell(self):
        record = self.folder / "record"
        self.watch(OLD, "--record", record, status=2)
        lines = record.read_text().splitlines(keepends=True)
        for gone in ('"example.org","type":"A"', '"example.org","type":"AAAA"'):
            with self.subTest(gone=gone):
                self.assertTrue(any(gone in line.replace(" ", "") for line in lines), lines[0])
                record.write_text("".join(line for line in lines if gone not in line.replace(" ", "")))
                self.run_program("watch", "--targets", self.targets, "--replay", record)
                self.assert_watched()
        self.watch(NEW)
        self.assert_unwatched()

    def test_other_plans_say_nothing(self):
        self.watch(OLD, status=2)
        self.watch(NEW, OTHER, targets=False)
        self.watch(NEW, "example.org", targets=False)
        # By hand with other lists: the file's own are still the file's.
        self.watch(OLD, OLD, targets=False)
        elsewhere = self.folder / "elsewhere.toml"
        elsewhere.write_text(f'[[target]]\nname = "{OTHER}"\n')
        self.run_program("watch", "--targets", elsewhere, "--zone", self.zones[NEW])
        self.assertIn(f"{OLD} list.test", self.history(2)[0])
        # The file by another name of it.
        self.run_program("watch", "--targets", "./watch.toml", "--zone", self.zones[NEW])
        self.assertNotIn(f"{OLD} list.test", self.history(None)[0])

    def test_a_list_and_a_target_that_are_dropped(self):
        for change in ({"name": OLD, "lists": '"other.test"'}, {"name": OTHER}, {"name": OLD, "checks": '"ptr"'}):
            with self.subTest(change=change):
                self.write_targets(OLD)
                self.watch(OLD)
                self.assertIn(f"{OLD} list.test", self.history(2)[0])
                self.write_targets(**change)
                self.watch(OLD)
                self.assertNotIn(f"{OLD} list.test", self.history(None)[0])

    def test_servers_that_are_not_known_now(self):
        """The host of a domain whose exchangers nobody could tell."""
        self.write_targets("example.org", checks='"dnsbl", "smtp"')
        record = self.folder / "record"
        self.watch(OLD, "--record", record)
        lines = record.read_text().splitlines(keepends=True)
        record.write_text("".join(line for line in lines if '"MX"' not in line))
        self.write_targets("example.org", checks='"smtp"')
        self.run_program("watch", "--targets", self.targets, "--replay", record)
        self.assertIn(f"{OLD} list.test", self.history(2)[0])
        self.watch(NEW)
        self.assertNotIn(f"{OLD} list.test", self.history(None)[0])

    def test_an_old_history(self):
        """Written before items had plans: it is read, and learns of them."""
        self.watch(OLD, status=2)
        with contextlib.closing(sqlite3.connect(self.state)) as database, database:
            make_older(database, 3)
        self.assert_watched()
        self.watch(OLD, "--dry-run", status=0)
        self.watch(OLD, status=0)
        self.watch(NEW, status=0)
        self.assert_unwatched()

    def test_what_an_old_history_called_good_unseen(self):
        """Whether a name has addresses was written down before it was looked at: it did not get worse since."""
        self.write_targets("nobody.example")
        self.watch(OLD, status=1)
        with contextlib.closing(sqlite3.connect(self.state)) as database, database:
            database.execute("DELETE FROM item WHERE fault <> ''")
            database.execute("UPDATE item SET bad = 0, severity = 0 WHERE kind = 'addresses'")
            make_older(database, 4)
        for arguments in (("--dry-run",), ()):
            report = json.loads(self.watch(OLD, "--format", "json", *arguments, status=1))
            self.assertEqual([finding["id"] for finding in report["findings"]], ["watch.found-fault"])
        self.assertEqual(self.watch(OLD, status=0), "")

    def test_prune_forgets_them(self):
        self.watch(OLD, status=2)
        self.watch(NEW, status=0)
        with contextlib.closing(sqlite3.connect(self.state)) as database, database:
            database.execute("UPDATE item SET unwatched = unwatched - 86400 * 8 WHERE unwatched <> 0")
        self.run_program("watch", "prune", "--keep", "9d", status=0)
        self.assert_unwatched()
        self.run_program("watch", "prune", "--keep", "7d", status=0)
        self.assertEqual(self.history(0), ([], []))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
