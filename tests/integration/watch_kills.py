#!/usr/bin/env python3
"""Kills `maildiag watch` with SIGKILL at random moments while listings come and go, and proves from what all runs
together have told that no change was lost or told twice.

    watch_kills.py PROGRAM [KILLS [SEED]]     25 kills where no number is given

The second half kills the whole process group, as systemd or a power cut would: there a change may be told again, but then
it says so.
"""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ADDRESSES = [f"198.51.100.{number}" for number in range(1, 21)]


class World:
    def __init__(self, directory, dice):
        self.dice = dice
        self.zone = directory / "zone"
        self.listed = set()
        self.write()

    def write(self):
        entries = [f"{'.'.join(reversed(address.split('.')))}.list.example. IN A 127.0.0.2\n" for address in sorted(self.listed)]
        self.zone.write_text("$TTL 60\nexample. IN SOA ns root 1 3600 600 86400 60\n2.0.0.127.list.example. IN A 127.0.0.2\n" + "".join(entries))

    def turn(self):
        self.listed ^= set(self.dice.sample(ADDRESSES, self.dice.randrange(1, 8)))
        self.write()


def launch(program, directory):
    return subprocess.Popen([program, "watch", "--format", "json", "--state", directory / "watch.db", "--zone", directory / "zone",
                             "--targets", directory / "watch.toml"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            start_new_session=True)


def told_by(output):
    """What was told whole: a process group that is killed may leave half a line, which is told again then."""
    whole = output[:output.rfind("\n") + 1]
    return [finding for line in whole.splitlines() for finding in json.loads(line)["findings"]]


def kill_one(program, directory, dice, usual, whole_group):
    """Starts a run and kills it somewhere between its first instruction and its usual end."""
    run = launch(program, directory)
    time.sleep(dice.random() * usual * 1.1)
    try:
        (os.killpg if whole_group else os.kill)(run.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    # The end of the output: also of a process that finishes telling.
    output, errors = run.communicate(timeout=240)
    if run.returncode not in (-signal.SIGKILL, 0, 1, 2):
        raise SystemExit(f"a run ended with {run.returncode}: {errors}")
    return told_by(output), run.returncode == -signal.SIGKILL


def finish(program, directory):
    run = launch(program, directory)
    output, errors = run.communicate(timeout=240)
    if not output.endswith("\n") and output:
        raise SystemExit(f"half a line of a run that nobody killed: {output[-80:]}")
    if run.returncode not in (0, 1, 2):
        raise SystemExit(f"the history does not open after the kills: {run.returncode}: {errors}")
    return told_by(output)


def faults_of(told, world, directory):
    faults = []
    seen, standing = set(), {}
    # One report may tell of two runs; the number of an event is its place in time.
    for finding in sorted(told, key=lambda each: each["data"]["event"]):
        event, doubt = finding["data"]["event"], finding["data"]["in_doubt"]
        if event in seen:
            if not doubt:
                faults.append(f"event {event} was told twice")
            continue
        seen.add(event)
        if not finding["data"]["target"]:
            continue
        now = finding["id"] in ("watch.newly-listed", "watch.found-listed")
        if standing.get(finding["subject"], False) == now:
            faults.append(f"{finding['subject']}: {finding['id']} without the change before it")
        standing[finding["subject"]] = now
    if {address for address, listed in standing.items() if listed} != world.listed:
        faults.append("what was told does not lead to how it is")
    with sqlite3.connect(directory / "watch.db") as database:
        stored = {row[0] for row in database.execute("SELECT id FROM event")}
        untold = database.execute("SELECT count(*) FROM event WHERE told IS NULL").fetchone()[0]
        if database.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
            faults.append("the history is damaged")
    if stored != seen:
        faults.append(f"stored and never told, or the reverse: {sorted(stored ^ seen)}")
    if untold:
        faults.append(f"{untold} events are not marked as told")
    return faults


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    program, kills = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 25
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.SystemRandom().randrange(10**9)
    dice = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="maildiag-kills-") as name:
        directory = Path(name)
        os.environ["GCOV_PREFIX"] = name  # what a killed run has half written would spoil the counts of the other tests
        world = World(directory, dice)
        (directory / "watch.toml").write_text("".join(
            f"[[target]]\nname = '{address}'\nchecks = ['dnsbl']\nlists = ['list.example']\n" for address in ADDRESSES))
        told = finish(program, directory)
        start = time.monotonic()
        told += finish(program, directory)
        usual = time.monotonic() - start
        killed = 0
        for number in range(kills):
            world.turn()
            more, was_killed = kill_one(program, directory, dice, usual, number >= kills // 2)
            told += more
            killed += was_killed
        told += finish(program, directory)
        faults = faults_of(told, world, directory)
    again = sum(finding["data"]["in_doubt"] for finding in told)
    print(f"seed {seed}: {killed} of {kills} runs killed, {len(told)} events told, {again} of them said to be perhaps told before")
    print("\n".join(faults) or "nothing lost, nothing told twice")
    sys.exit(1 if faults or killed == 0 else 0)


if __name__ == "__main__":
    main()
