#!/usr/bin/env python3
"""mxcheck and report over the domains of tests/data/domains: a good one, a terrible one, one with twelve exchangers, one in
Hangul, one whose names try to be markup.

    report.py PROGRAM SOURCE_ROOT [--keep DIRECTORY]

The pages are well formed for a parser of XML, load nothing, and chromium draws each of them, light and dark, wide and narrow,
and on paper. Without chromium that part says that it is skipped. --keep writes pages and pictures there, to be looked at.
"""

import argparse
import json
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree
from pathlib import Path

DOMAINS = {"good": "example.com", "bad": "shop.test", "many": "university.test", "idn": "메일서버.한국",
           "hostile": "hostile.test"}
LISTED = {"bad", "many"}  # looked up in the lists of lists.zone, too


class Report(unittest.TestCase):
    program = ""
    root = Path()
    keep = None

    def run_program(self, command, name, *words):
        zones = self.root / "tests/data/domains"
        lists = ["--zone", zones / "lists.zone"] if name in LISTED else []
        done = subprocess.run([self.program, command, DOMAINS[name], "--zone", zones / f"{name}.zone", *lists, *words],
                              capture_output=True, text=True, timeout=120)
        self.assertIn(done.returncode, (0, 1, 2, 3), done.stderr)
        return done

    def json_of(self, command, name, *words):
        return json.loads(self.run_program(command, name, "--format", "json", *words).stdout)

    def page(self, name, language="en"):
        return self.run_program("report", name, "--format", "html", "--lang", language).stdout

    def test_a_good_domain_is_in_order(self):
        done = self.run_program("mxcheck", "good", "--format", "json")
        report = json.loads(done.stdout)
        self.assertEqual((done.returncode, report["command"]), (0, "mxcheck"), done.stdout)
        result = report["result"]
        self.assertEqual([mx["host"] for mx in result["mx"]], ["mx1.example.com", "mx2.example.com"])
        self.assertEqual({a["fcrdns"] for mx in result["mx"] for a in mx["addresses"]}, {"pass"})
        self.assertEqual(result["spf"]["lookups"], 3)
        self.assertEqual(result["dmarc"]["policy"], "reject")
        self.assertEqual([key["selector"] for key in result["dkim"]["keys"]], ["default"])
        self.assertIsNone(result["dnsbl"])

    def test_a_terrible_domain_is_told_once_each(self):
        report = self.json_of("mxcheck", "bad")
        said = [(f["id"], f["subject"], json.dumps(f["data"])) for f in report["findings"]]
        self.assertEqual(len(said), len(set(said)))
        ids = {f["id"] for f in report["findings"]}
        for wanted in ("mx.host-unresolvable", "mx.private-address", "mx.cname", "spf.too-many-lookups", "spf.plus-all",
                       "dmarc.none-policy", "dkim.key-too-short", "dnsbl.listed"):
            self.assertIn(wanted, ids)
        self.assertEqual(report["status"], "critical")
        lists = {a["ip"]: a["listed"] for a in report["result"]["dnsbl"]["addresses"]}
        self.assertEqual((lists["81.2.69.142"], lists["81.2.69.143"]), (2, 1))

    def test_report_is_mxcheck_under_another_name(self):
        for name in DOMAINS:
            with self.subTest(name):
                one, other = self.json_of("mxcheck", name), self.json_of("report", name)
                self.assertEqual(other["command"], "report")
                self.assertEqual((one["result"], one["findings"]), (other["result"], other["findings"]))

    def test_what_is_not_wanted_is_not_asked(self):
        result = self.json_of("mxcheck", "bad", "--no-dnsbl", "--selector", "mail")["result"]
        self.assertIsNone(result["dnsbl"])
        self.assertEqual([key["selector"] for key in result["dkim"]["keys"]], ["mail"])

    def test_text_fits_and_quiet_is_quiet(self):
        for name in DOMAINS:
            whole = self.run_program("mxcheck", name).stdout
            self.assertNotRegex(whole, r"[\x00-\x09\x0b-\x1f]")
            quiet = self.run_program("mxcheck", name, "-q").stdout
            self.assertLess(len(quiet), len(whole))
            self.assertNotRegex(quiet, r"(?m)^\s*\[(ok|info)\]")
        self.assertLessEqual(max(map(len, self.run_program("mxcheck", "good").stdout.splitlines())), 80)

    def test_pages_are_well_formed_and_load_nothing(self):
        for name in DOMAINS:
            for language in ("en", "ko"):
                with self.subTest(name=name, language=language):
                    text = self.page(name, language)
                    tree = xml.etree.ElementTree.fromstring(text)
                    self.assertEqual(tree.get("lang"), language)
                    allowed = {"html", "head", "meta", "title", "style", "body", "svg", "defs", "symbol", "path", "circle", "use",
                               "main", "header", "p", "h1", "h2", "h3", "h4", "span", "nav", "a", "b", "i", "section", "article",
                               "ol", "ul", "li", "dl", "dt", "dd", "code", "details", "summary", "div", "figure", "g", "rect",
                               "text", "table", "thead", "tbody", "tr", "th", "td", "br", "footer"}
                    self.assertLessEqual({element.tag for element in tree.iter()} - {"title"}, allowed)
                    for element in tree.iter():
                        for attribute, value in element.attrib.items():
                            self.assertFalse(attribute.startswith("on"), attribute)
                            self.assertNotEqual(attribute, "src")
                            if attribute == "href":
                                self.assertTrue(value.startswith("#"), value)
                    ids = [element.get("id") for element in tree.iter() if element.get("id")]
                    self.assertEqual(len(ids), len(set(ids)))
                    targets = {e.get("href")[1:] for e in tree.iter() if e.get("href")}
                    self.assertLessEqual(targets, set(ids))
                    self.assertNotRegex(text, "(?i)<script|<img|<iframe|@import|url\\(")
                    self.assertIn("default-src 'none'; style-src 'unsafe-inline'", text)

    def test_only_report_and_history_have_pages(self):
        done = subprocess.run([self.program, "ptrcheck", "192.0.2.1", "--format", "html"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 64)

    def test_the_page_replaces_its_file(self):
        with tempfile.TemporaryDirectory() as directory:
            target = Path(directory) / "page.html"
            target.write_text("old")
            self.run_program("report", "good", "--format", "html", "--output", str(target))
            self.assertTrue(target.read_text().startswith("<!DOCTYPE html>"))


class Browser(unittest.TestCase):
    """What chromium makes of the pages: that it draws them at all, as wide as was asked for, and nothing sticks out."""

    def test_pages_are_drawn(self):
        browser = shutil.which("chromium")
        if browser is None:
            self.skipTest("chromium is not installed: the pages were not drawn")
        with tempfile.TemporaryDirectory() as directory:
            place = Path(Report.keep or directory)
            place.mkdir(exist_ok=True)
            for name in DOMAINS:
                language = "ko" if name == "idn" else "en"
                page = place / f"{name}.html"
                page.write_text(Report("run_program").page(name, language))
                shots = [("light", 1280, []), ("dark", 1280, ["--force-dark-mode", "--blink-settings=preferredColorScheme=0"]),
                         ("narrow", 500, [])]
                for kind, width, more in shots if name in ("good", "bad") or Report.keep else shots[:1]:
                    picture = place / f"{name}-{kind}.png"
                    self.draw(browser, directory, page, [f"--screenshot={picture}", f"--window-size={width},3000", *more])
                    size = struct.unpack(">II", picture.read_bytes()[16:24])
                    self.assertEqual(size[0], width)
                    self.assertGreater(picture.stat().st_size, 20000, "an empty picture")
            paper = place / "bad.pdf"
            self.draw(browser, directory, place / "bad.html", [f"--print-to-pdf={paper}", "--no-pdf-header-footer"])
            self.assertTrue(paper.read_bytes().startswith(b"%PDF"))

    def draw(self, browser, directory, page, options):
        subprocess.run([browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                        f"--user-data-dir={directory}/profile", *options, page.as_uri()],
                       check=True, capture_output=True, timeout=180)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("root", type=Path)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    Report.program, Report.root, Report.keep = options.program, options.root, options.keep
    unittest.main(argv=sys.argv[:1])
