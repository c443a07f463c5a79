"""What one edit of the insider is, and how it is judged: by `log verify`, by the real witness, by the gateway's start."""
import contextlib
import json
import pathlib
import random
import shutil
from dataclasses import dataclass
from typing import Callable

import bend as bending
import files_history
import insider
import insider_base
import sqlcipher_pages
import tlog
from world import PROGRAM, Violation

from witness import Witness

KINDS = ("drop", "swap", "reorder", "rewrite", "truncate", "roll back", "fork", "state")
PLAIN, SIGNED, WHOLE = "as it lies", "signed anew", "made to fit"
CRAFTS = {PLAIN: "rows and files changed, nothing else", SIGNED: "leaves, tree, notes and digests made anew over the change",
          WHOLE: "the state made again from the log that is left, too"}


@dataclass(frozen=True)
class Edit:
    """`make(history, data, random)` changes the data directory of the moment `base`."""
    kind: str
    craft: str
    what: str
    make: Callable
    base: str = "newest"

    @property
    def is_pruned(self):
        return self.base == insider_base.PRUNED

    @property
    def name(self):
        return f"{self.kind}: {self.craft}, {self.what}{', of a pruned log' if self.is_pruned else ''}"


@dataclass(frozen=True)
class Seen:
    """What the witness cosigned last of a log. `cosigned`: that note, as the gateway keeps it; `recorded`: as the witness itself
    does, without the four lines before it (WIT-11); `record`: all that it has."""
    leaves: list
    cosigned: pathlib.Path
    recorded: pathlib.Path
    record: pathlib.Path


class Scene:
    """The standing world, and the same eleven years later with its log pruned; and a witness that cosigned the newest checkpoint of
    either."""

    def __init__(self, folder):
        self.folder = folder
        self.history = files_history.History(folder)
        self.gateway = self.history.gateway
        self.bend = bending.Bend(folder)
        self.witness = Witness(PROGRAM, folder / "witness", self.gateway.log_key)
        self.plain_config = (self.gateway.folder / "flikvakt.toml").read_text(encoding="utf-8")
        self.witness.start()
        self.seen = {"newest": self.let_cosign("newest", [])}
        insider_base.prune(self.history, self.bend)
        self.seen[insider_base.PRUNED] = self.let_cosign(insider_base.PRUNED, self.leaves)
        self.witness_as_it_was()

    def let_cosign(self, base, before):
        self.history.put(base)
        leaves, note = presented(self.history.data(), self.history)
        if note != self.gateway.must("log", "checkpoint", "--data", self.gateway.data)["checkpoint"]:
            raise RuntimeError("the insider's checkpoint is not the gateway's")
        status, lines = self.witness.ask(request(len(before), leaves, leaves, note))
        if status != 200:
            raise RuntimeError(f"the witness answered {status}")
        self.witness.end()
        lies = self.folder / "witness" / "seen"
        said = next(lies.glob("*.log")).read_text(encoding="utf-8").split("\n", 4)[4]
        kept = shutil.copytree(lies, self.folder / f"seen-{base}")
        self.witness.start()
        return Seen(leaves, self.gateway.write(f"cosigned-{base}", note + lines), self.gateway.write(f"recorded-{base}", said), kept)

    def seen_of(self, base):
        return self.seen.get(base, self.seen["newest"])

    # Of the newest state, with which most trials begin.
    leaves = property(lambda self: self.seen["newest"].leaves)
    cosigned = property(lambda self: self.seen["newest"].cosigned)
    recorded = property(lambda self: self.seen["newest"].recorded)

    def clock_of(self, base):
        """The program sees the clock of that time."""
        return self.bend.commands_follow() if base == insider_base.PRUNED else contextlib.nullcontext()

    def with_witness(self, wanted=True):
        self.gateway.write("flikvakt.toml", self.plain_config + (self.witness.configuration() if wanted else ""))

    def witness_as_it_was(self, base="newest"):
        self.witness.end()
        shutil.rmtree(self.folder / "witness" / "seen")
        shutil.copytree(self.seen_of(base).record, self.folder / "witness" / "seen")
        self.witness.start()
        self.witnessed = self.seen_of(base)

    def witness_of(self, base):
        if self.witnessed is not self.seen_of(base):
            self.witness_as_it_was(base)

    def end(self):
        self.history.end()
        self.witness.end()


