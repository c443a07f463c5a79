"""From runs to figures: medians, ratios, goals and the table. Pure, so that tools/tests/bench_test.py can hold it to its word."""
import statistics
import sys

BOTH = ("gateway", "nginx")


class Goal:
    """`at_least` or `at_most` a number. Missed goals are shown, never an error: the machine is shared."""

    def __init__(self, at_least=None, at_most=None):
        self.at_least, self.at_most = at_least, at_most

    def is_met(self, value):
        return value >= self.at_least if self.at_least is not None else value <= self.at_most

    def text(self):
        return f"≥ {self.at_least:g}" if self.at_least is not None else f"≤ {self.at_most:g}"


def value_of(run, name):
    return run[name] if name in run else run["latency"][name]


def median(runs, name):
    return statistics.median(value_of(run, name) for run in runs)


def ratio(above, below):
    return above / below if below else None


def slope(xs, ys):
    """What one more x adds to y, by two points."""
    return (ys[1] - ys[0]) / (xs[1] - xs[0])


def failures(run):
    return run["unexpected_status"] + run["errors"] + run["mismatches"] + run["timeouts"]


def judged(name, value, unit, goal=None):
    """One figure, as the table and the JSON show it."""
    return {"name": name, "value": value, "unit": unit, "goal": goal.text() if goal else None,
            "met": goal.is_met(value) if goal and value is not None else None}


def compared(name, runs, value, goal=None):
    """Two servers by the medians of their runs, played in turns. `goal` is of the first to the second."""
    one, other = runs
    ours, theirs = median(runs[one], value), median(runs[other], value)
    cpu = [median(runs[side], "server_cpu_us_per_req") for side in runs]
    return {"row": name, "value": value, "sides": list(runs), one: ours, other: theirs, "ratio": ratio(ours, theirs),
            "goal": goal.text() if goal else None, "met": goal.is_met(ratio(ours, theirs)) if goal and theirs else None,
            "server_cpu_us": cpu, "cpu_ratio": ratio(*cpu),
            "p50_us": [median(runs[side], "p50_us") for side in runs], "p99_us": [median(runs[side], "p99_us") for side in runs],
            "load_cpu": max(median(runs[side], "client_cpu_share") for side in runs),
            "failed": sum(failures(run) for side in runs.values() for run in side)}


def mark(met):
    return {None: "", True: "met", False: "MISSED"}[met]


def show_compared(rows, out=sys.stdout):
    print(f"{'':44}{'gateway':>9}{'nginx':>9}{'ratio':>7} {'goal':>7} {'':6}  {'CPU µs a request':>18}{'ratio':>6}{'p50 µs':>14}{'p99 µs':>15}",
          file=out)
    for one in rows:
        first, second = one["sides"]
        print(f"{one['row']:44}{one[first]:9.0f}{one[second]:9.0f}{one['ratio'] or 0:7.2f} {one['goal'] or '':>7} {mark(one['met']):6}  "
              f"{one['server_cpu_us'][0]:9.1f}{one['server_cpu_us'][1]:9.1f}{one['cpu_ratio'] or 0:6.1f}"
              f"{one['p50_us'][0]:7.0f}{one['p50_us'][1]:7.0f}{one['p99_us'][0]:8.0f}{one['p99_us'][1]:7.0f}", file=out)


def show_figures(figures, out=sys.stdout):
    for one in figures:
        value = "-" if one["value"] is None else f"{one['value']:.0f}" if one["value"] >= 1000 else f"{one['value']:.3g}"
        print(f"{one['name']:60}{value:>10} {one['unit']:<22} {one['goal'] or '':>8} {mark(one['met'])}", file=out)


def problems(found):
    """What makes a run worthless, as sentences; goals that were missed are not among them."""
    out = [f"{row['row']}: {row['failed']} requests failed" for row in found.get("rows", ()) if row["failed"]]
    out += [f"{page['page']}: {page['failed']} requests failed" for page in found.get("pages", ()) if page["failed"]]
    out += found.get("failed", ())
    counted = found.get("counted")
    if counted and counted["entries"] != 2 * counted["reads"]:
        out.append(f"{counted['reads']} counted reads made {counted['entries']} log entries, not two each")
    out += [f"the log of {name} was not verified" for name, log in found["logs"].items() if not log.get("size")]
    return out
