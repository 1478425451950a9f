#!/usr/bin/env python3
"""The whole program against servers that lose, delay, forge, cut, flood and hang up, over real sockets of loopback: name
servers, mail servers, registries, policies. It ends, by a documented status, prints valid output without control
characters, and tells nothing that is not so.

    faults.py PROGRAM [ROUNDS [SEED]]
"""

import json
import os
import random
import ssl
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
import hostile_dns  # noqa: E402
from hostile_dns import A, CNAME, MX, PTR, TXT, HostileDns, txt, wire  # noqa: E402
from hostile_talk import HALF_CLOSE, LINE, PAGE, RESET, TLS, Drip, Endless, HostileTalk  # noqa: E402
from output_checks import check_json, check_text  # noqa: E402
from servers import skip_unless  # noqa: E402
from test_ca import TestCa  # noqa: E402

TRIES = 3  # the program's default
PATIENT_TIMEOUT = 30
LOAD = 30  # seconds of a program that sanitizers slow down, with three others beside it, on a busy machine
IN_A_ROW = 6  # questions that each wait for the answer before; mxcheck has five
STATUSES = (0, 1, 2, 3)
LISTED, NOT_LISTED = "198.51.100.9", "198.51.100.10"
LONG = "v=spf1 " + " ".join(f"ip4:192.0.2.{i}" for i in range(140)) + f" ip4:{LISTED} -all"
ESCAPES = b"\x1b[2J\x1b]0;owned\x07\xc2\x9b31m\xe2\x80\xae"


def reverse(address, zone):
    return ".".join(reversed(address.split("."))) + "." + zone


ZONE = {
    "2.0.0.127.list.example": {A: [b"\x7f\0\0\x02"]}, reverse(LISTED, "list.example"): {A: [b"\x7f\0\0\x02"], TXT: [txt("listed for reasons")]},
    "2.0.0.127.other.example": {A: [b"\x7f\0\0\x02"]},
    "good.example": {TXT: [txt(f"v=spf1 ip4:{LISTED} -all")], MX: [b"\0\x0a" + wire("mx.good.example")]},
    "long.example": {TXT: [txt(LONG)]}, "include.example": {TXT: [txt("v=spf1 include:good.example include:long.example -all")]},
    "alias.example": {CNAME: [wire("good.example")]}, "mx.good.example": {A: [bytes(map(int, LISTED.split(".")))]},
    "_dmarc.good.example": {TXT: [txt("v=DMARC1; p=reject; rua=mailto:d@good.example")]},
    reverse(LISTED, "in-addr.arpa"): {PTR: [wire("mx.good.example")]}}


def patience(timeout):
    """Seconds that a run with this --timeout may take; a hang takes them whole."""
    if timeout == PATIENT_TIMEOUT:  # no answer is kept away, but a busy machine may drop a packet
        return LOAD + 2 * timeout
    waits = [timeout * (1 + number / 2) for number in range(TRIES)]
    udp_and_tcp = 2
    return LOAD + IN_A_ROW * udp_and_tcp * (sum(waits) + waits[-1] + 3 * timeout)  # one is repeated without EDNS, the last is slow


class Run:
    """One run of the program and what always has to hold of it."""

    def __init__(self, program, folder, arguments):
        environment = {"PATH": "/usr/bin:/bin", "HOME": folder, "LC_ALL": "C.UTF-8", "XDG_CACHE_HOME": folder}
        environment.update({key: value for key, value in os.environ.items() if key.endswith("SAN_OPTIONS")})
        self.arguments = arguments
        limit = patience(float(arguments[arguments.index("--timeout") + 1]))
        done = subprocess.run([program, *arguments, "--format", "json"], capture_output=True, timeout=limit, env=environment, check=False)
        self.status, self.errors = done.returncode, done.stderr.decode("utf-8", "replace")
        assert self.status in STATUSES, f"exit status {self.status}: {self.errors}"
        output = done.stdout.decode("utf-8")  # which must not fail
        check_json(output)
        check_text(done.stderr.decode("utf-8"))
        self.reports = [json.loads(line) for line in output.splitlines()]
        self.report = self.reports[0]

    def findings(self):
        """What is claimed: {(id, subject): severity}, without what is unknown."""
        return {(each["id"], each["subject"]): each["severity"] for report in self.reports for each in report["findings"]
                if each["severity"] not in ("unknown", "info") and not each["id"].endswith("error")}

    def incomplete(self):
        return any(each["severity"] == "unknown" or each["id"].endswith("error") for report in self.reports for each in report["findings"])


