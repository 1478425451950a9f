"""Mutants of C++ sources: read from a list, placed behind switches, compiled and linked into one program.

A list is FILE, then a line for each mutant: a piece of the file that is there once, with the expression that changes
between [[ and ]], " => ", and what stands there instead (!: its negation). "& " in front: belongs to the mutant above. All
are compiled at once, each behind a switch that MAILDIAG_MUTANT in the environment turns.
"""

import itertools
import json
import os
import re
import shlex
import subprocess
from pathlib import Path

SWITCH = """#pragma once
#include <cstdlib>
inline bool maildiag_mutant(int number) {
  static const char* const active = std::getenv("MAILDIAG_MUTANT");
  return active != nullptr && std::atoi(active) == number;
}
"""


def read_list(text):
    """[(file, [line, ...])], one for each mutant."""
    result, name = [], ""
    for line in text.splitlines():
        if line.startswith("#") or not line:
            continue
        if re.fullmatch(r"[\w/]+\.cc", line):
            name = line
        elif line.startswith("& "):
            result[-1][1].append(line[2:])
        else:
            result.append((name, [line]))
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


def crosses(a, b):
    """Whether they overlap without one being inside the other."""
    return a[0] < b[0] < a[1] < b[1] or b[0] < a[0] < b[1] < a[1]


def mutated_source(source, numbered):
    """The source with each mutant of [(number, line)] behind its switch."""
    changes = {}
    for number, line in numbered:
        begin, end, _, new = place(source, line)
        changes.setdefault((begin, end), []).append((number, new))
    spans = sorted(changes, key=lambda span: (span[0], -span[1]))

    def written(begin, end):
        """The text from begin to end, with what changes inside."""
        text = ""
        while spans and spans[0][1] <= end:
            first, last = span = spans.pop(0)
            inner = written(first, last)  # without the switches of its own
            for number, new in changes[span]:
                kept = f"static_cast<bool>({inner})" if new in ("true", "false") else f"({inner})"
                inner = f"(maildiag_mutant({number}) ? ({new}) : {kept})"
            text += source[begin:first] + inner
            begin = last
        return text + source[begin:end]

    if any(crosses(a, b) for a, b in itertools.combinations(spans, 2)):
        raise ValueError(f"mutants cross: {[source[begin:end] for begin, end in spans]}")
    return written(0, len(source))


def layers(mutants, sources):
    """Mutants of expressions that cross each other go into builds of their own: [[(number, file, lines)]]."""
    result = []
    for mutant in mutants:
        _, name, lines = mutant
        own = [place(sources[name], line)[:2] for line in lines]
        for layer in result:
            spans = [place(sources[n], line)[:2] for _, n, ls in layer if n == name for line in ls]
            if not any(crosses(one, other) for one in spans for other in own):
                layer.append(mutant)
                break
        else:
            result.append([mutant])
    return result


def entry_of(build_directory, source):
    """(entry of compile_commands.json, text of what it compiles): a source may be one of a batch."""
    for entry in json.loads((build_directory / "compile_commands.json").read_text()):
        file = Path(entry["file"])
        if file == source:
            return entry, f'#include "{source}"\n'
        if file.name.startswith("unity_") and f'"{source}"' in (text := file.read_text()):
            return entry, text
    raise ValueError(f"nothing compiles {source}")


def compile_command(entry, header, source, target):
    words = shlex.split(entry["command"])
    words = [word for word in words[:words.index("-o")] if not word.endswith("ccache")]
    return [*words, "-w", "-include", str(header), "-o", str(target), "-c", str(source)]


def build(directory, build_directory, root, program, layer, pool, header=""):
    """`program` (a target of Ninja) with these mutants in it. `header`: what they need besides."""
    (directory / "switch.h").write_text(SWITCH + header)
    units = {}  # the file that is compiled -> (entry, text)
    for name in sorted({each[1] for each in layer}):
        source = root / "lib" / name
        numbered = [(number, line) for number, file, lines in layer if file == name for line in lines]
        copy = directory / name.replace("/", "-")
        copy.write_text(mutated_source(source.read_text(), numbered))
        entry, text = entry_of(build_directory, source)
        text = units.get(entry["file"], (entry, text))[1]
        units[entry["file"]] = (entry, text.replace(f'"{source}"', f'"{copy}"'))
    objects, commands = [], []
    for number, (entry, text) in enumerate(units.values()):
        unit, target = directory / f"unit-{number}.cc", directory / f"unit-{number}.o"
        unit.write_text(text)
        objects.append(str(target))
        commands.append((compile_command(entry, directory / "switch.h", unit, target), entry["directory"]))
    for _ in pool.map(lambda command: subprocess.run(command[0], cwd=command[1], check=True), commands):
        pass
    link = subprocess.run(["ninja", "-t", "commands", "-s", program], cwd=build_directory, check=True, capture_output=True, text=True).stdout
    words = shlex.split(link.replace(": && ", "").replace(" && :", ""))
    output = words.index("-o") + 1
    words[output] = str(directory / os.path.basename(program))
    # Ahead of the libraries, whose objects with the same symbols are not taken then.
    subprocess.run([*words[:output + 1], *objects, *words[output + 1:]], cwd=build_directory, check=True)
    return directory / os.path.basename(program)
