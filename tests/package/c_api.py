#!/usr/bin/env python3
"""The C interface from outside, by ctypes: what it answers, what it refuses, threads, cancellation, ownership.

    c_api.py LIBRARY ROOT
"""

import ctypes
import json
import re
import socket
import sys
import threading
from pathlib import Path

PROGRESS_FN = ctypes.CFUNCTYPE(None, ctypes.c_ulonglong, ctypes.c_ulonglong, ctypes.c_void_p)
REPORT_FN = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)
OK, WARNING, CRITICAL, UNKNOWN, USAGE, NO_INPUT, CONFIGURATION = 0, 1, 2, 3, 64, 66, 78

failures = []


def check(condition, what):
    if not condition:
        failures.append(what)
        print(f"FAILED: {what}")


class Library:
    """The functions with their types. Texts that belong to the caller are copied and given back."""

    def __init__(self, path):
        self.c = ctypes.CDLL(path)
        text_out = ctypes.POINTER(ctypes.c_void_p)
        for name, result, arguments in (
                ("version", ctypes.c_char_p, []),
                ("open", ctypes.c_void_p, [ctypes.c_char_p, text_out]),
                ("close", None, [ctypes.c_void_p]),
                ("run", ctypes.c_int, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, REPORT_FN, ctypes.c_void_p, text_out]),
                ("collect", ctypes.c_int, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, text_out, text_out]),
                ("explain", ctypes.c_int, [ctypes.c_void_p, ctypes.c_char_p, text_out, text_out]),
                ("cancel", None, [ctypes.c_void_p]),
                ("reset", None, [ctypes.c_void_p]),
                ("set_progress", None, [ctypes.c_void_p, PROGRESS_FN, ctypes.c_void_p]),
                ("string_free", None, [ctypes.c_void_p])):
            function = getattr(self.c, f"maildiag_{name}")
            function.restype, function.argtypes = result, arguments
            setattr(self, name, function)

    def take(self, pointer):
        """A text that was handed out, and gives it back; None for NULL."""
        if not pointer.value:
            return None
        text = ctypes.string_at(pointer.value).decode()
        self.string_free(pointer)
        return text

    def open_with(self, options):
        error = ctypes.c_void_p(1)
        raw = options if isinstance(options, (bytes, type(None))) else json.dumps(options).encode()
        session = self.open(raw, ctypes.byref(error))
        return session, self.take(error)

    def ask(self, session, command, request, explain=False):
        """(status, reports, errors)"""
        reports, errors = ctypes.c_void_p(1), ctypes.c_void_p(1)
        raw = request if isinstance(request, (bytes, type(None))) else json.dumps(request).encode()
        outs = (ctypes.byref(reports), ctypes.byref(errors))
        status = self.explain(session, raw, *outs) if explain else self.collect(session, command.encode(), raw, *outs)
        return status, self.take(reports), self.take(errors)


class SilentServer:
    """A name server that hears and never answers."""

    def __enter__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        return self

    def __exit__(self, *_):
        self.socket.close()

    def options(self):
        return {"nameservers": [f"127.0.0.1#{self.socket.getsockname()[1]}"], "timeout": 60, "tries": 1}

    def wait_for_question(self):
        self.socket.recv(512)


