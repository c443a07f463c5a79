"""The edits of the log, by kind. Each has three crafts (insider_trial.CRAFTS). Those that need no reading are played on a pruned log
too (insider_pruned.py)."""
import dataclasses
import os
import shutil
import signal

import disk_formats
import files_history
import files_put_back
import insider
import insider_rows
import sqlcipher_pages
import world
from insider import CLOSE_READING, OPEN_READING
from insider_log import ACT_FIELDS, PERSON_FIELDS
from insider_trial import PLAIN, SIGNED, WHOLE, Edit

START = 61
BEFORE_SHREDDING = "removed"
MOST = 290     # entries of the standing world that are there in every run, about
MOMENTS = ("given", "revoked", "blocked", "removed", "shredded", "deposited", "killed")
READINGS = 80  # of which some two entries each


def rows(change):
    """`change(connection, random, size)` on the rows as they lie."""
    def make(history, data, chance):
        def whole(connection):
            connection.execute("BEGIN")
            change(connection, chance, connection.execute("SELECT count(*) FROM entry").fetchone()[0])
            connection.execute("COMMIT")
        sqlcipher_pages.edited(data, history.key, whole)
    return make


def forged(change):
    """`change(forger, random)`, and everything signed anew."""
    def make(history, data, chance):
        forger = insider.Forger(data, history.passphrase, history.past[BEFORE_SHREDDING])
        change(forger, chance)
        forger.write()
    return make


def refit(change):
    """`change(acts, random, forger)` gives the acts of the log, and the state follows from them."""
    def whole(forger, chance):
        forger.set_acts(change(forger.acts, chance, forger))
    return forged(whole)


def renumbered(connection, order):
    """The rows of entries in this order of their numbers, numbered from 0; their act records go with them."""
    entries = {row[0]: row[1:] for row in connection.execute("SELECT idx, leaf, link, act, person FROM entry").fetchall()}
    records = dict(connection.execute("SELECT idx, body FROM act_record").fetchall())
    connection.execute("DELETE FROM entry")
    connection.execute("DELETE FROM act_record")
    connection.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?)", [(at, *entries[old]) for at, old in enumerate(order)])
    connection.executemany("INSERT INTO act_record VALUES (?, ?)", [(at, records[old]) for at, old in enumerate(order) if old in
                                                                    records])


def put_in_order(forger, order):
    """The entries in this order of their numbers; the times stay where they are."""
    times = [entry.time for entry in forger.entries]
    forger.entries = [dataclasses.replace(forger.entries[old], time=time) for old, time in zip(order, times)]


def timed(acts, times):
    """These acts with these times, in order."""
    return [insider.Act([dataclasses.replace(entry, time=time) for entry in act.entries]) for act, time in zip(acts, times)]


def filler(acts):
    """An act of nobody that nobody has to order: the gateway started."""
    start = next(act for act in acts if act.kind == START)
    return start.first


def first_from(forger, at, suits):
    """The number of the first entry from there that suits, or of the first that does."""
    numbers = range(len(forger.entries))
    return next(number for number in (*numbers[at:], *numbers[:at]) if suits(forger.entries[number]))


def drops():
    for at in range(MOST):
        yield Edit("drop", PLAIN, f"entry {at}", rows(lambda c, _, n, at=at: (
            c.execute("DELETE FROM entry WHERE idx = ?", (at,)), c.execute("DELETE FROM act_record WHERE idx = ?", (at,)))))
        yield Edit("drop", PLAIN, f"entry {at}, others moved up", rows(
            lambda c, _, n, at=at: renumbered(c, [one for one in range(n) if one != at])))
        yield Edit("drop", SIGNED, f"entry {at}", forged(lambda f, _, at=at: f.entries.pop(at)))
        yield Edit("drop", WHOLE, f"act {at}", refit(lambda acts, _, f, at=at: acts[:at] + acts[at + 1:]))
        yield Edit("drop", WHOLE, f"act {at}, something harmless in its place", refit(in_place_of(at)))
    for back in range(1, 21):
        yield Edit("drop", WHOLE, f"act {back} from the end", refit(lambda acts, _, f, at=back: acts[:-at] + acts[len(acts) - at + 1:]))


def drops_of_readings():
    for back in range(1, 21):
        yield Edit("drop", WHOLE, f"reading {back} from the end, opening and closing", refit(without_reading(back)))


def in_place_of(at):
    def change(acts, _, forger):
        harmless = dataclasses.replace(forger.sealer.with_act(filler(acts), "act id", os.urandom(16)), time=acts[at].first.time, old=-1)
        return [*acts[:at], insider.Act([harmless]), *acts[at + 1:]]
    return change


