"""The edits of the state tables: as they lie (files_rows.py), and with digest, head and head file signed anew, so that start-up
finds nothing and only what follows from the log can tell."""
import dataclasses
import os

import files_rows
import insider
import insider_edits
import insider_rows
from insider_trial import PLAIN, SIGNED, Edit

PICKS = 10  # random members of random rows, of each table


# Their versions are read by nobody and say nothing: which batch wrote a row of open readings is in no entry, and a row of places
# that says as of another entry what was so then too is true (ROW-7, ROW-8).
WITHOUT_VERSION = frozenset({insider_rows.READINGS, insider_rows.PLACES})


# Of a key that was destroyed: where its wrap lay, and what it was, nobody asks any more (log-verify.md).
SAYS_NOTHING = ("parent", "version", "wrap_hash")


def is_destroyed(id, members):
    return id[0] == insider_rows.KEY and members["status"] == "shredded"


def of_table(forger, table):
    return sorted(id for id in forger.rows if id[0] == table)


def on_row(table, change):
    """`change(forger, id, random)` on one row of that table."""
    return insider_edits.forged(lambda forger, chance: change(forger, chance.choice(of_table(forger, table)), chance))


def says_other(forger, id, chance):
    row = forger.rows[id]
    if id[0] in (insider_rows.READINGS, insider_rows.PLACES):
        at = chance.randrange(len(row.plain))
        plain = row.plain[:at] + bytes([row.plain[at] ^ 1 << chance.randrange(8)]) + row.plain[at + 1:]
        forger.rows[id] = dataclasses.replace(row, plain=plain, body=b"")
    else:
        forger.change_row(id, lambda members: insider_rows.bend(members, chance, SAYS_NOTHING if is_destroyed(id, members) else ()))


def dropped(forger, id, _):
    del forger.rows[id]


def of_version(step):
    def change(forger, id, _):
        row = forger.rows[id]
        forger.rows[id] = dataclasses.replace(row, version=row.version + step if row.version + step >= 0 else 7, body=b"")
    return change


def copied(forger, id, chance):
    """The same under another id: somebody more on a team, a fullmakt more."""
    row = forger.rows[id]
    if id[0] in (insider_rows.READINGS, insider_rows.PLACES):
        key = bytes([id[1][0] ^ 1]) + id[1][1:] if id[1] else b"\0\1"
        forger.rows[id[0], key] = dataclasses.replace(row, body=b"")
        return
    members = row.json
    for name in insider_rows.KEYS.get(id[0], ("id",))[-1:]:
        said = members.get(name, "x")
        members[name] = os.urandom(16).hex() if len(str(said)) == 32 else insider_rows.other(said, chance)
    key = insider_rows.key_of(id[0], members)
    if key == id[1]:  # there is one row of this kind
        key = b"another"
    forger.rows[id[0], key] = dataclasses.replace(row, plain=insider_rows.text_of(members), body=b"")


def exchanged(forger, id, chance):
    """What two rows say, but for what names them."""
    others = [one for one in of_table(forger, id[0]) if one != id and forger.rows[one].owner == forger.rows[id].owner
              and forger.rows[one].plain[48:] != forger.rows[id].plain[48:]]
    if not others or id[0] in (insider_rows.READINGS, insider_rows.PLACES):
        return says_other(forger, id, chance)
    two = chance.choice(others)
    one_says, two_says = forger.rows[id].json, forger.rows[two].json
    for name in insider_rows.KEYS.get(id[0], ("id",)):
        one_says[name], two_says[name] = two_says[name], one_says[name]
    forger.rows[id] = dataclasses.replace(forger.rows[id], plain=insider_rows.text_of(two_says), body=b"")
    forger.rows[two] = dataclasses.replace(forger.rows[two], plain=insider_rows.text_of(one_says), body=b"")


def older(moment, how):
    """Rows as they were at a moment of the past: changed back, gone again, there again."""
    def make(history, data, chance):
        past = insider.Forger(history.past[moment], history.passphrase).rows
        forger = insider.Forger(data, history.passphrase)
        now = {id: row for id, row in forger.rows.items() if id[0] not in (insider_rows.PLACES, insider_rows.READINGS)}
        changed = sorted(id for id, row in now.items() if id in past and past[id].plain != row.plain)
        gone, came = sorted(past.keys() - now.keys() - set(forger.rows)), sorted(now.keys() - past.keys())
        chosen = {"changed": changed, "gone": gone, "came": came}[how] or changed or came
        id = chance.choice([one for one in chosen if one[0] not in (insider_rows.PLACES, insider_rows.READINGS)])
        if id in past:
            forger.rows[id] = past[id]
        else:
            del forger.rows[id]
        forger.write()
    return make


def of_tables(kinds):
    for table, noun in kinds.items():
        for number in range(PICKS):
            yield Edit("state", SIGNED, f"{noun}, a member says something else, {number}", on_row(table, says_other))
        versions = {} if table in WITHOUT_VERSION else {"of a later entry": of_version(1), "of an earlier entry": of_version(-1)}
        for how, change in {"dropped": dropped, "copied under another id": copied, "exchanged with another": exchanged, **versions}.items():
            yield Edit("state", SIGNED, f"{noun}, {how}", on_row(table, change))


def as_they_were(moments=("given", "revoked", "blocked", "removed", "shredded", "deposited")):
    for moment in moments:
        for how in ("changed", "gone", "came"):
            for number in range(3):
                yield Edit("state", SIGNED, f"a row that {how} since {moment}, as it was, {number}", older(moment, how))


def state_edits():
    yield from of_tables(files_rows.KINDS)
    yield from as_they_were()
    for trial in files_rows.state_rows():
        yield Edit("state", PLAIN, trial.name, trial.edit)
