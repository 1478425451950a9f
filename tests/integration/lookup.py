#!/usr/bin/env python3
"""`maildiag lookup` against real servers: nsd and unbound for names and delegations, a web server, sockets, and routers in
network namespaces where the system allows them.

    lookup.py PROGRAM
"""

import contextlib
import http.server
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support.servers import Nsd, SilentServer, Unbound, free_port, skip_unless  # noqa: E402

PROGRAM = sys.argv[1] if len(sys.argv) > 1 else "maildiag"
SOA = "@ 300 IN SOA ns1 hostmaster {serial} 86400 7200 1209600 3600\n"
PARENT = """$TTL 300
@ IN SOA ns hostmaster 1 86400 7200 1209600 3600
@ IN NS ns
ns IN A 192.0.2.53
good IN NS ns1.good
good IN NS ns2.good
ns1.good IN A 192.0.2.1
ns2.good IN A 203.0.113.2
bad IN NS ns1.bad
bad IN NS ns2.bad
bad IN NS old.good
ns1.bad IN A 192.0.2.11
ns2.bad IN A 203.0.113.12
dead IN NS ns1.dead
ns1.dead IN A 192.0.2.21
"""
GOOD = "$TTL 300\n" + SOA + """@ IN NS ns1
@ IN NS ns2
@ IN MX 10 mx
@ IN TXT "v=spf1 mx -all"
ns1 IN A 192.0.2.1
ns2 IN A 203.0.113.2
old IN A 198.51.100.9
mx IN A 127.0.0.1
www IN CNAME mx
hostile IN TXT "\\027[31mred\\010\\200"
"""
BAD = "$TTL 300\n" + SOA + """@ IN NS ns1
@ IN NS ns2
ns1 IN A 192.0.2.11
ns2 IN A 203.0.113.13
""" + "".join(f'@ IN TXT "{number}{"x" * 200}"\n' for number in range(6))


def run(*arguments, status=None):
    done = subprocess.run([PROGRAM, "lookup", *arguments], capture_output=True, text=True, timeout=120)
    if status is not None and done.returncode != status:
        raise AssertionError(f"{arguments}: {done.returncode} instead of {status}\n{done.stdout}{done.stderr}")
    return done


def report(*arguments, status=None):
    return json.loads(run(*arguments, "--format", "json", status=status).stdout)


def ids(found):
    return [finding["id"] for finding in found["findings"]]


class UdpRelay:
    """Passes UDP questions on, and has no TCP: a name server behind a careless firewall."""

    def __init__(self, server):
        self.server = server
        self.peers = set()

    def __enter__(self):
        self.port = free_port()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", self.port))
        self._stop = False
        self._socket.settimeout(0.2)
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        return self

    def _serve(self):
        while not self._stop:
            try:
                packet, peer = self._socket.recvfrom(65535)
            except TimeoutError:
                continue
            self.peers.add(peer[0])
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as up:
                up.settimeout(5)
                up.sendto(packet, ("127.0.0.1", self.server.port))
                with contextlib.suppress(TimeoutError):
                    self._socket.sendto(up.recv(65535), peer)

    def __exit__(self, *_):
        self._stop = True
        self._thread.join()
        self._socket.close()


