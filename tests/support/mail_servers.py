"""Real mail servers of Debian on loopback for the integration tests: Postfix, Exim, OpenSmtpd.

    with Postfix({"plain": {}, "tls": {"smtpd_tls_security_level": "may", ...}}) as postfix:
        run(["maildiag", "smtpcheck", f"127.0.0.1:{postfix.port('tls')}"])
        postfix.stop()
        assert "DATA" not in postfix.log()

Each runs a private instance in a temporary directory. All need root: they change to users of their own. Exim and
OpenSMTPD cannot be installed beside Postfix, so scripts/test unpacks them into build/mail-servers, and they run in a
mount namespace in which their users exist; where that is not allowed, skip_reason() says so.
"""

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from servers import READY_SECONDS, end_session, find_program, free_port

UNPACKED = Path(__file__).resolve().parents[2] / "build" / "mail-servers"


def skip_reason(program):
    """Why a server (postfix, exim4, smtpd) cannot run here; None: it can."""
    if os.geteuid() != 0:
        return f"{program} needs root"
    if program == "postfix":
        return None if find_program("postfix") and Path("/usr/lib/postfix/sbin/master").exists() else "postfix is not installed"
    if not (UNPACKED / "usr/sbin" / program).exists():
        return f"{program} is not in {UNPACKED}: scripts/test fetches it where it can"
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode != 0:
        return f"{program} needs a mount namespace (unshare --mount)"
    return None


class _MailServer:
    """A process with its directory. Subclasses write the configuration and say the command."""

    def __init__(self):
        self._temporary = self._process = None
        self._ports, self._log = {}, ""

    def port(self, service):
        return self._ports[service]

    def __enter__(self):
        self._temporary = tempfile.TemporaryDirectory(prefix=f"maildiag-{type(self).__name__.lower()}-")
        self.directory = Path(self._temporary.name)
        self.directory.chmod(0o755)
        try:
            command = self._configure()
            with open(self.directory / "output", "wb") as output:
                self._process = subprocess.Popen(command, cwd=self.directory, stdin=subprocess.DEVNULL, stdout=output,
                                                 stderr=subprocess.STDOUT, start_new_session=True)
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def _is_ready(self):
        """Without a connection that the log would show, where that can be."""
        raise NotImplementedError

    def _wait_until_ready(self):
        deadline = time.monotonic() + READY_SECONDS
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{type(self).__name__} is not ready: {self._read_log()}")
            time.sleep(0.02)

    def stop(self):
        """Ends it, all processes of its session, and keeps the log."""
        process, self._process = self._process, None
        if process is not None:
            end_session(process)
        if self._temporary is not None:
            self._log = self._read_log()
            self._temporary.cleanup()
            self._temporary = None

    def _logs(self):
        return [self.directory / "output", self.directory / "log"]

    def _read_log(self):
        return "".join(path.read_text(errors="replace") for path in self._logs() if path.exists())

    def log(self):
        """What it has logged so far, or until it ended."""
        return self._read_log() if self._temporary is not None else self._log


class Postfix(_MailServer):
    """services: {name: {parameter: value}}, each an smtpd on a port of its own; postscreen: also a service of that name
    behind it. main: parameters of all."""

    def __init__(self, services, main=None, postscreen=False, addresses="127.0.0.1"):
        super().__init__()
        self.services, self.main, self.postscreen, self.addresses = services, main or {}, postscreen, addresses

    def _configure(self):
        lines = ["postlog unix-dgram n - n - 1 postlogd", "rewrite unix - - n - - trivial-rewrite",
                 "cleanup unix n - n - 0 cleanup", "anvil unix - - n - 1 anvil", "tlsmgr unix - - n 1000? 1 tlsmgr",
                 "smtpd pass - - n - - smtpd", "dnsblog unix - - n - 0 dnsblog", "tlsproxy unix - - n - 0 tlsproxy",
                 "proxymap unix - - n - - proxymap", "qmgr unix n - n 300 1 qmgr", "pickup unix n - n 60 1 pickup",
                 "discard unix - - n - - discard", "error unix - - n - - error", "bounce unix - - n - 0 bounce"]
        for name, parameters in self.services.items():
            self._ports[name] = free_port()
            lines.append(f"{self.addresses}:{self._ports[name]} inet n - n - - smtpd")
            lines += [f"  -o {{ {key} = {value} }}" for key, value in {"syslog_name": f"postfix/{name}", **parameters}.items()]
        if self.postscreen:
            self._ports["postscreen"] = free_port()
            lines.append(f"{self.addresses}:{self._ports['postscreen']} inet n - n - 1 postscreen")
        main = {
            "compatibility_level": "3.6", "myhostname": "mx.example.com", "mydestination": "example.com", "mynetworks": "192.0.2.0/24",
            "queue_directory": f"{self.directory}/queue", "data_directory": f"{self.directory}/data",
            "maillog_file": "/dev/stdout",
            "inet_interfaces": "all", "inet_protocols": "ipv4", "alias_maps": "", "alias_database": "", "local_recipient_maps": "",
            "smtputf8_enable": "no", "smtpd_tls_loglevel": "0", "default_transport": "discard", "local_transport": "discard",
            "smtpd_peername_lookup": "no", **self.main}
        (self.directory / "main.cf").write_text("".join(f"{key} = {value}\n" for key, value in main.items()))
        (self.directory / "master.cf").write_text("\n".join(lines) + "\n")
        (self.directory / "queue").mkdir()
        for name in ("data", "queue/active", "queue/bounce", "queue/corrupt", "queue/defer", "queue/deferred", "queue/flush",
                     "queue/hold", "queue/incoming", "queue/maildrop", "queue/pid", "queue/private", "queue/public",
                     "queue/saved", "queue/trace"):
            (self.directory / name).mkdir()
            shutil.chown(self.directory / name, "root" if name == "queue/pid" else "postfix")
        return ["/usr/lib/postfix/sbin/master", "-c", str(self.directory), "-s"]

    def _is_ready(self):
        return "daemon started" in self._read_log()

    def lines_of(self, service):
        return [line for line in self.log().splitlines() if f"postfix/{service}/" in line]


