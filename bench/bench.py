#!/usr/bin/python3
"""The gateway against nginx, alternately in one run; called by `./dev bench`.

    bench.py              every size and number of connections, five alternations of two seconds each
    bench.py --quick      the rows that have a goal, three alternations: about two minutes
    bench.py --json FILE  also as JSON; --only TEXT: rows whose name holds it; --runs N --seconds S

Every request to the gateway is a real one: a consented document, decrypted, with its entry in the log before the first byte and another
after the last, by a staff member whose word was verified on that connection. nginx serves the same bytes as static files with the
same certificates, TLS version, cipher and demand for a client certificate. The server has CPU 0, the load CPU 1. Quote ratios, not rates: the machine is shared.
Afterwards the log must verify, and a counted thousand of reads must have made exactly two thousand entries.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

import servers

ROOT = servers.ROOT
LOAD = ROOT / "build" / "bench" / "mtlsload"
KIB = {4096: "4 KiB", 65536: "64 KiB", 1 << 20: "1 MiB", 16 << 20: "16 MiB"}


class Row:
    """One thing that is measured of both servers. `goal`: of the ratio gateway to nginx (None: no goal); `value`: what of a run counts."""

    def __init__(self, name, words, size=4096, goal=None, value="req_per_s", quick=False):
        self.name, self.words, self.size, self.goal, self.value, self.quick = name, words, size, goal, value, quick
        self.runs = {"gateway": [], "nginx": []}

    def play(self, server, seconds):
        self.runs[server.name].append(load(server, self.size, [*self.words, "-d", str(seconds), "-w", "0.5"]))

    def median(self, name, value):
        return statistics.median(one[value] if value in one else one["latency"][value] for one in self.runs[name])

    def figures(self):
        ours, theirs = (self.median(name, self.value) for name in ("gateway", "nginx"))
        cpu = [self.median(name, "server_cpu_us_per_req") for name in ("gateway", "nginx")]
        return {"row": self.name, "value": self.value, "gateway": ours, "nginx": theirs, "ratio": round(ours / theirs, 3), "goal": self.goal,
                "p50_us": [self.median(name, "p50_us") for name in ("gateway", "nginx")],
                "p99_us": [self.median(name, "p99_us") for name in ("gateway", "nginx")],
                "server_cpu_us": [round(one, 1) for one in cpu], "cpu_ratio": round(cpu[0] / cpu[1], 3) if cpu[1] else None,
                "load_cpu": round(max(self.median(name, "client_cpu_share") for name in ("gateway", "nginx")), 2),
                "failed": sum(failures(one) for runs in self.runs.values() for one in runs)}


def failures(run):
    return run["unexpected_status"] + run["errors"] + run["mismatches"]


def load(server, size, words):
    """One run of the load generator, as it reports it."""
    identity = ["--cert", servers_pki / "kommun.pem", "--key", servers_pki / "kommun.key", "--ca", servers_pki / "ca.pem", "--sni", "localhost",
                "--ciphers", servers.CIPHER, "--groups", servers.GROUP]
    headers = [word for header in server.headers() for word in ("-H", header)]
    command = ["taskset", "-c", "1", LOAD, "--json", "--pid", ",".join(map(str, server.pids)), *identity, *headers, *words,
               f"https://127.0.0.1:{server.port()}", server.paths[size]]
    ran = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=300, check=False)
    if not ran.stdout.strip():
        raise RuntimeError(f"mtlsload: {ran.stderr.strip()}")
    return json.loads(ran.stdout.strip().splitlines()[-1])


def all_rows():
    goals = {(4096, 64): 0.5, (65536, 16): 0.9, (1 << 20, 16): 1.0}
    rows = [Row(f"{KIB[size]}, {count} connections" if count > 1 else f"{KIB[size]}, 1 connection", ["-c", count], size,
                goals.get((size, count)), quick=(size, count) in goals)
            for size in servers.SIZES for count in (1, 16, 64)]
    rows.append(Row("new mutual handshakes", ["-c", "16", "--handshake-only"], goal=1.2, quick=True))
    return rows


def idle_kib(server, count):
    """Memory of an idle connection that has served one small answer. From several addresses: the gateway takes 256 of each. The first
    ones use what busy connections gave back, so they are not counted."""
    sources = ["--src-addrs", "16", "--hold", "1"]
    first, ran = (load(server, 4096, ["--idle", each, *sources]) for each in (count // 4, count + count // 4))
    if failures(first) + failures(ran):
        raise RuntimeError("not every idle connection was served")
    return (ran["server_rss"] - first["server_rss"]) / 1024 / count


def counted_reads(server, count):
    """Entries that so many reads made in the log."""
    before = server.log_size()
    ran = load(server, 4096, ["-c", "1", "-n", count, "-w", "0", "-d", "60"])
    if failures(ran):
        raise RuntimeError(f"{failures(ran)} of the counted reads failed")
    return ran, server.log_size() - before


def build():
    LOAD.parent.mkdir(parents=True, exist_ok=True)
    source = ROOT / "bench" / "mtlsload.cpp"
    if not LOAD.exists() or LOAD.stat().st_mtime < source.stat().st_mtime:
        subprocess.run(["g++", "-std=c++20", "-O2", "-o", str(LOAD), str(source), "-lssl", "-lcrypto", "-lpthread"], check=True)


def show(figures, idle, out=sys.stdout):
    print(f"{'':28} {'gateway':>10} {'nginx':>10} {'ratio':>6} {'goal':>5}  {'CPU µs a request':>18} {'ratio':>6} {'p99 µs':>14}", file=out)
    for one in figures:
        goal = f"{one['goal']:.1f}" if one["goal"] else ""
        print(f"{one['row']:28} {one['gateway']:10.0f} {one['nginx']:10.0f} {one['ratio']:6.2f} {goal:>5}  "
              f"{one['server_cpu_us'][0]:9.1f}{one['server_cpu_us'][1]:9.1f} {one['cpu_ratio'] or 0:6.2f} "
              f"{one['p99_us'][0]:7.0f}{one['p99_us'][1]:7.0f}", file=out)
    print(f"idle connection: {idle['gateway']:.1f} KiB, nginx {idle['nginx']:.1f} KiB (goal: at most 28)", file=out)


def measure(given, folder):
    global servers_pki
    gateway = servers.FlikvaktServer(folder / "gateway", {0})
    servers_pki = gateway.pki
    nginx = None
    try:
        nginx = servers.NginxServer(folder / "nginx", gateway.pki, {0})
        rows = [row for row in all_rows() if (row.quick or not given.quick) and given.only in row.name]
        counted, grown = counted_reads(gateway, 1000)
        for _ in range(given.runs):
            for row in rows:
                for server in (gateway, nginx):
                    row.play(server, given.seconds)
        idle = {server.name: idle_kib(server, 1000) for server in (gateway, nginx)}
        figures = [row.figures() for row in rows]
        gateway.stop()
        return {"rows": figures, "idle_kib": idle, "counted": {"reads": 1000, "entries": grown, "measured": counted["requests"]},
                "log": gateway.verify()}
    finally:
        for server in (gateway, nginx):
            if server is not None:
                server.stop()


def parse(argv):
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", default="", metavar="TEXT")
    parser.add_argument("--runs", type=int, metavar="N")
    parser.add_argument("--seconds", type=float, default=2.0, metavar="S")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE")
    given = parser.parse_args(argv)
    given.runs = given.runs or (3 if given.quick else 5)
    return given


def main(argv):
    given = parse(argv)
    build()
    with tempfile.TemporaryDirectory(prefix="flikvakt-bench-") as name:
        folder = pathlib.Path(name)
        (folder / "gateway").mkdir(mode=0o700)
        found = measure(given, folder)
    show(found["rows"], found["idle_kib"])
    if given.json:
        given.json.write_text(json.dumps(found, indent=1) + "\n")
    failed = sum(row["failed"] for row in found["rows"])
    exact = found["counted"]["entries"] == 2 * found["counted"]["reads"]
    print(f"log: {found['log']['size']} entries, verified; 1000 counted reads made {found['counted']['entries']}; failed requests: {failed}")
    return 0 if exact and not failed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
