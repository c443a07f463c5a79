#!/usr/bin/python3
"""A disk that is really full: the instance lies on a small tmpfs of its own (in a mount namespace), somebody fills it, and it is emptied
again. Prints what a reader, a depositor and the person were told, as JSON; full_disk_test.py judges it.

    tests/faults/full_disk.py

The namespace is made with `unshare -Urm`: nobody else sees what is mounted. Where there is none nothing is mounted.
"""
import argparse
import contextlib
import io
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from world import ALLOWED, World, content, must_be_built, wrong

import wire

MEGABYTES = 400  # the last 256 are not for documents


def fill(folder):
    """Everything that is left, to the last block."""
    path = folder / "filler"
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"x" * 1_000_000):
            pass
    with path.open("ab", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"x" * 512):
            pass
    return path


def revoke(world, name):
    return world.cast.milo.try_act({"kind": "revoke_fullmakt", "id": world.fullmakter[name]}).status


def read(world, name):
    answer = world.read(*ALLOWED[name])
    return answer.status, answer.status == 200 and answer.body == content(ALLOWED[name][1], len(answer.body))


def announce(world):
    maja = world.cast.maja
    facts = {"flik": "journal", "title": "full", "author": "Maja Fiktelius", "date": "2026-03-02", "media_type": "application/pdf", "size": 9,
             "sha256": wire.base64url(bytes(32)), "other_subjects": []}
    return maja.try_act({"kind": "begin_deposit", "id": wire.new_id(), "person": maja.handle(world.cast.milo.number), "facts": facts,
                         "other_subjects": []}).status


def play(world):
    gateway, out = world.gateway, {}
    gateway.must_start()
    world.cast.milo.overview()
    out["before"] = {"read": read(world, "robin"), "deposit": announce(world)}
    filler = fill(gateway.folder)
    # Once it has noticed: what is left in the files themselves may still serve a few.
    for _ in range(200):
        status, _ = read(world, "robin")
        if status != 200:
            break
    out["full"] = {"reads": [read(world, "robin") for _ in range(3)], "deposit": announce(world),
                   "revocations": [revoke(world, "team"), revoke(world, "provider")], "alive": gateway.process.poll() is None}
    out["full, after the revocations"] = {"reads": [read(world, name)[0] for name in ("team", "provider")]}
    filler.unlink()
    end = time.monotonic() + 60
    while read(world, "robin")[0] != 200 and time.monotonic() < end:
        time.sleep(0.1)
    out["emptied"] = {"read": read(world, "robin"), "deposit": announce(world), "revoked": [read(world, name)[0] for name in ("team", "provider")]}
    gateway.stop(9)
    gateway.must_start()
    out["started again"] = {"read": read(world, "robin"), "revoked": [read(world, name)[0] for name in ("team", "provider")]}
    world.end()
    out["verify"] = world.verify()[0]
    return out


def in_own_namespace():
    """Starts this program anew where only it sees what it mounts."""
    own = ["unshare", "-Urm"]
    if not shutil.which(own[0]) or subprocess.run([*own, "true"], capture_output=True).returncode != 0:
        wrong("this mounts a small disk, and only in a mount namespace of its own: `unshare -Urm` makes none here")
    os.execvp(own[0], [*own, "/usr/bin/python3", "-B", __file__, "--inside"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    must_be_built()
    if not given.inside:
        in_own_namespace()
    with tempfile.TemporaryDirectory(prefix="flikvakt-full-") as folder:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m,mode=0700", "none", folder], check=True)
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                world = World(pathlib.Path(folder) / "world")
            try:
                print(json.dumps(play(world)))
            finally:
                world.end()
        finally:
            subprocess.run(["umount", "-l", folder], check=True)


if __name__ == "__main__":
    sys.exit(main())
