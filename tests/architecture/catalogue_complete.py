#!/usr/bin/env python3
"""Proves that what the code says by id stands in rules/ in English and Korean, and that rules/ says nothing else.

    catalogue_complete.py ROOT        checks a source tree; prints one line a fault, exits 1 if there is one
    catalogue_complete.py --self-test makes up a good tree and bad ones and checks that each fault is seen
"""

import re
import tempfile
import tomllib
from pathlib import Path

import checker

# Which tables the ids written in a module's sources may name. A finding's id has one dot, a check's label has more.
SCOPE = {"checks": "by-dots", "diagnose": "labels", "report": "labels", "session": "both", "maildiag": "labels"}

# Ids put together at run time: what stands in front -> how the words that may follow are found.
FAMILIES = {
    "severity.": lambda tree: tree.enum_words("Severity").values(),
    "verdict.": lambda tree: tree.enum_words("Verdict").values(),
    "kind.": lambda tree: tree.enum_words("Kind").values(),
    "fcrdns.": lambda tree: tree.enum_words("Fcrdns").values(),
    "state.": lambda tree: tree.enum_words("ListState").values(),
    "side.": lambda tree: {cause["side"] for cause in tree.tables("rules/causes.toml", "cause")},
    "dnsbl.reason.": lambda tree: tree.indefinite_outcomes(),
    "spf.": lambda tree: tree.spf_words(),
    "bulk.state.": lambda tree: tree.enum_words("BulkState").values(),
    "bulk.check.": lambda tree: {each["check"] for each in tree.tables("rules/bulk-senders.toml", "requirement")},
    "bulk.senders.": lambda tree: {each["senders"] for each in tree.tables("rules/bulk-senders.toml", "requirement")},
    # All that the file holds is shown.
    "reputation.": lambda tree: {entry["id"].removeprefix("reputation.")
                                 for entry in tree.tables("rules/findings/reputation.toml", "finding")},
    "watch.group.": lambda tree: tree.enum_words("WatchGroup").values(),
    # The values of a list that cannot be used; lib/watch knows no labels.
    "watch.list.": lambda tree: {word for path, text in tree.in_module("watch").items()
                                 for word in re.findall(r'unusable\("([a-z]+)"\)', text)},
    "lookup.reason.": lambda tree: {*tree.enum_words("Obstacle").values()} - {"other"},
    "summary.by.": lambda tree: tree.enum_words("Dimension").values(),
    "domain.": lambda tree: tree.enum_words("DomainTopic").values(),
    "page.verdict.": lambda tree: tree.enum_words("Severity").values(),
    # Found by their sentences: fault_sentences.py.
    "fault.": lambda tree: set(),
    "fault.phrase.": lambda tree: set(),
    "lint.": lambda tree: {*tree.enum_words("LintKind").values(), "clean"},
}
# Words with a hyphen in the sources of SPF that are not codes: a macro's value, a state of the include tree.
SPF_OTHER_WORDS = {"in-addr", "not-followed"}

TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|\'(?:\\.|[^\'\\\n])\'|R"\((.*?)\)"|"((?:\\.|[^"\\\n])*)"', re.DOTALL)
ID = re.compile(r"[a-z][a-z0-9_-]*(?:\.[a-z][a-z0-9_-]*)+")
PREFIX = re.compile(r"((?:[a-z][a-z0-9_-]*\.)+)(?:\{\})?")
SUFFIX = re.compile(r"\.[a-z][a-z-]*")
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
HANGUL = re.compile("[\uac00-\ud7a3]")
# Particles whose form hangs on what is filled in, or that would cling to a foreign word. Units ("{count}개") are no such.
GLUED = re.compile("\\}(?:은|는|이|가|을|를|과|와|로|으로|이나|나|이라|라|의|에|에서|에게|도|만|부터|까지)(?![\uac00-\ud7a3])")


def without_comments(text):
    return TOKEN.sub(lambda m: " " if m[0].startswith("/") else m[0], text)


def literals(text):
    """The string literals of a text without comments, in order."""
    return [m[1] if m[1] is not None else m[2] for m in TOKEN.finditer(text) if m[1] is not None or m[2] is not None]


