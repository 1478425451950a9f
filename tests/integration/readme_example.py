#!/usr/bin/env python3
"""The first example of README.md and README.ko.md prints what they show, whatever directory it is run from.

    readme_example.py PROGRAM SOURCE_ROOT
    readme_example.py --self-test

In a README the screen may leave lines out at a line "..."; times are not compared.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

COMMAND = re.compile(r"^\$ scripts/maildiag (explain .*)$", re.MULTILINE)
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TIME = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ|\b\d+ ms\b")


def normal(text):
    return [TIME.sub("TIME", line).rstrip() for line in text.rstrip().splitlines()]


def command_and_screen(readme):
    """The arguments of the first example and the lines of the unnamed block that follows it."""
    command = None
    for name, text in BLOCK.findall(readme):
        if name == "console" and (found := COMMAND.search(text)):
            command = command or found.group(1).split()
        elif not name and command:
            return command, normal(text)
    return None, None


def difference(screen, printed):
    """The first line of `screen` that does not come in `printed` where it should, else None."""
    position, anywhere = 0, False
    for line in screen:
        if line.strip() == "...":
            anywhere = True
            continue
        try:
            found = printed.index(line, position)
        except ValueError:
            return line
        if found != position and not anywhere:
            return line
        position, anywhere = found + 1, False
    return None if anywhere or position == len(printed) else "(the end, but more was printed)"


def check(readme, program, root):
    command, screen = command_and_screen(readme.read_text(encoding="utf-8"))
    if not command or not screen:
        return f"{readme.name}: no command or no screen found"
    with tempfile.TemporaryDirectory() as elsewhere:
        (Path(elsewhere) / "tests").symlink_to(root / "tests")
        done = subprocess.run([program, *command], cwd=elsewhere, capture_output=True, text=True,
                              timeout=60, env={"LC_ALL": "C.UTF-8"})
    if done.returncode != 2 or done.stderr:
        return f"{readme.name}: exit status {done.returncode}, standard error: {done.stderr}"
    wrong = difference(screen, normal(done.stdout))
    return None if wrong is None else f"{readme.name}: not printed as shown: {wrong!r}\n--- printed:\n{done.stdout}"


def self_test():
    readme = "```console\n$ ls\n$ scripts/maildiag explain a b\n```\ntext\n```\none\n\n...\nfour 2 ms\n```\n"
    command, screen = command_and_screen(readme)
    cases = [
        (command, ["explain", "a", "b"]),
        (screen, ["one", "", "...", "four TIME"]),
        (difference(screen, ["one", "", "two", "four TIME"]), None),
        (difference(screen, ["one", "two", "", "four TIME"]), ""),
        (difference(screen, ["one", "", "two", "five"]), "four TIME"),
        (difference(screen, ["one", "", "four TIME", "five"]), "(the end, but more was printed)"),
    ]
    return [f"expected {expected!r}, got {got!r}" for got, expected in cases if got != expected]


def main():
    if sys.argv[1:] == ["--self-test"]:
        faults = self_test()
        print("\n".join(faults) or "no fault found")
        sys.exit(1 if faults else 0)
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    program, root = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    faults = [fault for name in ("README.md", "README.ko.md") if (fault := check(root / name, program, root))]
    print("\n".join(faults) or "no fault found")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
