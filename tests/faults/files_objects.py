"""Trials on document objects: flipped bits, cut, swapped, of another time, missing, strangers among them."""
import os
import shutil

import disk_formats
import opened_rows
import sqlcipher_pages as pages
from disk_formats import ENVELOPE_FIELDS
from files_trial import LOCKED, Trial

TOUCH = frozenset({"first touch"})
CHUNK = 65536 + 16


def objects(history):
    """{name of a document: its object's path in the data directory}"""
    if not hasattr(history, "object_names"):
        newest = history.past["newest"]
        with pages.rows_of(pages.open_all(pages.newest_pages(newest), history.key)) as connection:
            history.object_names = opened_rows.Insider(newest, history.passphrase).objects(connection)
    return {title: history.data() / "objects" / name[:2] / name for title, name in history.object_names.items()}


def on_object(name, change):
    def edit(history, data, chance):
        path = objects(history)[name]
        path.write_bytes(change(path.read_bytes()))
    return edit


def flipped():
    for name in ("journal", "intyg", "nytt"):
        for field, (offset, size) in ENVELOPE_FIELDS.items():
            for place in {offset, offset + size - 1}:
                yield Trial(f"object: {name}, header {field} at {place}",
                            on_object(name, lambda data, at=place: disk_formats.flip(data, at, 2)),
                            TOUCH, damaged=(name,))
    chunks = {"journal": (64, 4096 + 64, 4096 + 79), "nytt": (64, 64 + CHUNK - 1, 64 + CHUNK, -1),
              "intyg": (64, *(64 + n * CHUNK + 1000 for n in range(1, 15, 2)), 64 + 15 * CHUNK, -17, -1)}
    for name, places in chunks.items():
        for place in places:
            yield Trial(f"object: {name}, byte {place}",
                        on_object(name, lambda data, at=place: disk_formats.flip(data, at % len(data))),
                        TOUCH, damaged=(name,))


def cut():
    sizes = {"nothing left": 0, "within the header": 40, "header alone": 64, "half a tag": 72, "one byte less": -1,
             "tag less": -16}
    for name in ("journal", "intyg"):
        for how, size in sizes.items():
            yield Trial(f"object: {name}, {how}", on_object(name, lambda data, n=size: data[:n]), TOUCH, damaged=(name,))
        yield Trial(f"object: {name}, one byte more", on_object(name, lambda data: data + b"x"), TOUCH, damaged=(name,))
        yield Trial(f"object: {name}, a megabyte of zeros", on_object(name, lambda data: bytes(1 << 20)), TOUCH, damaged=(name,))
    yield Trial("object: intyg, last chunk gone", on_object("intyg", lambda data: data[:64 + 15 * CHUNK]), TOUCH,
                damaged=("intyg",))
    yield Trial("object: intyg, first chunk gone", on_object("intyg", lambda data: data[:64] + data[64 + CHUNK:]), TOUCH,
                damaged=("intyg",))
    yield Trial("object: intyg, two chunks swapped", on_object("intyg", swap_chunks), TOUCH, damaged=("intyg",))
    yield Trial("object: intyg, a chunk repeated",
                on_object("intyg", lambda data: data[:64 + CHUNK] + data[64:64 + CHUNK] + data[64 + 2 * CHUNK:]),
                TOUCH, damaged=("intyg",))


def swap_chunks(data):
    one, two = data[64:64 + CHUNK], data[64 + CHUNK:64 + 2 * CHUNK]
    return data[:64] + two + one + data[64 + 2 * CHUNK:]


def swapped():
    def edit_of(first, second, both):
        def edit(history, data, _):
            paths = objects(history)
            one, two = paths[first].read_bytes(), paths[second].read_bytes()
            paths[second].write_bytes(one)
            if both:
                paths[first].write_bytes(two)
        return edit

    def header_of(first, second):
        def edit(history, data, _):
            paths = objects(history)
            paths[first].write_bytes(paths[second].read_bytes()[:64] + paths[first].read_bytes()[64:])
        return edit
    for first, second in (("journal", "plan"), ("plan", "meriter"), ("journal", "bistand"), ("journal", "meriter"),
                          ("intyg", "nytt"),
                          ("beslut", "journal"), ("bistand", "plan")):
        yield Trial(f"object: {first} and {second} swapped", edit_of(first, second, True), TOUCH, damaged=(first, second))
        yield Trial(f"object: {second} is a copy of {first}", edit_of(first, second, False), TOUCH, damaged=(second,))
        yield Trial(f"object: {first} under the header of {second}", header_of(first, second), TOUCH, damaged=(first,))