def without_reading(back):
    def change(acts, _, forger):
        gone = readings_of(acts)[-back]
        return [act for at, act in enumerate(acts) if at not in gone]
    return change


def exchanged(one, two):
    def change(acts, _, forger):
        out = list(acts)
        out[one], out[two] = out[two], out[one]
        return timed(out, [act.first.time for act in acts])
    return change


def swaps():
    for at in range(MOST - 60):
        for far in (1, 7, 60):
            order = lambda n, at=at, far=far: [at + far if one == at else at if one == at + far else one for one in range(n)]
            yield Edit("swap", PLAIN, f"entries {at} and {at + far}", rows(lambda c, _, n, order=order: renumbered(c, order(n))))
            yield Edit("swap", SIGNED, f"entries {at} and {at + far}", forged(
                lambda f, _, order=order: put_in_order(f, order(len(f.entries)))))
            yield Edit("swap", WHOLE, f"acts {at} and {at + far}", refit(exchanged(at, at + far)))


def swaps_of_readings():
    for which in range(READINGS - 1):
        yield Edit("swap", WHOLE, f"readings {which} and {which + 1}", refit(readings_exchanged(which, 1)))
        if which < READINGS - 20:
            yield Edit("swap", WHOLE, f"readings {which} and {which + 20}", refit(readings_exchanged(which, 20)))


def readings_of(acts):
    """(place of the opening, place of the closing) of each whole reading."""
    opened, out = {}, []
    for at, act in enumerate(acts):
        if act.kind in (OPEN_READING, CLOSE_READING) and act.first.about:
            subject = act.first.about_field("subject")
            if act.kind == OPEN_READING:
                opened[subject] = at
            elif subject in opened:
                out.append((opened.pop(subject), at))
    return out


def readings_exchanged(which, far):
    def change(acts, _, forger):
        pairs, out = readings_of(acts), list(acts)
        for one, two in zip(pairs[which], pairs[which + far]):
            out[one], out[two] = acts[two], acts[one]
        return timed(out, [act.first.time for act in acts])
    return change


def readings_turned(which, size):
    """So many readings that follow each other, each one place earlier, the first one last."""
    def change(acts, _, forger):
        pairs, out = readings_of(acts)[which:which + size], list(acts)
        for to, of in zip(pairs, [*pairs[1:], pairs[0]]):
            out[to[0]], out[to[1]] = acts[of[0]], acts[of[1]]
        return timed(out, [act.first.time for act in acts])
    return change


def in_order(order):
    """`order(list)` of the acts; the times stay where they are."""
    return lambda acts, _, forger: timed(order(acts), [act.first.time for act in acts])


def reorders():
    for at in range(MOST - 60):
        for name, size in (("three", 3), ("eight", 8), ("fifty", 50)):
            def turned(all, at=at, size=size):
                return [*all[:at], *all[at + 1:at + size], all[at], *all[at + size:]]

            def backwards(all, at=at, size=size):
                return [*all[:at], *reversed(all[at:at + size]), *all[at + size:]]
            for how, order in (("turned", turned), ("backwards", backwards)):
                what = f"{name} from {at} {how}"
                yield Edit("reorder", PLAIN, what, rows(lambda c, _, n, order=order: renumbered(c, order(list(range(n))))))
                yield Edit("reorder", SIGNED, what, forged(
                    lambda f, _, order=order: put_in_order(f, order(list(range(len(f.entries)))))))
                yield Edit("reorder", WHOLE, what, refit(in_order(order)))


def reorders_of_readings():
    for which in range(READINGS - 10):
        for size in (3, 10):
            yield Edit("reorder", WHOLE, f"{size} readings from {which} turned", refit(readings_turned(which, size)))


def flip(column, offset):
    """In the first entry from there that has it."""
    def change(connection, chance, at):
        here, value = connection.execute(f"SELECT idx, {column} FROM entry WHERE length({column}) > 0 ORDER BY idx < ?, idx LIMIT 1",
                                         (at,)).fetchone()
        connection.execute(f"UPDATE entry SET {column} = ? WHERE idx = ?", (disk_formats.flip(value, offset, chance.randrange(8)), here))
    return change


PLAIN_FIELDS = {"version": ("leaf", 0), "time": ("leaf", 6), "person tag": ("leaf", 11), "act commitment": ("leaf", 50),
                "act hash": ("leaf", 80), "person commitment": ("leaf", 110), "person hash": ("leaf", 140), "act part": ("act", 60),
                "person part": ("person", 60)}


