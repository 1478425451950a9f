"""Two programs at the same work in turns: what tests/bench/all is made of."""

import os
import resource
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass, field


@dataclass
class Run:
    """One run of a program: seconds on the clock, seconds of processor time, what it wrote."""

    wall: float
    cpu: float
    output: str


def run(command, stdin=None, env=None, status=None):
    """Runs to the end with standard output kept: in a file, as a user would, for who reads a pipe takes processor time of
    the one that writes. `status`: the exit status that it must have."""
    with tempfile.TemporaryFile() as written:
        begin = time.monotonic()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(list(map(str, command)), input=stdin, stdout=written, stderr=subprocess.PIPE, text=True,
                              errors="replace", env={**os.environ, **(env or {})}, timeout=600, check=False)
        wall = time.monotonic() - begin
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        written.seek(0)
        output = written.read().decode(errors="replace")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if status is not None and done.returncode != status:
        raise RuntimeError(f"{command[0]}: status {done.returncode}: {done.stderr[:500]}")
    return Run(wall, cpu, output)


def wall_of(command, times=1, **more):
    """Seconds on the clock for one of so many runs."""
    begin = time.monotonic()
    for _ in range(times):
        run(command, **more)
    return (time.monotonic() - begin) / times


@dataclass
class Comparison:
    """Values of each round. `ours` and `theirs` are rates (more is better) unless `lower` is said; without a peer
    `theirs` is empty."""

    what: str
    unit: str
    peer: str
    ours: list = field(default_factory=list)
    theirs: list = field(default_factory=list)
    lower: bool = False
    target: str = ""
    note: str = ""

    def add(self, ours, theirs=None):
        self.ours.append(ours)
        if theirs is not None:
            self.theirs.append(theirs)

    def ratios(self):
        """How many times as good we are, round by round: what troubles the machine troubles both."""
        return [b / a if self.lower else a / b for a, b in zip(self.ours, self.theirs)]


def number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def table(comparisons):
    head = ("what", "unit", "maildiag", "peer", "peer's", "ratio", "least-most", "target")
    rows = [head]
    for each in comparisons:
        ratios = each.ratios()
        rows.append((each.what, each.unit, number(statistics.median(each.ours)), each.peer,
                     number(statistics.median(each.theirs)) if each.theirs else "",
                     f"{statistics.median(ratios):.2f}" if ratios else "",
                     f"{min(ratios):.2f}-{max(ratios):.2f}" if ratios else
                     f"{number(min(each.ours))}-{number(max(each.ours))}", each.target))
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines + [f"{each.what}: {each.note}" for each in comparisons if each.note])
