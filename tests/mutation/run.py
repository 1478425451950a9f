#!/usr/bin/env python3
"""Does a test fail when a verdict is decided wrongly? Flips each verdict rule of rules/causes.toml, and the decisions of
lib/diagnose that mutants.txt lists, one at a time; a mutant that no unit test notices is a fault.

    run.py BUILD_DIRECTORY SOURCE_ROOT [TEXT]     TEXT: only mutants that it occurs in
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from mutants import build, layers, read_list

LISTS = ["confirmed_by", "confirmed_when_named", "refuted_by", "inconclusive_by"]
OPPOSITE = {"confirmed_by": "refuted_by", "confirmed_when_named": "refuted_by", "refuted_by": "confirmed_by",
            "inconclusive_by": "refuted_by"}
# What these try takes most of the time, and notices nothing that the others do not.
CASES = ["--test-case-exclude=each shipped example*,a hostile text costs*", "--source-file-exclude=*bursts_test*,*summary_test*,*cause_checks_test*"]
RULES_CASE = ["--no-skip", "--test-case=mutated rules"]
SAME = "as they are"


# ---- the rules

def with_list(block, key, ids):
    line = f"{key} = {json.dumps(ids)}"
    if re.search(rf"(?m)^{key} = ", block):
        return re.sub(rf"(?m)^{key} = .*$", lambda _: line, block)
    return block.replace("\n", f"\n{line}\n", 1)  # behind [[cause]]


def rule_mutants(text):
    """(what was changed, the cause that takes the place of the shipped one)."""
    for block in re.split(r"(?m)^(?=\[\[cause\]\]$)", text)[1:]:
        cause = tomllib.loads(block)["cause"][0]
        changed = {}
        for key in LISTS:
            for id_ in cause.get(key, []):
                rest = with_list(block, key, [each for each in cause[key] if each != id_])
                changed[f"{key} without {id_}"] = rest
                other = OPPOSITE[key]
                changed[f"{id_} from {key} to {other}"] = with_list(rest, other, [*cause.get(other, []), id_])
        for id_ in cause.get("checks", []):
            changed[f"checks without {id_}"] = with_list(block, "checks", [each for each in cause["checks"] if each != id_])
        changed["untestable flipped"] = (re.sub(r"(?m)^untestable = true\n", "", block) if cause.get("untestable")
                                         else block.replace("\n", "\nuntestable = true\n", 1))
        for key in ("match_fact", "refines"):
            if key in cause:
                changed[f"no {key}"] = re.sub(rf"(?m)^{key} = .*\n", "", block)
        if "alternative_rank" in cause:
            far = 1 if cause["alternative_rank"] > 50 else 999
            changed["at the other end of the alternatives"] = re.sub(r"(?m)^(alternative_rank = ).*$", rf"\g<1>{far}", block)
        for what, mutated in changed.items():
            if tomllib.loads(mutated)["cause"][0] == cause:
                raise ValueError(f"{cause['id']}: {what}: nothing changed")
            yield f"causes.toml: {cause['id']}: {what}", mutated


# ---- the runs

def survives(program, mutant):
    done = subprocess.run([program, *CASES, "--abort-after=1"], capture_output=True, timeout=600, check=False,
                          env={**os.environ, "MAILDIAG_MUTANT": str(mutant)})
    return done.returncode == 0


def surviving_rules(program, work, rules):
    """All in one process: to start it takes longer than to try one."""
    for name, text in [(SAME, ""), *((str(number), each[1]) for number, each in enumerate(rules))]:
        (work / name).mkdir(parents=True)
        (work / name / "causes.toml").write_text(text)
    done = subprocess.run([program, *RULES_CASE], capture_output=True, text=True, timeout=600, check=False,
                          env={**os.environ, "MAILDIAG_MUTATED_RULES": str(work)})
    unnoticed = set(re.findall(r"(?m)^unnoticed (.+)$", done.stdout))
    if done.returncode != 0 or SAME not in unnoticed:
        sys.exit(f"the tests fail with the rules as they are\n{done.stdout}{done.stderr}")
    return [rules[int(name)][0] for name in sorted(unnoticed - {SAME}, key=int)]


def surviving_sources(build_directory, root, work, wanted, pool):
    """(number of mutants, those that live)."""
    listed = read_list((Path(__file__).parent / "mutants.txt").read_text())
    chosen = [(number, *each) for number, each in enumerate(listed, 1) if wanted in f"{each[0]}: {each[1][0]}"]
    sources = {file: (root / "lib" / file).read_text() for file in {each[1] for each in chosen}}
    survivors = []
    for number, layer in enumerate(layers(chosen, sources)):
        (work / f"build-{number}").mkdir()
        program = build(work / f"build-{number}", build_directory, root, "tests/unit_diagnose", layer, pool)
        if not survives(program, 0):
            sys.exit("the tests fail without a mutant")
        alive = pool.map(lambda mutant, program=program: survives(program, mutant[0]), layer)
        survivors += [f"{file}: {lines[0]}" for (_, file, lines), lives in zip(layer, alive) if lives]
    return len(chosen), survivors


def main():
    build_directory, root = (Path(os.path.abspath(word)) for word in sys.argv[1:3])
    wanted = sys.argv[3] if len(sys.argv) > 3 else ""
    rules = [each for each in rule_mutants((root / "rules/causes.toml").read_text()) if wanted in each[0]]
    with tempfile.TemporaryDirectory(prefix="maildiag-mutants-") as name, ThreadPoolExecutor(os.cpu_count()) as pool:
        work = Path(name)
        survivors = surviving_rules(build_directory / "tests/unit_diagnose", work / "rules", rules)
        count, alive = surviving_sources(build_directory, root, work, wanted, pool)
    for what in survivors + alive:
        print(f"no test notices: {what}")
    print(f"{len(rules) + count} mutants ({len(rules)} of the rules), {len(survivors + alive)} of them live")
    return 1 if survivors or alive or not (rules or count) else 0


if __name__ == "__main__":
    sys.exit(main())
