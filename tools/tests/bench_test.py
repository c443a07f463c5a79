import asyncio
import contextlib
import io
import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "bench"))
import bench
import dialled_in
import end_to_end
import figures
import growth
import journal_pages
import portal_pages
import portal_store
import servers
from figures import Goal


def run(rate, cpu=100.0, p50=500, **more):
    return {"req_per_s": rate, "server_cpu_us_per_req": cpu, "client_cpu_share": 0.5, "latency": {"p50_us": p50, "p99_us": 2 * p50},
            "unexpected_status": 0, "errors": 0, "mismatches": 0, "timeouts": 0, "requests": 1000, **more}


def found(**more):
    return {"rows": [], "counted": {"reads": 1000, "entries": 2000}, "logs": {"gateway": {"size": 5}}, "took_s": {"set-up": 3.0}, **more}


class Figures(unittest.TestCase):
    def compared(self, ours, theirs, goal=None):
        return figures.compared("row", {"gateway": ours, "nginx": theirs}, "req_per_s", goal)

    def test_a_ratio_is_of_medians_and_the_first_to_the_second(self):
        row = self.compared([run(10), run(1000), run(30)], [run(60), run(60), run(1)])
        self.assertEqual((row["gateway"], row["nginx"], row["ratio"]), (30, 60, 0.5))

    def test_an_even_number_of_runs_has_the_mean_of_the_middle_two(self):
        self.assertEqual(figures.median([run(1), run(2), run(4), run(9)], "req_per_s"), 3)

    def test_a_latency_is_found_where_the_load_generator_puts_it(self):
        self.assertEqual(figures.median([run(1, p50=7)], "p50_us"), 7)
        self.assertEqual(figures.median([run(1, p50=7)], "p99_us"), 14)

    def test_what_was_there_before_is_not_in_a_slope(self):
        self.assertEqual(figures.slope((500, 2500), (10_000, 50_000)), 20)

    def idle(self, served):
        """Of a server that holds 1,000 KiB and 30 KiB a connection."""
        kept, bench.load = bench.load, lambda server, paths, words: run(
            0, requests=served(words[1]), server_rss=(1000 + 30 * words[1]) * 1024, errors=words[1] - served(words[1]))
        try:
            return bench.idle_kib(type("Server", (), {"paths": {4096: "/"}, "name": "one"}))
        finally:
            bench.load = kept

    def test_connections_that_were_turned_away_are_not_idle_ones(self):
        self.assertEqual(self.idle(lambda count: count), 30)
        with self.assertRaisesRegex(RuntimeError, "one: of 1250 idle connections 255 were served"):
            self.idle(lambda count: min(count, 255))

    def test_cpu_is_compared_as_ours_to_theirs(self):
        self.assertEqual(self.compared([run(1, cpu=30.0)], [run(1, cpu=10.0)])["cpu_ratio"], 3)

    def test_nothing_is_divided_by_nothing(self):
        row = self.compared([run(1)], [run(0, cpu=0.0)], Goal(at_least=0.5))
        self.assertEqual((row["ratio"], row["cpu_ratio"], row["met"]), (None, None, None))

    def test_a_goal_that_is_just_reached_is_met_and_one_that_is_just_not_is_missed(self):
        self.assertTrue(self.compared([run(50)], [run(100)], Goal(at_least=0.5))["met"])
        self.assertFalse(self.compared([run(49)], [run(100)], Goal(at_least=0.5))["met"])
        self.assertTrue(figures.judged("idle", 28.0, "KiB", Goal(at_most=28))["met"])
        self.assertFalse(figures.judged("idle", 28.1, "KiB", Goal(at_most=28))["met"])

    def test_what_has_no_goal_is_neither(self):
        self.assertIsNone(figures.judged("memory", 1.0, "MiB")["met"])
        self.assertIsNone(self.compared([run(1)], [run(1)])["met"])

    def test_a_missed_goal_is_seen_in_the_table(self):
        out = io.StringIO()
        figures.show_compared([self.compared([run(49)], [run(100)], Goal(at_least=0.5)), self.compared([run(1)], [run(1)])], out)
        figures.show_figures([figures.judged("idle", 28.1, "KiB", Goal(at_most=28)), figures.judged("idle", 3, "KiB", Goal(at_most=28))], out)
        lines = out.getvalue().splitlines()
        self.assertRegex(lines[1], r"^row .* 0\.49 +≥ 0\.5 MISSED ")
        self.assertNotIn("MISSED", lines[2])
        self.assertRegex(lines[3], r"28\.1 KiB +≤ 28 MISSED$")
        self.assertRegex(lines[4], r" 3 KiB +≤ 28 met$")

    def test_every_kind_of_failure_counts(self):
        for kind in ("unexpected_status", "errors", "mismatches", "timeouts"):
            row = self.compared([run(1), run(1, **{kind: 2})], [run(1, **{kind: 1})])
            self.assertEqual(row["failed"], 3, kind)
            self.assertEqual(figures.problems(found(rows=[row])), ["row: 3 requests failed"])


