"""Trials below SQLCipher: whoever holds the database key changes, swaps, drops and repeats rows."""
import disk_formats
import sqlcipher_pages
from files_trial import FOUND, LOCKED, Trial

# Tables that the world has rows of (spec/state-rows.md), with their nouns.
KINDS = {1: "organisation", 2: "unit", 3: "staff", 4: "team", 5: "roster", 6: "flik type", 7: "authorisation", 8: "certificate",
         9: "issuer", 10: "assertion key", 11: "administrator", 12: "proposal", 13: "key", 14: "receipt", 15: "instance",
         23: "log key", 32: "person",
         33: "blind index", 34: "device key", 35: "fullmakt", 36: "sparr", 37: "kontrakt", 38: "case", 39: "document",
         40: "deposit", 41: "flik", 43: "open readings", 60: "places"}
BODY = {"form": 0, "owner": 1, "nonce": 17, "text": 40, "tag": -1}
LEAF = {"version": 0, "time": 8, "person tag": 9, "act commitment": 41, "act hash": 73, "person commitment": 105,
        "person hash": 137}
ROW = "SELECT tbl, id, version, body FROM state_row WHERE tbl = ? ORDER BY id"


def on_rows(change):
    """`change(connection, random)` as the edit of a trial."""
    def edit(history, data, chance):
        sqlcipher_pages.edited(data, history.key, lambda connection: change(connection, chance))
    return edit


def one_of(connection, table, chance):
    return chance.choice(connection.execute(ROW, (table,)).fetchall())


def flip(value, offset):
    if isinstance(value, int):
        return value ^ (1 << offset)
    if not value:  # the key of the row that says how far the places are complete
        return b"\0"
    return disk_formats.flip(value, offset % len(value), offset & 7)


def column_flips(table):
    def of(column, offset):
        def change(connection, chance):
            row = dict(zip(("tbl", "id", "version", "body"), one_of(connection, table, chance)))
            connection.execute(f"UPDATE OR REPLACE state_row SET {column} = ? WHERE tbl = ? AND id = ?",
                               (flip(row[column], offset), row["tbl"], row["id"]))
        return change
    out = {"tbl": of("tbl", 0), "tbl to none known": of("tbl", 9), "id": of("id", 0), "version": of("version", 0),
           "version to negative": lambda c, chance: c.execute("UPDATE state_row SET version = -1 WHERE tbl = ? AND id = ?",
                                                               one_of(c, table, chance)[:2])}
    out.update({f"body {field}": of("body", offset) for field, offset in BODY.items()})
    return out


def row_moves(table):
    def drop(connection, chance):
        connection.execute("DELETE FROM state_row WHERE tbl = ? AND id = ?", one_of(connection, table, chance)[:2])

    def repeat(connection, chance):
        number, id, version, body = one_of(connection, table, chance)
        connection.execute("INSERT INTO state_row VALUES (?, ?, ?, ?)", (number, flip(id, 3), version, body))

    def cut(connection, chance):
        number, id, _, body = one_of(connection, table, chance)
        connection.execute("UPDATE state_row SET body = ? WHERE tbl = ? AND id = ?", (body[:-1], number, id))

    def empty(connection, chance):
        connection.execute("UPDATE state_row SET body = x'' WHERE tbl = ? AND id = ?", one_of(connection, table, chance)[:2])

    def swap(connection, chance):
        rows = connection.execute(ROW, (table,)).fetchall()
        other = [row for row in connection.execute(ROW.replace("tbl = ?", "tbl <> ?"), (table,)).fetchall() if row[2]]
        first = chance.choice(rows)
        second = chance.choice([row for row in rows if row != first] or other)
        for to, of in ((first, second), (second, first)):
            connection.execute("UPDATE state_row SET version = ?, body = ? WHERE tbl = ? AND id = ?",
                               (of[2], of[3], to[0], to[1]))
    return {"dropped": drop, "repeated under another id": repeat, "body cut": cut, "body empty": empty,
            "swapped with another": swap}


def older_rows(moment, how):
    """Rows that changed, came or went since a moment of the past, one of them put back as it was."""
    def edit(history, data, chance):
        past = sqlcipher_pages.open_all(sqlcipher_pages.newest_pages(history.past[moment]), history.key)
        with sqlcipher_pages.rows_of(past) as connection:
            old = {row[:2]: row for row in connection.execute("SELECT tbl, id, version, body FROM state_row").fetchall()}

        def change(connection):
            new = {row[:2]: row for row in connection.execute("SELECT tbl, id, version, body FROM state_row").fetchall()}
            changed = sorted(old[id] for id in old.keys() & new.keys() if old[id] != new[id])
            gone, came = sorted(old[id] for id in old.keys() - new.keys()), sorted(new.keys() - old.keys())
            if how == "all":
                connection.execute("DELETE FROM state_row")
                connection.executemany("INSERT INTO state_row VALUES (?, ?, ?, ?)", list(old.values()))
            elif how == "removed" and came:
                connection.execute("DELETE FROM state_row WHERE tbl = ? AND id = ?", chance.choice(came))
            else:
                rows = {"changed": changed, "gone": gone, "every fullmakt": [row for row in changed if row[0] == 35]}[how]
                rows = rows or changed
                chosen = rows if how == "every fullmakt" else [chance.choice(rows)]
                connection.executemany("INSERT OR REPLACE INTO state_row VALUES (?, ?, ?, ?)", chosen)
        sqlcipher_pages.edited(data, history.key, change)
    return edit