# ---- name servers

DNS_COMMANDS = [
    ["rblcheck", LISTED, "--list", "list.example", "--list", "other.example"], ["rblcheck", NOT_LISTED, "--list", "list.example"],
    ["rblcheck", LISTED, NOT_LISTED, "--list", "list.example"],
    *(["spfcheck", domain, "--ip", ip, "--sender", f"a@{domain}"] for domain in ("good.example", "long.example", "include.example", "none.example")
      for ip in (LISTED, NOT_LISTED)),
    ["spfcheck", "include.example"], ["dmarccheck", "good.example"], ["ptrcheck", LISTED], ["ptrcheck", NOT_LISTED],
    ["mxcheck", "good.example", "--no-smtp"], ["lookup", "txt", "alias.example"], ["lookup", "mx", "good.example"], ["lookup", "a", "nothing.good.example"]]


def claims(run):
    """What the findings do not say by their id alone: states of lists, SPF results, records."""
    result = {}
    for number, report in enumerate(run.reports):
        about = report["result"] if isinstance(report.get("result"), dict) else {}
        for each in about.get("lists", []):
            result[number, each["zone"]] = each["state"]
        for key in ("result", "fcrdns"):
            if isinstance(about.get(key), str):
                result[number, key] = about[key]
        if run.arguments[0] == "lookup":
            result[number, "records"] = json.dumps([about.get("outcome"), sorted(map(str, about.get("records") or []))])
    return result


OPEN = ("error", "blocked", "broken", "temperror", "unanswered", "undecided", "unknown", "open")


def judge_dns(run, truth):
    """Whatever is claimed is claimed of the truth, too."""
    told, true = run.findings(), truth.findings()
    for claim, severity in told.items():
        assert claim in true, f"{claim} {severity}, and nobody says so who is not disturbed"
        assert (severity == "ok") == (true[claim] == "ok"), f"{claim} {severity} instead of {true[claim]}"
    if not run.incomplete():
        assert told.keys() == true.keys(), f"{true.keys() - told.keys()} is missing, and nothing is said to be unknown"
        assert run.status == truth.status, f"exit status {run.status} instead of {truth.status}"
    wanted = claims(truth)
    for subject, claim in claims(run).items():
        if run.arguments[0] == "lookup" and run.incomplete():
            continue
        assert claim in OPEN or claim == wanted.get(subject), f"{subject}: {claim} instead of {wanted.get(subject)}"


def judge_recovered(run, truth):
    """No answer was kept away: all is told, as if nobody had disturbed."""
    judge_dns(run, truth)
    assert run.incomplete() == truth.incomplete(), "something is said to be unknown, and no answer was kept away"
    assert run.findings() == truth.findings(), f"{run.findings()} instead of {truth.findings()}"
    assert claims(run) == claims(truth), f"{claims(run)} instead of {claims(truth)}"