class Verdict(unittest.TestCase):
    def test_a_run_in_which_all_is_well_is_worth_something_though_goals_were_missed(self):
        row = figures.compared("row", {"gateway": [run(1)], "nginx": [run(9)]}, "req_per_s", Goal(at_least=0.5))
        self.assertEqual(figures.problems(found(rows=[row])), [])

    def test_one_entry_too_many_or_too_few_is_a_problem(self):
        for entries in (1999, 2001):
            self.assertEqual(len(figures.problems(found(counted={"reads": 1000, "entries": entries}))), 1)

    def test_a_log_that_was_not_verified_is_a_problem(self):
        self.assertEqual(figures.problems(found(logs={"gateway": {"size": 5}, "grown": {}})), ["the log of grown was not verified"])

    def exit_status(self, what):
        kept = bench.build, bench.measure
        bench.build, bench.measure = lambda: None, lambda *_: what
        try:
            with contextlib.redirect_stdout(io.StringIO()) as out:
                return bench.main(["--quick"]), out.getvalue()
        finally:
            bench.build, bench.measure = kept

    def test_the_exit_status_says_whether_the_run_is_worth_something(self):
        well = found(figures=[])
        self.assertEqual(self.exit_status(well)[0], 0)
        status, said = self.exit_status({**well, "counted": {"reads": 1000, "entries": 1999}})
        self.assertEqual(status, 1)
        self.assertIn("1000 counted reads made 1999 log entries", said)


class Growth(unittest.TestCase):
    def summary(self, starts, cpu, rows=(), appends=900, median_us=300, tree_kib=24):
        steps = [{"log_size": 10_000_000, "seconds": 9.0}] * 3
        proofs = {"log_size": 10_000_000, "median_us": median_us, "slowest_us": 2 * median_us, "tree_kib": tree_kib}
        made = growth.summary({"scale": 1, "steps": steps, "start_s": starts, "cpu_us_per_read": cpu,
                               "appends_per_s": {"grown": appends, "small": 1000}, "proofs": {"grown": proofs}}, rows)
        return {one["name"]: one for one in made if one["met"] is not None}

    def test_each_start_has_its_own_goal(self):
        judged = self.summary([5.0, 20.0, 90.0], {"grown": 100, "small": 100})
        self.assertEqual([one["met"] for name, one in judged.items() if name.startswith("start")], [True, True])
        judged = self.summary([5.1, 20.1, 90.0], {"grown": 100, "small": 100})
        self.assertEqual([one["met"] for name, one in judged.items() if name.startswith("start")], [False, False])

    def test_the_log_grown_has_its_goals(self):
        for name, word, met, missed in (("appends", "durable appends", 750, 749), ("median_us", "an inclusion proof", 1000, 1001),
                                        ("tree_kib", "memory of the tree", 16 * 1024, 16 * 1024 + 1)):
            for value, expected in ((met, True), (missed, False)):
                judged = self.summary([1, 1, 1], {"grown": 1, "small": 1}, **{name: value})
                self.assertEqual([one["met"] for title, one in judged.items() if title.startswith(word)], [expected], (name, value))

    def test_what_costs_more_when_grown_is_not_flat(self):
        for grown, met in ((115, True), (116, False), (80, True)):
            judged = self.summary([1, 1, 1], {"grown": grown, "small": 100}, [{"row": "grown to small", "cpu_ratio": grown / 100}])
            self.assertEqual([one["met"] for name, one in judged.items() if name.startswith("CPU")], [met, met], grown)

    def test_a_scaled_world_is_smaller_but_never_nothing(self):
        self.assertEqual(growth.scaled(1_000_000, bench.parse(["--long", "--scale", "0.01"])), 10_000)
        self.assertEqual(growth.scaled(1000, bench.parse(["--long", "--scale", "0.000001"])), growth.FEW)


