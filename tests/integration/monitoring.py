#!/usr/bin/env python3
"""--format nagios and --format prometheus, read by the programs that they are made for: promtool, the textfile collector
of node_exporter, and the monitoring plug-ins' own negate and urlize.

    monitoring.py PROGRAM
"""

import os
import re
import stat
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from servers import find_program, free_port, skip_unless  # noqa: E402

PROGRAM = sys.argv[1] if len(sys.argv) > 1 else "maildiag"
PLUGINS = Path("/usr/lib/nagios/plugins")
PERFDATA = re.compile(r"^([\w.-]+=-?\d+(\.\d+)?(s|ms|%|B|c)?(;[\d.:@~-]*){0,4} ?)+$")

ZONE = r"""$TTL 300
$ORIGIN .
7.113.0.203.in-addr.arpa. IN PTR evil\010CRITICAL\|x=1\"\036HOME\036<b>.example.net.
8.113.0.203.in-addr.arpa. IN PTR mail.example.com.
mail.example.com. IN A 203.0.113.8
example.com. IN MX 10 mail.example.com.
example.com. IN SOA ns.example.com. root.example.com. 1 7200 3600 1209600 300
2.0.0.127.list.example. IN A 127.0.0.2
7.113.0.203.list.example. IN A 127.0.0.2
7.113.0.203.list.example. IN TXT "bad | worse \" <script>" "\027[31m\010second line"
list.example. IN SOA ns.example.com. root.example.com. 1 7200 3600 1209600 300
in-addr.arpa. IN SOA ns.example.com. root.example.com. 1 7200 3600 1209600 300
"""


