"""The standing world eleven years later: two administrators had its log pruned of nearly all that was."""
import time

import bend as bending
from clock_trial import DAY

PRUNED, ELEVEN_YEARS = "pruned", 4018 * DAY


def left_to_prune(gateway):
    said = gateway.must("metrics", "--data", gateway.data, sealed=False)["metrics"]
    return next(int(line.split()[1]) for line in said.splitlines() if line.startswith("flikvakt_pruning_left_entries "))


def prune(history, bend):
    """`history.past[PRUNED]`, made of the newest state. Commands see the clock of that time while `bend.commands_follow()`, where
    it stays."""
    history.put("newest")
    gateway = history.gateway
    one = ("--administrator", gateway.folder / "alice.key", "--data", gateway.data)
    bend.clock(0)
    limit = bending.day_after(bend.wall())
    bend.clock(ELEVEN_YEARS)
    with bend.commands_follow():
        gateway.must_start()
        gateway.must("clock", "accept", *one)
        gateway.must("log", "prune", limit, *gateway.administrators())
        end = time.monotonic() + 120
        while left_to_prune(gateway) > 0:
            if time.monotonic() > end:
                raise RuntimeError("the log is not pruned after two minutes")
            time.sleep(0.05)
        gateway.stop()
        gateway.must_start()  # the start before was in doubt about the clock, so it is of then
        gateway.must("log", "set-retention", "register_staff", "36525", *gateway.administrators())
        gateway.must("log", "set-retention", "default", "3000", *one)  # waits for a second
        gateway.stop()
    history.end()
    history.keep_as(PRUNED)
