#!/usr/bin/env python3
"""What the linker and the compiler left in the installed files against those who find a fault to use:
hardened.py PROGRAM LIBRARY UNIT

First proves on a program built without any of it that each of the checks can fail.
"""

import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

# systemd's scale of 0 (nothing can go wrong) to 10. What is left is the network, which the service needs.
MOST_EXPOSURE = 1.3


def readelf(option, file):
    return subprocess.run(["readelf", "--wide", option, file], check=True, capture_output=True, text=True).stdout


def has_landing_pads(octets, segments, symbols):
    """Every function that can be called from outside begins with endbr64 (IBT), and so do many others."""
    loads = [[int(word, 16) for word in line.split()[1:5]] for line in segments.splitlines() if re.match(r"\s+LOAD ", line)]
    pad = b"\xf3\x0f\x1e\xfa"
    for line in symbols.splitlines():
        words = line.split()
        if len(words) < 8 or words[3] != "FUNC" or words[6] == "UND":
            continue
        address = int(words[1], 16)
        offset = next(address - start + at for at, start, _, size in loads if start <= address < start + size)
        if octets[offset:offset + 4] != pad:
            return False
    return octets.count(pad) > 100


def faults(file, position_independent_program):
    """Names of the defences that the file lacks."""
    header, segments, dynamic = readelf("-h", file), readelf("-l", file), readelf("-d", file)
    symbols, notes = readelf("--dyn-syms", file), readelf("-n", file)
    flags = [line.split()[6] for line in segments.splitlines() if re.match(r"\s+GNU_STACK ", line)]
    loads = [re.search(r"\s((?:R|W|E|\s){1,3})\s+0x[0-9a-f]+$", line).group(1)
             for line in segments.splitlines() if re.match(r"\s+LOAD ", line)]
    checks = {
        "PIE": re.search(r"Type:\s+DYN", header) and (not position_independent_program or "PIE" in dynamic),
        "RELRO": "GNU_RELRO" in segments,
        "BIND_NOW": "BIND_NOW" in dynamic or re.search(r"FLAGS_1.*NOW", dynamic),
        "no text relocations": "TEXTREL" not in dynamic,
        "non-executable stack": flags == ["RW"],
        "no memory that is written and run": loads and not any("W" in load and "E" in load for load in loads),
        "stack protector": "__stack_chk_fail" in symbols,
        "FORTIFY": re.search(r"\s__(?!stack)\w+_chk\b", symbols),
        # An installation finds its library beside itself, wherever it stands; Debian's packages have no path at all (see
        # tests/debian/installed).
        "no search path but beside itself": set(re.findall(r"\((?:RPATH|RUNPATH)\).*\[(.*)\]", dynamic)) <= {"$ORIGIN/../lib"},
    }
    if re.search(r"Machine:.*X86-64", header):
        # The linker keeps the note only where the system's own start-up files have it, which Debian 12's have not.
        start = subprocess.run(["c++", "-print-file-name=crti.o"], check=True, capture_output=True, text=True).stdout.strip()
        wanted = "IBT, SHSTK" in readelf("-n", start)
        checks["CET"] = "IBT, SHSTK" in notes if wanted else has_landing_pads(Path(file).read_bytes(), segments, symbols)
    return [name for name, ok in checks.items() if not ok]


def expect_all_to_fail():
    source = '#include <cstring>\n#include <cstdio>\nint main(int c, char** v) { char b[9]; strcpy(b, v[c - 1]); puts(b); }\n'
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder, "bare")
        subprocess.run([shutil.which("c++"), "-x", "c++", "-", "-o", bare, "-O0", "-w", "-fno-pie", "-no-pie",
                        "-fno-stack-protector", "-U_FORTIFY_SOURCE", "-fcf-protection=none", "-Wl,-z,norelro,-z,lazy",
                        "-Wl,-z,execstack", "-Wl,-rpath,/tmp"], input=source, text=True, check=True)
        missed = {"PIE", "RELRO", "BIND_NOW", "non-executable stack",
                  "stack protector", "FORTIFY", "CET", "no search path but beside itself"} - set(faults(bare, True))
    if platform.machine() != "x86_64":
        missed.discard("CET")
    assert not missed, f"a program without any hardening passes {missed}"


def exposure(unit):
    """As systemd judges the service, and whether system calls are filtered; None: no systemd here."""
    if shutil.which("systemd-analyze") is None:
        return None
    run = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", unit], capture_output=True, text=True)
    found = re.search(r"exposure level for \S+: ([\d.]+)", run.stdout)
    assert found, run.stdout + run.stderr
    return float(found.group(1))


def check_unit(unit):
    text = Path(unit).read_text()
    for line in ("SystemCallFilter=@system-service", "SystemCallFilter=~@privileged @resources", "NoNewPrivileges=yes",
                 "SystemCallArchitectures=native", "UMask=0027", "StateDirectoryMode=0750", "MemoryMax=256M",
                 "LoadCredential=maildiag.toml:/etc/maildiag/maildiag.toml", "Environment=MAILDIAG_CONFIG=%d/maildiag.toml"):
        assert f"\n{line}\n" in text, f"{unit} lacks {line}"
    with tempfile.TemporaryDirectory() as folder:
        # systemd looks for the program, which is not installed where the unit will be.
        absolute = Path(folder, Path(unit).name)
        absolute.write_text(text.replace("ExecStart=maildiag", "ExecStart=/bin/true"))
        level = exposure(absolute)
        if level is None:
            print("SKIPPED: no systemd-analyze, so the service's sandbox is not judged")
            return
        assert level <= MOST_EXPOSURE, f"the exposure of {unit} is {level}, not {MOST_EXPOSURE}"
        absolute.write_text("[Service]\nExecStart=/bin/true\n")
        assert exposure(absolute) > 9, "a service without a sandbox is judged as if it had one"


def main():
    program, library, unit = sys.argv[1:]
    expect_all_to_fail()
    failed = False
    for file, is_program in ((program, True), (library, False)):
        for fault in faults(file, is_program):
            print(f"{file}: {fault}: missing")
            failed = True
    check_unit(unit)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
