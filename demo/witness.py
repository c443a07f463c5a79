"""A witness of the gateway's log, as another organisation runs it: `flikvakt witness` in a folder of its own."""
import http.client
import json
import pathlib
import signal
import subprocess
import time


class Witness:
    """Its key and its record of the log are made at once, in a folder that is made if it is not there; what lies there stays.
    `log_key`: of the log that it watches. The port is another one after each start."""

    def __init__(self, program, folder, log_key):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self.config = self.folder / "witness.toml"
        self.config.write_text(f'name = "witness.example/w1"\nkey = "witness.key"\ndata = "seen"\nlisten = "127.0.0.1:0"\n'
                               f'logs = ["{log_key}"]\nready_file = "ready"\n', encoding="utf-8")
        self.words = [str(program), "witness", "--config", str(self.config)]
        self.key = subprocess.run([*self.words, "--init"], capture_output=True, text=True, check=True, timeout=60).stdout.strip()
        self.process, self.port = None, None

    def start(self, seconds=60):
        ready, end = self.folder / "ready", time.monotonic() + seconds
        ready.unlink(missing_ok=True)
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(self.words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        while not ready.exists():
            if self.process.poll() is not None or time.monotonic() > end:
                self.end(signal.SIGKILL)
                raise RuntimeError("the witness did not start: " + (self.folder / "log").read_text(encoding="utf-8")[-2000:])
            time.sleep(0.005)
        self.port = json.loads(ready.read_text())["witness"]
        return self

    def end(self, how=signal.SIGTERM):
        """Its exit code; None when it does not run."""
        if self.process is None:
            return None
        process, self.process = self.process, None
        process.send_signal(how)
        try:
            return process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()  # nothing of a run stays behind
            process.wait()
            raise

    stop = end

    def ask(self, body):
        """(status, body) of an add-checkpoint; None when the connection broke."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("POST", "/add-checkpoint", body.encode())
            reply = connection.getresponse()
            return reply.status, reply.read().decode()
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def configuration(self):
        """What the gateway's configuration says of it, as the only one."""
        return ("witness_quorum = 1\nwitness_interval_seconds = 1\n"
                f'[[witness]]\nurl = "http://127.0.0.1:{self.port}"\nkey = "{self.key}"\n')
