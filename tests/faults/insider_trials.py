#!/usr/bin/python3
"""The insider test: whoever has the database, every key of the gateway and a shell rewrites the log, and is found.

    insider_trials.py                      300 edits of every kind, chosen by the seed, and 100 more of a log that was pruned before
    insider_trials.py --each 20            so many of every kind, and a third as many
    insider_trials.py --only NAME          one, or all whose name begins so
    insider_trials.py --list

FLIKVAKT_BUILD names the built tree.
"""
import argparse
import collections
import random
import shutil
import sys
import time

import insider_edits
import insider_pruned
import insider_state
import insider_trial
import world

SEED, EACH = 20261129, 300


def all_edits():
    out = [*insider_edits.all_edits(), *insider_state.state_edits(), *insider_pruned.pruned_edits()]
    twice = [name for name, count in collections.Counter(edit.name for edit in out).items() if count > 1]
    if twice:
        raise RuntimeError(f"names of edits twice: {twice}")
    return out


def sample(edits, each, seed, turned=False):
    """So many of every kind, of its crafts in turn; in an order that mixes the kinds. `turned`: beginning with any craft."""
    chance = random.Random(seed)
    turns = []
    for kind in insider_trial.KINDS:
        crafts = collections.defaultdict(list)
        for edit in edits:
            if edit.kind == kind:
                crafts[edit.craft].append(edit)
        for of_craft in crafts.values():
            chance.shuffle(of_craft)
        if turned:
            crafts = dict(chance.sample(sorted(crafts.items()), len(crafts)))
        taken = []
        while len(taken) < each and any(crafts.values()):
            taken += [of_craft.pop() for of_craft in crafts.values() if of_craft]
        turns.append(taken[:each])
    return [taken[at] for at in range(each) for taken in turns if at < len(taken)]


def chosen(edits, each, seed):
    """What is played in any case: one of each kind and craft, and one of each kind of a pruned log; and the rest: so many of every kind,
    and a third as many of a pruned log. Those of one log stand together: going from one to the other costs time."""
    kinds = len(insider_trial.KINDS)
    whole = sample([edit for edit in edits if not edit.is_pruned], each, seed)
    pruned = sample([edit for edit in edits if edit.is_pruned], max(1, each // 3), seed, turned=True)
    turns = [(whole[at:at + 3 * kinds], pruned[at // 3:at // 3 + kinds]) for at in range(0, len(whole), 3 * kinds)]
    first, *rest = [[*of_whole, *of_pruned] for of_whole, of_pruned in turns]
    return first, [edit for turn in rest for edit in turn]


def play(scene, edits, seed, say=lambda line: None, until=None):
    """{edit: verdict}, and violations by name. `until`: no edit begins after that time."""
    verdicts, violations = {}, {}
    for edit in edits:
        started = time.monotonic()
        if until is not None and started > until:
            break
        try:
            verdict = verdicts[edit] = insider_trial.run(scene, edit, seed)
            found = verdict.verify or f"witness {verdict.witness}, saved: {verdict.saved}"
            say(f"{time.monotonic() - started:4.1f} s  {verdict.by:10} start {verdict.start}  {edit.name}  | {found[:150]}")
        except insider_trial.Violation as violation:
            violations[edit.name] = str(violation)
            say(f"VIOLATION {violation}\n    again: insider_trials.py --seed {seed} --only '{edit.name}'")
    return verdicts, violations


def report(verdicts, violations, seed):
    lines = [f"seed {seed}: {len(verdicts) + len(violations)} edits, {len(violations)} that nobody found",
             f"{'':10} {'edits':>6} {'log verify':>11} {'witness':>8}   {'and the start locked':>20}"]
    for kind in (*insider_trial.KINDS, "all"):
        of_kind = [verdict for edit, verdict in verdicts.items() if kind in (edit.kind, "all")]
        by = collections.Counter(verdict.by for verdict in of_kind)
        locked = sum(verdict.start is not None for verdict in of_kind)
        lines.append(f"{kind:10} {len(of_kind):6} {by['log verify']:11} {by['witness']:8}   {locked:20}")
    of_pruned = collections.Counter(verdict.by for edit, verdict in verdicts.items() if edit.is_pruned)
    lines.append(f"  of a pruned log: {of_pruned['log verify']} by log verify, {of_pruned['witness']} by the witness alone")
    crafts = collections.Counter((edit.craft, verdict.by) for edit, verdict in verdicts.items())
    lines += [f"  {craft}: {crafts[craft, 'log verify']} by log verify, {crafts[craft, 'witness']} by the witness alone"
              for craft in insider_trial.CRAFTS]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", help="names, or how names begin")
    parser.add_argument("--each", type=int, default=EACH, help="so many of every kind, chosen by the seed")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--list", action="store_true")
    given = parser.parse_args()
    edits = all_edits()
    if given.only:
        edits = [edit for edit in edits if edit.name.startswith(tuple(given.only))]
        if not edits:
            world.wrong(f"--only: no edit's name begins so; names begin with {', '.join(insider_trial.KINDS)}; --list shows all")
    else:
        first, rest = chosen(edits, given.each, given.seed)
        edits = [*first, *rest]
    if given.list:
        print("\n".join(edit.name for edit in edits))
        return 0
    world.must_be_built()
    folder = world.folder_for("insider")
    try:
        scene = insider_trial.Scene(folder)
        verdicts, violations = play(scene, edits, given.seed, lambda line: print(line, flush=True))
        scene.end()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(report(verdicts, violations, given.seed))
    return 1 if violations or not verdicts else 0


if __name__ == "__main__":
    sys.exit(main())
