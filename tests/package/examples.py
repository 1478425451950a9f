#!/usr/bin/env python3
"""Writes the whole programs of maildiag(3) into a directory: each that begins with a comment that names its file.

    examples.py ROOT DIRECTORY
    examples.py --self-test
"""

import re
import sys
from pathlib import Path

BLOCK = re.compile(r"^\.Bd -literal[^\n]*\n(.*?)^\.Ed$", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"(?://|/\*) (example\.\w+): ")


def programs(page):
    """{file name: text} of a page in mdoc."""
    found = {}
    for block in BLOCK.findall(page):
        text = re.sub(r"^\\&", "", block, flags=re.MULTILINE).replace("\\e", "\\")
        if named := NAMED.match(text):
            found[named[1]] = text
    return found


def self_test():
    page = ".Bd -literal -offset indent\nls\n.Ed\n.Bd -literal\n// example.cc: it\nputs(\"a\\en\");\n\\&.b\n.Ed\n"
    assert programs(page) == {"example.cc": '// example.cc: it\nputs("a\\n");\n.b\n'}, programs(page)
    print("the made-up page was understood")


def main():
    if sys.argv[1] == "--self-test":
        return self_test()
    root, directory = map(Path, sys.argv[1:])
    found = programs((root / "man/maildiag.3").read_text())
    if sorted(found) != ["example.c", "example.cc"]:
        sys.exit(f"maildiag(3) has {sorted(found)}, and should have a program in C and one in C++")
    korean = programs((root / "man/ko/maildiag.3").read_text())
    if korean != found:
        sys.exit("the Korean maildiag(3) has other programs")
    for name, text in found.items():
        (directory / name).write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
