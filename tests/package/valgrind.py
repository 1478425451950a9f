#!/usr/bin/env python3
"""Every subcommand runs once under valgrind's memcheck, as it is released: no wrong access, no use of what was never set, no
memory that nothing points to any more. Servers are on loopback, DNS is of tests/data.

    valgrind.py PROGRAM SOURCE_ROOT
    valgrind.py --self-test
"""

import http.server
import json
import os
import re
import shutil
import socketserver
import ssl
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
import test_ca  # noqa: E402

MEMCHECK = ["valgrind", "--quiet", "--error-exitcode=99", "--leak-check=full", "--errors-for-leak-kinds=definite",
            "--show-leak-kinds=definite", "--num-callers=30", f"--suppressions={Path(__file__).resolve().with_suffix('.supp')}"]
SEVERAL_MINUTES = 300
RDAP = {"objectClassName": "domain", "ldhName": "example.com", "status": ["active"], "nameservers": [{"ldhName": "ns.example.com"}]}
POLICY = "version: STSv1\r\nmode: enforce\r\nmx: mx.example.com\r\nmax_age: 604800\r\n"
# What example.zone lacks: hosts that are asked over HTTPS, a DKIM key, policies.
ZONE = """$TTL 300
$ORIGIN policy.example.
@ SOA ns admin 1 3600 600 86400 300
@ NS ns
@ MX 10 mx.example.com.
ns A 203.0.113.53
@ TXT "v=spf1 mx -all"
_dmarc TXT "v=DMARC1; p=quarantine; rua=mailto:dmarc@policy.example"
_mta-sts TXT "v=STSv1; id=1"
mta-sts A 203.0.113.80
_smtp._tls TXT "v=TLSRPTv1; rua=mailto:tls@policy.example"
default._bimi TXT "v=BIMI1; l=https://mta-sts.policy.example/logo.svg"
s1._domainkey TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
$ORIGIN verisign.com.
@ SOA ns admin 1 3600 600 86400 300
@ NS ns
rdap A 198.41.0.4
"""
# Command lines as a user writes them; {} are paths of the world, a number the exit status where it is not that of a check.
# Each subcommand and action is there (see missing()).
RUNS = """
explain {bounces}/ptr-missing.eml {bounces}/nate-cp949.eml --zone {zone}
65 explain {bounces} --no-checks --format json
explain --reply "550 5.7.1 Client host [203.0.113.99] blocked using zen.spamhaus.org" --ip 203.0.113.99 --zone {zone} -v
explain --log {logs}/postfix.log --year 2026 --no-checks --lang ko
explain --log {archive} --year 2026 --no-checks --summary --stats
explain --log {logs}/exim-mainlog.log --year 2026 --no-checks --summary --format json --output {work}/part.json
summary merge {part} {part}
mxcheck example.com --zone {zone} {reach} --format json
report policy.example --zone {policy} --zone {zone} {reach} --format html
ptrcheck 203.0.113.25 203.0.113.7 --zone {zone} --format nagios
spfcheck example.com --zone {zone}
spfcheck example.com --zone {zone} --ip 203.0.113.7 --sender alice@example.com -v
dkimcheck policy.example --selector s1 --zone {policy}
dkimcheck --message {sealed} --zone {sealed_zone}
dmarccheck policy.example --zone {policy} --format prometheus
bimicheck policy.example --zone {policy} {reach}
tlscheck policy.example --zone {policy} --zone {zone} {reach}
smtpcheck mx.example.com --host --zone {zone} {reach}
rblcheck 203.0.113.99 203.0.113.7 --list zen.spamhaus.org --zone {zone} -v
rblcheck -f {addresses} --list zen.spamhaus.org --zone {zone} --record {work}/recorded
reputation 203.0.113.7 example.com --zone {zone}
whois example.com --zone {policy} {reach}
lookup any example.com --zone {zone}
lookup https https://mta-sts.policy.example/ --zone {policy} {reach}
watch 203.0.113.99 --state {work}/watch.db --zone {zone} --webhook http://127.0.0.1:{hook}/
watch history --state {history}
watch prune --state {work}/pruned.db --keep 1d
rules list
rules show daum.das41
rules test
rules lint
findings
findings ptr.missing dnsbl-listed --lang ko
config check
config show
help explain
--version
64 mxcheck --nosuch
""".strip().splitlines()


