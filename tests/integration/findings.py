#!/usr/bin/env python3
"""`maildiag findings`: the list, what it says of a finding and of a cause, and typing errors; and that the generated pages
of the manual hold all of it.

    findings.py PROGRAM DIRECTORY_OF_GENERATED_PAGES
"""

import json
import subprocess
import sys
import unittest
from pathlib import Path


def run(*words, status=0):
    done = subprocess.run([PROGRAM, "findings", "--config", "/dev/null", *words], capture_output=True, text=True, timeout=60)
    assert done.returncode == status, (words, done.returncode, done.stderr)
    return done


def result(*words):
    return json.loads(run("--format", "json", *words).stdout)["result"]


class Findings(unittest.TestCase):
    def test_each_id_of_the_list_can_be_explained(self):
        for language in ("en", "ko"):
            catalogue = result("--lang", language)
            ids = [each["id"] for each in catalogue["findings"] + catalogue["causes"]]
            self.assertEqual(len(ids), len(set(ids)))
            lines = run("--lang", language).stdout.splitlines()
            self.assertEqual([line.split()[0] for line in lines if line], ids)
            told = [json.loads(line)["result"] for line in run("--lang", language, "--format", "json", *ids).stdout.splitlines()]
            self.assertEqual(told, catalogue["findings"] + catalogue["causes"])

    def test_a_finding(self):
        english, korean = (run("ptr.missing", "--lang", language).stdout for language in ("en", "ko"))
        value = result("ptr.missing", "--lang", "en")
        for word in ("critical", "Why it matters", "What to do", "ptr-missing", value["reference"]):
            self.assertIn(word, english)
        for word in ("심각", "의미와 영향", "조치 방법", "ptr-missing", value["reference"]):
            self.assertIn(word, korean)
        self.assertIn("  1. ", english)
        self.assertEqual(value["kind"], "finding")
        self.assertIn("ptr-missing", value["causes"])

    def test_a_cause(self):
        english = run("ptr-missing", "--lang", "en").stdout
        value = result("ptr-missing")
        self.assertEqual((value["kind"], value["side"]), ("cause", "sender-dns"))
        for word in ["the sender's DNS", "Confirmed by", "Refuted by", "ptr.missing", "ptr.ok", *value["links"]]:
            self.assertIn(word, english)
        self.assertIn("발신 측 DNS", run("ptr-missing", "--lang", "ko").stdout)

    def test_an_unknown_id(self):
        for typed, meant in (("ptr.mising", "ptr.missing"), ("ptr-misssing", "ptr-missing"), ("dkim", "dkim.")):
            done = run(typed, status=64)
            self.assertIn(f"no finding or cause `{typed}`: did you mean", done.stderr)
            self.assertIn(meant, done.stderr)
            self.assertEqual(done.stdout, "")
        self.assertIn("`maildiag findings` shows", run("zzzzzzzzzz", status=64).stderr)
        self.assertNotIn("did you mean", run("zzzzzzzzzz", status=64).stderr)
        self.assertNotIn("\x1b", run("\x1b[31m", status=64).stderr)
        self.assertIn("a" * 5000, run("a" * 5000, status=64).stderr)
        # The others are explained all the same.
        self.assertIn("ptr.ok", run("nothing.at-all", "ptr.ok", status=64).stdout)

    def test_an_unknown_rule(self):
        done = subprocess.run([PROGRAM, "rules", "show", "--config", "/dev/null", "daum.das42"], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 64)
        self.assertRegex(done.stderr, "no rule `daum.das42`: did you mean .*daum.das41.*shows the ids")

    def test_unknown_ids_in_korean(self):
        for words in (["findings", "ptr.missng"], ["findings", "zzzzzzzzzz"], ["rules", "show", "daum.das42"], ["rules", "show", "zzzzzzzzzz"]):
            done = subprocess.run([PROGRAM, *words, "--config", "/dev/null", "--lang", "ko"], capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 64)
            self.assertRegex(done.stderr, f"`{words[-1]}`: 그런 .* 없습니다")
            self.assertNotRegex(done.stderr, "no finding|no rule|did you mean|shows")
        self.assertIn("비슷한 ID: ptr.missing", run("ptr.missng", "--lang", "ko", status=64).stderr)

    def test_the_manual_holds_all(self):
        catalogue = result()
        for language in ("", "ko"):
            for page, kind in (("maildiag-findings.7", "findings"), ("maildiag-causes.7", "causes")):
                text = (PAGES / language / page).read_text(encoding="utf-8")
                items = {line.split()[2].replace("\\-", "-") for line in text.splitlines() if line.startswith(".It Sy ")}
                self.assertEqual(items, {each["id"] for each in catalogue[kind]})


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    PROGRAM, PAGES = sys.argv[1], Path(sys.argv[2])
    unittest.main(argv=sys.argv[:1])
