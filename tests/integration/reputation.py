#!/usr/bin/env python3
"""`maildiag reputation`, and its entry where explain's rule leads to it.

    reputation.py PROGRAM
"""

import json
import subprocess
import sys
import tempfile
import tomllib
import unittest
from pathlib import Path
from urllib.parse import urlsplit

PROGRAM = sys.argv[1] if len(sys.argv) > 1 else "maildiag"
CATALOGUE = Path(__file__).resolve().parents[2] / "rules/findings/reputation.toml"
WANTED = {"cisco", "trendmicro", "yahoo", "gmail", "outlook", "m365", "daum", "naver", "kisa", "barracuda", "spamhaus"}
SENDERBASE = "554 Your access to this mail system has been rejected due to the sending MTA's poor reputation."
TREND = "550 5.7.1 Service unavailable; Client host [203.0.113.9] blocked using Trend Micro RBL+. Please see http://www.mail-abuse.com/"

OWN_CAUSE = """
[[rule]]
id = "own.oracle"
match = "our oracle dislikes"
cause = "oracle"
meaning = { en = "The oracle." }
[[cause]]
id = "oracle"
side = "sender-ip-reputation"
title = { en = "The oracle" }
meaning = { en = "It dislikes the address." }
untestable = true
"""


def run(*arguments):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=120)


class Reputation(unittest.TestCase):
    def services(self, target, language="en"):
        done = run("reputation", target, "--format", "json", "--lang", language)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return {each["id"]: each for each in json.loads(done.stdout)["result"]["services"]}

    def test_every_entry_has_links_that_are_ready(self):
        known = {entry["id"].removeprefix("reputation.") for entry in tomllib.loads(CATALOGUE.read_text())["finding"]}
        self.assertLessEqual(WANTED, known)
        seen = set()
        for target in ("203.0.113.7", "2001:db8::7", "example.com"):
            for language in ("en", "ko"):
                services = self.services(target, language)
                seen |= services.keys()
                for service in services.values():
                    self.assertTrue(service["links"], service)
                    for link in service["links"]:
                        parts = urlsplit(link)
                        self.assertEqual(parts.scheme, "https")
                        self.assertIn(".", parts.hostname)
                        self.assertNotRegex(link, r"[{}\s]|[.,)]$")
        self.assertEqual(seen, known)

    def test_entries_are_for_their_kind_of_target(self):
        address, domain = self.services("203.0.113.7"), self.services("example.com")
        self.assertIn("outlook", address)
        self.assertNotIn("outlook", domain)
        self.assertIn("gmail", domain)
        self.assertTrue(any("203.0.113.7" in link for link in address["cisco"]["links"]))
        self.assertTrue(any("example.com" in link for link in domain["cisco"]["links"]))
        self.assertEqual(run("reputation", "not a name").returncode, 64)
        self.assertEqual(run("reputation", "203.0.113.0/24").returncode, 64)

    def test_explain_shows_the_entry_of_the_provider(self):
        for reply, service in [(SENDERBASE, "reputation.cisco"), (TREND, "reputation.trendmicro")]:
            arguments = ("explain", "--no-checks", "--ip", "203.0.113.9", "--reply", reply)
            result = json.loads(run(*arguments, "--format", "json").stdout)["result"]
            if result["side"] == "sender-ip-reputation":
                self.assertEqual(result["reputation"]["id"], service)
                self.assertTrue(any("203.0.113.9" in step for step in result["reputation"]["steps"]))
                self.assertIn(result["reputation"]["title"], run(*arguments, "--lang", "en").stdout)
            else:
                self.assertNotIn("reputation", result)
        result = json.loads(run("explain", "--no-checks", "--ip", "203.0.113.9", "--format", "json", "--reply", SENDERBASE).stdout)["result"]
        self.assertEqual(result["side"], "sender-ip-reputation")

    def explained(self, *arguments):
        return run("explain", "--no-checks", "--format", "json", *arguments)

    def entry_of(self, *arguments):
        result = json.loads(self.explained(*arguments).stdout)["result"]
        return result["cause"], result.get("reputation", {}).get("id")

    def test_a_cause_points_to_an_entry_of_its_own(self):
        reply = "550 5.7.1 our oracle dislikes 203.0.113.9"
        with tempfile.TemporaryDirectory() as rules:
            own = Path(rules) / "own.toml"
            arguments = ("--rules", rules, "--ip", "203.0.113.9", "--sender", "news@example.com", "--reply", reply)
            for wanted, keys in [("reputation.kisa", '["kisa"]'), ("reputation.naver", '["provider", "naver", "kisa"]'),
                                 (None, '["provider"]')]:
                own.write_text(OWN_CAUSE + f"reputation = {keys}\n")
                self.assertEqual(self.entry_of(*arguments), ("oracle", wanted))
            own.write_text(OWN_CAUSE + 'reputation = ["delphi"]\n')
            done = self.explained(*arguments)
            self.assertEqual(done.returncode, 78)
            self.assertIn("there is no entry `reputation.delphi`", done.stderr)

    def test_an_unnamed_reputation_points_to_the_public_one(self):
        reply = "550 5.7.1 203.0.113.9 has a bad reputation"
        self.assertEqual(self.entry_of("--ip", "203.0.113.9", "--reply", reply), ("ip-reputation", "reputation.cisco"))

    def test_a_domain_stands_in_where_the_address_is_of_no_use(self):
        reply = ("550-5.7.1 Our system has detected that this message is likely unsolicited mail. To reduce the amount of spam sent"
                 " to Gmail, this message has been blocked. - gsmtp")
        self.assertEqual(self.entry_of("--sender", "news@example.com", "--reply", reply), ("content-spam", "reputation.gmail"))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