class Names(unittest.TestCase):
    """One parent and its children; addresses are documentation's, and --connect-to leads to the servers."""

    @classmethod
    def setUpClass(cls):
        cls.stack = contextlib.ExitStack()
        enter = cls.stack.enter_context
        cls.parent = enter(Nsd({"example": PARENT}))
        cls.good = enter(Nsd({"good.example": GOOD.format(serial=5)}))
        cls.bad = enter(Nsd({"bad.example": BAD.format(serial=5)}))
        cls.stale = enter(Nsd({"bad.example": BAD.format(serial=4)}))
        cls.other = enter(Nsd({"elsewhere.example": GOOD.format(serial=1)}))
        cls.relay = enter(UdpRelay(cls.stale))
        cls.silent = enter(SilentServer())
        cls.resolver = enter(Unbound({"example": cls.parent, "good.example": cls.good, "bad.example": cls.bad,
                                      "dead.example": cls.silent}))
        cls.routes = []
        for address, port in [("192.0.2.53", cls.parent.port), ("192.0.2.1", cls.good.port), ("203.0.113.2", cls.good.port),
                              ("192.0.2.11", cls.bad.port), ("203.0.113.12", cls.relay.port), ("203.0.113.13", cls.relay.port),
                              ("198.51.100.9", cls.other.port), ("192.0.2.21", cls.silent.port)]:
            cls.routes += ["--connect-to", f"{address}:53:127.0.0.1:{port}"]

    @classmethod
    def tearDownClass(cls):
        cls.stack.close()

    def ask(self, *arguments, status=None):
        return report(*arguments, "--nameserver", self.resolver.endpoint, *self.routes, status=status)

    def test_records(self):
        result = self.ask("mx", "good.example", status=0)["result"]
        self.assertEqual([record["data"] for record in result["records"]], ["10 mx.good.example"])
        self.assertEqual(result["answers"][0]["server"], self.resolver.endpoint)
        self.assertGreater(result["records"][0]["ttl"], 0)
        result = self.ask("a", "www.good.example", status=0)["result"]
        self.assertEqual(result["cname_chain"], ["mx.good.example"])
        self.assertEqual(result["records"][0]["data"], "127.0.0.1")
        types = {record["type"] for record in self.ask("any", "good.example", status=0)["result"]["records"]}
        self.assertEqual(types, {"MX", "NS", "SOA", "TXT"})

    def test_what_is_not_there(self):
        self.assertEqual(ids(self.ask("aaaa", "mx.good.example", status=1)), ["lookup.nodata"])
        self.assertEqual(ids(self.ask("a", "none.good.example", status=1)), ["lookup.nxdomain"])
        self.assertEqual(ids(self.ask("a", "x.dead.example", "--timeout", "0.2", "--tries", "1", status=3)), ["lookup.unknown"])

    def test_hostile_octets_stay_in_their_place(self):
        text = run("txt", "hostile.good.example", "--nameserver", self.resolver.endpoint, status=0).stdout
        self.assertNotIn("\x1b", text)
        self.assertIn("\\027[31mred\\010\\200", text)

    def test_healthy_zone(self):
        found = self.ask("dns", "good.example", status=1)  # the addresses are documentation's
        self.assertEqual(set(ids(found)), {"dns.ns-private"})
        result = found["result"]
        self.assertEqual((result["zone"], result["parent"], result["delegated"]), ("good.example", "example", "yes"))
        self.assertEqual({server["serial"] for server in result["servers"]}, {5})
        for server in result["servers"]:
            self.assertTrue(server["authoritative"] and server["tcp"] and server["edns"] and not server["recursion"], server)
            self.assertEqual([size["type"] for size in server["sizes"]], ["MX", "TXT", "ANY"])
        self.assertEqual(ids(self.ask("dns", "www.good.example"))[0], "dns.part-of-zone")

    def test_sick_zone(self):
        found = self.ask("dns", "bad.example", status=1)
        data = {finding["id"]: finding["data"] for finding in found["findings"]}
        self.assertEqual(set(data), {"dns.ns-mismatch", "dns.ns-private", "dns.glue-mismatch", "dns.lame", "dns.tcp-failed",
                                     "dns.serial-differs", "dns.large-answer", "dns.large-answer-lost"})
        self.assertEqual(data["dns.ns-mismatch"]["parent_only"], ["old.good.example"])
        self.assertEqual(data["dns.ns-mismatch"]["child_only"], "-")
        self.assertEqual(data["dns.glue-mismatch"]["host"], "ns2.bad.example")
        self.assertEqual(data["dns.lame"]["servers"], ["old.good.example (198.51.100.9)"])
        self.assertIn("ns2.bad.example (203.0.113.12)", data["dns.tcp-failed"]["servers"])
        self.assertRegex(" ".join(data["dns.large-answer"]["values"]), r"TXT 1[3-9]\d\d")
        for language in ("en", "ko"):
            text = run("dns", "bad.example", "--lang", language, "--nameserver", self.resolver.endpoint, *self.routes).stdout
            self.assertIn("CNAME lookup failed temporarily", text)
            self.assertNotRegex(text, r"\{[a-z_]+\}")

    def test_what_single_servers_say_is_recorded(self):
        for domain, more in (("bad.example", []), ("dead.example", ["--timeout", "0.2", "--tries", "1"])):
            with tempfile.TemporaryDirectory() as folder:
                recording = str(Path(folder) / "recording")
                there = self.ask("dns", domain, "--record", recording, *more)
                copy = str(Path(folder) / "copy")
                again = report("dns", domain, "--replay", recording, "--record", copy)
                old, new = ({line for line in Path(file).read_text().splitlines() if line.startswith('{"asked":')}
                            for file in (recording, copy))
            self.assertLessEqual(new, old)  # of several answers to one question one is replayed
            questions = [{json.dumps(json.loads(line)["asked"]) for line in lines} for lines in (new, old)]
            self.assertEqual(*questions)
            self.assertTrue(old)
            self.assertEqual(again["result"], there["result"])
            self.assertEqual([(finding["id"], finding["data"]) for finding in again["findings"]],
                             [(finding["id"], finding["data"]) for finding in there["findings"]])

    def test_mxcheck_reads_them_from_its_recording(self):
        def picture(*arguments):
            done = subprocess.run([PROGRAM, "mxcheck", "dead.example", "--no-dnsbl", "--timeout", "0.2", "--tries", "1", "--format", "json",
                                   *arguments], capture_output=True, text=True, timeout=120)
            found = json.loads(done.stdout)
            return done.returncode, found["result"]["dns"], [finding["id"] for finding in found["findings"]]

        with tempfile.TemporaryDirectory() as folder:
            recording = str(Path(folder) / "recording")
            there = picture("--nameserver", self.resolver.endpoint, *self.routes, "--record", recording)
            self.assertIn("dns.server-silent", there[2])
            self.assertEqual(picture("--replay", recording), there)
            bare = Path(folder) / "bare"  # as of a run with --no-smtp
            bare.write_text("".join(line for line in Path(recording).read_text().splitlines(True) if not line.startswith('{"asked":')))
            status, health, found = picture("--replay", str(bare))
            self.assertEqual((status, health), (3, None))
            self.assertNotIn("dns", {name.split(".")[0] for name in found})

    def test_single_servers_are_asked_from_the_source(self):
        self.relay.peers.clear()
        self.ask("dns", "bad.example", "--source", "127.0.0.9", status=1)
        self.assertEqual(self.relay.peers, {"127.0.0.9"})

    def test_no_delegation_and_no_answer(self):
        found = self.ask("dns", "nowhere.example", status=2)
        self.assertEqual(ids(found), ["dns.no-delegation"])
        found = self.ask("dns", "dead.example", "--timeout", "0.2", "--tries", "1", status=3)
        self.assertIn("dns.server-silent", ids(found))
        self.assertNotIn("critical", {finding["severity"] for finding in found["findings"]})


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):  # noqa: N802
        status = {"/moved": 301, "/gone": 404, "/broken": 503}.get(self.path, 200)
        self.send_response(status)
        if status == 301:
            self.send_header("Location", "http://elsewhere.example/\x1b[31m")
        self.send_header("Content-Type", "text/plain")
        self.send_header("Strict-Transport-Security", "max-age=1")
        self.send_header("Content-Length", "3")
        self.end_headers()
        self.wfile.write(b"hi\n")

    def log_message(self, *_):
        pass


