"""The main job against real servers: nsd for the zones, rbldnsd for the lists, unbound in front of them.

usage: explain_live.py MAILDIAG [unittest arguments]
"""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from support.servers import Nsd, Rbldnsd, SilentServer, Unbound, skip_unless  # noqa: E402

PROGRAM = sys.argv[1] if len(sys.argv) > 1 else "maildiag"
SOA = "@ 300 SOA ns. hostmaster. 1 3600 600 86400 60\n@ 300 NS ns.\n"
BIZSMTP = "554 walipinc13 bizsmtp Connection rejected. Reverse DNS for 124.243.61.57 does not exist."
RELAYING = "550 5.7.1 ... Relaying denied. IP name lookup failed [211.202.13.144]"
SPAMHAUS = "553 Access Denied Please visit http://www.spamhaus.org for details."


def zone(text=""):
    return "$TTL 300\n" + SOA + text


ROOT = "$TTL 300\n. SOA ns. hostmaster. 1 3600 600 86400 60\n. NS ns.\nns. A 127.0.0.1\n"

ZONES = {
    ".": ROOT,
    "243.124.in-addr.arpa": zone("1.61 PTR other.example.\n"),
    "202.211.in-addr.arpa": zone("144.13 PTR mail.good.example.\n145.13 PTR mail.good.example.\n"),
    "ssss.co.kr": zone("@ MX 10 mail\nmail A 211.202.13.150\n"),
    "good.example": zone(
        "@ MX 10 mail\n@ A 211.202.13.144\nmail A 211.202.13.144\n"
        '@ TXT "v=spf1 ip4:211.202.13.144 -all"\n'),
    "null.example": zone("@ MX 0 .\n"),
    "wildcard.example": zone("* A 127.0.0.2\n"),
    "blocked.example": zone("* A 127.255.255.254\n"),
    "parked.example": zone("* A 203.0.113.80\n"),
    "gone.example": zone(),
}
MATCHING_REVERSE = {
    ".": ROOT,
    "243.124.in-addr.arpa": zone("57.61 PTR mail.sender.example.\n"),
    "sender.example": zone("mail A 124.243.61.57\n"),
}


def run(*arguments, stdin=None):
    done = subprocess.run([PROGRAM, "--format", "json", *map(str, arguments)], input=stdin, capture_output=True,
                          text=True, timeout=120)
    return [json.loads(line) for line in done.stdout.splitlines()], done.returncode, done.stderr


def default_lists(target):
    """The zones that are on by default, as the program itself says; no list answers in an empty world."""
    with tempfile.NamedTemporaryFile("w", suffix=".zone") as empty:
        empty.write("$ORIGIN empty.example.\n" + zone())
        empty.flush()
        reports, _, _ = run("rblcheck", target, "--zone", empty.name)
    return [entry["zone"] for entry in reports[0]["result"]["lists"]]


