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
# The examples of the rules take most of the time and decide nothing.
ALL_CASES = "--test-case-exclude=each shipped example*"
RULES_CASES = "--test-case=shipped verdicts*"


# ---- the rules

def with_list(block, key, ids):
    line = f"{key} = {json.dumps(ids)}"
    if re.search(rf"(?m)^{key} = ", block):
        return re.sub(rf"(?m)^{key} = .*$", lambda _: line, block)
    return block.replace("\n", f"\n{line}\n", 1)  # behind [[cause]]


def rule_mutants(text):
    """(what was changed, the whole file)."""
    head, *blocks = re.split(r"(?m)^(?=\[\[cause\]\]$)", text)
    for number, block in enumerate(blocks):
        cause = tomllib.loads(block)["cause"][0]
        changed = {}
        for key in LISTS:
            for id_ in cause.get(key, []):
                rest = with_list(block, key, [each for each in cause[key] if each != id_])
                changed[f"{key} without {id_}"] = rest
                other = OPPOSITE[key]
                changed[f"{id_} from {key} to {other}"] = with_list(rest, other, [*cause.get(other, []), id_])
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
            yield f"causes.toml: {cause['id']}: {what}", head + "".join([*blocks[:number], mutated, *blocks[number + 1:]])


# ---- the runs

def survives(program, cases, **environment):
    done = subprocess.run([program, cases, "--abort-after=1"], capture_output=True, timeout=600, env={**os.environ, **environment})
    return done.returncode == 0


def main():
    build_directory, root = (Path(os.path.abspath(word)) for word in sys.argv[1:3])
    wanted = sys.argv[3] if len(sys.argv) > 3 else ""
    with tempfile.TemporaryDirectory(prefix="maildiag-mutants-") as name, ThreadPoolExecutor(os.cpu_count()) as pool:
        work = Path(name)
        runs = []  # (what, program, test cases, environment)
        plain = build_directory / "tests/unit_diagnose"
        rules = [each for each in rule_mutants((root / "rules/causes.toml").read_text()) if wanted in each[0]]
        for number, (what, text) in enumerate(rules):
            (work / f"rules-{number}").mkdir()
            (work / f"rules-{number}/causes.toml").write_text(text)
            runs.append((what, plain, RULES_CASES, {"MAILDIAG_MUTATED_RULES": str(work / f"rules-{number}")}))
        listed = read_list((Path(__file__).parent / "mutants.txt").read_text())
        chosen = [(number, *each) for number, each in enumerate(listed, 1) if wanted in each[1][0]]
        sources = {file: (root / "lib" / file).read_text() for file in {each[1] for each in chosen}}
        for number, layer in enumerate(layers(chosen, sources)):
            (work / f"build-{number}").mkdir()
            program = build(work / f"build-{number}", build_directory, root, "tests/unit_diagnose", layer, pool)
            if not survives(program, ALL_CASES):
                sys.exit("the tests fail without a mutant")
            runs += [(f"{file}: {lines[0]}", program, ALL_CASES, {"MAILDIAG_MUTANT": str(mutant)}) for mutant, file, lines in layer]
        same = work / "same"
        same.mkdir()
        (same / "causes.toml").write_bytes((root / "rules/causes.toml").read_bytes())
        if not survives(plain, RULES_CASES, MAILDIAG_MUTATED_RULES=str(same)):
            sys.exit("the tests fail with the rules as they are")
        alive = list(pool.map(lambda run: survives(*run[1:3], **run[3]), runs))
    survivors = [run[0] for run, lives in zip(runs, alive) if lives]
    for what in survivors:
        print(f"no test notices: {what}")
    print(f"{len(runs)} mutants ({len(rules)} of the rules), {len(survivors)} of them live")
    return 1 if survivors or not runs else 0


if __name__ == "__main__":
    sys.exit(main())