def disturb_names(world, dice):
    recoverable = dice.random() < 0.4
    if recoverable:
        faults, tcp_faults = dice.sample(hostile_dns.RECOVERABLE, 3), hostile_dns.TCP_RECOVERABLE
    else:
        faults = dice.sample(hostile_dns.FAILING, 3) + dice.sample(hostile_dns.RECOVERABLE, 2)
        tcp_faults = dice.sample(hostile_dns.TCP_FAILING, 3)
    percent = dice.choice([20, 50, 100])
    command = dice.choice(DNS_COMMANDS)
    what = f"{' '.join(command)} with {percent} % of {' '.join(faults)}; {' '.join(tcp_faults)}"
    # Nothing is waited for where an answer comes: a busy machine has to have the time for it.
    timeout, judge = (PATIENT_TIMEOUT, judge_recovered) if recoverable else (0.3, judge_dns)
    with HostileDns(ZONE, dice, faults, tcp_faults, percent) as server:
        run = world.run([*command, "--nameserver", server.endpoint, "--timeout", str(timeout)])
    return what, lambda: judge(run, world.truth(command))


# ---- servers of lines and pages

def bad_replies(code):
    """In place of a reply. Nothing that only a time-out would end: that takes long, and tests/faults has it."""
    return {
        "close": [], "reset": [RESET], "half-closed": [HALF_CLOSE], "half a line": [code + b" hal"], "half a line, reset": [code + b" hal", RESET],
        "one line of two": [code + b"-one\r\n"], "no line end": [Endless(b"x")], "no last line": [Endless(code + b"-more\r\n")],
        "a long line": [code + b" ", Endless(b"z")], "NUL": [Endless(b"\0")], "octets": [b"\x80" + bytes(range(256))],
        "two replies": [code + b" one\r\n250-mail.test\r\n250 STARTTLS\r\n"], "no code": [b"hello\r\n"], "escapes": [code + b"-" + ESCAPES, RESET]}


def disturb_mail(world, dice):
    """A dialogue that breaks at some place: nothing is ready that did not get so far, no certificate good that is not."""
    certificate = dice.choice(["good", "good", "stranger", "expired", "other"])
    place = dice.choice(["greeting", "EHLO", "STARTTLS", "EHLO in TLS", "nowhere"])
    ehlo = b"250-mail.test\r\n250 STARTTLS\r\n"
    name, bad = dice.choice(list(bad_replies(b"220" if place in ("greeting", "STARTTLS") else b"250").items()))
    before = {"greeting": [], "EHLO": [b"220 mx.example " + ESCAPES + b"\r\n", LINE],
              "STARTTLS": [b"220 mx.example\r\n", LINE, ehlo, LINE]}
    before["EHLO in TLS"] = [*before["STARTTLS"], b"220 go\r\n", TLS, LINE]
    if place == "nowhere":
        script = [*before["EHLO in TLS"], b"250-mail.test\r\n250 SIZE 1000\r\n", LINE, b"221 bye\r\n"]
    else:
        script = [*before[place], *bad]
    with HostileTalk([script], world.contexts[certificate]) as server:
        run = world.run(["smtpcheck", "mx.example:25", "--zone", world.zone, "--ca-file", world.ca.file, "--timeout", "0.3",
                         "--greeting-timeout", "5", "--connect-to", f"mx.example:25:127.0.0.1:{server.port}"])

    def judge():
        found = {each["id"]: each["severity"] for each in run.report["findings"]}
        assert ("smtp.certificate-ok" in found) == (place == "nowhere" and certificate == "good"), f"{found} of the {certificate} certificate"
        if place == "nowhere":
            assert found.get("smtp.ready") == "ok", found
        elif place != "STARTTLS":  # a server whose handshakes fail is ready, as far as it goes
            assert "smtp.ready" not in found and "smtp.tls" not in found, found
    return f"smtpcheck, {certificate} certificate, {place}: {name}", judge


def page(status, fields, body, length=True):
    return b"HTTP/1.1 " + status + b"\r\n" + fields + (b"Content-Length: %d\r\n" % len(body) if length else b"") + b"\r\n" + body


