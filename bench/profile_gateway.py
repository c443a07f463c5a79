"""`./dev bench --profile FILE`: where the gateway's microseconds go. perf samples it under load, and says the shares."""
import os
import subprocess
import sys
import threading

import servers

SECONDS = 10
FLOOR = 0.3  # per cent: below it a line says nothing


def report(file, keys, most):
    """perf's own table; its `pid` is a thread. Children are not added up: a share is of the place itself."""
    command = ["perf", "report", "-i", file, "--stdio", "--no-children", "-g", "none", "--percent-limit", str(FLOOR), "--sort", keys]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, "PERF_PAGER": "cat"})
    lines = [line for line in ran.stdout.splitlines() if line.strip() and not line.startswith("#")]
    print(f"\nby {keys}:", *lines[:most], sep="\n", flush=True)


def record(folder, given, load):
    server = servers.FlikvaktServer(folder / "gateway", {0})
    try:
        server.add_grown("--people", 200, "--documents", 2000, "--bytes", 4096)
        words = ["-c", "64", "-d", SECONDS + 2, "-w", "1"]
        ran = {}
        busy = threading.Thread(target=lambda: ran.update(load(server, server.grown, words)))
        busy.start()
        command = ["perf", "record", "-q", "-e", "cpu-clock", "-F", "1999", "-g", "-p", str(server.pids[0]), "-o", str(given.profile),
                   "--", "sleep", str(SECONDS)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        busy.join()
    finally:
        server.stop()
    print(f"{ran['req_per_s']:.0f} requests/s, {ran['server_cpu_us_per_req']:.1f} µs CPU a request (perf's own cost is in it)")
    for keys, most in (("pid", 10), ("pid,dso", 30), ("pid,dso,symbol", 80)):
        report(str(given.profile), keys, most)
    return 0


if __name__ == "__main__":
    sys.exit("called by ./dev bench --profile FILE")
