"""Trials on the small files, field by field: key store, head file, master key, list of erasures, name, reserve, lock."""
import json
import struct

import disk_formats
from disk_formats import HEAD_FIELDS, HEAD_SLOT, LEVELS, SEAL_FIELDS, SLOT, SLOT_FIELDS
from files_trial import FOUND, LOCKED, Trial

NOT_STARTED = frozenset({"not started"})
STOPPED = LOCKED | NOT_STARTED


def on_slot(level, change, checked=False):
    """`change(slot)` on the first slot of a level; `checked`: under a right check, which holds no key."""
    def edit(_, data, chance):
        path = data / "keys"
        number, slot = chance.choice([(n, one) for n, one in disk_formats.slots(path).items() if one[1] == level])
        slot = change(slot)
        disk_formats.put_slot(path, number, disk_formats.with_check(number, slot) if checked else slot)
    return edit


def key_fields():
    for level, noun in LEVELS.items():
        for field, (offset, size) in SLOT_FIELDS.items():
            change = lambda slot, at=offset + size - 1: disk_formats.flip(slot, at)
            yield Trial(f"key store: {noun}, {field}", on_slot(level, change), STOPPED)
            if field in ("check", "last zeros"):
                continue  # the one is what is computed anew, the other holds nothing
            yield Trial(f"key store: {noun}, {field} under a right check", on_slot(level, change, True), STOPPED)
        yield Trial(f"key store: {noun}, dropped", on_slot(level, lambda slot: bytes(SLOT)), STOPPED)
        yield Trial(f"key store: {noun}, one version up", on_slot(level, raised, True), STOPPED)
        yield Trial(f"key store: {noun}, last zeros under a right check",
                    on_slot(level, lambda slot: disk_formats.flip(slot, 105), True), STOPPED, "harmless")


def raised(slot):
    return slot[:4] + struct.pack(">I", struct.unpack(">I", slot[4:8])[0] + 1) + slot[8:]


def key_moves():
    def moved(levels, how):
        def edit(_, data, chance):
            path = data / "keys"
            known = disk_formats.slots(path)
            first, second = (chance.choice([n for n, one in known.items() if one[1] == level]) for level in levels)
            if first == second:
                second = next(n for n, one in known.items() if one[1] == levels[1] and n != first)
            one, two = how(known[first], known[second])
            disk_formats.put_slot(path, first, disk_formats.with_check(first, one))
            disk_formats.put_slot(path, second, disk_formats.with_check(second, two))
        return edit
    wraps = lambda one, two: (one[:40] + two[40:], two[:40] + one[40:])
    whole = lambda one, two: (two, one)
    over = lambda one, two: (one, one)
    for name, levels in {"documents": (3, 3), "flikar": (2, 2), "persons": (1, 1), "logs": (7, 7), "signing keys": (10, 10),
                         "document and flik": (3, 2), "database and state": (4, 9), "blind index and log": (5, 6)}.items():
        yield Trial(f"key store: wraps of two swapped, {name}", moved(levels, wraps), STOPPED)
        yield Trial(f"key store: one laid over another, {name}", moved(levels, over), STOPPED)
        yield Trial(f"key store: two change places, {name}", moved(levels, whole), STOPPED, "harmless")

    def appended(change):
        def edit(_, data, chance):
            path = data / "keys"
            known = disk_formats.slots(path)
            number = max(known) + 1
            slot = change(known[chance.choice([n for n, one in known.items() if one[1] == 3])])
            disk_formats.put_slot(path, number, disk_formats.with_check(number, slot))
        return edit
    yield Trial("key store: a key that no row knows", appended(lambda slot: disk_formats.flip(slot, 10)), STOPPED, "healed")
    yield Trial("key store: a key twice", appended(lambda slot: slot), STOPPED, "healed")
    yield Trial("key store: a newer version of a key", appended(raised), STOPPED, "healed")
    for field, offset in {"magic": 0, "format": 11, "slot size": 15, "zeros": 50, "check": 120}.items():
        yield Trial(f"key store: header, {field}", disk_formats.flips("keys", offset), STOPPED)
    yield Trial("key store: bytes after the last slot", longer("keys", b"x" * 77), STOPPED, "harmless")
    yield Trial("key store: free slots dropped", cut_free, STOPPED, "harmless")


def longer(name, more):
    def edit(_, data, chance):
        with (data / name).open("ab") as file:
            file.write(more)
    return edit


def cut_free(_, data, chance):
    path = data / "keys"
    path.write_bytes(path.read_bytes()[:(max(disk_formats.slots(path)) + 1) * SLOT])


