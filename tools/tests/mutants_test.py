import pathlib
import shlex
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import mutants
from mutation_sites import draw, sites

RULE = """// a < b && true
#include <a < b>
namespace n {
struct Limit {
  bool is_open = true;
};
constexpr auto kWait = 250ms;
bool may(const Limit& limit, int a, int b) {
  std::vector<std::pair<int, int>> none;
  spdlog::info("a && b", a < b);
  if (!limit.is_open) return false;  // never || always
  log.push_back("!true");
  for (int i = 0; i < b; ++i) step(i);
  return a == 1 && (b < 2 || std::move(b) >= 3) && a != 4;
}
Reason why(int a) {
  if (Reason r = other(); r != Reason::none && a > 1)
    return r;
  return a ? Reason::unknown : Reason::none;
}
}
"""


def changes(text, operator=None):
    return [(one.line, one.old, one.new) for one in sites("policy/x.cpp", text) if operator in (None, one.operator)]


class Sites(unittest.TestCase):
    def test_each_operator_finds_its_places(self):
        self.assertEqual(changes(RULE, "boundary"), [(13, "<", "<="), (14, "<", "<="), (14, ">=", ">"), (17, ">", ">=")])
        self.assertEqual(changes(RULE, "equality"), [(14, "==", "!="), (14, "!=", "=="), (17, "!=", "==")])
        self.assertEqual(changes(RULE, "and-or"), [(14, "&&", "||"), (14, "||", "&&"), (14, "&&", "||"), (17, "&&", "||")])
        self.assertEqual(changes(RULE, "not"), [(11, "!", "")])
        self.assertEqual(changes(RULE, "truth"), [(11, "false", "true")])
        self.assertEqual(changes(RULE, "reason"), [(19, "unknown", "none")])
        self.assertEqual(changes(RULE, "time"), [(7, "250ms", "251ms"), (7, "250ms", "249ms")])
        self.assertEqual(changes("inline constexpr std::chrono::days kLasts{14};\nconstexpr int kMost{14};\n"),
                         [(1, "14", "15"), (1, "14", "13")])
        self.assertEqual(changes(RULE, "guard"), [
            (11, "if (!limit.is_open) return false;", ";"),
            (17, "if (Reason r = other(); r != Reason::none && a > 1) return r;", ";")])
        self.assertEqual(changes(RULE, "statement"), [(12, 'log.push_back("!true");', ";"), (13, "step(i);", ";")])
        self.assertEqual(changes(RULE, "negation"), [
            (17, "r != Reason::none && a > 1", "!(r != Reason::none && a > 1)"), (19, "a", "!(a)")])

    def test_each_term_of_a_chain_is_dropped_once(self):
        after = [one.after for one in sites("x.cpp", RULE) if one.operator == "term" and one.line == 14]
        self.assertEqual(sorted(after), sorted([
            "return (b < 2 || std::move(b) >= 3) && a != 4;", "return a == 1 && a != 4;",
            "return a == 1 && (b < 2 || std::move(b) >= 3);", "return a == 1 && (std::move(b) >= 3) && a != 4;",
            "return a == 1 && (b < 2) && a != 4;"]))

    def test_comments_strings_includes_types_and_logging_are_left_alone(self):
        touched = {one.line for one in sites("x.cpp", RULE)}
        self.assertFalse(touched & {1, 2, 4, 5, 9, 10}, touched)
        for one in sites("x.cpp", RULE):
            bent = one.applied_to(RULE)
            for kept in ("// a < b && true", "#include <a < b>", '"a && b"', "// never || always"):
                self.assertIn(kept, bent)

    def test_a_mutant_differs_from_its_source_in_one_place(self):
        for one in sites("x.cpp", RULE):
            bent = one.applied_to(RULE)
            self.assertNotEqual(bent, RULE)
            self.assertEqual(bent[:one.start] + RULE[one.start:one.end] + bent[one.start + len(one.new):], RULE)

    def test_the_real_sources_give_mutants_of_every_operator(self):
        found = [one for name in mutants.sources() for one in mutants.mutants_of(name)]
        self.assertGreater(len(found), 1000)
        self.assertEqual({one.operator for one in found}, {"boundary", "equality", "and-or", "term", "negation", "not", "truth", "reason",
                                                           "guard", "statement", "time"})
        self.assertEqual(len({one.id() for one in found}), len(found))
        for name in mutants.SEQUENCER:
            self.assertTrue([one for one in found if one.file.startswith(f"service/{name}.")], name)