class Environment(unittest.TestCase):
    def test_what_is_measured_has_the_environment_of_the_unit_file(self):
        self.assertIn("glibc.malloc.hugetlb=1", servers.ENVIRONMENT["GLIBC_TUNABLES"])
        self.assertEqual(servers.deployed_environment('Environment="GLIBC_TUNABLES=a=1:b=2" OTHER=x\n'), {"GLIBC_TUNABLES": "a=1:b=2", "OTHER": "x"})

    def test_a_unit_file_without_it_is_not_passed_over(self):
        with self.assertRaises(RuntimeError):
            servers.deployed_environment("[Service]\nEnvironmentFile=/etc/flikvakt\n")


class Rows(unittest.TestCase):
    def test_a_quick_run_has_every_row_that_has_a_goal(self):
        rows = bench.all_rows()
        self.assertEqual([row.name for row in rows if row.goal and not row.quick], [])
        self.assertGreaterEqual(len([row for row in rows if row.goal]), 4)

    def test_each_size_and_number_of_connections_has_a_row(self):
        names = {row.name for row in bench.all_rows()}
        for size in bench.KIB.values():
            for count in ("1 connection", "16 connections", "64 connections"):
                self.assertIn(f"{size}, {count}", names)

    def test_a_quick_run_is_shorter_and_both_can_be_overruled(self):
        quick, whole = bench.parse(["--quick"]), bench.parse([])
        self.assertEqual(whole.runs, 5)
        self.assertLess(quick.runs * quick.seconds, whole.runs * whole.seconds)
        self.assertEqual((bench.parse(["--quick", "--runs", "7", "--seconds", "0.5"]).runs, bench.parse(["--seconds", "0.5"]).seconds), (7, 0.5))

    def test_content_is_as_long_as_asked_and_differs_by_number(self):
        one = servers.grown_content(1, 4096)
        self.assertEqual((len(one), one[:9]), (4096, b"%PDF-1.7\n"))
        self.assertNotEqual(one, servers.grown_content(2, 4096))


class Journal(unittest.TestCase):
    def report(self, pages, **more):
        each = pages // 5
        parts = [{"name": flik, "pages": list(range(each * n + 1, each * n + each + 1))}
                 for n, flik in enumerate(("journal", "lakarutlatande", "arbetsformaga", "rehabplan", "anstallning"))]
        return {"parts": parts, "left_out": [], **more}

    def test_only_a_journal_that_was_divided_whole_is_measured(self):
        self.assertEqual(journal_pages.complaints("j", 40, self.report(40)), [])
        self.assertEqual(len(journal_pages.complaints("j", 500, self.report(40))), 1)
        self.assertEqual(len(journal_pages.complaints("j", 40, self.report(40, left_out=[{"what": "page 3"}]))), 1)
        self.assertEqual(len(journal_pages.complaints("j", 40, {"parts": [], "left_out": []})), 1)
        self.assertEqual(journal_pages.complaints("j", 40, {"refusal": {"reason": "too_costly"}}), ["j: refused: too_costly"])

    def test_each_of_the_goals_is_judged_on_text_alone_and_pictures_differ(self):
        goals = {(pages, pictures): goal and goal.at_most for pages, pictures, goal in journal_pages.JOURNALS}
        self.assertEqual(goals, {(40, False): 1, (500, False): 10, (40, True): None, (500, True): None})
        self.assertNotEqual(journal_pages.picture(1), journal_pages.picture(2))
        self.assertEqual(journal_pages.picture(1), journal_pages.picture(1))

    def test_the_journal_has_its_pages_and_the_bookmarks_of_the_rule(self):
        for pictures in (False, True):
            made = journal_pages.made(10, pictures)
            self.assertTrue(made.startswith(b"%PDF"))
            self.assertEqual(made.count(b"/Type /Page\n") + made.count(b"/Type /Page "), 10)
            self.assertEqual(b"/DCTDecode" in made, pictures)


