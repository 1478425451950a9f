#!/usr/bin/env python3
"""DKIM verifications a second next to `openssl speed rsa2048`, one core, in turns.

    dkim_rate.py PROGRAM [--seconds N] [--rounds N]

PROGRAM is the built dkim_rate, of a release build. Prints one JSON object of medians and ratios.
"""

import argparse
import json
import re
import statistics
import subprocess


def openssl_rate(seconds):
    output = subprocess.run(["openssl", "speed", "-seconds", str(seconds), "rsa2048"], capture_output=True, text=True,
                            check=True).stdout
    # rsa 2048 bits 0.000585s 0.000017s   1709.5  57771.0
    return float(re.search(r"^rsa 2048 bits .* ([\d.]+)$", output, re.MULTILINE)[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    alone, whole, openssl = [], [], []
    for _ in range(options.rounds):
        run = subprocess.run([options.program, str(options.seconds)], capture_output=True, text=True, check=True)
        result = json.loads(run.stdout)
        alone.append(result["key_alone_per_second"])
        whole.append(result["messages_per_second"])
        openssl.append(openssl_rate(options.seconds))
    median = statistics.median
    print(json.dumps({
        "key_alone_per_second": round(median(alone)), "messages_per_second": round(median(whole)),
        "openssl_per_second": round(median(openssl)), "ratio_of_key_alone": round(median(alone) / median(openssl), 2),
        "ratio_of_messages": round(median(whole) / median(openssl), 2), "rounds": options.rounds,
    }))


if __name__ == "__main__":
    main()
