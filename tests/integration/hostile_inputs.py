#!/usr/bin/env python3
"""Hostile words where an administrator, or his script, hands them on: targets and values of the command line, names of files,
lists of targets, configuration, rules. What is wrong is named, what is read is shown, and neither does anything.

    hostile_inputs.py PROGRAM
"""

import json
import os
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from hostile_mails import CONTENT  # noqa: E402
from hostile_runs import FORMATS, HostileRuns  # noqa: E402
from hostile_words import ARGUMENT, ESCAPE, LINE, TEXT, WORD, ZONE  # noqa: E402
from output_checks import shows  # noqa: E402

PROGRAM = sys.argv[1] if len(sys.argv) > 1 else "maildiag"


def toml(octets):
    """A string of TOML: control characters only as \\u, and UTF-8 throughout."""
    return json.dumps(octets.decode("utf-8", "ignore").replace("\x7f", ""), ensure_ascii=False)


# Texts of rules are refused with control characters in them; all else they may hold.
SAID = toml(bytes(octet for octet in LINE if octet >= 0x20))
STEP = SAID[:1] + "{ip} https://evil.example/" + SAID[1:]
RULES = f"""
[[provider]]
id = "evil"
kind = "provider"
name = {{ en = {SAID}, ko = {SAID} }}
mx = [{SAID}]
domains = [{SAID}]
postmaster = {SAID}

[[rule]]
id = "evil.said"
provider = "evil"
match = 'hostile words'
cause = "content-spam"
meaning = {{ en = {SAID}, ko = {SAID} }}
fix = {{ en = [{SAID}], ko = [{SAID}] }}
links = ["javascript:x()", {SAID}]
examples = ["550 5.7.1 hostile words", {SAID}]
source = {SAID}

[[finding]]
id = "reputation.evil"
severity = "info"
title = {{ en = {SAID}, ko = {SAID} }}
detail = {{ en = {SAID}, ko = {SAID} }}
remedy = {{ en = [{STEP}], ko = [{STEP}] }}

[[finding]]
id = "spf.none"
severity = "warning"
title = {{ en = {SAID}, ko = {SAID} }}
detail = {{ en = {SAID}, ko = {SAID} }}
remedy = {{ en = [{SAID}], ko = [{SAID}] }}
reference = {SAID}

[[label]]
id = "record"
en = {SAID}
ko = {SAID}

[[list]]
zone = "list.example"
name = {SAID}
operator = {SAID}
families = ["ip4"]
class = "block"
weight = "critical"
codes = [{{ code = "127.0.0.2", class = "block", meaning = {{ en = {SAID}, ko = {SAID} }} }}]
selftest = {{ listed = "", clean = "" }}
lookup = "javascript:x({{target}})"
removal = {SAID[:1] + "https://evil.example/{target}" + SAID[1:]}
notes = {{ en = {SAID}, ko = {SAID} }}
source = {SAID}
"""


