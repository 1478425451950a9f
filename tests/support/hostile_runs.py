"""Runs of the program over hostile_words, in each of its formats: a base for tests."""

import concurrent.futures
import os
import subprocess
import tempfile
from pathlib import Path

from output_checks import check_colored, check_html, check_json, check_nagios, check_prometheus, check_text, shows, speakers

# Sentences exist in two languages; what they enclose passes the same functions.
FORMATS = {
    "text": (["--color", "never", "-v", "--lang", "en"], check_text), "colors": (["--color", "always", "-v", "--lang", "ko"], check_colored),
    "json": (["--format", "json"], check_json), "nagios": (["--format", "nagios", "--lang", "ko"], check_nagios),
    "prometheus": (["--format", "prometheus"], check_prometheus), "html": (["--format", "html"], check_html)}
# These say what is wrong with a target in a line or a number, so that a word reaches them only by a target or a title.
TERSE = {"nagios", "prometheus"}
PAGES = {("report",), ("watch", "history")}
AT_ONCE = 3  # most runs wait for servers


class HostileRuns:
    """REQUIRES: `program`, and `world`, the options that lead to what stands for the Internet."""

    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = Path(temporary.name)

    @classmethod
    def file(cls, name, content):
        path = os.path.join(os.fsencode(cls.folder), os.fsencode(name))
        with open(path, "wb") as out:
            out.write(content.encode() if isinstance(content, str) else content)
        return os.fsdecode(path)

    def run_program(self, *arguments, stdin=b"", variables=()):
        environment = {"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin", "XDG_CACHE_HOME": str(self.folder / "cache"),
                       "HOME": str(self.folder)}
        environment.update({key: value for key, value in os.environ.items() if key.endswith("SAN_OPTIONS")})
        environment.update(variables)
        return subprocess.run([self.program, *arguments], capture_output=True, timeout=120, env=environment, input=stdin)

    def check(self, source, *arguments, also=(), of=(), stdin=b"", world=None, formats=FORMATS):
        """One command in each format: `also` names the terse ones in which the words have to stand, too, `of` those of whom
        there have to be words in the others (hostile_words.said)."""
        world = self.world if world is None else world
        names = [name for name in formats if name != "html" or {arguments[:1], arguments[:2]} & PAGES]
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            runs = pool.map(lambda name: self.run_program(*arguments, *FORMATS[name][0], *world, stdin=stdin), names)
            for name, run in zip(names, runs):
                with self.subTest(source=source, renderer=name):
                    self.judge(name, run, shown=name not in TERSE or name in also, of=() if name in TERSE else of)

    def judge(self, name, run, shown, of=()):
        self.assertIn(run.returncode, (0, 1, 2, 3), run.stderr)
        self.assertTrue(run.stdout, run.stderr)
        text = run.stdout.decode("utf-8")  # which must not fail, either
        FORMATS[name][1](text)
        self.assertTrue(shows(text) or not shown, text)
        self.assertLessEqual(set(of), speakers(text), text)
        FORMATS["text"][1](run.stderr.decode("utf-8"))
