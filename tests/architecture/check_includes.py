#!/usr/bin/env python3
"""Proves that includes point down the module list, that third-party headers stay where they belong, and that no
file has grown past its size.

    check_includes.py ROOT        checks a source tree; prints one line a fault, exits 1 if there is one
    check_includes.py --self-test makes up a good tree and bad ones and checks that each fault is seen
"""

import re
import tempfile
from pathlib import Path

import checker

# What each module of lib/ may include, besides itself. CONTRIBUTING.md shows it as a picture.
MODULES = {
    "core": set(),
    "net": {"core", "dns"},
    "dns": {"core"},
    "report": {"core"},
    "rulebook": {"core"},
    "bounce": {"core"},
    "checks": {"core", "dns", "net", "rulebook"},
    "diagnose": {"core", "dns", "rulebook", "bounce", "checks"},
    "watch": {"core"},
    "config": {"core", "dns", "rulebook"},
    "session": {"core", "dns", "net", "report", "rulebook", "bounce", "checks", "diagnose", "watch",
                "config"},
}

# The installed headers: plain values may be used everywhere, the faces only by who makes or serves them.
PUBLIC_EVERYWHERE = {"value", "finding", "report", "error", "language", "export", "closest", "cancellation", "planted_link", "ranges"}
PUBLIC_ONLY_IN = {"render": {"report", "session"}, "interface": {"session"}, "monitoring": {"report"}, "session": {"session"}, "watch": {"session"}, "lookup": {"session"},
                  "maildiag": {"session"}, "version": {"session"},
                  "session_options": {"config", "session"}, "configuration": {"config", "session"}}

# Third-party headers that must not be reached from elsewhere, not even through a header in between.
CONFINED = {
    "ldns": {"dns"},
    "re2": {"rulebook"},
    "toml++": {"rulebook"},
    "gmime": {"bounce"},
    "archive": {"bounce"},
    "archive_entry": {"bounce"},
    "nlohmann": {"core", "report", "dns", "tests"},
    "openssl": {"checks", "net", "tests"},
    "expat": {"checks"},
    "CLI": {"tools"},
    "curl": {"net"},
    "sqlite3": {"watch"},
    "doctest": {"tests"},
}

MAX_LINES = 450
SOURCES = {".cc", ".h"}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"\n]+)"|<([^>\n]+)>)', re.MULTILINE)


def owner(path):
    """The module that a file (relative to the root) belongs to: one of MODULES, "public", "tools" or "tests"."""
    parts = path.parts
    if parts[0] != "lib":
        return parts[0]
    return "public" if parts[1] == "include" else parts[1]


def confined_name(header):
    """Which third party a header in angle brackets belongs to, if a confined one: "re2/set.h" -> "re2"."""
    name = re.split(r"[/.]", header)[0]
    return name if name in CONFINED else None


class Tree:
    """The sources below a root and their include lines."""

    def __init__(self, root):
        self.root = Path(root)
        self.includes = {}
        self.lines = {}
        for top in ("lib", "tools", "tests"):
            for path in sorted((self.root / top).rglob("*")):
                if path.suffix in SOURCES | {".py"} and path.is_file():
                    self.read(path)

    def read(self, path):
        text = path.read_text(encoding="utf-8")
        relative = path.relative_to(self.root)
        self.lines[relative] = text.count("\n")
        if path.suffix in SOURCES:
            self.includes[relative] = [(quoted or angled, bool(quoted)) for quoted, angled in INCLUDE.findall(text)]

    def resolve(self, path, header):
        """The file of this tree that an include line of `path` means, or None."""
        candidates = [Path("lib") / header, Path("lib/include") / header, path.parent / header, Path("tests") / header]
        return next((candidate for candidate in candidates if candidate in self.includes), None)

    def third_parties(self, path, seen):
        """Every confined third party that `path` reaches, each with the chain of files that leads there."""
        found = {}
        if path in seen:
            return found
        seen.add(path)
        for header, quoted in self.includes[path]:
            target = self.resolve(path, header)
            if target is not None:
                for name, chain in self.third_parties(target, seen).items():
                    found.setdefault(name, [path, *chain])
            elif not quoted and confined_name(header):
                found.setdefault(confined_name(header), [path])
        return found


def direction_fault(path, header, quoted):
    """Why this include line of a file of lib/ or tools/ is wrong, or None."""
    me = owner(path)
    if header.startswith("maildiag/"):
        name = header.removeprefix("maildiag/").removesuffix(".h")
        if me in ("tools", "public") or name in PUBLIC_EVERYWHERE | {"version"}:
            return None
        allowed = PUBLIC_ONLY_IN.get(name)
        if allowed is None:
            return f"<{header}> is not a known public header"
        return None if me in allowed else f"<{header}> is for {', '.join(sorted(allowed))} and tools only"
    if not quoted:
        return None
    if ".." in Path(header).parts:
        return f'"{header}" climbs out of its directory'
    if me == "public":
        return f'an installed header must not include the private "{header}"'
    target = header.split("/")[0] if "/" in header else None
    if me == "tools":
        return f'tools use the public headers, not "{header}"' if target in MODULES else None
    if target is None:
        return f'"{header}" must be written with its module in front'
    if target != me and target not in MODULES[me]:
        return f'{me} must not include "{header}": it points up or sideways'
    return None


