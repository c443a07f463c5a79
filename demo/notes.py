"""A client's own check of the log: signed checkpoints (spec/checkpoint.md) and proofs (RFC 9162 section 2.1.4.2)."""
import base64
import hashlib
import struct

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Checkpoint:
    def __init__(self, note):
        self.note = note
        self.text, _, self.signatures = note.rpartition("\n\n")
        self.origin, size, root = self.text.split("\n")
        self.size, self.root = int(size), base64.b64decode(root)

    def is_signed_by(self, verifier):
        """`verifier` is name+keyid+key, as `flikvakt init` prints it."""
        name, key_id, key = verifier.split("+", 2)
        raw = base64.b64decode(key)
        for line in self.signatures.splitlines():
            _, by, signature = line.split(" ")
            found = base64.b64decode(signature)
            if by == name == self.origin and found[:4].hex() == key_id:
                try:
                    Ed25519PublicKey.from_public_bytes(raw[1:]).verify(found[4:], (self.text + "\n").encode("utf-8"))
                    return True
                except InvalidSignature:
                    return False
        return False

    def is_cosigned_by(self, verifier):
        """spec/cosignature.md; `verifier` is name+keyid+key, as `flikvakt witness --init` prints it."""
        name, key_id, key = verifier.split("+", 2)
        raw = base64.b64decode(key)
        for line in self.signatures.splitlines():
            _, by, signature = line.split(" ")
            found = base64.b64decode(signature)
            if by == name and found[:4].hex() == key_id and raw[:1] == b"\x04" and len(found) == 76:
                (time,) = struct.unpack(">Q", found[4:12])
                try:
                    Ed25519PublicKey.from_public_bytes(raw[1:]).verify(
                        found[12:], f"cosignature/v1\ntime {time}\n{self.text}\n".encode("utf-8"))
                    return True
                except InvalidSignature:
                    return False
        return False


def node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def is_consistent(older, newer, proof):
    """RFC 9162 section 2.1.4.2; `proof` is the list of hashes between two checkpoints."""
    first, second = older.size, newer.size
    if first == second:
        return not proof and older.root == newer.root
    if not 0 < first < second or not proof:
        return False
    path = list(proof)
    if first & (first - 1) == 0:
        path.insert(0, older.root)
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for hash in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node(hash, fr), node(hash, sr)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node(sr, hash)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and fr == older.root and sr == newer.root