def test_answers(library, root, zone):
    session, error = library.open_with({"zone_files": [zone]})
    check(session and error is None, "a session opens")
    status, reports, errors = library.ask(session, "ptrcheck", {"targets": ["203.0.113.25", "203.0.113.7"]})
    lines = [json.loads(line) for line in reports.splitlines()]
    check([line["target"] for line in lines] == ["203.0.113.25", "203.0.113.7"], "reports come in the order of the targets")
    check(lines[0]["result"]["fcrdns"] == "pass" and status == CRITICAL and errors is None, "ptrcheck answers")

    bounce = str(root / "tests/data/bounces/ptr-missing.eml")
    status, reports, errors = library.ask(session, None, {"paths": [bounce]}, explain=True)
    report = json.loads(reports)
    check(report["schema"] == "maildiag.explain/1" and report["result"]["verdict"] == "confirmed", "explain confirms")
    check(status == CRITICAL and errors is None, "explain's status is that of the report")

    status, reports, errors = library.ask(session, "ptrcheck", {"targets": ["nonsense", "203.0.113.25"]})
    check(status == USAGE and "nonsense" in errors and len(reports.splitlines()) == 1, "a bad target does not stop the good one")
    status, reports, errors = library.ask(session, "explain", {"paths": ["/nonexistent\x1b[31m"]})
    check(status == NO_INPUT and reports == "" and "\x1b" not in errors, "a missing file is told, and harmless to a terminal")

    _, text, _ = library.ask(session, "ptrcheck", {"targets": ["203.0.113.25"], "format": "text", "width": 60})
    check("203.0.113.25" in text and not text.startswith("{") and max(map(len, text.splitlines())) <= 60, "text of 60 columns")
    _, page, _ = library.ask(session, "report", {"targets": ["example.com"], "format": "html", "smtp": False})
    check(page.lower().startswith("<!doctype html>"), "a page")
    check(library.ask(session, "findings", None)[0] == OK, "no request is an empty one")
    check(library.ask(session, "lookup", {"targets": ["example.com"], "type": "mx"})[0] == OK, "lookup")
    library.close(session)

    korean, _ = library.open_with({"zone_files": [zone], "language": "ko"})
    _, reports, _ = library.ask(korean, "ptrcheck", {"targets": ["203.0.113.7"]})
    title = json.loads(reports)["findings"][0]["title"]
    check(re.search("[가-힣]", title), "Korean titles")
    for command, request, _ in (*REFUSED_REQUESTS, *REQUESTS_OUT_OF_RANGE, ("none", {}, ""), ("dkimcheck", {}, "")):
        _, _, errors = library.ask(korean, command, request)
        check(errors and re.search("[가-힣]", errors), f"{command} {request} is refused in Korean: {errors}")
    library.close(korean)
    for options, _ in REFUSED_OPTIONS:
        _, error = library.open_with({"language": "ko", **options})
        check(error and re.search("[가-힣]", error), f"{options} is refused in Korean: {error}")


def test_keys_in_zones(library, zone):
    """A key that stands in the zone of a list."""
    secret = "SecretKey0123456789"
    keyed = f"{secret}.zen.dq.spamhaus.net"
    for options, request in (({"default_lists": [keyed]}, {}), ({}, {"lists": [keyed]})):
        session, _ = library.open_with({"zone_files": [zone], **options})
        for format_ in ("json", "text"):
            _, reports, errors = library.ask(session, "rblcheck", {"targets": ["203.0.113.25"], "format": format_, **request})
            check("****.zen" in reports and secret.lower() not in (reports + str(errors)).lower(), f"{options} {request}: the key is masked")
        library.close(session)


def test_every_command(library, root, zone):
    """Each name that the header promises is a command, and takes `targets` or nothing."""
    header = (root / "lib/include/maildiag/maildiag.h").read_text()
    promise = header[header.index("Runs a command of the program"):header.index("`request`: an object;")]
    names = re.findall(r'"([a-z ]+)"', promise)
    check(len(names) == 24, f"the header names the commands: {names}")
    session, _ = library.open_with({"zone_files": [zone]})
    for name in names:
        _, _, errors = library.ask(session, name, {"no such member": 1})
        check(errors and "there is no member `no such member`" in errors, f"{name} refuses an unknown member: {errors}")
    status, _, errors = library.ask(session, "no such", {})
    check(status == USAGE and all(name in errors for name in names), "an unknown command is told all known ones")
    test_nothing_to_do(library, names, session)
    library.close(session)


NOTHING_TO_NAME = ("findings", "rules lint", "rules list", "rules test", "watch", "watch history", "watch prune", "whois refresh")


