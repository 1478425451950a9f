#!/usr/bin/env python3
"""Ctrl-C in every command that waits for others: a progress line is on the terminal, then what is known is printed, one line
says that the run was stopped, and the exit status is "unknown". The DNS server here hears everything and answers nothing.

    interrupt.py PROGRAM SOURCE_ROOT
"""

import fcntl
import json
import os
import pty
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
from pathlib import Path

LIMIT = 55  # s; nothing hangs on it but a command that does not end: its question waits for 60 s
REDRAWN = b"\r\x1b[K"

COMMANDS = [
    ["mxcheck", "silent.test"], ["report", "silent.test"], ["ptrcheck", "192.0.2.1"], ["spfcheck", "silent.test"],
    ["dkimcheck", "silent.test"], ["dmarccheck", "silent.test"], ["bimicheck", "silent.test"], ["tlscheck", "silent.test"],
    ["rblcheck", "192.0.2.1", "192.0.2.2"], ["smtpcheck", "silent.test"], ["whois", "192.0.2.1"], ["lookup", "mx", "silent.test"],
    ["lookup", "dns", "silent.test"], ["explain", "BOUNCE"], ["explain", "--summary", "BOUNCE"],
    ["watch", "--state", "STATE", "silent.test"],
]

# Their standard input begins with a line and never ends.
READERS = [
    ["explain", "--reply-lines", "-"], ["explain", "--log", "-"], ["explain", "-"], ["dkimcheck", "--message", "-"],
    ["dmarccheck", "--message", "-"], ["dmarccheck", "--bulk", "--message", "-", "good.test"], ["summary", "merge", "-"],
    ["rblcheck", "--file", "-"],
]