def of_another_time():
    def put_shredded(history, data, _):
        """The object of a shredded document, with the key store in which its key lay."""
        there = {path.name for path in data.glob("objects/??/*")}
        for path in history.past["given"].glob("objects/??/*"):
            if path.name not in there:
                (data / "objects" / path.parent.name).mkdir(mode=0o700, exist_ok=True)
                shutil.copy2(path, data / "objects" / path.parent.name / path.name)

    def with_its_key(history, data, chance):
        put_shredded(history, data, chance)
        old = disk_formats.slots(history.past["given"] / "keys")
        path = data / "keys"
        slot = next(one for one in old.values() if one[8:24].hex() in history.shredded)
        number = max(disk_formats.slots(path)) + 1
        disk_formats.put_slot(path, number, disk_formats.with_check(number, slot))
    yield Trial("object: of a shredded document", put_shredded, TOUCH, "healed")
    yield Trial("object: of a shredded document, and its key", with_its_key, TOUCH, "healed")
    yield Trial("object: all of an older time", lambda history, data, c: older_objects(history, data), TOUCH, damaged=("nytt",))


def older_objects(history, data):
    shutil.rmtree(data / "objects")
    shutil.copytree(history.past["given"] / "objects", data / "objects")


def missing():
    for name in ("journal", "intyg", "plan", "nytt", "meriter"):
        yield Trial(f"object: {name} missing", without(name), TOUCH, damaged=(name,))
        yield Trial(f"object: folder of {name} missing", without(name, and_folder=True), TOUCH, damaged=(name,))


def without(name, and_folder=False):
    def edit(history, data, chance):
        path = objects(history)[name]
        path.unlink()
        if and_folder:
            path.parent.rmdir()
    return edit


def other_kinds():
    def replaced(name, make):
        def edit(history, data, _):
            path = objects(history)[name]
            content = path.read_bytes()
            path.unlink()
            make(path, content)
        return edit

    def link(path, content):
        (path.parent.parent.parent / "elsewhere").write_bytes(content)
        path.symlink_to(path.parent.parent.parent / "elsewhere")
    for name in ("journal", "intyg"):
        yield Trial(f"object: {name} is a folder", replaced(name, lambda path, _: path.mkdir()), TOUCH, damaged=(name,))
        yield Trial(f"object: {name} is a pipe", replaced(name, lambda path, _: os.mkfifo(path)), TOUCH, damaged=(name,))
        yield Trial(f"object: {name} is a link to nothing", replaced(name, lambda path, _: path.symlink_to("/nothing")), TOUCH,
                    damaged=(name,))
        yield Trial(f"object: {name} is a link to /dev/zero", replaced(name, lambda path, _: path.symlink_to("/dev/zero")), TOUCH,
                    damaged=(name,))
        yield Trial(f"object: {name} is a link to its bytes", replaced(name, link), TOUCH, "harmless", damaged=(name,))

    def stranger(*parts):
        def edit(_, data, __):
            path = data.joinpath("objects", *parts)
            path.parent.mkdir(mode=0o700, exist_ok=True)
            path.write_bytes(b"stranger")
        return edit
    stopped = LOCKED | {"not started"}
    yield Trial("object: a stranger among them", stranger("stranger"), stopped)
    yield Trial("object: a stranger in a folder", stranger("aa", "stranger"), stopped)
    yield Trial("object: one that no row knows", stranger("ab", "ab" + "0" * 30), stopped, "healed")
    yield Trial("object: one in another's folder", stranger("ac", "ab" + "0" * 30), stopped)
    yield Trial("object: half of a deposit", stranger("tmp", "ab" + "0" * 30), stopped, "healed")


def all_trials():
    for make in (flipped, cut, swapped, of_another_time, missing, other_kinds):
        yield from make()
