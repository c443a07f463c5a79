"""Two connectors of the story: programs behind their organisations' firewalls that only dial out. The municipality's is in
end-to-end mode, since its network's proxy opens TLS; that proxy's notes are looked at afterwards."""
import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

import clients
import documents
from scenes import say

HERE = pathlib.Path(__file__).resolve().parent
CONFIGURATION = """connectors = "connectors"
connector_api = "https://localhost"
connector_trust = "pki/ca.pem"
connector_witness_seconds = 1
"""
# Organisation, staff in whose name it deposits, the name of the connector, end to end, what it deposits.
PLAN = [("region", "maja", "Regionen, journalsystemet", False, "journal-vardcentral.pdf"),
        ("kommun", "nils", "Kommunen, ekonomienheten", True, "beslut-ekonomiskt-bistand.pdf")]


def program(flikvakt):
    return pathlib.Path(flikvakt).parent.parent / "connector" / "flikvakt-connector"


def prepare(gateway):
    """Before the gateway starts: the CA of its connectors, and their place in its configuration."""
    gateway.must("connector", "init", gateway.folder / "connectors", sealed=False)
    with (gateway.folder / "flikvakt.toml").open("r+", encoding="utf-8") as config:
        rest = config.read()
        config.seek(0)
        config.write(CONFIGURATION + rest)


def register(gateway):
    gateway.apply("connectors.json", [{"kind": "register_issuer", "certificate_file": "connectors/ca.pem"}])


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def ended(process):
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()  # nothing of a run stays behind
            process.wait()


