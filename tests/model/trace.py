"""The invariants of commit_protocol.pml on a trace of the real program: what the disk below it and its clients saw, as events. A trace
is of one life of a data directory: readings, one revocation, an end, perhaps an older database put back, a restart. All times are
nanoseconds of the steady clock. `broken(trace)` names each invariant that does not hold, with why.
"""
from dataclasses import dataclass

PATIENCE = 10_000_000_000  # I5: a revocation on a disk that works


@dataclass
class Wrote:
    """A write of the database's log has returned."""
    at: int


@dataclass
class Synced:
    """A sync of the database's log that went well."""
    began: int
    ended: int


@dataclass
class Opened:
    """A reading of which a client saw the head of the answer."""
    reading: str
    asked: int
    covered: bool  # by what is revoked


@dataclass
class Sent:
    """One send(2) of the program with bytes of a reading; in flight at the end of the trace: `ended` is None."""
    reading: str
    began: int
    ended: int | None


@dataclass
class Revoked:
    """The person sent the revocation. `acknowledged`: when the program's own send of the answer began; None: no answer."""
    asked: int
    acknowledged: int | None


@dataclass
class Ended:
    """The process is gone, killed or by itself."""
    at: int


@dataclass
class PutBack:
    """The database as it was before the revocation lies there again."""


@dataclass
class Restarted:
    """`log`: entries in order, as (kind, reading or None), of permitted acts. None: the program is locked, and serves nothing."""
    log: list | None
    revoked: bool | None
    serves: bool | None  # what the revocation covers, asked for anew


def of(trace, kind):
    return [one for one in trace if isinstance(one, kind)]


def is_durable_between(trace, asked, byte):
    """A write after `asked`, and a sync that began after that write and ended before `byte`."""
    first = min((one.at for one in of(trace, Wrote) if one.at > asked), default=None)
    return first is not None and any(one.began >= first and one.ended <= byte for one in of(trace, Synced))


def late_sends(trace, acknowledged):
    covered = {one.reading for one in of(trace, Opened) if one.covered}
    for one in of(trace, Sent):
        if one.reading in covered and (one.ended is None or one.ended > acknowledged):
            how = "begins" if one.began > acknowledged else "is under way"
            yield f"I1: a send of {one.reading} {how} after the acknowledgement"


def early_bytes(trace):
    for opened in of(trace, Opened):
        sends = [one.began for one in of(trace, Sent) if one.reading == opened.reading]
        if sends and not is_durable_between(trace, opened.asked, min(sends)):
            yield f"I2: a byte of {opened.reading} was sent before its entry was durable"


def forgotten(trace, restart):
    logged = {reading for kind, reading in restart.log if kind == "open_reading"}
    for one in of(trace, Sent):
        if one.reading not in logged:
            yield f"I2: bytes of {one.reading} were sent, and it has no entry"
    for one in of(trace, Opened):
        if one.reading not in logged:
            yield f"I3: {one.reading} was permitted, and has no entry"
    if any(one.acknowledged is not None for one in of(trace, Revoked)) and not restart.revoked:
        yield "I3: an acknowledged revocation is not in force"


def behind_the_revocation(trace, log):
    covered = {one.reading for one in of(trace, Opened) if one.covered}
    at = next((place for place, (kind, _) in enumerate(log) if kind == "revoke_fullmakt"), len(log))
    for kind, reading in log[at:]:
        if kind == "open_reading" and reading in covered:
            yield f"I7: {reading} was permitted behind the revocation"


def after_restart(trace, restart):
    acknowledged = any(one.acknowledged is not None for one in of(trace, Revoked))
    if restart.log is None:
        return [] if of(trace, PutBack) else ["I6: locked, and nothing older was put back"]
    found = list(behind_the_revocation(trace, restart.log))
    if acknowledged and restart.serves:
        found.append("I1: what was taken back is served after a restart")
    if not of(trace, PutBack):
        return found + list(forgotten(trace, restart))
    return found + (["I4: an older database serves after an acknowledged revocation"] if acknowledged and not restart.revoked else [])


def broken(trace):
    """Each violation as `I…: why`, once, in the order of the invariants."""
    found = list(early_bytes(trace))
    for one in of(trace, Revoked):
        end = min((ended.at for ended in of(trace, Ended)), default=one.asked + PATIENCE)
        if one.acknowledged is None and end - one.asked >= PATIENCE:
            found.append("I5: a revocation was not acknowledged, and the program did not end")
        if one.acknowledged is not None:
            found += late_sends(trace, one.acknowledged)
    for restart in of(trace, Restarted):
        found += after_restart(trace, restart)
    return sorted(dict.fromkeys(found))
