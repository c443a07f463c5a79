"""Rows of a gateway below SQLCipher, for an attacker who holds the database key: pages opened and sealed again, the write-ahead
log read and written. Made from the public formats of SQLCipher 3 and SQLite, not from our code."""
import contextlib
import hashlib
import hmac
import pathlib
import sqlite3
import struct
import tempfile

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

PAGE, RESERVED = 4096, 48  # at the end of a page: IV 16, HMAC-SHA-1 20, unused 12
FRAME = 24 + PAGE
MAGIC = b"SQLite format 3\0"


class Pages:
    """Seals and opens single pages. `salt`: the first 16 bytes of the file."""

    def __init__(self, key, salt):
        self.key, self.salt = key, salt
        self.mac = hashlib.pbkdf2_hmac("sha1", key, bytes(byte ^ 0x3a for byte in salt), 2, 32)

    def check(self, number, sealed):
        return hmac.new(self.mac, sealed + struct.pack("<I", number), "sha1").digest()

    def open(self, number, page):
        begin = 16 if number == 1 else 0
        body, iv = page[begin:-RESERVED], page[-RESERVED:-RESERVED + 16]
        if self.check(number, body + iv) != page[-RESERVED + 16:-12]:
            raise ValueError(f"page {number} does not authenticate")
        plain = Cipher(algorithms.AES(self.key), modes.CBC(iv)).decryptor().update(body)
        return MAGIC[:begin] + plain + bytes(RESERVED)

    def seal(self, number, plain):
        begin = 16 if number == 1 else 0
        iv = hashlib.sha256(plain + struct.pack("<I", number)).digest()[:16]
        body = Cipher(algorithms.AES(self.key), modes.CBC(iv)).encryptor().update(plain[begin:-RESERVED])
        return self.salt[:begin] + body + iv + self.check(number, body + iv) + bytes(12)


def pages_of(data):
    return [data[at:at + PAGE] for at in range(0, len(data), PAGE)]


def frames_of(wal):
    """(page number, size of the database after a commit or 0, page) of each frame that belongs to this log."""
    if len(wal) < 32:
        return []
    salts, out = wal[16:24], []
    for at in range(32, len(wal) - FRAME + 1, FRAME):
        number, size = struct.unpack(">II", wal[at:at + 8])
        if wal[at + 8:at + 16] != salts:
            break
        out.append((number, size, wal[at + 24:at + FRAME]))
    return out


def commits_of(wal):
    """After how many frames each transaction ends."""
    return [at + 1 for at, (_, size, _) in enumerate(frames_of(wal)) if size]


def checksum(data, seed, big):
    first, second = seed
    for one, two in struct.iter_unpack(">II" if big else "<II", data):
        first = (first + one + second) & 0xffffffff
        second = (second + two + first) & 0xffffffff
    return first, second


def wal_of(header, frames):
    """A log with these frames and right checksums, which hold no key."""
    big = header[3] & 1
    seed = checksum(header[:24], (0, 0), big)
    out = [header[:24] + struct.pack(">II", *seed)]
    for number, size, page in frames:
        head = struct.pack(">II", number, size)
        seed = checksum(head + page, seed, big)
        out.append(head + header[16:24] + struct.pack(">II", *seed) + page)
    return b"".join(out)


def newest_pages(folder):
    """The sealed pages as a reader sees them: the file with what the log's whole transactions put over it."""
    folder = pathlib.Path(folder)
    pages = dict(enumerate(pages_of((folder / "rows.db").read_bytes()), 1))
    wal = folder / "rows.db-wal"
    frames = frames_of(wal.read_bytes()) if wal.exists() else []
    ends = [at for at, one in enumerate(frames) if one[1]]
    if not ends:
        return [pages[number] for number in sorted(pages)]
    for number, _, page in frames[:ends[-1] + 1]:
        pages[number] = page
    return [pages[number] for number in range(1, frames[ends[-1]][1] + 1)]


def write_pages(folder, sealed):
    """The database as one file, without a log."""
    for name in ("rows.db-wal", "rows.db-shm"):
        (pathlib.Path(folder) / name).unlink(missing_ok=True)
    (pathlib.Path(folder) / "rows.db").write_bytes(b"".join(sealed))


def open_all(sealed, key):
    cipher = Pages(key, sealed[0][:16])
    plain = bytearray(b"".join(cipher.open(number, page) for number, page in enumerate(sealed, 1)))
    plain[18:20] = b"\1\1"  # rollback journal, so that it is one file
    return bytes(plain)


def seal_all(plain, key, salt, before=None):
    """`before`: sealed pages and what they open to; a page that did not change stays as it is."""
    plain = bytearray(plain)
    plain[18:20] = b"\2\2"
    cipher, kept = Pages(key, salt), {}
    if before:
        was = bytearray(before[1])
        was[18:20] = b"\2\2"
        kept = dict(enumerate(zip(pages_of(bytes(was)), before[0]), 1))
    out = []
    for number, page in enumerate(pages_of(bytes(plain)), 1):
        old = kept.get(number)
        out.append(old[1] if old and old[0] == page else cipher.seal(number, page))
    return out


@contextlib.contextmanager
def rows_of(plain):
    """A connection to a copy of these rows; afterwards `connection.after` is the changed file."""
    class Connection(sqlite3.Connection):
        after = b""

    with tempfile.TemporaryDirectory(prefix="flikvakt-rows-") as folder:
        path = pathlib.Path(folder) / "plain.db"
        path.write_bytes(plain)
        connection = sqlite3.connect(path, factory=Connection, isolation_level=None)
        try:
            yield connection
        finally:
            connection.close()
        connection.after = path.read_bytes()


def edited(folder, key, change):
    """`change(connection)` on the rows of `folder`, which are then as an attacker with the database key leaves them."""
    sealed = newest_pages(folder)
    plain = open_all(sealed, key)
    with rows_of(plain) as connection:
        change(connection)
    write_pages(folder, seal_all(connection.after, key, sealed[0][:16], (sealed, plain)))
