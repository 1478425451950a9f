#!/usr/bin/env python3
"""rblcheck as a user runs it, against rbldnsd on loopback: sweeps, the table, keys, the cache of self-tests, Ctrl-C.

    rblcheck.py PROGRAM
"""

import datetime
import json
import os
import pty
import re
import signal
import subprocess
import sys
import tempfile
import time
import tty
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
import servers  # noqa: E402

KEY = "SecretKey0123456789"
HEAD = "$SOA 3600 ns.test hostmaster.test 0 600 300 86400 300\n$NS 3600 ns.test\n"
LISTS = {
    "one.test": ("ip4set", HEAD + ":127.0.0.2:Listed $\n127.0.0.2\n203.0.113.7\n198.51.100.0/23\n"),
    "two.test": ("ip4set", HEAD + ":127.0.0.3:Listed too\n127.0.0.2\n203.0.113.7\n"),
    "empty.test": ("ip4set", HEAD),
    f"{KEY.lower()}.keyed.test": ("ip4set", HEAD + f":127.0.0.4:See https://keyed.test/{KEY}\n127.0.0.2\n203.0.113.7\n"),
}
KEYED_LIST = """
[[list]]
zone = "{key}.keyed.test"
key = "testkey"
name = "Keyed"
class = "block"
default = true
weight = "critical"
families = ["ip4"]
codes = [{ code = "127.0.0.4", meaning = { en = "Sends spam" } }]
errors = [{ code = "127.255.255.254", kind = "public-resolver", meaning = { en = "Refused" } }]
selftest = { listed = "127.0.0.2", clean = "127.0.0.1" }
"""


OWN_LIST = """
[[list]]
zone = "one.test"
name = "One"
class = "domain"
families = ["ip4"]
weight = "warning"
codes = [{ code = "127.0.0.2", meaning = { en = "Sends spam" } }]
selftest = { listed = "127.0.0.2", clean = "127.0.0.1" }
removal = "https://one.test/remove?ip={target}"
"""


class Bench:
    """The program with a home of its own, and what it said."""

    def __init__(self, program, home, endpoint):
        self.program, self.home, self.endpoint = program, Path(home), endpoint
        self.faults = []

    def environment(self, **more):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("MAILDIAG_")}
        return {**kept, "HOME": str(self.home), "XDG_CONFIG_HOME": str(self.home / "config"),
                "XDG_CACHE_HOME": str(self.home / "cache"), "LC_ALL": "C", **more}

    def command(self, *words):
        return [self.program, "rblcheck", "--nameserver", self.endpoint, *words]

    def run(self, *words, stdin=None, **more):
        done = subprocess.run(self.command(*words), capture_output=True, text=True, timeout=120, input=stdin,
                              env=self.environment(**more))
        if "Sanitizer" in done.stderr:
            self.fault(f"{words}: {done.stderr}")
        return done

    def objects(self, *words, **more):
        done = self.run("--format", "json", *words, **more)
        return [json.loads(line) for line in done.stdout.splitlines()], done

    def fault(self, text):
        self.faults.append(text)

    def expect(self, wanted, found, what):
        if wanted != found:
            self.fault(f"{what}: expected {wanted!r}, found {found!r}")


def states(report):
    return {entry["zone"]: entry["state"] for entry in report["result"]["lists"]}


def check_sweeps(bench):
    both = ["--list", "one.test", "--list", "two.test"]
    reports, done = bench.objects(*both, "203.0.113.0/28", "203.0.113.250-203.0.113.255", "2001:db8::1")
    bench.expect(23, len(reports), "reports of a network, a range and an address")
    bench.expect(["203.0.113.0", "203.0.113.15", "203.0.113.250", "2001:db8::1"],
                 [reports[i]["target"] for i in (0, 15, 16, 22)], "order")
    bench.expect({"one.test": "listed", "two.test": "listed"}, states(reports[7]), "a listed address")
    bench.expect({"one.test": "not-listed", "two.test": "not-listed"}, states(reports[8]), "a clean address")
    bench.expect([bench.endpoint], reports[0]["result"]["resolver"], "the resolver is named")
    hidden, _ = bench.objects(*both, "--hide-clean", "203.0.113.6", "203.0.113.7")
    bench.expect([0, 2], [len(report["result"]["lists"]) for report in hidden], "--hide-clean in JSON")

    # More than 255 listings must not wrap around to 0.
    reports, done = bench.objects("--list", "one.test", "198.51.100.0/23")
    bench.expect(512, sum(report["result"]["listed"] for report in reports), "listings")
    bench.expect(2, done.returncode, "listings of a list that no list file knows are those of a block list")

    lines = "203.0.113.7   # a comment\n\n# nothing\nnot-a-target\n203.0.113.8/31\n"
    reports, done = bench.objects(*both, "-f", "-", stdin=lines)
    bench.expect(["203.0.113.7", "203.0.113.8", "203.0.113.9"], [report["target"] for report in reports], "stdin")
    bench.expect(64, done.returncode, "a line that is no target decides the status")
    if "-:4: `not-a-target`" not in done.stderr:
        bench.fault(f"the faulty line is not named: {done.stderr}")


    check_broken_input(bench, both)
    _, done = bench.objects(*both, "-f", "-", stdin="# nothing\n")
    bench.expect(66, done.returncode, "input without targets is no clean network")
    if "no targets to check" not in done.stderr:
        bench.fault(f"the empty input is not named: {done.stderr}")


