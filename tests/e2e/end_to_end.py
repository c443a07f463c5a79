"""Sealed messages of connectors, written from spec/end-to-end.md alone, with Debian's python3-cryptography: shares nothing with ours."""
import hashlib
import hmac
import json
import struct

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

KEM_SUITE = b"KEM" + struct.pack(">H", 0x0020)
SUITE = b"HPKE" + struct.pack(">HHH", 0x0020, 0x0001, 0x0003)
INFO = b"flikvakt/v1/end-to-end"
SIGNATURE_LABEL = b"flikvakt/v1/end-to-end-signature"
ANSWER_LABEL = b"flikvakt/v1/end-to-end-answer"
TLS_KEY_LABEL = b"flikvakt/v1/connector-tls-key"
TYPE = "application/vnd.flikvakt.sealed"


def raw(public):
    return public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def key_proof(tls_key, connector, pem):
    """CONN-13: the TLS key's signature over what is to be certified, as 64 bytes."""
    text = TLS_KEY_LABEL + b"\0" + bytes.fromhex(connector) + hashlib.sha256(pem.encode()).digest()
    r, s = utils.decode_dss_signature(tls_key.sign(text, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


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
        self.enc, self.answer_secret = enc, expand(SUITE, exporter, b"sec", ANSWER_LABEL, 32)

    def open(self, answer):
        if answer[:4] != b"FVA1":
            raise ValueError("no sealed answer")
        prk = hmac.new(self.enc + answer[4:36], self.answer_secret, hashlib.sha256).digest()  # RFC 5869: extract, then expand
        key, nonce = (hmac.new(prk, info + b"\1", hashlib.sha256).digest() for info in (b"key", b"nonce"))
        bound = b"FVA1" + hashlib.sha256(self.message).digest()
        return take_apart(ChaCha20Poly1305(key).decrypt(nonce[:12], answer[36:], bound))


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

    def ask_of_session(self, body=b""):
        """E2E-30, one of its two steps: status, answer and the message that was sent."""
        sealed = self.seal("POST", "/v1/connector/session", body=body, session="", number=0)
        status, answer = self.post(sealed.message)
        if status != 200:
            return status, {}, sealed
        head, said = sealed.open(answer)
        return head["status"], json.loads(said or b"{}"), sealed

    def open_session(self):
        status, said, _ = self.ask_of_session()
        if status != 200:
            return status
        status, said, self.opening = self.ask_of_session(json.dumps({"nonce": said["nonce"]}).encode())
        if status == 201:
            self.session, self.number = said["session"], 0
        return status