def head_file():
    def on_newest(change):
        def edit(_, data, chance):
            path = data / "head"
            place, _, _ = disk_formats.newest_head(path)
            cut = disk_formats.head_slots(path)
            cut[place] = change(cut[place], cut[1 - place])
            path.write_bytes(b"".join(cut))
        return edit

    def both(change):
        def edit(_, data, chance):
            path = data / "head"
            path.write_bytes(b"".join(change(slot) for slot in disk_formats.head_slots(path)))
        return edit
    for field, (offset, size) in HEAD_FIELDS.items():
        # One damaged slot is like a torn write: the note of before counts, and the database is ahead of it.
        flip = lambda slot, other=None, at=offset + size // 2: disk_formats.flip(slot, at)
        yield Trial(f"accepted, older head: newest slot, {field}", on_newest(flip), frozenset(), "accepted")
        yield Trial(f"head file: both slots, {field}", both(flip), LOCKED)
        if field != "hash":
            changes_note = field in ("note", "length", "magic")
            yield Trial(f"head file: both slots, {field} under a right hash",
                        both(lambda slot, f=flip: disk_formats.with_hash(f(slot))),
                        LOCKED if changes_note else FOUND, None if changes_note else "harmless")
    for line, name in enumerate(("origin", "size", "root", "digest")):
        def edit(slot, other, line=line):
            length = struct.unpack(">I", slot[16:20])[0]
            lines = slot[64:64 + length].split(b"\n")
            lines[line] = disk_formats.flip(lines[line], len(lines[line]) // 2)
            note = b"\n".join(lines)
            return disk_formats.with_hash(slot[:64] + note + slot[64 + length:])
        yield Trial(f"head file: note, {name} under a right hash", on_newest(edit), LOCKED)
    yield Trial("head file: slots swapped", swap_slots, LOCKED)
    yield Trial("head file: the older slot raised over the newest", raise_older, frozenset(), "accepted")
    yield Trial("head file: both slots zero", both(lambda slot: bytes(HEAD_SLOT)), LOCKED)
    yield Trial("head file: another instance's note", both(lambda slot: disk_formats.with_hash(
        slot[:64] + slot[64:].replace(b"demo.flikvakt", b"dema.flikvakt"))), LOCKED)


def swap_slots(_, data, chance):
    (data / "head").write_bytes(b"".join(reversed(disk_formats.head_slots(data / "head"))))


def raise_older(_, data, chance):
    """The older note under a higher sequence than the newest, in its own place: an older head file, written by hand."""
    path = data / "head"
    place, sequence, _ = disk_formats.newest_head(path)
    cut = disk_formats.head_slots(path)
    cut[1 - place] = disk_formats.with_hash(cut[1 - place][:8] + struct.pack(">Q", sequence + 1) + cut[1 - place][16:])
    path.write_bytes(b"".join(cut))


def master_key():
    for field, (offset, size) in SEAL_FIELDS.items():
        for place, at in (("first", offset), ("last", offset + size - 1)):
            yield Trial(f"master key: {field}, {place} byte", disk_formats.flips("master-key", at, 1), NOT_STARTED)
    yield Trial("master key: longer", longer("master-key", b"x"), NOT_STARTED)


def other_files():
    def line(change):
        def edit(_, data, chance):
            path = data / "erasures"
            path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
        return edit
    known = {"dropped": (lambda text: "", "healed"), "cut within the line": (lambda text: text[:-5], "healed"),
             "no JSON": (lambda text: "x" + text, None), "another key": (lambda text: another_key(text), "healed"),
             "a member too many": (lambda text: text.replace("{", '{"more":1,', 1), None),
             "twice": (lambda text: text + text, "harmless"), "not UTF-8": (lambda text: text.replace("key", "k\x01y"), None)}
    for name, (change, clean) in known.items():
        yield Trial(f"erasures: {name}", line(change), STOPPED, clean)
    # Nothing depends on what is in these; what administrators' commands make of the name is tests/admin's.
    for name in ("gateway-name", "lock", "reserve"):
        yield Trial(f"other file: {name} with other contents", disk_formats.writes(name, b"other"), STOPPED, "harmless")
    yield Trial("other file: a stranger among the rest", disk_formats.writes("stranger", b"?"), STOPPED, "harmless")
    yield Trial("other file: a rollback journal", disk_formats.writes("rows.db-journal", b"noise" * 2000), FOUND, "harmless")


def another_key(text):
    one = json.loads(text.splitlines()[0])
    one["key"] = "0" * 32
    return json.dumps(one) + "\n"


def all_trials():
    for make in (key_fields, key_moves, head_file, master_key, other_files):
        yield from make()
