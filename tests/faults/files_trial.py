"""What a trial is, and how one is judged."""
import random
from dataclasses import dataclass
from typing import Callable, Optional

import files_verdict

FOUND = frozenset({"locked", "not started", "first touch", "verify"})
LOCKED = frozenset({"locked"})


@dataclass(frozen=True)
class Trial:
    """`edit(history, data, random)` changes the data directory of the moment `base`. `found`: how it may be noticed; `clean`:
    what it is called when nobody can notice anything and everything holds (None: that is a violation). `damaged`: documents
    whose bytes it hits."""
    name: str
    edit: Callable
    found: frozenset = FOUND
    clean: Optional[str] = None
    damaged: tuple = ()
    base: str = "newest"
    wrapped: bool = False  # the gateway runs without what root may do beyond modes

    @property
    def group(self):
        return self.name.partition(":")[0]


def looks_of(folder):
    """Contents, kinds, modes and owners: what a trial can change."""
    if not folder.exists():
        return {}
    out = {str(path): (path.lstat().st_mode, path.lstat().st_uid) for path in [folder, *folder.rglob("*")]}
    return {**out, **files_verdict.prints_of(folder), "others": [content_of(folder / name) for name in ("rows.db-shm", "lock")]}


def content_of(path):
    return path.read_bytes() if path.is_file() else b""


def run(history, trial, seed):
    """(outcome, what was said); raises files_verdict.Violation."""
    history.put(trial.base)
    try:
        before = looks_of(history.data())
        trial.edit(history, history.data(), random.Random(f"{seed} {trial.name}"))
        if looks_of(history.data()) == before:
            raise RuntimeError(f"{trial.name}: the trial changes nothing")
        with history.as_plain_user(trial.wrapped):
            outcome, said = files_verdict.Judge(history, trial.damaged).verdict()
    finally:
        history.end()
    if outcome == "harmless":
        if trial.clean is None:
            raise files_verdict.Violation("nobody noticed anything, though something was rolled back or damaged")
        return trial.clean, said
    if outcome not in trial.found:
        raise files_verdict.Violation(f"{outcome} instead of {sorted(trial.found)}: {said}")
    return outcome, said
