"""The zone backend against nsd: the same zone files, the same questions, the same answers.

zone_vs_nsd.py DNS_ASK DATA_DIRECTORY
"""

import itertools
import json
import random
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from servers import Nsd, find_program, skip_unless  # noqa: E402

SEED = 20261121
RANDOM_ZONES = 12
TYPES = ["A", "AAAA", "MX", "TXT", "NS", "SOA", "CNAME", "PTR", "DS", "DNAME", "SPF", "SRV", "TLSA", "CAA",
         "TYPE13", "TYPE35", "TYPE44", "TYPE65280", "TYPE65281"]

dns_ask = data_directory = None  # set from the command line


def ask(questions, *backend):
    """The answers of a backend, as comparable values, in the order of the questions."""
    text = "".join(f"{name} {qtype}\n" for name, qtype in questions)
    run = subprocess.run([dns_ask, *map(str, backend)], input=text, capture_output=True, text=True)
    if run.returncode != 0:
        raise RuntimeError(f"dns_ask {backend}: {run.stderr.strip()}")
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    if len(answers) != len(questions):
        raise RuntimeError(f"{len(answers)} answers to {len(questions)} questions")
    return [comparable(answer) for answer in answers]


def comparable(answer):
    """Everything that must agree: not the order of a set, nor who answered and how fast, nor the RCODE of a failure:
    nsd refers to other servers what we refuse, and gives out a loop of aliases."""
    records = sorted((record["name"].lower(), record["type"], *comparable_rdata(record)) for record in answer["records"])
    definite = answer["outcome"] in ("answer", "nodata", "nxdomain")
    return {"outcome": answer["outcome"], "rcode": answer["rcode"] if definite else None, "records": records,
            "chain": [name.lower() for name in answer["cname_chain"]], "ttl": answer["ttl"]}


def comparable_rdata(record):
    """Octet by octet; but where nsd abbreviates a name by a pointer into the question, it takes over its case."""
    if record["type"] in ("NS", "CNAME", "SOA", "PTR", "MX", "SRV", "DNAME"):
        return record["text"].lower(), ""
    return record["text"], record["rdata"]


def check_zone(apex, text, *options):
    """nsd-checkzone's status and output; its reader of zones is none of ours."""
    with tempfile.NamedTemporaryFile("wb", suffix=".zone") as file:
        file.write(text)
        file.flush()
        run = subprocess.run([find_program("nsd-checkzone"), *options, apex, file.name], capture_output=True)
    return run.returncode, (run.stdout + run.stderr).decode(errors="replace").strip()


def names_to_ask(zones):
    """Every name of the zones, and around each: above it, below it, and beside it."""
    names = set()
    for apex, text in zones.items():
        for owner in owners_in(apex, text):
            labels = owner.split(".")
            names |= {".".join(labels[first:]) for first in range(len(labels))}
            names |= {f"x.{owner}", f"x.y.{owner}", f"*.{owner}", owner.upper(), f"beside-{owner}", f"www.{owner}"}
    return sorted(names)


def owners_in(apex, text):
    """The owners of a zone, from the master file that nsd-checkzone writes: `$ORIGIN x.`, `owner TTL IN ...`."""
    output = check_zone(apex, text, "-p")[1]
    owners, origin = set(), ""
    for line in output.splitlines():
        first, *rest = line.split("\t")
        if line.startswith("$ORIGIN "):
            origin = line.split()[1].rstrip(".")
        elif first and rest[1:2] == ["IN"]:
            owners.add(first.rstrip(".") if first.endswith(".") else f"{first}.{origin}".rstrip("."))
    if not owners:
        raise RuntimeError(f"nsd-checkzone prints no record of {apex}: {output}")
    return owners


