"""The units of deploy/: systemd takes them, they are shut in, and what they say of the program is so: the command, the exit
codes that need a person, and the word that it serves."""
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "demo"), str(ROOT / "tests" / "faults")]
import story
import tlog

PROGRAM = story.program()
CONNECTOR = PROGRAM.parent.parent / "connector" / "flikvakt-connector"
CONNECTOR_UNIT = ROOT / "deploy" / "flikvakt-connector.service"  # of another program, which says nothing to systemd
UNITS = sorted(set((ROOT / "deploy").glob("*.service")) - {CONNECTOR_UNIT})
INSTALLED = "/usr/bin/flikvakt"
MOST_EXPOSED = {"flikvakt.service": 2.2, "flikvakt-witness.service": 1.5}  # of 10, as systemd-analyze counts; without any of it: 9.6
ANALYZE, STRACE = shutil.which("systemd-analyze"), shutil.which("strace")
NEEDS_A_PERSON = {"2", "4"}  # exit codes: a mistake in the configuration; locked, or a log that has forked


def settings(unit):
    """{key: [values]} of the section Service."""
    out, section = {}, None
    for line in unit.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line
        elif section == "[Service]" and line and not line.startswith("#"):
            key, _, value = line.partition("=")
            out.setdefault(key, []).append(value)
    return out


def system_calls(name):
    """The calls of "@system-service" and of all sets in it; a name that is no set is its own."""
    if not name.startswith("@"):
        return {name}
    listed = analyze("syscall-filter", name).stdout.splitlines()[1:]
    return set().union(*(system_calls(line.strip()) for line in listed if line.strip() and not line.strip().startswith("#")))


def permitted_calls(unit):
    out = set()
    for line in settings(unit)["SystemCallFilter"]:
        for name in line.removeprefix("~").split():
            out = out - system_calls(name) if line.startswith("~") else out | system_calls(name)
    return out


def analyze(*words):
    return subprocess.run([ANALYZE, *map(str, words)], capture_output=True, text=True, timeout=120)