def bad_pages(body, fields, dice):
    """(script, is it the answer)"""
    whole = page(b"200 OK", fields, body)
    half = whole[:len(whole) - 1 - dice.randrange(len(body))]
    chunks = b"HTTP/1.1 200 OK\r\n" + fields + b"Transfer-Encoding: chunked\r\n\r\n"
    return {
        "whole": ([whole], True), "drip": ([Drip(whole, 40)], True), "close": ([], False), "reset": ([RESET], False),
        "half": ([half], False), "half and reset": ([half, RESET], False), "half and half-closed": ([half, HALF_CLOSE], False),
        "no chunk": ([chunks + b"zz\r\n"], False), "endless chunks": ([chunks, Endless(b"5\r\nabcde\r\n")], False),
        "giant": ([page(b"200 OK", fields + b"Content-Length: 1000000000000\r\n", b"", False), Endless(b"x")], False),
        "endless header": ([b"HTTP/1.1 200 OK\r\n", Endless(b"X-More: and more\r\n")], False),
        "redirect": ([page(b"302 Found", b"Location: https://127.0.0.1/\r\n", body)], False),
        "error": ([page(b"500 No", fields, body)], False), "no HTTP": ([b"220 mail.test\r\n"], False),
        "octets": ([b"\x80" + dice.randbytes(1000)], False)}


def disturb_policy(world, dice):
    policy = b"version: STSv1\nmode: enforce\nmx: mx.example\nmax_age: 604800\n"
    name, (script, answers) = dice.choice(list(bad_pages(policy, b"Content-Type: text/plain\r\n", dice).items()))
    certificate = dice.choice(["good", "good", "good", "stranger", "expired", "other"])
    with HostileTalk([[TLS, PAGE, *script]], world.contexts[certificate]) as web, HostileTalk([[]]) as mail:
        run = world.run(["tlscheck", "mail.example", "--zone", world.zone, "--ca-file", world.ca.file, "--timeout", "0.3",
                         "--connect-to", f"mta-sts.mail.example:443:127.0.0.1:{web.port}", "--connect-to", f":25:127.0.0.1:{mail.port}"])

    def judge():
        found = {each["id"] for each in run.report["findings"]}
        assert ("mta-sts.enforced" in found) == (answers and certificate == "good"), found
        assert certificate == "good" or not web.heard, "a stranger was told what is asked"
        assert web.connections == 1, f"{web.connections} connections"
    return f"tlscheck, {certificate} certificate, {name}", judge


RDAP = json.dumps({"objectClassName": "domain", "ldhName": "EXAMPLE.COM", "status": ["active"],
                   "events": [{"eventAction": "registration", "eventDate": "1995-08-14T04:00:00Z"}]}).encode()
WHOIS = b"Domain Name: EXAMPLE.COM\r\nRegistrar: Registrar, Inc.\r\nCreation Date: 1995-08-14T04:00:00Z\r\n"


def disturb_registry(world, dice):
    pages = bad_pages(RDAP, b"Content-Type: application/rdap+json\r\n", dice)
    pages["of another"] = ([page(b"200 OK", b"", RDAP.replace(b"EXAMPLE", b"ANOTHER"))], False)
    pages["a page of 404"] = ([page(b"404 No", b"Content-Type: text/html\r\n", b"<html>not found</html>")], False)
    pages["redirects"] = ([page(b"301 Moved", b"Location: https://rdap.verisign.com/\r\n", b"")], False)
    name, (script, answers) = dice.choice(list(pages.items()))
    certificate = dice.choice(["good", "good", "good", "stranger", "expired", "other"])
    lines = {"whole": ([WHOIS], True), "close": ([], False), "reset": ([RESET], False), "half and reset": ([WHOIS[:40], RESET], False),
             "endless": ([Endless(b"w")], False), "octets": ([b"\x80" + dice.randbytes(3000)], False), "escapes": ([ESCAPES * 100], False),
             "of another": ([WHOIS.replace(b"EXAMPLE", b"ANOTHER")], False), "refers to itself": ([b"refer: whois.verisign-grs.com\r\n"], False)}
    text_name, (text, text_answers) = dice.choice(list(lines.items()))
    with HostileTalk([[TLS, PAGE, *script]], world.contexts[certificate]) as web, HostileTalk([[LINE, *text]]) as port43:
        run = world.run(["whois", "example.com", "--zone", world.zone, "--ca-file", world.ca.file, "--timeout", "0.3", "--fresh",
                         "--connect-to", f"rdap.verisign.com:443:127.0.0.1:{web.port}",
                         "--connect-to", f"whois.verisign-grs.com:43:127.0.0.1:{port43.port}"])

    def judge():
        outcome = run.report["result"]["outcome"]
        told = (answers and certificate == "good") or text_answers
        assert (outcome == "found") == told and (told or outcome == "failed"), outcome
        assert certificate == "good" or not web.heard, "a stranger was told what is asked"
        assert web.connections <= 4 and port43.connections <= 3, f"{web.connections} and {port43.connections} connections"
    return f"whois, {certificate} certificate, {name}; {text_name}", judge


