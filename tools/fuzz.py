#!/usr/bin/python3
"""Builds the fuzz targets of tests/fuzz and runs each for some CPU time. Called by `./dev fuzz`.

    tools/fuzz.py                          every target, a minute of CPU time each
    tools/fuzz.py --seconds 600 http jws   ten minutes of CPU time each for two of them

What a target finds worth keeping goes into build/fuzz/corpus/<target>; the seeds in tests/fuzz/seeds are only read. One line for
each target: runs, CPU seconds (of the process, by the kernel's count), coverage at the start and at the end, inputs that the
corpus gained. Exit 1 when a target crashed, hung or leaked, or ended before its CPU time was over; the line of a crash names the
file that makes it happen again: move it to tests/fuzz/regressions/<target>/ with the mend.
"""
import argparse
import os
import pathlib
import re
import resource
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
FUZZ = ROOT / "tests" / "fuzz"
BUILD = ROOT / "build" / "fuzz"
HUNG_SECONDS = 20
MOST_INPUT_BYTES = 4096
TICKS = os.sysconf("SC_CLK_TCK")


def targets():
    """The names in tests/fuzz/targets.h."""
    return re.findall(r"^  X\((\w+)\)", (FUZZ / "targets.h").read_text(), re.M)


def build(names):
    if subprocess.run(["cmake", "--preset", "fuzz", "--log-level=WARNING"], cwd=ROOT, check=False).returncode:
        return False
    ninja = ["ninja", "-C", str(BUILD), "-j", str(os.cpu_count()), *[f"fuzz_{name}" for name in names]]
    return subprocess.run(ninja, check=False).returncode == 0


def cpu_seconds(pid):
    """Of a running process, user and system together; 0 when it is gone."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS
    except OSError:
        return 0.0


def command(program, name, seed):
    corpus = BUILD / "corpus" / name
    corpus.mkdir(parents=True, exist_ok=True)
    (BUILD / "crashes").mkdir(exist_ok=True)
    inputs = [corpus, *(folder for folder in (FUZZ / "seeds" / name, FUZZ / "regressions" / name) if folder.is_dir())]
    return [str(program), f"-seed={seed}", f"-timeout={HUNG_SECONDS}", f"-max_len={MOST_INPUT_BYTES}", "-rss_limit_mb=2048",
            "-print_final_stats=1", f"-artifact_prefix={BUILD / 'crashes' / name}-", *map(str, inputs)]


def run(program, name, seconds, seed, log):
    """(exit code, CPU seconds). libFuzzer counts wall time only, so it is told to stop from here: SIGUSR1 is its polite way."""
    with open(log, "wb") as output, open(os.devnull, "rb") as nothing:
        process = subprocess.Popen(command(program, name, seed), stdin=nothing, stdout=output, stderr=output, cwd=BUILD,
                                   env={**os.environ, "UBSAN_OPTIONS": "print_stacktrace=1"}, start_new_session=True)
        try:
            while not os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                if cpu_seconds(process.pid) >= seconds:
                    process.send_signal(signal.SIGUSR1)
                time.sleep(0.5)
        except BaseException:
            process.kill()
            raise
        finally:
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            process.wait()
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return process.returncode, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def last(pattern, text, otherwise="0"):
    found = re.findall(pattern, text)
    return found[-1] if found else otherwise


def report(name, exit_code, cpu, seconds, text):
    """(the line, whether all is well)"""
    first_coverage = (re.findall(r"INITED\s+cov: (\d+)", text) or ["0"])[0]
    line = (f"{name:11} {last(r'stat::number_of_executed_units: *([0-9]+)', text):>10} runs in {cpu:6.1f} CPU s, "
            f"coverage {first_coverage} to {last(r' cov: ([0-9]+)', text)}, "
            f"{last(r'stat::new_units_added: *([0-9]+)', text)} new inputs, ")
    if exit_code == 0 and cpu < seconds:
        return line + f"ENDED EARLY: {seconds} CPU s were asked for", False
    if exit_code == 0:
        return line + "clean", True
    artifact = last(r"Test unit written to (\S+)", text, "no input kept")
    return line + f"CRASHED (exit {exit_code}): {artifact}", False


def parse(argv):
    parser = argparse.ArgumentParser(prog="./dev fuzz", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=60, help="CPU seconds for each target (60)")
    parser.add_argument("--seed", type=int, default=1, help="of libFuzzer's random choices (1)")
    parser.add_argument("--programs", type=lambda text: pathlib.Path(text).resolve(), help="a folder with the programs fuzz_<target>: nothing is built")
    parser.add_argument("target", nargs="*", help="all when none is named")
    arguments = parser.parse_args(argv)
    unknown = sorted(set(arguments.target) - set(targets()))
    if unknown:
        parser.error(f"unknown target `{unknown[0]}`; there are: {', '.join(targets())}")
    arguments.target = arguments.target or targets()
    if arguments.seconds < 1:
        parser.error(f"--seconds {arguments.seconds}: expected at least 1")
    missing = [name for name in arguments.target if arguments.programs and not (arguments.programs / f"fuzz_{name}").is_file()]
    if missing:
        parser.error(f"--programs: there is no `{arguments.programs / f'fuzz_{missing[0]}'}`; without --programs they are built")
    return arguments


def main(argv):
    arguments = parse(argv)
    if not arguments.programs and not build(arguments.target):
        print("fuzz: the build failed", file=sys.stderr)
        return 1
    programs = arguments.programs or BUILD / "tests" / "fuzz"
    print(f"fuzz: {arguments.seconds} CPU s each, seed {arguments.seed}", flush=True)
    all_well = True
    for name in arguments.target:
        log = BUILD / f"fuzz_{name}.log"
        exit_code, cpu = run(programs / f"fuzz_{name}", name, arguments.seconds, arguments.seed, log)
        line, well = report(name, exit_code, cpu, arguments.seconds, log.read_text(errors="replace"))
        print(line, flush=True)
        all_well = all_well and well
    return 0 if all_well else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
