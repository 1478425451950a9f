#!/usr/bin/env python3
"""The key of a list stands in the names that are asked, and nowhere in what leaves the program: every format, evidence,
recordings, errors, progress, cache files, the history of watch, its webhook.

    secret_keys.py PROGRAM
"""

import http.server
import json
import os
import pty
import sqlite3
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

PROGRAM = sys.argv[1] if len(sys.argv) > 1 else "maildiag"
KEY = "SecretKey0123456789"
LIST = """
[[list]]
zone = "{key}.keyed.test"
key = "testkey"
name = "Keyed"
class = "block"
default = true
weight = "critical"
families = ["ip4"]
codes = [{ code = "127.0.0.4", meaning = { en = "Sends spam" } }]
selftest = { listed = "127.0.0.2", clean = "127.0.0.1" }
[[list]]
zone = "{key}.part.keyed.test"
key = "testkey"
name = "Another of the same operator"
class = "block"
weight = "critical"
families = ["ip4"]
codes = [{ code = "127.0.0.4", meaning = { en = "Sends spam" } }]
selftest = { listed = "127.0.0.2", clean = "127.0.0.1" }
"""
ADDRESS = "11.1.2.3"
# The list says its own name, and in which case it likes.
ZONE = f"""$TTL 300
. SOA ns.example. admin.example. 1 3600 600 86400 300
. NS ns.example.
{KEY.lower()}.keyed.test. SOA ns.example. admin.example. 1 3600 600 86400 300
3.2.1.11.{KEY}.keyed.test. A 127.0.0.4
3.2.1.11.{KEY}.keyed.test. TXT "See https://keyed.test/{KEY.upper()} and {KEY}"
2.0.0.127.{KEY}.keyed.test. A 127.0.0.4
3.2.1.11.{KEY}.nowhere.keyed.test. A 127.0.0.4
3.2.1.11.{KEY}.nowhere.keyed.test. TXT "See https://keyed.test/{KEY}"
2.0.0.127.{KEY}.nowhere.keyed.test. A 127.0.0.4
3.2.1.11.in-addr.arpa. PTR mx.example.
mx.example. A {ADDRESS}
mail.example. MX 1 mx.example.
mail.example. TXT "v=spf1 ip4:{ADDRESS} exists:%{{ir}}.{KEY}.keyed.test -all"
"""
FORMATS = [["--color", "never"], ["-v", "--color", "always"], ["--format", "json"], ["--format", "json", "-v"], ["--format", "nagios"],
           ["--format", "prometheus"]]


class Receiver(http.server.BaseHTTPRequestHandler):
    bodies = []

    def do_POST(self):
        self.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


