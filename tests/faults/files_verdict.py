"""The verdict on one trial, from outside only: how start-up ends, what is served afterwards, what `log verify` says."""
import base64
import hashlib
import json
import re
import stat

import disk_formats
import files_history
import gateway
import notes
import world
from world import Violation

OUTCOMES = {
    "locked": "start-up: exit code 4",
    "not started": "start-up: another exit code and a reason",
    "first touch": "started, and the damaged part gave an error when it was asked for",
    "verify": "started, everything served was right, and `log verify` named the damage",
    "healed": "started, and what was put back or damaged was made good again",
    "harmless": "started, everything holds: what was changed is read by nobody",
    "accepted": "one of the two that the design accepts"}


# A reason names the part of the data that does not fit.
NAMES_IT = re.compile(r"`[^`]+`|database|state row|the log|head|key|object|document|erasures")


def prints_of(folder):
    """What lies in a data directory, without what every start-up may touch: lock, socket, index of the write-ahead log."""
    out = {}
    for path in sorted(folder.rglob("*")):
        info = path.lstat()
        if path.name in ("lock", "admin.sock", "rows.db-shm") or stat.S_ISSOCK(info.st_mode):
            continue
        is_file = stat.S_ISREG(info.st_mode)
        out[str(path.relative_to(folder))] = hashlib.sha256(path.read_bytes()).hexdigest() if is_file else oct(info.st_mode)
    if out.get("rows.db-wal") == hashlib.sha256().hexdigest():
        del out["rows.db-wal"]  # an empty one is like none
    return out


def keys_of(folder):
    path = folder / "keys"
    return disk_formats.slots(path) if path.is_file() else {}


