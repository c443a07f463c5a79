"""Trials on files as such: flipped raw bytes, cut, missing, of another kind, with wrong modes."""
import os
import shutil

import disk_formats
import files_objects
from files_trial import FOUND, LOCKED, Trial

STOPPED = LOCKED | {"not started"}
FILES = ("rows.db", "keys", "head", "erasures", "master-key", "gateway-name", "lock")
MADE_ANEW = {"erasures": "healed", "lock": "harmless", "gateway-name": "harmless"}


def raw_flips():
    """Without any key: in chosen fields of SQLCipher's pages, and anywhere."""
    chosen = {"salt": 0, "header": 20, "first page": 100, "first page's IV": 4096 - 48, "first page's MAC": 4096 - 30,
              "unused bytes": 4096 - 6}
    for name, offset in chosen.items():
        yield Trial(f"raw: rows.db, {name}", disk_formats.flips("rows.db", offset), FOUND,
                    "harmless" if name == "unused bytes" else None)
    for number in range(60):
        yield Trial(f"raw: rows.db, anywhere {number}", anywhere("rows.db"), FOUND, "harmless")
    for number in range(20):
        yield Trial(f"raw: rows.db-wal, anywhere {number}", anywhere("rows.db-wal"), FOUND, "harmless", base="killed")
    for number in range(10):
        yield Trial(f"raw: rows.db below its log, anywhere {number}", anywhere("rows.db"), FOUND, "harmless", base="killed")
        yield Trial(f"raw: rows.db-shm, anywhere {number}", anywhere("rows.db-shm"), FOUND, "harmless", base="killed")
        yield Trial(f"raw: keys, anywhere {number}", anywhere("keys", used_keys), STOPPED, "harmless")
        yield Trial(f"raw: head, anywhere {number}", anywhere("head"), FOUND, "accepted")
        yield Trial(f"raw: an object, anywhere {number}", any_object, frozenset({"first touch"}), "harmless",
                    damaged=("journal", "plan", "beslut", "intyg", "meriter", "bistand", "nytt"))
    for number in range(6):
        yield Trial(f"raw: rows.db, a page of noise {number}", noise, FOUND, "harmless")
        yield Trial(f"raw: rows.db, a page of zeros {number}", zeros, FOUND, "harmless")


def used_keys(path):
    return (max(disk_formats.slots(path)) + 1) * disk_formats.SLOT


def anywhere(name, size=lambda path: path.stat().st_size):
    def edit(_, data, chance):
        disk_formats.flip_file(data / name, chance.randrange(size(data / name)), chance.randrange(8))
    return edit


def any_object(history, data, chance):
    path = chance.choice(sorted(files_objects.objects(history).items()))[1]
    disk_formats.flip_file(path, chance.randrange(path.stat().st_size), chance.randrange(8))