def test_nothing_to_do(library, names, session):
    """A call that has nothing to look at says so."""
    for name in names:
        if name in NOTHING_TO_NAME:
            continue
        member = {"explain": "replies", "summary merge": "paths"}.get(name, "targets")
        for request in ({}, {member: []}):
            status, reports, errors = library.ask(session, name, request)
            check(status == USAGE and reports == "" and errors and f"`{member}`" in errors, f"{name} {request}: {status} {errors}")
    for name, request in (("dkimcheck", {"messages": ["m.eml"], "selectors": ["s"]}), ("dmarccheck", {"messages": ["m.eml"], "bulk": True})):
        status, _, errors = library.ask(session, name, request)
        check(status == USAGE and errors.endswith("needs `targets`"), f"{name} {request}: {status} {errors}")
    here, reply = {"targets": ["example.com"]}, {"replies": ["550 no"]}
    for name, request, member, needed in (
            ("spfcheck", here, {"sender": "a@example.com"}, "ip"), ("spfcheck", here, {"helo": "mail.example.com"}, "ip"),
            ("dmarccheck", here, {"ip": "192.0.2.1"}, "messages"), ("dmarccheck", here, {"helo": "mail.example.com"}, "messages"),
            ("dmarccheck", here, {"sender": "a@example.com"}, "messages"), ("dmarccheck", here, {"ips": ["192.0.2.1"]}, "bulk"),
            ("explain", reply, {"since": "1d"}, "logs"), ("explain", reply, {"until": "1d"}, "logs"), ("explain", reply, {"year": 2025}, "logs")):
        status, reports, errors = library.ask(session, name, {**request, **member})
        check(status == USAGE and not reports and errors == f"`{next(iter(member))}` needs `{needed}`", f"{name} {member}: {status} {errors}")
    status, _, errors = library.ask(session, "spfcheck", {**here, "ip": "192.0.2.1", "suggest": "192.0.2.2"})
    check(status == USAGE and errors == "`suggest` and `ip` exclude each other", f"spfcheck ip suggest: {status} {errors}")


OPTIONS = {"mxcheck": "DomainOptions", "ptrcheck": "PtrOptions", "spfcheck": "SpfOptions", "dkimcheck": "DkimOptions",
           "dmarccheck": "DmarcOptions", "bimicheck": "BimiOptions", "rblcheck": "DnsblCheckOptions",
           "smtpcheck": "SmtpOptions", "explain": "ExplainOptions", "whois": "WhoisOptions", "watch": "WatchOptions",
           "watch history": "WatchHistoryOptions", "watch prune": "WatchPruneOptions"}


def members_of(headers, name):
    """The data members of a structure that JSON can hold: no functions, no cancellation."""
    body = re.search(rf"struct {name} {{(.*?)^}};", headers, re.DOTALL | re.MULTILINE)[1]
    found = set()
    for declaration in body.split(";"):
        if "std::function" in declaration or "Cancellation" in declaration or not declaration.strip():
            continue
        names = re.sub(r"=[^,]*|<[^<>]*>", "", re.sub(r"<[^<>]*>", "", declaration))
        found |= {part.split()[-1] for part in names.split(",")}
    return found


def test_members(library, root, zone):
    """What the C++ options have, JSON can say."""
    include = root / "lib/include/maildiag"
    headers = "\n".join(re.sub(r"//[^\n]*", "", path.read_text()) for path in include.glob("*.h"))
    _, error = library.open_with({"?": 1})
    wanted = members_of(headers, "SessionOptions")
    check(len(wanted) > 15 and wanted <= set(re.findall(r"\w+", error)), f"open takes {wanted}: {error}")
    session, _ = library.open_with({"zone_files": [zone]})
    for command, structure in OPTIONS.items():
        _, _, error = library.ask(session, command, {"?": 1})
        wanted = members_of(headers, structure)
        check(wanted and wanted <= set(re.findall(r"\w+", error)), f"{command} takes {wanted}: {error}")
    library.close(session)


OUT_OF_RANGE = [({name: value}, f"`{name}` must be") for name, values in (
    ("timeout", (-1, 0.01, 60.5, 1e300)), ("tries", (21,)), ("window", (0, 10001, -1)), ("rate", (1e300,))) for value in values]
# The same of the commands' numbers: what the program's options refuse.
REQUESTS_OUT_OF_RANGE = [(command, {name: value}, f"`{name}` must be") for command, name, values in (
    ("smtpcheck", "ports", ([0], [65536], [-1])), ("smtpcheck", "greeting_timeout", (0, 601)), ("smtpcheck", "warning_days", (-1, 3651)),
    ("smtpcheck", "critical_days", (-1, 3651)), ("explain", "year", (0, 1969, 2243)), ("watch", "confirm", (0, 101))) for value in values]
IN_RANGE = {"timeout": 0.05, "tries": 20, "window": 10000, "rate": 1e6}, {"timeout": 60, "tries": 1, "window": 1, "rate": -1}


def test_ranges(library, zone):
    for options in IN_RANGE:
        session, error = library.open_with({"zone_files": [zone], **options})
        check(session and error is None, f"{options} are taken: {error}")
        library.close(session)


