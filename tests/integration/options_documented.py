#!/usr/bin/env python3
"""Every option that `maildiag SUBCOMMAND --help-all` prints is in its manual page, in English and Korean, and in the
completions of bash, zsh and fish; and the pages and completions name no option that does not exist. So it is with the
subcommands themselves, with their actions (`rules list`) and with the words of `lookup`.

    options_documented.py PROGRAM SOURCE_ROOT
    options_documented.py --self-test
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

HELP_OPTION = re.compile(r"^\s+(-[A-Za-z], ?)?(--[a-z][a-z-]*)|^\s+(-[A-Za-z])(?=\s)", re.MULTILINE)
SUBCOMMAND = re.compile(r"^  ([a-z]+)\s{2,}\S", re.MULTILINE)
PAGE_FLAG = re.compile(r"\bFl (-?[A-Za-z][a-z-]*)((?: , (?!Fl )-?[A-Za-z][a-z-]*)*)")
ACTIONS = {"summary", "watch", "rules", "config", "lookup"}  # the subcommands with a word behind them
UNIVERSAL = {"-h", "--help", "--help-all"}  # of every subcommand; maildiag(1) describes them


def options_of_help(text):
    return {option for groups in HELP_OPTION.findall(text) for option in groups for option in [option.rstrip(", ")]
            if option}


def subcommands_of_help(text):
    """The names that are listed below the headings of `maildiag --help`."""
    return SUBCOMMAND.findall(text)


def actions_of_help(text):
    """The words that may follow a subcommand: the list under "Actions:", or the lower-case words that TYPE explains."""
    if part := re.split(r"^Actions:", text, flags=re.MULTILINE)[1:]:
        return SUBCOMMAND.findall(part[0].split("\n\n")[0])
    if types := re.search(r"^  TYPE +[^:]*:((?: +[a-z \n]+)+)$", text, re.MULTILINE):
        return types.group(1).split()
    return []


def flags_of_page(text):
    """Every option that a page speaks of, its own or not."""
    found = set()
    for line in text.splitlines():
        if line.startswith("."):
            for first, more in PAGE_FLAG.findall(line):
                found |= {"-" + name.strip() for name in [first, *more.split(" , ")] if name.strip()}
    return found


def words_of_bash(script, *words):
    """What bash offers behind these words."""
    line = " ".join(["maildiag", *words, "''"])
    code = (f'. "$1"; COMP_WORDS=({line}); COMP_CWORD={len(words) + 1}; _maildiag; printf "%s\\n" "${{COMPREPLY[@]}}"')
    done = subprocess.run(["bash", "-c", code, "bash", str(script)], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def words_of_zsh(text, subcommand):
    if not subcommand:
        listed = re.search(r"^subcommands=\(\n(.*?)^\)", text, re.MULTILINE | re.DOTALL)
        return set(re.findall(r"'([a-z]+):", listed.group(1))) if listed else set()
    branch = re.search(rf"^ +{subcommand}\)(.*?);;", text, re.MULTILINE | re.DOTALL)
    words = re.search(r"'[1*]:[a-z ]+:\(([a-z ]+)\)'", branch.group(1)) if branch else None
    return set(words.group(1).split()) if words else set()


def words_of_fish(text, subcommand):
    if not subcommand:
        return set(re.findall(r'-n "not __fish_seen_subcommand_from \$subcommands" -a ([a-z]+)', text))
    words = re.search(rf"'__fish_seen_subcommand_from {subcommand}' -a '?([a-z ]+)'?$", text, re.MULTILINE)
    return set(words.group(1).split()) if words else set()


def words_of_page(text):
    """The words of a command that a page explains: in its lists and its synopsis."""
    synopsis = re.search(r"^\.Sh SYNOPSIS\n(.*?)^\.Sh", text, re.MULTILINE | re.DOTALL)
    lines = [line for line in text.splitlines() if line.startswith(".It Cm ")]
    return set(re.findall(r"\b[a-z]+\b", " ".join(lines) + (synopsis.group(1) if synopsis else "")))


def options_of_page(text):
    """What the page lists as an option: the flags of its .It lines."""
    found = set()
    for line in text.splitlines():
        if line.startswith(".It Fl"):
            for first, more in PAGE_FLAG.findall(line):
                found |= {"-" + name.strip() for name in [first, *more.split(" , ")] if name.strip()}
    return found


def options_of_zsh(text):
    """{subcommand or "": options} of an _arguments completion."""
    parts = {"": set(), "all": set()}
    names = [""]
    for line in text.splitlines():
        if branch := re.match(r"\s+([a-z]+(?: \| [a-z]+)*)\)", line):
            names = branch.group(1).split(" | ")
        if names == ["argument"]:
            names = [""]
        flags = re.findall(r"(?<![\w-])(--?[A-Za-z][a-z-]*)(?=[=\[',}])", line)
        for name in names:
            parts.setdefault(name, set()).update(flags)
    return parts


def options_of_fish(text):
    parts = {"": set()}
    for line in text.splitlines():
        if not line.startswith("complete "):
            continue
        names = [""]
        if condition := re.search(r"'__fish_seen_subcommand_from ([a-z ]+)'", line):
            names = condition.group(1).split()
        flags = {"--" + flag for flag in re.findall(r" -l ([a-z-]+)", line)}
        flags |= {"-" + flag for flag in re.findall(r" -s ([A-Za-z])", line)}
        for name in names:
            parts.setdefault(name, set()).update(flags)
    return parts


def options_of_bash(script, subcommand):
    """What bash itself offers for `maildiag SUBCOMMAND --<Tab>`."""
    words = ["maildiag", *([subcommand] if subcommand else []), "--"]
    code = (f'. "$1"; COMP_WORDS=({" ".join(words)}); COMP_CWORD={len(words) - 1}; _maildiag; '
            'printf "%s\\n" "${COMPREPLY[@]}"')
    done = subprocess.run(["bash", "-c", code, "bash", str(script)], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def compare(wanted, found, where, exact=True):
    faults = [f"{where}: {option} is missing" for option in sorted(wanted - found)]
    if exact:
        faults += [f"{where}: {option} does not exist" for option in sorted(found - wanted)]
    return faults


def long_ones(options):
    return {option for option in options if option.startswith("--")}


def check_page(path, wanted):
    if not path.is_file():
        return [f"{path}: there is no such page"]
    return compare(wanted, options_of_page(path.read_text(encoding="utf-8")), path)


def check(program, root):
    def run_help(*words):
        return subprocess.run([program, *words, "--help-all"], capture_output=True, text=True, check=True, timeout=60,
                              env={**os.environ, "LC_ALL": "C"}).stdout

    root = Path(root)
    completions = root / "tools/completions"
    main_help = run_help()
    everywhere = options_of_help(main_help)
    subcommands = subcommands_of_help(main_help)
    faults = []
    if len(everywhere) < 5 or "explain" not in subcommands:
        faults.append(f"the help could not be read: options {everywhere}, subcommands {subcommands}")
    zsh = options_of_zsh((completions / "_maildiag").read_text(encoding="utf-8"))
    fish = options_of_fish((completions / "maildiag.fish").read_text(encoding="utf-8"))
    for language in ("", "ko"):
        faults += check_page(root / "man" / language / "maildiag.1", everywhere | UNIVERSAL)
    shell_wide = long_ones(everywhere | UNIVERSAL)
    faults += compare(shell_wide, options_of_bash(completions / "maildiag.bash", ""), "bash: maildiag")
    faults += compare(everywhere - {"-h"}, zsh[""] - {"-h"}, "zsh: maildiag")
    faults += compare(everywhere - {"-h"}, fish[""] - {"-h"}, "fish: maildiag")
    offered = {"bash": lambda *words: words_of_bash(completions / "maildiag.bash", *words),
               "zsh": lambda name="": words_of_zsh((completions / "_maildiag").read_text(encoding="utf-8"), name),
               "fish": lambda name="": words_of_fish((completions / "maildiag.fish").read_text(encoding="utf-8"), name)}
    for shell, words in offered.items():
        faults += compare(set(subcommands), words(), f"{shell}: subcommands")
    for page in (root / "man").glob("maildiag-*.1"):
        if page.name[9:-2] not in subcommands:
            faults.append(f"{page}: there is no such subcommand")
    options = everywhere | UNIVERSAL
    for name in subcommands:
        own = options_of_help(run_help(name)) - everywhere - UNIVERSAL
        actions = actions_of_help(run_help(name))
        if (name in ACTIONS) != bool(actions):
            faults.append(f"{name}: the help tells the actions {actions}")
        for action in actions if name != "lookup" else []:
            own |= options_of_help(run_help(name, action)) - everywhere - UNIVERSAL
        options |= own
        for shell, words in offered.items():
            if actions:
                faults += compare(set(actions), words(name), f"{shell}: {name}")
        for language in ("", "ko"):
            page = root / "man" / language / f"maildiag-{name}.1"
            if page.is_file():
                faults += compare(set(actions), words_of_page(page.read_text(encoding="utf-8")), page, exact=False)
        for language in ("", "ko"):
            faults += check_page(root / "man" / language / f"maildiag-{name}.1", own)
        faults += compare(long_ones(own) | shell_wide, options_of_bash(completions / "maildiag.bash", name), f"bash: {name}")
        faults += compare(own, zsh.get(name, set()), f"zsh: {name}")
        faults += compare(own, fish.get(name, set()), f"fish: {name}")
    for page in (root / "man").rglob("maildiag*"):
        unknown = flags_of_page(page.read_text(encoding="utf-8")) - options
        faults += [f"{page}: {option} does not exist" for option in sorted(unknown)]
    return faults


def self_test():
    help_text = ("Usage: x [OPTION]... COMMAND ...\nA group:\n  one      First\n  two      Second\n\nOptions:\n"
                 "  -h, --help                  Print help\n  --ip TEXT  See --other\n"
                 "  -f,--file TEXT\n  -x                          Short\n")
    wrong = []
    cases = [
        (options_of_help(help_text), {"-h", "--help", "--ip", "-f", "--file", "-x"}),
        (subcommands_of_help(help_text), ["one", "two"]),
        (options_of_page(".It Fl f , -file Ar x\n.Fl -other\n.It Fl -ip Ar a\n"), {"-f", "--file", "--ip"}),
        (actions_of_help("Actions:\n  one  First\n  two  Second\n\nOptions:\n  --x  No\n"), ["one", "two"]),
        (actions_of_help("  TYPE     What is asked: a aaaa\n           mx txt\n  NAME...  Names\n"), ["a", "aaaa", "mx", "txt"]),
        (actions_of_help("  NAME  Names\n"), []),
        (flags_of_page(".Op Fl -ip Ar x\n.Fl -zone\nFl -no\n"), {"--ip", "--zone"}),
        (words_of_zsh("subcommands=(\n  'one:a'\n  'two:b'\n)\n", ""), {"one", "two"}),
        (words_of_zsh("   rules)\n '1:action:(list show)' \\\n ;;\n", "rules"), {"list", "show"}),
        (words_of_fish("complete -c m -n '__fish_seen_subcommand_from rules' -a 'list show'\n", "rules"), {"list", "show"}),
        (words_of_page(".Sh SYNOPSIS\n.Cm check | show\n.Sh DESCRIPTION\n.It Cm list , mx\n"), {"check", "show", "list", "mx"}),
        (options_of_fish("complete -c m -l all\ncomplete -c m -n '__fish_seen_subcommand_from a b' -s f -l file\n"),
         {"": {"--all"}, "a": {"-f", "--file"}, "b": {"-f", "--file"}}),
        (compare({"--a"}, {"--b"}, "w"), ["w: --a is missing", "w: --b does not exist"]),
        (options_of_zsh("  '--all=[x]'\n    one)\n  '(-f --file)'{-f,--file=}'[y]'\n").get("one"), {"-f", "--file"}),
    ]
    for got, expected in cases:
        if got != expected:
            wrong.append(f"expected {expected}, got {got}")
    return wrong


def main():
    if sys.argv[1:] == ["--self-test"]:
        faults = self_test()
    elif len(sys.argv) == 3 and shutil.which(sys.argv[1]):
        faults = check(sys.argv[1], sys.argv[2])
    else:
        sys.exit(__doc__)
    print("\n".join(map(str, faults)) or "no fault found")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
