"""What the program promises of itself when a call fails, and what a full disk and a call that hangs may not change."""
import errno
import signal

import disk
from world import must

DATABASE = ("rows.db-wal", "rows.db", "head")  # where nobody knows what stands after a failed write
KEYS = ("keys", "erasures")  # a new key can be done without, a destroyed one cannot
GOES_ON, KILLED, STOPS = None, -signal.SIGKILL, 3  # 3: at once, because nobody knows what reached the disk


def ends(fault, number, is_sticky, hit):
    """The ends that are allowed of a gateway after `hit`, the (call, path) that failed; None: it did not come to that."""
    if fault in (disk.KILL_BEFORE, disk.KILL_AFTER):
        return {KILLED} if hit else {GOES_ON}
    if fault != disk.ERROR or hit is None:
        return {GOES_ON}  # what hangs, or writes half, comes to its end
    if is_sticky:
        return {GOES_ON, STOPS}  # which calls followed is not told apart
    call, path = hit
    if path in DATABASE:
        return {STOPS} if call in disk.SYNC_CALLS or path == "head" or number != errno.ENOSPC else {GOES_ON}
    if path.startswith("erasures") and number == errno.ENOSPC and call not in disk.SYNC_CALLS:
        return {GOES_ON}  # an erasure takes away too: it has the reserve
    # Documents and the reserve can be done without; the data directory itself is synced at start-up and after an erasure.
    return {GOES_ON, STOPS} if path.startswith((*KEYS, "/")) else {GOES_ON}


def must_be_refused(narrows, fault, hit):
    """A document or a key whose sync failed is not acknowledged; an erasure is, once the key is destroyed."""
    return bool(hit) and not narrows and fault == disk.ERROR and hit[0] in disk.SYNC_CALLS and hit[1].startswith(("keys", "objects"))


def ends_of_its_own(allowed, ends_with):
    """The same of an act in which the program ends anyway, with one of `ends_with` when nobody is unsure."""
    return (allowed & {KILLED, STOPS}) | (set() if allowed == {KILLED} else set(ends_with))


def must_be_taken_back(narrows, fault, number, is_sticky, hit):
    """P7: on a disk that was full at one call, what narrows is acknowledged; a failed sync ends the program instead."""
    if not (narrows and hit and fault == disk.ERROR and number == errno.ENOSPC and not is_sticky):
        return False
    return ends(fault, number, is_sticky, hit) == {GOES_ON}


def must_wait(events, stall, narrows):
    """Whether the act's own answer must wait for the call that hangs: its commit, or for what narrows the head file's."""
    earlier = [one for one in events if one.counted and one.nanoseconds < stall.nanoseconds and one.result >= 0]
    commits = [one.nanoseconds for one in earlier if (one.call, one.path) == (b"fdatasync", b"rows.db-wal")]
    heads = [one.nanoseconds for one in earlier if (one.call, one.path) == (b"fdatasync", b"head")]
    if stall.path == b"rows.db-wal":
        return not commits
    if stall.path == b"head":
        return not commits or (narrows and not any(one > commits[-1] for one in heads))
    return False


def judge_stall(events, narrows, told, answered, released):
    """`answered`, `released`: nanoseconds of the steady clock. True when it was one that the answer had to wait for."""
    stall = next((one for one in events if one.call == b"stall"), None)
    if stall is None or not must_wait(events, stall, narrows):
        return False
    must(told is not True or answered > released, f"acknowledged while {stall.path.decode()} hung")
    return True
