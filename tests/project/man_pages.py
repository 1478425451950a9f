#!/usr/bin/env python3
"""Each page of the manual has the sections that a page of its kind needs, in the usual order; and its Korean version has the
same sections, options, variables, files, exit statuses, examples and references.

    man_pages.py SOURCE_ROOT
    man_pages.py --self-test
"""

import re
import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent / folder) for folder in ("support", "architecture")]
import checker  # noqa: E402
import man_page  # noqa: E402

NEEDED = {
    "1": ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "ENVIRONMENT", "FILES", "EXIT STATUS", "EXAMPLES", "SEE ALSO"],
    "3": ["NAME", "SYNOPSIS", "DESCRIPTION", "EXAMPLES", "SEE ALSO"],
    "5": ["NAME", "DESCRIPTION", "FILES", "EXAMPLES", "SEE ALSO"],
    "7": ["NAME", "DESCRIPTION", "EXAMPLES", "SEE ALSO"],
}
# What a check of a standard goes by stands in its page.
STANDARDS = {"bimicheck", "dkimcheck", "dmarccheck", "explain", "mxcheck", "ptrcheck", "rblcheck", "smtpcheck", "spfcheck",
             "tlscheck", "whois"}
REFERENCE = re.compile(r"^\.Xr (maildiag\S*) (\d)", re.MULTILINE)


def page_faults(name, text):
    """What a page lacks by itself."""
    titles = [title for title, _ in man_page.sections(text)]
    kind = name.removesuffix(".in")[-1]
    needed = list(NEEDED[kind])
    if name.removeprefix("maildiag-").removesuffix(".1") in STANDARDS:
        needed.append("STANDARDS")
    faults = [f"no section {title}" for title in needed if title not in titles]
    faults += [f"two sections {title}" for title in sorted(set(titles)) if titles.count(title) > 1]
    if not faults and [title for title in titles if title in needed] != needed:
        faults.append(f"the sections stand in another order than {', '.join(needed)}")
    faults += [f"the section {title} is empty" for title, lines in man_page.sections(text) if not any(lines)]
    # The examples of section 3 are programs in C and C++; tests/package builds those.
    if titles and kind != "3" and not any(man_page.examples(text)):
        faults.append("EXAMPLES call the program nowhere")
    for title, lines in man_page.sections(text):
        if title != "OPTIONS" and name.endswith(".1") and man_page.tagged(lines, "Fl"):
            faults.append(f"options are described in {title}")
    return faults


def features(text):
    """{what: value} of all that must be the same in every language."""
    body = text.splitlines()
    found = {"sections": [title for title, _ in man_page.sections(text)],
             "subsections": sum(line.startswith(".Ss ") for line in body),
             "lists": [line for line in body if line.startswith(".Bl ")],
             "items": sum(line.startswith(".It") for line in body),
             "examples": man_page.examples(text),
             "programs": man_page.literal_blocks(man_page.section(text, "EXAMPLES")) if "#include" in text else [],
             "references": REFERENCE.findall(text[text.find(".Sh SEE ALSO"):]),
             "directives": [line for line in body if line.startswith('.\\" @')],
             "exit statuses": [line for line in man_page.section(text, "EXIT STATUS") if line.startswith(".It ")]}
    for what, macro in (("options", "Fl"), ("variables", "Ev"), ("files", "Pa"), ("members", "Va")):
        found[what] = man_page.tagged(body, macro)
    return found


def first_difference(one, other):
    if isinstance(one, int):
        return f"{one} and {other}"
    if isinstance(one, tuple):
        one, other = one[0] + one[1], other[0] + other[1]
    for left, right in zip(one, other):
        if left != right:
            return f"{left!r} and {right!r}"
    longer = one if len(one) > len(other) else other
    return f"{longer[min(len(one), len(other))]!r} is in one only"


