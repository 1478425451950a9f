#!/usr/bin/env python3
"""Whether memory grows with the amount of work: the peak of each bulk mode at some work and at ten or more times that.

    memory.py PROGRAM [--only NAME]...

PROGRAM is maildiag of a release build. Needs nsd, rbldnsd and time (the packages of these names). Prints a table; fails if
more work takes more than GROWTH_KIB more. The work is chosen so large that what is bounded by a cap (a cache, the
rows of a summary, compiled patterns) is full, or nearly, from the start.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "tests/support"), str(ROOT / "tests/bench")]
import log_rate  # noqa: E402
import mail_rate  # noqa: E402
import mx_rate  # noqa: E402
import rbl_sweep  # noqa: E402
import replies  # noqa: E402
import servers  # noqa: E402

GROWTH_KIB = 8192  # pages that an allocator keeps, names of files; not the work


def peak_kib(command, folder):
    """The most memory of a program. GNU time forks from little: our own memory does not count as the child's."""
    told = folder / "peak"
    with open(os.devnull, "wb") as nowhere:
        run = subprocess.run(["time", "-q", "-f", "%M", "-o", told, *map(str, command)], stdout=nowhere, stderr=nowhere,
                       env={**os.environ, "XDG_CACHE_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}, check=False)
    if run.returncode not in range(4):  # what ends at once needs little memory
        sys.exit(f"exit status {run.returncode} of {' '.join(map(str, command))}")
    return int(told.read_text().split()[-1])


def explain(program, *more):
    return [program, "explain", "--no-checks", "--format", "json", *more]


def reply_lines(*more):
    def measure(program, folder, count):
        path = folder / "lines"
        with path.open("w") as file:
            file.writelines(line + "\n" for line in replies.Replies(ROOT).lines(count))
        return peak_kib(explain(program, *more, "--reply-lines", path), folder)
    return measure


def mails(program, folder, count):
    maildir = folder / f"Maildir{count}"
    mail_rate.write_maildir(maildir, count, min(count, 1000))
    return peak_kib(explain(program, maildir), folder)


def log(program, folder, count):
    log_rate.write_log(folder / "log", count)
    return peak_kib(explain(program, "--log", folder / "log"), folder)


def sweep(program, folder, count):
    zones = rbl_sweep.ZONES[:10]
    addresses, lists, _ = rbl_sweep.make_world(count, zones, 100)
    with servers.Rbldnsd(lists) as server:
        targets = rbl_sweep.write_lines(folder, "targets", map(rbl_sweep.dotted, addresses))
        return peak_kib(sweep_command(program, server, zones) + ["-f", targets], folder)


def network(program, folder, count):
    """All addresses of an IPv4 network."""
    zones = rbl_sweep.ZONES[:5]
    _, lists, _ = rbl_sweep.make_world(1, zones, 100)
    with servers.Rbldnsd(lists) as server:
        return peak_kib(sweep_command(program, server, zones) + [f"11.1.0.0/{count}"], folder)


def sweep_command(program, server, zones):
    command = [program, "rblcheck", "--nameserver", server.endpoint, "--format", "json", "--hide-clean", "--rate", "0"]
    return command + [word for zone in zones for word in ("--list", zone)]


def domains(*command):
    """Each domain has all records of its own, so that nothing of one is of use for another."""
    def measure(program, folder, count):
        with servers.Nsd(mx_rate.make_zones(count)) as nsd:
            names = [f"d{number}.test" for number in range(count)]
            return peak_kib([program, *command, "--nameserver", nsd.endpoint, "--format", "json", *names], folder)
    return measure


MODES = {
    "reply-lines": (reply_lines(), 20_000, 200_000),
    "reply-lines-summary": (reply_lines("--summary"), 100_000, 1_000_000),
    "mails": (mails, 2_000, 20_000),
    "log": (log, 100_000, 1_000_000),
    "sweep": (sweep, 2_000, 20_000),
    "network": (network, 20, 16),
    "spfcheck": (domains("spfcheck", "--ip", "203.0.113.9"), 500, 5_000),
    "mxcheck": (domains("mxcheck", "--no-smtp", "--no-dnsbl"), 300, 3_000),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=lambda path: str(Path(path).resolve()))
    parser.add_argument("--only", action="append", choices=MODES, metavar="NAME", help=" ".join(MODES))
    options = parser.parse_args()
    servers.skip_unless("nsd", "rbldnsd", "time")
    grown = []
    print(f"{'mode':20}  {'work':>20}  {'KiB':>8}  {'KiB at more work':>16}  grows by")
    for name in options.only or MODES:
        measure, little, much = MODES[name]
        with tempfile.TemporaryDirectory() as folder:
            first, second = (measure(options.program, Path(folder), count) for count in (little, much))
        work = f"/{little} and /{much}" if name == "network" else f"{little:,} and {much:,}"
        print(f"{name:20}  {work:>20}  {first:8,}  {second:16,}  {second - first:,}", flush=True)
        if second - first > GROWTH_KIB:
            grown.append(name)
    if grown:
        sys.exit(f"memory grows with the work: {' '.join(grown)}")


if __name__ == "__main__":
    main()
