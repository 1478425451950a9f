#!/usr/bin/env python3
"""explain --log: the logs of every mail server, packed and rotated, from a pipe, between two times.

    explain_log.py PROGRAM LOGS
"""

import bz2
import gzip
import json
import lzma
import os
import random
import subprocess
import sys
import tempfile
import unittest
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

PROGRAM = LOGS = None


def run(*arguments, feed=b"", zone="UTC", form="json"):
    command = [PROGRAM, "explain", "--no-checks", "--format", form, *map(str, arguments)]
    return subprocess.run(command, input=feed, capture_output=True, timeout=120, env={**os.environ, "TZ": zone})


def explain(*arguments, **options):
    done = run(*arguments, **options)
    if done.stderr:
        raise AssertionError(done.stderr.decode())
    return [json.loads(line) for line in done.stdout.splitlines()]


def causes(reports):
    return Counter(report["result"]["cause"] for report in reports)


def failures_in(name):
    return (LOGS / f"{name}.expected").read_text().splitlines()


class EveryServer(unittest.TestCase):
    # What each of the fixtures' failures means: cause and kind by line.
    WANTED = {
        "postfix": {9: "user-unknown", 10: "connect-failed", 18: "content-spam", 19: "greylisted", 21: "mailbox-full",
                    24: "recipient-domain-unresolvable", 25: "user-unknown", 27: "dnsbl-listed", 28: "connect-failed",
                    38: "mailbox-full", 39: "mailbox-full", 40: "ip-reputation"},
        "sendmail": {2: "user-unknown", 3: "greylisted", 10: "recipient-domain-unresolvable", 11: "connect-failed",
                     12: "connect-failed"},
        "exim-mainlog": {4: "user-unknown", 5: "greylisted", 10: "greylisted", 13: "auth-missing", 15: "connect-failed",
                         20: "message-too-big"},
        "qmail-multilog": {7: "user-unknown", 17: "user-unknown", 18: "recipient-domain-unresolvable"},
        "qmail-syslog": {5: "content-spam", 6: "connect-failed", 8: "mailbox-full"},
        "opensmtpd": {3: "user-unknown", 4: "greylisted"},
        "exchange": {8: "user-unknown", 12: "connect-failed"},
    }

    def test_each_failure_has_its_cause(self):
        for name, wanted in self.WANTED.items():
            with self.subTest(name):
                reports = explain("--log", LOGS / f"{name}.log")
                self.assertEqual(len(reports), len(failures_in(name)))
                by_line = {int(report["target"].removeprefix(f"{LOGS}/{name}.log:").split(":")[0]): report["result"]
                           for report in reports}
                self.assertEqual({line: by_line[line]["cause"] for line in wanted}, wanted)

    def test_a_report_tells_who_where_and_when(self):
        report = explain("--log", LOGS / "postfix.log")[0]
        self.assertTrue(report["target"].endswith("postfix.log:9:4F1A2B3C4D"))
        result, failure = report["result"], report["result"]["failure"]
        self.assertEqual((result["kind"], result["format"]), ("failure", "postfix"))
        self.assertEqual((failure["sender"], failure["recipient"]), ("alice@sender.example", "bob@receiver.example"))
        self.assertEqual((failure["remote_host"], failure["remote_ip"]), ("mx.receiver.example", "192.0.2.25"))
        self.assertEqual((failure["command"], failure["action"]), ("RCPT TO", "failed"))
        self.assertEqual(failure["time"][4:], "-11-21T09:30:02Z")
        deferred = explain("--log", LOGS / "postfix.log")[1]["result"]
        self.assertEqual((deferred["kind"], deferred["failure"]["action"]), ("delay", "delayed"))

    def test_times_of_syslog_are_local(self):
        report = explain("--log", LOGS / "postfix.log", zone="Asia/Seoul")[0]
        self.assertEqual(report["result"]["failure"]["time"][4:], "-11-21T00:30:02Z")

    def test_our_own_refusals_are_no_failures(self):
        for report in explain("--log", LOGS / "postfix.log"):
            self.assertNotIn("bad.example", json.dumps(report))