def of_tables(kinds):
    for table, noun in kinds.items():
        for how, change in {**column_flips(table), **row_moves(table)}.items():
            yield Trial(f"state row: {noun}, {how}", on_rows(change), LOCKED)


def state_rows():
    yield from of_tables(KINDS)
    for moment in ("given", "revoked", "blocked", "removed", "shredded"):
        for how in ("changed", "gone", "removed", "every fullmakt", "all") if moment != "shredded" else ("removed", "all"):
            yield Trial(f"older row: {how} since {moment}", older_rows(moment, how), LOCKED)


def entries():
    places = {"first": 0, "second": 1, "in the tile": 100, "last of the tile": 255, "first after the tile": 256, "last": -1}

    def at(connection, place):
        last = connection.execute("SELECT max(idx) FROM entry").fetchone()[0]
        return last if place < 0 else place

    def flipped(column, offset, place):
        def change(connection, _):
            where = at(connection, place)
            value = connection.execute(f"SELECT {column} FROM entry WHERE idx = ?", (where,)).fetchone()[0]
            connection.execute(f"UPDATE entry SET {column} = ? WHERE idx = ?", (flip(value, offset), where))
        return change

    def dropped(place):
        return lambda c, _: c.execute("DELETE FROM entry WHERE idx = ?", (at(c, place),))

    def swapped(place):
        def change(connection, _):
            one = at(connection, place)
            two = one - 1 if one else 3
            rows = [connection.execute("SELECT leaf, link, act, person FROM entry WHERE idx = ?", (n,)).fetchone() for n in (one,
                                                                                                                            two)]
            for number, row in ((one, rows[1]), (two, rows[0])):
                connection.execute("UPDATE entry SET leaf = ?, link = ?, act = ?, person = ? WHERE idx = ?", (*row, number))
        return change

    def repeated(place):
        def change(connection, _):
            row = connection.execute("SELECT leaf, link, act, person FROM entry WHERE idx = ?",
                                     (at(connection, place),)).fetchone()
            connection.execute("INSERT INTO entry SELECT max(idx) + 1, ?, ?, ?, ? FROM entry", row)
        return change

    def renumbered(place):
        return lambda c, _: c.execute("UPDATE entry SET idx = 100000 WHERE idx = ?", (at(c, place),))

    for name, place in places.items():
        for field, offset in LEAF.items():
            yield Trial(f"entry: {name}, leaf {field}", on_rows(flipped("leaf", offset, place)))
        for column in ("act", "person"):
            yield Trial(f"entry: {name}, {column}", on_rows(flipped(column, 5, place)))
        # That of an entry of nobody leads nowhere.
        yield Trial(f"entry: {name}, link", on_rows(flipped("link", 5, place)), clean="harmless")
        yield Trial(f"entry: {name}, dropped", on_rows(dropped(place)))
        yield Trial(f"entry: {name}, swapped with its neighbour", on_rows(swapped(place)))
        yield Trial(f"entry: {name}, repeated at the end", on_rows(repeated(place)), LOCKED)
        yield Trial(f"entry: {name}, given another number", on_rows(renumbered(place)))
    yield Trial("entry: every link", on_rows(lambda c, _: c.execute("UPDATE entry SET link = zeroblob(12)")))
    yield Trial("entry: every link cut", on_rows(lambda c, _: c.execute("UPDATE entry SET link = zeroblob(11)")))


def records():
    def pick(connection, place):
        rows = connection.execute("SELECT idx, body FROM act_record ORDER BY idx").fetchall()
        return rows[int(place * (len(rows) - 1))]

    def flipped(place, offset):
        def change(connection, _):
            index, body = pick(connection, place)
            connection.execute("UPDATE act_record SET body = ? WHERE idx = ?", (flip(body, offset), index))
        return change

    def dropped(place):
        return lambda c, _: c.execute("DELETE FROM act_record WHERE idx = ?", pick(c, place)[:1])

    def swapped(place):
        def change(connection, _):
            one, two = pick(connection, place), pick(connection, (place + 0.4) % 1)
            connection.execute("UPDATE act_record SET body = ? WHERE idx = ?", (two[1], one[0]))
            connection.execute("UPDATE act_record SET body = ? WHERE idx = ?", (one[1], two[0]))
        return change

    def moved(place):
        def change(connection, _):
            free = connection.execute("SELECT min(idx) FROM entry WHERE idx NOT IN (SELECT idx FROM act_record)").fetchone()[0]
            connection.execute("UPDATE act_record SET idx = ? WHERE idx = ?", (free, pick(connection, place)[0]))
        return change

    def repeated(place):
        def change(connection, _):
            free = connection.execute("SELECT min(idx) FROM entry WHERE idx NOT IN (SELECT idx FROM act_record)").fetchone()[0]
            connection.execute("INSERT INTO act_record VALUES (?, ?)", (free, pick(connection, place)[1]))
        return change

    for name, place in {"first": 0, "third": 0.33, "middle": 0.5, "last": 1}.items():
        for field, offset in {"nonce": 0, "text": 60, "tag": -1}.items():
            yield Trial(f"act record: {name}, {field}", on_rows(flipped(place, offset)))
        for how, make in {"dropped": dropped, "swapped": swapped, "under another entry": moved, "repeated": repeated}.items():
            yield Trial(f"act record: {name}, {how}", on_rows(make(place)))