class Secrets(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        rules = self.folder / "rules"
        rules.mkdir()
        (rules / "keyed.toml").write_text(LIST)
        (self.folder / "zone").write_text(ZONE)
        self.environment = {"PATH": "/usr/bin:/bin", "HOME": str(self.folder / "home"), "LC_ALL": "C.UTF-8", "MAILDIAG_DNSBL_KEY_TESTKEY": KEY}
        self.environment.update({key: value for key, value in os.environ.items() if key.endswith("SAN_OPTIONS")})
        self.common = ["--rules", str(rules)]
        self.zone = ["--zone", str(self.folder / "zone")]

    def run_program(self, *arguments, **options):
        return subprocess.run([PROGRAM, *arguments, *self.common], capture_output=True, timeout=120, env=self.environment, **options)

    def check_silent(self, *texts):
        for text in texts:
            lower = text.lower()
            for form in (KEY.lower().encode(), KEY.lower().encode().hex().encode()):
                at = lower.find(form)
                self.assertEqual(at, -1, text[max(0, at - 100):at + 60])

    def check_run(self, *arguments, masked=True):
        run = self.run_program(*arguments)
        self.assertGreaterEqual(run.returncode, 0)
        self.check_silent(run.stdout, run.stderr)
        if masked:
            self.assertIn(b"****", run.stdout + run.stderr)
        return run

    def test_every_format(self):
        for options in FORMATS:
            with self.subTest(options=options):
                named = ["rblcheck", ADDRESS, "--list", "{key}.keyed.test", "--self-test", "always", *self.zone, *options]
                run = self.check_run(*named, masked="nagios" not in options)
                self.assertEqual(run.returncode, 2, run.stdout)
                # Whoever writes the key himself may see it in his shell's history, but not here.
                written = ["rblcheck", ADDRESS, "--list", f"{KEY}.keyed.test", "--self-test", "never", *self.zone, *options]
                self.check_run(*written, masked="nagios" not in options)
        for command in (["report", "mail.example", "--format", "html"], ["mxcheck", "mail.example", "--format", "json"],
                        ["spfcheck", "mail.example", "--ip", "192.0.2.1", "-v"], ["lookup", "txt", "mail.example"],
                        ["explain", "--reply", f"550 blocked by {KEY}.keyed.test: see https://keyed.test/{KEY} [{ADDRESS}]", "-v"],
                        ["lookup", "a", f"3.2.1.11.{KEY}.keyed.test", "-v"]):
            with self.subTest(command=command):
                self.check_run(*command, *self.zone, masked=False)

    def check_zone(self, zone, formats):
        """Wherever a zone may stand that holds its key."""
        config, own, common = (self.folder / name for name in ("maildiag.toml", "own.toml", "common.toml"))
        config.write_text(f'[dnsbl]\nlists = ["{zone}"]\n')
        target = f'[[target]]\nname = "{ADDRESS}"\nchecks = ["dnsbl"]\n'
        own.write_text(f'{target}lists = ["{zone}"]\n')
        common.write_text(f'lists = ["{zone}"]\n{target}')
        configured = ["--config", str(config)]
        commands = [["rblcheck", ADDRESS, "--list", zone], ["rblcheck", ADDRESS, *configured], ["mxcheck", "mail.example", *configured],
                    ["report", "mail.example", *configured],
                    ["explain", "--reply", f"550 5.7.1 Service unavailable; client [{ADDRESS}] blocked using keyed.test", *configured],
                    ["watch", "--targets", str(own)], ["watch", "--targets", str(common)], ["watch", ADDRESS, *configured]]
        for number, (command, options) in enumerate((command, options) for command in commands for options in formats):
            record, state = self.folder / f"record{number}", self.folder / f"watch{number}.db"
            history = ["--state", str(state)] if command[0] == "watch" else []
            with self.subTest(zone=zone, command=command, options=options):
                asked = self.check_run(*command, *history, *options, *self.zone, "--record", str(record))
                status = 3 if command[0] == "explain" else 2  # no rule knows the list
                self.assertEqual(asked.returncode, status)
                self.assertIn(b"****", record.read_bytes())
                self.check_silent(record.read_bytes(), *(file.read_bytes() for file in self.folder.glob(f"{state.name}*")))
                state.unlink(missing_ok=True)
                self.assertEqual(self.check_run(*command, *history, *options, "--replay", str(record)).returncode, status)
                state.unlink(missing_ok=True)
            record.unlink()
        with self.subTest(zone=zone, command="config show"):
            for options in formats:
                self.check_run("config", "show", *configured, *options)
            self.environment["MAILDIAG_DNSBL_LISTS"] = zone
            self.check_run("config", "show")
            # Of several zones only the wrong one is quoted.
            self.environment["MAILDIAG_DNSBL_LISTS"] = f"{zone} wrong..zone"
            self.assertIn(b"wrong..zone", self.check_run("config", "show", masked=False).stderr)
            del self.environment["MAILDIAG_DNSBL_LISTS"]

    def test_keys_written_into_zones(self):
        """No setting names the key: it stands in the zone alone."""
        del self.environment["MAILDIAG_DNSBL_KEY_TESTKEY"]
        self.check_zone(f"{KEY}.keyed.test", FORMATS[1:3])
        # With a final dot, and a list of the same operator that no list file describes.
        self.check_zone(f"{KEY.upper()}.Keyed.test.", [["--format", "json"]])
        self.check_zone(f"{KEY}.nowhere.keyed.test", [["--format", "json"]])

    def test_recordings_and_cache_files(self):
        record = self.folder / "record"
        arguments = ["rblcheck", ADDRESS, "--list", "{key}.keyed.test", "--self-test", "always"]
        self.check_run(*arguments, *self.zone, "--record", str(record))
        self.check_silent(record.read_bytes())
        self.assertIn(b"****", record.read_bytes())
        # What was recorded without the key is found with it.
        self.assertEqual(self.check_run(*arguments, "--replay", str(record)).returncode, 2)
        for file in (self.folder / "home").rglob("*"):
            if file.is_file():
                self.check_silent(file.read_bytes())

    def test_errors_and_silence(self):
        silent = ["--nameserver", "127.0.0.1#9", "--timeout", "0.2", "--tries", "1"]
        for options in FORMATS:
            with self.subTest(options=options):
                self.check_run("rblcheck", ADDRESS, "--list", "{key}.keyed.test", *silent, *options, masked=False)
        # A wrong word of the command line is quoted as it was typed; a key has no place there.
        for arguments in (["config", "show"], ["config", "check"]):
            with self.subTest(arguments=arguments):
                self.check_run(*arguments, masked=False)

    def test_progress(self):
        """On a terminal, where a bar names what is asked."""
        main, other = pty.openpty()
        command = [PROGRAM, "rblcheck", "11.1.2.0/24", "--list", "{key}.keyed.test", "--self-test", "never", *self.zone, *self.common]
        process = subprocess.Popen(command, stdout=other, stderr=other, env={**self.environment, "TERM": "xterm"})
        os.close(other)
        shown = b""
        try:
            while part := os.read(main, 65536):
                shown += part
        except OSError:
            pass  # the other end is closed
        process.wait(60)
        os.close(main)
        self.assertIn(b"11.1.2.3", shown)
        self.check_silent(shown)

    def test_watch(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        targets, state = self.folder / "watch.toml", self.folder / "watch.db"
        targets.write_text(f'[[target]]\nname = "{ADDRESS}"\nchecks = ["dnsbl"]\nlists = ["{{key}}.keyed.test"]\n')
        base = ["watch", "--targets", str(targets), "--state", str(state), "--webhook", f"http://127.0.0.1:{server.server_address[1]}/{KEY}"]
        clean = self.folder / "clean"
        clean.write_text(ZONE.replace("3.2.1.11.SecretKey", "9.9.9.11.SecretKey"))
        try:
            self.check_run(*base, "--zone", str(clean), masked=False)
            listed = self.check_run(*base, *self.zone, masked=False)
            self.assertIn(b"keyed.test", listed.stdout)
        finally:
            server.shutdown()
            server.server_close()
        self.assertTrue(Receiver.bodies)
        self.check_silent(*Receiver.bodies)
        self.assertTrue(all(isinstance(json.loads(body), dict) for body in Receiver.bodies))
        for options in (["--format", "json"], ["--format", "html"], []):
            self.check_run("watch", "history", "--state", str(state), *options, masked=False)
        with sqlite3.connect(state) as database:
            dump = "\n".join(database.iterdump()).encode()
        self.assertIn(b"keyed.test", dump)
        self.check_silent(dump, state.read_bytes())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
