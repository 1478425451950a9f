#!/usr/bin/env python3
"""Every reply text of the collected documents is won by a rule of its own with the right cause, however it is written down.

usage: sources_table.py MAILDIAG TABLE [unittest arguments]

Each row of TABLE is tried as it stands and as real mail systems pass replies on: folded, quoted, in capitals, behind the
remote host's name, with other addresses and numbers, and as a reply of several lines. All go through one process.
"""

import json
import re
import subprocess
import sys
import textwrap
import unittest
from pathlib import Path
from typing import NamedTuple

PROGRAM, TABLE = (sys.argv[1:3] + ["", ""])[:2]

REPLY = re.compile(r"(?P<code>[245]\d\d)[ -](?P<status>[245]\.\d{1,3}\.\d{1,3} )?(?P<text>.*)", re.DOTALL)
CONTINUED = re.compile(r"\n[245]\d\d[ -](?:[245]\.\d{1,3}\.\d{1,3} )?")
ADDRESS = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b")
LONG_NUMBER = re.compile(r"(?<![\d.@A-Za-z:])\d{5,}(?![\d.@A-Za-z:])")


class Row(NamedTuple):
    line: int
    document: str
    text: str
    cause: str
    rule: str


def rows(path):
    result = []
    for number, line in enumerate(Path(path).read_text(encoding="utf-8").splitlines(), 1):
        if line and not line.startswith("#"):
            document, text, cause, rule = line.split("\t")
            result.append(Row(number, document, text.replace("\\n", "\n"), cause, rule))
    return result


def fold(text, indent):
    return textwrap.fill(text, 70, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def as_written(text):
    return text


def folded_in_dsn(text):
    kind = "smtp; " if REPLY.fullmatch(text) else ""
    return fold(kind + text.replace("\n", " "), "    ")


def quoted(text):
    return "\n".join("> " + line for part in text.split("\n") for line in fold(part, "").split("\n"))


def in_capitals(text):
    return text.upper()


def behind_host(text):
    return "host mx.example.net[192.0.2.1] said: " + text if REPLY.fullmatch(text) else None


def other_numbers(text):
    changed = LONG_NUMBER.sub(lambda found: str(10 ** (len(found.group()) - 1) + 7), ADDRESS.sub("198.51.100.234", text))
    return changed if changed != text else None


def in_three_lines(text):
    """As a reply of several lines: "550-5.1.1 the\\n550-5.1.1 same\\n550 5.1.1 words"."""
    reply = REPLY.fullmatch(CONTINUED.sub(" ", text))
    if not reply:
        return None
    words = reply["text"].split()
    third = max(1, len(words) // 3)
    lines = [" ".join(part) for part in (words[:third], words[third : 2 * third], words[2 * third :]) if part]
    status = reply["status"] or ""
    return "\n".join(
        f"{reply['code']}{' ' if i + 1 == len(lines) else '-'}{status}{line}" for i, line in enumerate(lines)
    )


VARIANTS = (as_written, folded_in_dsn, quoted, in_capitals, behind_host, other_numbers, in_three_lines)


def explain(texts):
    arguments = [part for text in texts for part in ("--reply", text)]
    done = subprocess.run([PROGRAM, "explain", "--no-checks", "--format", "json", *arguments], capture_output=True,
                          text=True, timeout=120)
    return [json.loads(line)["result"] for line in done.stdout.splitlines()], done.stderr


def fault(row, result):
    rule = (result.get("rule") or {}).get("id", "")
    expected = rule.startswith(row.rule) if row.rule.endswith(".") else rule == row.rule
    if not expected or rule.startswith(("status.", "reply.")):
        return f"won by {rule or 'nothing'}, not by {row.rule}"
    if result["cause"] != row.cause:
        return f"cause {result['cause']}, not {row.cause} ({rule})"
    return None


class SourcesTable(unittest.TestCase):
    maxDiff = None

    def test_every_text_in_every_form(self):
        cases = [
            (row, variant, text)
            for row in rows(TABLE)
            for variant in VARIANTS
            if (text := variant(row.text)) is not None
        ]
        self.assertGreater(len(cases), 1000)
        results, errors = explain([text for _, _, text in cases])
        self.assertEqual(errors, "")
        self.assertEqual(len(results), len(cases), "one answer for each reply")
        faults = [
            f"line {row.line}, {variant.__name__}: {found}\n    {text!r}"
            for (row, variant, text), result in zip(cases, results)
            if (found := fault(row, result))
        ]
        self.assertFalse(faults, f"{len(faults)} of {len(cases)}:\n" + "\n".join(faults))

    def test_every_document_is_there(self):
        self.assertEqual({row.document for row in rows(TABLE)}, {"000", "001", "002", "003", "004"})


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
