"""Whoever runs the gateway and wants to rewrite its log: the database, every key that lies there (by the master passphrase), and a
shell. Reads a data directory, changes what it likes, and makes everything fit again: parts, commitments, leaves, tags, links, tiles,
state rows, digest, head, head file, counts in the key store. What it lacks: keys of people, administrators, organisations' staff
and witnesses. Made from spec/ alone."""
import hashlib
import json
import struct
from dataclasses import dataclass, replace

import disk_formats
import insider_rows
import sqlcipher_pages
import tlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from insider_log import REFUSED, EntrySealer
from insider_rows import KEY, PERSONS, PLACES, READINGS, RECEIPT, Row, text_of

OPEN_READING, CLOSE_READING = 1, 2


@dataclass
class Act:
    """Entries of one act, which follow each other."""
    entries: list

    @property
    def first(self):
        return self.entries[0]

    @property
    def kind(self):
        return self.first.kind

    @property
    def id(self):
        return self.first.act_field("act id")

    @property
    def is_permitted(self):
        return self.first.act_field("outcome")[0] != REFUSED


def acts_of(entries):
    """Of what is pruned nobody can tell which entries are of one act: each counts for itself."""
    out = []
    for entry in entries:
        same = out and not entry.bare and out[-1].id == entry.act_field("act id") and out[-1].kind == entry.kind and out[-1].first.time == entry.time
        if same:
            out[-1].entries.append(entry)
        else:
            out.append(Act([entry]))
    return out


class SystemKeys(insider_rows.RowSealer):
    """The keys that are nobody's own."""

    def named(self, name):
        id = hashlib.sha256(disk_formats.fields("flikvakt/v1/system-key-id", name.encode())).digest()[:16]
        return disk_formats.unwrap(self.master, self.slots[id])

    def log(self, origin, seed):
        """Whoever signs under that origin."""
        return tlog.Log(origin, Ed25519PrivateKey.from_private_bytes(self.named(seed)))


