"""Sets the preloaded disk (disk_shim.cpp) and reads its trace. `Disk(page file, data folder).environment()` goes to the program."""
import ctypes
import errno
import mmap
import os
import pathlib
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
PAGE, EVENTS = 4096, 100_000
NONE, KILL_BEFORE, KILL_AFTER, ERROR, SHORT, STALL = range(6)
KEEP_ALL, LOSE_UNSYNCED, LOSE_SOME = range(3)
BYTE_CALLS, SYNC_CALLS = ("write", "pwrite"), ("fsync", "fdatasync")


class Settings(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint32) for name in ("armed", "seen", "at", "fault", "error_number", "sticky", "loss", "fired", "release",
                                                     "die")] + [("seed", ctypes.c_uint64), ("events", ctypes.c_uint64), ("stall_milliseconds", ctypes.c_uint32)]


class Event(ctypes.Structure):
    _fields_ = [("nanoseconds", ctypes.c_uint64), ("result", ctypes.c_int64), ("bytes", ctypes.c_uint64), ("fd", ctypes.c_uint32),
                ("counted", ctypes.c_uint32), ("call", ctypes.c_char * 16), ("path", ctypes.c_char * 48)]


def library():
    """Beside the built tests; made here where only the program was built."""
    build = pathlib.Path(os.environ.get("FLIKVAKT_BUILD") or HERE.parent.parent / "build" / "release")
    made = build / "tests" / "disk_shim.so"
    source = HERE / "disk_shim.cpp"
    if not made.exists() or made.stat().st_mtime < source.stat().st_mtime:
        made.parent.mkdir(parents=True, exist_ok=True)
        part = made.with_suffix(f".{os.getpid()}")
        subprocess.run(["c++", "-std=c++20", "-O1", "-shared", "-fPIC", "-o", part, source], check=True)
        part.replace(made)
    return made


class Disk:
    def __init__(self, page, root):
        self.page, self.root = pathlib.Path(page), pathlib.Path(root)
        with self.page.open("wb") as file:
            file.truncate(PAGE + EVENTS * ctypes.sizeof(Event))
        with self.page.open("r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 0)
        self.now = Settings.from_buffer(self.memory)

    def environment(self):
        # The sanitizers want to be loaded first, but do not need to be.
        return {"LD_PRELOAD": str(library()), "FLIKVAKT_SHIM_PAGE": str(self.page), "FLIKVAKT_SHIM_ROOT": str(self.root),
                "ASAN_OPTIONS": "verify_asan_link_order=0"}

    def whole(self):
        """Nothing fails, nothing is counted, and no name is kept of what earlier processes removed."""
        shutil.rmtree(f"{self.root}.kept-names", ignore_errors=True)
        ctypes.memset(ctypes.byref(self.now), 0, ctypes.sizeof(Settings))

    def arm(self, at=0, fault=NONE, loss=KEEP_ALL, number=errno.EIO, sticky=False, seed=1, stall_milliseconds=0):
        """From now on calls are counted, and the one numbered `at` fails as said."""
        self.now.armed = self.now.fired = self.now.seen = self.now.release = self.now.die = 0
        self.now.at, self.now.fault, self.now.loss, self.now.error_number = at, fault, loss, number
        self.now.sticky, self.now.seed, self.now.stall_milliseconds = int(sticky), seed, stall_milliseconds
        self.now.armed = 1

    def events(self, from_event=0):
        """What happened since `from_event`, as Event; at most the first 100,000 of a run are kept."""
        last = min(self.now.events, EVENTS)
        return [Event.from_buffer_copy(self.memory, PAGE + i * ctypes.sizeof(Event)) for i in range(from_event, last)]

    def counted(self, from_event=0):
        """(call, path) of each counted call, in order."""
        found = sorted((one.counted, one.call.decode(), one.path.decode()) for one in self.events(from_event) if one.counted)
        return [(call, path) for _, call, path in found]