class Judge:
    """`damaged`: names of documents whose bytes may be refused or break off. Nothing else may be missing."""

    def __init__(self, history, damaged=()):
        self.history, self.damaged, self.touched = history, set(damaged), []

    def verdict(self):
        """(outcome, what was said)"""
        history = self.history
        before, keys = prints_of(history.data()), keys_of(history.data())
        try:
            code = history.gateway.start()
        except gateway.CommandFailed as error:
            raise Violation(f"start-up hangs: {error}") from None
        if code is not None:
            return self.not_started(code, before, keys)
        self.served()
        stopped = history.gateway.stop()
        said = history.gateway.said()
        if stopped not in (0, 3):
            raise Violation(f"the gateway ended with {stopped}: {said[-500:]}")
        if stopped == 3:
            self.touched.append("stopped at once: " + said[-300:])
        verified, words = self.verified()
        self.nothing_shredded_is_back()
        if self.touched:
            return "first touch", "; ".join(self.touched)[:600]
        return ("verify", words) if verified else ("harmless", "")

    def not_started(self, code, before, kept):
        said = self.history.gateway.said().splitlines()
        if code == 3 and "stopped at once" in " ".join(said):
            return "first touch", said[-1]  # the gateway's own first entry met the damage
        if code not in (1, 4) or not NAMES_IT.search(" ".join(said)):
            raise Violation(f"start-up ended with {code}, saying {said[-3:]}, which names nothing")
        after = prints_of(self.history.data())
        changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
        if changed and not (changed == ["keys"] and self.only_shredded_went(kept)):
            raise Violation(f"exit code {code}, but files changed: {changed}; {said[-2:]}")
        return "locked" if code == 4 else "not started", " ".join(line for line in said if "[" not in line[:30])[:400]

    def only_shredded_went(self, kept):
        """A wrap whose row says shredded is destroyed as it is met (REC-5), perhaps before something else locks."""
        now = keys_of(self.history.data())
        return all(kept[number][8:24].hex() in self.history.shredded for number in kept if now.get(number) != kept[number])

    def served(self):
        """Everything that somebody was told, asked for again."""
        history = self.history
        for name, reading in {**world.TAKEN_BACK, **files_history.LATER}.items():
            how, detail = self.read(*reading)
            if how in ("open", "cut"):
                raise Violation(f"{name}: served again ({how}, {detail})")
            if how == "error":
                self.touched.append(f"{name}: {detail}")
        allowed = {**world.ALLOWED, **files_history.MORE}
        for name, reading in allowed.items():
            how, detail = self.read(*reading)
            if how == "open":
                continue
            if reading[1] not in self.damaged and not self.is_dead():
                raise Violation(f"{name}: {how}, {detail}, though nothing of it was damaged; {history.gateway.said()[-400:]}")
            self.touched.append(f"{reading[1]}: {how} {detail}")
        self.person("the own log", self.log_as_known)
        self.person("what stands", self.stands_as_known)
        self.person("a proof", self.proof_holds)
        if len(history.log_keys) > 1:
            self.person("the log's keys", self.log_keys_as_known)

    def is_dead(self):
        """It stopped at once; what it said is looked at later."""
        process = self.history.gateway.process
        return process is None or process.poll() is not None

    def read(self, who, name, purpose):
        """open, refused, cut (a right beginning), error; wrong bytes are a violation."""
        try:
            answer = self.history.read(who, name, purpose) if purpose else self.history.read_own(who, name)
        except OSError as error:
            return "error", type(error).__name__
        size = next(one[4] for one in world.DOCUMENTS if one[0] == name)
        if answer.status == 403:
            return "refused", answer.status_line
        if answer.status != 200:
            return "error", answer.status_line
        if not world.content(name, size).startswith(answer.body):
            raise Violation(f"{who} reads {name}: bytes that are not the document's")
        return ("open", "") if answer.complete and len(answer.body) == size else ("cut", f"after {len(answer.body)} bytes")

    def person(self, what, check):
        """An answer that is right, or an error."""
        try:
            wrong = check()
        except (OSError, RuntimeError, json.JSONDecodeError) as error:
            self.touched.append(f"{what}: {type(error).__name__} {str(error)[:120]}")
            return
        if wrong:
            raise Violation(f"{what}: {wrong}")

    def log_as_known(self):
        log, known = self.history.milos_log(), self.history.known_log
        other = [entry for entry, says in known.items() if log.get(entry) != says]
        return f"{len(other)} of {len(known)} entries are not as they were" if other else ""

    def stands_as_known(self):
        stands = self.history.overview()
        return "" if stands == self.history.standing else f"{stands} instead of {self.history.standing}"

    def proof_holds(self):
        """That the log extends the checkpoint kept in the beginning: right, or an error that anyone can see."""
        anyone, saved = self.history.cast.anyone, self.history.saved_checkpoint
        newest = notes.Checkpoint(anyone.checkpoint())
        answer = anyone.ask("GET", f"/v1/log/consistency?from={saved.size}&to={newest.size}")
        if answer.status != 200:
            raise RuntimeError(answer.status_line)
        hashes = [base64.b64decode(text) for text in answer.json()["hashes"]]
        if not notes.is_consistent(saved, newest, hashes):
            raise RuntimeError("the proof does not verify, which anyone sees")
        return ""

    def log_keys_as_known(self):
        """Each has its status, and those sign that it says."""
        answer = self.history.cast.anyone.ask("GET", "/v1/log/keys")
        if answer.status != 200:
            raise RuntimeError(answer.status_line)
        keys = answer.json()["keys"]
        statuses = [one["status"] for one in keys]
        newest = notes.Checkpoint(self.history.cast.anyone.checkpoint())
        other = [one["generation"] for one in keys if newest.is_signed_by(one["key"]) != (one["status"] in ("current", "retiring"))]
        if statuses != self.history.log_keys or other:
            return f"{statuses} instead of {self.history.log_keys}, and {other} sign otherwise"
        return ""

    def verified(self):
        """(True when it named damage, its words)"""
        code, words = self.history.verify("--saved", self.history.saved_note)
        if code == 0:
            return False, ""
        if code not in (1, 4) or not words:
            raise Violation(f"`log verify` ended with {code}: {words[-300:]}")
        return True, words[-500:]

    def nothing_shredded_is_back(self):
        """Neither its key nor its object lies there, and the list of erasures names it."""
        data, history = self.history.data(), self.history
        keys = {slot[8:24].hex() for slot in disk_formats.slots(data / "keys").values()}
        if keys & set(history.shredded):
            raise Violation("a shredded key lies in the key store again")
        listed = (data / "erasures").read_text(encoding="utf-8")
        missing = [key for key in history.shredded if key not in listed]
        if missing:
            raise Violation("a shredded key is on no list of erasures")
