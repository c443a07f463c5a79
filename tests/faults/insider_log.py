"""Entries of the log opened and sealed with all keys, from spec/ alone: log-entry.md, act-record.md, person-chain.md."""
import hashlib
import hmac
import json
import os
import struct
from dataclasses import dataclass, field, replace
from typing import Optional

import disk_formats
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

ACT, PERSON, RECORD = 1, 2, 3
COMMITMENT = {ACT: b"flikvakt/v1/log-act-commitment", PERSON: b"flikvakt/v1/log-person-commitment",
              RECORD: b"flikvakt/v1/log-record-commitment"}
NOTHING = bytes(32)
# Where the fields of the two parts lie: (offset, bytes).
ACT_FIELDS = {"actor kind": (1, 1), "kind": (2, 1), "outcome": (3, 1), "rule": (4, 1), "reason": (5, 2), "organisation": (7, 16),
              "actor": (23, 16), "act id": (39, 16)}
PERSON_FIELDS = {"person": (0, 16), "acting person": (16, 16), "fullmakt": (32, 16), "document": (48, 16), "subject": (64, 16),
                 "flik": (80, 16), "purpose": (96, 16), "bytes": (112, 8)}
PERMITTED, REFUSED, RECORDED = 1, 2, 3


def derived(key, label, *more):
    return HKDF(hashes.SHA256(), 32, None, disk_formats.fields(label, *more)).derive(key)


class PersonLogKeys:
    """What follows from one person's log key."""

    def __init__(self, key, origin):
        self.part = AESGCM(derived(key, "flikvakt/v1/log-person-key"))
        self.record = AESGCM(derived(key, "flikvakt/v1/log-record-key"))
        self.tag_key = derived(key, "flikvakt/v1/log-person-tag-key")
        self.chain_key = derived(key, "flikvakt/v1/log-chain-key", origin.encode())

    def tag(self, number):
        return hmac.digest(self.tag_key, struct.pack(">Q", number), "sha256")

    def mask(self, number):
        return hmac.digest(self.chain_key, struct.pack(">Q", number), "sha256")


class ForbundLogKeys:
    def __init__(self, key):
        self.part = AESGCM(derived(key, "flikvakt/v1/log-act-key"))
        self.record = AESGCM(derived(key, "flikvakt/v1/log-record-key"))


def binding(kind):
    return disk_formats.fields("flikvakt/v1/log-part", 1, kind)


def commitment(kind, opener, plain):
    return hmac.digest(opener, COMMITMENT[kind] + plain, "sha256")


@dataclass(frozen=True)
class Part:
    """A sealed part and what is in it; sealed anew when it says something else."""
    sealed: bytes
    opener: bytes
    plain: bytes

    @staticmethod
    def opened(kind, key, sealed):
        text = key.decrypt(sealed[:12], sealed[12:], binding(kind))
        return Part(sealed, text[:32], text[32:])

    @staticmethod
    def made(kind, key, plain):
        opener, nonce = os.urandom(32), os.urandom(12)
        return Part(nonce + key.encrypt(nonce, opener + plain, binding(kind)), opener, plain)

    def commitment(self, kind):
        return commitment(kind, self.opener, self.plain)


GONE = Part(b"", b"", b"")


@dataclass(frozen=True)
class Entry:
    """One entry, opened. `person` is whose it is; of nobody, `nobody` is the person part as it lies and (tag, commitment, link).
    Of one that is pruned `bare` is what its leaf says of the parts that are gone."""
    time: int
    act: Part
    person: Optional[bytes]
    about: Optional[Part]
    record: Optional[Part]
    nobody: tuple = ()
    old: int = field(default=-1, compare=False)  # where it lay
    bare: bytes = b""

    def act_field(self, name):
        at, size = ACT_FIELDS[name]
        return self.act.plain[at:at + size]

    def about_field(self, name):
        at, size = PERSON_FIELDS[name]
        return self.about.plain[at:at + size]

    @property
    def kind(self):
        return self.act.plain[2] if not self.bare else 0

    @property
    def record_json(self):
        return json.loads(self.record.plain) if self.record and self.record.plain else {}


def opened_or_closed(key, body):
    """A record; that of somebody who was erased stays as it lies."""
    try:
        return Part.opened(RECORD, key, body) if body else None
    except InvalidTag:
        return Part(body, b"", b"")


def with_field(plain, place, value):
    at, size = place
    if len(value) != size:
        raise ValueError(f"{len(value)} bytes for {size}")
    return plain[:at] + value + plain[at + size:]


