"""Real name servers on loopback for the integration tests: Nsd, Unbound, Rbldnsd, and SilentServer.

    with Nsd({"example.com": zone_text}) as nsd:
        run(["maildiag", "--nameserver", nsd.endpoint, ...])

Each server gets a free loopback port and a temporary directory, is ready when the block begins and gone when it
ends, whatever happens in between. All work as root and as an ordinary user. Start them from the main thread: a
server is told to end when the thread that started it ends, so that a killed test leaves none behind.
"""

import ctypes
import os
import pwd
import random
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SKIPPED = 77  # ctest's SKIP_RETURN_CODE
READY_SECONDS = 20.0  # generous: the machine may be busy with a build
STOP_SECONDS = 5.0
START_ATTEMPTS = 5  # another process may take the port between our look and the server's bind
PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None)


def find_program(name):
    """The path of a program, also from the sbin directories that a user's PATH lacks; None where it is missing."""
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin", "/sbin"])
    return shutil.which(name, path=path)


def skip_unless(*programs):
    """Ends the process with SKIPPED, visibly, if one of the programs is not installed."""
    missing = [name for name in programs if find_program(name) is None]
    if missing:
        print(f"SKIPPED: not installed: {', '.join(missing)}", file=sys.stderr)
        sys.exit(SKIPPED)


def free_port(address="127.0.0.1"):
    """A port that is free for UDP and TCP, below the range from which the kernel takes ports of clients."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    for _ in range(200):
        port = random.SystemRandom().randrange(10000, 30000)
        with socket.socket(family, socket.SOCK_DGRAM) as udp, socket.socket(family, socket.SOCK_STREAM) as tcp:
            try:
                udp.bind((address, port))
                tcp.bind((address, port))
                return port
            except OSError:
                continue
    raise RuntimeError(f"no free port on {address}")


def end_session(process):
    """Ends a server that leads a session: first it alone, which ends its children and waits for them; then what is left."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        pass
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait(STOP_SECONDS)


class Reply:
    """The header of a DNS message and the message itself: enough to tell an answer from a referral."""

    def __init__(self, message):
        self.message = message
        self.id, self.flags, _, self.answers, self.authorities, self.additionals = struct.unpack(">6H", message[:12])
        self.rcode = self.flags & 0xF
        self.authoritative = bool(self.flags & 0x0400)
        self.truncated = bool(self.flags & 0x0200)


def ask(address, port, name, qtype=1, timeout=2.0):
    """Asks one question over UDP with nothing but the standard library. None: no answer in time."""
    labels = [label.encode() for label in name.rstrip(".").split(".") if label]
    qname = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    query_id = random.SystemRandom().randrange(65536)
    query = struct.pack(">6H", query_id, 0x0100, 1, 0, 0, 0) + qname + struct.pack(">2H", qtype, 1)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    deadline = time.monotonic() + timeout
    with socket.socket(family, socket.SOCK_DGRAM) as client:
        client.connect((address, port))
        try:
            client.send(query)
            while (left := deadline - time.monotonic()) > 0:
                client.settimeout(left)
                message = client.recv(65535)
                if len(message) >= 12 and message[:2] == query[:2] and message[2] & 0x80:
                    return Reply(message)
        except OSError:  # a time-out, or connection refused while the server starts
            return None
    return None


class _Server:
    """One server process with its directory. Subclasses write the configuration and say the command."""

    program = ""
    wanted_port = 0  # 0: a free one

    def __init__(self, address="127.0.0.1"):
        self.address = address
        self.port = 0
        self.directory = None
        self._process = None
        self._temporary = None

    @property
    def endpoint(self):
        """As --nameserver takes it."""
        return f"{self.address}#{self.port}"

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        if self._process is not None:
            raise RuntimeError(f"{self.program} runs already")
        complaint = ""
        for _ in range(START_ATTEMPTS):
            self._temporary = tempfile.TemporaryDirectory(prefix=f"maildiag-{self.program}-")
            self.directory = Path(self._temporary.name)
            self.directory.chmod(0o755)  # rbldnsd reads it as another user
            self.port = self.wanted_port or free_port(self.address)
            try:
                self._launch()
                self._wait_until_ready()
                return self
            except _DiedEarly as death:
                complaint = str(death)
                self.stop()
            except BaseException:
                self.stop()
                raise
        raise RuntimeError(f"{self.program} did not start: {complaint}")

    def stop(self):
        """Ends the server and removes its directory. Harmless if it does not run."""
        process, self._process = self._process, None
        try:
            if process is not None:
                end_session(process)
        finally:
            temporary, self._temporary = self._temporary, None
            if temporary is not None:
                temporary.cleanup()

    def log(self):
        """What the server has said so far."""
        parts = [self.directory / "output", self.directory / "log"]
        return "".join(part.read_text(errors="replace") for part in parts if part.exists())

    def _launch(self):
        program = find_program(self.program)
        if program is None:
            raise FileNotFoundError(f"{self.program} is not installed")
        command = [program, *self._configure()]
        with open(self.directory / "output", "wb") as output:
            self._process = subprocess.Popen(
                command, cwd=self.directory, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                start_new_session=True, preexec_fn=_die_with_parent)

    def _wait_until_ready(self):
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            reply = ask(self.address, self.port, "localhost", timeout=0.2)
            # Looked at after the answer: if our server has gone, another one has answered on this port.
            if self._process.poll() is not None:
                raise _DiedEarly(f"status {self._process.returncode}: {self.log().strip()}")
            if reply is not None:
                return
            time.sleep(0.02)
        raise RuntimeError(f"{self.program} was not ready within {READY_SECONDS} s: {self.log().strip()}")

    def _write(self, name, content):
        """Writes a file into the server's directory; content is text, bytes, or the Path of a file to copy."""
        if isinstance(content, Path):
            content = content.read_bytes()
        path = self.directory / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        path.chmod(0o644)
        return path

    def _configure(self):
        """Writes the configuration and returns the arguments of the program."""
        raise NotImplementedError


