#!/usr/bin/env python3
"""explain over many failures: lines, Maildirs, summaries, own hosts, statistics, ready rules.

    explain_bulk.py PROGRAM SOURCE_ROOT
"""

import json
import subprocess
import sys
import tempfile
import unittest
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
import replies  # noqa: E402

PROGRAM = ROOT = None
SECONDS = 300


def run(*arguments, feed="", status=None):
    done = subprocess.run([PROGRAM, *map(str, arguments)], input=feed, capture_output=True, text=True, timeout=SECONDS)
    if status is not None and done.returncode != status:
        raise AssertionError(f"{arguments}: exit status {done.returncode}, not {status}: {done.stderr}")
    return done


def objects(done):
    return [json.loads(line) for line in done.stdout.splitlines()]


def explain(*arguments, feed="", status=None):
    return objects(run("explain", "--no-checks", "--format", "json", *arguments, feed=feed, status=status))


def write_maildir(path, mails):
    for name in ("cur", "new", "tmp"):
        (path / name).mkdir(parents=True)
    for number, mail in enumerate(mails):
        (path / "cur" / f"{number:06}.host:2,S").write_text(mail, newline="")


class Lines(unittest.TestCase):
    def test_one_object_a_line_in_order(self):
        texts = ["550 5.1.1 User unknown", "", "452 4.2.2 Mailbox full\t192.0.2.9\tkim@own.example", "zork",
                 "550 5.1.1 User unknown\tnot-an-address"]
        done = run("explain", "--no-checks", "--format", "json", "--reply-lines", "-", feed="\n".join(texts) + "\n", status=65)
        found = objects(done)
        self.assertEqual([item["target"] for item in found], [f"-:{n}" for n in range(1, 6)])
        self.assertEqual(found[0]["result"]["cause"], "user-unknown")
        self.assertEqual(found[1]["result"]["cause"], "unclassified")
        self.assertEqual(found[2]["result"]["failure"]["sending_ip"], "192.0.2.9")
        self.assertEqual(found[2]["result"]["failure"]["sender"], "kim@own.example")
        self.assertEqual(found[3]["result"]["cause"], "unclassified")
        self.assertIn("-:5: the second column", done.stderr)

    def test_many_lines_are_classified_as_single_ones_are(self):
        """The automaton of all patterns, which takes over in a long run, agrees with the lazy way."""
        texts = list(replies.Replies(ROOT, 1).lines(1500))
        together = explain("--reply-lines", "-", feed="\n".join(texts) + "\n")
        self.assertEqual(len(together), len(texts))
        for start in range(600, 1500, 300):
            alone = explain("--reply-lines", "-", feed="\n".join(texts[start:start + 300]) + "\n")
            for one, other in zip(alone, together[start:start + 300]):
                for volatile in ("target", "started", "elapsed_ms"):
                    one.pop(volatile), other.pop(volatile)
                self.assertEqual(one, other)

    def test_unbuffered_answers_before_the_next_line(self):
        command = [PROGRAM, "explain", "--no-checks", "--format", "json", "--unbuffered", "--reply-lines", "-"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
            for text, cause in (("550 5.1.1 User unknown", "user-unknown"), ("452 4.2.2 Mailbox full", "mailbox-full")):
                child.stdin.write(text + "\n")
                child.stdin.flush()
                self.assertEqual(json.loads(child.stdout.readline())["result"]["cause"], cause)
            child.stdin.close()
            self.assertEqual(child.stdout.read(), "")


class Summaries(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.path = Path(self.directory.name)

    def test_summary_counts_what_the_reports_say(self):
        source = replies.Replies(ROOT, 2)
        mails = [replies.dsn(n, source.line(), sender=f"s{n % 5}@own.example", recipient=f"r{n}@d{n % 3}.example.org")
                 for n in range(200)]
        write_maildir(self.path / "Maildir", mails)
        reports = explain(self.path / "Maildir")
        self.assertEqual([Path(report["target"]).name[:6] for report in reports], [f"{n:06}" for n in range(200)])
        (summary,) = explain("--summary", self.path / "Maildir")
        self.assertEqual(summary["schema"], "maildiag.summary/1")
        result = summary["result"]
        self.assertEqual(result["failures"], 200)
        self.assertEqual(result["messages"], {"failure": 200})
        self.assertEqual(result["first_seen"], "2026-11-20T09:30:00Z")
        self.assertEqual(result["last_seen"], "2026-11-20T09:33:19Z")
        for dimension, of in (("cause", lambda r: r["cause"]), ("rule", lambda r: (r["rule"] or {}).get("id")),
                              ("sender", lambda r: r["failure"]["sender"]), ("sending_ip", lambda r: r["failure"]["sending_ip"])):
            expected = Counter(of(report["result"]) for report in reports)
            self.assertEqual({row["key"]: row["count"] for row in result["groups"][dimension]}, expected, dimension)
        row = result["groups"]["cause"][0]
        self.assertEqual(row["share"], row["count"] / 200)
        self.assertEqual(row["sample"]["cause"], row["key"])
        self.assertTrue(row["first_step"])
        text = run("explain", "--no-checks", "--summary", self.path / "Maildir").stdout
        self.assertIn(row["key"], text)
        self.assertIn(row["first_step"][:40], " ".join(text.split()))

    def test_parts_make_the_whole(self):
        texts = list(replies.Replies(ROOT, 3).lines(900))
        for number, part in enumerate((texts, texts[:250], texts[250:600], texts[600:])):
            (self.path / f"{number}.txt").write_text("\n".join(part) + "\n")
            done = run("explain", "--no-checks", "--summary", "--format", "json", "--reply-lines", self.path / f"{number}.txt")
            (self.path / f"{number}.json").write_text(done.stdout)

        def merge(*numbers):
            (merged,) = objects(run("summary", "merge", "--format", "json", *(self.path / f"{n}.json" for n in numbers)))
            return merged["result"]

        def counts(result):
            return {dimension: {row["key"]: (row["count"], row["causes"]) for row in rows}
                    for dimension, rows in result["groups"].items()}

        whole = json.loads((self.path / "0.json").read_text())["result"]
        self.assertEqual(merge(1, 2, 3), merge(3, 1, 2))
        self.assertEqual(counts(merge(1, 2, 3)), counts(whole))
        self.assertEqual(merge(0), whole | {"across": merge(0)["across"]})
        lines = "".join((self.path / f"{n}.json").read_text() for n in (1, 2, 3))
        (piped,) = objects(run("summary", "merge", "--format", "json", "-", feed=lines))
        self.assertEqual(piped["result"], merge(1, 2, 3))

    def test_counts_of_rules_are_summed(self):
        texts = list(replies.Replies(ROOT, 3).lines(90))
        parts = []
        for part in (texts, texts[:20], texts[20:50], texts[50:]):
            (self.path / "part.txt").write_text("\n".join(part) + "\n")
            parts.append(run("explain", "--no-checks", "--summary", "--stats", "--format", "json", "--reply-lines", self.path / "part.txt").stdout)
        (merged,) = objects(run("summary", "merge", "--format", "json", "-", feed="".join(parts[1:])))
        self.assertEqual(merged["result"]["stats"], json.loads(parts[0])["result"]["stats"])
        # Those of some parts would be taken for those of all.
        without = run("explain", "--no-checks", "--summary", "--format", "json", "--reply", "550 5.1.1 User unknown").stdout
        for lines in (parts[1] + without, without + parts[1]):
            done = run("summary", "merge", "--format", "json", "-", feed=lines, status=65)
            self.assertEqual(done.stdout, "")
            self.assertIn("-:2: made with --stats where others are not", done.stderr)

    def test_a_broken_part_spoils_the_sum(self):
        good = run("explain", "--no-checks", "--summary", "--format", "json", "--reply", "550 5.1.1 User unknown").stdout
        for bad in ("{}", "[" * 100_000, '{"schema":"maildiag.summary/1","result":{}}', good[:50], "\x00"):
            done = run("summary", "merge", "--format", "json", "-", feed=good + bad + "\n", status=65)
            self.assertEqual(done.stdout, "")
            self.assertIn("-:2", done.stderr)
        run("summary", "merge", self.path / "absent.json", status=66)

    def write_flood(self, received):
        mails = [replies.dsn(n, "550 5.1.1 User unknown", sender="kim@own.example", recipient=f"r{n}@d{n}.example.org",
                             received=received) for n in range(40)]
        mails += [replies.dsn(n, "550 5.1.1 User unknown", sender="lee@own.example", recipient=f"r{n}@d{n}.example.org",
                              received=received) for n in range(100, 105)]
        write_maildir(self.path / "Maildir", mails)

    def across(self, *arguments):
        done = run("explain", "--no-checks", "--summary", "--format", "json", *arguments, self.path / "Maildir")
        (summary,) = objects(done)
        return done.returncode, summary["result"]["across"], summary["findings"]

    def test_a_burst_through_own_hosts_is_a_stolen_account(self):
        self.write_flood(["from pc (unknown [203.0.113.66]) by mail.own.example (Postfix) with ESMTPSA id 1"])
        for own in (("--own", "own.example"), ("--own", "192.0.2.0/24", "--own", "mail.own.example")):
            status, across, findings = self.across(*own)
            self.assertEqual(status, 2)
            self.assertEqual(len(across), 1)
            self.assertEqual((across[0]["cause"], across[0]["sender"]), ("account-compromised", "kim@own.example"))
            self.assertEqual((across[0]["since"], across[0]["until"]), ("2026-11-20T09:30:00Z", "2026-11-20T09:30:39Z"))
            self.assertEqual((across[0]["failures"], across[0]["recipients"], across[0]["domains"]), (40, 40, 40))
            self.assertEqual(findings[0]["id"], "bounces.account-compromised")
            self.assertIn("2026-11-20T09:30:00Z", findings[0]["detail"])

    def test_a_burst_past_own_hosts_is_backscatter(self):
        self.write_flood(["from spam (spam.bad.example [203.0.113.66]) by relay.bad.example with ESMTP id 1"])
        status, across, findings = self.across("--own", "own.test", "--own", "192.0.2.0/24")
        self.assertEqual(status, 1)
        self.assertEqual([(item["cause"], item["sender"]) for item in across], [("backscatter", "kim@own.example")])
        self.assertEqual(findings[0]["id"], "bounces.backscatter")
        _, across, findings = self.across()
        self.assertEqual([item["cause"] for item in across], ["unclassified"])
        self.assertIn("--own", findings[0]["remedy"][0])

    def test_own_must_be_a_host_or_network(self):
        run("explain", "--no-checks", "--summary", "--own", "not a host", "--reply", "550 no", status=64)


class Checks(unittest.TestCase):
    ZONE = "$ORIGIN .\n$TTL 300\nown.example. IN SOA ns.own.example. h.own.example. 1 1 1 1 1\nown.example. IN NS ns.own.example.\n"

    def test_each_subject_is_asked_once(self):
        """Many failures of one subject ask the DNS as often as a single one does."""
        with tempfile.TemporaryDirectory() as name:
            zone = Path(name) / "own.zone"
            zone.write_text(self.ZONE)

            def ask(lines, *options):
                record = Path(name) / "record"
                record.unlink(missing_ok=True)
                done = run("explain", "--zone", zone, "--record", record, "--format", "json", "--reply-lines", "-", *options,
                           feed=lines)
                return len(record.read_text().splitlines()), objects(done)

            line = "554 5.7.1 Client host rejected: cannot find your reverse hostname\t192.0.2.7\tu{}@own.example\n"
            once, _ = ask(line.format(1))
            many, reports = ask(line.format(1) * 600)
            self.assertGreater(once, 0)
            self.assertEqual(many, once)
            self.assertEqual([report["target"] for report in reports], [f"-:{n}" for n in range(1, 601)])
            self.assertEqual({report["result"]["verdict"] for report in reports}, {reports[0]["result"]["verdict"]})
            summary, ((result),) = ask("".join(line.format(n) for n in range(5000)), "--summary")
            self.assertEqual(summary, once)
            self.assertEqual(result["result"]["failures"], 5000)


class Rules(unittest.TestCase):
    def test_stub_makes_an_unknown_reply_known(self):
        reply = "550 Zork: gnu <kim@b.example> wobbles at 192.0.2.1 (no. 17)"
        (report,) = explain("--reply", reply)
        self.assertEqual(report["result"]["cause"], "unclassified")
        with tempfile.TemporaryDirectory() as rules:
            (Path(rules) / "own.toml").write_text(report["result"]["stub"])
            for text in (reply, "550 Zork: gnu <lee@c.example> wobbles at 198.51.100.9 (no. 4)"):
                (known,) = explain("--rules", rules, "--reply", text, status=0)
                self.assertEqual(known["result"]["cause"], "policy-reject")
                self.assertIsNone(known["result"].get("stub"))
            run("rules", "test", "--rules", rules, status=0)
        self.assertIn("\n[[rule]]\nid ", run("explain", "--no-checks", "--reply", reply).stdout)
        (known,) = explain("--reply", "550 5.1.1 User unknown")
        self.assertNotIn("stub", known["result"])
        # The words are known, though not what they are about.
        (known,) = explain("--reply", "550 5.7.1 도메인 example.com이 존재하지 않습니다")
        self.assertEqual(known["result"]["cause"], "unclassified")
        self.assertNotIn("stub", known["result"])
        (unknown,) = explain("--reply", "550 5.1.0 Zork")
        self.assertEqual(unknown["result"]["rule"]["id"].split(".")[0], "status")
        self.assertIn("stub", unknown["result"])

    def test_stats_count_the_hits(self):
        feed = "550 5.1.1 User unknown\nzork gnu\n550 5.1.1 User unknown\n"
        *reports, stats = explain("--stats", "--reply-lines", "-", feed=feed)
        self.assertEqual(len(reports), 3)
        self.assertEqual(stats["schema"], "maildiag.stats/1")
        self.assertEqual(stats["result"]["failures"], 3)
        self.assertEqual(stats["result"]["without_rule"], 1)
        self.assertEqual(stats["result"]["rules"], [{"id": reports[0]["result"]["rule"]["id"], "hits": 2}])
        (summary,) = explain("--stats", "--summary", "--reply-lines", "-", feed=feed)
        self.assertEqual(summary["result"]["stats"], stats["result"])

    def test_lint_of_the_shipped_rules(self):
        (report,) = objects(run("rules", "lint", "--format", "json"))
        # Words in other scripts are no literals to the matcher.
        self.assertEqual([fault for fault in report["result"]["faults"] if fault["kind"] != "no-literal"], [])


if __name__ == "__main__":
    PROGRAM, ROOT = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1])