class Proxy:
    """The municipality's: it opens TLS and keeps what it sees."""

    def __init__(self, folder):
        self.folder, self.port = folder, free_port()
        self.folder.mkdir(mode=0o700)
        with (folder / "log").open("ab") as log:
            self.process = subprocess.Popen([sys.executable, "-B", str(HERE / "inspecting.py"), str(folder), "127.0.0.1", str(self.port), "60", "-"],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        wait_for("the proxy", self.listens)

    def listens(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            return True
        except OSError:
            return False

    def seen(self):
        return (self.folder / "seen").read_bytes()

    def stop(self):
        ended(self.process)


def wait_for(what, look, seconds=30):
    end = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > end:
            raise clients.Refused(f"{what}: not within {seconds} seconds")
        time.sleep(0.02)
    return found


class Program:
    """`flikvakt-connector` with a folder of its own: its configuration, state and log. `before`: words before the program, such as
    `ip netns exec …`."""

    def __init__(self, flikvakt, folder, before=()):
        self.binary, self.folder, self.before = program(flikvakt), pathlib.Path(folder), list(before)
        self.folder.mkdir(mode=0o700)
        self.environment, self.process, self.id, self.log = {}, None, None, self.folder / "connector.log"

    def words(self, *words):
        return [*self.before, str(self.binary), *words, "--config", str(self.folder / "connector.toml")]

    def run(self, *words, stdin=None, seconds=60):
        return subprocess.run(self.words(*words), input=stdin, capture_output=True, text=True, timeout=seconds,
                              env={**os.environ, **self.environment}, cwd=self.folder)

    def enrol(self, code, *words):
        file = self.folder / "code"
        file.touch(mode=0o600)
        file.write_text(code + "\n")
        return self.run("enrol", "--code-file", str(file), *words)

    def must_enrol(self, code):
        ran = self.enrol(code)
        if ran.returncode != 0:
            raise clients.Refused(f"enrol: exit code {ran.returncode}: {ran.stderr.strip()}")
        self.id = json.loads(ran.stdout)["connector"]
        return self

    def start(self, wait=True):
        (self.folder / "ready").unlink(missing_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.words("run"), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                                            env={**os.environ, **self.environment}, cwd=self.folder)
        if wait:
            wait_for("the connector is ready: " + self.said(), self.is_ready)
        return self

    def is_ready(self):
        if self.process.poll() is not None:
            raise clients.Refused(f"the connector ended with {self.process.returncode}: {self.said()}")
        return (self.folder / "ready").exists()

    def said(self):
        return self.log.read_text(encoding="utf-8", errors="replace")[-3000:] if self.log.exists() else ""

    def stop(self, by=signal.SIGTERM):
        """Its exit code; None: it did not run."""
        if self.process is None:
            return None
        process, self.process = self.process, None
        if process.poll() is None:
            os.killpg(process.pid, by)  # what it started, too
        try:
            return process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()  # nothing of a run stays behind
            process.wait()
            raise clients.Refused("the connector did not stop: " + self.said()) from None


class Connector(Program):
    """One of the story's. `proxy`: the port of the one that it has to go through."""

    def __init__(self, gateway, folder, name, end_to_end, proxy=None):
        super().__init__(gateway.program, folder)
        self.gateway, self.end_to_end, self.proxy, self.name = gateway, end_to_end, proxy, name
        self.configure()

    def configure(self):
        """With the ports that the gateway has now."""
        ports = self.gateway.ports
        proxy = f'[proxy]\naddress = "http://127.0.0.1:{self.proxy}"\n' if self.proxy else ""
        (self.folder / "connector.toml").write_text(
            f'gateway = "https://localhost:{ports["portal"]}"\ndirect = "https://localhost:{ports["api"]}"\nstate = "state"\n'
            f'mode = "{"end-to-end" if self.end_to_end else "direct"}"\nwitness = "{self.folder.name}.example/w1"\nready_file = "ready"\n'
            f'{proxy}[deposit]\nfolder = "deposit"\nsettled_milliseconds = 100\n', encoding="utf-8")

    def let_in(self, organisation, staff):
        words = ["--end-to-end"] if self.end_to_end else []
        made = self.gateway.must("organisation", "enrol", "--organisation", organisation, "--staff", staff, "--name", self.name, *words,
                                 *self.gateway.administrators())
        self.must_enrol(made["code"])

    def deposit(self, one, number):
        """As the organisation's system does it: a file, then its sidecar. The receipt."""
        flik = self.folder / "deposit" / one["flik"]
        flik.mkdir(parents=True, exist_ok=True)
        (flik / one["file"]).write_bytes(pathlib.Path(one["path"]).read_bytes())
        (flik / (one["file"] + ".json")).write_text(json.dumps(
            {"person": documents.separated(number), "title": one["title"], "author": one["author"], "date": one["date"],
             "media_type": one["media_type"]}, ensure_ascii=False), encoding="utf-8")
        done = self.folder / "deposit" / "done" / one["flik"] / (one["file"] + ".receipt.json")
        wait_for(f"a receipt of `{self.name}`", done.exists)
        return json.loads(done.read_text(encoding="utf-8"))


class Connectors:
    """Both, enrolled and at work."""

    def __init__(self, gateway, ids):
        self.gateway, self.of, self.receipts, self.proxy = gateway, {}, {}, None
        gateway.also_ends.append(self)
        self.proxy = Proxy(gateway.folder / "proxy-of-kommun")
        for organisation, staff, name, end_to_end, file in PLAN:
            one = Connector(gateway, gateway.folder / f"connector-{organisation}", name, end_to_end, self.proxy.port if end_to_end else None)
            self.of[file] = one
            one.let_in(ids["$" + organisation], ids["$" + staff])
            one.start()
        say("Regionen och kommunen har var sin kontakt: ett program som bara ringer ut. Kommunens nät öppnar TLS, så dess meddelanden är"
            " förseglade ända fram.")

    def deposit(self, one, number):
        """The document's id; None: the file is not one of theirs."""
        if one["file"] not in self.of:
            return None
        self.receipts[one["file"]] = self.of[one["file"]].deposit(one, number)
        return self.receipts[one["file"]]["document"]

    def listed(self):
        listed = self.gateway.must("connector", "list", "--data", self.gateway.data, sealed=False)["connectors"]
        return {one["id"]: one for one in listed}

    def evidence(self, scanner, as_deposited):
        """Of what they did so far; `scanner`: for the markers of every document; `as_deposited`: {file: whether readers got its words}."""
        ids = {one.id for one in self.of.values()}
        wait_for("both cosign", lambda: ids <= {key for key, one in self.listed().items() if one.get("witnessed_size", 0) > 0})
        listed, seen = self.listed(), self.proxy.seen()
        say(f"Kommunens proxy såg {len(seen)} byte och inget av vad de handlar om. Båda medundertecknar loggen.")
        return {"there": [listed[one.id]["present"] for one in self.of.values()],
                "end_to_end": [listed[one.id]["end_to_end"] for one in self.of.values()],
                "cosigned": [listed[one.id]["witnessed_size"] for one in self.of.values()],
                "receipts": len(self.receipts), "as_deposited": [as_deposited.get(file, False) for file in self.of], "sealed": seen.count(b"POST /v1/sealed "), "seen_bytes": len(seen),
                "seen": scanner.scan([self.proxy.folder / "seen"])["hits"]}

    def follow(self):
        """The gateway was started anew, on other ports."""
        for one in self.of.values():
            one.stop()
            one.configure()
            one.start()

    def stop(self):
        with contextlib.ExitStack() as stack:  # all of them, whatever one says
            for one in (self.proxy, *self.of.values()):
                if one is not None:
                    stack.callback(one.stop)
