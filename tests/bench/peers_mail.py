"""Mails, replies and logs: Sisimai and grep beside maildiag, each on one core."""

import json
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/support"))
import log_rate  # noqa: E402
import mail_rate  # noqa: E402
import replies  # noqa: E402
from side_by_side import Comparison, run  # noqa: E402

MAILS = 2_000
LINES = 200_000
LOG_LINES = 300_000
# Each bounce as JSON on standard output, the way of Sisimai's own manual; 0 lines where it finds none.
SISIMAI = "use Sisimai; my $json = Sisimai->dump($ARGV[0]); print $json // '[]';"


def explain(program, *more):
    return [program, "explain", "--no-checks", "--format", "json", *more]


def sisimai(path):
    return ["perl", "-e", SISIMAI, str(path)]


def read_by_both(program):
    """The fixtures in which both find one failure or more, and the same number of them."""
    both = []
    for name in mail_rate.FIXTURES:
        path = ROOT / f"tests/data/bounces/{name}.eml"
        theirs = len(json.loads(run(sisimai(path)).output or "[]"))
        ours = len(run(explain(program, path)).output.splitlines())
        if theirs > 0 and theirs == ours:
            both.append(name)
    return both


def bounces(program, rounds):
    """A Maildir of mails that both can read; start-up is counted on both sides."""
    rows = [Comparison("bounce mails, JSON", "mails/s", "Sisimai", target=">= 8"),
            Comparison("bounce mails, --summary", "mails/s", "Sisimai", target=">= 8"),
            Comparison("bounce mails, --summary", "mails/s", "grep -rc")]
    both = read_by_both(program)
    rows[0].note = f"{len(both)} of {len(mail_rate.FIXTURES)} kinds of mail are read by both: {' '.join(both)}"
    with tempfile.TemporaryDirectory() as name:
        maildir = Path(name) / "Maildir"
        mail_rate.write_maildir(maildir, MAILS, MAILS, both)
        for _ in range(rounds):
            theirs = run(sisimai(maildir / "cur"))  # it looks into no subdirectory
            ours = run(explain(program, str(maildir)))
            summary = run(explain(program, "--summary", str(maildir)))
            grep = run(["grep", "-rc", "unknown", str(maildir)])
            found = {len(json.loads(theirs.output)), len(ours.output.splitlines()),
                     json.loads(summary.output)["result"]["failures"]}
            if len(found) != 1:
                raise RuntimeError(f"not all find the same number of failures: {found}")
            rows[0].add(MAILS / ours.cpu, MAILS / theirs.cpu)
            rows[1].add(MAILS / summary.cpu, MAILS / theirs.cpu)
            rows[2].add(MAILS / summary.cpu, MAILS / grep.cpu)
    return rows


def reply_lines(program, rounds):
    """Replies, every one another text, by `explain --reply-lines`."""
    rows = [Comparison("reply lines, --summary", "lines/s", "grep -c", target=">= 200,000/s"),
            Comparison("reply lines, JSON", "lines/s", "grep -c")]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.writelines(line + "\n" for line in replies.Replies(ROOT).lines(LINES))
        file.flush()
        for _ in range(rounds):
            grep = run(["grep", "-c", "unknown", file.name])
            for row, more in zip(rows, (["--summary"], [])):
                ours = run(explain(program, *more, "--reply-lines", file.name))
                found = json.loads(ours.output)["result"]["failures"] if more else len(ours.output.splitlines())
                if found != LINES:
                    raise RuntimeError(f"{found} of {LINES} lines were read")
                row.add(LINES / ours.cpu, LINES / grep.cpu)
    return rows


def logs(program, rounds):
    """A Postfix log in the usual mixture of what is delivered and what bounces."""
    row = Comparison("log lines, --summary", "lines/s", "grep -c")
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "mail.log"
        lines, failures = log_rate.write_log(path, LOG_LINES)
        for _ in range(rounds):
            ours = run(explain(program, "--summary", "--log", str(path)))
            grep = run(["grep", "-c", "status=bounced", str(path)], env={"LC_ALL": "C"})
            if (found := json.loads(ours.output)["result"]["failures"]) != failures:
                raise RuntimeError(f"{found} of {failures} failures were found")
            row.add(lines / ours.cpu, lines / grep.cpu)
    return [row]


def one_mail(program, rounds):
    """Of one mail start-up is nearly all."""
    path = ROOT / "tests/data/bounces/postfix-dsn.eml"
    rows = [Comparison("explain of one mail", "ms", "Sisimai", lower=True, target="< 18 ms"),
            Comparison("explain of one mail, processor", "ms", "Sisimai", lower=True)]
    for _ in range(rounds):
        ours, theirs = [], []
        for _ in range(5):
            ours.append(run(explain(program, str(path))))
            theirs.append(run(sisimai(path)))
        for row, kind in zip(rows, ("wall", "cpu")):
            row.add(*(1000 * sum(getattr(each, kind) for each in runs) / len(runs) for runs in (ours, theirs)))
    return rows
