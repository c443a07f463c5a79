#!/usr/bin/python3
"""What the gateway costs, beside nginx in the same run; called by `./dev bench`.

    bench.py                every row, five alternations of two seconds each: about twelve minutes
    bench.py --quick        the rows that have a goal, three alternations of one second: two minutes
    bench.py --long         also growth: 10^7 log entries, 10^6 documents, 10^5 and 10^6 fullmakter; hours, 40 GB
    bench.py --log          of --long what concerns the log alone: appends, proofs and memory at 10^7 entries; 10 GB
    bench.py --long --scale 0.001   the same a thousand times smaller, to try it
    bench.py --portal       the portal's pages with 10^5 people in the store: an hour to make it, 10 GB; `--scale` as above
    bench.py --portal --store DIR   the same with a store that stays there for the next time; --requests N of each page
    bench.py --portal --scale 0.02 --people 100000   few of everything but people: some minutes to make it
    bench.py --connectors   2,000 connectors that dialled in, or as many as are given behind it: a quarter of an hour
    bench.py --connectors --sealed   the same in end-to-end mode: no client certificate, every message sealed and signed
    bench.py --journal      how long a journal of 40 and of 500 pages takes to be divided, with and without a picture on every page: three minutes
    bench.py --json FILE    also as JSON; --only TEXT: the rows whose name holds it; --runs N --seconds S
    bench.py --profile FILE perf's record of the gateway at 4 KiB and 64 connections, and its shares; nothing else

Every request to the gateway is a real one: a consented document, decrypted, with its entry in the log before the first byte and another
after the last, by a staff member whose word was verified on that connection. nginx serves the same bytes as static files with the
same certificates, TLS version, cipher and demand for a client certificate. The server has CPU 0, the load CPU 1. Quote ratios, not rates:
the machine is shared. Goals that were missed are shown; the exit status is 1 only when the run is worth nothing: a request failed, a byte
was another one, a log did not verify, or a counted thousand of reads did not make exactly two thousand entries.
"""
import argparse
import contextlib
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import dialled_in
import figures
import growth
import journal_pages
import portal_pages
import profile_gateway
import servers
from figures import Goal

ROOT = servers.ROOT
LOAD = servers.BUILD / "bench" / "mtlsload"
KIB = {4096: "4 KiB", 65536: "64 KiB", 1 << 20: "1 MiB", 16 << 20: "16 MiB"}
MANY, PEOPLE, IDLE = 2000, 200, (250, 1250)
TWO_WORKERS = "two workers to one: 4 KiB, 64 connections"


class Row:
    """One thing that is measured of two servers, in turns. `paths(server)`: what is asked for."""

    def __init__(self, name, words, paths, goal=None, value="req_per_s", quick=False):
        self.name, self.words, self.paths, self.goal, self.value, self.quick = name, words, paths, goal, value, quick
        self.runs = {}

    def play(self, server, seconds):
        ran = load(server, self.paths(server), [*self.words, "-d", seconds, "-w", min(0.5, seconds / 3)])
        self.runs.setdefault(server.name, []).append(ran)

    def figures(self):
        return figures.compared(self.name, self.runs, self.value, self.goal)


def load(server, paths, words, cpus="1"):
    """One run of the load generator, as it reports it."""
    identity = ["--cert", server.pki / "kommun.pem", "--key", server.pki / "kommun.key", "--ca", server.pki / "ca.pem", "--sni", "localhost",
                "--ciphers", servers.CIPHER, "--groups", servers.GROUP]
    headers = [word for header in server.headers() for word in ("-H", header)]
    with tempfile.NamedTemporaryFile("w", suffix=".paths") as listed:
        listed.write("\n".join(paths) + "\n")
        listed.flush()
        command = ["taskset", "-c", cpus, LOAD, "--json", "--pid", ",".join(map(str, server.pids)), *identity, *headers, *words,
                   *(["--random"] if len(paths) > 1 else []), "-P", listed.name, f"https://127.0.0.1:{server.port()}"]
        ran = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=300, check=False)
    if not ran.stdout.strip():
        raise RuntimeError(f"mtlsload: {ran.stderr.strip()}")
    return json.loads(ran.stdout.strip().splitlines()[-1])


def of_size(size):
    return lambda server: [server.paths[size]]


def all_rows():
    goals = {(4096, 64): Goal(at_least=0.5), (65536, 16): Goal(at_least=0.9), (1 << 20, 16): Goal(at_least=1.0)}
    quick = {*goals, (4096, 1)}
    rows = [Row(f"{KIB[size]}, {count} connection{'s' if count > 1 else ''}", ["-c", count], of_size(size), goals.get((size, count)),
                quick=(size, count) in quick)
            for size in servers.SIZES for count in (1, 16, 64)]
    rows.append(Row(f"4 KiB, 64 connections, {MANY} documents of {PEOPLE} people", ["-c", 64], lambda server: server.grown, quick=True))
    rows.append(Row("new mutual handshakes", ["-c", "16", "--handshake-only"], of_size(4096), Goal(at_least=1.2), quick=True))
    return rows