class Forger:
    """`kept`: a copy from before keys were destroyed, as whoever runs a gateway has in a backup."""

    def __init__(self, data, passphrase, kept=None):
        self.data, self.passphrase, self.kept, self.wraps = data, passphrase, kept, []
        self.keys = SystemKeys(data, passphrase)
        self.database_key = self.keys.of_level(4)
        with sqlcipher_pages.rows_of(self._plain()) as rows:
            self.rows = {(table, id): self.keys.open_row(table, id, version, body) for table, id, version, body
                         in rows.execute("SELECT tbl, id, version, body FROM state_row").fetchall()}
            entries = rows.execute("SELECT leaf, link, act, person FROM entry ORDER BY idx").fetchall()
            records = dict(rows.execute("SELECT idx, body FROM act_record").fetchall())
            self.head = rows.execute("SELECT value FROM meta WHERE name = 'head'").fetchone()[0].decode()
        self.origin = self.head.split("\n")[0].removesuffix("/head")
        self.heads = self.keys.log(self.origin + "/head", "head-signing")
        self.sealer = EntrySealer(self.keys.of_level(6), self._log_keys(), self.origin)
        self.entries = self.sealer.open_all(entries, records)
        self.old_leaves = [tlog.leaf_hash(row[0]) for row in entries]

    def _plain(self):
        return sqlcipher_pages.open_all(sqlcipher_pages.newest_pages(self.data), self.database_key)

    def _log_keys(self):
        people = [row.json for (table, _), row in self.rows.items() if table == PERSONS]
        return {bytes.fromhex(one["id"]): disk_formats.unwrap(self.keys.master, self.keys.slots[bytes.fromhex(one["log_key_id"])])
                for one in people}

    # What may be changed ------------------------------------------------------------------------------------------------

    @property
    def acts(self):
        return acts_of(self.entries)

    def set_acts(self, acts):
        """The log is these acts, and the state what follows from them."""
        self.entries = [entry for act in acts for entry in act.entries]
        self.derive_rows()

    def change_row(self, id, change):
        """`change(members)` on the JSON of one row."""
        members = self.rows[id].json
        change(members)
        self.rows[id] = replace(self.rows[id], plain=text_of(members), body=b"")

    def derive_rows(self):
        """SPEC ACR-5 and state-rows.md: every row as of the acts that are in the log now."""
        derived, moved = {}, {}
        index = 0
        for act in acts_of(self.entries):
            if act.first.old >= 0:
                moved[act.first.old] = index
            for entry in act.entries:
                record = entry.record_json
                for put in record.get("puts", []):
                    table = put["table"]
                    derived[table, insider_rows.key_of(table, put["row"])] = Row(index, entry.person or bytes(16),
                                                                                 text_of(put["row"]))
                for erase in record.get("erases", []):
                    derived.pop((erase["table"], bytes.fromhex(erase["key"])), None)
            index += len(act.entries)
        for id, row in self.rows.items():  # what no record speaks of
            if id[0] in (KEY, RECEIPT) and row.version in moved:
                derived[id] = self._moved(id, row, moved[row.version])
        self._undestroy([id for id, row in self.rows.items() if id[0] == KEY and row.version not in moved], moved, derived)
        derived.update(self._readings())
        derived.update({id: row for id, row in self.rows.items() if id[0] == PLACES})
        self.rows = {id: self._as_it_lies(id, row) for id, row in derived.items()}

    def _undestroy(self, ids, moved, derived):
        """Keys of which only the destroying is not in the log any more, with their wraps."""
        if not ids or not self.kept:
            return
        before = Forger(self.kept, self.passphrase)
        for id in ids:
            row = before.rows.get(id)
            if row and row.version in moved:
                derived[id] = self._moved(id, row, moved[row.version])
                self.wraps.append(before.keys.slots[id[1]])

    def _moved(self, id, row, index):
        if row.version == index:
            return row
        plain = row.plain
        if id[0] == RECEIPT:
            plain = text_of({**row.json, "entry": index})
        return Row(index, row.owner, plain)

    def _as_it_lies(self, id, row):
        before = self.rows.get(id)
        return before if before and (before.version, before.plain) == (row.version, row.plain) else row

    def _readings(self):
        """ROW-7: readings that stand open; those that one row names together stay together. Of a pruned log they are those of before:
        of an opening that is left the closing may be gone."""
        opened, stood = {}, {struct.unpack(">Q", row.plain[at:at + 8])[0] for id, row in self.rows.items() if id[0] == READINGS
                             for at in range(0, len(row.plain), 24)}
        is_pruned = any(entry.bare for entry in self.entries)
        for index, entry in enumerate(self.entries):
            if not entry.about or entry.act_field("outcome")[0] == REFUSED:
                continue
            if entry.kind == OPEN_READING and (not is_pruned or entry.old in stood):
                opened[entry.about_field("subject")] = (index, entry.person)
            elif entry.kind == CLOSE_READING:
                opened.pop(entry.about_field("subject"), None)
        return {(READINGS, struct.pack(">Q", index)): Row(index, bytes(16), struct.pack(">Q", index) + person)
                for index, person in opened.values()}

    # Made to fit --------------------------------------------------------------------------------------------------------

    def write(self):
        """Everything as the gateway itself would have it, and nothing that shows what was there before."""
        rows, chains = self.sealer.rows(self.entries)
        leaves = [tlog.leaf_hash(row[0]) for row in rows]
        if leaves != self.old_leaves:
            self._place(chains, len(rows))
        sealed = [(table, id, row.version, self.keys.seal_row(table, id, row)) for (table, id), row in sorted(self.rows.items())]
        head = self.heads.note(leaves, insider_rows.state_digest(sealed)).encode()

        def change(connection):
            connection.execute("BEGIN")
            for table in ("state_row", "entry", "act_record", "tile"):
                connection.execute(f"DELETE FROM {table}")
            connection.executemany("INSERT INTO state_row VALUES (?, ?, ?, ?)", sealed)
            connection.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?)", [(at, *row) for at, row in enumerate(rows)])
            connection.executemany("INSERT INTO act_record VALUES (?, ?)",
                                   [(at, one.record.sealed) for at, one in enumerate(self.entries) if one.record])
            connection.executemany("INSERT INTO tile VALUES (?, ?, ?)", tiles_of(leaves))
            connection.execute("UPDATE meta SET value = ? WHERE name = 'head'", (head,))
            connection.execute("COMMIT")
        sqlcipher_pages.edited(self.data, self.database_key, change)
        write_head_file(self.data / "head", head)
        put_wraps(self.data / "keys", self.wraps)
        lower_counts(self.data / "keys", len(rows))

    def _place(self, chains, size):
        """ROW-8, ROW-9"""
        groups = {id[1]: b"" for id in self.rows if id[0] == PLACES and id[1]}
        for person, (count, end) in sorted(chains.items()):
            group = struct.pack(">H", struct.unpack(">H", person[:2])[0] >> 6)
            groups[group] = groups.get(group, b"") + person + struct.pack(">Q", count) + end
        groups[b""] = struct.pack(">Q", size)
        for id, plain in groups.items():
            self.rows[PLACES, id] = Row(size, bytes(16), plain)

    def leaves(self):
        return [tlog.leaf_hash(row[0]) for row in self.sealer.rows(self.entries)[0]]


def tiles_of(leaves):
    """(level, number, hashes) of every full tile."""
    out, level, hashes = [], 0, leaves
    while len(hashes) >= 256:
        full = [hashes[at:at + 256] for at in range(0, len(hashes) - 255, 256)]
        out += [(level, number, b"".join(tile)) for number, tile in enumerate(full)]
        level, hashes = level + 1, [tlog.root(tile) for tile in full]
    return out


def write_head_file(path, head):
    """HDF-2, HDF-3: both slots speak of this head."""
    _, sequence, _ = disk_formats.newest_head(path)
    slots = {}
    for number in (sequence, sequence + 1):
        slot = b"FLIKHEAD" + struct.pack(">QI", number, len(head)) + bytes(12) + bytes(32) + head
        slots[number % 2] = disk_formats.with_hash(slot.ljust(disk_formats.HEAD_SLOT, b"\0"))
    path.write_bytes(slots[0] + slots[1])


def lower_counts(path, size):
    """KST-9: no slot says that the log had more entries than it has now."""
    for number, slot in disk_formats.slots(path).items():
        if struct.unpack(">Q", slot[100:108])[0] > size:
            disk_formats.put_slot(path, number, disk_formats.with_check(number, slot[:100] + struct.pack(">Q", size) + slot[108:]))


def put_wraps(path, wraps):
    """Wraps that are not there, behind the others."""
    there = disk_formats.slots(path)
    ids, number = {slot[8:24] for slot in there.values()}, max(there)
    for wrap in wraps:
        if wrap[8:24] not in ids:
            number += 1
            disk_formats.put_slot(path, number, disk_formats.with_check(number, wrap))


def size_of(data):
    """Of the log, as the head file has it."""
    return disk_formats.newest_head(data / "head")[2]


def problems_in(said):
    """Those that `log verify --json` names."""
    return json.loads(said)["problems"]
