#!/usr/bin/env python3
"""Each command of MXToolbox that sources list has its equivalent in maildiag(7), and each of these exists.

    equivalents.py PROGRAM SOURCE_ROOT
"""

import re
import subprocess
import sys
from pathlib import Path

WANTED = "blacklist smtp mx a spf txt ptr cname whois arin soa tcp http https ping trace dns".split()
ROW = re.compile(r"^\.It ([a-z]+) Ta (.*)$", re.MULTILINE)
COMMAND = re.compile(r"maildiag ([a-z]+)(?: ([a-z]+))?")


def help_of(program, *words):
    done = subprocess.run([program, *words, "--help", "--lang", "en"], capture_output=True, text=True, timeout=60)
    return done.stdout if done.returncode == 0 else ""


def check(program, root):
    faults = []
    subcommands = set(re.findall(r"^  ([a-z]+)\s{2,}\S", help_of(program), re.MULTILINE))
    lookups = set(re.search(r"^  TYPE [^:]*:((?:\s+[a-z]+)+)$", help_of(program, "lookup"), re.MULTILINE).group(1).split())
    for page in ("man/maildiag.7", "man/ko/maildiag.7"):
        rows = dict(ROW.findall((Path(root) / page).read_text(encoding="utf-8")))
        faults += [f"{page}: {name} is missing" for name in WANTED if name not in rows]
        for name, text in rows.items():
            found = COMMAND.findall(text)
            if not found:
                faults.append(f"{page}: nothing stands for {name}")
            for subcommand, word in found:
                if subcommand not in subcommands:
                    faults.append(f"{page}: maildiag {subcommand} does not exist")
                if subcommand == "lookup" and word not in lookups:
                    faults.append(f"{page}: maildiag lookup {word} does not exist")
    return faults


def main():
    faults = check(*sys.argv[1:3])
    print("\n".join(faults) or f"{len(WANTED)} equivalents: no fault found")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