def check_broken_input(bench, lists):
    """A terminal whose other end goes away gives what was written, then EIO; a directory gives nothing but its error."""
    ours, other = pty.openpty()
    tty.setraw(other)
    os.write(other, b"203.0.113.8\n203.0.113.7\n203.0.113.1")  # the beginning of a third
    os.close(other)
    directory = os.open("/", os.O_RDONLY)
    for descriptor, targets, why in ((ours, ["203.0.113.8", "203.0.113.7"], "Input/output error"), (directory, [], "Is a directory")):
        done = subprocess.run(bench.command("--format", "json", *lists, "-f", "-"), stdin=descriptor, capture_output=True, text=True,
                              timeout=120, env=bench.environment())
        os.close(descriptor)
        bench.expect(targets, [json.loads(line)["target"] for line in done.stdout.splitlines()], f"what came before: {why}")
        bench.expect(66, done.returncode, f"a broken input decides the status: {why}")
        bench.expect([f"maildiag: cannot read -: {why}"], done.stderr.splitlines(), "the reason, alone")


def check_table(bench):
    words = ["--list", "one.test", "--list", "empty.test", "203.0.113.6-203.0.113.8"]
    text = bench.run(*words).stdout
    rows = {line.split()[0]: line.split()[1] for line in text.splitlines() if line.startswith("203.")}
    bench.expect({"203.0.113.6": ".!", "203.0.113.7": "L!", "203.0.113.8": ".!"}, rows, "rows of the table")
    for part in ("1 one.test", "2 empty.test", "Listed 203.0.113.7", "own test entry"):
        if part not in text:
            bench.fault(f"the table lacks {part!r}: {text}")
    hidden = bench.run("--hide-clean", "--list", "one.test", "203.0.113.6-203.0.113.8").stdout
    bench.expect(["203.0.113.7"], [line.split()[0] for line in hidden.splitlines() if line.startswith("203.")],
                 "rows with --hide-clean")
    quiet = bench.run("-q", "--list", "one.test", "203.0.113.8-203.0.113.9")
    bench.expect(("", 0), (quiet.stdout, quiet.returncode), "-q prints nothing where nothing is wrong")
    quiet = bench.run("-q", "--list", "one.test", "203.0.113.6-203.0.113.8").stdout
    if "203.0.113.7" not in quiet or "203.0.113.8" in quiet:
        bench.fault(f"-q prints what is not in order: {quiet}")


def check_layout(bench):
    """Long names keep the marks below their numbers, and pages can be copied; how long a target took is told."""
    name, page = "2001:db8:1111:2222:3333:4444:5555:6666", "https://one.test/remove?because=" + 80 * "x"
    rules = bench.home / "long"
    rules.mkdir()
    (rules / "own.toml").write_text(OWN_LIST.replace('"domain"', '"block"').replace('"https://one.test/remove?ip={target}"', f'"{page}"'))
    text = bench.run("--rules", str(rules), "--list", "one.test", "--list", "two.test", "203.0.113.7", name).stdout.splitlines()
    if name not in text or len({len(line) for line in text if line.endswith(("LL", "-."))}) != 1:
        bench.fault(f"the marks are not in their columns: {text}")
    if not any(line.strip() == page for line in text):
        bench.fault(f"a page is broken in two: {text}")
    with servers.SilentServer() as silent:
        done = subprocess.run([bench.program, "rblcheck", "--nameserver", silent.endpoint, "--timeout", "0.2", "--tries", "1", "--format",
                               "nagios", "--list", "one.test", "203.0.113.7"], capture_output=True, text=True, env=bench.environment())
    seconds = re.search(r" time=([\d.]+)s", done.stdout)
    if not seconds or float(seconds[1]) < 0.2:
        bench.fault(f"the time of a target is wrong: {done.stdout}{done.stderr}")


