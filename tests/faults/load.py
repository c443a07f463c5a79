#!/usr/bin/python3
"""The gateway under load: who works beside a flood, and whether taking back gets through.

    load.py [--long] [--scene NAME …] [--seed N] [--json FILE] [--no-pin]

Scenes: flood (one organisation at ten times its quota; others alone and beside it in turn), narrowing (the same with acts that
no rate limits), strangers (who are nobody here), idle (thousands of silent connections), slow (half a head, half a body, half a
handshake, readers that do not read), queue (a disk that holds everything up).
The gateway is pinned to CPU 0 and all clients to CPU 1 (--no-pin: neither). --long: the figures of issue 3; else seconds of each.
"""
import argparse
import json
import os
import pathlib
import shutil
import time

import bend as bending
import flooding
import refusing
import side_channels
import slow
import world
from measuring import Others, entries, probes, spread, stored

FLOODER = "kommun"
WINDOW = 5.0  # seconds alone, then as many beside the flood


class Instance:
    """A fresh world that serves, pinned; what one scene needs."""

    def __init__(self, made, pinned, bend=None):
        made.restore()
        made.gateway.environment = bend.environment() if bend else {}
        made.gateway.must_start()
        if pinned:
            side_channels.pin(made.gateway.process.pid, 0)
        made.story.first_certificates()
        self.made = made

    def __enter__(self):
        return self.made

    def __exit__(self, *_):
        self.made.end()


def revocation_figures(revoked):
    out = {"not acknowledged": sum(status != 200 for _, _, status, _ in revoked)}
    for name, which in (("alone", False), ("beside", True)):
        for kind in ("kept connection", "new connection"):
            these = [ms for flooded, on, status, ms in revoked if (flooded, on, status) == (which, kind, 200)]
            out[f"{name}, {kind}"] = spread(these)
    return out


def beside_flood(made, kinds, rate, windows, seconds):
    flood = flooding.Flood(made, FLOODER, rate, kinds).start()
    revoking = flooding.Revoking(made).start()
    before, bytes_before, started = entries(made), stored(made), time.monotonic()
    others = Others(made, 10).beside(flood, windows, seconds, [revoking])
    probed = probes(made)
    revoked, got = revoking.finish(), flood.finish()
    seconds_passed = time.monotonic() - started
    return {"others": others.figures(), "flood": {str(key): count for key, count in got.items()}, "narrowing acts": probed,
            "revocations": revocation_figures(revoked),
            "log": {"entries a second": round((entries(made) - before) / seconds_passed, 1),
                    "bytes a second": round((stored(made) - bytes_before) / seconds_passed)}}


def growth(made, kinds, seconds, rate=10 * flooding.QUOTA):
    """What one organisation's flood alone adds to the log."""
    flood = flooding.Flood(made, FLOODER, rate, kinds).start()
    time.sleep(0.5)
    before, kept, started = entries(made), stored(made), time.monotonic()
    flood.on.set()
    time.sleep(seconds)
    flood.on.clear()
    passed = time.monotonic() - started
    time.sleep(0.5)
    got, grown = flood.finish(), entries(made) - before
    return {"asked": {str(key): count for key, count in got.items()}, "seconds": round(passed, 1), "entries": grown,
            "entries a second": round(grown / passed, 1), "bytes an entry": round((stored(made) - kept) / max(1, grown))}


def flood(made, long):
    grown = growth(made, ("permitted", "refused"), 20 if long else 1)
    windows, seconds = (20, WINDOW) if long else (1, 1)
    return {**beside_flood(made, ("permitted", "refused", "refused"), 10 * flooding.QUOTA, windows, seconds), "its own growth": grown}


def narrowing(made, long):
    grown = growth(made, ("narrowing",), 20) if long else {}
    windows, seconds = (6, WINDOW) if long else (1, 1)
    return {**beside_flood(made, ("narrowing",), 10 * flooding.QUOTA, windows, seconds), "its own growth": grown}


SCENES = {"flood": flood, "narrowing": narrowing, "strangers": slow.strangers, "idle": slow.idle, "slow": slow.slow,
          "queue": slow.queue}


def play(made, name, long, pinned=True):
    bend = bending.Bend(made.folder) if name == "queue" else None
    with Instance(made, pinned, bend) as ready:
        ready.bend = bend
        out = SCENES[name](ready, long)
        ready.end()
        out["verify"] = ready.verify()[0]
        return out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--scene", action="append", choices=SCENES)
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--no-pin", action="store_true")
    given = parser.parse_args()
    if not given.no_pin:
        os.sched_setaffinity(0, {1})
    folder, result = world.folder_for("load"), {}
    try:
        made = refusing.Refusing(folder)
        for name in given.scene or SCENES:
            result[name] = play(made, name, given.long, not given.no_pin)
            print(json.dumps({name: result[name]}, ensure_ascii=False, indent=1), flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if given.json:
        given.json.write_text(json.dumps(result, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
