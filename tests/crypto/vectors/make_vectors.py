#!/usr/bin/env python3
"""Makes core.json with an implementation that shares nothing with ours but the pages under spec/.

    /usr/bin/python3 tests/crypto/vectors/make_vectors.py > tests/crypto/vectors/core.json

Needs Debian's python3-cryptography and libargon2-1 (called through ctypes: that package has no Argon2id of its own).
Everything is fixed, so it prints the same each time. The keys and the passphrase are made up and protect nothing.
"""
import ctypes
import hashlib
import json
import struct

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def made_up(name, count):
    return hashlib.shake_128(b"vector " + name.encode()).digest(count)


def fields(label, *rest):
    parts = [("flikvakt/v1/" + label).encode(), *rest]
    return b"".join(struct.pack(">I", len(p)) + p for p in parts)


def hkdf(key, salt, info, length=32):
    return HKDF(hashes.SHA256(), length, salt, info).derive(key)


def number(n):
    return struct.pack(">Q", n)


def envelope(name, plaintext_bytes):
    key, document, version = made_up(name + " key", 32), made_up(name + " document", 16), 3
    salt, prefix = made_up(name + " salt", 32), made_up(name + " prefix", 7)
    header = b"FLKVENV" + bytes([1, 16]) + salt + prefix + bytes(16)
    gcm = AESGCM(hkdf(key, salt, fields("document-envelope", document, number(version), header)))
    plaintext = made_up(name + " plaintext", plaintext_bytes)
    chunks = [plaintext[i : i + 65536] for i in range(0, len(plaintext), 65536)] or [b""]
    out = header
    for i, chunk in enumerate(chunks):
        out += gcm.encrypt(prefix + struct.pack(">IB", i, i == len(chunks) - 1), chunk, None)
    result = {"key": key.hex(), "document": document.hex(), "version": version, "plaintext_name": name + " plaintext",
              "plaintext_bytes": plaintext_bytes, "header": header.hex(), "object_bytes": len(out),
              "object_sha256": hashlib.sha256(out).hexdigest()}
    if len(out) < 1024:
        result["object"] = out.hex()
    # The larger ones are not kept: a test makes them anew from the header and compares the hash.
    return result


def key_wrap():
    parent, child = made_up("wrap parent", 32), made_up("wrap child", 32)
    key_id, parent_id, nonce, version = made_up("key id", 16), made_up("parent id", 16), made_up("wrap nonce", 12), 7
    ad = fields("key-wrap", number(3), key_id, parent_id, number(version))
    wrapped = nonce + AESGCM(parent).encrypt(nonce, child, ad)
    return {"parent": parent.hex(), "document_key": child.hex(), "key_id": key_id.hex(), "parent_id": parent_id.hex(),
            "version": version, "wrap": wrapped.hex(), "wrap_sha256": hashlib.sha256(wrapped).hexdigest()}


def derived():
    key, some_id = made_up("derive from", 32), made_up("derive id", 16)
    handle = hkdf(key, None, fields("handle-key", some_id), 64)
    ad = fields("person-handle", some_id)
    return {"key": key.hex(), "id": some_id.hex(), "handle_key": handle.hex(),
            "person_state_key": hkdf(key, None, fields("person-state-key", some_id)).hex(),
            "master_key_id": hkdf(key, None, fields("master-key-id"))[:16].hex(),
            "siv_plaintext": b"189001019802".hex(), "siv_sealed": AESSIV(handle).encrypt(b"189001019802", [ad]).hex()}


def lthash():
    elements = [b"", b"a", b"row 1", made_up("long element", 1000)]
    lanes = [0] * 1024
    for element in elements:
        for i, lane in enumerate(struct.unpack("<1024H", hashlib.shake_128(element).digest(2048))):
            lanes[i] = (lanes[i] + lane) % 65536
    state = struct.pack("<1024H", *lanes)
    return {"elements": [e.hex() for e in elements], "first_lanes": lanes[:4],
            "digest": hashlib.sha256(state).hexdigest()}


def sealed_file():
    passphrase, secret = "fyra små grisar åt gröt", made_up("sealed secret", 32)
    memory, passes, lanes, salt, nonce = 19456, 2, 1, made_up("argon salt", 16), made_up("sealed nonce", 12)
    header = b"FLKVSEAL" + bytes([1, 2]) + struct.pack(">III", memory, passes, lanes) + salt + nonce
    header += hashlib.sha256(header).digest()[:8]
    key = ctypes.create_string_buffer(32)
    text = passphrase.encode()
    argon2 = ctypes.CDLL("libargon2.so.1")
    assert argon2.argon2id_hash_raw(passes, memory, lanes, text, ctypes.c_size_t(len(text)), salt,
                                    ctypes.c_size_t(16), key, ctypes.c_size_t(32)) == 0
    file = header + AESGCM(key.raw).encrypt(nonce, secret, fields("sealed-file", header))
    return {"passphrase": passphrase, "secret": secret.hex(), "kind": 2, "file": file.hex()}


print(json.dumps({"about": "made by make_vectors.py; see there for the command", "envelopes":
                  [envelope("empty", 0), envelope("small", 100), envelope("two chunks", 65536 + 5000),
                   envelope("two full chunks", 131072)],
                  "key_wrap": key_wrap(), "derived": derived(), "lthash": lthash(), "sealed_file": sealed_file()}, indent=1))