class QuietServer:
    """Answers questions about good.test with an address, and no others."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.heard = threading.Event()  # something that is not answered
        threading.Thread(target=self.serve, daemon=True).start()

    @property
    def endpoint(self):
        return "127.0.0.1#%d" % self.socket.getsockname()[1]

    def serve(self):
        while True:
            query, client = self.socket.recvfrom(4096)
            if query[12:].lower().startswith(b"\x04good\x04test\x00"):
                question = query[12:12 + 11 + 4]
                answer = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 60, 4) + socket.inet_aton("192.0.2.7")
                self.socket.sendto(query[:2] + b"\x81\x80" + struct.pack(">HHHH", 1, 1, 0, 0) + question + answer, client)
            else:
                self.heard.set()


class Runs:
    def __init__(self, program, root):
        self.program, self.faults = program, []
        self.bounce = str(Path(root) / "tests/data/bounces/ptr-missing.eml")
        self.server = QuietServer()
        self.state = None

    def start(self, words, **more):
        words = [{"BOUNCE": self.bounce, "STATE": self.state}.get(word, word) for word in words]
        self.server.heard.clear()
        return subprocess.Popen([self.program, *words, "--nameserver", self.server.endpoint, "--timeout", "60", "--tries", "1"],
                                stdout=subprocess.PIPE, text=True,
                                env={**os.environ, "LC_ALL": "C.UTF-8", "TERM": "xterm", "XDG_CACHE_HOME": self.state + ".cache",
                                     "XDG_CONFIG_HOME": "/nonexistent"}, **more)

    def expect(self, good, words, what):
        if not good:
            self.faults.append(f"{' '.join(words)}: {what}")

    @staticmethod
    def read(terminal):
        """Nothing: the program has closed its end."""
        try:
            return os.read(terminal, 4096)
        except OSError:
            return b""

    def on_terminal(self, words, number, word):
        """Standard error is a terminal; the signal comes when the progress line is there."""
        terminal, child = pty.openpty()
        process = self.start(words, stderr=child)
        os.close(child)
        watchdog = threading.Timer(LIMIT, process.kill)
        watchdog.start()
        said = b""
        while REDRAWN not in said and (part := self.read(terminal)):
            said += part
        process.send_signal(number)
        printed = process.communicate()[0]
        while part := self.read(terminal):
            said += part
        watchdog.cancel()
        os.close(terminal)
        self.expect(REDRAWN in said, words, f"no progress was shown: {said}")
        self.expect(process.returncode == 3, words, f"exit status {process.returncode}: {said} {printed}")
        last = said.decode().rsplit("\r\x1b[K", 1)[-1]
        self.expect(last.count("\n") == 1 and word in last, words, f"what is said last: {last!r}")
        return printed

    def in_pipe(self):
        """Nothing of the progress goes into a file; what was complete is there. One question at a time, so the second domain
        is asked for when the first has its answer."""
        words = ["lookup", "a", "good.test", "silent.test", "--window", "1", "--format", "json"]
        process = self.start(words, stderr=subprocess.PIPE)
        self.expect(self.server.heard.wait(LIMIT), words, "the server was not asked")
        process.send_signal(signal.SIGINT)
        printed, said = process.communicate(timeout=LIMIT)
        self.expect(process.returncode == 3, words, f"exit status {process.returncode}: {said}")
        self.expect([json.loads(line)["target"] for line in printed.splitlines()] == ["good.test"], words, printed)
        self.expect(said.startswith("maildiag: stopped") and said.count("\n") == 1 and "1 of 2" in said, words, said)

    def keeps_output(self, *words):
        """The file of the last run outlives one that was stopped."""
        file = Path(self.state + ".output")
        file.write_text("old\n")
        words = [*words, "--output", str(file)]
        process = self.start(words, stderr=subprocess.PIPE)
        self.expect(self.server.heard.wait(LIMIT), words, "the server was not asked")
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=LIMIT)[1]
        self.expect(process.returncode == 3, words, f"exit status {process.returncode}: {said}")
        self.expect(file.read_text() == "old\n", words, f"the file was changed: {file.read_text()!r}")
        self.expect(said.endswith(f"{file} is as it was\n") and said.count("\n") == 2, words, said)
        self.expect(not list(file.parent.glob(".*output*")), words, "something is left beside the file")

    def reading(self, words, number):
        """The program has taken the line from the pipe, and waits for more."""
        process = self.start(words, stderr=subprocess.PIPE, stdin=subprocess.PIPE)
        process.stdin.write("\n" if words[0] == "summary" else "# a line\n")
        process.stdin.flush()
        while process.poll() is None and struct.unpack("i", fcntl.ioctl(process.stdin, termios.FIONREAD, bytes(4)))[0] > 0:
            time.sleep(0.01)
        process.send_signal(number)
        try:
            process.wait(timeout=LIMIT)  # the pipe is still open
        except subprocess.TimeoutExpired:
            process.kill()
        said = process.communicate()[1]
        self.expect(process.returncode == 3, words, f"exit status {process.returncode}: {said}")
        self.expect("maildiag: stopped" in said and said.count("\n") == 1, words, said)

    def ignored(self):
        """As a script's shell starts background jobs."""
        words = ["lookup", "a", "silent.test", "good.test", "--format", "json"]
        process = self.start(words, stderr=subprocess.PIPE, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
        self.expect(self.server.heard.wait(LIMIT), words, "the server was not asked")
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=LIMIT)[1]
        # Had SIGINT been handled, SIGTERM would have been the second one.
        self.expect(process.returncode == 3, words, f"exit status {process.returncode}: {said}")

    def twice(self):
        """The second Ctrl-C would end a program that does not; the handler is gone after the first."""
        words = ["mxcheck", "silent.test"]
        process = self.start(words, stderr=subprocess.PIPE)
        self.expect(self.server.heard.wait(LIMIT), words, "the server was not asked")
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=LIMIT)
        self.expect(process.returncode in (3, -signal.SIGINT), words, f"exit status {process.returncode}")


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as directory:
        runs = Runs(*sys.argv[1:])
        runs.state = f"{directory}/watch.db"
        for words in COMMANDS:
            printed = runs.on_terminal(words, signal.SIGINT, "stopped")
            if words[0] == "explain":
                runs.expect("ptr-missing" in printed, words, f"what was read is not told: {printed}")
        runs.on_terminal(["mxcheck", "silent.test"], signal.SIGTERM, "stopped")
        runs.on_terminal(["mxcheck", "silent.test", "--lang", "ko"], signal.SIGINT, "(취소됨: 대상 1개 중 1개를 마치지 못했습니다)")
        runs.in_pipe()
        runs.keeps_output("report", "silent.test")
        runs.keeps_output("rblcheck", "192.0.2.1", "--format", "prometheus")
        runs.keeps_output("ptrcheck", "192.0.2.1", "--format", "json")
        runs.keeps_output("lookup", "a", "good.test", "silent.test", "--window", "1")
        for words in READERS:
            for number in (signal.SIGINT, signal.SIGTERM):
                runs.reading(words, number)
        runs.ignored()
        runs.twice()
    print("\n".join(runs.faults) or "no fault found")
    sys.exit(1 if runs.faults else 0)


if __name__ == "__main__":
    main()
