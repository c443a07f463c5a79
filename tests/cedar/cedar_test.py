"""The decision rules in Cedar, a language made for such rules, decide the same cases as the product: README.md here.

Needs node, and npm once, to fetch @cedar-policy/cedar-wasm as package-lock.json names it. Without npm or its registry the tests are
skipped. FLIKVAKT_LONG=1 plays a hundred times as many random cases, in parts.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CASES = pathlib.Path(os.environ.get("FLIKVAKT_BUILD", ROOT / "build" / "release")) / "tests" / "policy_cases"
CORPUS = sorted((HERE / "corpus").glob("*.jsonl"))
SEED = 20261122
CASES_A_PART = 10_000
LONG_PARTS, LONG_CASES_A_PART = 50, 20_000
NPM_SECONDS = 120
PART_SECONDS = 3600
# npm's codes for what a machine without network or registry says; all else is a fault of ours.
UNREACHABLE = re.compile(r"code (E[A-Z]*(?:NOTFOUND|AGAIN|CONN\w+|TIMEDOUT|TIMEOUT|UNREACH|PROTO)|E[45]\d\d|E?NOTCACHED|\w*CERT\w*)\b")

# Each says one sentence of the rules otherwise: what stands in rules.cedar, and what then stands there.
FLIPS = [
    ("context.sparr.in_force", "true"),
    ("context.sparr.person == context.person", "true"),
    ('else true)) ||\n  (context.sparr.terms.target == "document"', 'else false)) ||\n  (context.sparr.terms.target == "document"'),
    ("context.sparr.terms.from <= resource.facts.date", "context.sparr.terms.from < resource.facts.date"),
    ("resource.facts.date <= context.sparr.terms.to", "resource.facts.date < context.sparr.terms.to"),
    ("resource in context.sparr.terms.document", "resource == context.sparr.terms.document"),
    ("(context.sparr.terms.document in context.version &&", "(false && context.sparr.terms.document in context.version &&"),
    ("context.sparr.terms.recipients.isEmpty()", "false"),
    ("context.ask.t < context.fullmakt.terms.valid_to", "context.ask.t <= context.fullmakt.terms.valid_to"),
    ("context.fullmakt.terms.valid_from <= context.ask.t", "context.fullmakt.terms.valid_from < context.ask.t"),
    (' ||\n   context.fullmakt.status == "exhausted")', ")"),
    ("context.fullmakt.person == context.person", "true"),
    ("context.entry.epoch ==", "0 <="),
    ("context.ask.t < context.sparr.terms.until", "context.ask.t <= context.sparr.terms.until"),
    ("!context.fullmakt.relinquished.contains({kind: \"staff\", id: principal.id})", "true"),
    ("context.fullmakt.terms.kontrakt.person == context.fullmakt.person", "true"),
    ("context.ask.t < context.part.valid_to", "true"),
    ("context.authorisation.areas.contains(context.part.area)", "true"),
    ("context.covered && context.unblocked", "context.covered"),
    ("unless { resource has masking }", ""),
    ("context.fullmakt.readings < context", "context.fullmakt.readings <= context"),
    ("!(context.ask has certificate || context.ask has assertion_key)", "true"),
    ("!(context.ask has token_issuer) &&", ""),
    ("context.ask.passkey.staff == principal", "true"),
    ("context.ask.passkey.organisation == context.ask.organisation", "true"),
    ("context.ask.token_issuer.organisation == context.ask.organisation", "true"),
    ("context.ask.token_subject == principal.id", "false"),
    ("context.ask.token_subject == principal.subject", "true"),
]


class NodeDied(Exception):
    """By a signal: V8 20.20 was seen to abort after some 90,000 cases. It says nothing of the cases."""


def node(*arguments, stdin=None, seconds=PART_SECONDS):
    """What play.mjs prints, parsed."""
    ran = subprocess.run(["node", HERE / "play.mjs", *arguments], stdin=stdin, capture_output=True, text=True, timeout=seconds, check=False)
    if ran.returncode < 0:
        raise NodeDied(f"node died of signal {-ran.returncode}: {ran.stderr[-400:]}")
    if ran.returncode != 0:
        raise AssertionError(f"play.mjs ended with {ran.returncode}: {ran.stderr[-4000:]}")
    return json.loads(ran.stdout)


def play(case_words, *arguments, seconds=PART_SECONDS):
    with subprocess.Popen([CASES, *case_words], stdout=subprocess.PIPE) as cases:
        result = node(*arguments, stdin=cases.stdout, seconds=seconds)
        if cases.wait() != 0:
            raise AssertionError(f"policy_cases {' '.join(map(str, case_words))} ended with {cases.returncode}")
    return result


def play_again(case_words):
    """Once more, from the beginning of the part, when node died; a second time it is a failure."""
    try:
        return play(case_words), 0
    except NodeDied as died:
        print(f"\n{died}; the part is played again", flush=True)
        return play(case_words), 1


def noticing(mutants):
    """For each text of rules the name of a kept case that it decides otherwise, or None."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "mutants.json"
        path.write_text(json.dumps(mutants), encoding="utf-8")
        found = [play(["--kept", file], "--mutants", path) for file in CORPUS]
    return [next(filter(None, names), None) for names in zip(*found)]


