"""Questions to name servers: dnsperf, adnshost, dig and rblcheck beside maildiag."""

import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
import rbl_sweep  # noqa: E402
import servers  # noqa: E402
from side_by_side import Comparison, run, wall_of  # noqa: E402

QUESTIONS = 100_000
SINGLE_RUNS = 10  # of what one process does once
ONE_ADDRESS = "203.0.113.7"
ONE_LISTED = 3    # lists of it


def sweep(program, rounds):
    """20 lists on one rbldnsd on loopback, every one asked about 5,000 addresses."""
    dnsperf = Comparison("DNSBL sweep", "questions/s", "dnsperf", target=">= 1.2")
    adnshost = Comparison("DNSBL sweep", "questions/s", "adnshost")
    for rates in rbl_sweep.speed_rounds(program, QUESTIONS, rounds):
        dnsperf.add(rates["maildiag"], rates["dnsperf"])
        adnshost.add(rates["maildiag"], rates["adnshost"])
    return [dnsperf, adnshost]


class OneServer(servers.Rbldnsd):
    """On the address and port that programs ask which know /etc/resolv.conf only."""

    wanted_port = 53


def one_list_zones():
    soa = "$SOA 3600 ns.{0} hostmaster.{0} 0 600 300 86400 300\n$NS 3600 ns.{0}\n:127.0.0.2:Listed $\n127.0.0.2\n"
    lists = {}
    for number, zone in enumerate(rbl_sweep.ZONES):
        lists[zone] = ("ip4set", soa.format(zone) + (ONE_ADDRESS + "\n" if number < ONE_LISTED else ""))
    return lists


def single(program, rounds):
    """One question, and one address on 20 lists: whole processes."""
    question = Comparison("one A question", "ms", "dig", lower=True)
    lists = Comparison("one address on 20 lists", "ms", "rblcheck", lower=True)
    with tempfile.TemporaryDirectory() as home, OneServer(one_list_zones()) as server:
        own = {"XDG_CACHE_HOME": home, "XDG_CONFIG_HOME": home}
        name = f"2.0.0.127.{rbl_sweep.ZONES[0]}"
        lookup = [program, "lookup", "--nameserver", server.endpoint, "A", name]
        dig = ["dig", f"@{server.address}", "-p", str(server.port), name, "A"]
        ours = [program, "rblcheck", "--nameserver", server.endpoint, "--format", "json", ONE_ADDRESS]
        theirs = ["rblcheck", "-q", "-c"]
        for zone in rbl_sweep.ZONES:
            ours += ["--list", zone]
            theirs += ["-s", zone]
        theirs.append(ONE_ADDRESS)
        check_lists(run(ours, env=own).output, run(theirs).output)
        for _ in range(rounds):
            question.add(1000 * wall_of(lookup, SINGLE_RUNS, env=own), 1000 * wall_of(dig, SINGLE_RUNS))
            lists.add(1000 * wall_of(ours, SINGLE_RUNS, env=own), 1000 * wall_of(theirs, SINGLE_RUNS))
    return [question, lists]


def check_lists(ours, theirs):
    found = sum(entry["state"] == "listed" for entry in json.loads(ours)["result"]["lists"])
    if (found, len(theirs.split())) != (ONE_LISTED, ONE_LISTED):
        raise RuntimeError(f"{ONE_LISTED} listings: {found} found by maildiag, `{theirs}` by rblcheck")


def version(program, rounds):
    row = Comparison("--version", "ms", "dig -v", lower=True)
    for _ in range(rounds):
        row.add(1000 * wall_of([program, "--version"], SINGLE_RUNS), 1000 * wall_of(["dig", "-v"], SINGLE_RUNS))
    return [row]
