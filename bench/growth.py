"""`./dev bench --long`: is a read as cheap, and a start as quick, when the gateway has grown? A small and a grown gateway in turns."""
import figures
import servers
from figures import Goal

ENTRIES, DOCUMENTS, BYTES = 10_000_000, 1_000_000, 4096
SMALL_ENTRIES, SMALL_DOCUMENTS = 10_000, 1000
PEOPLE, EACH = 25_000, 4             # 10^5 fullmakter
MORE_PEOPLE = 225_000                # 10^6 with them
FLAT = Goal(at_most=1.15)            # what we call flat: as much as two measurements of the same differ on a shared machine
FEW, SAMPLE = 10, 20_000             # documents that the load asks for are so many of all


def scaled(count, given):
    return max(FEW, int(count * given.scale))


def made(folder, name, stack, people, fullmakter, documents, entries):
    server = servers.FlikvaktServer(folder / name, {0}, name=name)
    stack.callback(server.stop)
    grown = server.add_grown("--people", people, "--fullmakter", fullmakter, "--documents", documents, "--bytes", BYTES,
                             "--entries", entries)
    server.grown = server.grown[:: max(1, len(server.grown) // SAMPLE)]
    return server, grown


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


def measure(given, folder, stack, found, Row):
    small, _ = made(folder, "small", stack, FEW, EACH, scaled(SMALL_DOCUMENTS, given), scaled(SMALL_ENTRIES, given))
    grown, filled = made(folder, "grown", stack, scaled(PEOPLE, given), EACH, scaled(DOCUMENTS, given), scaled(ENTRIES, given))
    start = restart(grown)
    rows = over_http(small, grown, given, Row)
    small.gateway.stop()
    grown.gateway.stop()
    cpu = {server.name: in_process(server, given) for server in (grown, small)}
    more = grown.add_grown("--people", scaled(MORE_PEOPLE, given), "--first-person", scaled(PEOPLE, given), "--fullmakter", EACH)
    start_with_more = restart(grown)
    grown.gateway.stop()
    found["rows"] += rows
    found["growth"] = {"scale": given.scale, "filled": filled, "more": more, "start_s": start, "start_with_more_s": start_with_more,
                       "cpu_us_per_read": cpu}
    found["figures"] += summary(found["growth"], rows)
    found["logs"].update({server.name: server.verify() for server in (small, grown)})


def summary(growth, rows):
    of = f"{growth['filled']['log_size']:,} entries"
    yield figures.judged(f"start with {of}, 10^5 fullmakter × {growth['scale']:g}", growth["start_s"], "s", Goal(at_most=5.0))
    yield figures.judged(f"start with {growth['more']['log_size']:,} entries, 10^6 fullmakter × {growth['scale']:g}",
                         growth["start_with_more_s"], "s", Goal(at_most=20.0))
    for row in rows:
        yield figures.judged(f"CPU a request, {row['row']}", row["cpu_ratio"], "", FLAT)
    cpu = growth["cpu_us_per_read"]
    yield figures.judged(f"CPU a reading in process, grown ({of}) to small", cpu["grown"] / cpu["small"], "", FLAT)
    yield figures.judged("filling", growth["filled"]["log_size"] / growth["filled"]["seconds"], "entries/s")
