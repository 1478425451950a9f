#!/usr/bin/env python3
"""How fast logs are read, on one core, next to `grep -c status=bounced` over the same file, and how much memory that takes.

    log_rate.py PROGRAM [--lines N] [--rounds N]

PROGRAM is the built log_rate, of a release build. A Postfix log of N lines and one of a hundredth of it are written in
a usual mixture: eight mails in ten are delivered, one is deferred, one bounces; one in twenty is never removed. Prints
one JSON object; fails if a failure or its sender is missed, or if memory grows with the length of the log.
"""

import argparse
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

SEED = 3464
REPLIES = [
    ("bounced", "5.1.1", "host {h}[{a}] said: 550 5.1.1 <{r}>: Recipient address rejected: User unknown (in reply to RCPT TO command)"),
    ("bounced", "5.7.1", "host {h}[{a}] said: 554 5.7.1 Service unavailable; Client host [203.0.113.7] blocked using "
                         "zen.spamhaus.org; https://www.spamhaus.org/query/ip/203.0.113.7 (in reply to RCPT TO command)"),
    ("deferred", "4.7.1", "host {h}[{a}] said: 451 4.7.1 <{r}>: Recipient address rejected: Greylisted (in reply to RCPT TO command)"),
    ("deferred", "4.4.1", "connect to {h}[{a}]:25: Connection timed out"),
]
GROWTH_KIB = 4096  # between the two logs: the pages of an allocator, not of lines


def mail_lines(generator, number):
    """The lines of one mail, and how many failures stand in them."""
    queue_id = f"4{number:09X}"
    host = f"mx{generator.randrange(5000)}.receiver.example"
    address = f"192.0.2.{generator.randrange(256)}"
    recipient = f"user{generator.randrange(100000)}@receiver.example"
    lines = [
        f"postfix/smtpd[211]: {queue_id}: client=app.sender.example[10.0.0.7], sasl_method=PLAIN, sasl_username=alice",
        f"postfix/cleanup[212]: {queue_id}: message-id=<{number}.{queue_id}@sender.example>",
        f"postfix/qmgr[900]: {queue_id}: from=<sender{number % 1000}@sender.example>, size=18340, nrcpt=1 (queue active)",
    ]
    kind = generator.random()
    where = f"relay={host}[{address}]:25, delay=1.2, delays=0.1/0.01/0.5/0.6"
    if kind < 0.8:
        lines.append(f"postfix/smtp[213]: {queue_id}: to=<{recipient}>, {where}, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 5F6A7B8C9D)")
    else:
        status, dsn, text = REPLIES[int((kind - 0.8) / 0.05) % len(REPLIES)]
        text = text.format(h=host, a=address, r=recipient)
        lines.append(f"postfix/smtp[213]: {queue_id}: to=<{recipient}>, {where}, dsn={dsn}, status={status} ({text})")
    if generator.random() > 0.05:
        lines.append(f"postfix/qmgr[900]: {queue_id}: removed")
    return lines, kind >= 0.8


def write_log(path, count):
    generator = random.Random(SEED)
    written = failures = number = 0
    with open(path, "w") as file:
        while written < count:
            number += 1
            lines, failed = mail_lines(generator, number)
            failures += failed
            second = written // 500
            stamp = f"Nov {20 + second // 86400 % 9:2} {second // 3600 % 24:02}:{second // 60 % 60:02}:{second % 60:02} mx1.sender.example "
            file.writelines(stamp + line + "\n" for line in lines)
            written += len(lines)
    return written, failures


def seconds_of(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    output = subprocess.run(command, capture_output=True, text=True, check=True, env={"LC_ALL": "C"}).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return output, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        long, short = Path(directory) / "long.log", Path(directory) / "short.log"
        lines, failures = write_log(long, options.lines)
        write_log(short, options.lines // 100)
        ours, greps, runs = [], [], []
        for _ in range(options.rounds):
            runs.append(json.loads(subprocess.run([options.program, long], capture_output=True, text=True, check=True).stdout))
            ours.append(runs[-1]["seconds"])
            greps.append(seconds_of(["/usr/bin/grep", "-c", "status=bounced", str(long)])[1])
        small = json.loads(subprocess.run([options.program, short], capture_output=True, text=True, check=True).stdout)
    found = runs[-1]
    best = min(ours)
    print(json.dumps({
        "lines": lines, "failures": failures, "lines_per_second": round(lines / statistics.median(ours)),
        "best_lines_per_second": round(lines / best), "times_of_grep": round(statistics.median(ours) / statistics.median(greps), 1),
        "rss_kib": found["rss_kib"], "rss_kib_of_a_hundredth": small["rss_kib"],
    }))
    if (found["failures"], found["with_sender"]) != (failures, failures):
        sys.exit(f"{failures} failures were written, {found['failures']} found, {found['with_sender']} with sender")
    if found["rss_kib"] - small["rss_kib"] > GROWTH_KIB:
        sys.exit("memory grows with the length of the log")


if __name__ == "__main__":
    main()
