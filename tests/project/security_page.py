#!/usr/bin/env python3
"""SECURITY.md names tests that there are, and numbers that the sources have: security_page.py SOURCE_TREE"""

import re
import sys
from pathlib import Path

# What the page says, and what has to stand where.
NUMBERS = [("given up after 1,000 questions", "lib/dns/server_channels.h", "questions_per_port = 1000;"),
           ("where sixteen of one server wait", "lib/dns/server_channels.h", "most_open = 16;"),
           ("do four of them go on", "lib/dns/server_channels.h", "asking = 4;"),
           ("after three such losses", "lib/dns/try_plan.h", "most_unproven_losses = 3;"),
           ("an exposure of 1.3 of 10", "tests/package/hardened.py", "MOST_EXPOSURE = 1.3"),
           ("at most 64 KiB of an answer", "lib/net/post.h", "max_answer = 64UL << 10;"),
           ("RDAP three", "lib/checks/whois_fetch.h", "max_redirects = 3;"),
           ("History 0640", "lib/watch/store.cc", "file_mode = 0640;"),
           ("directories 0750", "lib/core/safe_path.h", "private_directory_mode = 0750;")]


def faults(tree, page):
    tests = "".join(path.read_text() for path in (tree / "tests").rglob("CMakeLists.txt"))
    for name in set(re.findall(r"`((?:unit|integration|project)/[\w-]+)`", page)):
        kind, word = name.split("/")
        there = (tree / "tests/unit" / word).is_dir() if kind == "unit" else \
            any(text in tests for text in (f"NAME {name}\n", f"project_test({word} ")) or \
            (tree / "tests" / kind / (word.replace("-", "_") + ".py")).is_file()
        if not there:
            yield f"there is no test {name}"
    for path in set(re.findall(r"`((?:lib|tests)/[\w./]+)`", page)):
        if not (tree / path).exists():
            yield f"there is no {path}"
    for path in re.findall(r"\(`(\w+_test\.cc)`\)", page):
        if not list((tree / "tests/unit").rglob(path)):
            yield f"there is no {path}"
    flat = " ".join(page.split())
    for words, file, line in NUMBERS:
        if words not in flat:
            yield f"the page does not say: {words}"
        if line not in (tree / file).read_text():
            yield f"{file} does not say: {line}"


def main():
    tree = Path(sys.argv[1])
    page = (tree / "SECURITY.md").read_text()
    # The check itself can fail.
    broken = page.replace("`integration/files`", "`integration/no-such-test`").replace("1,000 questions", "2,000 questions")
    assert len(list(faults(tree, broken))) == len(list(faults(tree, page))) + 2
    found = list(faults(tree, page))
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
