#!/usr/bin/env python3
"""Opens a document envelope. Made from spec/envelope.md alone; shares no code with crypto/envelope.cpp.

    read_envelope.py KEY-HEX DOCUMENT-ID-HEX VERSION < object > plaintext
"""
import struct
import sys

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

HEADER, CHUNK, TAG = 64, 65536, 16


def encoded(*fields):  # ENV-10
    return b"".join(struct.pack(">I", len(field)) + field for field in fields)


def read(key, document, version, data):
    header, body = data[:HEADER], data[HEADER:]
    if header[:9] != b"FLKVENV\x01\x10" or header[48:] != bytes(16):  # ENV-3
        sys.exit("not an envelope of version 1")
    salt, prefix = header[9:41], header[41:48]
    info = encoded(b"flikvakt/v1/document-envelope", document, struct.pack(">Q", version), header)  # ENV-4
    gcm = AESGCM(HKDF(hashes.SHA256(), 32, salt, info).derive(key))
    sealed = [body[at : at + CHUNK + TAG] for at in range(0, len(body), CHUNK + TAG)]
    if not sealed or len(sealed[-1]) < TAG or (len(sealed[-1]) == TAG and len(sealed) > 1):  # ENV-6, ENV-7
        sys.exit("no envelope has this size")
    return b"".join(
        gcm.decrypt(prefix + struct.pack(">IB", i, i == len(sealed) - 1), chunk, None)  # ENV-5
        for i, chunk in enumerate(sealed)
    )


key, document, version = bytes.fromhex(sys.argv[1]), bytes.fromhex(sys.argv[2]), int(sys.argv[3])
sys.stdout.buffer.write(read(key, document, version, sys.stdin.buffer.read()))