REFUSED_OPTIONS = [({"zone_file": ["zone"]}, "zone_files"), ({"timeout": "3"}, "number"), ({"tries": -1}, "whole number"),
                   ({"tries": 1 << 40}, "whole number"), ({"zone_files": "zone"}, "array of strings"), ({"zone_files": [1]}, "array of strings"),
                   ({"list_keys": {"abusix": 1}}, "object of strings"), ({"rule_directories": ["/nonexistent"]}, "/nonexistent"),
                   ({"helo_name": "a.example\r\nRSET"}, "helo_name"), ({"default_lists": ["not a zone!"]}, "not a zone!"),
                   ({"sources": ["127.0.0.1", "127.0.0.2"]}, "at most one of each family"), ({"list_keys": {"abusix": "a b"}}, "abusix"), *OUT_OF_RANGE]
REFUSED_REQUESTS = [("ptrcheck", {"targets": "203.0.113.7"}, "array of strings"), ("ptrcheck", b"{]", "JSON"),
                    ("mxcheck", {"targets": ["example.com"], "smtp": 1}, "true or false"), ("smtpcheck", {"ports": ["25"]}, "65535"),
                    ("explain", {"year": 1.5}, "whole number"), ("ptrcheck", {"format": "pdf"}, "html"), ("ptrcheck", b"[]", "object"),
                    ("rblcheck", {"targets": ["192.0.2.1"], "self_test": "no"}, "always"), ("lookup", {"targets": ["a.example"]}, "type"),
                    ("report", {"targets": []}, "one domain"), ("ptrcheck", {"targets\x1b[2J": []}, "targets")]


def test_refusals(library, zone):
    for options, word in (*REFUSED_OPTIONS, (b"{", "JSON"), (b"[]", "object"), (b"\xff", "UTF-8"), ({"language": "de"}, "en or ko"),
                          ({"zone_files": ["/nonexistent"]}, "/nonexistent"), ({"zone_files": ["a"], "replay_file": "b"}, "`zone_files` and `replay_file` exclude"),
                          ({"zone_files": ["a"], "nameservers": ["::1"]}, "`zone_files` and `nameservers` exclude"), ({"nameservers": ["x"]}, "x"), (b"[" * 100000, "32 deep"),
                          (b'{"timeout": 1e999}', "out of range")):
        session, error = library.open_with(options)
        check(session is None and error and word in error and "\n" not in error, f"{str(options)[:60]} is refused: {error}")
    session, error = library.open_with(None)
    check(session and error is None, "NULL options are the defaults")
    library.close(session)

    session, _ = library.open_with({"zone_files": [zone]})
    for command, request, word in (*REFUSED_REQUESTS, *REQUESTS_OUT_OF_RANGE):
        status, reports, errors = library.ask(session, command, request)
        check(status == USAGE and reports == "" and word in errors and "\x1b" not in errors, f"{command} {request}: {errors}")
    library.close(session)


def test_null(library, zone):
    library.close(None)
    library.cancel(None)
    library.reset(None)
    library.string_free(None)
    check(library.ask(None, "ptrcheck", {})[0] == USAGE, "no session")
    session, _ = library.open_with({"zone_files": [zone]})
    check(library.run(session, None, None, REPORT_FN(), None, None) == USAGE, "no command")
    check(library.run(session, b"ptrcheck", b'{"targets": ["203.0.113.25"]}', REPORT_FN(), None, None) == OK, "no callback, no errors")
    check(library.collect(session, b"ptrcheck", b'{"targets": ["203.0.113.25"]}', None, None) == OK, "nothing wanted but the status")
    check(library.open(b"{", None) is None, "an error that nobody wants")
    library.close(session)