class Files(unittest.TestCase):
    def setUp(self):
        self.directory = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def test_packed_logs_and_pipes_read_like_plain_ones(self):
        plain = (LOGS / "postfix.log").read_bytes()
        wanted = causes(explain("--log", LOGS / "postfix.log"))
        packed = {"gz": gzip.compress(plain), "xz": lzma.compress(plain), "bz2": bz2.compress(plain),
                  "zst": subprocess.run(["zstd", "-q", "-c"], input=plain, capture_output=True, check=True).stdout}
        for ending, octets in packed.items():
            path = self.directory / f"mail.log.{ending}"
            path.write_bytes(octets)
            self.assertEqual(causes(explain("--log", path)), wanted, ending)
            self.assertEqual(causes(explain("--log", "-", feed=octets)), wanted, ending)

    def test_rotated_logs_are_one(self):
        old, new = self.directory / "mail.log.1.gz", self.directory / "mail.log"
        lines = (LOGS / "postfix.log").read_bytes().splitlines(keepends=True)
        old.write_bytes(gzip.compress(b"".join(lines[:9])))
        new.write_bytes(b"".join(lines[9:]))
        reports = explain("--log", old, "--log", new)
        self.assertEqual(len(reports), len(failures_in("postfix")))
        expired = [report for report in reports if report["target"].endswith(":4F1A2B3C4D")]
        self.assertEqual({report["result"]["failure"]["sender"] for report in expired[:3]}, {"alice@sender.example"})

    def test_faults_are_told_and_the_others_still_read(self):
        none, cut = self.directory / "none.log", self.directory / "cut.gz"
        cut.write_bytes(gzip.compress(os.urandom(200) * 50)[:-20])
        done = run("--log", none, "--log", cut, "--log", LOGS / "opensmtpd.log")
        self.assertEqual(len(done.stdout.splitlines()), len(failures_in("opensmtpd")))
        self.assertIn(b"none.log: No such file", done.stderr)
        self.assertIn(b"cut.gz: ", done.stderr)
        self.assertIn(done.returncode, (65, 66))

    def test_a_mail_is_no_log(self):
        mail = self.directory / "bounce.eml"
        mail.write_text("From: MAILER-DAEMON@mx.example\nSubject: failure\n\nUser unknown\n")
        done = run("--log", mail)
        self.assertEqual((done.returncode, done.stdout), (65, b""))


class Times(unittest.TestCase):
    def test_since_and_until(self):
        log = LOGS / "exchange.log"  # its times have year and zone
        targets = [report["result"]["failure"]["recipient"] for report in
                   explain("--log", log, "--since", "2026-11-21T04:00:04Z", "--until", "2026-11-21T13:00:07+09:00")]
        self.assertEqual(targets, ["ghost@sender.example", "spook@sender.example"])
        self.assertEqual(explain("--log", log, "--until", "2026-11-20"), [])
        self.assertEqual(len(explain("--log", log, "--since", "2026-11-21")), len(failures_in("exchange")))

    def test_the_last_hour(self):
        stamp = "{:%Y-%m-%dT%H:%M:%S}Z mx postfix/smtp[1]: 4AAAAA000{}: to=<r{}@receiver.example>, relay=none, delay=1, " \
                "delays=1/0/0/0, dsn=5.4.4, status=bounced (Host not found)\n"
        now = datetime.utcnow()
        feed = "".join(stamp.format(now - timedelta(minutes=minutes), n, n) for n, minutes in enumerate([180, 90, 30]))
        reports = explain("--log", "-", "--since", "2h", "--until", "1h", feed=feed.encode())
        self.assertEqual([report["result"]["failure"]["recipient"] for report in reports], ["r1@receiver.example"])

    def test_a_year_for_dates_without_one(self):
        stamp = "{} 12:00:00 mx postfix/smtp[1]: 4AAAAA000{}: to=<r@receiver.example>, relay=none, delay=1, " \
                "delays=1/0/0/0, dsn=5.4.4, status=bounced (Host not found)\n"
        feed = stamp.format("Dec 30", 1) + stamp.format("Jan  2", 2)
        reports = explain("--log", "-", "--year", "2019", feed=feed.encode())
        self.assertEqual([report["result"]["failure"]["time"][:10] for report in reports], ["2019-12-30", "2020-01-02"])

    def test_wrong_use(self):
        for arguments in (["--log", LOGS / "postfix.log", "--since", "yesterday"], ["--since", "1h", "x.eml"],
                          ["--log", LOGS / "postfix.log", "--year", "26"], ["--year", "2026", "x.eml"]):
            self.assertEqual(run(*arguments).returncode, 64, arguments)


