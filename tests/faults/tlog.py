"""A transparency log and what it asks of a witness, written from spec/ alone (merkle.md, checkpoint.md, cosignature.md,
witness.md): shares no code with the program, and so checks it from outside."""
import base64
import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

LOG, WITNESS = b"\x01", b"\x04"


def leaf_hash(entry):
    return hashlib.sha256(b"\0" + entry).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def split(count):
    """The largest power of two below `count`."""
    return 1 << (count - 1).bit_length() - 1


def root(leaves):
    if not leaves:
        return hashlib.sha256(b"").digest()
    row = list(leaves)
    while len(row) > 1:  # MRK-3: what has no sibling goes up as it is
        row = [node_hash(*row[i:i + 2]) if i + 1 < len(row) else row[i] for i in range(0, len(row), 2)]
    return row[0]


def consistency(old, leaves, known=True):
    """PROOF(old, leaves) of RFC 6962 section 2.1.2."""
    if old in (0, len(leaves)):
        return [] if known else [root(leaves)]
    left = split(len(leaves))
    if old <= left:
        return consistency(old, leaves[:left], known) + [root(leaves[left:])]
    return consistency(old - left, leaves[left:], False) + [root(leaves[:left])]


def text64(data):
    return base64.b64encode(data).decode()


def key_id(name, kind, raw):
    return hashlib.sha256(name.encode() + b"\n" + kind + raw).digest()[:4]


def parse_key(text, kind):
    """(name, key id, public key) of `name+keyid+key`."""
    name, shown_id, key = text.split("+", 2)
    raw = base64.b64decode(key, validate=True)
    assert raw[:1] == kind and key_id(name, kind, raw[1:]).hex() == shown_id
    return name, bytes.fromhex(shown_id), Ed25519PublicKey.from_public_bytes(raw[1:])


def is_included(index, size, leaf, proof, whole):
    """MRK-4, from the definition of the path: PATH(index, D[size]) of RFC 6962 section 2.1.1."""
    def climb(at, count, nodes):
        if count == 1:
            return leaf if not nodes else None
        if not nodes:
            return None
        left, last, rest = split(count), nodes[-1], nodes[:-1]
        if at < left:
            below = climb(at, left, rest)
            return below and node_hash(below, last)
        below = climb(at - left, count - left, rest)
        return below and node_hash(last, below)
    return index < size and climb(index, size, list(proof)) == whole


def opened(note, log):
    """(origin, size, root, text) of a checkpoint that the log's key (in text form) signed; raises when it did not."""
    text, lines = note.rsplit("\n\n", 1)
    text += "\n"
    name, number, key = parse_key(log, LOG)
    origin, size, whole = text.removesuffix("\n").split("\n")
    assert origin == name
    mine = [base64.b64decode(line.split(" ")[2], validate=True) for line in lines.splitlines() if line.split(" ")[1] == name]
    signature = next(data[4:] for data in mine if data[:4] == number)
    key.verify(signature, text.encode())
    return origin, int(size), base64.b64decode(whole, validate=True), text


def tile_path(level, number, width=256):
    """TIL-1, TIL-2"""
    digits = f"{number:03d}"
    digits = digits.zfill((len(digits) + 2) // 3 * 3)
    parts = [digits[i:i + 3] for i in range(0, len(digits), 3)]
    path = "/".join([f"x{part}" for part in parts[:-1]] + parts[-1:])
    return f"tile/{level}/{path}" + (f".p/{width}" if width < 256 else "")


class Log:
    """The log's key, a new one unless it is given; its entries are the caller's."""

    def __init__(self, origin, key=None):
        self.origin = origin
        self._key = key or Ed25519PrivateKey.generate()
        self._raw = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self._id = key_id(origin, LOG, self._raw)

    def verifier(self):
        return f"{self.origin}+{self._id.hex()}+{text64(LOG + self._raw)}"

    def text(self, leaves):
        return f"{self.origin}\n{len(leaves)}\n{text64(root(leaves))}\n"

    def note(self, leaves, digest=None):
        """`digest`: of the state, in a head (CHK-12)."""
        text = self.text(leaves) + (text64(digest) + "\n" if digest else "")
        return f"{text}\n— {self.origin} {text64(self._id + self._key.sign(text.encode()))}\n"

    def request(self, old, leaves):
        """The body of an add-checkpoint that grows from the first `old` of these leaves."""
        proof = consistency(old, leaves) if old <= len(leaves) else []
        return f"old {old}\n" + "".join(text64(one) + "\n" for one in proof) + "\n" + self.note(leaves)


def cosigned_at(text, lines, witness):
    """The time at which the witness (a key in text form) cosigned this text; None when it did not."""
    name, number, key = parse_key(witness, WITNESS)
    for line in lines.splitlines():
        dash, signer, signature = line.split(" ")
        data = base64.b64decode(signature, validate=True)
        if (dash, signer, data[:4], len(data)) != ("—", name, number, 4 + 8 + 64):
            continue
        time = int.from_bytes(data[4:12], "big")
        try:
            key.verify(data[12:], f"cosignature/v1\ntime {time}\n{text}".encode())
        except InvalidSignature:
            continue
        return time
    return None