class HostileInputs(HostileRuns, unittest.TestCase):
    program = PROGRAM

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.folder / "rules").mkdir()
        cls.file("rules/evil.toml", RULES)
        cls.zone = cls.file("zone", ZONE)
        cls.world = ["--zone", cls.zone, "--timeout", "5", "--rules", str(cls.folder / "rules")]

    def test_rules(self):
        self.check("rule of a reply", "explain", "--reply", "550 5.7.1 hostile words", "--no-checks")
        self.check("rule shown", "rules", "show", "evil.said")
        self.check("rules tested", "rules", "test", formats=["text"])  # takes longest
        self.check("page of a reputation", "reputation", "198.51.100.9")
        self.check("texts of a finding", "findings", "spf.none")
        self.check("finding", "spfcheck", "mx.example", also=["nagios"])
        self.check("list", "rblcheck", "198.51.100.9", "--list", "list.example", "--self-test", "never", also=["nagios"])
        self.check("page of findings", "report", "mail.example", "--no-smtp", "--config",
                   self.file("lists.toml", "[dnsbl]\nlists = [\"list.example\"]\n"))

    def test_configuration(self):
        rules = bytes(self.folder) + b"/rules" + WORD.replace(b"/", b"").replace(b"\xff", b"")
        os.mkdir(rules)
        config = self.file("maildiag.toml", f"rules = [{toml(rules)}]\n[dnsbl]\nlists = [\"list.example\"]\n")
        self.check("settings", "config", "show", "--config", config)

    def test_what_is_wrong_is_named(self):
        bad_toml = self.file("bad.toml", b"nameserver = '" + LINE + b"'\n" + LINE)
        bad_server = self.file("server.toml", f"nameserver = {SAID}\n")
        bad_value = self.file("value.toml", f"lang = {SAID}\n")
        bad_key = self.file("key.toml", f"{toml(WORD)} = 1\n")
        bad_zone = self.file("bad.zone", ZONE.encode() + b"hostile.example. A " + LINE + b"\n")
        bad_list = self.file("bad.list", LINE + b"\n$(touch pwned)\n-x\n")
        bad_summary = self.file("summary", json.dumps({"schema": LINE.decode("utf-8", "replace"), WORD.decode("utf-8", "replace"): 1}))
        (self.folder / "wrong").mkdir()
        self.file(b"wrong/" + WORD.replace(b"/", b"") + b".toml", RULES.replace('"content-spam"', SAID))
        (self.folder / "control").mkdir()
        self.file(b"control/" + WORD.replace(b"/", b"") + b".toml", RULES.replace(SAID, toml(LINE)))
        (self.folder / "torn").mkdir()
        self.file("torn/torn.toml", b"[[rule]]\nid = " + LINE)
        hostile_file = bytes(self.folder) + b"/" + ARGUMENT.replace(b"/", b"")[:200]
        no_bounce = self.file(b"mail" + WORD.replace(b"/", b""), CONTENT)
        targets = self.file("watch.toml", f"[[target]]\nname = {SAID}\n")
        cases = {
            "target": ["ptrcheck", ARGUMENT], "domain": ["spfcheck", ARGUMENT], "option": [b"--" + ARGUMENT], "command": [ARGUMENT],
            "value": ["rblcheck", "192.0.2.1", "--timeout", ARGUMENT], "list": ["rblcheck", "192.0.2.1", "--list", ARGUMENT],
            "name server": ["rblcheck", "192.0.2.1", "--nameserver", ARGUMENT],
            "selector": ["dkimcheck", "a.example", "--selector", ARGUMENT], "record": ["lookup", ARGUMENT, "a.example"],
            "URL": ["lookup", "http", ARGUMENT], "host and port": ["lookup", "tcp", WORD + b":25"], "server": ["smtpcheck", ARGUMENT],
            "registered": ["whois", ARGUMENT], "page": ["report", ARGUMENT], "looked up": ["reputation", ARGUMENT],
            "HELO": ["spfcheck", "a.example", "--ip", "192.0.2.1", "--helo", ARGUMENT],
            "address": ["spfcheck", "a.example", "--ip", ARGUMENT], "time": ["explain", "--log", self.zone, "--since", ARGUMENT],
            "own host": ["explain", "--reply", "550 no", "--own", ARGUMENT],
            "id": ["findings", ARGUMENT], "rule": ["rules", "show", ARGUMENT],
            "file": ["explain", hostile_file], "file that is no bounce": ["explain", no_bounce], "log": ["explain", "--log", hostile_file],
            "message": ["dkimcheck", "--message", hostile_file], "summary": ["summary", "merge", hostile_file],
            "configuration": ["ptrcheck", "192.0.2.1", "--config", bad_server], "setting": ["ptrcheck", "192.0.2.1", "--config", bad_value],
            "unknown setting": ["config", "check", "--config", bad_key], "torn configuration": ["config", "check", "--config", bad_toml], "no configuration": ["config", "check", "--config", hostile_file],
            "rules": ["rules", "list", "--rules", str(self.folder / "wrong")],
            "rules with controls": ["rules", "list", "--rules", str(self.folder / "control")], "torn rules": ["rules", "list", "--rules", str(self.folder / "torn")],
            "no rules": ["rules", "list", "--rules", hostile_file],
            "zone": ["ptrcheck", "192.0.2.1", "--zone", bad_zone], "no zone": ["ptrcheck", "192.0.2.1", "--zone", hostile_file],
            "targets": ["rblcheck", "-f", bad_list, "--list", "list.example", "--zone", self.zone],
            "replay": ["ptrcheck", "192.0.2.1", "--replay", bad_list], "no summary": ["summary", "merge", bad_summary],
            "no certificates": ["smtpcheck", "mx.example", "--ca-file", hostile_file],
            "connection": ["smtpcheck", "mx.example", "--connect-to", ARGUMENT], "torn watch": ["watch", "--targets", bad_toml],
            "watched": ["watch", "--targets", targets, "--state", str(self.folder / "watch.db")],
            "history": ["watch", "history", "--state", hostile_file], "webhook": ["watch", "192.0.2.1", "--webhook", b"https://" + ARGUMENT],
            "output": ["ptrcheck", "198.51.100.9", "--zone", self.zone, "--output", bytes(self.folder) + b"/no/" + WORD],
            "CSV": ["rblcheck", "192.0.2.1", "--format", b"csv" + WORD],
        }
        # Of what no reader of TOML or JSON understood only the place is told; a webhook's URL is a secret.
        unquoted = {"torn configuration", "no summary", "torn rules", "torn watch", "replay", "webhook"}
        for source, arguments in cases.items():
            for name in ("text", "nagios"):
                with self.subTest(source=source, renderer=name):
                    options = FORMATS[name][0] if "--format" not in arguments else []
                    run = self.run_program(*arguments, *options)
                    self.assertNotIn(run.returncode, (0, 70), run.stdout)
                    self.assertGreaterEqual(run.returncode, 0)
                    FORMATS["text"][1](run.stderr.decode("utf-8"))
                    if run.stdout:
                        FORMATS[name][1](run.stdout.decode("utf-8"))
                    self.assertTrue(shows((run.stderr + run.stdout).decode()) or source in unquoted, run.stderr + run.stdout)

    def test_variables(self):
        for name, command in (("MAILDIAG_TIMEOUT", ["ptrcheck", "192.0.2.1"]), ("MAILDIAG_LANG", ["ptrcheck", "192.0.2.1"]),
                              ("MAILDIAG_DNSBL_LISTS", ["rblcheck", "192.0.2.1"]), ("MAILDIAG_CONFIG", ["config", "check"]),
                              ("MAILDIAG_RULES", ["rules", "list"]), (b"MAILDIAG_" + WORD, ["config", "check"])):
            with self.subTest(variable=name):
                run = self.run_program(*command, variables={name: WORD})
                FORMATS["text"][1](run.stderr.decode("utf-8"))
                FORMATS["text"][1](run.stdout.decode("utf-8"))
                self.assertTrue(shows((run.stderr + run.stdout).decode()), run.stderr + run.stdout)

    def test_targets_are_never_options_or_commands(self):
        for target in ("$(touch pwned)", "`touch pwned`", "a;touch pwned", "|touch pwned", "../../etc/passwd"):
            with self.subTest(target=target):
                run = self.run_program("mxcheck", target, *self.world)
                self.assertIn(run.returncode, (3, 64, 65))
        for option in ("-x", "--no-such", "-"):
            with self.subTest(option=option):
                self.assertIn(self.run_program("ptrcheck", option).returncode, (64, 65, 3))
                # Behind "--" it is a target, and no good one.
                self.assertIn(self.run_program("ptrcheck", "--", option).returncode, (64, 65, 3))
        self.assertFalse(list(Path.cwd().glob("pwned")) + list(self.folder.glob("pwned")))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