def presented(data, history):
    """The leaves as they lie in the rows, and a checkpoint of them under the log's key; (None, None) when nothing can be read."""
    try:
        plain = sqlcipher_pages.open_all(sqlcipher_pages.newest_pages(data), history.key)
        with sqlcipher_pages.rows_of(plain) as rows:
            leaves = [tlog.leaf_hash(leaf) for leaf, in rows.execute("SELECT leaf FROM entry ORDER BY idx").fetchall()]
    except (ValueError, OSError, sqlcipher_pages.sqlite3.Error):
        return None, None
    keys = insider.SystemKeys(history.past["newest"], history.passphrase)
    return leaves, keys.log(history.gateway.origin, "checkpoint-signing").note(leaves)


def request(old, before, leaves, note):
    """An add-checkpoint from `old` entries on, with the best proof that there is: that of the leaves."""
    proof = tlog.consistency(old, leaves) if 0 < old < len(leaves) else []
    return f"old {old}\n" + "".join(tlog.text64(one) + "\n" for one in proof) + "\n" + note


@dataclass
class Verdict:
    """Who noticed. `verify`: what `log verify` said by itself; `start`: the exit code of the gateway (None: it served)."""
    verify: str
    start: object
    witness: dict  # by old size that was claimed: the answer
    saved: str     # what `log verify` said with what the witness has on record

    @property
    def by(self):
        return "log verify" if self.verify else "witness"


def run(scene, edit, seed):
    """The verdict; raises Violation when nobody noticed what must be noticed."""
    history = scene.history
    scene.with_witness(False)
    scene.witness_of(edit.base)
    history.put(edit.base)
    shutil.copy2(scene.seen_of(edit.base).cosigned, history.data() / "cosigned-checkpoint")
    before = prints(history)
    edit.make(history, history.data(), random.Random(f"{seed} {edit.name}"))
    if prints(history) == before:
        raise RuntimeError(f"{edit.name}: it changes nothing")
    return judge(scene, edit)


def judge(scene, edit):
    history, seen, saved = scene.history, scene.seen_of(edit.base), ""
    try:
        with scene.clock_of(edit.base):
            verify = verified(history)
        leaves, note = presented(history.data(), history)
        is_other = leaves is not None and leaves[:len(seen.leaves)] != seen.leaves
        answers = asked(scene, edit.base, leaves, note) if is_other else {}
        with scene.clock_of(edit.base):
            if not verify:
                saved = verified(history, "--saved", seen.recorded)
            start = started(scene)
    finally:
        history.end()
    verdict = Verdict(verify, start, answers, saved)
    wrong = not_noticed(verdict, is_other)
    if wrong:
        raise Violation(f"{edit.name}: {wrong}; {verdict}")
    return verdict


def not_noticed(verdict, is_other):
    """What should have been noticed and was not."""
    if 200 in verdict.witness.values():
        return "the witness cosigned another history"
    if verdict.verify:
        return ""
    if not is_other:
        return "neither `log verify` nor a witness can see it"
    if not verdict.saved:
        return "`log verify --saved` takes it for the log that was cosigned"
    return "" if verdict.start == 4 else "the gateway starts on it, with the cosigned checkpoint beside"


def verified(history, *words):
    code, said = history.verify(*words)
    if code == 0:
        return ""
    if code not in (1, 4) or not said:
        raise Violation(f"log verify ended with {code}: {said[:300]}")
    return first_problem(said)


def first_problem(said):
    line = said.splitlines()[0]
    problems = json.loads(line).get("problems") if line.startswith("{") else None
    return problems[0] if problems else line[:300]


def asked(scene, base, leaves, note):
    """As whoever rewrote the log would ask: from where the witness is, from the beginning, from where the log now ends."""
    out, seen = {}, scene.seen_of(base)
    for old in sorted({0, len(seen.leaves), len(leaves)}):
        answer = scene.witness.ask(request(old, seen.leaves, leaves, note))
        out[old] = answer[0] if answer else "broken"
    if len(leaves) == len(seen.leaves):  # two roots for one size: it is stopped
        scene.witness_as_it_was(base)
    return out


def started(scene):
    scene.with_witness()
    code = scene.gateway.start()
    if code is None:
        scene.history.end()
    elif code not in (1, 3, 4):
        raise Violation(f"start-up ended with {code}: {scene.gateway.said()[-300:]}")
    return code


def prints(history):
    return {str(path): path.read_bytes() for path in sorted(history.data().rglob("*")) if path.is_file()}