class Nsd(_Server):
    """An authoritative server. zones: {"example.com": text | bytes | Path of a master file}"""

    program = "nsd"

    def __init__(self, zones, address="127.0.0.1", extra=""):
        super().__init__(address)
        self.zones = zones
        self.extra = extra

    def _configure(self):
        lines = [
            "server:", f"  ip-address: {self.address}@{self.port}", '  username: ""', '  chroot: ""', '  database: ""',
            f'  zonesdir: "{self.directory}"', '  zonelistfile: "zone.list"', '  xfrdfile: ""', '  pidfile: ""',
            f'  xfrdir: "{self.directory}"', f'  logfile: "{self.directory}/log"', "  server-count: 1",
            "  rrl-ratelimit: 0", "  rrl-whitelist-ratelimit: 0", self.extra, "remote-control:", "  control-enable: no"]
        for number, (name, content) in enumerate(self.zones.items()):
            path = self._write(f"zone-{number}", content)
            lines += ["zone:", f'  name: "{name}"', f'  zonefile: "{path.name}"']
        return ["-d", "-c", str(self._write("nsd.conf", "\n".join(lines) + "\n"))]

    def _wait_until_ready(self):
        super()._wait_until_ready()
        # nsd serves on when a zone does not load; a test must not take its SERVFAIL for an answer.
        for name in self.zones:
            reply = ask(self.address, self.port, name, qtype=6, timeout=READY_SECONDS)
            if reply is None or reply.rcode != 0:
                raise RuntimeError(f"nsd does not serve {name}: {self.log().strip()}")


class Unbound(_Server):
    """A recursive resolver. stubs: {"example.com": server | [servers]}, each a started Nsd or Rbldnsd, or "ADDR#PORT";
    "." is allowed. Any other name is REFUSED: there is no way to the Internet."""

    program = "unbound"

    def __init__(self, stubs, address="127.0.0.1", extra=""):
        super().__init__(address)
        self.stubs = stubs
        self.extra = extra

    def _configure(self):
        lines = [
            "server:", f"  interface: {self.address}", f"  port: {self.port}", '  username: ""', '  chroot: ""',
            f'  directory: "{self.directory}"', '  pidfile: ""', "  use-syslog: no", f'  logfile: "{self.directory}/log"',
            "  do-daemonize: no", "  num-threads: 1", "  so-reuseport: no", "  do-not-query-localhost: no",
            "  access-control: 127.0.0.0/8 allow", "  access-control: ::1 allow", '  module-config: "iterator"',
            "  unblock-lan-zones: yes", "  insecure-lan-zones: yes", "  msg-cache-size: 4m", "  rrset-cache-size: 4m"]
        if "." not in self.stubs:
            lines.append('  local-zone: "." refuse')
        lines += [f'  local-zone: "{name}" transparent' for name in self.stubs if name != "."]
        lines += [self.extra, "remote-control:", "  control-enable: no"]
        for name, servers in self.stubs.items():
            lines += ["stub-zone:", f'  name: "{name}"', "  stub-prime: no"]
            for server in servers if isinstance(servers, (list, tuple)) else [servers]:
                endpoint = server if isinstance(server, str) else server.endpoint
                lines.append(f"  stub-addr: {endpoint.replace('#', '@')}")
        return ["-d", "-c", str(self._write("unbound.conf", "\n".join(lines) + "\n"))]


class Rbldnsd(_Server):
    """A DNSBL server. lists: {"zen.example": (type, text | bytes | Path)} with type "ip4set", "dnset", "ip6trie",
    "generic" ...; a list of such pairs joins several data sets in one zone."""

    program = "rbldnsd"

    def __init__(self, lists, address="127.0.0.1"):
        super().__init__(address)
        self.lists = lists

    def _configure(self):
        arguments = ["-n", "-c", "0", "-b", f"{self.address}/{self.port}", "-w", str(self.directory)]
        if os.geteuid() == 0:  # it refuses to run as root
            arguments += ["-u", _unprivileged_user()]
        for number, (name, sets) in enumerate(self.lists.items()):
            for part, (kind, content) in enumerate([sets] if isinstance(sets, tuple) else sets):
                path = self._write(f"list-{number}-{part}", content)
                arguments.append(f"{name}:{kind}:{path.name}")
        return arguments


class SilentServer:
    """Takes every UDP question and TCP connection and never answers: for time-outs."""

    def __init__(self, address="127.0.0.1"):
        self.address = address
        self.port = 0
        self._sockets = []

    @property
    def endpoint(self):
        return f"{self.address}#{self.port}"

    def __enter__(self):
        family = socket.AF_INET6 if ":" in self.address else socket.AF_INET
        for _ in range(START_ATTEMPTS):
            self.port = free_port(self.address)
            try:
                for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
                    self._sockets.append(socket.socket(family, kind))
                    self._sockets[-1].bind((self.address, self.port))
                self._sockets[-1].listen()
                return self
            except OSError:
                self.__exit__()
        raise RuntimeError(f"no port to be silent on at {self.address}")

    def __exit__(self, *_):
        for each in self._sockets:
            each.close()
        self._sockets = []


class _DiedEarly(Exception):
    """The server ended before it was ready: mostly because its port was taken."""


def _die_with_parent():
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _unprivileged_user():
    for name in ("rbldns", "nobody"):
        try:
            pwd.getpwnam(name)
            return name
        except KeyError:
            continue
    raise RuntimeError("rbldnsd needs an unprivileged user: neither rbldns nor nobody exists")
