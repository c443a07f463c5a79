"""The real `flikvakt witness` as a process on a folder of its own."""
import http.client
import json
import pathlib
import signal
import subprocess
import time

from world import PROGRAM


class Program:
    """`log_key`: of the log that it watches, in text form. The port is another one after each start."""

    def __init__(self, folder, log_key):
        self.folder = pathlib.Path(folder)
        self.config = self.folder / "witness.toml"
        self.config.write_text(
            f'name = "witness.example/w1"\nkey = "witness.key"\ndata = "seen"\nlisten = "127.0.0.1:0"\n'
            f'logs = ["{log_key}"]\nready_file = "ready"\n', encoding="utf-8")
        made = subprocess.run([PROGRAM, "witness", "--config", self.config, "--init"], capture_output=True, text=True, check=True)
        self.key = made.stdout.strip()
        self.process, self.port = None, None

    def start(self):
        ready = self.folder / "ready"
        ready.unlink(missing_ok=True)
        self.log = open(self.folder / "log", "ab")
        self.process = subprocess.Popen([PROGRAM, "witness", "--config", self.config], stderr=self.log, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while not ready.exists():
            assert self.process.poll() is None and time.monotonic() < deadline, "the witness did not start"
            time.sleep(0.005)
        self.port = json.loads(ready.read_text())["witness"]

    def end(self, how=signal.SIGTERM):
        if self.process is None:
            return None
        self.process.send_signal(how)
        code = self.process.wait(timeout=30)
        self.process = None
        self.log.close()
        return code

    def ask(self, body):
        """(status, body); None when the connection broke."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("POST", "/add-checkpoint", body.encode())
            reply = connection.getresponse()
            return reply.status, reply.read().decode()
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()
