#!/usr/bin/env python3
"""The examples in the manual work: each command of EXAMPLES is run as a user would, in a directory with the files that it
names and with the DNS of tests/data/zones/example.zone instead of a network; lines of a crontab and the like are parsed.

    man_examples.py PROGRAM SOURCE_ROOT DIRECTORY_OF_GENERATED_PAGES
    man_examples.py PROGRAM SOURCE_ROOT DIRECTORY_OF_GENERATED_PAGES --self-test
"""

import gzip
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
import man_page  # noqa: E402

RESULTS = {"0", "1", "2", "3"}  # what a check may say of this made-up world; anything else is a fault of the example
CONFIGURATION = 78
SYSTEM_PATHS = ("/var/log/",)  # named by examples; they lie in the sandbox instead

# What the examples call as `maildiag`: the program in the sandbox's world. It says how it exited, in a file, and exits with
# 0, so that the other programs of a pipeline are seen to fail.
WRAPPER = """#!/bin/bash
words=() offline=no targets=no
while (($# > 0)); do
  case $1 in
    --zone | --replay) offline=yes ;;
    --nameserver) shift 2; continue ;;  # the zone stands for it
    --targets) targets=yes ;;
    --webhook) words+=("$1" https://127.0.0.1:9/); shift 2; continue ;;
    --connect-to) words+=("$1" "${2%:*:*}:127.0.0.1:9"); shift 2; continue ;;
  esac
  words+=("$1"); shift
done
[[ $offline == yes ]] || words+=(--zone "$EXAMPLE_ZONE")
[[ ${words[0]} == watch && $targets == no ]] && words+=(--targets watch.toml)
"$EXAMPLE_PROGRAM" "${words[@]}"
echo $? >> "$EXAMPLE_STATUS"
"""

RECEIVED = (b"Return-Path: <alice@example.com>\nReceived: from mail.example.com (mail.example.com [203.0.113.7])\n\tby gw.example.net (Postfix) with ESMTP id 4Xyz\n"
            b"\tfor <bob@example.net>; Sun, 22 Nov 2026 09:00:00 +0900\n")


def zones_of(text):
    """{origin: a zone file} of a file with several zones."""
    head, *parts = re.split(r"(?m)^(?=\$ORIGIN )", text)
    return {part.split()[1]: (head + part).encode() for part in parts}


def toml_of_example(page, wanted):
    """The display of a page's EXAMPLES that holds a text: the file of which the page speaks."""
    blocks = ["\n".join(block) + "\n" for block in man_page.literal_blocks(man_page.section(page, "EXAMPLES"))]
    return next(block for block in blocks if wanted in block)


class Sandbox:
    def __init__(self, root, program, source):
        self.root, self.program, self.source = Path(root), Path(program).resolve(), Path(source).resolve()
        self.status = self.root / "status"
        data = self.source / "tests/data"
        self.zone = data / "zones/example.zone"
        for directory in ("bin", "home/Maildir/.Bounces/new", "state", "cache", "rules.d", "var/log", "tmp"):
            (self.root / directory).mkdir(parents=True)
        wrapper = self.root / "bin/maildiag"
        wrapper.write_text(WRAPPER, encoding="utf-8")
        wrapper.chmod(0o755)
        bounce = (data / "bounces/ptr-missing.eml").read_bytes()
        mail = RECEIVED + (data / "arc/sealed-by-dkimpy.eml").read_bytes()
        log = (data / "logs/postfix.log").read_bytes()
        reply = b"550 5.7.1 Client host rejected: cannot find your reverse hostname\n"
        zones = zones_of(self.zone.read_text(encoding="utf-8"))
        files = {"bounce.eml": bounce, "home/Maildir/.Bounces/new/1": bounce, "mail.eml": mail,
                 "bounces.mbox": b"From MAILER-DAEMON Sun Nov 22 00:00:00 2026\n" + bounce, "replies.txt": reply,
                 "example.com.zone": zones["example.com."], "db.example": zones["example.com."],
                 "113.0.203.in-addr.arpa.zone": zones["113.0.203.in-addr.arpa."],
                 "servers.txt": b"203.0.113.7\n203.0.113.99\n", "var/log/mail.log": log, "var/log/mail.log.1": log,
                 "var/log/mail.log.2.gz": gzip.compress(log),
                 "logo.svg": b'<svg xmlns="http://www.w3.org/2000/svg" version="1.2" baseProfile="tiny-ps" viewBox="0 0 9 9">'
                             b"<title>Example</title></svg>\n"}
        for name, content in files.items():
            (self.root / name).write_bytes(content)
        self.write_examples_of_pages()
        for day in ("0", "1"):
            summary = subprocess.run([self.program, "explain", "--config", "/dev/null", "--no-checks", "--summary", "--format",
                                      "json", "bounce.eml"], cwd=self.root, capture_output=True, timeout=60).stdout
            (self.root / f"bounces-2026-11-1{day}.json").write_bytes(summary)

    def write_examples_of_pages(self):
        """The files that the pages show are those that their commands read."""
        def page(name):
            return (self.source / "man" / name).read_text(encoding="utf-8")
        watch = toml_of_example(page("maildiag-watch.toml.5"), "[[target]]")
        rules = page("maildiag-rules.5")
        for name, text in {"watch.toml": watch, "new.toml": watch, "maildiag.toml": toml_of_example(page("maildiag.toml.5"), "timeout"),
                           "rules.d/partner.toml": toml_of_example(rules, "[[rule]]"),
                           "rules.d/list.toml": toml_of_example(rules, "[[list]]")}.items():
            (self.root / name).write_text(text, encoding="utf-8")
        (self.root / "maildiag.toml").chmod(0o600)  # it holds a key

    def environment(self):
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("MAILDIAG_", "XDG_"))}
        return {**clean, "PATH": f"{self.root}/bin:{os.environ['PATH']}", "HOME": str(self.root / "home"), "LC_ALL": "C.UTF-8",
                "STATE_DIRECTORY": str(self.root / "state"), "CACHE_DIRECTORY": str(self.root / "cache"),
                "XDG_CONFIG_HOME": str(self.root / "home"), "TMPDIR": str(self.root / "tmp"),
                "EXAMPLE_ZONE": str(self.zone), "EXAMPLE_PROGRAM": str(self.program), "EXAMPLE_STATUS": str(self.status)}

    def run(self, command):
        """What is wrong with an example, or None."""
        for path in SYSTEM_PATHS:
            command = command.replace(path, f"{self.root}{path}")
        self.status.write_text("", encoding="utf-8")
        done = subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=self.root, env=self.environment(), timeout=120,
                              input="550 5.1.1 User unknown\n", capture_output=True, text=True)
        told = done.stderr.strip().splitlines()[:3]
        statuses = self.status.read_text(encoding="utf-8").split()
        if not statuses:
            return f"maildiag did not run: {told}"
        if not set(statuses) <= RESULTS:
            return f"maildiag exits with {', '.join(statuses)}: {told}"
        # grep finds nothing: 1.
        if done.returncode not in ((0, 1) if "grep" in command else (0,)):
            return f"exits with {done.returncode}: {told}"
        return None

    def parse(self, fragment):
        """Whether a command line that cannot be run here is one: the configuration is looked for after the options."""
        for call in re.findall(r"\bmaildiag ((?:[a-z]+ )?[a-z]+\b[^|;&)]*)", fragment):
            words = call.removeprefix("maildiag ")
            done = subprocess.run(["bash", "-c", f'"$EXAMPLE_PROGRAM" {words} --config /nowhere/maildiag.toml'], cwd=self.root,
                                  env=self.environment(), timeout=60, capture_output=True, text=True)
            if done.returncode != CONFIGURATION:
                return f"`maildiag {words.strip()}` exits with {done.returncode}: {done.stderr.strip()}"
        return None


