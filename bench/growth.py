"""`./dev bench --long`: is a read as cheap, and a start as quick, when the gateway has grown? A small and a grown gateway in turns."""
import statistics

import figures
import servers
from figures import Goal

BYTES = 4096
SMALL_ENTRIES, SMALL_DOCUMENTS = 100_000, 1000
ENTRIES, DOCUMENTS = 10_000_000, 1_000_000
PEOPLE, MORE_PEOPLE, EACH = 25_000, 225_000, 4  # 10^5 fullmakter, then 10^6
PROOF, TREE, APPENDS = Goal(at_most=1.0), Goal(at_most=16.0), Goal(at_least=0.75)
FLAT = Goal(at_most=1.15)  # what we call flat: as much as two measurements of the same differ on a shared machine
FEW, SAMPLE = 10, 20_000   # the load asks for so many of the documents


def scaled(count, given):
    return max(FEW, int(count * given.scale))


def begun(folder, name, stack):
    server = servers.FlikvaktServer(folder / name, {0}, name=name)
    server.gateway.patience = 3600  # a start that misses its goal is shown, not cut off
    stack.callback(server.stop)
    return server


def restart(server, runs=3):
    """The quickest of some starts, in seconds: the slower ones are those that the machine disturbed."""
    seconds = []
    for _ in range(runs):
        server.gateway.stop()
        seconds.append(server.start())
    return min(seconds)


def over_http(small, grown, given, Row):
    rows = [Row(f"grown to small: 4 KiB, {count} connection{'s' if count > 1 else ''}", ["-c", count], lambda server: server.grown)
            for count in (1, 64)]
    for _ in range(given.runs):
        for row in rows:
            for server in (grown, small):
                row.play(server, given.seconds)
    return [row.figures() for row in rows]


def in_process(server, given):
    words = ["--waiting", 64, "--seconds", given.seconds, "--runs", given.runs]
    return server.in_process("reads", *words)["reads"][0]["cpu_us_per_read"]


def appends(servers_in_turns, given):
    """Entries a second of each, in turns: the disk is not the same from one minute to the next."""
    rates = {server.name: [] for server in servers_in_turns}
    for _ in range(given.runs):
        for server in servers_in_turns:
            ran = server.in_process("appends", "--waiting", 64, "--seconds", given.seconds, "--runs", 1)
            rates[server.name].append(ran["appends"][0]["entries_per_s"])
    return {name: statistics.median(all_of_them) for name, all_of_them in rates.items()}


def measure(given, folder, stack, found, Row):
    small, grown = begun(folder, "small", stack), begun(folder, "grown", stack)
    people, more = scaled(PEOPLE, given), scaled(MORE_PEOPLE, given)
    few = ["--documents", scaled(SMALL_DOCUMENTS, given), "--bytes", BYTES]
    small.add_grown("--people", FEW, *few, "--entries", scaled(SMALL_ENTRIES, given))
    steps = [grown.add_grown("--people", people, "--fullmakter", EACH, *few, "--entries", scaled(ENTRIES, given))]
    starts = [restart(grown)]
    steps.append(grown.add_grown("--people", more, "--earlier-people", people, "--fullmakter", EACH))
    starts.append(restart(grown))
    steps.append(grown.add_grown("--earlier-people", people + more, "--documents", scaled(DOCUMENTS, given), "--bytes", BYTES))
    starts.append(restart(grown))
    grown.grown = grown.grown[:: max(1, len(grown.grown) // SAMPLE)]
    rows = over_http(small, grown, given, Row)
    small.gateway.stop()
    grown.gateway.stop()
    cpu = {server.name: in_process(server, given) for server in (grown, small)}
    found["rows"] += rows
    found["growth"] = {"scale": given.scale, "steps": steps, "start_s": starts, "cpu_us_per_read": cpu,
                       "appends_per_s": appends((grown, small), given),
                       "proofs": {server.name: server.in_process("proofs") for server in (grown, small)}}
    found["figures"] += summary(found["growth"], rows)
    found["logs"].update({server.name: server.verify() for server in (small, grown)})


def measure_log(given, folder, stack):
    """Of the log alone: it grows, and nothing else does."""
    small, grown = begun(folder, "small", stack), begun(folder, "grown", stack)
    few = ["--people", FEW, "--documents", scaled(SMALL_DOCUMENTS, given), "--bytes", BYTES]
    small.add_grown(*few, "--entries", scaled(SMALL_ENTRIES, given))
    step = grown.add_grown(*few, "--entries", scaled(ENTRIES, given))
    start = restart(grown)
    small.gateway.stop()
    grown.gateway.stop()
    growth = {"scale": given.scale, "step": step, "start_s": start, "appends_per_s": appends((grown, small), given),
              "proofs": {server.name: server.in_process("proofs") for server in (grown, small)}}
    judged = [figures.judged(f"start, {step['log_size']:,} entries", start, "s"),
              figures.judged("… filling until then", step["seconds"], "s"), *summary_of_log(growth)]
    return {"growth": growth, "figures": judged, "logs": {server.name: server.verify() for server in (small, grown)}}


def summary(growth, rows):
    what = (("10^5 fullmakter", Goal(at_most=5.0)), ("10^6 fullmakter", Goal(at_most=20.0)), ("10^6 documents besides", None))
    times = "" if growth["scale"] == 1 else f", × {growth['scale']:g}"
    for step, start, (words, goal) in zip(growth["steps"], growth["start_s"], what):
        yield figures.judged(f"start, {step['log_size']:,} entries, {words}{times}", start, "s", goal)
        yield figures.judged("… filling until then", step["seconds"], "s")
    for row in rows:
        yield figures.judged(f"CPU a request, {row['row']}", row["cpu_ratio"], "", FLAT)
    cpu = growth["cpu_us_per_read"]
    yield figures.judged("CPU a reading in process, grown to small", cpu["grown"] / cpu["small"], "", FLAT)
    yield from summary_of_log(growth)


def summary_of_log(growth):
    rates = growth["appends_per_s"]
    yield figures.judged(f"durable appends, grown to small, of {rates['small']:.0f}/s", rates["grown"] / rates["small"], "", APPENDS)
    for name, proofs in growth["proofs"].items():
        of = f"{name}, {proofs['log_size']:,} entries"
        yield figures.judged(f"an inclusion proof, {of}", proofs["median_us"] / 1000, "ms", PROOF)
        yield figures.judged("… 99 in 100 take at most", proofs["slowest_us"] / 1000, "ms")
        yield figures.judged(f"memory of the tree, {of}", proofs["tree_kib"] / 1024, "MiB", TREE)
