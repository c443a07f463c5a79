"""Trials that put back what lay on disk before: whole files, single pages, the write-ahead log; no key is needed."""
import shutil
import signal
import time

import disk_formats
import files_history
import sqlcipher_pages as pages
import world
from files_trial import FOUND, LOCKED, Trial

PAST = ("given", "revoked", "blocked", "removed", "shredded", "deposited")


def put_files(history, data, moment, names):
    """These files as they were; one that was not there goes."""
    for name in names:
        (data / name).unlink(missing_ok=True)
        if (history.past[moment] / name).exists():
            shutil.copy2(history.past[moment] / name, data / name)


def files_of(moment, *names):
    return lambda history, data, chance: put_files(history, data, moment, names)


def rows_without_log(moment):
    """What a copy of rows.db alone would be, everything moved into it."""
    def edit(history, data, _):
        pages.write_pages(data, pages.newest_pages(history.past[moment]))
    return edit


def whole_files():
    for moment in PAST:
        for base in ("newest", "killed"):
            yield Trial(f"older file: rows with their log of {moment} over {base}", files_of(moment, *files_history.ROWS), LOCKED,
                        base=base)
            yield Trial(f"older file: rows in one file of {moment} over {base}", rows_without_log(moment), LOCKED, base=base)
            # An index of the log is made anew, and what the log lost is found.
            yield Trial(f"older file: index of the log of {moment} over {base}", files_of(moment, "rows.db-shm"), FOUND,
                        "harmless", base=base)
            yield Trial(f"older file: log without its file of {moment} over {base}", files_of(moment, "rows.db-wal"), FOUND,
                        "harmless" if moment == "deposited" and base == "killed" else None, base=base)
            if base == "newest":  # in `killed` everything since is in the log still
                yield Trial(f"older file: file without its log of {moment}", files_of(moment, "rows.db"))
            if moment != "deposited":
                yield Trial(f"older file: keys of {moment} over {base}", files_of(moment, "keys"), LOCKED, base=base)
            if moment not in ("shredded", "deposited"):
                yield Trial(f"older file: erasures of {moment} over {base}", files_of(moment, "erasures"), FOUND, "healed",
                            base=base)
    for name in ("rows.db", "keys", "head", "master-key"):
        yield Trial(f"older file: {name} of before the rotation", files_of("newest", name), FOUND,
                    "accepted" if name == "head" else None,
                    base="rotated")
    yield Trial("older file: keys and master key of before the rotation", files_of("newest", "keys", "master-key"), LOCKED,
                base="rotated")
    yield Trial("older file: rows and master key of before the rotation", files_of("newest", "rows.db", "master-key"),
                base="rotated")
    yield Trial("older file: rows and keys of before the rotation", files_of("newest", "rows.db", "keys"), base="rotated")
    for moment in PAST[:-1]:  # each agrees with the other; the keys of the deposit since remember how long the log was
        for base in ("newest", "killed"):
            yield Trial(f"older file: rows and head of {moment} over {base}", files_of(moment, *files_history.ROWS, "head"), LOCKED,
                        base=base)
    for moment in PAST:
        yield Trial(f"older file: rows and keys of {moment}", files_of(moment, *files_history.ROWS, "keys"), LOCKED)
        yield Trial(f"older file: keys and head of {moment}", files_of(moment, "keys", "head"), LOCKED,
                    "healed" if moment == "deposited" else None)


def log_keys():
    """Of before the log had a new key, and of before the old one was given up. What the database says that is destroyed stays so."""
    for moment, base in (("newest", "log-key-rotated"), ("log-key-rotated", "log-key-given-up")):
        healed = None if moment == "newest" else "healed"  # no seed is missing there, one is too many

        def trial(what, *names, found=LOCKED, clean=None, moment=moment, base=base):
            return Trial(f"older log key: {what} of {moment} over {base}", files_of(moment, *names), found, clean, base=base)
        yield trial("rows", *files_history.ROWS)
        yield trial("rows and head", *files_history.ROWS, "head")
        yield trial("rows and keys", *files_history.ROWS, "keys")
        yield trial("keys", "keys", clean=healed)
        yield trial("keys and head", "keys", "head", clean=healed)
        yield trial("erasures", "erasures", clean="healed")
        yield trial("keys and erasures", "keys", "erasures", clean=healed)
        for older in ("given", moment):  # under the head key of its time
            yield Trial(f"accepted, older head: of {older} over {base}", files_of(older, "head"), frozenset(), "accepted", base=base)


def differing(history, data, moment):
    """Numbers of pages that are not as they were, and the sealed pages of then and now."""
    then, now = pages.newest_pages(history.past[moment]), pages.newest_pages(data)
    return [at for at in range(min(len(then), len(now))) if then[at] != now[at]], then, now


def page_of(moment, number, how_many=1):
    """One page as it was; counted from the first that differs, around."""
    def edit(history, data, _):
        which, then, now = differing(history, data, moment)
        for step in range(how_many):
            at = which[(number + step) % len(which)]
            now[at] = then[at]
        pages.write_pages(data, now)
    return edit


def single_pages():
    for moment in PAST:
        for number in range(14):
            yield Trial(f"older page: {number} of {moment}", page_of(moment, number), FOUND, "harmless")
        yield Trial(f"older page: five of {moment}", page_of(moment, 3, 5), FOUND, "harmless")

    def moved(first, second):
        def edit(history, data, _):
            now = pages.newest_pages(data)
            now[second % len(now)] = now[first % len(now)]
            pages.write_pages(data, now)
        return edit
    for first, second in ((1, 2), (5, 9), (0, 1), (20, 3), (40, 41), (-1, 7)):
        yield Trial(f"older page: {first} laid over {second}", moved(first, second), FOUND, "harmless")


