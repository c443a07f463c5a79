"""Everything that the keys at hand still open: rows, old rows in the write-ahead log, parts and records of the log, documents, handles.
From spec/ alone. Whoever looks for what must be gone looks with this."""
import base64
import hashlib
import hmac
import re
import struct

import disk_formats
import sqlcipher_pages
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from insider_log import ACT, PERSON, RECORD, ForbundLogKeys, Part, PersonLogKeys

MASTER_LEVELS = frozenset({1, 4, 5, 6, 7, 8, 9, 10})
DOCUMENTS, CHUNK, TAG = 39, 65536, 16
ENCODED = re.compile(rb"[A-Za-z0-9_-]{8,}")


class Keys:
    """Every key that these key stores and this master key give."""

    def __init__(self, master_file, passphrase, stores):
        self.master = disk_formats.master_key(master_file, passphrase)
        slots = [slot for store in stores for slot in disk_formats.slots(store).values()]
        self.by_id, self.levels = {}, {}
        for _ in range(3):  # person, flik, document
            for slot in slots:
                parent = self.master if slot[1] in MASTER_LEVELS else self.by_id.get(slot[24:40])
                if parent and slot[8:24] not in self.by_id:
                    self.by_id[slot[8:24]] = disk_formats.unwrap(parent, slot)
                    self.levels.setdefault(slot[1], []).append(self.by_id[slot[8:24]])

    def system(self, level):
        return self.levels[level][0]

    def of_rows(self, owner):
        """None: nobody has it any more."""
        if owner == bytes(16):
            return self.system(9)
        person = self.by_id.get(hashlib.sha256(disk_formats.fields("flikvakt/v1/person-key-id", owner)).digest()[:16])
        info = disk_formats.fields("flikvakt/v1/person-state-key", owner)
        return HKDF(hashes.SHA256(), 32, None, info).derive(person) if person else None


class Remains:
    """`texts`: everything that opens, with where it lay."""

    def __init__(self, keys, origin):
        self.keys, self.texts, self.seen = keys, [], set()
        self.organisations, self.documents = {bytes(16)}, set()
        self.log_keys = [ForbundLogKeys(keys.system(6)), *(PersonLogKeys(key, origin) for key in keys.levels.get(7, []))]

    def found(self, markers):
        """{name of a marker: where it lies}; handles are opened to the numbers that they are."""
        out = {}
        for where, text in self.texts:
            whole = b"\n".join((text, *decoded(text), *self.numbers_in(text)))
            for name, marker in markers.items():
                if marker in whole:
                    out.setdefault(name, []).append(where)
        return out

    def index_of(self, number):
        """What stands for a number that one must know to find it."""
        return hmac.digest(self.keys.system(5), disk_formats.fields("flikvakt/v1/blind-index", number), "sha256")

    def numbers_in(self, text):
        """Of the handles that stand there, in plain or within what was signed."""
        for one in re.findall(rb"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{38}(?![A-Za-z0-9_-])", b"\n".join((text, *decoded(text)))):
            sealed = base64.urlsafe_b64decode(one + b"==")
            for organisation in self.organisations:
                info = disk_formats.fields("flikvakt/v1/handle-key", organisation)
                key = AESSIV(HKDF(hashes.SHA256(), 64, None, info).derive(self.keys.system(8)))
                try:
                    yield key.decrypt(sealed, [disk_formats.fields("flikvakt/v1/person-handle", organisation)])
                except InvalidTag:
                    continue

    def take(self, where, text):
        if text not in self.seen:
            self.seen.add(text)
            self.texts.append((where, text))

    def look_at(self, name, folder):
        """A data directory, or the rows of a backup: as they stand and at each commit of the write-ahead log."""
        wal = folder / "rows.db-wal"
        frames = wal.read_bytes() if wal.exists() else b""
        ends = [0, *sqlcipher_pages.commits_of(frames)] if frames else [0]
        known = set()
        for end in reversed(ends):
            plain = self.plain_at(folder, frames[:32 + end * sqlcipher_pages.FRAME])
            with sqlcipher_pages.rows_of(plain) as rows:
                self.rows(name, rows, known)
        self.objects(name, folder / "objects")

    def plain_at(self, folder, frames):
        pages = dict(enumerate(sqlcipher_pages.pages_of((folder / "rows.db").read_bytes()), 1))
        cut = sqlcipher_pages.frames_of(frames)
        for number, _, page in cut:
            pages[number] = page
        count = next((size for _, size, _ in reversed(cut) if size), len(pages))
        return sqlcipher_pages.open_all([pages[number] for number in range(1, count + 1)], self.keys.system(4))

    def rows(self, name, rows, known):
        for row in set(rows.execute("SELECT tbl, id, version, body FROM state_row").fetchall()) - known:
            known.add(row)
            self.state_row(f"{name}: row of table {row[0]}", *row)
        for row in set(rows.execute("SELECT idx, act, person FROM entry").fetchall()) - known:
            known.add(row)
            self.part(f"{name}: act part {row[0]}", ACT, row[1])
            self.part(f"{name}: person part {row[0]}", PERSON, row[2])
        for row in set(rows.execute("SELECT idx, body FROM act_record").fetchall()) - known:
            known.add(row)
            self.part(f"{name}: act record {row[0]}", RECORD, row[1])

    def state_row(self, where, table, id, version, body):
        self.take(where + ", its id", id)
        if table == DOCUMENTS:
            self.documents.add(id)
        if table == 1:
            self.organisations.add(id)
        owner = body[1:17]
        key = self.keys.of_rows(owner)
        if key:
            binding = disk_formats.fields("flikvakt/v1/state-row", table, id, version, owner)
            self.take(where, AESGCM(key).decrypt(body[17:29], body[29:], binding))

    def part(self, where, kind, sealed):
        for keys in self.log_keys:
            try:
                self.take(where, Part.opened(kind, keys.record if kind == RECORD else keys.part, sealed).plain)
            except InvalidTag:
                continue

    def objects(self, name, folder):
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                for key in self.keys.levels.get(3, []):
                    for document in self.documents:
                        self.object(f"{name}: object {path.name}", path.read_bytes(), key, document)

    def object(self, where, data, key, document):
        """ENV-4, ENV-5"""
        header = data[:64]
        info = disk_formats.fields("flikvakt/v1/document-envelope", document, 1, header)
        cipher = AESGCM(HKDF(hashes.SHA256(), 32, header[9:41], info).derive(key))
        sealed = [data[at:at + CHUNK + TAG] for at in range(64, len(data), CHUNK + TAG)]
        try:
            chunks = [cipher.decrypt(header[41:48] + struct.pack(">IB", at, at == len(sealed) - 1), chunk, None)
                      for at, chunk in enumerate(sealed)]
        except InvalidTag:
            return
        self.take(where, b"".join(chunks))


def decoded(text, depth=4):
    """What stands in base64url in it, and in that again: evidence is signed texts within signed texts."""
    for one in ENCODED.findall(text) if depth else []:
        if len(one) % 4 != 1:
            inner = base64.urlsafe_b64decode(one + b"=" * (-len(one) % 4))
            yield inner
            yield from decoded(inner, depth - 1)
