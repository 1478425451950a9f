#!/usr/bin/env python3
"""`maildiag watch` against real name servers that change between its runs, and against all that can go wrong with its
history.

    watch.py PROGRAM
"""

import contextlib
import json
import os
import re
import resource
import sqlite3
import stat
import subprocess
import sys
import tempfile
import time
import unittest
from html.parser import HTMLParser
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from servers import Nsd, Rbldnsd, SilentServer, Unbound, skip_unless  # noqa: E402

PROGRAM = sys.argv[1] if len(sys.argv) > 1 else "maildiag"
TEST_ENTRY = "127.0.0.2 :127.0.0.2:test entry\n"
ADDRESS = "203.0.113.7"
NAMES = ["a.example", "b.example", "c.example", "d.example"]
DOMAIN = """$TTL 60
@ IN SOA ns root 1 3600 600 86400 60
@ IN NS ns
ns IN A 192.0.2.53
@ IN MX 10 mail
@ IN TXT "v=spf1 ip4:203.0.113.7 -all"
mail IN A 203.0.113.7
_dmarc IN TXT "v=DMARC1; p=reject"
"""
REVERSE = "$TTL 60\n@ IN SOA ns.mail.test. root.mail.test. 1 3600 600 86400 60\n@ IN NS ns.mail.test.\n7 IN PTR mail.mail.test.\n"


POLICY_LIST = """
[[list]]
zone = "a.example"
name = "A"
class = "policy"
families = ["ip4"]
weight = "warning"
codes = [{ code = "127.0.0.*", meaning = { en = "A dynamic address" } }]
selftest = { listed = "127.0.0.2", clean = "127.0.0.1" }
"""


class World:
    """Name servers with what they say now."""

    def __init__(self, listed=(), broken=(), domain=DOMAIN):
        lists = {}
        for name in NAMES:
            entries = ("" if name in broken else TEST_ENTRY) + (f"{ADDRESS} :127.0.0.3:<b>spam</b> seen|here\n" if name in listed else "")
            lists[name] = ("ip4set", entries or "192.0.2.99\n")
        self.servers = [Rbldnsd(lists), Nsd({"mail.test": domain, "113.0.203.in-addr.arpa": REVERSE})]

    def __enter__(self):
        rbl, nsd = (server.start() for server in self.servers)
        self.servers.append(Unbound({**{name: rbl for name in NAMES}, "mail.test": nsd, "113.0.203.in-addr.arpa": nsd}))
        self.servers[-1].start()
        return self.servers[-1].endpoint

    def __exit__(self, *_):
        for server in reversed(self.servers):
            server.stop()


class WatchTest(unittest.TestCase):
    def setUp(self):
        self.directory = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="maildiag-watch-")))
        self.state = self.directory / "state" / "watch.db"
        self.targets = self.directory / "watch.toml"
        self.write_targets()

    def write_targets(self, more=""):
        lists = ", ".join(f'"{name}"' for name in NAMES)
        self.targets.write_text(f'{more}\n[[target]]\nname = "{ADDRESS}"\nchecks = ["dnsbl"]\nlists = [{lists}]\n')

    def run_program(self, *arguments, status=None, targets=True, **kwargs):
        command = [PROGRAM, *map(str, arguments), "--state", str(self.state), "--lang", "en"]
        if targets:
            command += ["--targets", str(self.targets)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=240, **kwargs)
        if status is not None:
            self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done

    def watch(self, endpoint, *arguments, status=None, **kwargs):
        patience = () if "--timeout" in arguments else ("--timeout", "2")
        return self.run_program("watch", "--nameserver", endpoint, *patience, *arguments, status=status, **kwargs)

    def changes(self, endpoint, *arguments, status=None):
        """{finding id: [subject, ...]} of what a run told."""
        output = self.watch(endpoint, "--format", "json", *arguments, status=status).stdout
        told = {}
        for line in output.splitlines():
            for finding in json.loads(line)["findings"]:
                told.setdefault(finding["id"], []).append(finding["subject"])
        return told