def log_cut(transactions, plus_frames=0):
    """The write-ahead log ends so many transactions earlier; `plus_frames`: with the beginning of the next."""
    def edit(history, data, _):
        path = data / "rows.db-wal"
        wal = path.read_bytes()
        ends = pages.commits_of(wal)
        keep = ends[max(0, len(ends) - 1 - transactions)] + plus_frames
        path.write_bytes(wal[:32 + keep * pages.FRAME])
    return edit


def log_frame(number, moment):
    """One frame holds its page as it was, under checksums that anyone can compute."""
    def edit(history, data, _):
        path = data / "rows.db-wal"
        wal = path.read_bytes()
        which, then, _ = differing(history, data, moment)
        frames = pages.frames_of(wal)
        last = {frame[0]: at for at, frame in enumerate(frames)}
        where = [last[page + 1] for page in which if page + 1 in last]
        at = where[number % len(where)]
        frames[at] = (*frames[at][:2], then[frames[at][0] - 1])
        path.write_bytes(pages.wal_of(wal[:32], frames))
    return edit


def frame_dropped(place):
    """One frame of the last transaction but one is not there, under right checksums."""
    def edit(history, data, _):
        path = data / "rows.db-wal"
        wal = path.read_bytes()
        frames = pages.frames_of(wal)
        at = pages.commits_of(wal)[-2] - 2 - place
        path.write_bytes(pages.wal_of(wal[:32], frames[:at] + frames[at + 1:]))
    return edit


def write_ahead_log():
    for back in (1, 2, 3, 5, 8, 13, 21, 1000):
        yield Trial(f"log: ends {back} transactions earlier", log_cut(back), LOCKED, base="killed")
        yield Trial(f"log: ends within a transaction, {back} earlier", log_cut(back, 1), LOCKED, base="killed")
    for moment in ("given", "revoked", "shredded"):
        for number in range(5):
            yield Trial(f"log: frame {number} of {moment}", log_frame(number, moment), FOUND, "harmless", base="killed")
    for place in range(5):
        yield Trial(f"log: frame {place} left out", frame_dropped(place), FOUND, "harmless", base="killed")

    def header(offset):
        return lambda history, data, _: disk_formats.flip_file(data / "rows.db-wal", offset)
    for field, offset in {"magic": 0, "version": 7, "page size": 9, "sequence": 15, "salt": 16, "second salt": 20,
                          "checksum": 24}.items():
        yield Trial(f"log: header, {field}", header(offset), FOUND, "harmless" if field == "sequence" else None, base="killed")
    for frame in (0, 3):
        for field, offset in {"page number": 3, "size": 7, "salt": 8, "checksum": 16, "page": 500, "page mac": 24 + 4070}.items():
            yield Trial(f"log: frame {frame}, {field}", header(32 + frame * pages.FRAME + offset), FOUND, base="killed")


def older_heads():
    for moment in PAST:
        for base in ("newest", "killed"):
            yield Trial(f"accepted, older head: of {moment} over {base}", files_of(moment, "head"), frozenset(), "accepted",
                        base=base)

    def newest_slot_damaged(history, data, _):
        place, _, _ = disk_formats.newest_head(data / "head")
        disk_formats.flip_file(data / "head", place * disk_formats.HEAD_SLOT + 100)
    for base in ("newest", "killed", "rotated", *files_history.LOG_KEYS):
        yield Trial(f"accepted, older head: the newest slot damaged, of {base}", newest_slot_damaged, frozenset(), "accepted",
                    base=base)


def within_lag(narrows):
    """Readings, the rows copied, more readings, killed before the head file followed; the copy put back. `narrows`: what came
    after the copy takes something away, which is synced at once."""
    def edit(history, data, _):
        for _ in range(20):  # on a busy machine the head file may follow before the kill
            history.gateway.must_start()
            history.wait_until_head_follows()
            time.sleep(1.1)  # so that the next batch syncs it, and the one behind that does not
            history.read("jorun", "journal", world.TEAM)  # this one may sync it
            reading = history.read("jorun", "journal", world.TEAM)
            older = {name: (data / name).read_bytes() for name in files_history.ROWS[:2]}
            if narrows:
                history.cast.milo.act({"kind": "revoke_fullmakt", "id": history.fullmakter["coach"]})
            else:
                history.read("jorun", "journal", world.TEAM)
            history.gateway.stop(signal.SIGKILL)
            history.end()
            behind = disk_formats.newest_head(data / "head")[2]
            (data / "rows.db-shm").unlink()
            for name, content in older.items():
                (data / name).write_bytes(content)
            if narrows or (reading.status == 200 and behind <= size_of(history, data)):
                return
            history.put("newest")
        raise RuntimeError("the head file never lagged")
    return edit


def size_of(history, data):
    plain = pages.open_all(pages.newest_pages(data), history.key)
    with pages.rows_of(plain) as connection:
        return connection.execute("SELECT max(idx) + 1 FROM entry").fetchone()[0]


def lag():
    for number in range(6):
        yield Trial(f"accepted, within the lag: readings alone {number}", within_lag(False), frozenset(), "accepted")
        yield Trial(f"lag with a narrowing act: {number}", within_lag(True), LOCKED)


def all_trials():
    for make in (whole_files, log_keys, single_pages, write_ahead_log, older_heads, lag):
        yield from make()
