#!/usr/bin/env python3
"""`maildiag watch` for who may read its history and not write it.

    watch_readers.py PROGRAM
"""

import os
import sqlite3
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PROGRAM = sys.argv[1] if len(sys.argv) > 1 else "maildiag"
ADDRESS = "203.0.113.7"
ZONE = "$TTL 60\nexample. IN SOA ns root 1 3600 600 86400 60\n2.0.0.127.a.example. IN A 127.0.0.2\n"


class Readers(unittest.TestCase):
    def setUp(self):
        self.directory = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="maildiag-watch-readers-")))
        self.directory.chmod(0o755)
        self.state = self.directory / "state" / "watch.db"
        self.zone, self.targets = self.directory / "zone", self.directory / "watch.toml"
        self.zone.write_text(ZONE)
        self.targets.write_text(f'[[target]]\nname = "{ADDRESS}"\nchecks = ["dnsbl"]\nlists = ["a.example"]\n')
        self.addCleanup((self.directory / "state").chmod, 0o755)
        self.run_program([PROGRAM], self.looking(), status=0)
        for file in self.state.parent.iterdir():
            file.chmod(0o444)
        self.state.parent.chmod(0o555)
        self.counts = self.directory / "counts"  # of lines (gcov); another user may not write to those in the build directory
        self.counts.mkdir()
        self.counts.chmod(0o777)

    def looking(self, *more):
        return ["--zone", self.zone, "--targets", self.targets, *more]

    def run_program(self, program, arguments, status, **environment):
        done = subprocess.run([*program, "watch", *arguments, "--state", self.state, "--lang", "en"], capture_output=True, text=True,
                              timeout=60, env={**os.environ, "HOME": "/nonexistent", **environment})
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done

    def reader(self):
        """How the program is run by one who may not write: by another user, as root writes anywhere."""
        if os.geteuid() != 0:
            return [PROGRAM]
        # Another user needs no more of the build directory than its library, which is open already.
        program = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", PROGRAM]
        if subprocess.run([*program, "--version"], capture_output=True).returncode != 0:
            self.skipTest("no other user can run the program")
        return program

    def read_all(self):
        for arguments in (["history"], ["history", ADDRESS, "--format", "json"], self.looking("--dry-run")):
            with self.subTest(arguments):
                done = self.run_program(self.reader(), arguments, status=0, GCOV_PREFIX=str(self.counts))
                self.assertEqual(done.stderr, "")
                if "history" in arguments:
                    self.assertIn(ADDRESS if "json" in arguments else "First run", done.stdout)

    def test_a_run_is_refused(self):
        before = self.state.read_bytes()
        for state in (self.state, Path("/proc/maildiag/watch.db")):
            self.state = state
            done = self.run_program(self.reader(), self.looking(), status=73, GCOV_PREFIX=str(self.counts))
            self.assertEqual(done.stdout, "")
            self.assertIn("--state", done.stderr)
        self.assertEqual((self.directory / "state" / "watch.db").read_bytes(), before)

    def test_between_the_runs(self):
        self.read_all()

    def test_while_a_run_writes(self):
        if os.geteuid() != 0:
            self.skipTest("needs root, who writes what others only read")
        writer = sqlite3.connect(self.state, isolation_level=None)
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("INSERT INTO meta VALUES ('other', 1)")
        self.read_all()
        writer.execute("ROLLBACK")
        writer.close()


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
