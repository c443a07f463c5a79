"""The small files of a data directory, read and written from spec/ alone: key-store.md, key-wrap.md, sealed-file.md,
head-file.md."""
import ctypes
import hashlib
import struct

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SLOT, HEAD_SLOT = 128, 4096
LEVELS = {1: "person", 2: "flik", 3: "document", 4: "database", 5: "blind index", 6: "log", 7: "person log", 8: "handle",
          9: "state", 10: "signing"}
SLOT_FIELDS = {"status": (0, 1), "level": (1, 1), "zeros": (2, 2), "version": (4, 4), "id": (8, 16), "parent": (24, 16),
               "nonce": (40, 12), "wrapped key": (52, 32), "tag": (84, 16), "last zeros": (100, 12), "check": (112, 16)}
HEAD_FIELDS = {"magic": (0, 8), "sequence": (8, 8), "length": (16, 4), "zeros": (20, 12), "hash": (32, 32), "note": (64, 200),
               "last zeros": (3000, 1096)}
SEAL_FIELDS = {"magic": (0, 8), "version": (8, 1), "kind": (9, 1), "memory": (10, 4), "passes": (14, 4), "lanes": (18, 4),
               "salt": (22, 16), "nonce": (38, 12), "checksum": (50, 8), "sealed": (58, 32), "tag": (90, 16)}
ENVELOPE_FIELDS = {"magic": (0, 7), "version": (7, 1), "chunk size": (8, 1), "salt": (9, 32), "nonce": (41, 7), "zeros": (48, 16)}


def flip(data, offset, bit=0):
    out = bytearray(data)
    out[offset] ^= 1 << bit
    return bytes(out)


def flip_file(path, offset, bit=0):
    path.write_bytes(flip(path.read_bytes(), offset, bit))


def flips(name, offset, bit=0):
    """The edit of a trial: one bit of one file."""
    return lambda history, data, chance: flip_file(data / name, offset, bit)


def writes(name, content):
    """The edit of a trial: a file with other contents."""
    return lambda history, data, chance: (data / name).write_bytes(content)


def fields(label, *values):
    """ENV-10: each with its length; numbers are 8 bytes."""
    out = b""
    for value in (label.encode(), *values):
        value = struct.pack(">Q", value) if isinstance(value, int) else value
        out += struct.pack(">I", len(value)) + value
    return out


def argon2id(passphrase, salt, memory, passes, lanes):
    out = ctypes.create_string_buffer(32)
    size = ctypes.c_size_t
    code = ctypes.CDLL("libargon2.so.1").argon2id_hash_raw(passes, memory, lanes, passphrase, size(len(passphrase)), salt,
                                                           size(len(salt)), out, size(32))
    if code != 0:
        raise RuntimeError(f"argon2id: {code}")
    return out.raw


def master_key(path, passphrase):
    data = path.read_bytes()
    memory, passes, lanes = struct.unpack(">III", data[10:22])
    key = argon2id(passphrase.encode(), data[22:38], memory, passes, lanes)
    return AESGCM(key).decrypt(data[38:50], data[58:], fields("flikvakt/v1/sealed-file", data[:58]))


def slots(path):
    """{number: slot bytes} of those in use."""
    data = path.read_bytes()
    cut = {at // SLOT: data[at:at + SLOT] for at in range(SLOT, len(data), SLOT)}
    return {number: one for number, one in cut.items() if any(one)}


def with_check(number, slot):
    check = hashlib.sha256(b"flikvakt key slot v1" + struct.pack(">Q", number) + slot[:112]).digest()[:16]
    return slot[:112] + check


def put_slot(path, number, slot):
    data = path.read_bytes()
    path.write_bytes(data[:number * SLOT] + slot + data[(number + 1) * SLOT:])


def unwrap(key, slot):
    version = struct.unpack(">I", slot[4:8])[0]
    binding = fields("flikvakt/v1/key-wrap", slot[1], slot[8:24], slot[24:40], version)
    return AESGCM(key).decrypt(slot[40:52], slot[52:100], binding)


def database_key(folder, passphrase):
    slot = next(one for one in slots(folder / "keys").values() if one[1] == 4)
    return unwrap(master_key(folder / "master-key", passphrase), slot)


def head_slots(path):
    data = path.read_bytes()
    return [data[:HEAD_SLOT], data[HEAD_SLOT:]]


def with_hash(slot):
    return slot[:32] + hashlib.sha256(slot[:32] + slot[64:]).digest() + slot[64:]


def newest_head(path):
    """(place of the slot, its sequence, size of the log that its note says)."""
    known = []
    for place, slot in enumerate(head_slots(path)):
        if with_hash(slot) == slot and slot[:8] == b"FLIKHEAD":
            length = struct.unpack(">I", slot[16:20])[0]
            known.append((struct.unpack(">Q", slot[8:16])[0], place, int(slot[64:64 + length].split(b"\n")[1])))
    sequence, place, size = max(known)
    return place, sequence, size