def missing_program(command):
    """A program of a pipeline that is not installed."""
    return next((name for name in ("jq", "parallel") if re.search(rf"(^|\| *\n? *){name} ", command) and not shutil.which(name)), None)


def check(program, source, generated):
    faults, ran, parsed, skipped = [], 0, 0, set()
    pages = sorted([*Path(source, "man").glob("*.[1-9]"), *Path(generated).glob("*.[1-9]")])
    with tempfile.TemporaryDirectory() as root:
        sandbox = Sandbox(root, program, source)
        for page in pages:
            commands, fragments = man_page.examples(page.read_text(encoding="utf-8"))
            if page.name.endswith(".3"):
                continue  # programs in C and C++; tests/package builds those
            if not commands and not fragments:
                faults.append(f"{page.name}: no example")
            for command in commands:
                if name := missing_program(command):
                    skipped.add(name)
                    fragments.append(command.replace("\\\n", " ").replace("\n", " "))
                    continue
                ran += 1
                if fault := sandbox.run(command):
                    faults.append(f"{page.name}: $ {command}\n  {fault}")
            for fragment in fragments:
                parsed += 1
                if fault := sandbox.parse(fragment):
                    faults.append(f"{page.name}: {fragment}\n  {fault}")
    print(f"{ran} examples run, {parsed} parsed" + (f"; not installed: {', '.join(sorted(skipped))}" if skipped else ""))
    return faults


def self_test(program, source):
    """Examples that must be refused are."""
    wrong = man_page.self_test()
    with tempfile.TemporaryDirectory() as root:
        sandbox = Sandbox(root, program, source)
        good = ["maildiag mxcheck example.com", "maildiag explain bounce.eml | grep nothing-like-that",
                "out=$(maildiag rblcheck 203.0.113.7) || echo $out"]
        bad = ["maildiag mxcheck --no-such-option example.com", "maildiag explain no-such-file.eml", "maildiag nothing",
               "maildiag findings no.such-finding", "maildiag mxcheck example.com | no-such-program", "true",
               "maildiag rules test --rules no-such-directory", "maildiag mxcheck example.com --format json | false"]
        wrong += [f"{command} is refused: {fault}" for command in good if (fault := sandbox.run(command))]
        wrong += [f"{command} passes" for command in bad if not sandbox.run(command)]
        for fragment in ("17 * * * * maildiag maildiag watch --splay 5m", "| maildiag explain -", "0 4 * * * maildiag mxcheck a.example"):
            if fault := sandbox.parse(fragment):
                wrong.append(f"{fragment}: {fault}")
        for fragment in ("17 * * * * maildiag maildiag watch --no-such 5m", "| maildiag explian -", "out=$(maildiag mxcheck --odd a)"):
            if not sandbox.parse(fragment):
                wrong.append(f"{fragment} passes")
    return wrong


def main():
    if len(sys.argv) not in (4, 5) or not shutil.which(sys.argv[1]) or sys.argv[4:] not in ([], ["--self-test"]):
        sys.exit(__doc__)
    faults = self_test(*sys.argv[1:3]) if sys.argv[4:] else check(*sys.argv[1:4])
    print("\n".join(faults) or "no fault found")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
