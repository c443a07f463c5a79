"""Sets the preloaded clock and disk of bend_shim.cpp, and moves our own clients' clock along when a test wants that."""
import contextlib
import ctypes
import datetime
import mmap
import os
import pathlib
import subprocess
import time

HERE = pathlib.Path(__file__).resolve().parent
SECOND = 10**9


class Page(ctypes.Structure):
    _fields_ = [("offset", ctypes.c_int64), ("drift", ctypes.c_int64), ("drift_from", ctypes.c_int64), ("hold", ctypes.c_uint32),
                ("held", ctypes.c_uint32), ("passing", ctypes.c_int32)]


def library(folder):
    made = pathlib.Path(folder) / "bend_shim.so"
    if not made.exists():
        subprocess.run(["c++", "-std=c++20", "-O1", "-shared", "-fPIC", "-o", made, HERE / "bend_shim.cpp"], check=True)
    return made


def day_after(seconds):
    """The first day that begins after this time, which is later than all that was."""
    return (datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).date() + datetime.timedelta(days=1)).isoformat()


class Bend:
    """The bent machine of one gateway. `gateway.environment` must be set before it starts."""

    def __init__(self, folder):
        self.file, self.library = pathlib.Path(folder) / "bend-page", library(folder)
        self.file.write_bytes(bytes(4096))
        with self.file.open("r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 4096)
        self.page = Page.from_buffer(self.memory)

    def environment(self):
        return {"LD_PRELOAD": str(self.library), "FLIKVAKT_BEND_PAGE": str(self.file)}

    def clock(self, seconds=0.0, drift=0.0):
        """So many seconds ahead from now on, and `drift` seconds more for each second that passes."""
        self.page.drift_from, self.page.drift = time.monotonic_ns(), int(drift * SECOND)
        self.page.offset = int(seconds * SECOND)

    @contextlib.contextmanager
    def commands_follow(self):
        """Commands that are run meanwhile see this clock too."""
        environment = self.environment()
        before = {name: os.environ.get(name) for name in environment}
        os.environ.update(environment)
        try:
            yield
        finally:
            for name, value in before.items():
                os.environ.pop(name)
                if value is not None:
                    os.environ[name] = value

    def wall(self):
        """What the gateway's wall clock shows."""
        passed = (time.monotonic_ns() - self.page.drift_from) / SECOND
        return time.time() + self.page.offset / SECOND + passed * self.page.drift / SECOND

    def hold_after(self, ask, patience=60):
        """No sync returns from now on. True when one waits: `ask` is what should bring it about."""
        self.hold_after_syncs(0)
        ask()
        return self.is_held(patience)

    def hold_after_syncs(self, count):
        """So many return, and none after them."""
        self.page.passing, self.page.held = count, 0  # one that was killed as it waited counts no more
        self.page.hold = 1

    def is_held(self, patience):
        end = time.monotonic() + patience
        while self.page.held == 0 and time.monotonic() < end:
            time.sleep(0.005)
        return self.page.held > 0

    def wait_until_held(self, patience=60):
        if not self.is_held(patience):
            raise RuntimeError(f"no sync waits after {patience} seconds")

    def let_go(self):
        self.page.hold = 0


class MovedTime:
    """The module `time` with another wall clock, for our clients: `clients.time = MovedTime(bend)`."""

    def __init__(self, bend):
        self.bend = bend

    def __getattr__(self, name):
        return getattr(time, name)

    def time(self):
        return self.bend.wall()
