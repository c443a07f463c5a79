"""Sealed messages of connectors, written from spec/end-to-end.md alone, with Debian's python3-cryptography: shares nothing with ours."""
import hashlib
import hmac
import json
import struct

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

KEM_SUITE = b"KEM" + struct.pack(">H", 0x0020)
SUITE = b"HPKE" + struct.pack(">HHH", 0x0020, 0x0001, 0x0003)
INFO = b"flikvakt/v1/end-to-end"
SIGNATURE_LABEL = b"flikvakt/v1/end-to-end-signature"
ANSWER_LABEL = b"flikvakt/v1/end-to-end-answer"
TYPE = "application/vnd.flikvakt.sealed"


def raw(public):
    return public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def extract(suite, salt, label, ikm):
    return hmac.new(salt, b"HPKE-v1" + suite + label + ikm, hashlib.sha256).digest()


def expand(suite, prk, label, info, length):
    labeled = struct.pack(">H", length) + b"HPKE-v1" + suite + label + info
    out, block = b"", b""
    for number in range(1, length // 32 + 2):
        block = hmac.new(prk, block + labeled + bytes([number]), hashlib.sha256).digest()
        out += block
    return out[:length]


def schedule(shared, info):
    context = b"\0" + extract(SUITE, b"", b"psk_id_hash", b"") + extract(SUITE, b"", b"info_hash", info)
    secret = extract(SUITE, shared, b"secret", b"")
    return (expand(SUITE, secret, b"key", context, 32), expand(SUITE, secret, b"base_nonce", context, 12),
            expand(SUITE, secret, b"exp", context, 32))


def shared_secret(dh, enc, recipient):
    return expand(KEM_SUITE, extract(KEM_SUITE, b"", b"eae_prk", dh), b"shared_secret", enc + recipient, 32)


def with_head(head, body):
    text = json.dumps(head, separators=(",", ":")).encode()
    return struct.pack(">I", len(text)) + text + body


def take_apart(plain):
    length, = struct.unpack(">I", plain[:4])
    return json.loads(plain[4:4 + length]), plain[4 + length:]


class Sealed:
    """One request: `message` is what is sent, open() reads the answer to it and to nothing else."""

    def __init__(self, gateway_key, connector, key, head, body=b"", ephemeral=None):
        ephemeral = ephemeral or X25519PrivateKey.generate()
        enc = raw(ephemeral.public_key())
        shared = shared_secret(ephemeral.exchange(X25519PublicKey.from_public_bytes(gateway_key)), enc, gateway_key)
        aead, nonce, exporter = schedule(shared, INFO)
        header = b"FVS1" + hashlib.sha256(gateway_key).digest()[:8] + bytes.fromhex(connector)
        inner = with_head(head, body)
        signature = key.sign(SIGNATURE_LABEL + b"\0" + header + enc + hashlib.sha256(inner).digest())
        self.message = header + enc + ChaCha20Poly1305(aead).encrypt(nonce, signature + inner, header)
        self.answer_key = expand(SUITE, exporter, b"sec", ANSWER_LABEL, 32)

    def open(self, answer):
        if answer[:4] != b"FVA1":
            raise ValueError("no sealed answer")
        bound = b"FVA1" + hashlib.sha256(self.message).digest()
        return take_apart(ChaCha20Poly1305(self.answer_key).decrypt(b"\0" * 12, answer[4:], bound))


class Connector:
    """A connector of another make: enrols, opens a session, asks."""

    def __init__(self, post, seal_key, connector):
        self.post, self.seal_key, self.connector = post, seal_key, connector  # post(bytes) -> (status, bytes)
        self.key = Ed25519PrivateKey.generate()
        self.session, self.number, self.certificate = "", 0, None

    def seal(self, method, target, headers=None, body=b"", session=None, number=None):
        head = {"session": self.session if session is None else session, "number": self.number if number is None else number,
                "method": method, "target": target, "headers": headers or {}}
        return Sealed(self.seal_key, self.connector, self.key, head, body)

    def ask(self, method, target, headers=None, body=b""):
        self.number += 1
        fields = dict(headers or {})
        if self.certificate:
            fields["flikvakt-certificate"] = self.certificate.hex()
        sealed = self.seal(method, target, fields, body)
        status, answer = self.post(sealed.message)
        if status != 200:
            return status, {}, b""
        head, body = sealed.open(answer)
        return head["status"], head["headers"], body

    def open_session(self):
        sealed = self.seal("POST", "/v1/connector/session", session="", number=0)
        status, answer = self.post(sealed.message)
        if status != 200:
            return status
        head, body = sealed.open(answer)
        if head["status"] == 201:
            self.session, self.number = json.loads(body)["session"], 0
        return head["status"]