class Changes(WatchTest):
    def test_a_listing_comes_and_goes(self):
        with World() as endpoint:
            self.assertEqual(self.changes(endpoint, status=0), {"watch.baseline": [""]})
            self.assertEqual(self.watch(endpoint, status=0).stdout, "")
            self.assertEqual(stat.S_IMODE(self.state.stat().st_mode), 0o640)
        with World(listed=["a.example", "c.example"]) as endpoint:
            preview = self.watch(endpoint, "--dry-run")
            self.assertIn("nothing was stored", preview.stdout)
            mail = self.watch(endpoint)
            self.assertEqual(mail.returncode, preview.returncode)
            self.assertIn(mail.returncode, (1, 2))
            for part in ("NEWLY LISTED", ADDRESS, "a.example", "c.example", '"<b>spam</b> seen|here"', "dnsbl-listed", "127.0.0.3", "->"):
                self.assertIn(part, " ".join(mail.stdout.split()))
            self.assertNotIn("dynamic-ip-listed", mail.stdout)
            self.assertEqual(self.watch(endpoint, status=0).stdout, "")
        with World(listed=["c.example"]) as endpoint:
            self.assertEqual(self.changes(endpoint, status=0), {"watch.delisted": [ADDRESS]})
            self.assertEqual(self.changes(endpoint, "--renotify", "0"), {})
            time.sleep(1.1)
            self.assertEqual(self.changes(endpoint, "--renotify", "1s"), {"watch.still-listed": [ADDRESS]})
            korean = subprocess.run([PROGRAM, "watch", "history", "--state", self.state, "--lang", "ko"], capture_output=True, text=True, timeout=240)
            self.assertIn("등재 해제", korean.stdout)
        self.check_history()

    def check_history(self):
        text = self.run_program("watch", "history", ADDRESS, targets=False).stdout
        self.assertIn("no longer listed by a.example", " ".join(text.split()))
        report = json.loads(self.run_program("watch", "history", "--format", "json", targets=False).stdout)
        self.assertEqual([event["change"] for event in report["result"]["events"]], ["baseline", "worse", "worse", "better", "still"])
        self.assertEqual([item["subject"] for item in report["result"]["current"]], ["c.example"])
        page = self.run_program("watch", "history", "--format", "html", targets=False).stdout
        self.assertTrue(page.startswith("<!DOCTYPE html>"))
        self.assertNotIn("<script", page)
        self.assertNotRegex(page, r"(src|href)\s*=|url\(|https?://")
        self.assertNotIn("<b>", page)
        parser = HTMLParser()
        parser.feed(page)
        parser.close()
        self.run_program("watch", "history", "192.0.2.1", targets=False, status=64)
        self.run_program("watch", "--format", "html", status=64)

    def test_a_list_breaks_and_the_resolver_dies(self):
        with World(listed=["a.example"]) as endpoint:
            self.assertEqual(set(self.changes(endpoint)), {"watch.baseline", "watch.found-listed"})
        with World(broken=["a.example"]) as endpoint:
            self.assertEqual(self.changes(endpoint, status=0), {"watch.list-unusable": ["a.example"]})
            self.assertEqual(self.watch(endpoint, status=0).stdout, "")  # not "delisted"
        with SilentServer() as silent:
            dead = ("--timeout", "0.1", "--tries", "1")
            self.assertEqual(self.changes(silent.endpoint, *dead, status=3), {"watch.resolver-trouble": [""]})
            self.assertEqual(self.watch(silent.endpoint, *dead, status=3).stdout, "")
        with World(listed=["a.example"]) as endpoint:
            self.assertEqual(self.changes(endpoint), {"watch.resolver-back": [""], "watch.list-back": ["a.example"]})

    def test_the_only_list_breaks(self):
        """Nothing is judged then, though neither the resolver nor the network is at fault."""
        self.targets.write_text(f'lists = ["a.example"]\n[[target]]\nname = "{ADDRESS}"\nchecks = ["dnsbl"]\n')
        with World(broken=["a.example"]) as endpoint:
            self.assertEqual(self.changes(endpoint, status=3), {"watch.baseline": [""], "watch.list-unusable": ["a.example"]})
            self.assertEqual(self.changes(endpoint, status=3), {})
            self.assertEqual(self.watch(endpoint, "--format", "nagios", status=3).stdout.split(" - ")[0], "MAILDIAG WATCH UNKNOWN")
        with World() as endpoint:
            self.assertEqual(self.changes(endpoint, status=0), {"watch.list-back": ["a.example"]})

    def test_confirm(self):
        self.write_targets("confirm = 2")
        with World() as endpoint:
            self.watch(endpoint, status=0)
        with World(listed=["b.example"]) as endpoint:
            self.assertEqual(self.changes(endpoint), {})
            self.assertEqual(self.changes(endpoint), {"watch.newly-listed": [ADDRESS]})

    def test_a_policy_listing_explains_other_rejections(self):
        rules = self.directory / "rules"
        rules.mkdir()
        (rules / "a.toml").write_text(POLICY_LIST)
        with World(listed=["a.example"]) as endpoint:
            told = " ".join(self.watch(endpoint, "--rules", rules).stdout.split())
        self.assertIn("[dynamic-ip-listed]", told)
        self.assertNotIn("[dnsbl-listed]", told)

    def test_records_of_a_domain(self):
        self.targets.write_text('[[target]]\nname = "mail.test"\nchecks = ["mx", "spf", "dmarc", "ptr"]\n')
        with World() as endpoint:
            self.assertIn("watch.baseline", self.changes(endpoint))
        with World(domain=DOMAIN.replace("-all", "~all").replace("MX 10 mail", "MX 20 mail")) as endpoint:
            told = self.changes(endpoint)
            self.assertEqual(sorted(subject for subjects in told.values() for subject in subjects), ["mail.test", "mail.test"])
            self.assertEqual(self.changes(endpoint), {})
        with World(domain=DOMAIN.replace('"v=spf1 ip4:203.0.113.7 -all"', '"no spf"')) as endpoint:
            self.assertIn("watch.got-worse", self.changes(endpoint))

    def test_monitoring_formats_tell_how_it_stands(self):
        with World(listed=["a.example"]) as endpoint:
            for _ in range(2):
                line = self.watch(endpoint, "--format", "nagios").stdout
                self.assertRegex(line, r"^MAILDIAG WATCH (WARNING|CRITICAL) - .*listed=1;")
            metrics = self.watch(endpoint, "--format", "prometheus").stdout
            self.assertIn(f'maildiag_dnsbl_listed{{command="watch",target="{ADDRESS}",zone="a.example"}} 1\n', metrics)