def tiles():
    def change_of(sql, *values):
        return on_rows(lambda c, _: c.execute(sql, values))

    def flipped(offset):
        def change(connection, _):
            level, number, hashes = connection.execute("SELECT level, number, hashes FROM tile").fetchone()
            connection.execute("UPDATE tile SET hashes = ? WHERE level = ? AND number = ?", (flip(hashes, offset), level, number))
        return on_rows(change)
    for name, offset in {"first hash": 0, "middle hash": 4000, "last hash": -1}.items():
        yield Trial(f"tile: {name}", flipped(offset))
    yield Trial("tile: dropped", change_of("DELETE FROM tile"))
    yield Trial("tile: another level", change_of("UPDATE tile SET level = 1"))
    yield Trial("tile: another number", change_of("UPDATE tile SET number = 1"))
    yield Trial("tile: cut short", change_of("UPDATE tile SET hashes = substr(hashes, 1, 8160)"))
    yield Trial("tile: cut within a hash", change_of("UPDATE tile SET hashes = substr(hashes, 1, 8170)"))
    yield Trial("tile: empty", change_of("UPDATE tile SET hashes = x''"))
    yield Trial("tile: one too many", change_of("INSERT INTO tile SELECT level, number + 1, hashes FROM tile"), clean="harmless")


def notes_in_meta():
    def line(name, number, place):
        def change(connection, _):
            lines = connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()[0].split(b"\n")
            lines[number] = flip(lines[number], place)
            connection.execute("UPDATE meta SET value = ? WHERE name = ?", (b"\n".join(lines), name))
        return on_rows(change)

    def older(name, moment):
        def edit(history, data, _):
            past = sqlcipher_pages.open_all(sqlcipher_pages.newest_pages(history.past[moment]), history.key)
            with sqlcipher_pages.rows_of(past) as connection:
                value = connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()[0]
            sqlcipher_pages.edited(data, history.key,
                                   lambda c: c.execute("UPDATE meta SET value = ? WHERE name = ?", (value, name)))
        return edit

    for what, number in (("origin", 0), ("size", 1), ("root", 2), ("digest", 3), ("signature", -2)):
        yield Trial(f"note: head, {what}", line("head", number, 3), LOCKED)
    yield Trial("note: head, dropped", on_rows(lambda c, _: c.execute("DELETE FROM meta WHERE name = 'head'")), LOCKED)
    yield Trial("note: head, empty", on_rows(lambda c, _: c.execute("UPDATE meta SET value = x'' WHERE name = 'head'")), LOCKED)
    for moment in ("given", "revoked", "shredded"):
        yield Trial(f"note: head, of {moment}", older("head", moment), LOCKED)


def schema():
    def statements(*sql):
        return on_rows(lambda connection, _: [connection.execute(one) for one in sql])

    yield Trial("schema: an index too many", statements("CREATE INDEX more ON entry (act)"), LOCKED)
    yield Trial("schema: another application", statements("PRAGMA application_id = 7"))
    yield Trial("schema: a newer number", statements("PRAGMA user_version = 4"))
    for number in (0, 1, 2):
        yield Trial(f"schema: the older number {number}", statements(f"PRAGMA user_version = {number}"))
    for table in ("state_row", "entry", "act_record", "tile", "meta"):
        yield Trial(f"schema: no {table}", statements(f"DROP TABLE {table}"), LOCKED)
        as_view = statements(f"ALTER TABLE {table} RENAME TO other", f"CREATE VIEW {table} AS SELECT * FROM other")
        yield Trial(f"schema: {table} is a view", as_view, LOCKED)
    # A trigger changes what is written later, when everything that was checked is behind it.
    triggers = {"drops a Sparr": "entry BEGIN DELETE FROM state_row WHERE tbl = 36; END",
                "drops the entry before": "entry BEGIN DELETE FROM entry WHERE idx = new.idx - 1; END",
                "empties act records": "act_record BEGIN UPDATE act_record SET body = x'' WHERE idx = new.idx; END"}
    for what, body in triggers.items():
        yield Trial(f"schema: a trigger {what}", statements(f"CREATE TRIGGER later AFTER INSERT ON {body}"), LOCKED)
    yield Trial("schema: a table too many", statements("CREATE TABLE more (a)"), LOCKED)


def all_trials():
    for make in (state_rows, entries, records, tiles, notes_in_meta, schema):
        yield from make()
