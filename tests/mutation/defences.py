#!/usr/bin/env python3
"""Do the scenarios of tests/faults notice when a defence against hostile servers is gone? Takes out each one that
defences.txt lists, one at a time, and runs some thousand scenarios; a mutant that they all let pass is a fault.

    defences.py BUILD_DIRECTORY SOURCE_ROOT [TEXT]     TEXT: only mutants that it occurs in

BUILD_DIRECTORY: of any preset; faults_dns and faults_net are built there first.
"""

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import partial
from pathlib import Path

from mutants import build, layers, read_list

# Who has to notice, and in how many scenarios.
DNS, NET = ("tests/faults/faults_dns", 1500), ("tests/faults/faults_net", 2000)
NOTICED_BY = {"dns": DNS, "net": NET, "checks": NET}
# A mutant may take all the memory that there is; AddressSanitizer needs more of the address space.
MOST_KIB = 4 << 20
SLICE = 50  # scenarios: most mutants are noticed in the first ones
PATIENCE = 3600  # seconds for a slice: many times what it takes, as a hang is noticed, too


def run(program, count, sanitized, **environment):
    """(how it ended, seconds); "ok": nothing was noticed."""
    limit = "" if sanitized else f"ulimit -v {MOST_KIB}; "
    start = time.monotonic()
    for first in range(1, count + 1, SLICE):
        try:
            done = subprocess.run(["bash", "-c", f'{limit}exec "$0" "$@"', program, str(SLICE), str(first)], capture_output=True, text=True,
                                  errors="replace", env={**os.environ, **environment}, timeout=PATIENCE, check=False)
        except subprocess.TimeoutExpired:
            return f"hangs in the {SLICE} scenarios from seed {first}", time.monotonic() - start
        if done.returncode != 0:
            # The first complaint is enough to see why.
            lines = [line.strip() for line in (done.stdout + done.stderr).splitlines()]
            said = [line for line in lines if line and not line.startswith("seed ") and "scenarios from seed" not in line]
            return (said or [f"exit status {done.returncode}"])[0][:110], time.monotonic() - start
    return "ok", time.monotonic() - start


def main():
    build_directory, root = (Path(os.path.abspath(word)) for word in sys.argv[1:3])
    wanted = sys.argv[3] if len(sys.argv) > 3 else ""
    subprocess.run(["ninja", "faults_dns", "faults_net"], cwd=build_directory, check=True, stdout=subprocess.DEVNULL)
    sanitized = "-fsanitize=" in (build_directory / "compile_commands.json").read_text()
    header = (Path(__file__).parent / "defences.h").read_text()
    listed = read_list((Path(__file__).parent / "defences.txt").read_text())
    chosen = [(number, *each) for number, each in enumerate(listed, 1) if wanted in each[0] + ": " + "\n".join(each[1])]
    sources = {file: (root / "lib" / file).read_text() for _, file, _ in chosen}
    alive = 0
    with tempfile.TemporaryDirectory(prefix="maildiag-defences-") as name, ThreadPoolExecutor(os.cpu_count()) as pool:
        for (target, count) in (DNS, NET):
            runs = {}  # what is to be run -> the mutant
            mutants = [each for each in chosen if NOTICED_BY[each[1].split("/")[0]][0] == target]
            for layer in layers(mutants, sources):
                program = build(Path(tempfile.mkdtemp(dir=name)), build_directory, root, target, layer, pool, header)
                ended, _ = run(program, count, sanitized)
                if ended != "ok":
                    sys.exit(f"{target} fails without a mutant: {ended}")
                runs.update({partial(run, program, count, sanitized, MAILDIAG_MUTANT=str(each[0])): each for each in layer})
            waiting = {pool.submit(call): mutant for call, mutant in runs.items()}
            for result in as_completed(waiting):
                (_, file, lines), (ended, seconds) = waiting[result], result.result()
                alive += ended == "ok"
                print(f"{'LIVES ' if ended == 'ok' else 'killed'} {seconds:4.0f} s  {file}: {' & '.join(lines)}\n               {ended}", flush=True)
    print(f"{len(chosen)} mutants, {alive} of them live")
    return 1 if alive or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