def faults(root):
    tree = Tree(root)
    if not tree.includes:
        return [f"{root}: no sources found"]
    out = []
    for path, includes in tree.includes.items():
        me = owner(path)
        if me not in MODULES and me not in ("public", "tools", "tests"):
            out.append(f"{path}: module {me} is not in the list of {Path(__file__).name}")
            continue
        if me != "tests":
            out += [f"{path}: {fault}" for header, quoted in includes
                    if (fault := direction_fault(path, header, quoted))]
        for name, chain in tree.third_parties(path, set()).items():
            if me != "tests" and me not in CONFINED[name]:
                way = " -> ".join(str(step) for step in chain[1:])
                out.append(f"{path}: reaches <{name}>" + (f" through {way}" if way else "")
                           + f", which only {', '.join(sorted(CONFINED[name]))} may use")
            elif me == "tests" and len(chain) == 1 and name in ("ldns", "CLI"):
                out.append(f"{path}: tests go through our own interfaces, not <{name}>")
    out += [f"{path}: {count} lines, more than {MAX_LINES}"
            for path, count in tree.lines.items() if count > MAX_LINES]
    return out


GOOD_TREE = {
    "lib/include/maildiag/value.h": "#include <string>\n#include <maildiag/export.h>\n",
    "lib/include/maildiag/export.h": "",
    "lib/include/maildiag/session.h": "#include <maildiag/value.h>\n",
    "lib/core/text.h": "#include <asio/post.hpp>\n",
    "lib/dns/resolver.h": '#include "core/text.h"\n',
    "lib/dns/ldns_handle.h": "#include <ldns/ldns.h>\n",
    "lib/dns/codec.cc": '#include "dns/ldns_handle.h"\n#include <nlohmann/json.hpp>\n',
    "lib/rulebook/loader.cc": '#include <toml++/toml.h>\n#include "core/text.h"\n',
    "lib/checks/spf.cc": '#include <maildiag/value.h>\n#include "dns/resolver.h"\n',
    "lib/session/session.cc": '#include <maildiag/session.h>\n#include "checks/spf.h"\n',
    "tools/maildiag/main.cc": '#include <CLI/CLI.hpp>\n#include <maildiag/session.h>\n#include "options.h"\n',
    "tests/unit/dns/codec_test.cc": '#include <doctest/doctest.h>\n#include "dns/ldns_handle.h"\n',
}

# (what is put into the good tree, a part of the only fault that must be reported)
BAD_FILES = [
    ("lib/core/a.cc", '#include "dns/resolver.h"\n', "core must not include"),
    ("lib/checks/a.cc", '#include "bounce/reader.h"\n', "checks must not include"),
    ("lib/report/a.cc", '#include "checks/spf.h"\n', "report must not include"),
    ("lib/bounce/a.cc", '  #  include "report/json.h"\n', "bounce must not include"),
    ("lib/checks/a.cc", "#include <ldns/ldns.h>\n", "reaches <ldns>"),
    ("lib/checks/a.cc", '#include "dns/ldns_handle.h"\n', "through lib/dns/ldns_handle.h"),
    ("lib/session/a.cc", "#include <toml++/toml.h>\n", "reaches <toml++>"),
    ("lib/checks/a.cc", "#include <nlohmann/json.hpp>\n", "reaches <nlohmann>"),
    ("lib/session/a.cc", "#include <CLI/CLI.hpp>\n", "reaches <CLI>"),
    ("lib/checks/a.cc", "#include <gmime/gmime.h>\n", "reaches <gmime>"),
    ("lib/core/a.cc", "#include <doctest/doctest.h>\n", "reaches <doctest>"),
    ("tools/maildiag/a.cc", '#include "checks/spf.h"\n', "tools use the public headers"),
    ("lib/include/maildiag/a.h", '#include "core/text.h"\n', "must not include the private"),
    ("lib/include/maildiag/a.h", "#include <ldns/ldns.h>\n", "reaches <ldns>"),
    ("lib/checks/a.cc", "#include <maildiag/session.h>\n", "is for session and tools only"),
    ("lib/checks/a.cc", "#include <maildiag/render.h>\n", "is for report, session and tools only"),
    ("lib/checks/a.cc", '#include "../core/text.h"\n', "climbs out"),
    ("lib/checks/a.cc", '#include "spf.h"\n', "with its module in front"),
    ("lib/misc/a.cc", "", "module misc is not in the list"),
    ("tests/unit/dns/a.cc", "#include <ldns/ldns.h>\n", "tests go through our own interfaces"),
    ("lib/core/a.cc", "\n" * (MAX_LINES + 1), f"more than {MAX_LINES}"),
    ("tests/integration/a.py", "\n" * (MAX_LINES + 1), f"more than {MAX_LINES}"),
]


def plant(root, files):
    for name, text in files.items():
        path = Path(root) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def self_test():
    wrong = []
    with tempfile.TemporaryDirectory() as root:
        if not faults(root):
            wrong.append("an empty tree is called good")
        plant(root, GOOD_TREE)
        wrong += [f"good tree: {fault}" for fault in faults(root)]
    for name, text, expected in BAD_FILES:
        with tempfile.TemporaryDirectory() as root:
            plant(root, {**GOOD_TREE, name: text})
            found = faults(root)
            if len(found) != 1 or expected not in found[0]:
                wrong.append(f"{name} with {text[:60]!r}: expected one fault with {expected!r}, got {found}")
    return wrong


if __name__ == "__main__":
    checker.run(__doc__, faults, self_test)