def check_hosts(bench):
    """A list of addresses, of domains, and a name: each list is asked what it is for, also where no list file knows it."""
    zone = bench.home / "hosts.zone"
    entries = {"ip.test": ("2.0.0.127", "7.113.0.203"), "names.test": ("test", "mail.hosts.example")}
    soa = "IN SOA ns root 1 3600 600 86400 60\n"
    zone.write_text(f"$TTL 60\ntest. {soa}hosts.example. {soa}mail.hosts.example. A 203.0.113.7\nmail.hosts.example. A 203.0.113.8\nnone.hosts.example. TXT none\n" +
                    "".join(f"{front}.{name}. A 127.0.0.2\n" for name, fronts in entries.items() for front in fronts))
    def found(*words):
        done = subprocess.run([bench.program, "rblcheck", "--zone", str(zone), "--format", "json", *words], capture_output=True, text=True,
                              env=bench.environment())
        return [(report["target"], *states(report).values()) for report in map(json.loads, done.stdout.splitlines())], done.returncode

    bench.expect(([("203.0.113.7", "listed"), ("203.0.113.8", "not-listed")], 2), found("--list", "ip.test", "mail.hosts.example"),
                 "a host on a list of addresses")
    bench.expect(([("none.hosts.example",)], 1), found("--list", "ip.test", "none.hosts.example"), "a host without address")
    bench.expect(([("203.0.113.8", "not-listed", "skipped")], 0), found("--list", "ip.test", "--list", "names.test", "203.0.113.8"),
                 "an address and a list of names")
    bench.expect(([("mail.hosts.example", "skipped", "listed"), ("203.0.113.7", "listed", "skipped"),
                   ("203.0.113.8", "not-listed", "skipped")], 2),
                 found("--list", "ip.test", "--list", "names.test", "mail.hosts.example"), "a host on both")


def check_own_lists(bench):
    """Rows of one's own, and a later directory that changes single keys of them."""
    first, second = bench.home / "first", bench.home / "second"
    for directory in (first, second):
        directory.mkdir()
    words = ["--rules", str(first), "--rules", str(second), "--list", "one.test", "203.0.113.7"]
    (first / "own.toml").write_text(OWN_LIST)
    done = bench.run(*words)
    bench.expect(78, done.returncode, "a list of domains that serves addresses")
    (first / "own.toml").write_text(OWN_LIST.replace('"domain"', '"block"'))
    reports, done = bench.objects(*words)
    bench.expect((1, "https://one.test/remove?ip=203.0.113.7"),
                 (done.returncode, reports[0]["result"]["lists"][0]["delist_url"]), "the page for removal")
    (second / "own.toml").write_text('[[list]]\nzone = "one.test"\nweight = "critical"\n')
    reports, done = bench.objects(*words)
    bench.expect((2, "One"), (done.returncode, reports[0]["result"]["lists"][0]["name"]), "one key changed")