class Draw(unittest.TestCase):
    def keys(self, text, seed=1):
        return [one.key() for one in draw(sites("x.cpp", text), seed)]

    def test_it_is_the_same_when_lines_move(self):
        self.assertEqual(self.keys(RULE), self.keys("\n// more\n" + RULE))
        self.assertNotEqual(self.keys(RULE), self.keys(RULE, seed=2))

    def test_it_is_nearly_the_same_when_other_code_changes(self):
        changed = RULE.replace("step(i)", "leap(i)")
        self.assertGreaterEqual(len(set(self.keys(RULE)[:12]) & set(self.keys(changed)[:12])), 10)

    def test_it_is_spread_over_files_and_operators(self):
        found = sites("x.cpp", RULE) + sites("y.cpp", RULE * 4)
        first = draw(found, 1)[:12]
        self.assertIn(sum(1 for one in first if one.file == "y.cpp"), (7, 8, 9))
        self.assertGreaterEqual(len({one.operator for one in first}), 8)

    def test_equal_lines_are_different_mutants(self):
        twice = [one.id() for one in sites("x.cpp", RULE + RULE)]
        self.assertEqual(len(set(twice)), len(twice))


SURVIVOR = """[[survivor]]
file = "policy/x.cpp"
operator = "not"
before = 'if (!a) return;'
after = 'if (a) return;'
reason = "REASON"
"""


class Survivors(unittest.TestCase):
    def mutant(self):
        return next(one for one in sites("policy/x.cpp", "void f() {\n  if (!a) return;\n}\n") if one.operator == "not")

    def read(self, reason):
        return mutants.read_survivors(SURVIVOR.replace("REASON", reason))

    def test_what_the_tool_prints_is_what_it_reads(self):
        printed = mutants.entry_for(self.mutant()).replace('""', '"equivalent because of this and that"')
        self.assertEqual(list(mutants.read_survivors(printed)), [self.mutant().key()])

    def test_an_entry_without_a_reason_or_with_a_wrong_member_is_refused(self):
        for text in (SURVIVOR.replace("REASON", ""), SURVIVOR.replace("operator", "op"), SURVIVOR + SURVIVOR):
            with self.assertRaises(ValueError):
                mutants.read_survivors(text)

    def test_the_kept_ones_can_be_read(self):
        mutants.read_survivors(mutants.SURVIVORS.read_text(encoding="utf-8"))

    def test_too_many_or_unexplained_survivors_fail(self):
        result = mutants.Result(self.mutant(), "", 1)
        killed = [mutants.Result(self.mutant(), "A.B", 1)] * 19
        explained = self.read("a test would need a broken disk")
        self.assertEqual(mutants.summary(killed + [result], {}), ("counts: 20 mutants, 19 killed (95.0 %), 1 survived, explained 0", 1))
        self.assertEqual(mutants.summary(killed + [result], explained)[1], 0)
        self.assertEqual(mutants.summary(killed[1:] + [result], explained)[1], 1)
        self.assertEqual(mutants.summary([], explained)[1], 1)

    def test_an_equivalent_one_is_not_counted(self):
        results = [mutants.Result(self.mutant(), "A.B", 1), mutants.Result(self.mutant(), "", 1)]
        self.assertEqual(mutants.summary(results, self.read("equivalent because a is never null")), (
            "counts: 2 mutants, 1 killed (100.0 %), 1 survived, explained 1, of them 1 equivalent and not counted", 0))


class Running(unittest.TestCase):
    def test_what_does_not_compile_is_replaced_by_the_next(self):
        told = []
        results, dropped = mutants.run_all([1, 2, 3, 4, 5, 6], 3, 2, lambda one: None if one in (1, 3) else one, told.append)
        self.assertEqual((sorted(results), dropped, sorted(told)), ([2, 4, 5], 2, [2, 4, 5]))

    def test_the_killer_is_the_test_that_failed_crashed_or_took_too_long(self):
        begun = "[ RUN      ] A.B\n"
        self.assertEqual(mutants.killer_of(begun + "[  FAILED  ] A.B (0 ms)\n", 1), "A.B")
        self.assertEqual(mutants.killer_of(begun, -6), "A.B (ended with -6)")
        self.assertEqual(mutants.killer_of(begun, None), "A.B (time over)")
        self.assertEqual(mutants.killer_of(begun + "[       OK ] A.B (0 ms)\n", 0), "")
        self.assertEqual(mutants.killer_of("", 0), "no test ran")

    def test_slow_tests_run_after_the_quick_ones(self):
        output = "[       OK ] A.Quick (3 ms)\n[       OK ] A.Slow (4000 ms)\n[       OK ] B/C.Of/0, where GetParam() = 1 (20 ms)\n"
        took = mutants.times_of(output)
        self.assertEqual(took, {"A.Quick": 3, "A.Slow": 4000, "B/C.Of/0": 20})
        self.assertEqual(mutants.quick_and_slow(took, ""), ["*-A.Slow", "A.Slow"])
        self.assertEqual(mutants.quick_and_slow({"A.Quick": 3}, "A.*"), ["A.*"])

    def program(self, text):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.addCleanup(setattr, mutants, "BUILD", mutants.BUILD)
        self.addCleanup(setattr, mutants, "LEAST_SECONDS", mutants.LEAST_SECONDS)
        mutants.BUILD, mutants.LEAST_SECONDS = pathlib.Path(holder.name), 1
        path = mutants.BUILD / "program"
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
        return path

    def test_a_test_that_hangs_is_stopped_with_what_it_began(self):
        hangs = self.program('echo "[ RUN      ] A.Hangs"\nsleep 3600 &\nsleep 3600')
        started = time.monotonic()
        self.assertEqual(mutants.run_tests(hangs, "", {"A.Hangs": 1}, mutants.BUILD)[0], "A.Hangs (time over)")
        self.assertLess(time.monotonic() - started, 60)

    def test_a_test_that_waited_for_the_machine_is_played_again(self):
        slow = self.program('echo "[ RUN      ] A.Slow"\nsleep 2\necho "[       OK ] A.Slow (2000 ms)"')
        (mutants.BUILD / "tests").mkdir()
        (mutants.BUILD / "tests" / "program").symlink_to(slow)
        self.assertEqual(mutants.run_tests(slow, "", {"A.Slow": 1}, mutants.BUILD)[0], "A.Slow (time over)")
        self.assertEqual(mutants.killer_in_time(slow, "*", {"A.Slow": 1}, mutants.BUILD), "")


