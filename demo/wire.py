"""The bytes that partners and persons exchange with the gateway, written from spec/ alone: canonical JSON, JWS, HTTP/1.1."""
import base64
import hashlib
import json
import secrets
import time

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def canonical(value):
    """spec/canonical-json.md, for names in ASCII and integers."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


def new_id():
    return secrets.token_hex(16)


def rfc3339(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{int(seconds * 1000) % 1000:03d}Z"


class Key:
    """An Ed25519 signing key (spec/jws.md)."""

    def __init__(self, private=None):
        self.private = private or Ed25519PrivateKey.generate()
        raw = self.private.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        self.jwk = {"crv": "Ed25519", "kty": "OKP", "x": base64url(raw)}
        self.thumbprint = base64url(hashlib.sha256(canonical(self.jwk)).digest())

    @staticmethod
    def from_pem(path):
        return Key(serialization.load_pem_private_key(path.read_bytes(), None))

    def sign(self, kind, payload):
        header = canonical({"alg": "EdDSA", "kid": self.thumbprint, "typ": kind})
        signed = base64url(header) + "." + base64url(canonical(payload))
        return signed + "." + base64url(self.private.sign(signed.encode("ascii")))


def envelope(act, audience, seen_version=None):
    """Every state-changing act: an id of its own, the gateway it is for, and an end."""
    now = time.time()
    out = {"id": new_id(), "audience": audience, "issued": rfc3339(now), "expires": rfc3339(now + 3600), "act": act}
    if seen_version is not None:
        out["seen_version"] = seen_version
    return out


class Answer:
    """One response; `head` as it came, `body` only what came before the connection ended."""

    def __init__(self, head):
        self.head = head
        lines = head.decode("latin-1").split("\r\n")
        self.status_line, self.fields = lines[0], [line for line in lines[1:] if line]
        self.status = int(lines[0].split(" ")[1])
        self.body, self.complete, self.seconds = b"", True, 0.0

    def field(self, name):
        for line in self.fields:
            key, _, value = line.partition(":")
            if key.lower() == name.lower():
                return value.strip()
        return None

    def json(self):
        return json.loads(self.body)


class Http:
    """One connection. `stream` has sendall(bytes), recv(n) (b"" or an error at the end) and close()."""

    def __init__(self, stream, host):
        self.stream, self.host, self.kept = stream, host, b""

    def send(self, method, target, fields=(), body=None):
        lines = [f"{method} {target} HTTP/1.1", f"Host: {self.host}", *(f"{name}: {value}" for name, value in fields)]
        if body is not None:
            lines.append(f"Content-Length: {len(body)}")
        self.stream.sendall("\r\n".join(lines).encode("utf-8") + b"\r\n\r\n")
        if body:
            self.stream.sendall(body)

    def head(self):
        while b"\r\n\r\n" not in self.kept:
            got = self.stream.recv(65536)
            if not got:
                raise ConnectionError("the connection ended before an answer")
            self.kept += got
        head, _, self.kept = self.kept.partition(b"\r\n\r\n")
        return Answer(head)

    def some(self, most=65536):
        """Body bytes as they come; b"" when the connection ended, however it did."""
        if self.kept:
            out, self.kept = self.kept[:most], self.kept[most:]
            return out
        try:
            return self.stream.recv(most)
        except OSError:
            return b""

    def read_body(self, answer, method="GET"):
        length = 0 if method == "HEAD" or answer.status in (204, 304) else int(answer.field("Content-Length") or 0)
        parts, missing = [answer.body], length - len(answer.body)
        while missing > 0:
            got = self.some(min(missing, 1 << 18))
            if not got:
                answer.complete = False
                break
            parts.append(got)
            missing -= len(got)
        answer.body = b"".join(parts)
        return answer

    def ask(self, method, target, fields=(), body=None):
        started = time.monotonic()
        self.send(method, target, fields, body)
        answer = self.read_body(self.head(), method)
        answer.seconds = time.monotonic() - started
        return answer

    def close(self):
        self.stream.close()
