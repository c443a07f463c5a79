#!/usr/bin/env python3
"""Makes jws.json with python3-cryptography, an implementation that shares no code of ours:

    python3 tests/crypto/vectors/make_jws_vectors.py > tests/crypto/vectors/jws.json

The keys come from fixed text, so only the ES256 signatures differ from run to run.
"""
import base64
import hashlib
import json

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization as ser
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
ED_PRIME = 2**255 - 19
ED_D = -121665 * pow(121666, ED_PRIME - 2, ED_PRIME) % ED_PRIME


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def make_key(alg, name):
    seed = hashlib.sha256(b"flikvakt test key " + name.encode()).digest()
    if alg == "EdDSA":
        private = ed25519.Ed25519PrivateKey.from_private_bytes(seed)
        x = private.public_key().public_bytes(ser.Encoding.Raw, ser.PublicFormat.Raw)
        return private, seed, {"crv": "Ed25519", "kty": "OKP", "x": b64url(x)}
    scalar = int.from_bytes(seed, "big") % (P256_ORDER - 1) + 1
    private = ec.derive_private_key(scalar, ec.SECP256R1())
    numbers = private.public_key().public_numbers()
    x, y = (b64url(n.to_bytes(32, "big")) for n in (numbers.x, numbers.y))
    return private, scalar.to_bytes(32, "big"), {"crv": "P-256", "kty": "EC", "x": x, "y": y}


def sign(private, message):
    if isinstance(private, ed25519.Ed25519PrivateKey):
        return private.sign(message)
    r, s = decode_dss_signature(private.sign(message, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def jws(private, header, payload):
    text = b64url(compact(header)) + "." + b64url(payload)
    return text + "." + b64url(sign(private, text.encode()))


def is_on_edwards25519(encoded):
    y = int.from_bytes(encoded, "little") % 2**255
    if y >= ED_PRIME:
        return False
    square = (y * y - 1) * pow(ED_D * y * y + 1, ED_PRIME - 2, ED_PRIME) % ED_PRIME
    return pow(square, (ED_PRIME - 1) // 2, ED_PRIME) == 1


keys, tokens = [], []
payloads = [b"{}", b"x", "{\"namn\":\"Åsa Öst\"}".encode(), bytes(range(256)), b"a" * 1000]
for alg in ("EdDSA", "ES256"):
    for name in ("one", "two"):
        private, seed, jwk = make_key(alg, name)
        pem = (ser.Encoding.PEM, ser.PrivateFormat.PKCS8, ser.NoEncryption())
        keys.append({
            "alg": alg, "seed": seed.hex(), "jwk": jwk, "thumbprint": hashlib.sha256(compact(jwk)).hexdigest(),
            "privatePem": private.private_bytes(*pem).decode(),
            "publicPem": private.public_key().public_bytes(ser.Encoding.PEM, ser.PublicFormat.SubjectPublicKeyInfo).decode(),
        })
        for number, payload in enumerate(payloads):
            header = {"alg": alg, "kid": f"{name}-{number}", "typ": "flikvakt-test+jws"}
            tokens.append({"key": len(keys) - 1, "kid": header["kid"], "payload": payload.hex(),
                           "jws": jws(private, header, payload)})

points = [hashlib.sha256(b"point %d" % i).digest() for i in range(64)]
print(json.dumps({
    "madeWith": "make_jws_vectors.py, python3-cryptography",
    "keys": keys,
    "tokens": tokens,
    "edwardsPoints": [{"encoded": p.hex(), "onCurve": is_on_edwards25519(p)} for p in points],
}, indent=1, ensure_ascii=False))
