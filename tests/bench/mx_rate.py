#!/usr/bin/env python3
"""How fast mxcheck looks at many domains: one process against unbound in front of nsd on loopback, as a share of what the
network backend makes of the same questions at the same window.

    mx_rate.py MAILDIAG DNS_SWEEP [--domains N] [--window N] [--rounds N] [--lists]

Each domain has two exchangers with reverse DNS, SPF with an include, DMARC, a DKIM key and TLS-RPT. Only DNS is asked (--no-smtp).
DNS_SWEEP is the built dns_sweep. Prints one JSON object; fails if a domain is not told whole.
"""

import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "support"))
import servers  # noqa: E402

SOA = "@ 300 IN SOA ns.{0}. hostmaster.{0}. 1 3600 600 86400 300\n@ 300 IN NS ns.{0}.\n"
KEY = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="


def make_zones(domains):
    forward, reverse = SOA.format("test"), SOA.format("in-addr.arpa")
    for number in range(domains):
        name = f"d{number}"
        forward += (f"{name} 300 IN MX 10 mx1.{name}.test.\n{name} 300 IN MX 20 mx2.{name}.test.\n"
                    f'{name} 300 IN TXT "v=spf1 mx include:spf{number % 50}.provider.test. -all"\n'
                    f'_dmarc.{name} 300 IN TXT "v=DMARC1; p=reject; rua=mailto:dmarc@{name}.test"\n'
                    f'default._domainkey.{name} 300 IN TXT "v=DKIM1; k=ed25519; p={KEY}"\n'
                    f'_smtp._tls.{name} 300 IN TXT "v=TLSRPTv1; rua=mailto:tls@{name}.test"\n')
        for host in (1, 2):
            address = (45, number >> 8, number & 255, host)
            forward += f"mx{host}.{name} 300 IN A {'.'.join(map(str, address))}\n"
            reverse += f"{'.'.join(map(str, reversed(address)))} 300 IN PTR mx{host}.{name}.test.\n"
    forward += "".join(f'spf{number}.provider 300 IN TXT "v=spf1 ip4:46.0.{number}.0/24 -all"\n' for number in range(50))
    return {"test": forward, "in-addr.arpa": reverse}


def list_zones():
    """The default lists of tests/data/domains, one zone each."""
    zones = {}
    for part in re.split(r"^\$ORIGIN ", (ROOT / "data/domains/lists.zone").read_text(), flags=re.MULTILINE)[1:]:
        origin, records = part.split("\n", 1)
        zones[origin.rstrip(".")] = zones.get(origin.rstrip("."), "$TTL 300\n") + records
    return {name: text + f"@ IN NS ns.{name}.\n" for name, text in zones.items()}


def run_mxcheck(program, endpoint, options, names, more=()):
    command = [program, "mxcheck", "--nameserver", endpoint, "--window", str(options.window), "--format", "json",
               "--timeout", "5", "--no-smtp", *([] if options.lists else ["--no-dnsbl"]), *more, *names]
    start = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True)
    elapsed = time.monotonic() - start
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    whole = [r for r in reports if len(r["result"]["mx"]) == 2 and r["result"]["spf"]["lookups"] == 2
             and r["result"]["dmarc"]["policy"] == "reject" and len(r["result"]["dkim"]["keys"]) == 1
             and all(a["fcrdns"] == "pass" for mx in r["result"]["mx"] for a in mx["addresses"])]
    if len(whole) != len(names):
        sys.exit(f"{len(whole)} of {len(names)} domains were told whole (status {done.returncode}): {done.stderr[:500]}")
    return elapsed


def run_sweep(program, endpoint, questions, window):
    output = subprocess.run([program, endpoint, questions, str(window)], check=True, capture_output=True, text=True).stdout
    return json.loads(output)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("maildiag")
    parser.add_argument("dns_sweep")
    parser.add_argument("--domains", type=int, default=1000)
    parser.add_argument("--window", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--lists", action="store_true")
    options = parser.parse_args()
    servers.skip_unless("nsd", "unbound")
    zones = make_zones(options.domains) | (list_zones() if options.lists else {})
    names = [f"d{number}.test" for number in range(options.domains)]
    with servers.Nsd(zones) as nsd, servers.Unbound({name: nsd for name in zones}) as unbound, \
            tempfile.TemporaryDirectory() as directory:
        recording, questions = Path(directory) / "answers", Path(directory) / "questions"
        run_mxcheck(options.maildiag, unbound.endpoint, options, names, ["--record", str(recording)])
        asked = [json.loads(line) for line in recording.read_text().splitlines()]
        asked = [f"{each['question']['name']} {each['question']['type']}" for each in asked]
        questions.write_text("".join(line + "\n" for line in asked))
        seconds, sweeps = [], []
        for _ in range(options.rounds):
            sweeps.append(run_sweep(options.dns_sweep, unbound.endpoint, str(questions), options.window))
            seconds.append(run_mxcheck(options.maildiag, unbound.endpoint, options, names))
    ours = len(asked) / statistics.median(seconds)
    theirs = statistics.median(each["queries"] / each["seconds"] for each in sweeps)
    print(json.dumps({"domains": options.domains, "window": options.window, "lists": options.lists, "questions": len(asked),
                      "asked_twice": len(asked) - len(set(map(str.lower, asked))),
                      "seconds": round(statistics.median(seconds), 2), "questions_per_second": round(ours),
                      "sweep_per_second": round(theirs), "ratio": round(ours / theirs, 3)}))


if __name__ == "__main__":
    main()