class Web(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        policy = self.path.endswith("mta-sts.txt")
        body = (POLICY if policy else json.dumps(RDAP)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain" if policy else "application/rdap+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, *_):
        pass


class Mail(socketserver.StreamRequestHandler):
    """A mail server with STARTTLS, of which nobody wants more than its greeting."""

    def handle(self):
        self.say(b"220 mx.example.com ESMTP")
        while words := self.rfile.readline().split():
            verb = words[0].upper()
            if verb == b"EHLO":
                self.say(b"250-mx.example.com\r\n250-SIZE 1000000\r\n250 STARTTLS")
            elif verb == b"STARTTLS":
                self.say(b"220 go ahead")
                self.connection = self.server.context.wrap_socket(self.connection, server_side=True)
                self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
            else:
                self.say(b"221 bye" if verb == b"QUIT" else b"250 ok")

    def say(self, reply):
        self.wfile.write(reply + b"\r\n")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, handler, context, tls_at_once):
        super().__init__(("127.0.0.1", 0), handler)
        self.context = context
        if tls_at_once:
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        pass  # a client that hangs up early


def words_of(line, names):
    """The arguments of a line of RUNS; "..." is one, {name} stands for one or several."""
    result = []
    for quoted, plain in re.findall(r'"([^"]*)"|(\S+)', line):
        if isinstance(names.get(plain.strip("{}")), list):
            result += names[plain.strip("{}")]
        else:
            result.append((quoted or plain).format(**names))
    return result


def missing(help_of):
    """Commands and actions that the program's help names and no line of RUNS has."""
    def pairs(text):
        return re.findall(r"^  ([a-z]+) {2,}\S", text, re.MULTILINE)
    wanted = []
    for command in pairs(help_of()):
        page = help_of(command)
        actions = pairs(page[page.index("Actions:"):].split("\n\n")[0]) if "Actions:" in page else []
        wanted += [command, *(f"{command} {action}" for action in actions)]
    return wanted, [each for each in wanted if not any(re.match(rf"(\d+ )?{each}( |$)", run) for run in RUNS)]


