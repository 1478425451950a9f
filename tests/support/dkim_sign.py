"""Signs messages with the openssl program: an implementation of RFC 6376 that shares nothing with the one under test.

    signer = Signer(directory)
    message = signer.sign(b"From: ...\r\n\r\nbody\r\n", domain="example.com", selector="s1")
    record = signer.record()
"""

import base64
import hashlib
import re
import subprocess
from pathlib import Path


def relaxed_body(body):
    lines = [re.sub(rb"[ \t]+", b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    while lines and not lines[-1]:
        lines.pop()
    return b"".join(line + b"\r\n" for line in lines)


def relaxed_field(field):
    name, value = field.split(b":", 1)
    value = re.sub(rb"[ \t]+", b" ", value.replace(b"\r\n", b"")).strip(b" ")
    return name.strip().lower() + b":" + value


def fields_of(header):
    return re.split(rb"\r\n(?![ \t])", header)


class Signer:
    """One RSA key of 2048 bits, made in `directory`."""

    def __init__(self, directory):
        self.key = Path(directory) / "key.pem"
        self._openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", self.key)

    @staticmethod
    def _openssl(*arguments, feed=b""):
        return subprocess.run(["openssl", *map(str, arguments)], input=feed, capture_output=True, check=True).stdout

    def record(self):
        """The key record, as one TXT record of a zone file."""
        public = base64.b64encode(self._openssl("pkey", "-in", self.key, "-pubout", "-outform", "DER")).decode()
        text = "v=DKIM1; k=rsa; p=" + public
        return " ".join(f'"{text[at:at + 200]}"' for at in range(0, len(text), 200))

    def sign(self, message, domain, selector, names=("from", "to", "subject", "date")):
        header, body = message.split(b"\r\n\r\n", 1)
        digest = base64.b64encode(hashlib.sha256(relaxed_body(body)).digest()).decode()
        own = (f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s={selector};\r\n"
               f" h={':'.join(names)}; bh={digest};\r\n b=").encode()
        found = {relaxed_field(field).split(b":")[0].decode(): field for field in fields_of(header)}
        text = b"".join(relaxed_field(found[name]) + b"\r\n" for name in names) + relaxed_field(own)
        signature = base64.b64encode(self._openssl("dgst", "-sha256", "-sign", self.key, feed=text))
        return own + b"\r\n ".join(signature[at:at + 70] for at in range(0, len(signature), 70)) + b"\r\n" + message
