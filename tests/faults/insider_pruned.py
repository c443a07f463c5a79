"""The edits of a log that was pruned before the insider begins (insider_base.py): those of any log, and those of what pruning left,
of the list of what stays, and of the order."""
import dataclasses
import struct

import disk_formats
import files_rows
import insider
import insider_edits
import insider_rows
import insider_state
import sqlcipher_pages
from insider_base import PRUNED
from insider_edits import forged, rows
from insider_trial import PLAIN, SIGNED, WHOLE, Edit

PRUNING = (22, b"pruning")
# Tables that have rows then. What was announced and what was read ended long ago.
KINDS = {**{table: noun for table, noun in files_rows.KINDS.items() if noun not in ("deposit", "open readings")},
         20: "retention time", 22: "pruning"}
SAID = {"act commitment": 0, "act hash": 32, "person commitment": 64, "person hash": 96}  # by the leaf, behind the tag
EACH = 60  # entries that are left, or bare: about so many and more


def numbers_of(kept):
    """RET-6: the entries that stay."""
    out, at, numbers = [], 0, []
    value = shift = 0
    for byte in kept:
        value |= (byte & 0x7f) << shift
        shift += 7
        if byte < 0x80:
            numbers.append(value)
            value = shift = 0
    for gap, length in zip(numbers[::2], numbers[1::2]):
        out += range(at + gap, at + gap + length)
        at += gap + length
    return out


def list_of(numbers):
    """RET-6"""
    out, at, numbers = b"", 0, sorted(numbers)
    while numbers:
        length = next((n for n in range(1, len(numbers)) if numbers[n] != numbers[0] + n), len(numbers))
        for number in (numbers[0] - at, length):
            while number >= 0x80:
                out += bytes([number & 0x7f | 0x80])
                number >>= 7
            out += bytes([number])
        at = numbers[0] + length
        numbers = numbers[length:]
    return out


def keeps(forger, change, craft):
    """`change(numbers)` on the list of what stays: in the row, and, where all is made to fit, in the record of the order too."""
    def bend(row):
        row["kept"] = insider_rows.base64_of(list_of(change(set(numbers_of(insider_rows.unbase64(row["kept"]))))))
    forger.change_row(PRUNING, bend)
    if craft == WHOLE:
        at = order_in(forger.entries)
        says = forger.entries[at].record_json
        bend(next(put["row"] for put in says["puts"] if put["table"] == PRUNING[0]))
        forger.entries[at] = forger.sealer.with_record(forger.entries[at], insider_rows.text_of(says).decode())


def order_in(entries):
    """The number of the entry with which pruning was approved."""
    return next(at for at, entry in enumerate(entries) if any(put["table"] == PRUNING[0] for put in entry.record_json.get("puts", [])))


def pruned_to(forger):
    return forger.rows[PRUNING].json["size"]


def left(forger, number):
    """One of the entries that stay of before, but the first, which began the log."""
    those = [at for at in range(1, pruned_to(forger)) if not forger.entries[at].bare]
    return those[number % len(those)]


def bare(forger, number):
    those = [at for at in range(pruned_to(forger)) if forger.entries[at].bare]
    return those[number % len(those)]


def pruned_as_it_lies(number):
    def change(connection, _, size):
        to = struct.unpack(">Q", connection.execute("SELECT value FROM meta WHERE name = 'pruned-to'").fetchone()[0][:8])[0]
        those = connection.execute("SELECT idx FROM entry WHERE 0 < idx AND idx < ? AND length(act) > 0 ORDER BY idx", (to,)).fetchall()
        at = those[number % len(those)]
        connection.execute("UPDATE entry SET act = x'', person = x'' WHERE idx = ?", at)
        connection.execute("DELETE FROM act_record WHERE idx = ?", at)
    return rows(change)


def pruned_too(number, craft):
    """An entry that stays is made to look as if it had been pruned."""
    def change(forger, _):
        at = left(forger, number)
        forger.entries[at] = forger.sealer.pruned(forger.entries[at])
        keeps(forger, lambda numbers: numbers - {at}, craft)
    return forged(change)


