#!/usr/bin/env python3
"""How long `maildiag smtpcheck` takes for many STARTTLS servers at once: addresses of one Postfix on loopback.

    smtp_rate.py PROGRAM [SERVERS [RUNS]]        as root; 40 servers and 5 runs by default

One run before the first counts for Postfix, which starts its processes then. Prints the wall time of each run.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from mail_servers import Postfix, skip_reason  # noqa: E402
from test_ca import TestCa  # noqa: E402

ZONE = """$ORIGIN 127.in-addr.arpa.
@ 3600 IN SOA ns.example.com. hostmaster.example.com. 1 3600 900 604800 300
@ 3600 IN NS ns.example.com.
"""


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    program, servers, runs = sys.argv[1], int((sys.argv + [None, 40])[2] or 40), int((sys.argv + [None] * 3)[3] or 5)
    if reason := skip_reason("postfix"):
        sys.exit(f"SKIPPED: {reason}")
    with TestCa() as ca, tempfile.NamedTemporaryFile("w", suffix=".zone") as zone:
        zone.write(ZONE)
        zone.flush()
        chain, key = ca.issue("mx.example.com")
        service = {"smtpd_tls_security_level": "may", "smtpd_tls_chain_files": f"{key}, {chain}"}
        limits = {"default_process_limit": "200", "smtpd_client_connection_count_limit": "0"}
        with Postfix({"tls": service}, main=limits, addresses="0.0.0.0") as postfix:
            targets = [f"127.0.{1 + at // 250}.{1 + at % 250}" for at in range(servers)]
            command = [program, "smtpcheck", "--format", "json", "--zone", zone.name, "--ca-file", ca.file,
                       "--connect-to", f":25::{postfix.port('tls')}", *targets]
            for run in range(runs + 1):
                start = time.monotonic()
                done = subprocess.run(command, capture_output=True, text=True)
                seconds = time.monotonic() - start
                results = [json.loads(line)["result"] for line in done.stdout.splitlines()]
                good = sum(result.get("starttls", {}).get("verified") is True for result in results)
                print(f"{'warm-up' if run == 0 else f'run {run}'}: {seconds:.2f} s, {good} of {servers} with verified TLS")
            log = postfix.log()
    print(f"Postfix saw {log.count('starttls=1')} STARTTLS, {log.count('quit=1')} QUIT, {log.count('lost connection')} lost")


if __name__ == "__main__":
    main()
