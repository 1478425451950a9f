#!/usr/bin/env python3
"""The configuration as a user meets it: layers, errors, `config check` and `config show`.

    config.py PROGRAM SOURCE_ROOT
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    root = Path(sys.argv[2])
    faults = []
    with tempfile.TemporaryDirectory() as home:
        file = Path(home) / "maildiag/maildiag.toml"
        file.parent.mkdir()

        def run(*words, **variables):
            clean = {name: value for name, value in os.environ.items() if not name.startswith("MAILDIAG_")}
            return subprocess.run([sys.argv[1], *words], capture_output=True, text=True, timeout=60,
                                  env={**clean, "XDG_CONFIG_HOME": home, "LC_ALL": "C", **variables})

        def expect(wanted, found, what):
            if wanted != found:
                faults.append(f"{what}: expected {wanted!r}, found {found!r}")

        def setting(key, *words, **variables):
            done = run("config", "show", "--format", "json", *words, **variables)
            settings = json.loads(done.stdout)["result"]["settings"]
            return next((each["value"], each["origin"]) for each in settings if each["key"] == key)

        places = ["/etc/maildiag/maildiag.toml", str(file)]
        expect(places, json.loads(run("config", "check", "--format", "json").stdout)["result"]["searched"], "the usual places")
        if str(file) not in run("config", "check").stdout:
            faults.append("it is not told where a configuration file is looked for")
        typo = run("config", "check", MAILDIAG_TIMEOT="5")
        expect(1, typo.returncode, "a variable of no setting")
        if "MAILDIAG_TIMEOT" not in typo.stdout:
            faults.append(f"the variable of no setting is not named: {typo.stdout}")

        # The file that is installed: as it is, and with all that is commented out.
        settings = {each["key"] for each in json.loads(run("config", "show", "--format", "json").stdout)["result"]["settings"]}
        shipped = (root / "tools/examples/maildiag.toml").read_text(encoding="utf-8")
        file.write_text(shipped)
        expect(0, run("config", "check").returncode, "the file that is installed")
        awake = re.sub(r"^# ([a-z-]+ = )", r"\1", shipped, flags=re.MULTILINE).replace('"..."', '"abcdefabcdef"')
        own_rules = Path(home) / "rules.d"
        own_rules.mkdir()
        certificates = str(Path(home) / "company.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                        os.devnull, "-out", certificates, "-subj", "/CN=Company", "-days", "30"], check=True, capture_output=True)
        file.write_text(awake.replace("/etc/ssl/certs/company.pem", certificates).replace("/usr/local/share/maildiag/rules", str(own_rules)))
        file.chmod(0o600)
        shown = run("config", "show", "--format", "json")
        held = {each["key"]: each["origin"] for each in json.loads(shown.stdout or '{"result":{"settings":[]}}')["result"]["settings"]}
        for key in sorted(settings):
            if not held.get(key, "").startswith(str(file)):
                faults.append(f"the installed file does not show {key}, or not as it is written: {held.get(key)} {shown.stderr}")
        for language in ("", "ko"):
            page = (root / "man" / language / "maildiag.toml.5").read_text(encoding="utf-8")
            told = dict(re.findall(r"^\.It Va ([a-z-]+) Pq Ev (MAILDIAG_\w+)", page, re.MULTILINE))
            for key in settings:
                name = key.removeprefix("dnsbl.")
                variable = "MAILDIAG_" + key.upper().replace(".", "_").replace("-", "_")
                expect(variable, told.get(name), f"{language or 'en'}: the variable of {key} in maildiag.toml(5)")
        file.unlink()

        file.write_text('timeout = 4\nlang = "ko"\n\n[dnsbl.keys]\nspamhaus-dqs = "abcdefabcdef"\n')
        file.chmod(0o600)
        expect((4, f"{file}:1"), setting("timeout"), "a file over the default")
        expect((5, "MAILDIAG_TIMEOUT"), setting("timeout", MAILDIAG_TIMEOUT="5"), "the environment over a file")
        expect((6, "--timeout"), setting("timeout", "--timeout", "6", MAILDIAG_TIMEOUT="5"), "an option over all")
        expect(("****", f"{file}:5"), setting("dnsbl.keys.spamhaus-dqs"), "a key is masked")
        check = run("config", "check")
        expect(0, check.returncode, "config check")
        if "문제가 없습니다" not in check.stdout:
            faults.append(f"the file's language does not hold: {check.stdout}")
        if "abcdefabcdef" in run("config", "show").stdout:
            faults.append("config show shows a key")

        # The value of an option, and no target behind it.
        zone = Path(home) / "example.test"
        zone.write_text("$ORIGIN example.test.\n@ 60 IN SOA ns root 1 3600 600 86400 60\n@ 60 IN MX 10 mail\n")
        for words in (["--lang", "en"], ["--color", "never"], ["--timeout", "2"], ["--tries", "2"], ["--window", "5"], ["--rate", "5"]):
            done = run("mxcheck", "--zone", str(zone), *words, "example.test")
            if "example.test" not in done.stdout:
                faults.append(f"{words} before a target: {done.stderr}")

        refused = run("config", "check", "--lang", "ko", MAILDIAG_TRIES="99")
        expect(78, refused.returncode, "a variable out of its range")
        if "필요한 값: 1~20의 정수" not in refused.stderr:
            faults.append(f"a fault of the configuration, in the language asked for: {refused.stderr}")

        file.chmod(0o644)
        doubtful = run("config", "check", "--lang", "en")
        expect(1, doubtful.returncode, "a file with keys that everybody may read")
        if "config.world-readable" not in run("config", "check", "--format", "json").stdout:
            faults.append(f"the open file is not told of: {doubtful.stdout}")

        # A key in front of a zone is one, too; a zone without one may be read by everybody.
        for zone, status in (("abcdefabcdefabcdef.zen.dq.spamhaus.net", 1), ("zen.spamhaus.org", 0)):
            file.write_text(f'[dnsbl]\nlists = ["bl.spamcop.net", "{zone}"]\n')
            told = run("config", "check", "--format", "json")
            expect(status, told.returncode, f"an open file with the zone {zone}")
            expect(bool(status), "config.world-readable" in told.stdout, f"the open file with the zone {zone} is told of")
            if "abcdefabcdef" in told.stdout + told.stderr:
                faults.append(f"the key within a zone is shown: {told.stdout}")
        file.chmod(0o600)
        file.write_text('[dnsbl]\nlists = ["abcdefabcdefabcdef.zen.dq.spamhaus.net"]\n')
        expect(0, run("config", "check").returncode, "a closed file with a key within a zone")
        file.chmod(0o644)

        file.write_text("window = 5\ntimout = 3\n")
        wrong = run("rblcheck", "192.0.2.1")
        expect(78, wrong.returncode, "an unknown key stops every command")
        if not wrong.stderr.startswith(f"maildiag: {file}:2: unknown key `timout`"):
            faults.append(f"file, line and key are not named: {wrong.stderr}")
        expect(78, run("config", "check", "--config", "/nowhere/x.toml").returncode, "--config without such a file")
        expect(0, run("config", "check", "--config", "/dev/null").returncode, "--config instead of the wrong file")

        # What the service reads where there are no settings.
        service = (root / "tools/systemd/maildiag-watch.service").read_text(encoding="utf-8")
        file.write_text(re.search(r"^SetCredential=maildiag\.toml:(.*)$", service, re.MULTILINE)[1])
        expect(0, run("config", "check", MAILDIAG_CONFIG=str(file)).returncode, "the settings of a service without any")

        # Settings that cannot be read are a warning to who sits there, and the end of what runs by itself.
        file.unlink()
        file.mkdir()
        world = Path(home) / "lists.test"
        state, zones = ["--state", str(Path(home) / "watch.db")], ["--zone", str(world), "--list", "a.example.test"]
        world.write_text("$ORIGIN example.test.\n@ 60 IN SOA ns root 1 3600 600 86400 60\n2.0.0.127.a 60 IN A 127.0.0.2\n")
        seen = run("rblcheck", "192.0.2.1", *zones)
        expect((0, True), (seen.returncode, f"warning: {file}: cannot be read" in seen.stderr), "a warning")
        line = run("rblcheck", "192.0.2.1", *zones, "--format", "nagios")
        expect((3, True), (line.returncode, line.stdout.startswith(f"MAILDIAG UNKNOWN - {file}: cannot be read")), f"nagios: {line.stdout}")
        expect(78, run("rblcheck", "192.0.2.1", *zones, "--format", "prometheus").returncode, "prometheus")
        watch = ["watch", "--zone", str(world), *state]
        stopped = run(*watch, "192.0.2.1", "--lang", "ko")
        expect((78, "", True), (stopped.returncode, stopped.stdout, "읽을 수 없습니다" in stopped.stderr), f"watch: {stopped.stderr}")
        targets = Path(home) / "watch.toml"
        targets.write_text('[[target]]\nname = "192.0.2.1"\nchecks = ["dnsbl"]\nlists = ["a.example.test"]\n')
        expect(0, run(*watch, "--targets", str(targets), "--config", "/dev/null").returncode, "watch without settings")
        expect(0, run("watch", "history", *state).returncode, "the history is read all the same")
        file.rmdir()
        targets.unlink()
        missing, wrong = run(*watch, "--targets", str(targets)), run(*watch, "--targets", str(file.parent), "--lang", "ko")
        expect((66, True), (missing.returncode, "there is no such file; write it" in missing.stderr), f"no targets: {missing.stderr}")
        expect((66, True), (wrong.returncode, "Is a directory. 이 사용자" in wrong.stderr), f"unreadable targets: {wrong.stderr}")
    print("\n".join(faults) or "no fault found")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
