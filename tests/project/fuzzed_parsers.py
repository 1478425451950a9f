#!/usr/bin/env python3
"""Each source of lib/ that takes octets of strangers apart is in tests/fuzz/parsers.txt: fuzzed_parsers.py SOURCE_TREE

That is one which defines a function parse_..., read_..., decode_..., unpack_..., take_... or ..._from_... of a text, or reads
from outside. The table names its fuzz target, or says why there is none. `--self-test` proves that what is missing is found.
"""

import re
import sys
from pathlib import Path

TEXT = r"(?:string_view|TextReport|HeaderField|Fields)"
DEFINITION = re.compile(r"^[^\n#/]*?\b(?:\w+::)*(?:parse|read|decode|unpack|take|(?:\w+_)?from)(?:_\w+)?"
                        rf"\([^;{{}}()]*\b{TEXT}\b[^;{{}}()]*\)[^;{{}}]*\{{", re.MULTILINE)
READING = re.compile(r"\b(?:read_some|recvmmsg|recvmsg|recv|getline)\(|\bifstream\b|\bCURLOPT_(?:WRITE|HEADER)FUNCTION\b")
LEAST_REASON = 20


def is_parser(text):
    return bool(DEFINITION.search(text) or READING.search(text))


def faults(sources, table, targets):
    """`sources`: {path below lib/: text}."""
    found, known = [], {}
    for line in table.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        target, rest = line.split(maxsplit=1)
        names, _, reason = rest.partition(":")
        if target != "none" and target not in targets:
            found.append(f"parsers.txt: {target} is no target")
        if (target == "none") != bool(reason) or (reason and len(reason.strip()) < LEAST_REASON):
            found.append(f"parsers.txt: {names}: a reason is said where there is no target, and only there")
        for name in names.split():
            if name in known:
                found.append(f"parsers.txt: {name} is there twice")
            if name not in sources:
                found.append(f"parsers.txt: lib/{name} does not exist")
            known[name] = target
    for name, text in sources.items():
        if is_parser(text) and name not in known:
            found.append(f"lib/{name} takes octets apart or reads them; say in tests/fuzz/parsers.txt which target feeds it")
        if not is_parser(text) and known.get(name) == "none":
            found.append(f"parsers.txt: lib/{name} needs no excuse")
    found += [f"parsers.txt: no source for the target {target}" for target in targets - set(known.values()) - WHOLE]
    return found


# Of what has rows of its own under the parts that it is made of.
WHOLE = {"spf_evaluate", "rules_match", "watch_history", "command_line"}


def tree_of(root):
    lib = root / "lib"
    sources = {str(path.relative_to(lib)): path.read_text() for path in sorted(lib.rglob("*.cc"))}
    targets = set(re.findall(r'Target\{"(\w+)"', (root / "tests/fuzz/targets.cc").read_text()))
    return sources, (root / "tests/fuzz/parsers.txt").read_text(), targets


def self_test(root):
    sources, table, targets = tree_of(root)
    assert not faults(sources, table, targets), faults(sources, table, targets)

    def expect(words, sources=sources, table=table, targets=targets):
        found = faults(sources, table, targets)
        assert any(words in fault for fault in found), f"{words}: {found}"

    planted = ("std::optional<Mark> parse_mark(std::string_view text) {\n", "Mark Mark::from_text(string_view text, int base) {\n",
               "  const auto count = read_some(descriptor, buffer, size, cancellation);\n", "bool take(\n    std::string_view& rest) {\n")
    for text in planted:
        expect("lib/core/mark.cc takes", sources={**sources, "core/mark.cc": text})
    assert not is_parser("std::optional<Mark> parse_mark(std::string_view text);\n"), "a declaration is no definition"
    expect("core/mark.cc does not exist", table=table + "names core/mark.cc\n")
    expect("lib/bounce/message_source.cc takes", table=table.replace("bounce/message_source.cc ", ""))
    expect("mail_sources is no target", targets=targets - {"mail_sources"})
    expect("no source for the target more", targets=targets | {"more"})
    expect("is there twice", table=table + "whois core/utf8.cc\n")
    expect("a reason is said", table=table + "none bounce/names.cc: why\n")
    expect("needs no excuse", table=table + "none bounce/names.cc: nothing is taken apart in it\n")


def main():
    root = Path(__file__).resolve().parent.parent.parent if sys.argv[1] == "--self-test" else Path(sys.argv[1])
    if sys.argv[1] == "--self-test":
        self_test(root)
        return 0
    found = faults(*tree_of(root))
    print("\n".join(found) or "no fault found")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
