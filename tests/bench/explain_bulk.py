#!/usr/bin/env python3
"""How fast explain works through many failures, on one core, beside `grep -c` over the same files in the same run.

    explain_bulk.py PROGRAM [--lines N] [--mails N] [--rounds N]

PROGRAM is a release build. Prints one JSON object: rates (median of the rounds), the ratio of grep's time to ours, and
the largest memory at a hundredth of the lines and at all of them. Fails if a line or a mail is lost.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/support"))
import replies  # noqa: E402

HOPS = ["from pc (unknown [203.0.113.66]) by mail.own.example (Postfix) with ESMTPSA id 1"]


def measure(command, output):
    """Wall seconds, CPU seconds and peak KiB of a command whose standard output goes to a file."""
    with open(output, "wb") as file:
        start = time.monotonic()
        child = subprocess.Popen(command, stdout=file)
        _, _, usage = os.wait4(child.pid, 0)
        return time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def failures_of(path):
    with open(path, encoding="ascii") as file:
        return json.loads(file.readline())["result"]["failures"]


def lines_of(path):
    with open(path, "rb") as file:
        return sum(1 for _ in file)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--mails", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    explain = [options.program, "explain", "--no-checks", "--format", "json"]
    with tempfile.TemporaryDirectory() as name:
        directory, output = Path(name), str(Path(name) / "out")
        source = replies.Replies(ROOT)
        log, short = directory / "lines", directory / "short"
        with log.open("w") as file:
            file.writelines(line + "\n" for line in source.lines(options.lines))
        with log.open() as file, short.open("w") as some:
            some.writelines(line for _, line in zip(range(options.lines // 100), file))
        maildir = directory / "Maildir"
        for part in ("cur", "new", "tmp"):
            (maildir / part).mkdir(parents=True)
        for number in range(options.mails):
            mail = replies.dsn(number, source.line(), sender=f"s{number % 100}@own.example",
                               recipient=f"r{number}@d{number % 1000}.example.org", received=HOPS)
            (maildir / "cur" / f"{number:07}:2,S").write_text(mail, newline="")
        runs = {
            "lines_summary": (options.lines, [*explain, "--summary", "--reply-lines", str(log)], log, failures_of),
            "lines_reports": (options.lines, [*explain, "--reply-lines", str(log)], log, lines_of),
            "maildir_summary": (options.mails, [*explain, "--summary", str(maildir)], maildir, failures_of),
            "maildir_reports": (options.mails, [*explain, str(maildir)], maildir, lines_of),
        }
        report, lost = {"lines": options.lines, "mails": options.mails, "rounds": options.rounds}, []
        for label, (wanted, command, path, count) in runs.items():
            greps, ours, memory = [], [], 0
            for _ in range(options.rounds):
                greps.append(measure(["grep", "-rc", "unknown", str(path)], os.devnull)[1])
                _, seconds, kib = measure(command, output)
                ours.append(seconds)
                memory = max(memory, kib)
            if count(output) != wanted:
                lost.append(f"{label}: {count(output)} of {wanted}")
            report[label] = {"per_cpu_second": round(wanted / statistics.median(ours)),
                             "grep_ratio": round(statistics.median(greps) / statistics.median(ours), 4), "peak_kib": memory}
        report["short_lines_summary_kib"] = measure([*explain, "--summary", "--reply-lines", str(short)], output)[2]
    print(json.dumps(report))
    for item in lost:
        print(f"lost: {item}", file=sys.stderr)
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