class StandingIn(unittest.TestCase):
    """With a real compiler: two sources and a header in place of the project, and a program in place of its tests."""

    FILES = {
        "policy/rule.h": "#pragma once\ninline bool is_late(int now) {\n  return now >= 5;\n}\nint rule(int now);\n",
        "policy/rule.cpp": '#include "policy/rule.h"\nint rule(int now) {\n  if (is_late(now)) return 0;\n  return now < 3 ? 1 : 2;\n}\n',
        "tests/main.cpp": '#include <cstdio>\n#include "policy/rule.h"\nint main() {\n  std::puts("[ RUN      ] Rule.Holds");\n'
                          '  if (rule(2) == 1 && rule(3) == 2 && rule(5) == 0) return 0;\n'
                          '  std::puts("[  FAILED  ] Rule.Holds");\n  return 1;\n}\n',
    }

    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        root = pathlib.Path(holder.name)
        self.addCleanup(lambda *kept: [setattr(mutants, name, value) for name, value in zip(("WORK", "TREE", "BUILD", "STAGES"), kept)],
                        mutants.WORK, mutants.TREE, mutants.BUILD, mutants.STAGES)
        mutants.WORK, mutants.TREE, mutants.BUILD = root, root / "tree", root / "build"
        mutants.STAGES = {"policy": [("test_policy", "")]}
        (root / "build" / "tests").mkdir(parents=True)
        self.programs = mutants.Programs()
        for name, text in self.FILES.items():
            path = mutants.TREE / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            if name.endswith(".cpp"):
                command = f"g++ -I{mutants.TREE} -O0 -o {path.stem}.o -c {path}"
                self.programs.compile_commands[name] = shlex.split(command)
                subprocess.run(shlex.split(command), cwd=mutants.BUILD, check=True)
        subprocess.run(["ar", "qc", "librule.a", "rule.o"], cwd=mutants.BUILD, check=True)
        self.programs.link_commands["test_policy"] = shlex.split("g++ main.o -o tests/test_policy librule.a")
        self.programs.took["test_policy", ""] = {"Rule.Holds": 1}

    def outcome(self, name, wanted):
        one = next(one for one in sites(name, self.FILES[name]) if wanted in (one.old, one.new))
        result = mutants.try_mutant(self.programs, one)
        return result and result.killer

    def test_a_mutant_of_a_source_is_killed(self):
        self.assertEqual(self.outcome("policy/rule.cpp", "<"), "Rule.Holds")

    def test_a_mutant_of_an_inline_function_in_a_header_is_killed(self):
        self.assertEqual(self.outcome("policy/rule.h", ">="), "Rule.Holds")

    def test_a_mutant_that_no_test_notices_survives(self):
        self.FILES = {**self.FILES, "policy/rule.cpp": self.FILES["policy/rule.cpp"].replace("now < 3", "now < 3 && now < 4")}
        (mutants.TREE / "policy/rule.cpp").write_text(self.FILES["policy/rule.cpp"])
        self.assertEqual(self.outcome("policy/rule.cpp", "&& now < 4"), "")

    def test_one_that_does_not_compile_is_none(self):
        self.FILES = {**self.FILES, "policy/rule.cpp": self.FILES["policy/rule.cpp"].replace("now < 3", "Now < 3")}
        (mutants.TREE / "policy/rule.cpp").write_text(self.FILES["policy/rule.cpp"])
        self.assertIsNone(self.outcome("policy/rule.cpp", "<"))


if __name__ == "__main__":
    unittest.main()
