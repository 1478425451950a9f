#!/usr/bin/env python3
"""The recipes of README.md run: each line of its shell blocks in a directory with the files that it names and DNS from a zone
file, the crontab parsed, the page written. README.ko.md has the same ones. The pictures are there, and small. The worked
example of CONTRIBUTING.md works. The privacy tables name options that the commands beside them have.

    readme_recipes.py PROGRAM SOURCE_ROOT
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

import man_examples

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PICTURE = re.compile(r"!\[[^\]]+\]\(([^)]+)\)")
LARGEST_PICTURE = 150_000  # a README is read over slow lines, too


def blocks(readme, kind):
    return [text for name, text in BLOCK.findall(readme) if name == kind]


def run_recipes(readme, sandbox):
    faults = []
    commands = [line for text in blocks(readme, "sh") for line in text.splitlines()]
    for command in commands:
        if fault := sandbox.run(command):
            faults.append(f"{command}: {fault}")
    for text in blocks(readme, "crontab"):
        for line in text.splitlines():
            if fault := sandbox.parse(line):
                faults.append(f"{line}: {fault}")
    if len(commands) < 8 or not blocks(readme, "crontab"):
        faults.append(f"the recipes could not be read: {commands}")
    return faults


def write_page(readme, sandbox, source):
    """The console example with a page in it."""
    text = next((text for text in blocks(readme, "console") if "--format html" in text), "")
    command = text.replace("$ scripts/maildiag", "maildiag").replace("tests/data", f"{source}/tests/data")
    if fault := sandbox.run(command):
        return [f"{command}: {fault}"]
    page = sandbox.root / "page.html"
    return [] if page.read_text(encoding="utf-8").startswith("<!") else [f"{command}: writes no page"]


def try_rule(contributing, sandbox):
    """The worked example of CONTRIBUTING.md, in a directory of its own instead of rules/bounce."""
    rule = re.search(r"^   ```toml\n(.*?)^   ```$", contributing, re.MULTILINE | re.DOTALL)
    reply = re.search(r"scripts/maildiag explain (--reply '[^']+')", contributing)
    if not rule or not reply:
        return ["CONTRIBUTING.md: the rule or its reply could not be read"]
    (sandbox.root / "example").mkdir()
    (sandbox.root / "example/partner.toml").write_text(re.sub(r"^   ", "", rule[1], flags=re.MULTILINE), encoding="utf-8")
    expected = re.search(r'id +=[ ]"(partner\.[a-z-]+)"', rule[1])[1]
    commands = ["maildiag rules test --rules example",
                f"maildiag explain --rules example {reply[1]} --format json | grep -q '\"{expected}\"' || exit 9"]
    return [f"CONTRIBUTING.md: {command}: {fault}" for command in commands if (fault := sandbox.run(command))]


def long_options(program, *command):
    """Those of a command's help, or all that every command has."""
    shown = subprocess.run([program, *command], capture_output=True, text=True, check=True, timeout=60).stdout
    return set(re.findall(r"^ +(?:-\w, )?(--[a-z-]+)", shown, re.MULTILINE))


def privacy_rows(readme):
    """The cells' code spans, row by row: [[what, to whom, by, not with], ...]."""
    table = re.search(r"^## (?:Privacy|개인정보)\n.*?^\|---[-|]+\n((?:\|[^\n]*\n)+)", readme, re.MULTILINE | re.DOTALL)
    lines = table[1].splitlines() if table else []
    return [[re.findall(r"`([^`]+)`", cell) for cell in line.strip("|").split("|")] for line in lines]


def check_privacy(readme, name, program):
    """`CMD --option`: that command has it, and stands in the row; `--option`: every command has it."""
    faults, seen = [], 0
    every = long_options(program, "ptrcheck", "--help-all")
    for cells in privacy_rows(readme):
        commands = {span.split()[0] for span in cells[2]}
        for span in (span for cell in cells for span in cell if "--" in span):
            seen += 1
            *command, option = span.split()
            known = long_options(program, *command, "--help") if command else every
            if option not in known or (command and commands and command[0] not in commands):
                faults.append(f"{name}: the privacy table names `{span}`, which there is not, or not in this row")
    return faults if seen > 10 else [*faults, f"{name}: the privacy table could not be read"]


def same_spans(readmes):
    """Both tables tell the same of options and commands."""
    def told(rows):
        return [[sorted(span for span in cell if not re.search("[.]", span)) for cell in row] for row in rows]
    first, second = (told(privacy_rows(readme)) for readme in readmes)
    return [] if first == second else ["README.ko.md has another privacy table than README.md"]


def check_pictures(readme, name, source):
    pictures = [source / path for path in PICTURE.findall(readme)]
    faults = [] if pictures else [f"{name} has no picture"]
    for path in pictures:
        data = path.read_bytes() if path.is_file() else b""
        if not data.startswith(b"\x89PNG") or len(data) > LARGEST_PICTURE:
            faults.append(f"{name}: {path.name} is no picture, or a large one ({len(data)} octets)")
    return faults


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    program, source = sys.argv[1], Path(sys.argv[2]).resolve()
    faults, recipes, readmes = [], [], []
    for name in ("README.md", "README.ko.md"):
        readme = (source / name).read_text(encoding="utf-8")
        readmes.append(readme)
        recipes.append(blocks(readme, "sh") + blocks(readme, "crontab"))
        with tempfile.TemporaryDirectory() as root:
            sandbox = man_examples.Sandbox(root, program, source)
            faults += run_recipes(readme, sandbox) if name == "README.md" else []
            faults += write_page(readme, sandbox, source)
        faults += check_pictures(readme, name, source)
        faults += check_privacy(readme, name, program)
    faults += same_spans(readmes)
    with tempfile.TemporaryDirectory() as root:
        contributing = (source / "CONTRIBUTING.md").read_text(encoding="utf-8")
        faults += try_rule(contributing, man_examples.Sandbox(root, program, source))
    if recipes[0] != recipes[1]:
        faults.append("README.ko.md has other recipes than README.md")
    print("\n".join(faults) or "no fault found")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