def fetch():
    """npm ci, unless what the lock file names is there."""
    installed = HERE / "node_modules" / ".package-lock.json"
    if installed.exists() and installed.stat().st_mtime >= (HERE / "package-lock.json").stat().st_mtime:
        return
    if not shutil.which("npm"):
        raise unittest.SkipTest("npm is not here, and Cedar was not fetched before: no third opinion on the rules")
    try:
        ran = subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=HERE, capture_output=True, text=True, timeout=NPM_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise unittest.SkipTest("npm could not fetch Cedar in time: no third opinion on the rules") from None
    if ran.returncode == 0:
        installed.touch()
    elif code := UNREACHABLE.search(ran.stderr):
        raise unittest.SkipTest(f"npm could not reach its registry ({code.group(1)}): no third opinion on the rules")
    else:
        raise AssertionError(ran.stderr)


def setUpModule():
    if not shutil.which("node"):
        raise unittest.SkipTest("node is not here: no third opinion on the rules")
    fetch()


class Cedar(unittest.TestCase):
    def expect_no_difference(self, result):
        self.assertGreater(result["cases"], 0)
        self.assertEqual(result["differ"], 0, json.dumps(result["differences"], indent=1, ensure_ascii=False))

    def test_rules_and_schema_are_sound_and_know_every_member_of_the_rows(self):
        with subprocess.Popen([CASES, "--shapes"], stdout=subprocess.PIPE) as shapes:
            self.assertEqual(node("--validate", stdin=shapes.stdout), [])

    def test_a_member_or_a_table_that_the_schema_does_not_know_is_told(self):
        shapes = json.loads(subprocess.run([CASES, "--shapes"], capture_output=True, check=True).stdout)
        shapes["36"]["terms"]["while"] = None
        shapes["43"] = {"id": None}
        del shapes["32"]["epoch"]
        with tempfile.TemporaryFile("w+") as file:
            json.dump(shapes, file)
            file.seek(0)
            told = node("--validate", stdin=file)
        self.assertEqual(len(told), 3, told)
        for what in ("`while`", "table 43", "no member `epoch`"):
            self.assertTrue(any(what in line for line in told), told)

    def test_a_row_with_such_a_member_or_of_a_wrong_type_stops_the_play(self):
        text = CORPUS[0].read_text(encoding="utf-8")
        for change in (('"epoch":1', '"epoch":1,"colour":true'), ('"epoch":1', '"epoch":"one"'), ('"authority"', "7")):
            with tempfile.TemporaryFile("w+") as file, self.subTest(change[1]):
                file.write(text.replace(*change, 1))
                file.seek(0)
                with self.assertRaises(AssertionError):
                    node(stdin=file)

    # SPEC RULE-1, RULE-2, RULE-3, RULE-4, RULE-5, RULE-6, RULE-7, RULE-10, RULE-11, RULE-12, RULE-13, RULE-14, RULE-15, RULE-16, RULE-17, RULE-18, RULE-19
    # SPEC RULE-20, RULE-21, RULE-22, RULE-23, RULE-24, RULE-30
    def test_the_kept_cases_are_decided_alike(self):
        for file in CORPUS:
            self.expect_no_difference(play(["--kept", file]))

    def test_every_numbered_rule_has_a_kept_case(self):
        page = (ROOT / "spec" / "decision-rules.md").read_text(encoding="utf-8")
        named = set(re.findall(r"RULE-\d+", "".join(file.read_text(encoding="utf-8") for file in CORPUS)))
        # RULE-31 and RULE-32 say what is counted and named, not what is decided.
        self.assertEqual(set(re.findall(r"\*\*(RULE-\d+)\*\*", page)) - named, {"RULE-31", "RULE-32"})

    def test_without_any_one_policy_a_kept_case_is_decided_otherwise(self):
        policies = node("--policies")
        self.assertGreater(len(policies), 15)
        mutants = ["\n".join(policies[:index] + policies[index + 1:]) for index in range(len(policies))]
        for policy, name in zip(policies, noticing(mutants)):
            self.assertIsNotNone(name, f"no kept case needs this policy:\n{policy}")

    def test_with_any_one_sentence_said_otherwise_a_kept_case_is_too(self):
        rules = (HERE / "rules.cedar").read_text(encoding="utf-8")
        for there, _ in FLIPS:
            self.assertEqual(rules.count(there), 1, there)
        for flip, name in zip(FLIPS, noticing([rules.replace(*flip) for flip in FLIPS])):
            self.assertIsNotNone(name, f"no kept case notices {flip}")

    def test_random_cases_are_decided_alike(self):
        is_long = os.environ.get("FLIKVAKT_LONG") == "1"
        parts, count = (LONG_PARTS, LONG_CASES_A_PART) if is_long else (1, CASES_A_PART)
        total, by_rule, started, deaths = 0, {}, time.monotonic(), 0
        for part in range(parts):
            result, died = play_again(["--seed", str(SEED + part), "--count", str(count)])
            deaths += died
            self.expect_no_difference(result)
            total += result["cases"]
            for rule, number in result["by_rule"].items():
                by_rule[rule] = by_rule.get(rule, 0) + number
        self.assertEqual(total, parts * count)
        for rule in "01234567":
            self.assertGreater(by_rule.get(rule, 0), total // 500, f"cases in which rule {rule} decides are too few to tell")
        told = ", ".join(f"{rule}: {by_rule[rule]}" for rule in sorted(by_rule))
        print(f"\ncounts: {total} cases, 0 differences, by rule: {told}; {total / (time.monotonic() - started):.0f} a second; node died {deaths} times", flush=True)


if __name__ == "__main__":
    unittest.main()