def arguments(text, function):
    """The text between the parentheses of each call (or declaration) of a function."""
    for match in re.finditer(rf"\b{function}\(", text):
        depth, at = 1, match.end()
        while at < len(text):
            if text[at] in "\"'R" and (literal := TOKEN.match(text, at)):
                at = literal.end()  # parentheses in it are words
                continue
            depth += {"(": 1, ")": -1}.get(text[at], 0)
            if depth == 0:
                yield text[match.end():at]
                break
            at += 1


class Tree:
    """The sources below lib/ and tools/ without their comments, and the tables of rules/."""

    def __init__(self, root):
        self.root = Path(root)
        self.sources = {}
        for path in sorted([*(self.root / "lib").rglob("*"), *(self.root / "tools").rglob("*")]):
            if path.suffix in (".cc", ".h"):
                self.sources[path.relative_to(self.root)] = without_comments(path.read_text(encoding="utf-8"))
        self.faults = []

    def tables(self, pattern, kind):
        found = []
        for path in sorted(self.root.glob(pattern)):
            with path.open("rb") as file:
                found += tomllib.load(file).get(kind, [])
        return found

    def in_module(self, *modules):
        return {path: text for path, text in self.sources.items() if path.parts[1] in modules}

    def enum_words(self, enum):
        """{enumerator: word} as the enum's to_string() says them."""
        for text in self.sources.values():
            body = re.search(rf"\bto_string\({enum} \w+\) {{(.*?)\n}}", text, re.DOTALL)
            if not body:
                continue
            words, waiting = {}, []
            for case, word in re.findall(rf'case {enum}::(\w+):|return "([^"]+)"', body[1]):
                if case:
                    waiting.append(case)
                else:
                    words.update(dict.fromkeys(waiting or ["default"], word))
                    waiting = []
            return words
        self.faults.append(f"no to_string({enum}) found, which tells the ids of a family")
        return {}

    def indefinite_outcomes(self):
        words = self.enum_words("Outcome")
        definite = set()
        for text in self.sources.values():
            if body := re.search(r"bool is_definite\(Outcome \w+\) {(.*?)\n}", text, re.DOTALL):
                definite = set(re.findall(r"Outcome::(\w+)", body[1]))
        return {word for enumerator, word in words.items() if enumerator not in definite}

    def spf_words(self):
        """Results, problems (words with a hyphen), and what findings are made of."""
        words = set(self.enum_words("SpfResult").values())
        for path, text in self.in_module("checks").items():
            if not path.name.startswith("spf") or path.suffix != ".cc":
                continue
            words |= {word for word in literals(text) if re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", word)}
            for function in ("make_finding", "add", "add_list"):
                for call in arguments(text, function):
                    words |= set(literals(call.split("Severity::")[0])) if "Severity::" in call else set()
        return words - SPF_OTHER_WORDS

    def areas(self, path):
        """What stands in front of the suffixes (".unknown") of a source: values of its variable `area`, or what
        callers pass for its parameter of that name, which is the last one."""
        text = self.sources[path]
        found = {word for statement in re.findall(r"\barea = ([^;]*);", text) for word in literals(statement)}
        for function in re.findall(r"\b(\w+)\([^()]*std::string_view area\)", text):
            for other in self.sources.values():
                for call in arguments(other, function):
                    if last := re.search(r'"([^"]+)"$', call.strip()):
                        found.add(last[1])
        return found


class Use:
    """The ids that the code uses, each with the source that does."""

    def __init__(self, tree):
        self.findings, self.labels, self.either = {}, {}, {}
        for path, text in tree.in_module(*SCOPE).items():
            for word in literals(text):
                self.read_literal(tree, path, word)
            for function in ("labels", "label"):
                for call in arguments(text, function):
                    # Not the keys of members: labels(result["generic"].as_bool() ? "yes" : "no").
                    for word in literals(re.sub(r'\["[^"]*"\]|find\("[^"]*"\)', "", call)):
                        if re.fullmatch(r"[a-z][a-z-]*", word):
                            self.labels[word] = path

    def read_literal(self, tree, path, word):
        if ID.fullmatch(word) and not word.endswith(".h"):
            self.kind(path, word)[word] = path
        elif SUFFIX.fullmatch(word) and path.parts[1] == "checks":
            areas = tree.areas(path)
            if not areas:
                tree.faults.append(f'{path}: what stands in front of "{word}" is not to be seen')
            self.findings.update({area + word: path for area in areas})
        elif prefix := PREFIX.fullmatch(word):
            if prefix[1] not in FAMILIES:
                tree.faults.append(f'{path}: which words follow "{word}" must be said in FAMILIES')
                return
            ids = {prefix[1] + follower: path for follower in FAMILIES[prefix[1]](tree)}
            (self.findings if prefix[1] in ("spf.", "reputation.") else self.labels).update(ids)

    def kind(self, path, word):
        tables = SCOPE[path.parts[1]]
        if tables == "both":
            return self.either
        return self.findings if tables == "by-dots" and word.count(".") == 1 else self.labels


def data_keys(tree, path):
    """The data members that a source, or one of the same check (spf_report.cc, spf_finding.cc), or a source whose header
    one of these includes (tls_txt.h of mta_sts_finding.cc), sets."""
    check = path.stem.split("_")[0]
    family = {other for other in tree.sources if other.parent == path.parent and other.stem.split("_")[0] == check}
    helpers = {path.parent / f"{stem}.cc" for other in family
               for stem in re.findall(rf'#include "{path.parent.name}/(\w+)\.h"', tree.sources[other])}
    return {key for other in family | helpers
            for key in re.findall(r'\bset\("(\w+)"', tree.sources.get(other, ""))} | {"subject"}


def pairs(entry):
    """(member, English, Korean) of each text of a table; the remedy's steps one by one."""
    if "en" in entry or "ko" in entry:
        yield "text", entry.get("en"), entry.get("ko")
    for member in ("title", "detail"):
        if member in entry:
            yield member, entry[member].get("en"), entry[member].get("ko")
    remedy = entry.get("remedy", {})
    english, korean = remedy.get("en", []), remedy.get("ko", [])
    for step in range(max(len(english), len(korean))):
        yield (f"remedy step {step + 1}", english[step] if step < len(english) else None,
               korean[step] if step < len(korean) else None)


def language_faults(entry):
    for member, english, korean in pairs(entry):
        where = f"{entry['id']}: {member}"
        if not english or not korean:
            yield f"{where} is missing in {'Korean' if english else 'English'}"
            continue
        if HANGUL.search(english):
            yield f"{where}: the English text holds Korean"
        if set(PLACEHOLDER.findall(english)) != set(PLACEHOLDER.findall(korean)):
            yield f"{where}: the languages have different placeholders"
        if glued := GLUED.search(korean):
            yield f"{where}: \"{glued[0]}\" glues a particle to a placeholder"
        if any(text != " ".join(text.split()) for text in (english, korean)):
            yield f"{where}: white space"


def advice_faults(entry):
    """What `maildiag findings ID` must be able to answer: why it matters, how to fix it, and who says so."""
    for member in ("title", "detail", "severity"):
        if member not in entry:
            yield f"{entry['id']}: no {member}"
    steps = entry.get("remedy", {}).get("en", [])
    if entry.get("severity") in ("warning", "critical", "unknown") and not steps:
        yield f"{entry['id']}: a {entry['severity']} without a remedy"
    if not entry.get("reference") and not any("https://" in step for step in steps):
        yield f"{entry['id']}: neither a reference nor a link in the remedy"


def cause_faults(cause):
    for member in ("title", "meaning", "fix"):
        for language, name in (("en", "English"), ("ko", "Korean")):
            if not cause.get(member, {}).get(language):
                yield f"{cause['id']}: {member} is missing in {name}"


def placeholder_faults(tree, entry, path):
    known = data_keys(tree, path)
    used = {name for _, *texts in pairs(entry) for text in texts if text for name in PLACEHOLDER.findall(text)}
    for name in sorted(used - known):
        yield f"{entry['id']}: {{{name}}} is no member of the data that {path} sets"


def by_id(entries):
    found, out = {}, []
    for entry in entries:
        if entry["id"] in found:
            out.append(f"{entry['id']}: there are two of this id")
        found[entry["id"]] = entry
    return found, out


def faults(root):
    tree = Tree(root)
    use = Use(tree)
    if not use.findings or not use.labels:
        return [f"{root}: no ids found in lib/"]
    findings, out = by_id(tree.tables("rules/findings/*.toml", "finding"))
    labels, doubles = by_id(tree.tables("rules/labels.toml", "label") + tree.tables("rules/interface.toml", "label"))
    out += doubles
    for word, path in use.either.items():
        (use.findings if word in findings else use.labels).setdefault(word, path)
    for kind, used, texts in (("finding", use.findings, findings), ("label", use.labels, labels)):
        out += [f"{word}: {path} uses this {kind}, which is not in rules/" for word, path in used.items()
                if word not in texts]
        out += [f"{word}: no source uses this {kind}" for word in texts if word not in used]
    for entry in [*findings.values(), *labels.values()]:
        out += language_faults(entry)
    for word, entry in findings.items():
        out += advice_faults(entry)
        if word in use.findings:
            out += placeholder_faults(tree, entry, use.findings[word])
    for cause in tree.tables("rules/causes.toml", "cause"):
        out += cause_faults(cause)
    return sorted(set(out + tree.faults))


def finding_toml(name, english, korean, more=""):
    return (f'[[finding]]\nid = "{name}"\ntitle = {{ en = "{english}", ko = "{korean}" }}\n'
            f'detail = {{ en = "It is so.", ko = "그렇습니다." }}\nseverity = "ok"\nreference = "RFC 1"\n{more}\n')


def label_toml(*names):
    return "".join(f'[[label]]\nid = "{name}"\nen = "word"\nko = "낱말"\n' for name in names)


def to_string(enum, *words):
    cases = "".join(f'case {enum}::{word.replace("-", "_")}:\n return "{word}";\n' for word in words)
    return f"std::string_view to_string({enum} value) {{\n  switch (value) {{\n{cases}  }}\n}}\n"


GOOD_TREE = {
    "lib/checks/ptr.cc": '// "ptr.not-an-id"\nadd(good ? "ptr.ok" : "ptr.missing").data.set("ip", ip);\n'
                         'reason = "list.reason.retired";\n',
    "lib/checks/helo.cc": '#include "checks/mx.h"\nadd("helo.ok");\n',
    "lib/checks/mx.cc": 'Task<R> check_domain(Context context, std::string_view area) {\n  id = area + ".unknown";\n'
                        '  data.set("domain", d);\n}\n',
    "lib/checks/spf_report.cc": 'id = "spf." + name; data.set("domain", d);\npermerror("bad-macro", frame);\n'
                                'make_finding("loop", Severity::critical);\n' + to_string("SpfResult", "pass"),
    "lib/diagnose/run.cc": 'check_domain(context, "sender-domain");\nmissing = "verdict.no-helo";\n'
                           + to_string("Verdict", "confirmed"),
    "lib/report/text.cc": 'labels("verdict." + v["verdict"]);\nlabel(context, v["generic"] ? "yes" : "no");\n',
    "lib/session/sweep.cc": 'finding.id = "ptr.host-unknown"; label("verdict.refuted.remedy");\n',
    "rules/labels.toml": label_toml("list.reason.retired", "verdict.no-helo", "verdict.confirmed", "yes", "no",
                                    "verdict.refuted.remedy"),
    "rules/findings/ptr.toml": finding_toml("ptr.ok", "{ip} is good", "정상: {ip}")
                               + finding_toml("ptr.missing", "{ip} has none", "없음: {ip}")
                               + finding_toml("ptr.host-unknown", "{subject} is unknown", "알 수 없음: {subject}"),
    "rules/findings/rest.toml": finding_toml("sender-domain.unknown", "{domain}", "도메인: {domain}")
                                + finding_toml("helo.ok", "{domain}", "도메인: {domain}")
                                + "".join(finding_toml(f"spf.{word}", "{domain}", "도메인: {domain}")
                                          for word in ("pass", "bad-macro", "loop")),
}

# (file, what is added to it, a part of the only fault that must be reported)
BAD_ADDITIONS = [
    ("lib/checks/ptr.cc", 'add("ptr.several");\n', "ptr.several: lib/checks/ptr.cc uses this finding"),
    ("lib/checks/helo.cc", 'add("helo.bad");\n', "helo.bad: lib/checks/helo.cc uses this finding"),
    ("lib/checks/ptr.cc", 'reason = "list.reason.no-key";\n', "list.reason.no-key: lib/checks/ptr.cc uses this label"),
    ("lib/checks/mx.cc", 'id = area + ".null-mx";\n', "sender-domain.null-mx: lib/checks/mx.cc uses this finding"),
    ("lib/checks/ptr.cc", 'id = where + ".odd";\n', 'in front of ".odd"'),
    ("lib/diagnose/run.cc", 'check_domain(context, "recipient-domain");\n', "recipient-domain.unknown: "),
    ("lib/checks/spf_lint.cc", 'permerror("ip-as-name", frame);\n', "spf.ip-as-name: "),
    ("lib/checks/spf_lint.cc", 'add(over ? "all" : "loop", Severity::info);\n', "spf.all: "),
    ("lib/diagnose/run.cc", 'missing = "verdict.no-sender";\n', "verdict.no-sender: lib/diagnose/run.cc uses this label"),
    ("lib/report/text.cc", 'labels("explain.cause");\n', "explain.cause: "),
    ("tools/maildiag/help.cc", 'text("help.usage");\n', "help.usage: tools/maildiag/help.cc uses this label"),
    ("lib/report/text.cc", 'labels("colour." + name);\n', "must be said in FAMILIES"),
    ("lib/report/text.cc", 'labels("state." + name);\n', "no to_string(ListState) found"),
    ("lib/report/text.cc", 'label(context, "maybe");\n', "maybe: lib/report/text.cc uses this label"),
    ("lib/session/sweep.cc", 'finding.id = "ptr.odd";\n', "ptr.odd: lib/session/sweep.cc uses this"),
    ("rules/causes.toml", '[[cause]]\nid = "loop"\nside = "none"\ntitle = { en = "a", ko = "나" }\nmeaning = { en = "a", ko = "나" }\n'
                          'fix = { en = ["a"] }\n', "loop: fix is missing in Korean"),
    ("rules/labels.toml", label_toml("state.listed"), "state.listed: no source uses this label"),
    ("rules/labels.toml", label_toml("yes"), "yes: there are two"),
    ("rules/findings/ptr.toml", finding_toml("ptr.not-an-id", "a", "나"), "ptr.not-an-id: no source uses this finding"),
    ("rules/findings/ptr.toml", finding_toml("ptr.ok", "{ip}", "IP: {ip}"), "ptr.ok: there are two"),
]

# (text of a good rule, what stands there instead, a part of the only fault; None: there is none)
BAD_CHANGES = [
    ("정상: {ip}", "정상", "ptr.ok: title: the languages have different placeholders"),
    ("정상: {ip}", "{ip}는 정상", '"}는" glues a particle'),
    ("정상: {ip}", "{ip}회로 정상, {ip}", None),
    ("{ip} is good", "정상 {ip}", "the English text holds Korean"),
    ("{ip} is good", "", "ptr.ok: title is missing in English"),
    ('{ en = "{ip} is good", ko = "정상: {ip}" }', '{ en = "{ip} is good" }', "ptr.ok: title is missing in Korean"),
    ('"{ip} is good", ko = "정상: {ip}"', '"{name}", ko = "이름: {name}"', "{name} is no member of the data"),
    ('reference = "RFC 1"', 'reference = "RFC 1"\nremedy = { en = ["Do it."], ko = [] }',
     "ptr.ok: remedy step 1 is missing in Korean"),
    ('severity = "ok"', 'severity = "critical"', "ptr.ok: a critical without a remedy"),
    ('severity = "ok"\n', "", "ptr.ok: no severity"),
    ('reference = "RFC 1"', "", "ptr.ok: neither a reference nor a link"),
    ('reference = "RFC 1"', 'remedy = { en = ["See https://a.test/"], ko = ["보기: https://a.test/"] }', None),
    ("{ip} has none", "{ip}  has none", "white space"),
]


def planted(files, faults=faults):
    with tempfile.TemporaryDirectory() as root:
        for name, text in files.items():
            path = Path(root) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return faults(root)


def self_test():
    wrong = [f"good tree: {fault}" for fault in planted(GOOD_TREE)]
    if not planted({}):
        wrong.append("an empty tree is called good")
    cases = [({**GOOD_TREE, name: GOOD_TREE.get(name, "") + more}, expected) for name, more, expected in BAD_ADDITIONS]
    for old, new, expected in BAD_CHANGES:
        changed = GOOD_TREE["rules/findings/ptr.toml"].replace(old, new, 1)
        if changed == GOOD_TREE["rules/findings/ptr.toml"]:
            wrong.append(f"the good tree does not hold {old!r}")
        cases.append(({**GOOD_TREE, "rules/findings/ptr.toml": changed}, expected))
    for files, expected in cases:
        found = planted(files)
        if expected is None and found or expected and (len(found) != 1 or expected not in found[0]):
            wrong.append(f"expected one fault with {expected!r}, got {found}")
    return wrong


if __name__ == "__main__":
    checker.run(__doc__, faults, self_test)
