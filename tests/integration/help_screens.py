#!/usr/bin/env python3
"""What a newcomer meets: `maildiag` alone and --help fit a terminal of 80 columns and 24 lines in both languages, and a
wrong command line is told with its cure.

    help_screens.py PROGRAM
"""

import os
import re
import subprocess
import sys
import unicodedata

COLUMNS, LINES = 80, 24
COMMAND = re.compile(r"^  ([a-z]+)\s{2,}\S", re.MULTILINE)
RAW_ID = re.compile(r"\b(?:help|usage|start)\.[a-z]")

# Command lines, and what must stand in the answer in English and in Korean.
FAULTS = [
    (["explian", "bounce.eml"], "Did you mean `maildiag explain`?", "`maildiag explain` 명령"),
    (["192.0.2.1"], "`maildiag rblcheck 192.0.2.1`", "`maildiag rblcheck 192.0.2.1`"),
    (["2001:db8::1"], "`maildiag rblcheck 2001:db8::1`", "`maildiag rblcheck 2001:db8::1`"),
    (["example.com"], "`maildiag mxcheck example.com`", "`maildiag mxcheck example.com`"),
    ([__file__], f"`maildiag explain {__file__}`", f"`maildiag explain {__file__}`"),
    (["zzz"], "`zzz` is no command.", "없는 명령"),
    (["rules", "tset"], "Did you mean `maildiag rules test`?", "`maildiag rules test`"),
    (["rules"], "list, show, test, lint", "list, show, test, lint"),
    (["mxcheck", "--selectr", "s", "example.com"], "Did you mean `--selector`?", "`--selector` 옵션"),
    (["mxcheck", "--nameservr=192.0.2.1", "example.com"], "Did you mean `--nameserver`?", "`--nameserver` 옵션"),
    (["mxcheck", "--frobnicate", "example.com"], "no option of `maildiag mxcheck`", "없는 옵션"),
    (["mxcheck"], "DOMAIN is missing", "인자가 없습니다: DOMAIN"),
    (["dkimcheck"], "DOMAIN or --message FILE is missing", "DOMAIN, --message FILE 중 하나"),
    (["config", "show", "more"], "`more` is one argument too many", "받지 않는 인자"),
    (["mxcheck", "a.example", "--timeout"], "--timeout needs a value", "--timeout: 값이 필요"),
    (["mxcheck", "a.example", "--timeout", "soon"], "not a number from 0.05 to 60", "0.05~60 범위"),
    (["mxcheck", "a.example", "--format", "xml"], "none of text, json, html", "다음 중 하나를 사용하세요: text, json, html"),
    (["explain", "--ip", ""], "--ip must not be empty", "--ip: 빈 값"),
    (["explain", "--since", "1d"], "--since works only with --log", "--log 옵션과 함께"),
    (["explain", "--ip", "192.0.2.1", "--ip", "192.0.2.2"], "--ip may be given once only", "한 번만"),
    (["explain", "--summary=x"], "--summary takes no value", "값을 받지 않는 옵션"),
    (["spfcheck", "a.example", "--ip", "192.0.2.1", "--suggest", "192.0.2.2"], "cannot be used together",
     "함께 사용할 수 없는"),
    (["ptrcheck", "192.0.2.1", "--zone", "a", "--replay", "b"], "--zone and --replay cannot be used together", "함께 사용할 수 없는"),
    (["ptrcheck", "192.0.2.1", "--zone", "a", "--nameserver", "::1"], "--nameserver and --zone cannot be used together", "함께 사용할 수 없는"),
    (["help", "mxchek"], "`mxchek` is no command. Did you mean `maildiag mxcheck`?", "`maildiag mxcheck`"),
    (["rules", "tset", "--help"], "Did you mean `maildiag rules test`?", "`maildiag rules test`"),
    (["lookup", "mxx", "a.example"], "`maildiag lookup mx`", "`maildiag lookup mx`"),
    (["lookup", "spf", "a.example"], "Use `maildiag spfcheck`", "`maildiag spfcheck` 명령을 사용"),
    (["lookup", "frobnicate", "a.example"], "Known: a, aaaa", "종류: a, aaaa"),
    (["mxcheck", "--format", "html", "a.example"], "`maildiag report`", "`maildiag report`"),
]


