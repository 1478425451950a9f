"""The command line of a script that checks a source tree, or itself."""

import sys


def run(usage, faults, self_test):
    """`faults(root)` and `self_test()` return lines that say what is wrong; prints them, exits 1 if there is one."""
    if len(sys.argv) != 2:
        sys.exit(usage)
    found = self_test() if sys.argv[1] == "--self-test" else faults(sys.argv[1])
    print("\n".join(found) or "no fault found")
    sys.exit(1 if found else 0)
