#!/usr/bin/env python3
"""Does a test fail when a verdict is decided wrongly? Flips each verdict rule of rules/causes.toml, and the decisions of
lib/diagnose that mutants.txt lists, one at a time; a mutant that no unit test notices is a fault.

    run.py BUILD_DIRECTORY SOURCE_ROOT [TEXT]     TEXT: only mutants that it occurs in

All mutants of the C++ sources are compiled at once, each behind a switch that MAILDIAG_MUTANT in the environment turns.
"""

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

LISTS = ["confirmed_by", "confirmed_when_named", "refuted_by", "inconclusive_by"]
OPPOSITE = {"confirmed_by": "refuted_by", "confirmed_when_named": "refuted_by", "refuted_by": "confirmed_by",
            "inconclusive_by": "refuted_by"}
# The examples of the rules take most of the time and decide nothing.
ALL_CASES = "--test-case-exclude=each shipped example*"
RULES_CASES = "--test-case=shipped verdicts*"
SWITCH = """#pragma once
#include <cstdlib>
inline bool maildiag_mutant(int number) {
  static const char* const active = std::getenv("MAILDIAG_MUTANT");
  return active != nullptr && std::atoi(active) == number;
}
"""


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


# ---- the sources

def source_mutants(text):
    """[(file, line of mutants.txt)]."""
    result, name = [], ""
    for line in text.splitlines():
        if line.startswith("#") or not line:
            continue
        if re.fullmatch(r"\w+\.cc", line):
            name = line
        else:
            result.append((name, line))
    return result


def place(source, line):
    """Where the expression of a mutant stands in the source: (begin, end, expression, replacement)."""
    before, expression, after, new = re.fullmatch(r"(.*?)\[\[(.+)\]\](.*?) => (.+)", line).groups()
    pattern = r"\s+".join(re.escape(word) for word in before.split()) + r"\s*(" + \
              r"\s+".join(re.escape(word) for word in expression.split()) + r")\s*" + \
              r"\s+".join(re.escape(word) for word in after.split())
    found = list(re.finditer(pattern, source))
    if len(found) != 1:
        raise ValueError(f"stands {len(found)} times in the source: {line}")
    return *found[0].span(1), expression, f"!({expression})" if new == "!" else new


def mutated_source(source, numbered):
    """The source with each mutant of [(number, line)] behind its switch."""
    changes = {}
    for number, line in numbered:
        begin, end, expression, new = place(source, line)
        changes.setdefault((begin, end), [expression]).append((number, new))
    spans = sorted(changes)
    if any(a[1] > b[0] for a, b in zip(spans, spans[1:])):
        # Nested ones would have to be written one inside the other.
        raise ValueError(f"mutants overlap: {[source[b:e] for b, e in spans]}")
    for begin, end in reversed(spans):
        text = source[begin:end]
        for number, new in changes[(begin, end)][1:]:
            kept = f"static_cast<bool>({text})" if new in ("true", "false") else f"({text})"
            text = f"(maildiag_mutant({number}) ? ({new}) : {kept})"
        source = source[:begin] + text + source[end:]
    return source


def layers(mutants, sources):
    """Mutants of expressions that overlap go into builds of their own: [[(number, file, line)]]."""
    result = []
    for mutant in mutants:
        _, name, line = mutant
        begin, end, *_ = place(sources[name], line)
        for layer in result:
            spans = [place(sources[n], l)[:2] for _, n, l in layer if n == name]
            if all(e <= begin or end <= b or (b, e) == (begin, end) for b, e in spans):
                layer.append(mutant)
                break
        else:
            result.append([mutant])
    return result


def build(directory, build_directory, root, layer):
    """unit_diagnose with these mutants in it."""
    entries = json.loads((build_directory / "compile_commands.json").read_text())
    entry = next(each for each in entries if "/maildiag_diagnose.dir/" in each["command"] and "cmake_pch" not in each["file"])
    sources = sorted((root / "lib/diagnose").glob("*.cc"))
    (directory / "switch.h").write_text(SWITCH)
    whole = ""
    for source in sources:
        numbered = [(number, line) for number, name, line in layer if name == source.name]
        copy = directory / source.name
        copy.write_text(mutated_source(source.read_text(), numbered))
        whole += f'#include "{copy}"\n'
    (directory / "all.cc").write_text(whole)
    words = shlex.split(entry["command"])
    words = [word for word in words[:words.index("-o")] if not word.endswith("ccache")]
    words += ["-w", "-include", str(directory / "switch.h"), "-o", str(directory / "all.o"), "-c", str(directory / "all.cc")]
    subprocess.run(words, cwd=entry["directory"], check=True)
    link = subprocess.run(["ninja", "-t", "commands", "-s", "tests/unit_diagnose"], cwd=build_directory, check=True, capture_output=True,
                          text=True).stdout
    words = shlex.split(link.replace(": && ", "").replace(" && :", ""))
    words[words.index("-o") + 1] = str(directory / "unit_diagnose")
    library = "lib/libmaildiag_diagnose.a"
    words[words.index(library)] = str(directory / "all.o")
    subprocess.run([word for word in words if word != library], cwd=build_directory, check=True)
    return directory / "unit_diagnose"


# ---- the runs

def survives(program, cases, **environment):
    done = subprocess.run([program, cases, "--abort-after=1"], capture_output=True, timeout=600, env={**os.environ, **environment})
    return done.returncode == 0


def main():
    build_directory, root = (Path(word).resolve() for word in sys.argv[1:3])
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
        listed = source_mutants((Path(__file__).parent / "mutants.txt").read_text())
        chosen = [(number, *each) for number, each in enumerate(listed, 1) if wanted in each[1]]
        sources = {file: (root / "lib/diagnose" / file).read_text() for file in {each[1] for each in chosen}}
        for number, layer in enumerate(layers(chosen, sources)):
            (work / f"build-{number}").mkdir()
            program = build(work / f"build-{number}", build_directory, root, layer)
            if not survives(program, ALL_CASES):
                sys.exit("the tests fail without a mutant")
            runs += [(f"{file}: {line}", program, ALL_CASES, {"MAILDIAG_MUTANT": str(mutant)}) for mutant, file, line in layer]
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