class World:
    """What all rounds share: certificates, zones, undisturbed runs."""

    def __init__(self, program, folder, ca):
        self.program, self.folder, self.ca, self.truths = program, folder, ca, {}
        names = ["mx.example", "mta-sts.mail.example", "rdap.verisign.com"]
        self.contexts = {"good": self.context(*ca.issue(*names)), "expired": self.context(*ca.issue(*names, days=-2)),
                         "other": self.context(*ca.issue("other.example")), "stranger": self.context(*ca.issue(*names, self_signed=True))}
        self.zone = str(Path(folder, "zone"))
        Path(self.zone).write_text("\n".join([
            "$TTL 300", ". SOA ns.example. admin.example. 1 3600 600 86400 300", "mx.example. A 127.0.0.1", "mail.example. MX 0 mx.example.",
            "_mta-sts.mail.example. TXT \"v=STSv1; id=1\"", "mta-sts.mail.example. A 198.41.0.4", "rdap.verisign.com. A 198.41.0.4",
            "whois.verisign-grs.com. A 198.41.0.4", ""]))

    @staticmethod
    def context(chain, key):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain, key)
        return context

    def run(self, arguments):
        with tempfile.TemporaryDirectory(dir=self.folder) as home:
            return Run(self.program, home, arguments)

    def learn(self, command):
        with HostileDns(ZONE, random.Random(1)) as server:
            self.truths[tuple(command)] = self.run([*command, "--nameserver", server.endpoint, "--timeout", str(PATIENT_TIMEOUT)])

    def truth(self, command):
        return self.truths[tuple(command)]


KINDS = [disturb_names, disturb_names, disturb_names, disturb_mail, disturb_policy, disturb_registry]


def play(world, seed):
    """What failed, in words; None: nothing."""
    dice = random.Random(seed)
    what = "before it was known what"
    try:
        what, judge = KINDS[seed % len(KINDS)](world, dice)
        judge()
    except (AssertionError, ValueError, KeyError, TypeError, subprocess.TimeoutExpired) as fault:
        return f"seed {seed} ({what}): {fault}"
    return None


def main():
    program = str(Path(sys.argv[1]).resolve())
    rounds, first = (int(word) for word in [*sys.argv[2:4], *["24", "1"][len(sys.argv[2:4]):]])
    with tempfile.TemporaryDirectory(prefix="maildiag-faults-") as folder, TestCa() as ca, ThreadPoolExecutor(4) as pool:
        world = World(program, folder, ca)
        seeds = range(first, first + rounds)
        list(pool.map(world.learn, DNS_COMMANDS))
        failed = [fault for fault in pool.map(lambda seed: play(world, seed), seeds) if fault]
    print("\n".join(failed))
    print(f"{rounds} rounds from seed {first}, {len(failed)} of them failed")
    return 1 if failed else 0


if __name__ == "__main__":
    skip_unless("openssl")
    sys.exit(main())