def idle_kib(server):
    """Memory of an idle connection that has served one small answer, by what the later ones add to the earlier ones: those also
    take what the start left to the heap. From many addresses: the gateway grants each only so many connections."""
    resident = []
    for count in IDLE:
        ran = load(server, [server.paths[4096]], ["--idle", count, "--hold", "1", "--src-addrs", "20"])
        if figures.failures(ran) or ran["requests"] != count:
            raise RuntimeError(f"{server.name}: of {count} idle connections {ran['requests']} were served")
        resident.append(ran["server_rss"] / 1024)
    return figures.slope(IDLE, resident)


def counted_reads(server, count):
    """Entries that so many reads made in the log. Their bytes are compared with each other."""
    before = server.log_size()
    ran = load(server, [server.paths[4096]], ["-c", "1", "-n", count, "-w", "0", "-d", "60", "--check"])
    if figures.failures(ran):
        raise RuntimeError(f"{figures.failures(ran)} of the counted reads failed")
    return {"reads": ran["requests"], "entries": server.log_size() - before}


def compare_bytes(server, every=100):
    """What is measured is what was deposited: each size, and some of the many."""
    wanted = dict(server.bytes)
    wanted.update({path: servers.grown_content(number, 4096) for number, path in enumerate(server.grown) if number % every == 0})
    for path, content in wanted.items():
        if server.read(path) != content:
            raise RuntimeError(f"{path}: other bytes than were deposited")


def two_workers(one, two, given):
    """CPU of a request when two threads serve, to that when one does; both with both CPUs, which they share with the load."""
    row = Row(TWO_WORKERS, ["-c", "64"], lambda server: server.grown)
    one.pin({0, 1})
    for _ in range(given.runs):
        for server in (two, one):
            ran = load(server, row.paths(server), [*row.words, "-d", given.seconds, "-w", min(0.5, given.seconds / 3)], cpus="0,1")
            row.runs.setdefault(server.name, []).append(ran)
    one.pin(one.cpus)
    return row.figures()


def in_process(gateway, given):
    """The stopped gateway's parts without a network; on both CPUs."""
    seconds, runs = (0.3, 3) if given.quick else (given.seconds, given.runs)
    words = ["--seconds", seconds, "--runs", runs]
    found = servers.process("decisions", "--seconds", seconds)
    found.update(servers.process("withdrawal"))
    found.update(gateway.in_process("appends", *words))
    found.update(gateway.in_process("reads", "--waiting", "1,64", *words))
    return found


def figures_in_process(found):
    out = []
    for one in found["decisions"]:
        of = f"{one['fullmakter']:,} fullmakter"
        goal = Goal(at_most=5.0) if one["fullmakter"] >= 1e6 else None
        out += [figures.judged(f"a decision, {what}, {of}", one[key], "µs", goal)
                for what, key in (("permitted", "permitted_us"), ("refused", "refused_us"), ("and what follows from it", "opening_us"))]
        out.append(figures.judged(f"memory of a million fullmakter, of {of}", one["mib_per_million"], "MiB"))
    one = found["withdrawal"]
    of = f"{one['fullmakter']:,} fullmakter, {one['readings']:,} running readings cut"
    out.append(figures.judged(f"an authorisation withdrawn, {of}", (one["withdraw_us"] + one["cut_us"]) / 1000, "ms", Goal(at_most=10.0)))
    out.append(figures.judged("… of that the act itself", one["withdraw_us"], "µs"))
    for one in found["appends"]:
        of = f"{one['waiting']} waiting, {one['batch']:.1f} entries a batch"
        out.append(figures.judged(f"durable appends, {of}", one["entries_per_s"], "entries/s"))
        out.append(figures.judged("… to groups of that size on the disk alone", one["ratio"], f"of {one['raw_per_s']:.0f}/s", Goal(at_least=0.5)))
    for one in found["reads"]:
        out.append(figures.judged(f"readings in process, {one['waiting']} waiting", one["reads_per_s"], "readings/s"))
        out.append(figures.judged("… CPU of both threads", one["cpu_us_per_read"], "µs a reading"))
    return out


def set_up(given, folder, stack):
    gateway = servers.FlikvaktServer(folder / "gateway", {0})
    stack.callback(gateway.stop)
    gateway.add_grown("--people", PEOPLE, "--documents", MANY, "--bytes", 4096)
    nginx = servers.NginxServer(folder / "nginx", gateway.pki, {0}, MANY)
    stack.callback(nginx.stop)
    two = servers.FlikvaktServer(folder / "two", {0, 1}, threads=2, name="two workers")
    stack.callback(two.stop)
    two.add_grown("--people", PEOPLE, "--documents", MANY, "--bytes", 4096)
    return gateway, nginx, two


class Stopwatch:
    """Where the run's own time goes, so that `--quick` stays quick."""

    def __init__(self):
        self.began, self.seconds = time.monotonic(), {}

    def lap(self, name):
        now = time.monotonic()
        self.seconds[name], self.began = round(now - self.began, 1), now