@unittest.skipUnless(PROGRAM.exists(), f"{PROGRAM} is missing: run ./dev build")
class Units(unittest.TestCase):
    def setUp(self):
        self.assertGreaterEqual(len(UNITS), 2)
        folder = tempfile.TemporaryDirectory(prefix="flikvakt-units-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def runnable(self, unit, change=lambda text: text):
        """The unit with the program where it was built, so that systemd finds it."""
        copy = self.folder / unit.name
        copy.write_text(change(unit.read_text(encoding="utf-8").replace(INSTALLED, str(PROGRAM))), encoding="utf-8")
        return copy

    @unittest.skipUnless(ANALYZE, "systemd-analyze is not here: the units were not checked by systemd")
    def test_systemd_takes_them_and_refuses_a_mistake(self):
        for unit in UNITS:
            with self.subTest(unit=unit.name):
                taken = analyze("verify", "--man=no", self.runnable(unit))
                self.assertEqual((taken.returncode, taken.stderr), (0, ""))
                wrong = analyze("verify", "--man=no", self.runnable(unit, lambda text: text.replace("ProtectHome=", "ProtectHouse=")))
                self.assertIn("ProtectHouse", wrong.stderr, "a word that it does not know is told")

    @unittest.skipUnless(ANALYZE, "systemd-analyze is not here: how exposed the units are was not counted")
    def test_they_are_shut_in(self):
        for unit in UNITS:
            with self.subTest(unit=unit.name):
                threshold = f"--threshold={round(MOST_EXPOSED[unit.name] * 10)}"
                counted = analyze("security", "--offline=true", threshold, unit)
                self.assertEqual(counted.returncode, 0, counted.stdout)
                more_open = self.runnable(unit, lambda text: text.replace("SystemCallFilter=@system-service\n", "").replace("NoNewPrivileges=yes\n", ""))
                self.assertNotEqual(analyze("security", "--offline=true", threshold, more_open).returncode, 0, "it counts")

    def test_what_needs_a_person_is_not_started_again(self):
        for unit in UNITS:
            with self.subTest(unit=unit.name):
                service = settings(unit)
                self.assertEqual(service["Restart"], ["on-failure"])
                self.assertEqual(set(service["RestartPreventExitStatus"][0].split()), NEEDS_A_PERSON)

    def test_a_connector_that_only_people_here_can_help_is_not_started_again(self):  # SPEC CONN-71
        service = settings(CONNECTOR_UNIT)
        self.assertEqual(set(service["RestartPreventExitStatus"][0].split()), {"2", "16", "19", "20", "22"})
        self.assertEqual(service["Restart"], ["on-failure"], "what somebody else mends, it comes back from by itself")
        self.assertIn("StartLimitIntervalSec=0\n", CONNECTOR_UNIT.read_text(encoding="utf-8"))

    @unittest.skipUnless(CONNECTOR.exists(), f"{CONNECTOR} is missing: run ./dev build")
    def test_the_connectors_example_names_only_what_its_unit_opens(self):
        service = settings(CONNECTOR_UNIT)
        opened = [pathlib.PurePath("/var/lib", *service["StateDirectory"]), pathlib.PurePath("/run", *service["RuntimeDirectory"]),
                  pathlib.PurePath("/var/log", *service["LogsDirectory"]), *(pathlib.PurePath(one.lstrip("-")) for one in service["ReadWritePaths"])]
        example = subprocess.run([CONNECTOR, "example"], capture_output=True, text=True, check=True).stdout
        written = dict(re.findall(r'^(?:# )?(state|folder|ready_file|json_lines) = "([^"]+)"', example, re.MULTILINE))
        self.assertEqual(set(written), {"state", "folder", "ready_file", "json_lines"})
        for key, path in written.items():
            self.assertTrue(any(pathlib.PurePath(path).is_relative_to(one) for one in opened), f"{key}: {path} is read-only under the unit")
        self.assertEqual(written["state"], str(opened[0]))
        self.assertFalse(pathlib.PurePath("/etc/flikvakt-connector/state").is_relative_to(opened[0]), "the comparison can fail")
        self.assertNotIn(opened[0], [pathlib.PurePath(written["folder"]), *pathlib.PurePath(written["folder"]).parents], "there nobody else may drop a file")

    def test_they_keep_what_they_must_to_themselves(self):
        for unit in UNITS:
            with self.subTest(unit=unit.name):
                service = settings(unit)
                for key, value in {"Type": "notify", "NoNewPrivileges": "yes", "ProtectSystem": "strict", "UMask": "0077",
                                   "StateDirectoryMode": "0700", "CapabilityBoundingSet": "", "LimitCORE": "0",
                                   "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX"}.items():
                    self.assertEqual(service[key], [value], key)
                self.assertNotIn(service["User"], (["root"], ["nobody"]))

    def test_the_program_has_the_command_that_they_start(self):
        for unit in UNITS:
            with self.subTest(unit=unit.name):
                words = settings(unit)["ExecStart"][0].split()
                self.assertEqual((words[0], words[2]), (INSTALLED, "--config"))
                nothing = subprocess.run([PROGRAM, words[1], "--config", self.folder / "none.toml"], capture_output=True, text=True)
                self.assertNotEqual(nothing.returncode, 0)
                self.assertIn("none.toml", nothing.stderr, "it got as far as its configuration")

    def begin_witness(self, log):
        config = self.folder / "witness.toml"
        config.write_text(f'name = "witness.example/w1"\nkey = "witness.key"\ndata = "seen"\nlisten = "127.0.0.1:0"\n'
                          f'logs = ["{log.verifier()}"]\nready_file = "ready"\n', encoding="utf-8")
        subprocess.run([PROGRAM, "witness", "--config", config, "--init"], capture_output=True, check=True)
        return config

    def add_checkpoint(self, body):
        connection = http.client.HTTPConnection("127.0.0.1", json.loads((self.folder / "ready").read_text())["witness"], timeout=30)
        self.addCleanup(connection.close)
        connection.request("POST", "/add-checkpoint", body.encode())
        return connection.getresponse().status

    @unittest.skipUnless(ANALYZE and STRACE, "systemd-analyze or strace is not here: a witness's system calls were not compared")
    def test_a_witness_makes_no_call_that_its_unit_forbids(self):
        log = tlog.Log("log.example/flikvakt")
        config = self.begin_witness(log)
        trace = self.folder / "trace"
        traced = subprocess.Popen([STRACE, "-f", "-qq", "-o", trace, PROGRAM, "witness", "--config", config], stderr=subprocess.DEVNULL)
        self.addCleanup(traced.kill)
        deadline = time.monotonic() + 60
        while not (self.folder / "ready").exists():
            self.assertTrue(traced.poll() is None and time.monotonic() < deadline)
            time.sleep(0.05)
        leaves, others = ([tlog.leaf_hash(bytes([salt, i])) for i in range(3)] for salt in (0, 1))
        self.assertEqual(self.add_checkpoint(log.request(0, leaves)), 200)
        self.assertEqual(self.add_checkpoint(log.request(0, others)), 409, "a fork: the evidence is kept")
        self.assertEqual(self.add_checkpoint(log.request(0, others)), 403)
        os.kill(int(trace.read_text().split()[0]), signal.SIGTERM)  # the first that was traced is the program itself
        self.assertEqual(traced.wait(timeout=60), 4)
        made = set(re.findall(r"^\d+\s+([a-z_0-9]+)\(", trace.read_text(), re.MULTILINE))
        self.assertGreater(len(made), 20)
        self.assertEqual(made - permitted_calls(ROOT / "deploy" / "flikvakt-witness.service"), set())
        self.assertNotIn("mount", permitted_calls(ROOT / "deploy" / "flikvakt-witness.service"), "the comparison can fail")

    def test_a_witness_says_to_systemd_that_it_serves_and_that_it_stops(self):
        told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(told.close)
        told.bind(str(self.folder / "notify"))
        told.settimeout(30)
        config = self.begin_witness(tlog.Log("log.example/flikvakt"))
        environment = dict(os.environ, NOTIFY_SOCKET=str(self.folder / "notify"))
        witness = subprocess.Popen([PROGRAM, "witness", "--config", config], env=environment, stderr=subprocess.DEVNULL)
        self.addCleanup(witness.kill)
        self.assertEqual(told.recv(100), b"READY=1")
        witness.send_signal(signal.SIGTERM)
        self.assertEqual(told.recv(100), b"STOPPING=1")
        self.assertEqual(witness.wait(timeout=30), 0)


if __name__ == "__main__":
    unittest.main()
