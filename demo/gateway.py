"""The `flikvakt` program as an administrator runs it: commands, and the gateway in the background."""
import json
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import time

PASSPHRASE = "en demonstration utan hemligheter"
CONFIGURATION = """data = "data"
listen_api = "127.0.0.1:0"
listen_portal = "127.0.0.1:0"
certificate = "pki/server.pem"
key = "pki/server.key"
client_ca = "pki/ca.pem"
crl = ["pki/crl.pem"]
ready_file = "ready"
drain_seconds = 2
"""


class CommandFailed(RuntimeError):
    pass


class Gateway:
    """Everything of one run lies under `folder`; `runs` counts the starts, so that clients notice a new one."""

    name, origin = "flikvakt-demo", "demo.flikvakt.example/log"
    # Tests deposit bytes that are no file of any kind: a child that lets all through stands where `flikvakt-partition` would. The demo
    # itself, and tests of what is hidden in files, take the real one.
    lets_all_through = True

    def __init__(self, program, folder):
        self.program, self.folder = str(program), pathlib.Path(folder)
        self.built = pathlib.Path(program).parent  # also when a test puts another program in front of it
        self.data, self.pki, self.log = self.folder / "data", self.folder / "pki", self.folder / "gateway.log"
        self.process, self.ports, self.runs, self.log_key = None, {}, 0, ""
        self.environment = {}  # what the program finds there besides ours
        self.patience = 60     # seconds for a start or a stop; a command has twice as long
        self.witness, self.set_aside = None, None
        self.also_ends = []    # programs of the run beside the gateway and the witness
        self.write("words", PASSPHRASE + "\n")
        self.write("flikvakt.toml", CONFIGURATION)

    def write(self, name, text):
        path = self.folder / name
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")
        return path

    def run(self, *words, sealed=True):
        """Exit code, stdout, stderr. `sealed`: the command opens files that have a passphrase."""
        passphrase = ["--passphrase-file", str(self.folder / "words")] if sealed else []
        command = [self.program, *map(str, words), *passphrase, "--json"]
        ran = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=2 * self.patience)
        return ran.returncode, ran.stdout, ran.stderr

    def must(self, *words, sealed=True):
        code, out, err = self.run(*words, sealed=sealed)
        if code != 0:
            raise CommandFailed(f"flikvakt {' '.join(map(str, words[:3]))}: exit code {code}: {err.strip()}")
        return json.loads(out) if out.strip() else {}

    def found(self, clients):
        """Keys of two administrators, a recovery key, certificates and the instance itself."""
        for name, kind in (("alice.key", "administrator"), ("bo.key", "administrator"), ("recovery.key", "recovery")):
            self.must("key", "new", self.folder / name, "--kind", kind, "--argon2", "fast")
        words = [word for client in clients for word in ("--client", client)]
        self.must("pki", "dev", self.pki, *words, sealed=False)
        made = self.must("init", "--data", self.data, "--name", self.name, "--origin", self.origin, "--administrator",
                         f"Alice={self.folder / 'alice.key'}", "--administrator", f"Bo={self.folder / 'bo.key'}",
                         "--recovery", self.folder / "recovery.key", "--argon2", "fast")
        self.log_key = made["log_key"]

    def be_witnessed(self, witness):
        self.witness = witness
        with (self.folder / "flikvakt.toml").open("a", encoding="utf-8") as config:
            config.write(witness.configuration())

    def copy_all(self, folder):
        """The whole machine as it is while stopped, as another instance with the same keys."""
        folder.mkdir(mode=0o700)
        out = Gateway(self.program, folder)
        for name in ("data", "pki", "connectors"):
            if (self.folder / name).exists():
                shutil.copytree(self.folder / name, folder / name)
        for file in [*self.folder.glob("*.key"), self.folder / "flikvakt.toml", self.folder / "ids.json"]:
            shutil.copy2(file, folder / file.name)
        out.log_key = self.log_key
        return out

    def start(self):
        """None when it serves, else its exit code."""
        ready = self.folder / "ready"
        ready.unlink(missing_ok=True)
        self.choose_divider()
        self.log_from = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            words = [self.program, "serve", "--config", str(self.folder / "flikvakt.toml"), "--passphrase-file",
                     str(self.folder / "words")]
            # restore_signals=False: SIGXFSZ stays ignored, so that forbid_writing() makes writes fail instead of killing.
            self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                                            restore_signals=False, env={**os.environ, **self.environment})
        end = time.monotonic() + self.patience
        while time.monotonic() < end:
            if self.process.poll() is not None:
                code, self.process = self.process.returncode, None
                return code
            if ready.exists():
                self.ports, self.runs = json.loads(ready.read_text()), self.runs + 1
                return None
            time.sleep(0.02)
        raise CommandFailed(f"the gateway did not become ready within {self.patience} seconds: {self.said()}")

    def choose_divider(self):
        config = self.folder / "flikvakt.toml"
        text = config.read_text(encoding="utf-8")
        if "partition_program" in text:
            return
        divider = self.built.parent / "tests" / "passing_child" if self.lets_all_through else self.built / "flikvakt-partition"
        if not divider.is_file():
            raise CommandFailed(f"`{divider}` is not built, and without it nothing is deposited: `./dev build` makes it")
        if self.lets_all_through:
            config.write_text(f'partition_program = "{divider.resolve()}"\n' + text, encoding="utf-8")

    def must_start(self):
        code = self.start()
        if code is not None:
            raise CommandFailed(f"the gateway did not start, exit code {code}: {self.said()}")

    def said(self):
        """What the gateway wrote since it was started last."""
        with self.log.open("rb") as log:
            log.seek(self.log_from)
            return log.read().decode("utf-8", "replace").strip()[-2000:]

    def stop(self, by=signal.SIGTERM):
        if self.process is None:
            return None
        process, self.process = self.process, None
        process.send_signal(by)
        try:
            return process.wait(timeout=self.patience)
        except subprocess.TimeoutExpired:
            process.kill()  # nothing of a run stays behind
            process.wait()
            raise CommandFailed(f"the gateway did not stop within {self.patience} seconds: {self.said()}") from None

    def end(self):
        """Nothing of the run stays behind."""
        try:
            for one in self.also_ends:
                one.stop()
            self.stop()
        finally:
            if self.witness is not None:
                self.witness.stop()

    def forbid_writing(self, forbid=True):
        """No file may grow past one byte: every write to the database fails, as on a broken disk."""
        limit = 1 if forbid else resource.RLIM_INFINITY
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))

    def apply(self, name, acts):
        path = self.write(name, json.dumps({"acts": acts}, ensure_ascii=False, indent=1))
        return self.must("apply", path, *self.administrators(), "--ids", self.folder / "ids.json")["ids"]

    def administrators(self):
        return ("--administrator", self.folder / "alice.key", "--second", self.folder / "bo.key", "--data", self.data)