def measure(given, folder, stack):
    watch = Stopwatch()
    gateway, nginx, two = set_up(given, folder, stack)
    watch.lap("set-up")
    found = {"idle_kib": {server.name: idle_kib(server) for server in (gateway, nginx)}}
    watch.lap("idle connections")
    compare_bytes(gateway)
    found["counted"] = counted_reads(gateway, 1000)
    rows = [row for row in all_rows() if (row.quick or not given.quick) and given.only in row.name]
    for _ in range(given.runs):
        for row in rows:
            for server in (gateway, nginx):
                row.play(server, given.seconds)
    found["rows"] = [row.figures() for row in rows]
    watch.lap("beside nginx")
    if given.only in TWO_WORKERS:
        found["rows"].append(two_workers(two=two, one=gateway, given=given))
    gateway.stop()
    two.stop()
    watch.lap("two workers")
    found["in_process"] = None if given.only else in_process(gateway, given)
    watch.lap("in process")
    found["logs"] = {server.name: server.verify() for server in (gateway, two)}
    watch.lap("log verify")
    found["figures"] = list(summary(found))
    found["took_s"] = watch.seconds
    return found


def summary(found):
    """What has a goal and is no ratio to nginx's rate."""
    quiet = [row for row in found["rows"] if row["row"] == "4 KiB, 1 connection"]
    for row in quiet:
        yield figures.judged("p50 of one quiet connection, 4 KiB", row["p50_us"][0] / 1000, "ms", Goal(at_most=0.6))
    for row in found["rows"]:
        if row["row"] == TWO_WORKERS:
            yield figures.judged("server CPU a request, two workers to one", row["cpu_ratio"], "", Goal(at_most=1.15))
    yield figures.judged("idle connection", found["idle_kib"]["gateway"], f"KiB (nginx {found['idle_kib']['nginx']:.1f})", Goal(at_most=28))
    if found["in_process"]:
        yield from figures_in_process(found["in_process"])


def build():
    subprocess.run(["ninja", "-C", str(servers.BUILD), "flikvakt", "flikvakt-partition", "flikvakt_bench", "mtlsload", "passing_child"], check=True, stdout=subprocess.DEVNULL)


def parse(argv):
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--log", action="store_true")
    parser.add_argument("--portal", action="store_true")
    parser.add_argument("--journal", action="store_true")
    parser.add_argument("--connectors", type=int, nargs="?", const=2000, metavar="N")
    parser.add_argument("--sealed", action="store_true", help="with --connectors: in end-to-end mode")
    parser.add_argument("--store", type=pathlib.Path, metavar="DIR")
    parser.add_argument("--requests", type=int, default=300, metavar="N")
    parser.add_argument("--scale", type=float, default=1.0, metavar="X")
    parser.add_argument("--people", type=int, metavar="N", help="with --portal and --scale: so many people all the same")
    parser.add_argument("--only", default="", metavar="TEXT")
    parser.add_argument("--runs", type=int, metavar="N")
    parser.add_argument("--seconds", type=float, metavar="S")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE")
    parser.add_argument("--profile", type=pathlib.Path, metavar="FILE")
    parser.add_argument("--folder", type=pathlib.Path, metavar="DIR", help="where the run's own folder is made, and removed (the system's)")
    given = parser.parse_args(argv)
    if given.sealed and not given.connectors:
        parser.error("--sealed: only with --connectors")
    given.runs = given.runs or (3 if given.quick else 5)
    given.seconds = given.seconds or (1.0 if given.quick else 2.0)
    return given


def show(found):
    if "pages" in found:
        portal_pages.show(found["pages"])
        print()
    if "rows" in found:
        figures.show_compared(found["rows"])
        print()
    figures.show_figures(found["figures"])
    for name, log in found["logs"].items():
        print(f"log of {name}: {log['size']} entries, verified")
    if "counted" in found:
        print(f"{found['counted']['reads']} counted reads made {found['counted']['entries']} entries")
        print("this took " + ", ".join(f"{name} {seconds:.0f} s" for name, seconds in found["took_s"].items()))


def store_of(given, folder):
    """Where the store of --portal is: the run's own folder, or one that stays."""
    if given.store:
        given.store.mkdir(mode=0o700, exist_ok=True)
    return given.store or folder


def main(argv):
    given = parse(argv)
    build()
    with tempfile.TemporaryDirectory(prefix="flikvakt-bench-", dir=given.folder) as name, contextlib.ExitStack() as stack:
        folder = pathlib.Path(name)
        if given.profile:
            return profile_gateway.record(folder, given, load)
        if given.connectors:
            found = dialled_in.measure(folder, stack, dialled_in.EndToEnd if given.sealed else dialled_in.Direct, given.connectors, 60)
        elif given.journal:
            found = journal_pages.measure(given, folder, stack)
        elif given.portal:
            found = portal_pages.measure(given, store_of(given, folder), stack)
        else:
            found = growth.measure_log(given, folder, stack) if given.log else measure(given, folder, stack)
        if given.long:
            growth.measure(given, folder, stack, found, Row)
    show(found)
    if given.json:
        given.json.write_text(json.dumps(found, indent=1) + "\n")
    worthless = figures.problems(found)
    print("\n".join(["this run is worth nothing:", *worthless] if worthless else ["no request failed"]))
    return 1 if worthless else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
