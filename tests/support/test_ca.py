"""A certificate authority for a test, with openssl(1): good certificates and all the bad ones.

    with TestCa() as ca:
        chain, key = ca.issue("mx.example.com")
        run(["maildiag", "--ca-file", ca.file, ...])
"""

import subprocess
import tempfile
import time
from pathlib import Path

DAY = 86400
CONFIGURATION = """[ca]
default_ca = authority
[authority]
database = {directory}/index
serial = {directory}/serial
new_certs_dir = {directory}
certificate = {directory}/ca.pem
private_key = {directory}/ca.key
default_md = sha256
policy = any
unique_subject = no
copy_extensions = copy
[any]
commonName = supplied
[req]
distinguished_name = name
[name]
"""


def _stamp(seconds_from_now):
    return time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + seconds_from_now))


class TestCa:
    __test__ = False  # no test case, whatever its name

    def __enter__(self):
        self._temporary = tempfile.TemporaryDirectory(prefix="maildiag-ca-")
        self.directory = Path(self._temporary.name)
        self.directory.chmod(0o755)  # servers read as users of their own
        self.file = str(self.directory / "ca.pem")
        (self.directory / "index").write_text("")
        (self.directory / "serial").write_text("1000\n")
        (self.directory / "ca.cnf").write_text(CONFIGURATION.format(directory=self.directory))
        self._run("req", "-x509", *self._new_key("ca.key"), "-out", self.file, "-subj", "/CN=Test Authority", "-days", "30")
        return self

    def __exit__(self, *_):
        self._temporary.cleanup()

    def _run(self, *arguments):
        config = ["-config", str(self.directory / "ca.cnf")] if arguments[0] in ("req", "ca") else []
        subprocess.run(["openssl", arguments[0], *config, *arguments[1:]], check=True, capture_output=True)

    def _new_key(self, name, rsa=False):
        kind = ["rsa:2048"] if rsa else ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
        return ["-newkey", *kind, "-nodes", "-keyout", str(self.directory / name)]

    def issue(self, *names, days=90, self_signed=False, rsa=False, with_ca=False):
        """(chain file, key file) for these DNS names, valid for so many days; negative: expired so many days ago.
        with_ca: the chain has the authority's own certificate, too."""
        stem = f"{names[0].replace('*', '_')}-{days}{'-self' if self_signed else ''}{'-rsa' if rsa else ''}"
        chain, key = self.directory / f"{stem}.pem", self.directory / f"{stem}.key"
        subject = ["-subj", f"/CN={names[0]}", "-addext", "subjectAltName=" + ",".join(f"DNS:{name}" for name in names)]
        if self_signed:
            self._run("req", "-x509", *self._new_key(key.name, rsa), "-out", str(chain), *subject, "-days", str(days))
        else:
            request = self.directory / f"{stem}.csr"
            self._run("req", *self._new_key(key.name, rsa), "-out", str(request), *subject)
            self._run("ca", "-batch", "-notext", "-in", str(request), "-out", str(chain),
                      "-startdate", _stamp(-100 * DAY), "-enddate", _stamp(days * DAY + 60))
        if with_ca:
            chain.write_text(chain.read_text() + Path(self.file).read_text())
        chain.chmod(0o644)
        key.chmod(0o600)
        return str(chain), str(key)