class World:
    def __init__(self, program, root, work, ca):
        data = Path(root).resolve() / "tests/data"
        self.program, self.work = program, work
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*ca.issue("mx.example.com", "mta-sts.policy.example", "rdap.verisign.com"))
        web, mail, hook = Server(Web, context, True), Server(Mail, context, False), Server(Web, context, False)
        web_at, mail_at = (f"127.0.0.1:{server.server_address[1]}" for server in (web, mail))
        self.servers = [web, mail, hook]
        (work / "policy.zone").write_text(ZONE)
        (work / "addresses").write_text("203.0.113.7\n203.0.113.99\n")
        self.names = {
            "bounces": str(data / "bounces"), "logs": str(data / "logs"), "zone": str(data / "zones/example.zone"),
            "sealed": str(data / "arc/sealed-by-dkimpy.eml"), "sealed_zone": str(data / "arc/sealed-by-dkimpy.zone"),
            "policy": str(work / "policy.zone"), "addresses": str(work / "addresses"), "work": str(work),
            "hook": str(hook.server_address[1]),
            "reach": ["--connect-to", f":443:{web_at}", "--connect-to", f":25:{mail_at}", "--ca-file", ca.file], "archive": str(work / "log.gz"), "part": str(work / "made.json"), "history": str(work / "made.db")}
        self.environment = {**{name: value for name, value in os.environ.items() if not name.startswith("MAILDIAG_")},
                            "LC_ALL": "C.UTF-8", "HOME": str(work), "XDG_CACHE_HOME": str(work / "cache"),
                            "XDG_CONFIG_HOME": str(work / "none")}
        with open(work / "log.gz", "wb") as archive:
            subprocess.run(["gzip", "-c", str(data / "logs/postfix.log")], stdout=archive, check=True)
        self.must("explain --log {logs}/postfix.log --year 2026 --no-checks --summary --format json --output {part}")
        for state in ("{history}", "{work}/pruned.db"):
            self.must(f"watch 203.0.113.99 --state {state} --zone {{zone}}")

    def must(self, line):
        done = self.plain(line)
        if done.returncode > 3:
            raise RuntimeError(f"maildiag {line}: {done.returncode}: {done.stderr}")

    def plain(self, line, before=()):
        return subprocess.run([*before, self.program, *words_of(line, self.names)], capture_output=True, text=True,
                              errors="replace", stdin=subprocess.DEVNULL, timeout=SEVERAL_MINUTES, env=self.environment)

    def check(self, numbered):
        """What is wrong with the run, or nothing."""
        number, line = numbered
        status, line = re.fullmatch(r"(\d+ )?(.*)", line).groups()
        log = self.work / f"{number}.log"
        done = self.plain(line, before=[*MEMCHECK, f"--log-file={log}"])
        said = log.read_text(errors="replace")
        fine = (int(status),) if status else (0, 1, 2, 3)
        if said or done.returncode not in fine or not (done.stdout + done.stderr or "--output" in line):
            return f"maildiag {line}: {done.returncode}\n{said}{done.stderr}"
        return ""

    def close(self):
        for server in self.servers:
            server.shutdown()
            server.server_close()


def main():
    program, root = sys.argv[1:3]
    with tempfile.TemporaryDirectory(prefix="maildiag-valgrind-") as work, test_ca.TestCa() as ca:
        world = World(str(Path(program).resolve()), root, Path(work), ca)
        wanted, absent = missing(lambda *words: world.plain(" ".join([*words, "--help"])).stdout)
        faults = [f"no run of `maildiag {each}`" for each in absent]
        if len(wanted) < 20:
            faults.append(f"the help could not be read: {wanted}")
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            faults += filter(None, pool.map(world.check, enumerate(RUNS)))
        world.close()
    print("\n".join(faults) or f"{len(RUNS)} runs of {len(wanted)} commands and actions: valgrind has nothing to say")
    return 1 if faults else 0


def self_test():
    """A wrong access, a leak and a command without a run are all seen."""
    if not shutil.which("valgrind"):
        print("SKIPPED: not installed: valgrind")
        return 77
    source = "#include <stdlib.h>\nint main(int n, char **v) { char *p = malloc(8); %s return n > 9; }\n"
    with tempfile.TemporaryDirectory() as directory:
        for fault, text in (("", ""), ("Invalid write", "p[8] = 1; free(p);"), ("definitely lost", "p = 0; *(char *volatile *)&p = 0;")):
            program = Path(directory) / "program"
            subprocess.run(["cc", "-O0", "-g", "-w", "-x", "c", "-", "-o", program], input=source % (text or "free(p);"), text=True, check=True)
            done = subprocess.run([*MEMCHECK, str(program)], capture_output=True, text=True)
            assert (done.returncode, fault in done.stderr) == (99 if fault else 0, True), (fault, done)
    pages = {"": "Commands:\n  explain  Tell\n  newone   What nobody tried\n", "explain": "", "newone": "Actions:\n  act  Do\n\n"}
    assert missing(lambda *words: pages["".join(words)])[1] == ["newone", "newone act"]
    print("self-test passed")
    return 0


if __name__ == "__main__":
    sys.exit(self_test() if sys.argv[1:] == ["--self-test"] else main())
