#!/usr/bin/env python3
"""Proves that what the library says of faulty input stands in rules/faults.toml in English and Korean, and nothing else.

    fault_sentences.py ROOT        checks a source tree; prints one line a fault, exits 1 if there is one
    fault_sentences.py --self-test makes up a good tree and bad ones and checks that each fault is seen
"""

import re
import sys

from catalogue_complete import Tree, arguments, by_id, label_toml, language_faults, literals, planted

# What only the authors of rules read.
ENGLISH_ONLY = {"rulebook"}


def unescaped(joined):
    return "".join(literals(joined)).replace('\\"', '"').replace("\\\\", "\\")


def said_sentences(tree):
    """{English sentence of make_error() and fail_with(), "{}" for each argument: its source}."""
    said = {}
    for path, text in tree.sources.items():
        if "manual" in path.parts or path.name == "result.h":  # the build's own; the functions themselves
            continue
        for function in ("make_error", "fail_with"):
            for call in arguments(text, function):
                if words := re.match(r'\s*[\w:]+,\s*((?:"(?:\\.|[^"\\\n])*"\s*)+)', call):
                    said[unescaped(words[1])] = path
                else:
                    tree.faults.append(f"{path}: {function}({call.strip()[:60]}: the sentence must be a literal")
        if path.parts[0] == "lib" and path.parts[1] in ENGLISH_ONLY:
            continue
        for call in arguments(text, "fail"):
            if re.match(r"(ErrorCode::\w+|code),", call.strip()) and any(re.search("[a-z]{2}", word) for word in literals(call)):
                tree.faults.append(f"{path}: fail({call.strip()[:60]}: English only; say it by fail_with()")
    return said


def sentence_faults(tree, labels):
    """What the library says of faulty input is found by its English sentence, and phrases by theirs."""
    known = {re.sub(r"\{\d\}", "{}", entry["en"]): name for name, entry in labels.items()}
    said = said_sentences(tree)
    for sentence, path in said.items():
        if sentence not in known:
            yield f'{path}: "{sentence}" is not in rules/faults.toml'
    words = {unescaped(joined) for text in tree.sources.values()
             for joined in re.findall(r'(?:"(?:\\.|[^"\\\n])*"\s*)+', text)}
    for sentence, name in known.items():
        if sentence not in said and sentence not in words:
            yield f"{name}: no source says this"
        if ".phrase." in name and "{" in sentence:
            yield f"{name}: a phrase has no placeholders"


def faults(root):
    tree = Tree(root)
    labels, out = by_id(tree.tables("rules/faults.toml", "label"))
    if not labels:
        return [f"{root}: no sentences found in rules/faults.toml"]
    out += sentence_faults(tree, labels)
    for entry in labels.values():
        out += language_faults(entry)
    return sorted(set(out + tree.faults))


def sentence_toml(name, english, korean):
    return f'[[label]]\nid = "{name}"\nen = "{english}"\nko = "{korean}"\n'


GOOD_TREE = {
    "lib/session/targets.cc": 'fail_with(ErrorCode::usage, "`{}` is "\n "no host ) {}", text, "write a name");\n',
    "rules/faults.toml": sentence_toml("fault.host", "`{0}` is no host ) {1}", "호스트가 아닙니다: `{0}` {1}")
                         + sentence_toml("fault.phrase.name", "write a name", "이름을 쓰세요"),
}

# (file, what is added to it, a part of the only fault that must be reported)
BAD_ADDITIONS = [
    ("lib/session/targets.cc", 'make_error(code, "it is {}", what);\n', '"it is {}" is not in rules/faults.toml'),
    ("lib/session/targets.cc", "fail_with(code, sentence);\n", "the sentence must be a literal"),
    ("lib/session/targets.cc", 'fail(code, "it is so");\n', "English only"),
    ("rules/faults.toml", label_toml("fault.unsaid"), "fault.unsaid: no source says this"),
    ("rules/faults.toml", sentence_toml("fault.host", "`{0}` is no host ) {1}", "호스트: `{0}` {1}"), "there are two of this id"),
    ("rules/faults.toml", sentence_toml("fault.phrase.b", "write a name {0}", "이름 {0}"), "fault.phrase.b: "),
]


def self_test():
    wrong = [f"good tree: {fault}" for fault in planted(GOOD_TREE, faults)]
    if not planted({}, faults):
        wrong.append("an empty tree is called good")
    for name, more, expected in BAD_ADDITIONS:
        found = planted({**GOOD_TREE, name: GOOD_TREE[name] + more}, faults)
        if not any(expected in fault for fault in found):
            wrong.append(f"expected a fault with {expected!r}, got {found}")
    return wrong


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    found = self_test() if sys.argv[1] == "--self-test" else faults(sys.argv[1])
    print("\n".join(found) or "no fault found")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
