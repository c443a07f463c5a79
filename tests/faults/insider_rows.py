"""State rows opened, sealed and digested with all keys, from spec/ alone: state-rows.md, state-digest.md."""
import base64
import hashlib
import json
import os
import struct
from dataclasses import dataclass

import opened_rows
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY, RECEIPT, READINGS, PLACES, NOBODY = 13, 14, 43, 60, bytes(16)
REGISTRY = frozenset({*range(1, 17), 20, 22, 23, 26, 27, 28, 29, 30, 31, READINGS, PLACES})
PERSONS = 32
# ROW-2: of which members the key bytes of a row are made; the first of a pair is an id. Where nothing stands, `id` alone.
KEYS = {5: ("team", "staff"), 6: ("code",), 8: ("fingerprint",), 9: ("fingerprint",), 10: ("thumbprint",), 14: ("actor", "act"),
        20: ("act_kind",), 23: ("generation",), 26: ("organisation",), 27: ("organisation", "entry"), 28: ("code",), 29: ("thumbprint",), 30: ("organisation", "document_type"),
        33: ("index",), 34: ("thumbprint",), 41: ("person", "type"), 45: ("kontrakt", "provider"), 46: ("fullmakt", "organisation")}
TEXTS = {(6, "code"), (20, "act_kind"), (23, "generation"), (27, "entry"), (28, "code"), (30, "document_type"), (41, "type")}
ALONE = {15: b"instance", 22: b"pruning"}  # of which there is one row


def unbase64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def base64_of(value):
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def member_bytes(table, name, value):
    if (table, name) in TEXTS:
        return str(value).encode()
    return bytes.fromhex(value) if len(value) == 32 else unbase64(value)


def key_of(table, row):
    """The key bytes of a row that says this."""
    if table in ALONE:
        return ALONE[table]
    return b"".join(member_bytes(table, name, row[name]) for name in KEYS.get(table, ("id",)))


@dataclass(frozen=True)
class Row:
    """`plain`: bytes; JSON but for tables 43 and 60. `body`: as it lies, when it was not changed."""
    version: int
    owner: bytes
    plain: bytes
    body: bytes = b""

    @property
    def json(self):
        return json.loads(self.plain)


def text_of(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


class RowSealer(opened_rows.Insider):
    def open_row(self, table, id, version, body):
        owner = body[1:17]
        plain = AESGCM(self.key_of(owner)).decrypt(body[17:29], body[29:], self.binding(table, id, version, owner))
        return Row(version, owner, plain, body)

    def seal_row(self, table, id, row):
        if row.body:
            return row.body
        nonce = os.urandom(12)
        sealed = AESGCM(self.key_of(row.owner)).encrypt(nonce, row.plain, self.binding(table, id, row.version, row.owner))
        return b"\1" + row.owner + nonce + sealed


HIGH = int.from_bytes(b"\0\x80" * 1024, "little")
LOW = HIGH ^ (1 << 16384) - 1


def lanes_sum(one, other):
    """STD-2: 1024 lanes of 16 bits, each modulo 2^16."""
    return ((one & LOW) + (other & LOW)) ^ ((one ^ other) & HIGH)


def state_digest(rows):
    """`rows`: (table, id, version, body)."""
    total = 0
    for table, id, version, body in rows:
        element = struct.pack(">HH", table, len(id)) + id + struct.pack(">Q", version) + body
        total = lanes_sum(total, int.from_bytes(hashlib.shake_128(element).digest(2048), "little"))
    return hashlib.sha256(total.to_bytes(2048, "little")).digest()


# What somebody who wants something would write.
WANTED = {"active": "removed", "suspended": "active", "removed": "active", "revoked": "active", "superseded": "active", "expired": "active",
          "exhausted": "active", "paused": "active", "relinquished": "active", "shredded": "active", "sealed": "erased",
          "erased": "sealed", "proposed": "active", "open": "closed", "member": "lead", "lead": "member", "read": "deposit",
          "deposit": "read", "current": "retired", "organisation": "staff", "device_key": "paper", "paper": "device_key",
          "passkey": "paper", "e_id": "paper", "personal": "recovery"}


def other(value, chance):
    """Another value of the same form."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, dict) and value:
        name = chance.choice(sorted(value))
        return {**value, name: other(value[name], chance)}
    if isinstance(value, list):
        return value[:-1] if value else ["x"]
    if not isinstance(value, str) or not value:
        return "x"
    if value in WANTED:
        return WANTED[value]
    if value[:4].isdigit() and value[4:5] == "-":  # a year later
        return str(int(value[:4]) + 1) + value[4:]
    if len(value) in (22, 32, 43):  # an id, a hash
        return chance.choice("bcd") + value[1:] if value[0] not in "bcd" else "a" + value[1:]
    return value + "x"


def bend(members, chance, but=()):
    """One member of a row says something else."""
    name = chance.choice(sorted(set(members).difference(but)))
    members[name] = other(members[name], chance)