def test_callback(library, zone):
    session, _ = library.open_with({"zone_files": [zone]})
    seen = []

    def stop(report, data):
        seen.append((json.loads(report)["target"], data))
        busy = library.ask(session, "ptrcheck", {"targets": ["203.0.113.25"]})
        check(busy[0] == USAGE and "busy" in busy[2], "a session is not entered twice")
        return 1

    request = b'{"targets": ["203.0.113.25", "203.0.113.26"]}'
    status = library.run(session, b"ptrcheck", request, REPORT_FN(stop), 42, None)
    check(seen == [("203.0.113.25", 42)] and status == OK, f"a callback stops the call: {seen}")

    def cancel(_report, _data):
        library.cancel(session)
        return 0

    many = json.dumps({"targets": ["203.0.113.7"] * 5000}).encode()
    errors = ctypes.c_void_p()
    status = library.run(session, b"ptrcheck", many, REPORT_FN(cancel), None, ctypes.byref(errors))
    told = ctypes.string_at(errors.value).decode() if errors.value else ""
    check(status == CRITICAL and told.startswith("cancelled: "), f"what was critical stays so when the rest is cancelled: {status} {told}")
    library.close(session)


def test_progress(library, root, zone):
    heard = []

    def hear(done, total, data):
        heard.append((done, total, data, threading.get_ident()))
        library.cancel(silent_session[0])

    silent_session = [None]
    hearer = PROGRESS_FN(hear)
    session, _ = library.open_with({"zone_files": [zone]})
    library.set_progress(session, hearer, 42)
    bounce = root / "tests/data/bounces/ptr-missing.eml"
    library.ask(session, "explain", {"paths": [str(bounce)] * 40, "checks": False})
    size = 40 * bounce.stat().st_size
    check(heard and all(done <= total == size for done, total, _, _ in heard), f"octets of the input: {heard[:3]}")
    check({(data, thread) for _, _, data, thread in heard} == {(42, threading.get_ident())}, "with its data, on the thread of the call")
    heard.clear()
    library.set_progress(session, PROGRESS_FN(), None)
    library.ask(session, "explain", {"paths": [str(bounce)] * 40, "checks": False})
    check(not heard, "nobody is told any more")
    library.close(session)

    with SilentServer() as server:
        silent_session[0], _ = library.open_with(server.options())
        library.set_progress(silent_session[0], hearer, None)
        library.ask(silent_session[0], "ptrcheck", {"targets": ["192.0.2.1", "192.0.2.2"]})
        check(heard and heard[0][:3] == (0, 2, None), f"targets while answers are waited for, and it may cancel: {heard}")
        library.close(silent_session[0])
    library.set_progress(None, hearer, None)


def test_threads(library, zone):
    answers = {}

    def work(address, language):
        session, _ = library.open_with({"zone_files": [zone], "language": language})
        answers[address] = [library.ask(session, "ptrcheck", {"targets": [address]}) for _ in range(50)]
        library.close(session)

    threads = [threading.Thread(target=work, args=pair) for pair in (("203.0.113.25", "en"), ("203.0.113.7", "ko"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check({answer[0] for answer in answers["203.0.113.25"]} == {OK}, "the first of two threads")
    check({answer[0] for answer in answers["203.0.113.7"]} == {CRITICAL}, "the second of two threads")


def test_cancellation(library):
    with SilentServer() as server:
        session, error = library.open_with(server.options())
        check(session, f"opened: {error}")
        answers = []
        call = threading.Thread(target=lambda: answers.append(library.ask(session, "ptrcheck", {"targets": ["203.0.113.7"]})))
        call.start()
        server.wait_for_question()  # else it would wait a minute for an answer
        library.cancel(session)
        call.join()
        status, reports, errors = answers[0]
        check(status == UNKNOWN and reports == "" and errors.startswith("cancelled: "), f"cancelled: {answers}")
        again = library.ask(session, "ptrcheck", {"targets": ["203.0.113.7"]})
        check(again[0] == UNKNOWN and again[2].startswith("cancelled: "), "a session stays cancelled")
        library.reset(session)
        check(library.ask(session, "findings", {})[0] == OK, "until it is reset")
        library.close(session)


def main():
    path, root = sys.argv[1], Path(sys.argv[2])
    zone = str(root / "tests/data/zones/example.zone")
    library = Library(path)
    check(re.fullmatch(rb"\d+\.\d+\.\d+", library.version()), "a version")
    test_answers(library, root, zone)
    test_keys_in_zones(library, zone)
    test_every_command(library, root, zone)
    test_members(library, root, zone)
    test_refusals(library, zone)
    test_ranges(library, zone)
    test_null(library, zone)
    test_callback(library, zone)
    test_progress(library, root, zone)
    test_threads(library, zone)
    test_cancellation(library)
    print("the C interface: " + (f"{len(failures)} faults" if failures else "all well"))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