class Live(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        test_entry = ":127.0.0.2:listed, see https://list.example/$\n127.0.0.2\n"
        lists = {name: ("ip4set", test_entry) for name in default_lists("198.51.100.1")}
        cls.list_count = len(lists)
        lists["zen.spamhaus.org"] = ("ip4set", test_entry + "211.202.13.144 :127.0.0.11:https://www.spamhaus.org/query/ip/$\n"
                                     "211.202.13.146 :127.0.0.2:SBL\n")
        lists["spamlist.or.kr"] = ("ip4set", test_entry + "211.202.13.147\n")
        cls.nsd = cls.enterClassContext(Nsd(ZONES))
        cls.rbl = cls.enterClassContext(Rbldnsd(lists))
        silent = cls.enterClassContext(SilentServer())
        stubs = {".": cls.nsd, "silent.example": silent, **{name: cls.rbl for name in lists}}
        cls.resolver = cls.enterClassContext(Unbound(stubs))
        cls.other = cls.enterClassContext(Nsd(MATCHING_REVERSE))
        cls.silent = silent

    def explain(self, reply, *arguments, nameserver=None, stdin=None):
        source = ["-"] if stdin is not None else ["--reply", reply]
        reports, status, stderr = run("explain", *source, *arguments, "--nameserver", nameserver or self.resolver.endpoint,
                                      "--timeout", "0.5", "--tries", "2", stdin=stdin)
        self.assertEqual(len(reports), 1, stderr)
        return reports[0], status

    def check(self, report, cause, verdict):
        result = report["result"]
        self.assertEqual((result["cause"], result["verdict"]), (cause, verdict), json.dumps(report, indent=1, ensure_ascii=False))

    def test_missing_ptr_is_confirmed(self):
        report, status = self.explain(BIZSMTP)
        self.check(report, "ptr-missing", "confirmed")
        self.assertEqual(status, 2)
        evidence = report["result"]["evidence"][0]
        self.assertEqual((evidence["name"], evidence["type"], evidence["outcome"]),
                         ("57.61.243.124.in-addr.arpa", "PTR", "nxdomain"))

    def test_matching_ptr_refutes(self):
        report, _ = self.explain(BIZSMTP, nameserver=self.other.endpoint)
        self.check(report, "ptr-missing", "refuted")
        self.assertIn("ptr.ok", [finding["id"] for finding in report["findings"]])

    def test_stopped_name_server_is_inconclusive(self):
        with Nsd(MATCHING_REVERSE) as stopped:
            endpoint = stopped.endpoint
        for nameserver in (endpoint, self.silent.endpoint):
            report, status = self.explain(BIZSMTP, nameserver=nameserver)
            self.check(report, "ptr-missing", "inconclusive")
            self.assertEqual(status, 3)

    def test_relaying_denied_without_name(self):
        report, _ = self.explain(RELAYING)
        self.check(report, "ptr-missing", "refuted")  # it has a name now, but the PBL lists it
        self.assertIn("dynamic-ip-listed", [other["cause"] for other in report["result"]["alternatives"]])

    def test_policy_block_list(self):
        report, status = self.explain(SPAMHAUS, "--ip", "211.202.13.144")
        self.check(report, "dynamic-ip-listed", "confirmed")
        self.assertEqual(status, 2)
        found = next(finding for finding in report["findings"] if finding["id"] == "dnsbl.policy-listed")
        self.assertEqual(found["data"]["codes"], ["127.0.0.11"])
        self.assertTrue(found["data"]["removal"].startswith("https://"))

    def test_named_list_without_the_address_refutes(self):
        report, _ = self.explain(SPAMHAUS, "--ip", "211.202.13.147")  # KISA lists it, Spamhaus does not
        self.check(report, "dnsbl-listed", "refuted")

    def test_unnamed_list_is_found(self):
        report, _ = self.explain("421 Your IP is filtered by RBL", "--ip", "211.202.13.147")
        self.check(report, "dnsbl-listed", "confirmed")
        listed = [finding["data"]["list"] for finding in report["findings"] if finding["id"] == "dnsbl.listed"]
        self.assertEqual(listed, ["spamlist.or.kr"])

    def test_sender_domain(self):
        reply = "451 4.1.8 Domain of sender address {} does not resolve"
        report, _ = self.explain(reply.format("im@ssss.co.kr"))
        self.check(report, "sender-domain-unresolvable", "refuted")
        report, _ = self.explain(reply.format("im@missing.example"))
        self.check(report, "sender-domain-unresolvable", "confirmed")
        report, _ = self.explain(reply.format("im@null.example"))
        self.check(report, "sender-domain-unresolvable", "confirmed")
        report, _ = self.explain(reply.format("im@silent.example"))
        self.check(report, "sender-domain-unresolvable", "inconclusive")

    def test_spf(self):
        reply = "550 5.7.23 <bob@example.net>: Recipient address rejected: Message rejected due to: SPF fail - not authorized"
        report, _ = self.explain(reply, "--ip", "211.202.13.145", "--sender", "alice@good.example")
        self.check(report, "spf-fail", "confirmed")
        failed = next(finding for finding in report["findings"] if finding["id"] == "spf.fail")
        self.assertEqual(failed["data"]["mechanism"], "-all")
        report, _ = self.explain(reply, "--ip", "211.202.13.144", "--sender", "alice@good.example")
        self.check(report, "spf-fail", "refuted")

    def test_lists_that_cannot_be_believed(self):
        arguments = ["rblcheck", "211.202.13.140", "--nameserver", self.resolver.endpoint, "--timeout", "0.5", "--tries", "2"]
        for name, state in [("wildcard.example", "broken"), ("gone.example", "broken"), ("parked.example", "broken"),
                            ("blocked.example", "blocked"), ("silent.example", "error")]:
            with self.subTest(name):
                reports, status, _ = run(*arguments, "--list", name)
                self.assertEqual(reports[0]["result"]["lists"][0]["state"], state)
                self.assertEqual(reports[0]["result"]["listed"], 0)
                self.assertEqual(status, 3)

    def test_sweeps(self):
        nameserver = ["--nameserver", self.resolver.endpoint]
        reports, status, _ = run("rblcheck", "127.0.0.2", *nameserver)
        self.assertEqual((reports[0]["result"]["listed"] > 10, status), (True, 2))
        reports, status, _ = run("rblcheck", "211.202.13.144/28", "--list", "zen.spamhaus.org", *nameserver)
        self.assertEqual(len(reports), 16)
        self.assertEqual([report["target"] for report in reports if report["result"]["listed"]], ["211.202.13.144", "211.202.13.146"])
        reports, status, _ = run("rblcheck", "mail.good.example", "--list", "zen.spamhaus.org", *nameserver)
        self.assertEqual([(report["target"], report["result"]["host"]) for report in reports], [("211.202.13.144", "mail.good.example")])
        reports, status, _ = run("rblcheck", "211.202.13.140", *nameserver)
        self.assertEqual((reports[0]["result"]["listed"], reports[0]["result"]["answered"], status), (0, self.list_count, 0))

    def test_sorbs_is_retired_and_never_asked(self):
        reports, _, _ = run("rblcheck", "211.202.13.140", "--list", "dnsbl.sorbs.net", "--nameserver", self.silent.endpoint)
        self.assertEqual(reports[0]["result"]["lists"][0]["state"], "skipped")
        self.assertEqual(reports[0]["result"]["queried"], 0)

    def test_both_times_and_outcomes_reach_the_report(self):
        bounce = ("From: MAILER-DAEMON@mx.example\nTo: alice@good.example\nSubject: failure notice\n"
                  "Date: Tue, 26 Jun 2018 08:54:42 -0700\n\nHi. This is the qmail-send program at mx.example.\n"
                  "I'm afraid I wasn't able to deliver your message to the following addresses.\n\n<bob@null.example>:\n"
                  "Sorry, I couldn't find any host by that name. (#4.1.2)\n\n--- Below this line is a copy of the message.\n\n"
                  "Return-Path: <alice@good.example>\n\nhello\n")
        report, _ = self.explain(None, stdin=bounce)
        # qmail's words say "for a time"; the check finds that it is for good.
        self.check(report, "dns-temporary", "refuted")
        self.assertEqual(report["result"]["alternatives"][0]["cause"], "recipient-domain-unresolvable")
        self.assertEqual(report["result"]["failure"]["time"], "2018-06-26T15:54:42Z")
        self.assertTrue(report["result"]["checked"].startswith("20"))


if __name__ == "__main__":
    skip_unless("nsd", "unbound", "rbldnsd")
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