def faults(root):
    out = []
    manual = Path(root) / "man"
    pages = sorted([*manual.glob("*.[1-9]"), *manual.glob("*.[1-9].in")])
    if not pages:
        return [f"{manual}: no pages found"]
    known = {page.name.removesuffix(".in") for page in pages}
    main = (manual / "maildiag.1").read_text(encoding="utf-8")
    listed = {f"{name}.{section}" for name, section in REFERENCE.findall(main[main.find(".Sh SEE ALSO"):])}
    out += [f"maildiag.1: SEE ALSO does not name {name}" for name in sorted(known - listed - {"maildiag.1"})]
    for page in pages:
        text = page.read_text(encoding="utf-8")
        translated = manual / "ko" / page.name
        out += [f"{page.name}: {fault}" for fault in page_faults(page.name, text)]
        out += [f"{page.name}: {name}({section}) does not exist" for name, section in REFERENCE.findall(text)
                if f"{name}.{section}" not in known]
        if not translated.is_file():
            out.append(f"ko/{page.name} is missing")
            continue
        korean = translated.read_text(encoding="utf-8")
        if not re.search("[\uac00-\ud7a3]", korean):
            out.append(f"ko/{page.name}: there is no Korean in it")
        there = features(korean)
        out += [f"{page.name}: the {what} differ from ko/: {first_difference(value, there[what])}"
                for what, value in features(text).items() if value != there[what]]
    return out


GOOD = """.Sh NAME
.Nm maildiag
.Sh SYNOPSIS
a
.Sh DESCRIPTION
%s
.Sh OPTIONS
.Bl -tag
.It Fl -ip Ar %s
.El
.Sh ENVIRONMENT
.It Ev LANG
.Sh FILES
.It Pa /etc/x
.Sh EXIT STATUS
.It 0
.Sh EXAMPLES
.Dl $ maildiag explain x
.Sh SEE ALSO
.Xr maildiag 1
"""
# (what stands in the English page, what there instead, a part of a fault that must be told)
BAD = [
    (".Sh FILES\n.It Pa /etc/x\n", "", "no section FILES"),
    (".Sh FILES", ".Sh EXIT STATUS\n.It 0\n.Sh FILES", "two sections EXIT STATUS"),
    (".Sh ENVIRONMENT\n.It Ev LANG\n.Sh FILES\n.It Pa /etc/x\n", ".Sh FILES\n.It Pa /etc/x\n.Sh ENVIRONMENT\n.It Ev LANG\n", "another order"),
    ("explain x", "explain y", "the examples differ"),
    ("$ maildiag explain x", "x", "call the program nowhere"),
    ("-ip", "-ipv6", "the options differ"),
    ("/etc/x", "/etc/y", "the files differ"),
    ("LANG", "LC_ALL", "the variables differ"),
    (".It 0", ".It 1", "the exit statuses differ"),
    (".Xr maildiag 1", ".Xr maildiag 1 ,\n.Xr maildiag-none 1", "maildiag-none(1) does not exist"),
    ("a domain", ".It Fl -odd", "options are described in DESCRIPTION"),
]


def self_test():
    def planted(english, korean):
        with tempfile.TemporaryDirectory() as root:
            for directory, text in (("man", english), ("man/ko", korean)):
                (Path(root) / directory).mkdir()
                (Path(root) / directory / "maildiag.1").write_text(text, encoding="utf-8")
            return faults(root)

    english, korean = GOOD % ("a domain", "address"), GOOD % ("도메인", "주소")
    wrong = man_page.self_test() + [f"good page: {fault}" for fault in planted(english, korean)]
    if not any("no Korean" in fault for fault in planted(english, english)):
        wrong.append("an English page passes as Korean")
    for old, new, expected in BAD:
        found = planted(english.replace(old, new, 1), korean)
        if not any(expected in fault for fault in found):
            wrong.append(f"{expected!r} was expected, found {found}")
    return wrong


if __name__ == "__main__":
    checker.run(__doc__, faults, self_test)