class _Unpacked(_MailServer):
    """A server that is not installed, with its users and its spool bound over the system's for itself alone."""

    users, spool = (), ""

    def _in_namespace(self, program, *arguments):
        for kind in ("passwd", "group"):
            text = Path("/etc", kind).read_text()
            for number, user in enumerate(self.users):
                entry = f"{user}:x:{900 + number}:" + (f"{900 + number}::/nonexistent:/bin/false" if kind == "passwd" else "")
                if not re.search(f"^{user}:", text, re.MULTILINE):
                    text += entry + "\n"
            (self.directory / kind).write_text(text)
        script = "set -e; for f in passwd group; do mount --bind \"$0/$f\" /etc/$f; done; " + self._mounts() + "shift 0; exec \"$@\""
        libraries = ":".join(str(path) for path in (UNPACKED / "usr/lib").glob("*-linux-gnu*"))
        return ["unshare", "--mount", "--propagation", "private", "env", f"LD_LIBRARY_PATH={libraries}", "sh", "-c", script,
                str(self.directory), str(UNPACKED / "usr/sbin" / program), *arguments]

    def _mounts(self):
        return ""


class Exim(_Unpacked):
    """services: {name: text of the ACL that a connection meets}; options: lines of the main section."""

    users = ("Debian-exim",)

    def __init__(self, services, options=""):
        super().__init__()
        self.services, self.options = services, options

    def _configure(self):
        for name in self.services:
            self._ports[name] = free_port()
        cases = "".join(
            f"{acl}\n" for acl in (text.replace("PORT", str(self._ports[name])) for name, text in self.services.items()))
        ports = " : ".join(str(port) for port in self._ports.values())
        (self.directory / "spool").mkdir()
        shutil.chown(self.directory / "spool", 900)
        (self.directory / "exim.conf").write_text(
            f"primary_hostname = mx.example.com\nlog_file_path = {self.directory}/spool/%slog\nspool_directory = {self.directory}/spool\n"
            f"local_interfaces = <; 127.0.0.1\ndaemon_smtp_ports = {ports}\npid_file_path = {self.directory}/spool/pid\n"
            "log_selector = +smtp_connection +smtp_no_mail +lost_incoming_connection\nhost_lookup =\nrfc1413_query_timeout = 0s\n"
            "keep_environment =\nacl_smtp_connect = on_connect\nacl_smtp_helo = on_helo\nacl_smtp_rcpt = on_rcpt\n"
            f"{self.options}\nbegin acl\non_connect:\n{cases}  accept\non_helo:\n"
            "  accept delay = ${if eq{$acl_c_slow}{1}{1s}{0s}}\n"
            "on_rcpt:\n  deny message = relay not permitted\n")  # Debian's words
        return self._in_namespace("exim4", "-C", str(self.directory / "exim.conf"), "-bdf")

    def _is_ready(self):
        return "listening for SMTP" in self._read_log()

    def _logs(self):
        return [self.directory / "output", *sorted((self.directory / "spool").glob("*log"))]


class OpenSmtpd(_Unpacked):
    """listeners: {name: words behind the port of a listen line}; pki: {name: (chain, key)}"""

    users = ("opensmtpd", "opensmtpq")

    def __init__(self, listeners, pki=None):
        super().__init__()
        self.listeners, self.pki = listeners, pki or {}

    def _mounts(self):
        # Compiled in: its queue, the place that it locks itself into, and its socket.
        parts = []
        for path in ("/var/spool", "/var/lib", "/run"):
            parts.append(f"mount -t tmpfs tmpfs {path};")
        parts.append("mkdir -p -m 0711 /var/spool/smtpd /var/lib/opensmtpd /var/lib/opensmtpd/empty;")
        return " ".join(parts)

    def _is_ready(self):
        try:
            for port in self._ports.values():
                socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            return False
        return True

    def _configure(self):
        lines = []
        for name, (chain, key) in self.pki.items():
            lines += [f'pki {name} cert "{chain}"', f'pki {name} key "{key}"']
        for name, words in self.listeners.items():
            self._ports[name] = free_port()
            lines.append(f"listen on 127.0.0.1 port {self._ports[name]} hostname mx.example.com {words}")
        lines += ['action "drop" maildir "/nonexistent"', 'match from any for domain "example.com" action "drop"']
        (self.directory / "smtpd.conf").write_text("\n".join(lines) + "\n")
        return self._in_namespace("smtpd", "-d", "-f", str(self.directory / "smtpd.conf"))