def there_again_as_it_lies(number):
    """The parts of an entry that was pruned, from a copy of before."""
    def make(history, data, _):
        plain = sqlcipher_pages.open_all(sqlcipher_pages.newest_pages(history.past["newest"]), history.key)
        with sqlcipher_pages.rows_of(plain) as connection:
            old = {row[0]: row[1:] for row in connection.execute("SELECT idx, act, person FROM entry").fetchall()}
            records = dict(connection.execute("SELECT idx, body FROM act_record").fetchall())

        def change(connection):
            connection.execute("BEGIN")
            those = connection.execute("SELECT idx FROM entry WHERE length(act) = 0 ORDER BY idx").fetchall()
            at = those[number % len(those)][0]
            connection.execute("UPDATE entry SET act = ?, person = ? WHERE idx = ?", (*old[at], at))
            if at in records:
                connection.execute("INSERT INTO act_record VALUES (?, ?)", (at, records[at]))
            connection.execute("COMMIT")
        sqlcipher_pages.edited(data, history.key, change)
    return make


def there_again(number, craft):
    def make(history, data, _):
        forger = insider.Forger(data, history.passphrase)
        at = bare(forger, number)
        forger.entries[at] = insider.Forger(history.past["newest"], history.passphrase).entries[at]
        if craft == WHOLE:
            keeps(forger, lambda numbers: numbers | {at}, craft)
        forger.write()
    return make


def says_other(number, name):
    """What the leaf of a pruned entry says of the parts that are gone."""
    def change(forger, chance):
        at = bare(forger, number)
        entry = forger.entries[at]
        said = disk_formats.flip(entry.bare, SAID[name] + chance.randrange(32), chance.randrange(8))
        forger.entries[at] = dataclasses.replace(entry, bare=said)
    return forged(change)


def another_act(number):
    """In the place of a pruned entry one that can be read, and stays."""
    def change(forger, _):
        at = bare(forger, number)
        harmless = insider_edits.filler(forger.acts)
        forger.entries[at] = dataclasses.replace(harmless, time=forger.entries[at].time, old=-1)
        keeps(forger, lambda numbers: numbers | {at}, WHOLE)
    return forged(change)


def without_order(acts, _, forger):
    at = order_in(forger.entries)
    return [act for act in acts if forger.entries[at] not in act.entries]


def ordered_by_nobody(further):
    """A second order, of everything up to that many entries before the first one, that nobody signed."""
    def change(forger, _):
        at = order_in(forger.entries)
        size = at - further
        says = forger.entries[at].record_json
        row = next(put["row"] for put in says["puts"] if put["table"] == PRUNING[0])
        stay = set(numbers_of(insider_rows.unbase64(row["kept"])))
        row.update(size=size, before=insider_rows.other(row["before"], None), kept=insider_rows.base64_of(list_of(stay)))
        again = forger.sealer.with_record(forger.entries[at], insider_rows.text_of(says).decode())
        for number in range(pruned_to(forger), size):
            forger.entries[number] = forger.sealer.pruned(forger.entries[number])
        forger.entries.append(dataclasses.replace(again, time=forger.entries[-1].time, old=-1))
        forger.derive_rows()
    return forged(change)


def of_what_was_pruned():
    for number in range(EACH):
        yield Edit("drop", PLAIN, f"the parts of entry {number} of those that stay", pruned_as_it_lies(number))
        yield Edit("drop", SIGNED, f"the parts of entry {number} of those that stay, and the row says so", pruned_too(number, SIGNED))
        yield Edit("drop", WHOLE, f"the parts of entry {number} of those that stay, and row and order say so", pruned_too(number, WHOLE))
        yield Edit("roll back", PLAIN, f"pruned entry {number} is there again", there_again_as_it_lies(number))
        yield Edit("roll back", SIGNED, f"pruned entry {number} is there again", there_again(number, SIGNED))
        yield Edit("roll back", WHOLE, f"pruned entry {number} is there again, and row and order say so", there_again(number, WHOLE))
        for name in SAID:
            yield Edit("rewrite", SIGNED, f"pruned entry {number}, {name}", says_other(number, name))
        yield Edit("rewrite", WHOLE, f"pruned entry {number} is another act", another_act(number))
    yield Edit("drop", WHOLE, "the order to prune", insider_edits.refit(without_order))
    for further in range(3):
        yield Edit("fork", WHOLE, f"pruned further, {further} entries before the order", ordered_by_nobody(further))


def states():
    yield from insider_state.of_tables(KINDS)
    yield from insider_state.as_they_were(("newest",))
    for trial in files_rows.of_tables(KINDS):
        yield Edit("state", PLAIN, trial.name, trial.edit)


def pruned_edits():
    for make in (insider_edits.of_any_log, lambda: insider_edits.roll_backs((*insider_edits.MOMENTS, "newest")), of_what_was_pruned, states):
        for edit in make():
            yield dataclasses.replace(edit, base=PRUNED)