class Monitoring(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="maildiag-monitoring-")))
        cls.directory.chmod(0o755)
        (cls.directory / "zone").write_text(ZONE)

    def run_program(self, *arguments, status=None, before=()):
        done = subprocess.run([*map(str, before), PROGRAM, *arguments, "--zone", str(self.directory / "zone"),
                               "--lang", "en"], capture_output=True, text=True, timeout=120)
        if status is not None:
            self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done

    def nagios(self, *arguments, status):
        output = self.run_program(*arguments, "--format", "nagios", status=status).stdout
        self.assertEqual(output.count("\n"), 1, output)
        self.assertEqual(output.count("|"), 1, output)
        text, data = output.rstrip("\n").split("|")
        self.assertRegex(data.strip(), PERFDATA)
        self.assertRegex(text, r"^MAILDIAG [A-Z ]*(OK|WARNING|CRITICAL|UNKNOWN) - .")
        word = ["OK", "WARNING", "CRITICAL", "UNKNOWN"][status]
        self.assertIn(f" {word} - ", text)
        self.assertNotRegex(output, r'[<>$`"\\\x00-\x09\x0b-\x1f]')
        return text

    def test_nagios_lines(self):
        self.nagios("ptrcheck", "203.0.113.8", status=0)
        text = self.nagios("rblcheck", "203.0.113.7", "--list", "list.example", status=2)
        self.assertIn("203.0.113.7", text)
        self.nagios("ptrcheck", "203.0.113.7", "203.0.113.8", "203.0.113.9", status=2)
        self.nagios("ptrcheck", "203.0.113.8", "no address", status=3)
        self.nagios("rblcheck", "--no-such-option", status=3)
        self.nagios("ptrcheck", status=3)
        self.nagios("ptrcheck", "203.0.113.8", "--rules", "/no/such/directory", status=3)

    def test_plugins_of_debian_take_the_line(self):
        inverted = self.run_program("ptrcheck", "203.0.113.8", "--format", "nagios", status=2, before=[PLUGINS / "negate"])
        self.assertIn("MAILDIAG PTRCHECK OK", inverted.stdout)
        replaced = self.run_program("rblcheck", "203.0.113.7", "--list", "list.example", "--format", "nagios", status=0,
                                    before=[PLUGINS / "negate", "-s", "-c", "OK"])
        self.assertIn("MAILDIAG RBLCHECK OK", replaced.stdout)
        linked = self.run_program("rblcheck", "203.0.113.7", "--list", "list.example", "--format", "nagios", status=2,
                                  before=[PLUGINS / "urlize", "https://example.com/"])
        self.assertRegex(linked.stdout, r'^<A href="https://example\.com/">MAILDIAG .* - [^<>|]*</A> \|')

    def test_prometheus_text_passes_promtool(self):
        for arguments in (["rblcheck", "203.0.113.7", "203.0.113.8", "203.0.113.7", "--list", "list.example"],
                          ["ptrcheck", "203.0.113.7"], ["mxcheck", "example.com", "missing.example"],
                          ["explain", "--reply", '550 5.7.1 "<script>\\ |', "--no-checks"]):
            with self.subTest(arguments):
                text = self.run_program(*arguments, "--format", "prometheus").stdout
                self.assertIn("# TYPE maildiag_status gauge\n", text)
                self.assertNotIn("script", text)
                checked = subprocess.run([find_program("promtool"), "check", "metrics"], input=text, text=True,
                                         capture_output=True, timeout=60)
                self.assertEqual((checked.returncode, checked.stderr), (0, ""), text)

    def test_output_is_replaced_as_a_whole(self):
        target = self.directory / "whole.prom"
        arguments = ["ptrcheck", "203.0.113.8", "--format", "prometheus", "--output", str(target)]
        os.umask(0o022)
        self.assertEqual(self.run_program(*arguments, status=0).stdout, "")
        self.assertEqual(stat.S_IMODE(target.stat().st_mode), 0o644)
        target.chmod(0o640)
        before = target.stat().st_ino
        self.run_program(*arguments, status=0)
        self.assertNotEqual(target.stat().st_ino, before)
        self.assertEqual(stat.S_IMODE(target.stat().st_mode), 0o640)
        # What cannot be worked on leaves the old file, whose age tells.
        before = target.read_text()
        self.run_program("ptrcheck", "no address", "--format", "prometheus", "--output", str(target), status=64)
        self.assertEqual(target.read_text(), before)
        self.assertEqual([path.name for path in self.directory.iterdir() if path.name.startswith(".")], [])
        # A link is followed, a device stays one.
        link = self.directory / "link"
        link.symlink_to(target)
        self.run_program("mxcheck", "example.com", "--format", "json", "--output", str(link))
        self.assertTrue(link.is_symlink())
        self.assertTrue(target.read_text().startswith('{"schema"'))
        self.run_program("ptrcheck", "203.0.113.8", "--output", "/dev/null", status=0)
        self.assertTrue(stat.S_ISCHR(os.stat("/dev/null").st_mode))
        self.run_program("ptrcheck", "203.0.113.8", "--output", "/no/such/directory/file", status=73)

    def test_textfile_collector(self):
        collected = self.directory / "collected"
        collected.mkdir()
        for command, target in [("ptrcheck", "203.0.113.7"), ("ptrcheck", "203.0.113.8"), ("mxcheck", "example.com")]:
            name = f"{command}-{target}.prom"
            self.run_program(command, target, "--format", "prometheus", "--output", str(collected / name))
        port = free_port()
        collector = subprocess.Popen(
            [find_program("prometheus-node-exporter"), f"--web.listen-address=127.0.0.1:{port}",
             "--collector.disable-defaults", "--collector.textfile", f"--collector.textfile.directory={collected}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        try:
            metrics = self.scrape(f"http://127.0.0.1:{port}/metrics", collector)
        finally:
            collector.terminate()
            collector.communicate(timeout=30)
        self.assertIn("node_textfile_scrape_error 0\n", metrics)
        self.assertRegex(metrics, r'maildiag_status\{command="ptrcheck",target="203\.0\.113\.7"\} [0-3]\n')
        self.assertRegex(metrics, r'maildiag_status\{command="mxcheck",target="example\.com"\} [0-3]\n')
        self.assertIn('maildiag_run_end_time_seconds{command="mxcheck",first_target="example.com"}', metrics)

    @staticmethod
    def scrape(url, collector):
        while collector.poll() is None:
            try:
                with urllib.request.urlopen(url, timeout=30) as answer:
                    return answer.read().decode()
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("the collector ended: " + collector.stderr.read())


if __name__ == "__main__":
    skip_unless("promtool", "prometheus-node-exporter")
    if not (PLUGINS / "negate").exists():
        print("SKIPPED: not installed: monitoring-plugins-basic", file=sys.stderr)
        sys.exit(77)
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