class PortalPages(unittest.TestCase):
    BEFORE = {"0.001": 5, "0.02": 10, "0.1": 10, "+Inf": 10}

    def made(self, **counts):
        return portal_pages.at_most(self.BEFORE, {"0.001": 5, "0.02": 10, "0.1": 10, "+Inf": 10, **counts})

    def test_ninety_nine_of_a_hundred_count_and_only_those_since_the_look_before(self):
        self.assertEqual(self.made(**{"0.001": 104, "0.02": 110, "0.1": 110, "+Inf": 110}), 1)
        self.assertEqual(self.made(**{"0.001": 103, "0.02": 110, "0.1": 110, "+Inf": 110}), 20, "two of a hundred were slower")
        self.assertEqual(self.made(**{"0.02": 10, "0.1": 110, "+Inf": 110}), 100)

    def test_what_is_slower_than_the_last_bucket_is_not_told_as_if_it_were_in_it(self):
        self.assertIsNone(self.made(**{"+Inf": 110}))

    @staticmethod
    def page(name, **more):
        return {"page": name, "kib": 5.0, "p50_ms": 1.0, "p99_ms": 2.0, "made_ms": 1.0, "on_tick": False, "cpu_us": 100.0, **more}

    def judged(self, *pages):
        found = [self.page(portal_pages.BASELINE), *pages]
        return found, {one["name"].split(":")[0]: one for one in portal_pages.judge(found)}

    def test_a_page_that_is_too_slow_or_too_long_misses_and_is_named(self):
        found, judged = self.judged(self.page("slow", p99_ms=21.0, cpu_us=300.0), self.page("long", kib=101.0))
        self.assertEqual([one["met"] for one in found], [True, False, False])
        self.assertEqual(found[1]["cpu_ratio"], 3)
        self.assertEqual((judged["slowest page at p99"]["value"], judged["slowest page at p99"]["met"]), (21.0, False))
        self.assertEqual((judged["longest page"]["value"], judged["longest page"]["met"]), (101.0, False))
        self.assertEqual(judged["pages that miss a goal"]["value"], 2)

    def test_a_page_that_leaves_on_the_tick_is_judged_by_how_long_it_was_made(self):
        found, judged = self.judged(self.page("waits", p99_ms=50.0, made_ms=3.0, on_tick=True),
                                    self.page("slower than all buckets", made_ms=None, on_tick=True, p99_ms=200.0))
        self.assertEqual([one["met"] for one in found], [True, True, False])
        self.assertIsNone(judged["slowest page at p99"]["value"])

    def test_requests_that_failed_make_the_run_worthless(self):
        self.assertEqual(figures.problems({"pages": [{"page": "a", "failed": 2}], "logs": {}}), ["a: 2 requests failed"])

    def test_participants_have_numbers_of_their_own_with_the_right_check_digit(self):
        self.assertEqual(portal_store.number_of(0), "190001029800")
        self.assertEqual(len({portal_store.number_of(i) for i in range(1000)}), 1000)


