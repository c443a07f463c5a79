"""A witness of the gateway's log, as another organisation runs it: `flikvakt witness` in a folder of its own."""
import json
import pathlib
import subprocess
import time


class Witness:
    def __init__(self, program, folder, log_key):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(mode=0o700)
        config = self.folder / "witness.toml"
        config.write_text(f'name = "witness.example/w1"\nkey = "key"\ndata = "seen"\nlisten = "127.0.0.1:0"\n'
                          f'logs = ["{log_key}"]\nready_file = "ready"\n', encoding="utf-8")
        words = [str(program), "witness", "--config", str(config)]
        self.key = subprocess.run([*words, "--init"], capture_output=True, text=True, check=True, timeout=60).stdout.strip()
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        self.port = self.ready()

    def ready(self, seconds=60):
        file, end = self.folder / "ready", time.monotonic() + seconds
        while not file.exists():
            if self.process.poll() is not None or time.monotonic() > end:
                self.stop()
                raise RuntimeError("the witness did not start: " + (self.folder / "log").read_text(encoding="utf-8")[-2000:])
            time.sleep(0.02)
        return json.loads(file.read_text())["witness"]

    def configuration(self):
        """What the gateway's configuration says of it, as the only one."""
        return ("witness_quorum = 1\nwitness_interval_seconds = 1\n"
                f'[[witness]]\nurl = "http://127.0.0.1:{self.port}"\nkey = "{self.key}"\n')

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(timeout=30)
