#!/usr/bin/env python3
"""How fast explain reads a Maildir of whole bounces, on one core, in pairs with `grep -c` over the same files.

    mail_rate.py PROGRAM [--mails N] [--rounds N] [--sizes MIB,MIB...]

PROGRAM is a release build. The mails are made of the fixtures in tests/data/bounces, with other recipients and hosts in
every one, and filled up to 4-5 KB with the message that came back. Prints one JSON object: mails per second of
processor time (medians of the pairs) and how many times grep's that is; the largest memory for the mails and for a
tenth of them; the seconds and the memory for single mails of some MiB. Fails if a mail is lost, if memory grows with
the number of mails, or if the cost of a MiB grows with the size of the mail.
"""

import argparse
import json
import os
import re
import statistics
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/bench"))
from explain_bulk import failures_of, lines_of, measure  # noqa: E402

FIXTURES = ["postfix-dsn", "postfix-reverse-dns", "sendmail-dsn", "sendmail-two-recipients", "exchange-365", "exchange-2003",
            "gmail-2024", "gmail-2010", "amazon", "domino-dsn", "exim-files", "qmail-two-recipients", "yahoo-command",
            "courier-dialogue", "mdaemon", "hmailserver", "daum-html-euckr", "opensmtpd"]
DISTINCT = 20_000     # mails; more are links to them
GROWTH_KIB = 8192     # an allocator's pages and the names of the files, not the mails
SLOPE = 3             # how much dearer a MiB of the largest mail may be than one of the smallest
CLOSING = re.compile(rb"^--([^\r\n]+)--\s*$", re.MULTILINE)
FILLER = b"Line %06d of a message that nobody will read again, as long as lines are.\n"


def filled(mail, size):
    """The mail with a longer returned message, or with lines behind its text."""
    missing = max(0, size - len(mail)) // len(FILLER % 0)
    lines = b"".join(FILLER % number for number in range(missing))
    ends = list(CLOSING.finditer(mail))
    if ends:
        return mail[:ends[-1].start()] + lines + mail[ends[-1].start():]
    return mail if b"base64" in mail else mail + b"\n" + lines


def varied(mail, number):
    for name in (b"receiver", b"other", b"third"):
        mail = mail.replace(b"@" + name + b".example", b"@d%d.%s.example" % (number % 1000, name))
    return mail.replace(b"lee@", b"lee%d@" % number).replace(b"203.0.113.7", b"203.0.113.%d" % (number % 250 + 1))


def write_maildir(path, count, distinct, names=tuple(FIXTURES)):
    for part in ("cur", "new", "tmp"):
        (path / part).mkdir(parents=True)
    fixtures = [(ROOT / f"tests/data/bounces/{name}.eml").read_bytes() for name in names]
    total = 0
    for number in range(min(count, distinct)):
        mail = filled(varied(fixtures[number % len(fixtures)], number), 4200 + number % 700)
        (path / "cur" / f"{number:07}:2,S").write_bytes(mail)
        total += len(mail)
    for number in range(distinct, count):
        os.link(path / "cur" / f"{number % distinct:07}:2,S", path / "cur" / f"{number:07}:2,S")
    return total // max(1, min(count, distinct))


def failures_in_fixtures(explain, output):
    """How many failures each fixture reports by itself."""
    found = []
    for name in FIXTURES:
        measure([*explain, str(ROOT / f"tests/data/bounces/{name}.eml")], output)
        found.append(lines_of(output))
    return found


def rates(commands, maildir, options, output):
    """Each command in pairs with grep: mails a second, and how many times grep's time."""
    by_fixture = failures_in_fixtures(commands["reports"][0], output)
    wanted = sum(by_fixture[number % DISTINCT % len(FIXTURES)] for number in range(options.mails))
    grep = ["grep", "-rc", "unknown", str(maildir)]
    report = {}
    for name, (command, count) in commands.items():
        ours, ratios, memory = [], [], 0
        for _ in range(options.rounds):
            grepped = measure(grep, os.devnull)[1]
            _, seconds, kib = measure([*command, str(maildir)], output)
            ours.append(seconds)
            ratios.append(seconds / grepped)
            memory = max(memory, kib)
        if (found := count(output)) != wanted:
            sys.exit(f"{name}: {found} of {wanted} failures were reported")
        report[name] = {"mails_per_second": round(options.mails / statistics.median(ours)),
                        "times_of_grep": round(statistics.median(ratios), 1), "peak_kib": memory}
    return report


def cost_of_size(explain, sizes, directory, rounds):
    """Seconds and memory of one mail of so many MiB, without what the program's start costs."""
    fixture = (ROOT / "tests/data/bounces/postfix-dsn.eml").read_bytes()
    path, output = directory / "large.eml", os.devnull

    def seconds_of(size):
        path.write_bytes(filled(fixture, size))
        runs = [measure([*explain, str(path)], output)[1:] for _ in range(rounds)]
        return statistics.median(seconds for seconds, _ in runs), max(kib for _, kib in runs)

    start, _ = seconds_of(0)
    report = []
    for size in sizes:
        seconds, kib = seconds_of((size << 20) - 4096)
        report.append({"mib": size, "seconds": round(seconds - start, 4), "peak_kib": kib})
    path.unlink()
    return report


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--mails", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sizes", default="1,4,16,64")
    options = parser.parse_args()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    explain = [options.program, "explain", "--no-checks"]
    commands = {"summary": ([*explain, "--format", "json", "--summary"], failures_of),
                "reports": ([*explain, "--format", "json"], lines_of)}
    with tempfile.TemporaryDirectory() as name:
        directory, output = Path(name), str(Path(name) / "out")
        octets = write_maildir(directory / "Maildir", options.mails, DISTINCT)
        write_maildir(directory / "tenth", options.mails // 10, DISTINCT)
        report = {"mails": options.mails, "octets_of_a_mail": octets, "rounds": options.rounds}
        report |= rates(commands, directory / "Maildir", options, output)
        report["peak_kib_of_a_tenth"] = measure([*commands["summary"][0], str(directory / "tenth")], output)[2]
        report["sizes"] = cost_of_size(commands["reports"][0], [int(size) for size in options.sizes.split(",")],
                                       directory, min(options.rounds, 3))
    print(json.dumps(report))
    if report["summary"]["peak_kib"] - report["peak_kib_of_a_tenth"] > GROWTH_KIB:
        sys.exit("memory grows with the number of mails")
    small, large = report["sizes"][0], report["sizes"][-1]
    if large["seconds"] / large["mib"] > SLOPE * max(small["seconds"], 0.001) / small["mib"]:
        sys.exit("the cost of a MiB grows with the size of the mail")


if __name__ == "__main__":
    main()