def width(text):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


class Screens:
    def __init__(self, program):
        self.program, self.faults = program, []

    def run(self, *words, **variables):
        clean = {name: value for name, value in os.environ.items()
                 if not name.startswith(("MAILDIAG_", "LC_", "LANG"))}
        return subprocess.run([self.program, *words], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
                              env={**clean, "XDG_CONFIG_HOME": "/nonexistent", **variables})

    def expect(self, good, what):
        if not good:
            self.faults.append(what)

    def fits(self, text, what, lines=LINES):
        self.expect(text.strip() and text.endswith("\n"), f"{what}: prints nothing")
        self.expect(text.count("\n") <= lines, f"{what}: {text.count(chr(10))} lines")
        for line in text.splitlines():
            self.expect(width(line) <= COLUMNS, f"{what}: {width(line)} columns: {line}")
            self.expect(not RAW_ID.search(line), f"{what}: an id without a text: {line}")

    def help(self, *words):
        """The page in English, once both languages have been looked at."""
        pages = []
        for language in ("en", "ko"):
            what = " ".join(["maildiag", *words, "--help --lang", language])
            short = self.run(*words, "--help", "--lang", language)
            whole = self.run(*words, "--help-all", "--lang", language)
            for done in (short, whole):
                self.expect(done.returncode == 0 and not done.stderr, f"{what}: {done.returncode} {done.stderr}")
            self.fits(short.stdout, what)
            self.fits(whole.stdout, what + " (all)", lines=99)
            self.expect("--nameserver" in whole.stdout, f"{what}: --help-all lacks what every command has")
            self.expect(self.run("help", *words, "--lang", language).stdout == short.stdout, f"{what}: help differs")
            pages.append(short.stdout)
        self.expect(pages[0] != pages[1], f"maildiag {words}: the Korean page is English")
        return pages[0]

    def all_help(self):
        names = COMMAND.findall(self.help())
        self.expect(len(names) > 15 and "explain" in names, f"the commands could not be read: {names}")
        for name in names:
            page = self.help(name)
            if "ACTION" in page:
                for action in COMMAND.findall(page[page.index("Actions:"):].split("\n\n")[0]):
                    self.help(name, action)

    def start(self):
        for words, variables, word in (([], {}, "A mail came back"), (["--lang", "ko"], {}, "반송되었을 때"),
                                       ([], {"LANG": "ko_KR.UTF-8"}, "반송되었을 때"),
                                       (["--lang", "en"], {"LANG": "ko_KR.UTF-8"}, "A mail came back")):
            done = self.run(*words, **variables)
            self.expect(done.returncode == 64 and not done.stdout, f"{words} {variables}: {done}")
            self.fits(done.stderr, f"maildiag {words} {variables}", lines=LINES - 2)
            self.expect(word in done.stderr, f"{words} {variables}: {done.stderr}")

    def command_lines(self):
        for words, *wanted in FAULTS:
            for language, part in zip(("en", "ko"), wanted):
                done = self.run(*words, LC_ALL="ko_KR.UTF-8" if language == "ko" else "C")
                self.expect(done.returncode == 64 and not done.stdout, f"{words}: {done}")
                self.expect(part in done.stderr, f"{words} in {language}: {done.stderr}")
                self.expect("argument was not" not in done.stderr, f"{words}: the parser's own words: {done.stderr}")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    screens = Screens(sys.argv[1])
    screens.start()
    screens.all_help()
    screens.command_lines()
    print("\n".join(screens.faults) or "no fault found")
    sys.exit(1 if screens.faults else 0)


if __name__ == "__main__":
    main()
