#!/usr/bin/env python3
"""SPF evaluations a second next to pyspf, and one whole `spfcheck` next to spfquery, on the same zone and name server.

    spf_rate.py PROGRAM [--domains N] [--rounds N]

PROGRAM is maildiag of a release build. Needs Debian's python3-spf with python3-dnspython and python3-dns, spfquery
(libspf2) and nsd, and root: it runs in
namespaces of its own, because libspf2 reads its name server from /etc/resolv.conf and asks port 53 only. N domains
have the record of a usual company: a, mx, two includes, some networks. Evaluations are timed as whole processes over
all domains, start-up included; pyspf is asked about a tenth of them. Prints one JSON object of medians and ratios;
fails if the three do not find the same results.
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

sys.path[:0] = [str(Path(__file__).resolve().parent.parent / "support"), str(Path(__file__).resolve().parent)]
from servers import find_program, skip_unless  # noqa: E402
from side_by_side import run  # noqa: E402

RECORD = "v=spf1 a mx include:_spf.provider.example include:_spf.news.example ip4:203.0.113.0/28 ~all"
# By which pyspf asks: it prefers the first one, and Debian's package demands one of them.
LIBRARIES = ("dnspython", "py3dns")
PYSPF = """
import sys, DNS, spf
DNS.defaults['server'] = ['127.0.0.1']
assert spf.DNSLookup is spf.DNSLookup_dnspython
if sys.argv[1] == 'py3dns':
    spf.DNS, spf.DNSLookup = DNS, spf.DNSLookup_pydns
for domain in sys.argv[2:]:
    print(spf.check2(i='198.51.100.77', s='postmaster@' + domain, h='mail.' + domain)[0])
"""


def zone(domains):
    lines = ["$ORIGIN example.", "$TTL 300", "@ SOA ns.example. hostmaster.example. 1 1h 1h 1w 5m", "@ NS ns", "ns A 127.0.0.1",
             '_spf.provider TXT "v=spf1 ip4:192.0.2.0/25 include:_spf2.provider.example ~all"',
             '_spf2.provider TXT "v=spf1 ip4:192.0.2.128/26 ip6:2001:db8::/40 ~all"',
             '_spf.news TXT "v=spf1 ip4:198.51.100.64/26 ~all"']
    for number in range(domains):
        lines += [f'd{number} TXT "{RECORD}"', f"d{number} A 203.0.113.80", f"d{number} MX 10 mail.d{number}",
                  f"mail.d{number} A 203.0.113.81"]
    return "\n".join(lines) + "\n"


def seconds_of(command):
    done = run(command)
    return done.output, done.wall


def start_server(folder, domains):
    (folder / "example.zone").write_text(zone(domains))
    (folder / "nsd.conf").write_text(
        f'server:\n ip-address: 127.0.0.1@53\n username: ""\n chroot: ""\n zonesdir: "{folder}"\n database: ""\n'
        f' pidfile: "{folder}/nsd.pid"\n xfrdfile: "{folder}/xfrd"\n zonelistfile: "{folder}/list"\n'
        f' cookie-secret-file: "{folder}/cookie"\n tcp-count: 10\n rrl-ratelimit: 0\n rrl-whitelist-ratelimit: 0\n'
        f'remote-control:\n control-enable: no\nzone:\n name: example\n zonefile: example.zone\n')
    return subprocess.Popen([find_program("nsd"), "-d", "-c", folder / "nsd.conf"], stderr=subprocess.DEVNULL)


def pyspf(library, names):
    """Evaluations a second, and a second of processor."""
    done = run(["/usr/bin/python3", "-c", PYSPF, library, *names])
    assert done.output.split() == ["pass"] * len(names), done.output[:2000]
    return {library: len(names) / done.wall, library + "_cpu": len(names) / done.cpu}


def rounds_of(program, domains, rounds):
    """Yields of each round: evaluations a second of all, seconds of one `spfcheck` and one `spfquery`."""
    names = [f"d{number}.example" for number in range(domains)]
    few = names[: max(1, domains // 10)]
    ours = [program, "--nameserver", "127.0.0.1", "--format", "json", "spfcheck", "--ip", "198.51.100.77"]
    query = ["spfquery.libspf2", "-ip", "198.51.100.77", "-sender", "postmaster@d1.example", "-helo", "mail.d1.example"]
    for _ in range(100):
        output, _ = seconds_of(ours + names[:1])
        if '"result":"pass"' in output:
            break
        time.sleep(0.1)
    for _ in range(rounds):
        whole = run(ours + names)
        assert whole.output.count('"result":"pass"') == len(names), whole.output[:2000]
        one = seconds_of(ours + names[1:2])[1]
        output, spfquery = seconds_of(query)
        assert output.splitlines()[0] == "pass", output
        yield {"ours": len(names) / whole.wall, "ours_cpu": len(names) / whole.cpu, "one": one, "spfquery": spfquery,
               **pyspf("dnspython", few), **pyspf("py3dns", few)}


def measure(options):
    rounds = list(rounds_of(options.program, options.domains, options.rounds))
    median = {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}
    result = {"evaluations_per_second": round(median["ours"])}
    for library in LIBRARIES:
        result[f"pyspf_{library}_per_second"] = round(median[library])
        result[f"ratio_to_pyspf_{library}"] = round(median["ours"] / median[library], 1)
        result[f"ratio_of_processor_time_{library}"] = round(median["ours_cpu"] / median[library + "_cpu"], 1)
    return result | {
        "one_spfcheck_ms": round(1000 * median["one"], 1), "one_spfquery_ms": round(1000 * median["spfquery"], 1),
        "ratio_to_spfquery": round(median["one"] / median["spfquery"], 2), "rounds": options.rounds,
    }


def inside_namespaces(mark):
    """Starts this program again where the loopback and /etc/resolv.conf are its own; the second time returns."""
    if mark in os.environ:
        return
    os.environ[mark] = "1"
    os.execvp("unshare", ["unshare", "--net", "--mount", "--", sys.executable, *sys.argv])


def own_resolver(folder):
    """All programs ask 127.0.0.1 from here on. REQUIRES: inside_namespaces()."""
    (folder / "resolv.conf").write_text("nameserver 127.0.0.1\n")
    subprocess.run(["mount", "--bind", folder / "resolv.conf", "/etc/resolv.conf"], check=True)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--domains", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    skip_unless("nsd", "spfquery.libspf2", "unshare", "ip")
    inside_namespaces("SPF_RATE_INSIDE")
    with tempfile.TemporaryDirectory() as name:
        own_resolver(Path(name))
        server = start_server(Path(name), options.domains)
        try:
            print(json.dumps(measure(options)))
        finally:
            server.terminate()
            server.wait()
            subprocess.run(["umount", "/etc/resolv.conf"], check=False)


if __name__ == "__main__":
    main()
