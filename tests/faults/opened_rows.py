"""State rows opened with the master key (spec/state-rows.md): which object a document lies in."""
import hashlib
import json

import disk_formats
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

DOCUMENT, NOBODY = 39, bytes(16)


class Insider:
    def __init__(self, folder, passphrase):
        self.master = disk_formats.master_key(folder / "master-key", passphrase)
        self.slots = {slot[8:24]: slot for slot in disk_formats.slots(folder / "keys").values()}
        self.registry = self.of_level(9)

    def of_level(self, level):
        return disk_formats.unwrap(self.master, next(slot for slot in self.slots.values() if slot[1] == level))

    def key_of(self, owner):
        if owner == NOBODY:
            return self.registry
        id = hashlib.sha256(disk_formats.fields("flikvakt/v1/person-key-id", owner)).digest()[:16]
        person = disk_formats.unwrap(self.master, self.slots[id])
        return HKDF(hashes.SHA256(), 32, None, disk_formats.fields("flikvakt/v1/person-state-key", owner)).derive(person)

    def binding(self, table, id, version, owner):
        return disk_formats.fields("flikvakt/v1/state-row", table, id, version, owner)

    def open(self, table, id, version, body):
        """The row's JSON text."""
        owner = body[1:17]
        return AESGCM(self.key_of(owner)).decrypt(body[17:29], body[29:], self.binding(table, id, version, owner)).decode()

    def objects(self, rows):
        """{title of a document: name of its object}"""
        found = rows.execute("SELECT tbl, id, version, body FROM state_row WHERE tbl = ?", (DOCUMENT,))
        opened = [json.loads(self.open(*row)) for row in found]
        return {one["facts"]["title"]: one["object"] for one in opened if one["status"] == "sealed"}