class Connectors(unittest.TestCase):
    def report(self, kind=dialled_in.Direct, **more):
        seen = {"cpu_share": 0.1, "load_share": 0.3, "kib_each": 64, "questions_per_s": 80, "calls_per_s": 20, "present": 2000, "cosigned": 2000,
                "failures": 0, **more}
        return dialled_in.report(seen, kind, 2000)

    def judged(self, **more):
        return {one["name"]: one["met"] for one in self.report(**more)["figures"] if one["met"] is not None}

    def test_what_is_just_within_its_goal_is_met_and_each_that_is_not_misses_alone(self):
        self.assertEqual(set(self.judged().values()), {True})
        for member, value in (("cpu_share", 0.101), ("kib_each", 64.1), ("present", 1999), ("cosigned", 1999)):
            self.assertEqual(list(self.judged(**{member: value}).values()).count(False), 1, member)

    def test_the_report_says_which_mode_was_played(self):
        for kind, mode in ((dialled_in.Direct, "direct"), (dialled_in.EndToEnd, "end-to-end")):
            self.assertTrue(self.report(kind)["figures"][0]["name"].endswith(mode))

    def test_cpu_is_told_by_message_and_of_none_it_is_not(self):
        def each(**more):
            return next(one["value"] for one in self.report(**more)["figures"] if one["unit"] == "µs")
        self.assertAlmostEqual(each(), 1000)
        self.assertIsNone(each(questions_per_s=0, calls_per_s=0))

    def test_what_failed_and_a_load_that_was_short_of_cpu_make_the_run_worthless(self):
        self.assertEqual(figures.problems(self.report()), [])
        self.assertEqual(figures.problems(self.report(failures=2)), ["2 questions or calls of connectors failed"])
        self.assertEqual(len(figures.problems(self.report(load_share=0.81))), 1)

    def played(self, *words):
        """What was asked for, and how many."""
        kept, asked = (bench.build, dialled_in.measure), []
        bench.build = lambda: None
        dialled_in.measure = lambda folder, stack, kind, count, seconds: asked.append((kind, count)) or {"figures": [], "logs": {}}
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                self.assertEqual(bench.main(list(words)), 0)
        finally:
            bench.build, dialled_in.measure = kept
        return asked

    def test_the_mode_is_direct_unless_it_is_asked_for_sealed(self):
        self.assertEqual(self.played("--connectors"), [(dialled_in.Direct, 2000)])
        self.assertEqual(self.played("--connectors", "7", "--sealed"), [(dialled_in.EndToEnd, 7)])

    def test_sealed_without_connectors_is_not_passed_over(self):
        with contextlib.redirect_stderr(io.StringIO()), self.assertRaises(SystemExit):
            bench.parse(["--sealed"])

    def sealed(self, answer):
        """A connector whose answers are all that one, and what it sends."""
        one, sent = dialled_in.EndToEnd(None, 0, "0" * 32, b""), []
        gateway = end_to_end.X25519PrivateKey.generate()
        one.sealing = end_to_end.Connector(None, end_to_end.raw(gateway.public_key()), one.id)
        one.fingerprint = "ab" * 32

        async def post(path, kind, message):
            sent.append((path, kind, message))
            return answer
        one.post = post
        return one, sent

    def test_in_end_to_end_mode_each_question_is_a_sealed_message_with_a_number_of_its_own(self):
        one, sent = self.sealed((403, b"refused"))
        for number in (1, 2):
            self.assertEqual(asyncio.run(one.ask("/v1/connector/poll", {"a": 1})), (403, b"refused"))
            self.assertEqual(one.sealing.number, number)
        self.assertEqual({(path, kind) for path, kind, _ in sent}, {("/v1/sealed", end_to_end.TYPE)})
        self.assertEqual(len({message for _, _, message in sent}), 2)
        self.assertEqual([b"poll" in message or json.dumps({"a": 1}).encode() in message for _, _, message in sent], [False, False])

    def test_what_is_answered_unsealed_in_the_gateways_place_is_no_answer(self):
        one, _ = self.sealed((200, b"<html>"))
        with self.assertRaises(ValueError):
            asyncio.run(one.ask("/v1/connector/poll", {}))


if __name__ == "__main__":
    unittest.main()