def rewrites():
    for at in range(MOST):
        for name, (column, offset) in PLAIN_FIELDS.items():
            yield Edit("rewrite", PLAIN, f"entry {at}, {name}", rows(
                lambda c, chance, n, at=at, change=flip(column, offset): change(c, chance, at)))
        for name in ACT_FIELDS:
            yield Edit("rewrite", SIGNED, f"entry {at}, {name}", forged(act_field(at, name)))
        for name in PERSON_FIELDS:
            yield Edit("rewrite", SIGNED, f"entry {at}, {name}", forged(about_field(at, name)))
        yield Edit("rewrite", SIGNED, f"entry {at}, time", forged(later(at)))
        yield Edit("rewrite", WHOLE, f"entry {at}, of nobody", forged(of_nobody(at)))
        yield Edit("rewrite", WHOLE, f"entry {at}, its record", forged(record(at)))


def another(value, others, chance):
    """Another value that the log has somewhere in that field: what fits best."""
    fitting = sorted({one for one in others if one != value})
    return chance.choice(fitting) if fitting else disk_formats.flip(value, len(value) - 1)


def act_field(at, name):
    """Of the first entry from there that can be read."""
    def change(forger, chance):
        here = first_from(forger, at, lambda entry: not entry.bare)
        entry = forger.entries[here]
        value = another(entry.act_field(name), [one.act_field(name) for one in forger.entries if not one.bare], chance)
        forger.entries[here] = forger.sealer.with_act(entry, name, value)
    return change


def about_field(at, name):
    """Of the first entry from there that is somebody's."""
    def change(forger, chance):
        here = first_from(forger, at, lambda entry: entry.about)
        entry = forger.entries[here]
        value = another(entry.about_field(name), [one.about_field(name) for one in forger.entries if one.about], chance)
        forger.entries[here] = forger.sealer.with_about(entry, name, value)
    return change


def later(at):
    """As late as the next entry is, or, if it is so already, a little after it, as the last but one."""
    def change(forger, _):
        entry, after = forger.entries[at], forger.entries[at + 1].time
        forger.entries[at] = dataclasses.replace(entry, time=after if after != entry.time else after + 1)
    return change


def of_nobody(at):
    def change(forger, _):
        here = first_from(forger, at, lambda entry: entry.about)
        forger.entries[here] = forger.sealer.of_nobody(forger.entries[here])
        forger.derive_rows()
    return change


def record(at):
    """One row that an act put says something else, in its record and in the state."""
    def change(forger, chance):
        here = first_from(forger, at, lambda entry: entry.record_json.get("puts"))
        says = forger.entries[here].record_json
        insider_rows.bend(chance.choice(says["puts"])["row"], chance)
        forger.entries[here] = forger.sealer.with_record(forger.entries[here], insider_rows.text_of(says).decode())
        forger.derive_rows()
    return change


def truncations():
    for size in range(1, MOST):
        yield Edit("truncate", PLAIN, f"to {size}", rows(lambda c, _, n, size=size: (
            c.execute("DELETE FROM entry WHERE idx >= ?", (size,)), c.execute("DELETE FROM act_record WHERE idx >= ?", (size,)))))
        yield Edit("truncate", SIGNED, f"to {size}", forged(lambda f, _, size=size: f.entries.__delitem__(slice(size, None))))
        yield Edit("truncate", WHOLE, f"to {size} acts", refit(lambda acts, _, f, size=size: acts[:size]))
    for back in range(1, 21):
        yield Edit("truncate", WHOLE, f"by {back} acts", refit(lambda acts, _, f, back=back: acts[:-back]))


def roll_backs(moments=MOMENTS):
    sets = {"the rows": files_history.ROWS, "rows and head file": (*files_history.ROWS, "head"),
            "rows, head file and keys": (*files_history.ROWS, "head", "keys"),
            "everything": (*files_history.ROWS, "head", "keys", "erasures", "objects")}
    for moment in moments:
        for name, files in sets.items():
            yield Edit("roll back", PLAIN, f"to {moment}, {name}", put_back(moment, files))
            yield Edit("roll back", SIGNED, f"to {moment}, {name}, counts and head file made to fit", put_back(moment, files, True))


def roll_backs_by_commits():
    for commit in range(95):
        yield Edit("roll back", PLAIN, f"by {commit + 1} commits", to_commit(commit, False), "killed")
        yield Edit("roll back", SIGNED, f"by {commit + 1} commits, counts and head file made to fit", to_commit(commit, True), "killed")
        yield Edit("roll back", WHOLE, f"by {commit + 1} commits, other ones since", to_commit(commit, True, more=True), "killed")


