#!/usr/bin/env python3
"""A log of replies, split over the cores by GNU parallel, gives the summary that one run gives.

    summary_parallel.py PROGRAM SOURCE_ROOT [--lines N]

Prints one JSON object with the seconds of both ways. With --lines 1000000 this is the documented example at full size.
"""

import argparse
import json
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
import replies  # noqa: E402
import servers  # noqa: E402

BLOCKS = 8  # more than cores, so that parts are joined that ran one after the other


def timed(command, **options):
    start = time.monotonic()
    output = subprocess.run(command, check=False, capture_output=True, text=True, **options)
    if not output.stdout:
        sys.exit(f"{command}: {output.stderr}")
    return json.loads(output.stdout), time.monotonic() - start


def counts(summary):
    result = summary["result"]
    return {"failures": result["failures"], "across": result["across"]} | {
        dimension: {row["key"]: (row["count"], row["causes"]) for row in rows} for dimension, rows in result["groups"].items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("root")
    parser.add_argument("--lines", type=int, default=20_000)
    options = parser.parse_args()
    servers.skip_unless("parallel")
    with tempfile.TemporaryDirectory() as directory:
        log = Path(directory) / "replies.txt"
        source = replies.Replies(options.root)
        with log.open("w") as file:
            # One sender's mail fails everywhere: the burst shows only when the parts are joined.
            for number, line in enumerate(source.lines(options.lines)):
                stranger = number % (options.lines // 40) == 0
                recipient = f"r{number}@d{number}.example.org"
                line = f"<{recipient}>: host mx.example.org[198.51.100.1] said: 550 5.1.1 User unknown" if stranger else line
                sender = "kim@own.example" if stranger else f"s{source.random.randrange(1000)}@own.example"
                file.write(f"{line}\t192.0.2.{source.random.randrange(1, 9)}\t{sender}\n")
        explain = [options.program, "explain", "--no-checks", "--own", "192.0.2.0/24", "--summary", "--format", "json",
                   "--reply-lines"]
        whole, alone = timed([*explain, str(log)])
        block = log.stat().st_size // BLOCKS + 1
        script = (f"parallel --will-cite --pipepart -a {shlex.quote(str(log))} --block {block} {shlex.join([*explain, '-'])} | "
                  f"{shlex.quote(options.program)} summary merge --format json -")
        merged, together = timed(["bash", "-c", script])
    faults = [name for name, value in counts(whole).items() if counts(merged)[name] != value]
    print(json.dumps({"lines": options.lines, "one_run_seconds": round(alone, 2), "parallel_seconds": round(together, 2),
                      "failures": merged["result"]["failures"], "differences": faults}))
    senders = [(item["cause"], item["sender"]) for item in merged["result"]["across"]]
    wrong = senders != [("account-compromised", "kim@own.example")]
    return 1 if faults or wrong or merged["result"]["failures"] != options.lines else 0


if __name__ == "__main__":
    sys.exit(main())