class EntrySealer:
    """Opens entries of one log, and seals what was changed in them."""

    def __init__(self, forbund, people, origin):
        self.forbund = ForbundLogKeys(forbund)
        self.people = {person: PersonLogKeys(key, origin) for person, key in people.items()}

    def open_all(self, rows, records):
        """`rows`: (leaf, link, act, person) by index."""
        expected = {keys.tag(0): (person, 0) for person, keys in self.people.items()}
        out = []
        for index, (leaf, link, act, about) in enumerate(rows):
            person, number = expected.pop(leaf[9:41], (None, 0))
            if person:
                expected[self.people[person].tag(number + 1)] = (person, number + 1)
            if not act:
                out.append(Entry(int.from_bytes(leaf[1:9], "big"), GONE, person, None, None, (b"", leaf[9:41], b"", link), index, leaf[41:]))
                continue
            keys = self.people[person] if person else self.forbund
            body = records.get(index)
            out.append(Entry(int.from_bytes(leaf[1:9], "big"), Part.opened(ACT, self.forbund.part, act), person,
                             Part.opened(PERSON, keys.part, about) if person else None,
                             opened_or_closed(keys.record, body),
                             () if person else (about, leaf[9:41], leaf[105:137], link), index))
        return out

    def with_act(self, entry, name, value):
        return replace(entry, act=self._act(with_field(entry.act.plain, ACT_FIELDS[name], value)))

    def with_about(self, entry, name, value):
        plain = with_field(entry.about.plain, PERSON_FIELDS[name], value)
        return replace(entry, about=Part.made(PERSON, self.people[entry.person].part, plain))

    def with_record(self, entry, text):
        """`text`: JSON, or None for none; the act part commits to it."""
        keys = self.people[entry.person] if entry.person else self.forbund
        record = Part.made(RECORD, keys.record, text.encode()) if text is not None else None
        committed = record.commitment(RECORD) if record else NOTHING
        return replace(entry, record=record, act=self._act(entry.act.plain[:55] + committed))

    def pruned(self, entry):
        """The same without what can be read in it."""
        _, tag, _, link = entry.nobody or (b"", b"", b"", b"")
        return replace(entry, act=GONE, about=None, record=None, nobody=(b"", tag, b"", link), bare=self._said_of_parts(entry))

    def of_nobody(self, entry):
        """The same act, concerning nobody."""
        return replace(entry, person=None, about=None, nobody=(os.urandom(180), os.urandom(32), os.urandom(32), os.urandom(12)))

    def _act(self, plain):
        return Part.made(ACT, self.forbund.part, plain)

    def _said_of_parts(self, entry):
        """Commitment and hash of each, as the leaf has them."""
        if entry.bare:
            return entry.bare
        about, committed = (entry.about.sealed, entry.about.commitment(PERSON)) if entry.about else (entry.nobody[0], entry.nobody[2])
        return entry.act.commitment(ACT) + hashlib.sha256(entry.act.sealed).digest() + committed + hashlib.sha256(about).digest()

    def rows(self, entries):
        """((leaf, link, act, person) by index, {person: (number of entries, sealed end)})."""
        chains = {person: Chain(keys) for person, keys in self.people.items()}
        out = []
        for index, entry in enumerate(entries):
            tag, link = chains[entry.person].append(index) if entry.person else (entry.nobody[1], entry.nobody[3])
            leaf = b"\1" + struct.pack(">Q", entry.time) + tag + self._said_of_parts(entry)
            out.append((leaf, link, entry.act.sealed, entry.about.sealed if entry.about else entry.nobody[0]))
        return out, {person: (chain.count, chain.end) for person, chain in chains.items() if chain.count}


class Chain:
    """CHN-1, CHN-2, CHN-3"""

    def __init__(self, keys):
        self.keys, self.indexes, self.end = keys, [], b""

    @property
    def count(self):
        return len(self.indexes)

    def append(self, index):
        """(tag, link) of the person's next entry, which lies at `index`."""
        number, self.indexes = self.count, [*self.indexes, index]
        before = self.indexes[number - 1] if number else 0
        far = 4096 if number % 4096 == 0 else 64
        further = self.indexes[number - far] if number % 64 == 0 and number >= far else 0
        ends = (index, self.indexes[number - number % 64], self.indexes[number - number % 4096])
        plain = b"".join(one.to_bytes(6, "big") for one in (before, further, *ends))
        masked = bytes(a ^ b for a, b in zip(plain, self.keys.mask(number)))
        self.end = masked[12:30]
        return self.keys.tag(number), masked[:12]
