#!/usr/bin/env python3
"""What an administrator who writes rules gets to see: `rules list`, `test` and `lint` as text, and the hits of each rule.

    rules_command.py PROGRAM SOURCE_ROOT
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

# Another rule wins its example, and it wins examples of others.
BEATEN = """
[[provider]]
id   = "partner"
kind = "provider"
name = { en = "Partner", ko = "파트너" }

[[rule]]
id       = "partner.beaten"
provider = "partner"
match    = 'mailbox full'
cause    = "mailbox-full"
meaning  = { en = "Full.", ko = "가득 찼습니다." }
fix      = { en = ["Wait."], ko = ["기다리세요."] }
examples = ["550 5.7.1 DAS41 203.0.113.7: mailbox full"]
source   = "a test"
"""


class RulesCommand(unittest.TestCase):
    def run_program(self, *words, status):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("MAILDIAG_")}
        done = subprocess.run([PROGRAM, *words, "--lang", "en"], capture_output=True, text=True, timeout=240, stdin=subprocess.DEVNULL,
                              env={**kept, "LC_ALL": "C.UTF-8", "XDG_CONFIG_HOME": "/nonexistent"})
        self.assertEqual((done.returncode, done.stderr), (status, ""), done.stdout)
        return done.stdout

    def own_rules(self):
        directory = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="maildiag-rules-")))
        (directory / "own.toml").write_text(BEATEN, encoding="utf-8")
        return directory

    def test_list(self):
        rules = json.loads(self.run_program("rules", "list", "--format", "json", status=0))["result"]["rules"]
        self.assertGreater(len(rules), 1000)
        rows = [line.split() for line in self.run_program("rules", "list", status=0).splitlines() if line]
        self.assertEqual([row for row in rows if len(row) == 2], [[rule["id"], rule["cause"]] for rule in rules])

    def test_an_example_that_another_rule_wins(self):
        own = self.own_rules()
        text = " ".join(self.run_program("rules", "test", "--rules", own, status=2).split())
        self.assertIn(f"{own}/own.toml:7: partner.beaten: 550 5.7.1 DAS41 203.0.113.7: mailbox full -> daum.das41", text)
        self.assertRegex(text, r": generic\.mailbox-full: \S.* -> partner\.beaten ")
        self.assertEqual(text.count(" -> "), int(re.search(r"Faults: (\d+)$", text)[1]))

    def test_a_rule_that_can_never_win(self):
        own = self.own_rules()
        text = " ".join(self.run_program("rules", "lint", "--rules", own, status=1).split())
        self.assertEqual(text, f"{own}/own.toml:7: partner.beaten: can never win (daum.das41)")
        self.assertEqual(self.run_program("rules", "lint", status=0).strip(), "Nothing to complain about.")

    def test_hits(self):
        bounce = f"{ROOT}/tests/data/bounces/ptr-missing.eml"
        read = json.loads(self.run_program("explain", "--no-checks", "--format", "json", bounce, status=0))["result"]
        text = self.run_program("explain", "--no-checks", "--stats", bounce, status=0)
        self.assertRegex(text, rf"Hits by rule\n +1  {re.escape(read['rule']['id'])}\n +0  \(without a rule\)\n +\d+  \(rules never hit\)\n")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    PROGRAM, ROOT = sys.argv.pop(1), sys.argv.pop(1)
    unittest.main()
