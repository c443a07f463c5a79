#!/usr/bin/python3
"""Plays Flikvakt's story with invented people against a real gateway on this machine.

    ./dev demo                    print the portal's address, play it, stay up, and print commands to try
    ./dev demo --data FOLDER      the same, in a folder that stays
    ./dev demo --check            play it without questions in a temporary folder, check the promises P1 to P8,
                                  the life of a consent, the log as evidence and the connectors, one line each, and say how long it
                                  took; exit 0 only if all hold
    ./dev demo --check --within 60   also fail when it took longer, for a machine that does nothing else: no test asks for it

FLIKVAKT_BUILD names the built tree (build/release). Needs the Debian packages of tools/packages.txt.
"""
import argparse
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="check the promises; no questions, nothing stays")
    parser.add_argument("--data", type=pathlib.Path, help="a new or empty folder that stays (default: a temporary one)")
    parser.add_argument("--within", type=float, metavar="SECONDS", help="with --check: fail when it takes longer (used by hand, on an idle machine)")
    given = parser.parse_args()
    if given.within is not None and not given.check:
        parser.error("--within goes with --check")
    return given


def program():
    build = pathlib.Path(os.environ.get("FLIKVAKT_BUILD") or HERE.parent / "build" / "release")
    return (build if build.is_absolute() else HERE.parent / build) / "admin" / "flikvakt"


def folder(given):
    """The folder of the run, and what keeps it only so long."""
    if given is None:
        temporary = tempfile.TemporaryDirectory(prefix="flikvakt-demo-")
        return pathlib.Path(temporary.name), temporary
    given.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(given.iterdir()):
        sys.exit(f"--data: `{given}` is not empty")
    return given.resolve(), None


def begin(binary, where, witnessed=False, connected=False):
    """An instance with its registry, serving. `witnessed`: with a witness of its log, and a copy of the machine at this hour.
    `connected`: connectors may dial in."""
    import cast
    import connectors
    import gateway
    import scenes
    import witness
    made = gateway.Gateway(binary, where)
    try:
        made.found(cast.clients_of_pki())
        if witnessed:
            made.be_witnessed(witness.Witness(binary, where / "witness", made.log_key).start())
        if connected:
            connectors.prepare(made)
        made.must_start()
        scenes.say("Ett nytt Flikvakt: två administratörer och en återställningsnyckel, tre lyssnare på lediga portar.")
        ids = made.apply("setup.json", cast.registry_acts())
        if connected:
            connectors.register(made)
        scenes.say("Registret: fyra slags myndigheter, en insatsaktör, ett samordningsförbund, ett team, en coach.")
        if witnessed:
            made.stop()
            made.set_aside = made.copy_all(where / "in-the-morning")
            made.must_start()
    except BaseException:
        made.end()
        raise
    return made, ids


def perform(gateway, ids, where, check):
    import cast
    import connectors
    import documents
    import scenes
    story = scenes.Story(gateway, cast.Cast(gateway, ids), documents.make_all(where / "documents"))
    if (where / "connectors").exists():
        story.connectors = connectors.Connectors(gateway, ids)
    story.before_revocation()
    if check:
        import probes
        return probes.play(story)
    story.revocation()
    story.afterwards()
    if gateway.set_aside is not None:
        import evidence
        evidence.play(story)
    return story


def verdict(evidence):
    """Prints one line for each promise; True when all hold."""
    import checks
    held = True
    print(flush=True)
    for promise in checks.PROMISES:
        problems = promise.problems(evidence)
        print(promise.line(problems), flush=True)
        held = held and not problems
    return held


def told_in_time(seconds, held, within):
    """The last line of the verdict. Whether it took no longer than it was told to."""
    in_time = within is None or seconds <= within
    late = "" if in_time else f": longer than {within:g} s"
    print(f"{'every promise holds' if held else 'a promise is BROKEN'}; {seconds:.1f} s{late}", flush=True)
    return in_time


def play(binary, where, check, within=None):
    started, gateway, port = time.monotonic(), None, None
    if not check:
        import commands
        import portal
        port = portal.hold_port(portal.PORT)
        commands.announce(port.getsockname()[1])
    import gateway as gateways
    gateways.Gateway.lets_all_through = False
    try:
        gateway, ids = begin(binary, where, witnessed=True, connected=True)
        result = perform(gateway, ids, where, check)
        if check:
            held = verdict(result)
            in_time = told_in_time(time.monotonic() - started, held, within)
            return 0 if held and in_time else 1
        commands.stay(gateway, result, port.getsockname()[1])
        return 0
    finally:
        if gateway is not None:
            gateway.end()
        if port is not None:
            port.close()


def main():
    given = arguments()
    binary = program()
    if not binary.exists():
        sys.exit(f"`{binary}` is missing: run ./dev build, or set FLIKVAKT_BUILD")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    where, temporary = folder(given.data)
    try:
        return play(binary, where, given.check, given.within)
    except KeyboardInterrupt:
        return 130
    except (RuntimeError, OSError, subprocess.SubprocessError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    finally:
        if temporary is not None:
            temporary.cleanup()


if __name__ == "__main__":
    sys.exit(main())