class Faults(WatchTest):
    """What can go wrong with the history: a clear error, and not one octet of it changed."""

    def setUp(self):
        super().setUp()
        self.zone = self.directory / "zone"
        self.zone.write_text("$TTL 60\nexample. IN SOA ns root 1 3600 600 86400 60\n" + "".join(
            f"2.0.0.127.{name}. IN A 127.0.0.2\n" for name in NAMES))

    def run_watch(self, *arguments, status=None, **kwargs):
        return self.run_program("watch", "--zone", self.zone, *arguments, status=status, **kwargs)

    def refused(self, status, words, **kwargs):
        before = self.state.read_bytes()
        done = self.run_watch(status=status, **kwargs)
        self.assertEqual(done.stdout, "")
        self.assertIn(words, done.stderr)
        self.assertEqual(self.state.read_bytes(), before)

    def full_disk(self):
        """Python ignores SIGXFSZ, and so does the program when the signal is not restored: writes fail as on a full disk."""
        counts_elsewhere = {**os.environ, "GCOV_PREFIX": str(self.directory)}  # half a file of them would spoil those of others
        return {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024)), "restore_signals": False,
                "env": counts_elsewhere}

    def checkpointed(self, *statements):
        with sqlite3.connect(self.state) as database:
            for statement in statements:
                database.execute(statement)
        database.close()

    def test_clock_set_back(self):
        self.run_watch(status=0)
        self.checkpointed(f"UPDATE meta SET value = {int(time.time()) + 7200} WHERE name = 'last_run'")
        self.refused(65, "correct the clock")
        self.assertNotIn("clock", self.run_program("watch", "prune", targets=False, status=0).stdout)
        self.refused(65, "correct the clock")
        prune = ("watch", "prune", "--clock-was-ahead")
        self.assertIn("A clock was ahead at", self.run_program(*prune, targets=False, status=0).stdout)
        self.assertNotIn("clock", self.run_program(*prune, targets=False, status=0).stdout)
        self.assertEqual(self.run_watch(status=0).stdout, "")

    def test_damage(self):
        self.state.parent.mkdir()
        self.state.write_bytes(b"not a database at all" * 400)
        self.refused(65, "damaged")
        self.state.unlink()
        self.run_watch(status=0)
        self.checkpointed("PRAGMA user_version = 9")
        self.refused(65, "newer version")
        self.state.unlink()
        self.checkpointed("CREATE TABLE other (a)")
        self.refused(65, "another program; name another file")

    def test_damage_in_the_middle(self):
        self.run_watch(status=0)
        self.checkpointed("PRAGMA wal_checkpoint(TRUNCATE)")
        whole = self.state.read_bytes()
        for damaged in (whole[:len(whole) // 2], whole[:8192] + b"\0" * 8192 + whole[16384:]):
            self.state.write_bytes(damaged)
            self.refused(65, "move it away to begin anew")
            for command in ("history", "prune"):
                done = self.run_program("watch", command, targets=False, status=65)
                self.assertIn(str(self.state), done.stderr)
            self.assertEqual(self.state.read_bytes(), damaged)

    def test_disk_full(self):
        self.run_watch(status=0)
        size = self.state.stat().st_size
        self.zone.write_text(self.zone.read_text() + "7.113.0.203.a.example. IN A 127.0.0.2\n")
        self.refused(73, f"{self.state}: the disk or the user's share of it is full; make room", **self.full_disk())
        self.assertGreater(size, 1024)
        told = self.run_watch().stdout  # nothing was lost
        self.assertIn("NEWLY LISTED", told)

    def test_disk_full_from_the_start(self):
        done = self.run_watch(status=73, **self.full_disk())
        self.assertRegex(done.stderr, "is full.*make room")
        self.assertFalse(self.state.exists())  # nothing half begun
        self.assertIn("First run", self.run_watch(status=0).stdout)

    def test_small_disk(self):
        """A file system of its own that fills up while the history grows: for root only."""
        if os.geteuid() != 0:
            self.skipTest("needs root")
        disk = self.directory / "disk"
        disk.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk], capture_output=True).returncode != 0:
            self.skipTest("no file system can be mounted here")
        try:
            self.state = disk / "watch.db"
            self.run_watch(status=0)
            with contextlib.suppress(OSError), open(disk / "ballast", "wb", buffering=0) as ballast:
                while True:
                    ballast.write(b"x" * 1024)
            self.zone.write_text(self.zone.read_text() + "7.113.0.203.a.example. IN A 127.0.0.2\n")
            self.refused(73, "is full; make room")
            (disk / "ballast").unlink()
            self.assertIn("NEWLY LISTED", self.run_watch().stdout)
        finally:
            subprocess.run(["umount", disk], check=True)

    def test_two_at_once(self):
        with SilentServer() as silent:
            slow = subprocess.Popen([PROGRAM, "watch", "--state", self.state, "--targets", self.targets, "--nameserver", silent.endpoint,
                                     "--timeout", "60"], stdout=subprocess.DEVNULL)
            try:
                lock = Path(str(self.state) + ".lock")
                while not (lock.exists() and lock_is_held(lock)):
                    time.sleep(0.02)
                    self.assertIsNone(slow.poll())
                self.assertIn("another run", self.run_watch(status=75).stderr)
            finally:
                slow.kill()
                slow.wait()
        self.run_watch(status=0)  # the kernel let go of the lock

    def test_configuration(self):
        for text, words in [("[[target]]\nname = '203.0.113.7'\nchecks = ['smpt']\n", "unknown check `smpt`"),
                            ("[[target]]\nname = 'x.example'\nchecks = ['dkim']\n", "selectors"),
                            ("[[target]]\nname = '203.0.113.7'\nchecks = ['spf']\n", "no domain"),
                            ("[[target]]\nname = 'x.example'\nselectors = ['a b']\n", "`a b` is not a selector"),
                            ("[[target]]\nname = '203.0.113.300'\n", ":1:"),
                            ("[[target]]\nname = 'bad name'\n", ":1:"),
                            ("confirm = 'x'\n[[target]]\nname = 'x.example'\n", "an integer"),
                            ("renotify = '7 days'\n[[target]]\nname = 'x.example'\n", "no span"),
                            ("colour = 1\n[[target]]\nname = 'x.example'\n", "unknown `colour`"), ("", "no [[target]]")]:
            with self.subTest(text):
                self.targets.write_text(text)
                self.assertIn(words, self.run_watch(status=78).stderr)
        self.targets.unlink()
        self.run_watch(status=66)
        self.run_program("watch", "history", targets=False, status=66)
        self.assertFalse(self.state.exists())

    def test_too_many_addresses(self):
        self.targets.write_text("[[target]]\nname = '203.0.0.0/20'\n[[target]]\nname = '198.51.100.1'\n")
        self.assertIn("more than 4096 addresses", self.run_watch(status=78).stderr)
        self.assertFalse(self.state.parent.exists())

    def test_as_many_addresses_as_there_may_be(self):
        """Each counts once, whatever is checked about it and however often it is named."""
        with self.zone.open("a") as zone:
            zone.write("in.example. A 203.0.0.1\nin.example. A 203.0.0.2\nout.example. A 192.0.2.1\nout.example. A 192.0.2.2\n")
        network = '[[target]]\nname = "203.0.0.0-203.0.15.254"\nchecks = ["ptr", "smtp"]\n'  # one less than the most
        for name in ("in.example", "out.example"):
            self.targets.write_text(f'{network * 2}[[target]]\nname = "{name}"\nlists = ["a.example"]\nchecks = ["dnsbl"]\n')
            done = self.run_watch("--dry-run")
            self.assertEqual("more than 4096 addresses" in done.stderr, name == "out.example", done.stderr)
            self.assertEqual(done.returncode, 78 if name == "out.example" else 3)  # nobody answers about PTR and SMTP

    def test_time_of_a_run(self):
        with SilentServer() as silent:
            line = self.watch(silent.endpoint, "--timeout", "0.2", "--tries", "1", "--format", "nagios").stdout
        self.assertGreaterEqual(float(re.search(r" time=([\d.]+)s", line)[1]), 0.2)

    def test_no_list_to_ask(self):
        for zone, name in [("dbl.spamhaus.org", "203.0.113.7"), ("dnsbl.sorbs.net", "x.example")]:
            with self.subTest(zone):
                self.targets.write_text(f"lists = ['{zone}']\n[[target]]\nname = '{name}'\nchecks = ['dnsbl']\n")
                done = self.run_watch(status=78)
                self.assertIn("none of its lists", done.stderr)
                self.assertEqual(done.stdout, "")
        self.assertFalse(self.state.parent.exists())

    def test_prune(self):
        self.run_watch(status=0)
        self.checkpointed("UPDATE run SET time = 1", "UPDATE event SET time = 1")
        self.assertIn("1 events, 1 records", self.run_program("watch", "prune", "--keep", "1d", targets=False, status=0).stdout)
        self.assertIn("the history is empty", self.run_program("watch", "history", ADDRESS, targets=False, status=64).stderr)

    def test_heartbeat(self):
        self.run_watch(status=0)
        self.assertEqual(self.run_watch("--heartbeat", "weekly", status=0).stdout, "")
        self.checkpointed(f"UPDATE meta SET value = value - {8 * 86400} WHERE name = 'last_spoke'")
        self.assertIn("nothing has changed", self.run_watch("--heartbeat", "weekly", status=0).stdout)
        self.assertEqual(self.run_watch("--heartbeat", "weekly", status=0).stdout, "")


def lock_is_held(path):
    import fcntl
    with open(path, "rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return False
        except BlockingIOError:
            return True


if __name__ == "__main__":
    skip_unless("nsd", "unbound", "rbldnsd")
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