class WhoTriesAgain(unittest.TestCase):
    """What may pass later is tried again by no one where it was given up: RFC 3464, section 2.3.3."""

    LABELS = {"no": ("the sending server tries again", "자동으로 재시도합니다"), "given up": ("has given up", "자동으로 재시도하지 않습니다"),
              "yes": ("the message was returned", "메일이 반송되었으며"), "in queue": ("although the sending server still", "아직 재시도하고 있으나"),
              "untold": ("the reply alone does not tell", "응답만으로 알 수 없음")}
    DSN = ("From: MAILER-DAEMON@mx.example.net\nTo: a@example.com\nSubject: Mail\nMIME-Version: 1.0\n"
           "Content-Type: multipart/report; report-type=delivery-status; boundary=\"B\"\n\n"
           "--B\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\n"
           "Final-Recipient: rfc822; b@example.net\nAction: {}\nStatus: 4.0.0\nDiagnostic-Code: smtp; {}\n\n--B--\n")
    EXPIRED = ("Nov  3 10:00:01 mx postfix/smtp[124]: 4XabcdEFG: to=<b@example.net>, relay=in.example.net[192.0.2.7]:25, delay=1.2, "
               "delays=0.1/0/1/0.1, dsn=4.7.1, status=deferred (host in.example.net[192.0.2.7] said: 450 4.7.1 <b@example.net>: "
               "Recipient address rejected: Greylisted (in reply to RCPT TO command))\n"
               "Nov  3 10:00:02 mx postfix/qmgr[125]: 4XabcdEFG: from=<a@example.com>, status=expired, returned to sender\n")
    NOTICE = ("From: postmaster@relay.example\nSubject: 반송\n\n받는 사람: b@example.net\n"
              "반송 사유: 상대 서버가 응답하지 않아 반송되었습니다. 잠시 후 다시 보내 주세요.\n")

    def test_what_the_words_say(self):
        greylisted = "450 4.7.1 <b@example.net>: Recipient address rejected: Greylisted"
        ts03 = "421 4.7.1 [TS03] All messages from 203.0.113.9 will be permanently deferred; Retrying will NOT succeed."
        refused = "550 5.4.316 Message expired, connection refused(Socket error code 10061)"
        for feed, arguments, wanted in ((self.DSN.format("failed", greylisted), [], ["given up"]),
                                        (self.DSN.format("delayed", greylisted), [], ["no"]),
                                        (self.DSN.format("failed", refused), [], ["given up"]),
                                        (self.DSN.format("failed", "550 5.1.1 User unknown"), [], ["yes"]),
                                        (self.DSN.format("delayed", ts03), [], ["in queue"]),
                                        (self.EXPIRED, ["--log", "-"], ["no", "given up"]),
                                        (self.NOTICE, [], ["given up"]),
                                        ("", ["--reply", greylisted], ["no"]),
                                        ("", ["--reply", greylisted + "; returned to sender"], ["no"]),
                                        ("", ["--reply", "Mailbox full"], ["untold"]),
                                        ("", ["--reply", "Mailbox full, will keep trying for 3 days"], ["no"]),
                                        ("", ["--reply", "returned to sender: mailbox full, try again later"], ["given up"])):
            for language in (0, 1):
                text = run("--lang", ("en", "ko")[language], *(arguments or ["-"]), feed=feed.encode(), form="text")
                flat = " ".join(text.stdout.decode().split())
                found = sorted((flat.find(words[language]), label) for label, words in self.LABELS.items())
                with self.subTest(feed=feed, language=language):
                    self.assertEqual([label for at, label in found if at >= 0], wanted, flat)

    def test_what_was_given_up_is_sent_again(self):
        first = [report["result"]["remedy"][0].split(" once ")[0] for report in explain("--log", "-", feed=self.EXPIRED.encode())]
        self.assertNotEqual(first[0], "Send it again")
        self.assertEqual(first[1], "Send it again")


class Mixture(unittest.TestCase):
    def test_interleaved_servers_and_processes(self):
        """A thousand mails of three servers in one syslog, their lines shuffled but for the order within a mail."""
        generator = random.Random(3464)
        mails = []
        for number in range(1000):
            queue_id, sender, recipient = f"4{number:09X}", f"s{number}@sender.example", f"r{number}@receiver.example"
            reply = "550 5.1.1 <{}>: Recipient address rejected: User unknown".format(recipient)
            mails.append([
                [f"mx1 postfix/qmgr[1]: {queue_id}: from=<{sender}>, size=1, nrcpt=1 (queue active)",
                 f"mx1 postfix/smtp[2]: {queue_id}: to=<{recipient}>, relay=mx.receiver.example[192.0.2.25]:25, delay=1, "
                 f"delays=1/0/0/0, dsn=5.1.1, status=bounced (host mx.receiver.example[192.0.2.25] said: {reply} (in reply to "
                 "RCPT TO command))", f"mx1 postfix/qmgr[1]: {queue_id}: removed"],
                [f"mx2 sm-mta[3]: 0AL1{number:010}: from=<{sender}>, size=1, class=0, nrcpts=1, proto=ESMTP, relay=a [10.0.0.7]",
                 f"mx2 sm-mta[4]: 0AL1{number:010}: to=<{recipient}>, delay=00:00:01, xdelay=00:00:01, mailer=esmtp, pri=1, "
                 f"relay=mx.receiver.example. [192.0.2.25], dsn=5.1.1, reply={reply}, stat=User unknown"],
                [f"mx3 qmail: 1795240801.1 info msg {number}: bytes 1 from <{sender}> qp 1 uid 1",
                 f"mx3 qmail: 1795240801.2 starting delivery {number}: msg {number} to remote {recipient}",
                 f"mx3 qmail: 1795240801.3 delivery {number}: failure: 192.0.2.25_does_not_like_recipient./Remote_host_said:_"
                 + reply.replace(" ", "_") + "/Giving_up_on_192.0.2.25./", f"mx3 qmail: 1795240801.4 end msg {number}"],
            ][number % 3])
        lines = []
        waiting = mails[:]
        while waiting:
            mail = generator.randrange(min(len(waiting), 50))
            lines.append("Nov 21 09:30:01 " + waiting[mail].pop(0))
            if not waiting[mail]:
                waiting.pop(mail)
        reports = explain("--log", "-", feed="\n".join(lines).encode())
        self.assertEqual(causes(reports), {"user-unknown": 1000})
        for report in reports:
            failure = report["result"]["failure"]
            self.assertEqual(failure["sender"], "s" + failure["recipient"][1:].replace("receiver", "sender"))


if __name__ == "__main__":
    PROGRAM, LOGS = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