class Agreement(unittest.TestCase):
    maxDiff = None

    def compare(self, zones, questions):
        """zones: {apex: bytes}. Returns the answers, on which both agree."""
        with tempfile.TemporaryDirectory() as directory, Nsd(zones) as nsd:
            files = []
            for number, text in enumerate(zones.values()):
                files.append(Path(directory) / f"zone-{number}")
                files[-1].write_bytes(text)
            # A long time-out: on a busy machine, none must be taken for an answer.
            expected = ask(questions, "server", nsd.endpoint, "10000")
            actual = ask(questions, "zone", *files)
        differences = [f"{name} {qtype}:\n  nsd  {theirs}\n  zone {ours}"
                       for (name, qtype), theirs, ours in zip(questions, expected, actual) if theirs != ours]
        if differences:
            shown = "\n".join(differences[:20])
            self.fail(f"{len(differences)} of {len(questions)} answers differ:\n{shown}")
        return actual

    def test_written_zones(self):
        zones = {path.name: path.read_bytes() for path in sorted(Path(data_directory).iterdir())}
        questions = list(itertools.product(names_to_ask(zones), TYPES))
        answers = self.compare(zones, questions)
        outcomes = {answer["outcome"] for answer in answers}
        print(f"{len(questions)} questions, outcomes: {sorted(outcomes)}", file=sys.stderr)
        self.assertGreater(len(questions), 300)
        self.assertLessEqual({"answer", "nodata", "nxdomain", "refused"}, outcomes)

    def test_random_zones(self):
        """Every name of up to three labels out of a few, in zones drawn by chance: wildcards, empty non-terminals,
        aliases and zone cuts in positions that nobody thinks of."""
        source = random.Random(SEED)
        labels = ["a", "b", "*"]
        names = [".".join(parts) for count in (1, 2, 3) for parts in itertools.product([*labels, "c"], repeat=count)]
        owners = [name for name in names if "c" not in name.split(".")]
        zones = {f"z{number}.test": random_zone(source, f"z{number}.test", owners) for number in range(RANDOM_ZONES)}
        questions = [(f"{name}.{apex}", qtype) for apex in zones for name in names
                     for qtype in ("A", "TXT", "NS", "CNAME")]
        answers = self.compare(zones, questions)
        counts = {word: sum(answer["outcome"] == word for answer in answers)
                  for word in ("answer", "nodata", "nxdomain", "refused")}
        print(f"{len(questions)} questions, outcomes: {counts}", file=sys.stderr)
        for word, count in counts.items():
            self.assertGreater(count, 100, word)

    def test_broken_zones(self):
        """What nsd-checkzone refuses is refused, with its line, and what it accepts is accepted."""
        ours, theirs = self.judge(ENTRIES)
        self.assertEqual(ours, theirs)
        self.assertGreater(sum(ours.values()), 15)
        self.assertLess(sum(ours.values()), len(ENTRIES) - 15)

    def test_where_we_are_stricter(self):
        ours, theirs = self.judge(STRICTER)
        self.assertEqual(set(ours.values()), {False})
        self.assertEqual(set(theirs.values()), {True})

    def judge(self, entries):
        """Whether we and whether nsd-checkzone accept a zone with each of the entries."""
        head = "$ORIGIN example.com.\n$TTL 1h\n@ SOA ns host 1 2 3 4 5\n@ NS ns.example.net.\n"
        ours, theirs = {}, {}
        for entry in entries:
            zone = f"{head}{entry}\n".encode()
            theirs[entry] = check_zone("example.com", zone)[0] == 0
            with tempfile.NamedTemporaryFile("wb", suffix=".zone") as file:
                file.write(zone)
                file.flush()
                run = subprocess.run([dns_ask, "zone", file.name], input="", capture_output=True, text=True)
                ours[entry] = run.returncode == 0
                if not ours[entry]:
                    self.assertEqual(run.returncode, 65, entry)
                    self.assertRegex(run.stderr.replace(file.name, "FILE"), r"\AFILE:[56]: .+\n\Z", entry)
        return ours, theirs


def random_zone(source, apex, owners):
    """A zone that nsd loads: no CNAME beside other data, no NS at an asterisk (RFC 4592 section 4.2 leaves that open)."""
    lines = [f"$ORIGIN {apex}.", "$TTL 60", "@ SOA ns host 1 2 3 4 5", "@ NS ns.example.org.", "@ TXT apex"]
    for owner in source.sample(owners, source.randrange(4, 12)):
        kind = source.random()
        if kind < 0.25:
            lines.append(f"{owner} CNAME {source.choice(owners)}")
        elif kind < 0.35 and not owner.startswith("*"):
            lines.append(f"{owner} NS ns.example.org.")
        else:
            lines.append(f"{owner} A 192.0.2.{source.randrange(1, 255)}")
            if source.random() < 0.5:
                lines.append(f"{owner} TXT at-{owner}")
    return ("\n".join(lines) + "\n").encode()


ENTRIES = [
    "a A 192.0.2.1", "a A 192.0.2.256", "a A", "a A 192.0.2.1 192.0.2.2", "a AAAA 192.0.2.1", "a AAAA 2001:db8::1",
    "a AAAA 2001:db8::1::2", "a MX mail", "a MX 10", "a MX 10 mail", "a MX 65535 mail", "a SRV 1 2 3 m", "a SRV 1 2 m",
    "a TXT", "a TXT x", 'a TXT ""', f'a TXT "{"x" * 255}"', f'a TXT "{"x" * 256}"', f"a TXT {'x' * 256}",
    "a TXT \\255", 'a TXT "x" y "z"', "a TXT x )", "a TXT ( x\n y )", "a.. A 192.0.2.1", f"{'x' * 63} A 192.0.2.1",
    f"{'x' * 64} A 192.0.2.1", f"{'.'.join(['x' * 60] * 4)} A 192.0.2.1", "a 2147483647 A 192.0.2.1",
    "a 1h30m A 192.0.2.1", "a IN 5 A 192.0.2.1", "a 5 IN A 192.0.2.1", "a CH A 192.0.2.1", "a NOTATYPE x",
    "a TYPE65280 \\# 1 00", "a TYPE65280 \\# 1 0g", "a TYPE65280 00", "a A \\# 4 c0000201", "a A \\# 3 c00002",
    "a CNAME b\na A 192.0.2.1", "a A 192.0.2.1\na CNAME b", "a CNAME b\na CNAME c", "a CNAME b",
    "a.example.net. A 192.0.2.1", "$GENERATE 1-2 a$ A 192.0.2.$", "$TTL x\na A 192.0.2.1",
    "@ SOA ns host 1 2 3 4 5 6", "a TLSA 3 1 1 00", "a CAA 0 issue x", "a", "a 5", "a NS", "a NS b c", "a PTR b",
    " A 192.0.2.1", "\ta A 192.0.2.1",
]

# nsd takes numbers modulo their size, forgets an open parenthesis at the file's end, and pads RDATA. Each is a
# typing error that a zone should not be published with.
STRICTER = [
    "a MX 65536 mail", "a MX -1 mail", "a SRV 1 2 65536 m", "a TLSA 256 1 1 00", 'a CAA 256 issue "x"', "a TXT \\256",
    "a TXT ( x", "a TYPE65280 \\# 2 00",
]

if __name__ == "__main__":
    skip_unless("nsd", "nsd-checkzone")
    dns_ask, data_directory = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