def put_back(moment, files, fitting=False):
    def make(history, data, _):
        for name in files:
            if name == "objects":
                shutil.rmtree(data / "objects")
                shutil.copytree(history.past[moment] / "objects", data / "objects")
            else:
                files_put_back.put_files(history, data, moment, (name,))
        if fitting:
            fit(history, data)
    return make


def fit(history, data):
    """The head file and the counts of the key store say what the rows say."""
    plain = sqlcipher_pages.open_all(sqlcipher_pages.newest_pages(data), history.key)
    with sqlcipher_pages.rows_of(plain) as connection:
        head = connection.execute("SELECT value FROM meta WHERE name = 'head'").fetchone()[0]
    size = int(head.split(b"\n")[1])
    insider.write_head_file(data / "head", head)
    if size <= insider.size_of(history.past[BEFORE_SHREDDING]):
        insider.put_wraps(data / "keys", disk_formats.slots(history.past[BEFORE_SHREDDING] / "keys").values())
    insider.lower_counts(data / "keys", size)


def to_commit(back, fitting, more=False):
    def make(history, data, chance):
        wal = (data / "rows.db-wal").read_bytes()
        ends = sqlcipher_pages.commits_of(wal)
        (data / "rows.db-wal").write_bytes(wal[:32 + ends[-2 - back] * sqlcipher_pages.FRAME])
        if fitting:
            fit(history, data)
        if more:
            forged(lambda forger, _: grown(forger, chance.randrange(1, 400)))(history, data, chance)
    return make


def grown(forger, count, start=None):
    """So many acts more that nobody ordered. `start`: such a one, where none is left."""
    last, start = forger.entries[-1].time, start or filler(forger.acts)
    for number in range(count):
        act = forger.sealer.with_act(start, "act id", os.urandom(16))
        forger.entries.append(dataclasses.replace(act, time=last + number, old=-1))


def forks():
    """From some entry on another history: shorter than the cosigned one, as long, longer."""
    for size in range(20, MOST):
        for name, count in (("as long", 0), ("one less", -1), ("one more", 1), ("much longer", 200)):
            yield Edit("fork", WHOLE, f"after {size} acts, {name}", refit_and_grow(size, count))
        yield Edit("fork", SIGNED, f"after {size} entries, as long, the state as it was", fork_signed(size))
        yield Edit("fork", PLAIN, f"after {size} entries, the tree alone", plain_fork(size))


def forks_that_are_served():
    for moment in MOMENTS:
        for count in range(1, 9):
            yield Edit("fork", WHOLE, f"from {moment} by the gateway itself, {count} readings", served_on(count), moment)


def served_on(count):
    """The whole machine put back, and the gateway serves on as if nothing had been."""
    def make(history, data, chance):
        history.gateway.must_start()
        for _ in range(count):
            who, name, purpose = chance.choice(sorted(world.ALLOWED.values()))
            history.opens(who, name, purpose)
        history.gateway.stop(chance.choice((signal.SIGTERM, signal.SIGKILL)))
        history.end()
    return make


def refit_and_grow(size, count):
    def change(forger, _):
        whole, start = len(forger.entries), filler(forger.acts)
        forger.set_acts(forger.acts[:size])
        grown(forger, whole + count - len(forger.entries), start)
    return forged(change)


def fork_signed(size):
    def change(forger, _):
        whole, start = len(forger.entries), filler(forger.acts)
        del forger.entries[size:]
        grown(forger, whole - size, start)
    return forged(change)


def plain_fork(size):
    """Entries after that are other ones, sealed and hashed rightly; notes, tiles and state stay."""
    def make(history, data, _):
        forger = insider.Forger(data, history.passphrase)
        whole, start = len(forger.entries), filler(forger.acts)
        del forger.entries[size:]
        grown(forger, whole - size, start)
        made, _ = forger.sealer.rows(forger.entries)

        def change(connection):
            connection.execute("BEGIN")
            connection.execute("DELETE FROM act_record WHERE idx >= ?", (size,))
            for at, (leaf, link, act, person) in enumerate(made):
                connection.execute("UPDATE entry SET leaf = ?, link = ?, act = ?, person = ? WHERE idx = ?", (leaf, link, act, person, at))
            connection.execute("COMMIT")
        sqlcipher_pages.edited(data, history.key, change)
    return make


def of_any_log():
    for make in (drops, swaps, reorders, rewrites, truncations, forks):
        yield from make()


def all_edits():
    for make in (of_any_log, drops_of_readings, swaps_of_readings, reorders_of_readings, roll_backs, roll_backs_by_commits,
                 forks_that_are_served):
        yield from make()
