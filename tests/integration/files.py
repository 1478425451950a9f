#!/usr/bin/env python3
"""The files that maildiag makes: their modes whatever the umask is, and links that others put in their place.

    files.py PROGRAM
"""

import contextlib
import os
import resource
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PROGRAM = sys.argv[1] if len(sys.argv) > 1 else "maildiag"
ZONE = """$TTL 300
. SOA ns.example. admin.example. 1 3600 600 86400 300
. NS ns.example.
9.100.51.198.in-addr.arpa. PTR mx.example.
mx.example. A 198.51.100.9
2.0.0.127.list.example. A 127.0.0.2
"""
NOBODY = 65534


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


class Files(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        self.zone = self.folder / "zone"
        self.zone.write_text(ZONE)
        self.targets = self.folder / "watch.toml"
        self.targets.write_text('[[target]]\nname = "198.51.100.9"\nchecks = ["ptr"]\n')
        self.world = self.folder / "world"  # like /tmp
        self.world.mkdir()
        self.world.chmod(0o1777)
        self.victim = self.folder / "victim"
        self.victim.write_text("precious\n")

    def run_program(self, *arguments, umask=0o022, **more):
        return subprocess.run([PROGRAM, *map(str, arguments), "--zone", self.zone], capture_output=True, text=True, timeout=60, umask=umask,
                              env={"PATH": "/usr/bin:/bin", "HOME": str(self.folder / "home"), "LC_ALL": "C.UTF-8"}, **more)

    def plant(self, name, target=None):
        """A link of another user in the directory of everybody."""
        link = self.world / name
        link.symlink_to(target or self.victim)
        os.lchown(link, NOBODY, NOBODY)
        return link

    def test_history_and_lock(self):
        for umask in (0, 0o022, 0o077):
            with self.subTest(umask=oct(umask)):
                state = self.folder / f"made{umask}" / "below" / "watch.db"
                run = self.run_program("watch", "--targets", self.targets, "--state", state, umask=umask)
                self.assertEqual(run.returncode, 0, run.stderr)
                for path in state.parent.iterdir():
                    self.assertEqual(mode(path) & ~0o640, 0, path)
                self.assertEqual(mode(state), 0o640)
                for directory in (state.parent, state.parent.parent):
                    self.assertEqual(mode(directory), 0o750 & ~umask)

    def test_self_tests_of_lists(self):
        self.run_program("rblcheck", "198.51.100.9", "--list", "list.example", "--self-test", "always", umask=0)
        made = [path for path in (self.folder / "home").rglob("*")]
        for path in made:
            self.assertEqual(mode(path) & 0o027, 0, path)

    def test_output_gets_the_mode_of_the_process_and_keeps_that_of_its_own(self):
        output = self.folder / "out.json"
        for umask, expected in ((0o022, 0o644), (0o077, 0o600)):
            output.unlink(missing_ok=True)
            self.run_program("ptrcheck", "198.51.100.9", "--output", output, umask=umask)
            self.assertEqual(mode(output), expected)
        output.chmod(0o4664)
        self.run_program("ptrcheck", "198.51.100.9", "--output", output)
        self.assertEqual(mode(output), 0o664)
        self.assertEqual([path.name for path in self.folder.glob(".out*")], [])

    def test_half_of_the_output_replaces_nothing(self):
        def small_files():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))

        for folder in (self.folder, self.world):
            old = folder / "out.json"
            old.write_text("what was there\n")
            run = self.run_program("rules", "list", "--format", "json", "--output", old, preexec_fn=small_files)
            self.assertEqual(run.returncode, 73, run.stderr)
            self.assertEqual(run.stderr.count("File too large"), 1, run.stderr)
            self.assertEqual(old.read_text(), "what was there\n")
            self.assertEqual([each.name for each in folder.iterdir() if each.name.startswith(".out")], [])

    def test_a_link_of_ones_own_is_followed(self):
        link = self.world / "mine"
        link.symlink_to(self.victim)
        run = self.run_program("ptrcheck", "198.51.100.9", "--output", link)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertTrue(link.is_symlink())
        self.assertNotEqual(self.victim.read_text(), "precious\n")

    def test_a_chain_of_ones_own_is_followed_and_a_ring_is_told(self):
        (self.world / "last").symlink_to(self.victim)
        (self.folder / "first").symlink_to("world/last")
        run = self.run_program("ptrcheck", "198.51.100.9", "--output", self.folder / "first")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertNotEqual(self.victim.read_text(), "precious\n")
        for name, target in (("one", "two"), ("two", "one")):
            (self.folder / name).symlink_to(target)
        run = self.run_program("ptrcheck", "198.51.100.9", "--output", self.folder / "one")
        self.assertEqual(run.returncode, 73, run.stderr)
        self.assertIn("Too many levels", run.stderr)
        self.assertTrue((self.folder / "one").is_symlink())

    def test_closed_standard_streams(self):
        """A file that is opened later must not take their numbers: reports would be written into it."""
        recording = self.folder / "recording.jsonl"

        def run(close, *arguments):
            return subprocess.run(["sh", "-c", f'exec "$@" {close}', "sh", PROGRAM, *map(str, arguments), "--zone", self.zone],
                                  stdin=subprocess.PIPE, capture_output=True, text=True, timeout=60,
                                  env={"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "LC_ALL": "C.UTF-8"})
        done = run(">&-", "ptrcheck", "198.51.100.9", "--record", recording)
        self.assertEqual((done.returncode, done.stderr), (73, "maildiag: standard output: Bad file descriptor\n"))
        run(">&- 2>&-", "ptrcheck", "nonsense.", "192.0.2.300", "--record", recording)
        for line in recording.read_text().splitlines():
            self.assertTrue(line.startswith("{"), line)
        done = run("<&-", "rblcheck", "-f", "-", "--list", "list.example")
        self.assertEqual(done.returncode, 66, done.stderr)

    @unittest.skipUnless(os.geteuid() == 0, "only root makes files of others")
    def test_files_of_others_where_everybody_may_make_them(self):
        for name in ("recording", "history"):
            theirs = self.world / name
            theirs.write_text("")
            theirs.chmod(0o666)
            os.chown(theirs, NOBODY, NOBODY)
            option = "--record" if name == "recording" else "--state"
            command = ("ptrcheck", "198.51.100.9") if name == "recording" else ("watch", "--targets", self.targets)
            run = self.run_program(*command, option, theirs)
            self.assertEqual(run.returncode, 73, run.stderr)
            self.assertIn("another user put it into a directory of everybody's; name another", run.stderr)
            self.assertEqual(theirs.read_text(), "")
        run = self.run_program("ptrcheck", "198.51.100.9", "--record", self.plant("link"))
        self.assertEqual(run.returncode, 73, run.stderr)
        run = self.run_program("ptrcheck", "198.51.100.9", "--record", self.plant("new", self.folder / "made-by-link"))
        self.assertEqual(run.returncode, 73, run.stderr)
        self.assertFalse((self.folder / "made-by-link").exists())
        self.assertEqual(self.victim.read_text(), "precious\n")

    def test_a_history_that_is_no_file(self):
        os.mkfifo(self.folder / "pipe")
        for command in (("watch", "history"), ("watch", "--targets", self.targets)):
            run = self.run_program(*command, "--state", self.folder / "pipe")
            self.assertEqual(run.returncode, 73, run.stderr)
            self.assertIn("no regular file", run.stderr)

    def test_what_else_stands_in_a_history_does_not_run(self):
        state = self.folder / "watch.db"
        self.assertEqual(self.run_program("watch", "--targets", self.targets, "--state", state).returncode, 0)
        with contextlib.closing(sqlite3.connect(state)) as database, database:
            database.execute("CREATE TRIGGER forget AFTER INSERT ON run BEGIN DELETE FROM run; END")
            database.execute("CREATE VIEW endless AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n")
            database.execute("CREATE TRIGGER wait AFTER INSERT ON item BEGIN INSERT INTO meta SELECT 'x', count(*) FROM endless; END")
        self.assertEqual(self.run_program("watch", "--targets", self.targets, "--state", state).returncode, 0)
        with contextlib.closing(sqlite3.connect(state)) as database:
            self.assertEqual(database.execute("SELECT count(*) FROM run").fetchone(), (2,))

    @unittest.skipUnless(os.geteuid() == 0, "only root makes links of others")
    def test_links_of_others(self):
        for name in ("text", "prometheus"):
            run = self.run_program("ptrcheck", "198.51.100.9", "--format", name, "--output", self.plant(name))
            self.assertEqual(run.returncode, 73, run.stderr)
            self.assertIn("symbolic link", run.stderr)
        # A file that is not there yet would be made where the link leads.
        run = self.run_program("ptrcheck", "198.51.100.9", "--output", self.plant("new", self.folder / "made-by-link"))
        self.assertEqual(run.returncode, 73, run.stderr)
        self.assertFalse((self.folder / "made-by-link").exists())
        # A link of our own leads on to theirs, from elsewhere and by way of a relative one.
        self.plant("theirs")
        (self.world / "near").symlink_to("theirs")
        (self.folder / "far").symlink_to("world/near")
        for link in (self.world / "near", self.folder / "far"):
            run = self.run_program("ptrcheck", "198.51.100.9", "--output", link)
            self.assertEqual(run.returncode, 73, (link, run.stderr))
            self.assertIn("another user", run.stderr)
        for name in ("watch.db", "wal.db-wal", "shm.db-shm", "lock.db.lock"):
            self.plant(name)
            state = self.world / name.removesuffix("-wal").removesuffix("-shm").removesuffix(".lock")
            run = self.run_program("watch", "--targets", self.targets, "--state", state)
            self.assertEqual(run.returncode, 73, (name, run.stdout, run.stderr))
        self.assertEqual(self.victim.read_text(), "precious\n")

    @unittest.skipUnless(os.geteuid() == 0, "only root makes files of others")
    def test_a_file_of_another_user_lends_no_mode(self):
        output = self.folder / "theirs"
        output.write_text("")
        os.chown(output, NOBODY, NOBODY)
        output.chmod(0o666)
        self.run_program("ptrcheck", "198.51.100.9", "--output", output)
        self.assertEqual((mode(output), output.stat().st_uid), (0o644, 0))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
