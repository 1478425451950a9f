#!/usr/bin/env python3
"""Does each mutant of mutants.txt and defences.txt still have its place in the sources, once, and somebody to notice it?

    placed.py SOURCE_ROOT
"""

import sys
from pathlib import Path

from defences import NOTICED_BY
from mutants import place, read_list


def main():
    root, faults = Path(sys.argv[1]), []
    for name in ("mutants.txt", "defences.txt"):
        listed = read_list((Path(__file__).parent / name).read_text())
        if not listed:
            faults.append(f"{name}: no mutants")
        for file, lines in listed:
            if name == "defences.txt" and file.split("/")[0] not in NOTICED_BY:
                faults.append(f"{name}: {file}: nobody has to notice")
            for line in lines:
                try:
                    place((root / "lib" / file).read_text(), line)
                except (AttributeError, OSError, ValueError) as fault:  # AttributeError: is no line of a mutant
                    faults.append(f"{name}: {file}: {line}: {fault}")
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
