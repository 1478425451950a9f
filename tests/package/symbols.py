#!/usr/bin/env python3
"""Nothing leaves the library but its interface, and all of that does.

    symbols.py LIBRARY INCLUDE_DIRECTORY
    symbols.py --self-test
"""

import re
import subprocess
import sys
from pathlib import Path

# What the headers show of the namespace; their inner classes and functions follow by name.
EXPORTED = re.compile(r"(?<!define )\bMAILDIAG_EXPORT\s+(?:[\w:<>,&*\s]*?[\s*&])??(\w+)(?:\s*\(|\s*(?:final\s*)?\{)")
C_FUNCTION = re.compile(r"\b(maildiag_\w+)\(")
PREFIX = re.compile(r"^(?:typeinfo(?: name)? for |vtable for )?maildiag::(\w+)")


def public_names(headers):
    """Names that stand behind MAILDIAG_EXPORT, and the functions of the C interface."""
    names, functions = {"operator"}, set()
    for text in headers:
        code = re.sub(r"/\*.*?\*/|//[^\n]*", "", text, flags=re.DOTALL)
        if 'extern "C"' in code:
            functions |= set(C_FUNCTION.findall(code))
        else:
            names |= set(EXPORTED.findall(code))
    return names, functions


def foreign(symbols, names, functions):
    """The demangled symbols that are neither."""
    def known(symbol):
        if symbol in functions or symbol.startswith("MAILDIAG_"):  # a version is a symbol, too
            return True
        match = PREFIX.match(symbol)
        return match is not None and (match[1] in names or match[1].startswith("operator"))
    return [symbol for symbol in symbols if not known(symbol)]


def dynamic_symbols(library):
    lines = subprocess.run(["nm", "-DC", "--defined-only", library], check=True, capture_output=True, text=True).stdout
    # "000000000001a2b0 T maildiag::Session::open(...)@@MAILDIAG_0"
    return [re.sub(r"@@?MAILDIAG_\d+$", "", line.split(" ", 2)[2]) for line in lines.splitlines() if line]


def self_test():
    names, functions = public_names([
        "class MAILDIAG_EXPORT Session {}; MAILDIAG_EXPORT std::string_view to_string(Severity s);\n"
        "struct MAILDIAG_EXPORT Plain {\n}; // MAILDIAG_EXPORT commented()\n"
        "MAILDIAG_EXPORT const std::vector<std::string>& types();",
        'extern "C" { MAILDIAG_EXPORT char *maildiag_one(void); MAILDIAG_EXPORT void maildiag_two(int); }'])
    assert names == {"operator", "Session", "to_string", "Plain", "types"}, names
    assert functions == {"maildiag_one", "maildiag_two"}, functions
    good = ["maildiag::Session::open()", "maildiag::to_string(maildiag::Severity)", "maildiag_one", "MAILDIAG_0",
            "maildiag::operator==(maildiag::Value const&, maildiag::Value const&)", "typeinfo for maildiag::Session"]
    bad = ["maildiag::dns::Resolver::query()", "std::vector<int>::push_back(int)", "maildiag_three", "ldns_pkt_new",
           "vtable for maildiag::net::Network", "std::map<maildiag::Session>::clear()"]
    assert foreign(good + bad, names, functions) == bad, foreign(good + bad, names, functions)
    print("every made-up fault was seen")


def main():
    if sys.argv[1] == "--self-test":
        return self_test()
    library, include = sys.argv[1:]
    names, functions = public_names(path.read_text() for path in sorted(Path(include).rglob("*.h")))
    symbols = dynamic_symbols(library)
    faults = [f"exported, but not of the interface: {symbol}" for symbol in foreign(symbols, names, functions)]
    faults += [f"declared, but not exported: {name}" for name in sorted(functions - set(symbols))]
    # What is declared in the headers and not there would only be missed when somebody links.
    present = {match[1] for match in map(PREFIX.match, symbols) if match}
    faults += [f"declared, but not exported: maildiag::{name}" for name in sorted(names - present - {"operator"})]
    print("\n".join(faults[:40]) or f"{len(symbols)} symbols, all of the interface")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