def check_keys(bench):
    rules = bench.home / "rules"
    rules.mkdir()
    (rules / "keyed.toml").write_text(KEYED_LIST)
    config = bench.home / "config/maildiag/maildiag.toml"
    config.parent.mkdir(parents=True)
    config.write_text(f'rules = "{rules}"\n[dnsbl]\nlists = ["{{key}}.keyed.test"]\n[dnsbl.keys]\ntestkey = "{KEY}"\n')
    config.chmod(0o600)
    record = bench.home / "record"
    outputs = []
    for words in (["--format", "json"], ["-v"], ["-v", "203.0.113.8"], ["--record", str(record), "-v"],
                  ["--replay", str(record), "--format", "json"], ["--list", f"{KEY}.keyed.test", "-v"]):
        done = bench.run(*words, "203.0.113.7")
        outputs.append(done.stdout + done.stderr)
        bench.expect(2, done.returncode, f"the keyed list is asked with {words}")
        if "****.keyed.test" not in done.stdout:
            bench.fault(f"{words}: the masked zone is not shown: {done.stdout} {done.stderr}")
    outputs += [record.read_text(), (bench.home / "cache/maildiag/self-tests.jsonl").read_text()]
    show = subprocess.run([bench.program, "config", "show"], capture_output=True, text=True, env=bench.environment())
    outputs.append(show.stdout + show.stderr)
    config.chmod(0o644)
    warned = bench.run("203.0.113.8")
    if "everybody can read the keys" not in warned.stderr:
        bench.fault(f"no warning about a file that all can read: {warned.stderr}")
    outputs.append(warned.stdout + warned.stderr)
    config.write_text(f'[dnsbl.keys]\nnobody = "{KEY}"\n')
    wrong = bench.run("203.0.113.8")
    bench.expect(78, wrong.returncode, "a key that no list uses")
    if f"{config}:2: no list uses a key `nobody`" not in wrong.stderr:
        bench.fault(f"the unknown key is not named: {wrong.stderr}")
    outputs.append(wrong.stderr)
    for text in outputs:
        if KEY.lower() in text.lower() or KEY.encode().hex() in text.lower():
            bench.fault(f"the key shows: {text}")
    config.unlink()


def check_cache(bench):
    cache = bench.home / "cache/maildiag/self-tests.jsonl"
    words = ["--list", "one.test", "203.0.113.8"]

    def state(*more):
        reports, done = bench.objects(*more, *words)
        return states(reports[0])["one.test"] if reports else done.stderr

    bench.expect("not-listed", state(), "a first run")
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    entry = {"key": f"{bench.endpoint}|one.test|ip4", "tested": now, "verdict": "broken",
             "reason": "dnsbl.reason.lists-everything", "code": "", "evidence": None}
    cache.write_text("\0\xff not JSON\n[[[[\n" + json.dumps({**entry, "verdict": 7}) + "\n" + json.dumps(entry) + "\n")
    bench.expect("broken", state(), "what another run found holds")
    bench.expect("not-listed", state("--self-test", "always"), "--self-test always tests again")
    bench.expect("not-listed", state(), "and its verdict replaces the old one")
    cache.write_text(json.dumps({**entry, "tested": "2020-01-01T00:00:00Z"}) + "\n")
    bench.expect("not-listed", state(), "an old verdict is none")
    cache.write_text(json.dumps(entry) + "\n")
    cache.chmod(0o666)
    bench.expect("not-listed", state(), "a file that others may write is none")
    cache.unlink()
    cache.mkdir()
    bench.expect("not-listed", state(), "a directory in the file's place")
    cache.rmdir()


def check_interrupt(bench):
    """Ctrl-C during a sweep that is slowed down, with a terminal for the progress bar."""
    terminal, child = pty.openpty()
    process = subprocess.Popen(bench.command("--list", "one.test", "--rate", "40", "--format", "json", "203.0.112.0/23"),
                               stdout=subprocess.PIPE, stderr=child, text=True, env=bench.environment(TERM="xterm"))
    os.close(child)
    said = b""
    deadline = time.monotonic() + 60
    while b"%" not in said and time.monotonic() < deadline:  # the bar shows that the sweep is under way
        said += os.read(terminal, 4096)
    process.send_signal(signal.SIGINT)
    lines = process.communicate(timeout=60)[0].splitlines()
    try:
        while part := os.read(terminal, 4096):
            said += part
    except OSError:  # the other end was closed
        pass
    reports = [json.loads(line) for line in lines]
    if not 0 < len(reports) < 512:
        bench.fault(f"an interrupted sweep reported {len(reports)} of 512 targets")
    bench.expect(3, process.returncode, "what is not known is not good")
    if b"stopped after" not in said:
        bench.fault(f"it is not said that the run is incomplete: {said}")
    bench.expect({"not-listed"}, {state for report in reports for state in states(report).values()}, "states")
    os.close(terminal)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    servers.skip_unless("rbldnsd")
    with servers.Rbldnsd(LISTS) as server, tempfile.TemporaryDirectory() as home:
        bench = Bench(sys.argv[1], home, server.endpoint)
        for check in (check_sweeps, check_table, check_layout, check_hosts, check_own_lists, check_keys, check_cache, check_interrupt):
            check(bench)
    print("\n".join(bench.faults) or "no fault found")
    sys.exit(1 if bench.faults else 0)


if __name__ == "__main__":
    main()
