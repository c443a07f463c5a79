"""The failing disk itself (disk_shim.cpp), below a small program that writes: what it loses, what it keeps, and that it sees every call
which changes a file that strace sees."""
import errno
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import disk
import kinds
from world import PROGRAM, World

PYTHON = ["/usr/bin/python3", "-S", "-E", "-c"]
SAME_CALL = {"pwrite64": "pwrite", "unlinkat": "unlink", "renameat2": "rename", "renameat": "rename", "linkat": "link", "openat": "open"}


class DiskTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="flikvakt-disk-")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name).resolve() / "data"
        self.root.mkdir()
        self.disk = disk.Disk(self.root.parent / "page", self.root)

    def run_program(self, lines):
        program = "import os\nos.chdir(%r)\nos.umask(0)\n" % str(self.root) + lines
        return subprocess.run([*PYTHON, program], env={**os.environ, **self.disk.environment()}, capture_output=True, text=True, timeout=60)

    def write(self, text="old"):
        (self.root / "file").write_text(text)

    def content(self):
        return (self.root / "file").read_text()

    def test_what_was_not_synced_is_lost_at_the_kill(self):
        self.write("0123456789")
        self.disk.arm(3, disk.KILL_BEFORE, disk.LOSE_UNSYNCED)
        ran = self.run_program("f = os.open('file', os.O_RDWR)\nos.pwrite(f, b'ab', 0)\nos.ftruncate(f, 4)\nos.pwrite(f, b'c', 8)")
        self.assertEqual((ran.returncode, self.content()), (-signal.SIGKILL, "0123456789"))

    def test_what_was_synced_is_kept_and_the_rest_is_lost(self):
        self.write("0123456789")
        self.disk.arm(4, disk.KILL_BEFORE, disk.LOSE_UNSYNCED)
        self.run_program("f = os.open('file', os.O_RDWR)\nos.pwrite(f, b'ab', 0)\nos.fsync(f)\nos.pwrite(f, b'cd', 2)\nos.pwrite(f, b'e', 4)")
        self.assertEqual(self.content(), "ab23456789")

    def test_a_kill_alone_keeps_the_page_cache(self):
        self.write("0123456789")
        self.disk.arm(1, disk.KILL_AFTER, disk.KEEP_ALL)
        self.run_program("f = os.open('file', os.O_RDWR)\nos.pwrite(f, b'ab', 0)")
        self.assertEqual(self.content(), "ab23456789")

    def test_some_sectors_are_there_and_some_are_not(self):
        self.write("0" * 64 * 512)
        self.disk.arm(1, disk.KILL_AFTER, disk.LOSE_SOME, seed=5)
        self.run_program("f = os.open('file', os.O_RDWR)\nos.pwrite(f, b'1' * (64 * 512), 0)")
        sectors = [self.content()[i:i + 512] for i in range(0, 64 * 512, 512)]
        self.assertEqual({one for one in sectors}, {"0" * 512, "1" * 512})
        self.assertTrue(10 < sectors.count("1" * 512) < 54)

    def test_what_a_failed_sync_covered_is_saved_by_no_later_one(self):
        self.write("0123456789")
        self.disk.arm(2, disk.ERROR, disk.LOSE_UNSYNCED, number=errno.EIO)
        ran = self.run_program("f = os.open('file', os.O_RDWR)\nos.pwrite(f, b'ab', 0)\ntry: os.fsync(f)\nexcept OSError as e: print(e.errno, flush=True)\n"
                               "os.pwrite(f, b'c', 5)\nos.fsync(f)\nos._exit(7)")
        self.assertEqual((ran.returncode, ran.stdout.strip(), self.content()), (7, str(errno.EIO), "01234c6789"))

    def test_what_was_written_anew_after_a_failed_sync_and_synced_is_kept(self):
        self.write("0123456789")
        self.disk.arm(2, disk.ERROR, disk.LOSE_UNSYNCED, number=errno.EIO)
        self.run_program("f = os.open('file', os.O_RDWR)\nos.pwrite(f, b'abcdef', 0)\ntry: os.fsync(f)\nexcept OSError: pass\n"
                         "os.pwrite(f, b'CD', 2)\nos.pwrite(f, b'xyz', 9)\nos.fsync(f)\nos._exit(7)")
        self.assertEqual(self.content(), "01CD45678xyz")

    def test_names_are_lost_until_their_folder_is_synced(self):
        self.write()
        for lines, names in (("os.close(os.open('new', os.O_CREAT | os.O_WRONLY))", ["file"]), ("os.rename('file', 'other')", ["file"]),
                             ("os.unlink('file')", ["file"]), ("os.link('file', 'second')", ["file"])):
            with self.subTest(lines=lines):
                self.disk.arm(2, disk.KILL_BEFORE, disk.LOSE_UNSYNCED)
                self.run_program(lines + "\nf = os.open('file2', os.O_CREAT)")
                self.assertEqual(sorted(os.listdir(self.root)), names)
                self.assertEqual(self.content(), "old")

    def test_names_are_kept_once_their_folder_is_synced(self):
        self.write()
        self.disk.arm(3, disk.KILL_BEFORE, disk.LOSE_UNSYNCED)
        self.run_program("os.rename('file', 'other')\nd = os.open('.', os.O_RDONLY)\nos.fsync(d)\nos.unlink('other')")
        self.assertEqual(os.listdir(self.root), ["other"])

    def test_errors_short_writes_and_stalls(self):
        self.write()
        self.disk.arm(1, disk.ERROR, number=errno.ENOSPC, sticky=True)
        ran = self.run_program("f = os.open('file', os.O_RDWR)\nfor i in range(2):\n  try: os.pwrite(f, b'ab', 0)\n  except OSError as e: print(e.errno)")
        self.assertEqual((ran.stdout.split(), self.content()), ([str(errno.ENOSPC)] * 2, "old"))
        self.disk.arm(1, disk.SHORT)
        self.assertEqual(self.run_program("print(os.pwrite(os.open('file', os.O_RDWR), b'abcd', 0))").stdout.strip(), "2")
        self.disk.arm(1, disk.STALL, stall_milliseconds=300)
        ran = self.run_program("import time\nf = os.open('file', os.O_RDWR)\nt = time.monotonic()\nos.fsync(f)\nprint(time.monotonic() - t > 0.25)")
        self.assertEqual(ran.stdout.strip(), "True")

    def test_nothing_happens_outside_the_folder(self):
        other = self.root.parent / "other"
        self.disk.arm(1, disk.ERROR)
        ran = self.run_program(f"f = os.open({str(other)!r}, os.O_CREAT | os.O_WRONLY, 0o600)\nos.pwrite(f, b'ab', 0)\nos.fsync(f)")
        self.assertEqual((ran.returncode, other.read_bytes(), self.disk.now.seen), (0, b"ab", 0))

    @unittest.skipUnless(PROGRAM.exists() and shutil.which("strace"), "needs the built program and strace")
    def test_strace_sees_no_call_that_the_disk_does_not(self):
        world = World(self.root.parent / "world")
        self.addCleanup(world.end)
        watched = disk.Disk(world.folder / "page", world.gateway.data)
        trace = world.folder / "trace"
        world.gateway.environment = watched.environment()
        world.restore()
        world.gateway.must_start()
        trial = kinds.deposit_first(world)
        tracer = subprocess.Popen(["strace", "-f", "-y", "-qq", "-o", trace, "-p", str(world.gateway.process.pid), "-e", "trace=write,writev,"
                                   "pwrite64,pwritev,pwritev2,fsync,fdatasync,sync_file_range,msync,ftruncate,fallocate,rename,renameat,renameat2,"
                                   "link,linkat,unlink,unlinkat,open,openat,creat,sendfile,copy_file_range"])
        while not trace.exists() or not all_traced(world.gateway.process.pid):
            self.assertIsNone(tracer.poll(), "strace did not attach")
        first = watched.now.events
        watched.arm()
        self.assertIs(trial.send(), True)
        watched.now.armed = 0
        seen = sorted(call for call, _ in watched.counted(first))
        # A call that was counted may still be on its way into the kernel.
        wait_until(lambda: len(list(calls_of(trace.read_text(), world.gateway.data))) >= len(seen), 10)
        tracer.send_signal(signal.SIGINT)
        tracer.wait(30)
        self.assertGreater(len(seen), 20)
        self.assertEqual(sorted(calls_of(trace.read_text(), world.gateway.data)), seen)


def all_traced(process):
    """Whether strace has every thread: it takes them one by one."""
    threads = list(pathlib.Path(f"/proc/{process}/task").iterdir())
    return all(b"TracerPid:\t0\n" not in (thread / "status").read_bytes() for thread in threads)


def wait_until(holds, seconds):
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.02)


def calls_of(trace, root):
    """The calls that change files below `root`, as strace wrote them; opening only where it makes a file."""
    for line in trace.splitlines():
        call, rest = re.match(r"\d+ +(\w+)\((.*)", line).groups() if re.match(r"\d+ +\w+\(", line) else ("", "")
        ours = ".kept-names" in rest  # second names that the disk itself keeps of what is removed
        if str(root) not in rest or ours or "-shm" in rest or (call in ("open", "openat") and "O_CREAT" not in rest):
            continue
        yield SAME_CALL.get(call, call)


if __name__ == "__main__":
    sys.exit(unittest.main())
