#!/usr/bin/env python3
"""The webhook of `maildiag watch` against an HTTPS server on loopback that behaves and misbehaves.

    watch_webhook.py PROGRAM
"""

import base64
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from webhook_receiver import OK, Receiver, endless_body, endless_head, make_certificate, slow_drip  # noqa: E402

PROGRAM = sys.argv[1] if len(sys.argv) > 1 else "maildiag"
LISTS = ["a.example", "b.example"]
ADDRESS = "203.0.113.7"
REVERSED = "7.113.0.203"
BUSY = b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"
GONE = b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"


class Webhook(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.certificates = Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="maildiag-hook-ca-")))
        cls.ca, cls.certificate = make_certificate(cls.certificates, "good")
        cls.other_ca, _ = make_certificate(cls.certificates, "other")

    def setUp(self):
        self.directory = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="maildiag-hook-")))
        self.state, self.zone, self.targets = (self.directory / name for name in ("watch.db", "zone", "watch.toml"))
        self.write_targets()
        self.list_on()

    def write_targets(self, more=""):
        lists = ", ".join(f'"{name}"' for name in LISTS)
        self.targets.write_text(f'{more}\n[[target]]\nname = "{ADDRESS}"\nchecks = ["dnsbl"]\nlists = [{lists}]\n')

    def list_on(self, *zones):
        self.zone.write_text("$TTL 60\nexample. IN SOA ns root 1 3600 600 86400 60\n" + "".join(
            f"2.0.0.127.{name}. IN A 127.0.0.2\n" for name in LISTS) + "".join(f"{REVERSED}.{name}. IN A 127.0.0.2\n" for name in zones))

    def command(self, *arguments):
        return [PROGRAM, "watch", "--zone", str(self.zone), "--state", str(self.state), "--targets", str(self.targets), "--lang", "en",
                *map(str, arguments)]

    def watch(self, *arguments, status=None, env=None):
        done = subprocess.run(self.command(*arguments), capture_output=True, text=True, timeout=240, env=env)
        if status is not None:
            self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done

    def to(self, receiver, *arguments, ca=None, **kwargs):
        return self.watch("--webhook", receiver.url(), "--webhook-ca", ca or self.ca, *arguments, **kwargs)

    def waiting(self):
        """Events that are owed to the webhook."""
        with sqlite3.connect(self.state) as database:
            count = database.execute("SELECT count(*) FROM event WHERE queued IS NOT NULL AND posted IS NULL").fetchone()[0]
        database.close()
        return count

    def ids(self, post):
        return [transition["id"] for transition in post[2]["transitions"]]

    def test_good(self):
        with Receiver(self.certificate) as receiver:
            self.to(receiver, status=0)
            self.list_on("a.example")
            preview = self.to(receiver, "--dry-run")
            self.assertEqual(len(receiver.posts), 1)  # the baseline, nothing of the dry run
            told = self.to(receiver)
            self.assertEqual((told.returncode, told.stderr), (preview.returncode, ""))
            self.assertEqual(self.to(receiver, status=0).stdout, "")  # nothing changed: nothing is posted
        self.assertEqual([self.ids(post) for post in receiver.posts], [["watch.baseline"], ["watch.newly-listed"]])
        request, fields, body = receiver.posts[1]
        self.assertEqual(request, ["POST", "/hook", "HTTP/1.1"])
        self.assertEqual(fields["content-type"], "application/json")
        self.assertEqual(body["schema"], "maildiag.watch/1")
        self.assertTrue(body["host"])
        self.assertRegex(body["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
        (transition,) = body["transitions"]
        self.assertEqual((transition["subject"], transition["data"]["list"], transition["data"]["in_doubt"]), (ADDRESS, "a.example", False))
        self.assertEqual(self.waiting(), 0)

    def test_a_run_that_tells_only_how_things_stand(self):
        """The webhook hears of a change at once, and the next run that tells changes tells it."""
        with Receiver(self.certificate) as receiver:
            self.to(receiver, status=0)
            self.list_on("a.example")
            self.to(receiver, "--format", "nagios", status=2)
            self.assertIn("NEWLY LISTED", self.to(receiver, status=2).stdout)
        self.assertEqual([self.ids(post) for post in receiver.posts], [["watch.baseline"], ["watch.newly-listed"]])

    def test_a_certificate_of_another_authority(self):
        with Receiver(self.certificate) as receiver:
            for arguments in (("--webhook-ca", self.other_ca), ()):
                self.state.unlink(missing_ok=True)
                done = self.watch("--webhook", receiver.url(), *arguments, status=0)
                self.assertIn("certificate", done.stderr)
                self.assertIn("tries: 1", done.stderr)
                self.assertNotEqual(done.stdout, "")
                self.assertEqual((receiver.posts, self.waiting()), ([], 1))

    def test_a_name_that_the_certificate_lacks(self):
        with Receiver(self.certificate) as receiver:
            done = self.watch("--webhook", f"https://localhost:{receiver.port}/", "--webhook-ca", self.ca, status=0)
        self.assertEqual((receiver.posts, self.waiting()), ([], 1), done.stderr)

    def test_busy_at_first(self):
        with Receiver(self.certificate, answers=[BUSY]) as receiver:
            self.assertEqual(self.to(receiver, status=0).stderr, "")
        self.assertEqual(len(receiver.posts), 2)
        self.assertEqual(receiver.posts[0][2], receiver.posts[1][2])
        self.assertEqual(self.waiting(), 0)

    def test_refused_for_good(self):
        moved = b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"
        for answer, words in ((moved, "redirects are not followed"), (GONE, "answered 404")):
            with self.subTest(words), Receiver(self.certificate, answers=[answer]) as receiver:
                self.state.unlink(missing_ok=True)
                self.assertIn(words, self.to(receiver, status=0).stderr)
                self.assertEqual([post[0][1] for post in receiver.posts], ["/hook"])
                self.assertEqual(self.waiting(), 1)

    def test_a_file_that_holds_no_certificates(self):
        done = self.watch("--webhook", "https://localhost/", "--webhook-ca", self.targets, status=64)
        self.assertIn(f"{self.targets}: no certificates in PEM format", done.stderr)
        self.assertFalse(self.state.exists())

    def test_away_and_back(self):
        with Receiver(self.certificate) as receiver:
            port = receiver.port
        done = self.to(receiver, status=0)
        self.assertIn("tries: 3", done.stderr)
        self.assertIn("stays queued", done.stderr)
        self.list_on("a.example")
        self.assertEqual(self.watch().stderr, "")  # a run without a webhook neither posts nor forgets
        self.list_on("b.example")
        with Receiver(self.certificate, port=port) as receiver:
            self.assertEqual(self.to(receiver).stderr, "")
            self.assertEqual(self.waiting(), 0)
            self.to(receiver)
        (post,) = receiver.posts
        self.assertEqual(sorted(self.ids(post)), ["watch.baseline", "watch.delisted", "watch.newly-listed"])
        doubt = {transition["id"]: transition["data"]["in_doubt"] for transition in post[2]["transitions"]}
        self.assertEqual((doubt["watch.baseline"], doubt["watch.newly-listed"]), (True, False))
        events = [transition["data"]["event"] for transition in post[2]["transitions"]]
        self.assertEqual(len(set(events)), 3)

    def test_answers_without_an_end(self):
        with Receiver(self.certificate, answers=[endless_body]) as receiver:
            self.assertEqual(self.to(receiver, status=0).stderr, "")  # the status says that it was taken
            self.assertEqual((len(receiver.posts), self.waiting()), (1, 0))
        self.state.unlink()
        with Receiver(self.certificate, answers=[endless_head] * 3) as receiver:
            self.assertIn("answered 503", self.to(receiver, status=0).stderr)
            self.assertEqual((len(receiver.posts), self.waiting()), (3, 1))

    def test_slow_drip(self):
        with Receiver(self.certificate, answers=[slow_drip] * 3) as receiver:
            done = self.to(receiver, status=0)
            self.assertIn("stays queued", done.stderr)
            self.assertEqual(self.waiting(), 1)

    def test_stopped_while_it_posts(self):
        """Ctrl-C before the receiver's answer, which would never come, and between two tries."""
        posted = threading.Event()

        def no_answer(_, ended):
            posted.set()
            ended.wait()

        def busy(stream, _):
            stream.write(BUSY)
            posted.set()

        for answer in (no_answer, busy):
            with self.subTest(answer.__name__), Receiver(self.certificate, answers=[answer] * 3) as receiver:
                self.state.unlink(missing_ok=True)
                posted.clear()
                process = subprocess.Popen(self.command("--webhook", receiver.url(), "--webhook-ca", self.ca),
                                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                self.assertTrue(posted.wait(240))
                process.send_signal(signal.SIGINT)
                said = process.communicate(timeout=240)[1]
                self.assertEqual(process.returncode, 0, said)  # what was told is told
                self.assertIn("stays queued for the next run", said)
                self.assertIn("cancelled", said)
                self.assertEqual(self.waiting(), 1)

    def test_killed_while_it_posts(self):
        with Receiver(self.certificate, answers=[slow_drip]) as receiver:
            run = subprocess.Popen(self.command("--webhook", receiver.url(), "--webhook-ca", self.ca), stdout=subprocess.DEVNULL)
            try:
                while not receiver.posts:
                    time.sleep(0.02)
                    self.assertIsNone(run.poll())
            finally:
                run.kill()
                run.wait()
            self.assertEqual(self.waiting(), 1)
            self.assertEqual(self.to(receiver, status=0).stdout, "")  # told once, posted again
            self.assertEqual(self.waiting(), 0)
        first, second = (post[2]["transitions"][0] for post in receiver.posts)
        self.assertEqual(first["data"]["event"], second["data"]["event"])
        self.assertEqual((first["data"]["in_doubt"], second["data"]["in_doubt"]), (False, True))

    def test_the_next_run_does_not_wait_for_a_webhook(self):
        go = threading.Event()

        def held(stream, ended):
            while not go.wait(0.1) and not ended.is_set():
                pass
            stream.write(OK)

        with Receiver(self.certificate, answers=[held]) as receiver:
            webhook = ("--webhook", receiver.url(), "--webhook-ca", self.ca)
            first = subprocess.Popen(self.command(*webhook), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            while not receiver.posts:
                time.sleep(0.02)
                self.assertIsNone(first.poll())
            self.list_on("a.example")
            self.assertIn("NEWLY LISTED", self.watch().stdout)  # while the first one posts
            self.list_on("a.example", "b.example")
            second = subprocess.Popen(self.command(*webhook), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            self.assertIn("NEWLY LISTED", second.stdout.readline() + second.stdout.readline() + second.stdout.readline())
            go.set()
            self.assertEqual((first.communicate()[1], second.communicate()[1]), ("", ""))
        told = [transition for post in receiver.posts for transition in post[2]["transitions"]]
        self.assertEqual(sorted(transition["id"] for transition in told), ["watch.baseline", "watch.newly-listed"])
        self.assertEqual(self.waiting(), 0)

    def test_one_event_that_is_refused_holds_up_no_other(self):
        refusal = b"HTTP/1.1 422 No\r\nContent-Length: 0\r\n\r\n"
        self.list_on("a.example", "b.example")

        def answer(body):
            poison = any(each["id"] == "watch.found-listed" and each["data"]["list"] == "a.example" for each in body["transitions"])
            return refusal if poison else OK

        with Receiver(self.certificate) as receiver:
            receiver.answer_to = answer
            self.assertIn("answered 422 to the change of 203.0.113.7 a.example", self.to(receiver).stderr)
            self.assertEqual(self.waiting(), 1)
            taken = [post[2]["transitions"][0] for post in receiver.posts if answer(post[2]) == OK]
            self.assertEqual([each["data"]["in_doubt"] for each in taken], [False] * len(taken))
            self.assertEqual(sum(len(post[2]["transitions"]) for post in receiver.posts if answer(post[2]) == OK), 2)
            said = []
            for zones in (["b.example"], ["a.example"], [], ["a.example"], []):
                self.list_on(*zones)
                said.append(self.to(receiver).stderr)
                self.assertEqual(self.waiting(), 0 if "given up" in "".join(said) else 1)
            self.assertEqual(["given up" in each for each in said], [False, False, False, True, False])
            self.assertEqual(said[-1], "")

    def test_a_history_of_the_first_version_is_read(self):
        self.watch(status=0)
        self.make_first_version()
        before = self.state.read_bytes()
        history = [PROGRAM, "watch", "history", "--state", str(self.state), "--lang", "en"]
        done = subprocess.run(history, capture_output=True, text=True, timeout=240)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("First run", done.stdout)
        self.assertEqual(self.state.read_bytes(), before)

    def test_login_is_sent_and_never_shown(self):
        with Receiver(answers=[BUSY, BUSY, GONE]) as receiver:
            url = receiver.url("/services/T0KEN?key=K3Y", "bot:s3cret@")
            self.write_targets(f"webhook = '{url}'")
            done = self.watch("-v", status=0)
        self.assertEqual(receiver.posts[0][1]["authorization"], "Basic " + base64.b64encode(b"bot:s3cret").decode())
        self.assertEqual(receiver.posts[0][0][1], "/services/T0KEN?key=K3Y")
        self.assertIn(f"http://****@127.0.0.1:{receiver.port}/****: answered 404", done.stderr)
        for secret in ("bot", "s3cret", "T0KEN", "K3Y"):
            self.assertNotIn(secret, done.stderr + done.stdout)

    def test_no_proxy_of_the_environment(self):
        with Receiver(self.certificate) as receiver:
            proxy = "http://127.0.0.1:9"
            done = self.to(receiver, status=0, env={"https_proxy": proxy, "http_proxy": proxy, "ALL_PROXY": proxy})
            self.assertEqual((done.stderr, len(receiver.posts)), ("", 1))

    def test_urls_that_are_refused(self):
        for url in ("http://hook.example/", "http://localhost/", "ftp://127.0.0.1/", "file:///etc/passwd", "hook.example", "https://", "https://a b/"):
            with self.subTest(url):
                self.assertIn("--webhook: ", self.watch("--webhook", url, status=64).stderr)
        self.assertIn("cannot be read", self.watch("--webhook", "https://hook.example/", "--webhook-ca", "/nowhere", status=64).stderr)
        self.assertIn("no webhook", self.watch("--webhook-ca", self.ca, status=64).stderr)
        self.write_targets("webhook = 'http://user:s3cret@hook.example/'")
        refused = self.watch(status=78).stderr
        self.assertIn("watch.toml:1: webhook:", refused)
        self.assertNotIn("s3cret", refused)
        self.write_targets("webhook_ca = '/etc/ca.pem'")
        self.assertIn("needs `webhook`", self.watch(status=78).stderr)
        self.assertFalse(self.state.exists())

    def make_first_version(self):
        with sqlite3.connect(self.state) as database:
            database.execute("DROP INDEX event_queued")
            for column in ("queued", "tried", "posted", "refused"):
                database.execute(f"ALTER TABLE event DROP COLUMN {column}")
            database.execute("ALTER TABLE event DROP COLUMN fault")
            columns = ("target, kind, subject, bad, severity, value, since, told_at, unknown_since, next_bad, next_severity, next_value, "
                       "next_since, next_runs")
            database.execute(f"CREATE TABLE older ({columns}, PRIMARY KEY (target, kind, subject)) WITHOUT ROWID")
            database.execute(f"INSERT INTO older SELECT {columns} FROM item WHERE fault = ''")
            database.execute("DROP TABLE item")
            database.execute("ALTER TABLE older RENAME TO item")
            database.execute("PRAGMA user_version = 1")
        database.close()

    def test_a_history_of_the_first_version(self):
        self.watch(status=0)
        self.make_first_version()
        self.list_on("a.example")
        with Receiver(self.certificate) as receiver:
            self.to(receiver)
        self.assertEqual([self.ids(post) for post in receiver.posts], [["watch.newly-listed"]])  # not what was told before


if __name__ == "__main__":
    if not shutil.which("openssl"):
        print("SKIPPED: not installed: openssl", file=sys.stderr)
        sys.exit(77)
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