def page(content):
    def edit(_, data, chance):
        path = data / "rows.db"
        bytes_ = path.read_bytes()
        at = chance.randrange(len(bytes_) // 4096) * 4096
        path.write_bytes(bytes_[:at] + content(chance) + bytes_[at + 4096:])
    return edit


noise, zeros = page(lambda chance: chance.randbytes(4096)), page(lambda _: bytes(4096))


def cut():
    def to(name, size):
        def edit(_, data, __):
            with (data / name).open("r+b") as file:
                length = file.seek(0, os.SEEK_END)
                file.truncate(size if size >= 0 else max(0, length + size))
        return edit
    sizes = {"nothing": 0, "one byte": 1, "half a page": 2048, "one page": 4096, "two pages": 8192, "a byte less": -1,
             "a page less": -4096}
    for name in ("rows.db", "keys", "head", "master-key", "erasures"):
        for how, size in sizes.items():
            # Growing what is shorter than that changes it too; of the key store only free room at the end goes.
            clean = {"erasures": "healed", "keys": "harmless" if size == -1 or size == -4096 or size >= 4096 else None}.get(name)
            if name == "head" and size == 8192:
                continue  # that is its size
            yield Trial(f"cut: {name} to {how}", to(name, size), FOUND, clean)
    for base in ("killed",):
        for how, size in {**sizes, "its header": 32, "a frame less": -4120}.items():
            yield Trial(f"cut: rows.db-wal to {how}", to("rows.db-wal", size), LOCKED, base=base)
            yield Trial(f"cut: rows.db-shm to {how}", to("rows.db-shm", size), FOUND, "harmless", base=base)


def missing():
    for name in FILES:
        yield Trial(f"missing: {name}", lambda _, data, c, n=name: (data / n).unlink(), STOPPED, MADE_ANEW.get(name))
    yield Trial("missing: rows.db-wal", lambda _, data, c: (data / "rows.db-wal").unlink(), LOCKED, base="killed")
    yield Trial("missing: rows.db-shm", lambda _, data, c: (data / "rows.db-shm").unlink(), FOUND, "harmless", base="killed")
    for name in ("objects", "objects/tmp"):
        yield Trial(f"missing: {name}", lambda _, data, c, n=name: shutil.rmtree(data / n), STOPPED)
    yield Trial("missing: everything", lambda _, data, c: shutil.rmtree(data), STOPPED)
    yield Trial("missing: everything in the folder", empty, STOPPED)
    yield Trial("missing: everything but the master key", lambda h, data, c: empty(h, data, c, ("master-key",)), STOPPED)
    yield Trial("missing: everything but the rows", lambda h, data, c: empty(h, data, c, ("rows.db", "master-key")), STOPPED)
    yield Trial("missing: everything but the objects", lambda h, data, c: empty(h, data, c, ("objects", "master-key")), STOPPED)


def empty(_, data, __, keep=()):
    for path in data.iterdir():
        if path.name not in keep:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def kinds():
    def made(name, make):
        def edit(_, data, __):
            path = data / name
            moved = data.parent / "moved"
            shutil.rmtree(moved, ignore_errors=True)
            moved.mkdir()
            path.rename(moved / path.name)
            make(path, moved / path.name)
        return edit
    for name in FILES + ("objects", "objects/tmp"):
        clean = MADE_ANEW.get(name)
        # A file that lies elsewhere and is linked is the file itself.
        yield Trial(f"kind: {name} is a link to itself elsewhere", made(name, lambda path, to: path.symlink_to(to)), FOUND,
                    "harmless")
        yield Trial(f"kind: {name} is a link to nothing", made(name, lambda path, to: path.symlink_to(to.parent / "gone")),
                    STOPPED, clean)
        yield Trial(f"kind: {name} is a link to a random source", made(name, lambda path, to: path.symlink_to("/dev/urandom")),
                    STOPPED, clean)
        if name.startswith("objects"):
            yield Trial(f"kind: {name} is a file", made(name, plain_file), STOPPED)
        else:
            yield Trial(f"kind: {name} is a folder", made(name, lambda path, to: path.mkdir(0o700)), STOPPED,
                        "harmless" if name == "gateway-name" else None)
        yield Trial(f"kind: {name} is a pipe", made(name, lambda path, to: os.mkfifo(path, 0o600)), STOPPED, clean)


def plain_file(path, _):
    path.write_bytes(b"no folder")
    path.chmod(0o600)


def modes():
    def mode(name, bits):
        return lambda _, data, c: os.chmod(data / name if name != "." else data, bits)
    checked = ("rows.db", "keys", "head", "erasures", "master-key", "objects", "objects/tmp", ".")
    for name in checked:
        bits = 0o700 if name in ("objects", "objects/tmp", ".") else 0o600
        for who, more in {"group reads": 0o040, "all read": 0o004, "all write": 0o002, "all may do all": 0o077}.items():
            yield Trial(f"mode: {name}, {who}", mode(name, bits | more), STOPPED)
    # Below a folder that nobody else enters, their own modes open nothing.
    for name in ("rows.db-wal", "gateway-name", "lock"):
        yield Trial(f"mode: {name}, all may do all", mode(name, 0o666), STOPPED, "harmless", base="killed")
    for name in FILES + ("objects", "objects/tmp"):
        clean = "harmless" if name == "gateway-name" else None
        yield Trial(f"mode: {name} cannot be read", mode(name, 0), STOPPED, clean, wrapped=True)
        is_needed = name not in ("gateway-name", "master-key", "erasures")
        found, bits = STOPPED | {"first touch"}, 0o500 if name.startswith("objects") else 0o400
        yield Trial(f"mode: {name} cannot be written", mode(name, bits), found,
                    None if is_needed and name[:7] != "objects" else "harmless",
                    wrapped=True)
    yield Trial("mode: the folder cannot be written", mode(".", 0o500), STOPPED, wrapped=True)
    yield Trial("mode: the folder cannot be entered", mode(".", 0), STOPPED, wrapped=True)
    yield Trial("mode: rows.db-wal cannot be read", mode("rows.db-wal", 0), STOPPED, base="killed", wrapped=True)
    yield Trial("mode: an object cannot be read", lambda h, data, c: os.chmod(files_objects.objects(h)["journal"], 0),
                frozenset({"first touch"}), damaged=("journal",), wrapped=True)
    if os.geteuid() != 0:
        return  # only root gives files away
    yield Trial("mode: an object belongs to somebody else", foreign(lambda h, data: files_objects.objects(h)["plan"]),
                frozenset({"first touch"}), "harmless", damaged=("plan",))
    for name in ("rows.db", "keys", "head", "erasures", "master-key", "objects", "."):
        yield Trial(f"mode: {name} belongs to somebody else", foreign(lambda h, data, n=name: data / n), STOPPED)


def foreign(which):
    return lambda history, data, _: os.chown(which(history, data), 65534, 65534)


def all_trials():
    for make in (raw_flips, cut, missing, kinds, modes):
        yield from make()
