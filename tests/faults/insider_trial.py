"""What one edit of the insider is, and how it is judged: by `log verify`, by the real witness, by the gateway's start."""
import json
import random
import shutil
from dataclasses import dataclass
from typing import Callable

import files_history
import insider
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
    def name(self):
        return f"{self.kind}: {self.craft}, {self.what}"


class Scene:
    """The standing world, and a witness that cosigned its newest checkpoint. `cosigned`: that note, as the gateway keeps it;
    `recorded`: as the witness itself does, without the four lines before it (WIT-11)."""

    def __init__(self, folder):
        self.folder = folder
        self.history = files_history.History(folder)
        self.gateway = self.history.gateway
        self.witness = Witness(PROGRAM, folder / "witness", self.gateway.log_key)
        self.plain_config = (self.gateway.folder / "flikvakt.toml").read_text(encoding="utf-8")
        self.history.put("newest")
        self.leaves, note = presented(self.history.data(), self.history)
        if note != self.gateway.must("log", "checkpoint", "--data", self.gateway.data)["checkpoint"]:
            raise RuntimeError("the insider's checkpoint is not the gateway's")
        self.witness.start()
        status, lines = self.witness.ask(request(0, self.leaves, self.leaves, note))
        if status != 200:
            raise RuntimeError(f"the witness answered {status}")
        self.cosigned = self.gateway.write("cosigned", note + lines)
        self.witness.end()
        record = next((folder / "witness" / "seen").glob("*.log")).read_text(encoding="utf-8")
        self.recorded = self.gateway.write("recorded", record.split("\n", 4)[4])
        shutil.copytree(folder / "witness" / "seen", folder / "seen-kept")
        self.witness.start()

    def with_witness(self, wanted=True):
        self.gateway.write("flikvakt.toml", self.plain_config + (self.witness.configuration() if wanted else ""))

    def witness_as_it_was(self):
        self.witness.end()
        shutil.rmtree(self.folder / "witness" / "seen")
        shutil.copytree(self.folder / "seen-kept", self.folder / "witness" / "seen")
        self.witness.start()

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
    history.put(edit.base)
    shutil.copy2(scene.cosigned, history.data() / "cosigned-checkpoint")
    before = prints(history)
    edit.make(history, history.data(), random.Random(f"{seed} {edit.name}"))
    if prints(history) == before:
        raise RuntimeError(f"{edit.name}: it changes nothing")
    return judge(scene, edit)


def judge(scene, edit):
    history = scene.history
    try:
        verify, saved = verified(history), ""
        leaves, note = presented(history.data(), history)
        is_other = leaves is not None and leaves[:len(scene.leaves)] != scene.leaves
        answers = asked(scene, leaves, note) if is_other else {}
        if not verify:
            saved = verified(history, "--saved", scene.recorded)
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


def asked(scene, leaves, note):
    """As whoever rewrote the log would ask: from where the witness is, from the beginning, from where the log now ends."""
    out = {}
    for old in sorted({0, len(scene.leaves), len(leaves)}):
        answer = scene.witness.ask(request(old, scene.leaves, leaves, note))
        out[old] = answer[0] if answer else "broken"
    if len(leaves) == len(scene.leaves):  # two roots for one size: it is stopped
        scene.witness_as_it_was()
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