class Hosts(unittest.TestCase):
    def test_tcp(self):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            port = listener.getsockname()[1]
            found = report("tcp", f"127.0.0.1:{port}", status=0)
            self.assertEqual(ids(found), ["lookup.tcp-open"])
            self.assertTrue(found["result"]["addresses"][0]["connected"])
            self.assertEqual(found["result"]["addresses"][0]["source"], "127.0.0.1")
        self.assertEqual(ids(report("tcp", f"127.0.0.1:{port}", status=2)), ["lookup.tcp-refused"])
        for language, words in (("en", "connection refused"), ("ko", "연결 거부")):
            text = run("tcp", f"127.0.0.1:{port}", "--lang", language).stdout
            self.assertRegex(text, rf"(?m)^ *127\.0\.0\.1 +- +- +{words}$")

    def test_http(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
        threading.Thread(target=server.serve_forever).start()
        base = f"http://127.0.0.1:{server.server_port}"
        try:
            found = report("http", base, status=0)
            self.assertEqual(ids(found), ["lookup.http-answered"])
            self.assertEqual((found["result"]["status"], found["result"]["content_type"]), (200, "text/plain"))
            self.assertTrue(found["result"]["server"].startswith("BaseHTTP/"))
            self.assertEqual(found["result"]["strict_transport_security"], "max-age=1")
            self.assertGreater(found["result"]["total_ms"], 0)
            found = report("http", base + "/moved", status=0)
            self.assertEqual(ids(found), ["lookup.http-redirect"])
            self.assertNotIn("\x1b", found["result"]["location"])
            self.assertEqual(ids(report("http", base + "/gone", status=1)), ["lookup.http-client-error"])
            self.assertEqual(ids(report("http", base + "/broken", status=2)), ["lookup.http-server-error"])
            found = report("https", base.replace("http:", "https:"), status=2)
            self.assertEqual(ids(found), ["lookup.http-failed"])
        finally:
            server.shutdown()
            server.server_close()
        self.assertEqual(ids(report("http", base, status=2)), ["lookup.http-failed"])

    def test_ping_or_the_cure(self):
        found = report("ping", "127.0.0.1")
        if ids(found) == ["lookup.ping-answered"]:
            self.assertEqual(found["result"]["addresses"][0]["received"], 4)
        else:
            self.assertEqual(found["status"], "unknown")
            self.assertIn('net.ipv4.ping_group_range="0 2147483647"', run("ping", "127.0.0.1", status=3).stdout)

    def test_reasons_in_korean(self):
        for arguments in (("ping", "127.0.0.1", "--source", "192.0.2.1"), ("trace", "127.0.0.1", "--source", "192.0.2.1"),
                          ("tcp", "127.0.0.1:9", "--source", "192.0.2.1")):
            text = run(*arguments, "--lang", "ko", status=3).stdout
            self.assertTrue("이 시스템에 없는 출발지 주소" in text or "권한 없이" in text, text)
            self.assertNotRegex(text, "Cannot assign|no address of this system")
            found = report(*arguments, status=3)["result"]
            place = (found.get("addresses") or found["routes"])[0]
            self.assertIn(place["obstacle"], ("foreign-source", "not-allowed"))

    def test_trace_to_ourselves(self):
        found = report("trace", "127.0.0.1", "--nameserver", "127.0.0.1#9", "--timeout", "0.1", "--tries", "1", status=0)
        self.assertEqual(ids(found), ["lookup.trace-arrived"])
        self.assertEqual([hop["address"] for hop in found["result"]["routes"][0]["hops"]], ["127.0.0.1"])

    def test_what_is_not_a_target(self):
        for arguments in [("tcp", "127.0.0.1"), ("tcp", "127.0.0.1:0"), ("tcp", "::1:25x"), ("http", "ftp://example.com/"),
                          ("http", "http://user:word@example.com/"), ("https", "https://example.com/a b"), ("a", "192.0.2.1"),
                          ("mx", "a..b"), ("ping", "a b")]:
            self.assertEqual(run(*arguments, status=64).stdout, "")

    def test_suggestions(self):
        for word, wanted in [("mxx", "lookup mx"), ("traec", "lookup trace"), ("spf", "spfcheck"), ("blacklist", "rblcheck"),
                             ("arin", "whois")]:
            self.assertIn(f"maildiag {wanted}`", run(word, "example.com", status=64).stderr)
        done = subprocess.run([PROGRAM, "lokup", "mx", "example.com"], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 64)
        self.assertIn("Did you mean `maildiag lookup`?", done.stderr)

    def test_files_lead_nowhere(self):
        with tempfile.NamedTemporaryFile("w", suffix=".zone") as zone:
            zone.write("$ORIGIN two.example.\n" + GOOD.format(serial=1) + "mx IN AAAA ::1\n")
            zone.flush()
            for arguments in [("tcp", "mx.two.example:25"), ("ping", "mx.two.example"), ("trace", "mx.two.example"),
                              ("http", "mx.two.example")]:
                found = report(*arguments, "--zone", zone.name, status=3)
                self.assertEqual(ids(found), ["lookup.not-tried"])
            self.assertIn("dns.not-asked", ids(report("dns", "two.example", "--zone", zone.name, status=3)))


class Routers(unittest.TestCase):
    """Here, a router and a target, in network namespaces: root only."""

    def setUp(self):
        if os.geteuid() != 0 or shutil.which("ip") is None:
            self.skipTest("needs root and ip(8)")
        self.names = [f"md{os.getpid()}{letter}" for letter in "art"]
        here, router, target = self.names
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        for name in self.names:
            if subprocess.run(["ip", "netns", "add", name], capture_output=True).returncode != 0:
                self.skipTest("no network namespaces here")
            self.stack.callback(subprocess.run, ["ip", "netns", "del", name], capture_output=True)
            if subprocess.run(["ip", "-n", name, "link"], capture_output=True).returncode != 0:
                self.skipTest("no way into a network namespace, as where / is no mount point")
        pairs = [("v0", here, "v1", router), ("v2", router, "v3", target)]
        for one, of_one, two, of_two in pairs:
            self.ip("link", "add", one, "netns", of_one, "type", "veth", "peer", "name", two, "netns", of_two)
        for name, device, *addresses in [(here, "v0", "10.9.1.1/24", "fd09:1::1/64"), (router, "v1", "10.9.1.2/24", "fd09:1::2/64"),
                                         (router, "v2", "10.9.2.1/24", "fd09:2::1/64"), (target, "v3", "10.9.2.2/24", "fd09:2::2/64")]:
            for address in addresses:
                self.ip("-n", name, "address", "add", address, "dev", device, *(["nodad"] if ":" in address else []))
            self.ip("-n", name, "link", "set", device, "up")
        for name in self.names:
            self.ip("-n", name, "link", "set", "lo", "up")
        self.allow(router, "ipv4/ip_forward", "1")
        self.allow(router, "ipv6/conf/all/forwarding", "1")
        self.allow(router, "ipv4/icmp_ratelimit", "0")
        self.allow(here, "ipv4/ping_group_range", "0 2147483647")
        self.ip("-n", here, "route", "add", "default", "via", "10.9.1.2")
        self.ip("-n", here, "-6", "route", "add", "default", "via", "fd09:1::2")
        self.ip("-n", target, "route", "add", "default", "via", "10.9.2.1")
        self.ip("-n", target, "-6", "route", "add", "default", "via", "fd09:2::1")

    def ip(self, *arguments):
        subprocess.run(["ip", *arguments], check=True, capture_output=True)

    def allow(self, name, setting, value):
        if self.inside(name, "sh", "-c", f"echo {value} >/proc/sys/net/{setting}").returncode != 0:
            self.skipTest(f"{setting} cannot be set here")

    def inside(self, name, *command):
        return subprocess.run(["ip", "netns", "exec", name, *command], capture_output=True, text=True, check=False, timeout=120)

    def lookup(self, *arguments):
        done = self.inside(self.names[0], PROGRAM, "lookup", *arguments, "--nameserver", "127.0.0.1#9", "--timeout", "0.1",
                           "--tries", "1", "--format", "json")
        return json.loads(done.stdout)

    def test_way_and_echo(self):
        for target, router in [("10.9.2.2", "10.9.1.2"), ("fd09:2::2", "fd09:1::2")]:
            found = self.lookup("trace", target)
            self.assertEqual(ids(found), ["lookup.trace-arrived"], found)
            hops = found["result"]["routes"][0]["hops"]
            self.assertEqual([hop["address"] for hop in hops], [router, target])
            self.assertEqual([hop["target"] for hop in hops], [False, True])
            self.assertEqual(ids(self.lookup("ping", target)), ["lookup.ping-answered"])

    def test_router_refuses(self):
        self.ip("-n", self.names[1], "route", "add", "prohibit", "192.0.2.0/24")
        found = self.lookup("trace", "192.0.2.7")
        self.assertEqual(ids(found), ["lookup.trace-refused"])
        self.assertEqual(found["findings"][0]["data"]["note"]["en"], "prohibited")
        self.assertEqual(ids(self.lookup("ping", "192.0.2.7")), ["lookup.ping-failed"])


if __name__ == "__main__":
    skip_unless("nsd", "unbound")
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
