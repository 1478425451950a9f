#!/usr/bin/env python3
"""Proves that what the library says of faulty input stands in rules/faults.toml in English and Korean, and nothing else.

    fault_sentences.py ROOT        checks a source tree; prints one line a fault, exits 1 if there is one
    fault_sentences.py --self-test makes up a good tree and bad ones and checks that each fault is seen
"""

import re

import checker
from catalogue_complete import TOKEN, Tree, arguments, by_id, label_toml, language_faults, literals, planted

# Which argument is the sentence; those of the reader of rule files are called so there only.
FUNCTIONS = {"make_error": 1, "fail_with": 1}
LOADER = {"fault": 1, "fault_at": 1, "fault_of": 3}
LITERALS = re.compile(r'\s*((?:"(?:\\.|[^"\\\n])*"\s*)+)')


def unescaped(joined):
    return "".join(literals(joined)).replace('\\"', '"').replace("\\\\", "\\")


def split_arguments(call):
    """The arguments of a call: its commas outside of literals and of nested calls and braces."""
    parts, depth, at, begin = [], 0, 0, 0
    while at < len(call):
        if call[at] in "\"'R" and (literal := TOKEN.match(call, at)):
            at = literal.end()
            continue
        depth += {"(": 1, "{": 1, "[": 1, ")": -1, "}": -1, "]": -1}.get(call[at], 0)
        if call[at] == "," and depth == 0:
            parts.append(call[begin:at])
            begin = at + 1
        at += 1
    return [*parts, call[begin:]]


def said_sentences(tree):
    """{English sentence of make_error(), fail_with() and the reader of rule files, "{}" for each argument: its source}."""
    said = {}
    for path, text in tree.sources.items():
        if "manual" in path.parts or path.name == "result.h":  # the build's own; the functions themselves
            continue
        text = re.sub(r"template <.*?\n *}\n", "", text, flags=re.DOTALL)  # hands a sentence on
        for function, place in {**FUNCTIONS, **(LOADER if "loader" in path.parts else {})}.items():
            for call in arguments(text, function):
                parts = split_arguments(call)
                if words := LITERALS.fullmatch(parts[place]) if len(parts) > place else None:
                    said[unescaped(words[1])] = path
                else:
                    tree.faults.append(f"{path}: {function}({call.strip()[:60]}: the sentence must be a literal")
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
    ("lib/rulebook/loader/a.cc", 'reader.fault({}, "is no {}", f("a, b"));\n', '"is no {}" is not in rules/faults.toml'),
    ("lib/rulebook/loader/a.cc", 'fault_of(origin, "rule", id, sentence);\n', "the sentence must be a literal"),
    ("rules/faults.toml", label_toml("fault.unsaid"), "fault.unsaid: no source says this"),
    ("rules/faults.toml", sentence_toml("fault.host", "`{0}` is no host ) {1}", "호스트: `{0}` {1}"), "there are two of this id"),
    ("rules/faults.toml", sentence_toml("fault.phrase.b", "write a name {0}", "이름 {0}"), "fault.phrase.b: "),
]


def self_test():
    wrong = [f"good tree: {fault}" for fault in planted(GOOD_TREE, faults)]
    if not planted({}, faults):
        wrong.append("an empty tree is called good")
    for name, more, expected in BAD_ADDITIONS:
        found = planted({**GOOD_TREE, name: GOOD_TREE.get(name, "") + more}, faults)
        if not any(expected in fault for fault in found):
            wrong.append(f"expected a fault with {expected!r}, got {found}")
    return wrong


if __name__ == "__main__":
    checker.run(__doc__, faults, self_test)
