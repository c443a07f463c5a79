"""What is measured: the gateway with real documents, and nginx serving the same bytes as static files."""
import contextlib
import hashlib
import io
import json
import os
import pathlib
import shlex
import shutil
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "release"
PROCESS = BUILD / "bench" / "flikvakt_bench"
sys.path.insert(0, str(ROOT / "demo"))
import cast
import gateway
import scenes
import story
import wire

SIZES = (4096, 65536, 1 << 20, 16 << 20)
PURPOSE = "rehab"
CIPHER, GROUP = "TLS_AES_256_GCM_SHA384", "X25519"
UNLIMITED = "threads = {threads}\nrequests_per_second = 1000000\nrequest_burst = 1000000\n"  # what is measured is the server, not its quota


def deployed_environment(unit):
    """What the text of a unit file puts into the gateway's environment: it is measured as it is run."""
    lines = [line.removeprefix("Environment=") for line in unit.splitlines() if line.startswith("Environment=")]
    found = dict(setting.split("=", 1) for line in lines for setting in shlex.split(line))
    if "GLIBC_TUNABLES" not in found:
        raise RuntimeError("the unit file sets no GLIBC_TUNABLES")
    return found


ENVIRONMENT = deployed_environment((ROOT / "deploy" / "flikvakt.service").read_text())
LIST = "documents"  # of those that grow() made, in the gateway's folder


def content(size):
    """A PDF as far as its first bytes go."""
    return b"%PDF-1.7\n" + hashlib.shake_128(b"bench %d" % size).digest(size - 9)


def grown_content(number, size):
    """As bench/process/grow.cpp makes it."""
    out = bytearray(b"%PDF-1.7\n")
    block = 0
    while len(out) < size:
        out += hashlib.sha256(b"bench %d %d" % (number, block)).digest()
        block += 1
    return bytes(out[:size])


def process(*words):
    ran = subprocess.run([str(word) for word in (PROCESS, *words)], capture_output=True, text=True, check=False,
                         env={**os.environ, **ENVIRONMENT})
    if ran.returncode != 0:
        raise RuntimeError(f"flikvakt_bench {words[0]}: {ran.stderr.strip()[-1000:]}")
    return json.loads(ran.stdout)


def pin(pid, cpus):
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(ProcessLookupError):
            os.sched_setaffinity(int(task.name), cpus)


def reopened(folder):
    """The gateway that an earlier run left in that folder, stopped, with the configuration that it had."""
    config = folder / "flikvakt.toml"
    text = config.read_text()
    made = gateway.Gateway(story.program(), folder)
    config.write_text(text)
    made.environment.update(ENVIRONMENT)
    return made


class FlikvaktServer:
    """A person opened one flik to a kommun; a region deposited one document of each size; the kommun reads. What grow() adds is
    opened to the same reader."""

    def __init__(self, folder, cpus, threads=1, name="gateway"):
        self.name, self.cpus = name, cpus
        folder.mkdir(mode=0o700)
        with contextlib.redirect_stdout(io.StringIO()):
            self.gateway, ids = story.begin(story.program(), folder)
            told = scenes.Story(self.gateway, cast.Cast(self.gateway, ids), [])
            told.first_certificates()
            told.teams()
            told.enrolment()
        people = told.cast
        told.sign(people.milo, "bench", "Jag låter kommunen läsa mina journaler.", ["region"],
                  cast.recipient("organisation", people.id("kommun")), ["journal"], PURPOSE)
        self.paths, self.reader, self.anyone = {}, people.ivo, people.anyone
        for size in SIZES:
            facts = {"flik": "journal", "title": f"{size} byte", "author": "Maja Fiktelius", "date": "2026-03-02",
                     "media_type": "application/pdf"}
            document = people.maja.deposit(people.milo.number, facts, content(size))
            self.paths[size] = self.path_of(document)
        self.gateway.stop()
        self.gateway.environment.update(ENVIRONMENT)
        configuration = self.gateway.folder / "flikvakt.toml"
        configuration.write_text(configuration.read_text() + UNLIMITED.format(threads=threads))
        self.pki, self.told, self.bytes = self.gateway.pki, told, {self.paths[size]: content(size) for size in SIZES}
        self.write_cast(people)
        self.grown = []
        self.start()

    def write_cast(self, people):
        """For the program that measures and grows the stopped gateway: bench/process/cast.h."""
        members = {"depositor": people.maja, "registrar": people.kim, "confirmer": people.lee, "reader": people.ivo}
        facts = {role: {"organisation": one.organisation, "staff": one.staff, "certificate": wire.base64url(one.fingerprint),
                        "key": str(self.pki / f"{one.label}-staff.key")} for role, one in members.items()}
        facts.update(data=str(self.gateway.data), passphrase_file=str(self.gateway.folder / "words"), audience=self.gateway.name,
                     purpose=PURPOSE, flik="journal")
        self.gateway.write("cast.json", json.dumps(facts))

    def start(self):
        """Seconds from the start of the program until it serves."""
        began = time.monotonic()
        self.gateway.must_start()
        seconds = time.monotonic() - began
        self.told.first_certificates()
        self.pin(self.cpus)
        return seconds

    def pin(self, cpus):
        pin(self.gateway.process.pid, cpus)

    def add_grown(self, *words):
        """More people, documents and entries; the gateway serves again afterwards."""
        self.gateway.stop()
        grown = self.in_process("grow", *words)
        self.start()
        self.grown = [self.path_of(document) for document in self.documents()]
        return grown

    def in_process(self, command, *words):
        """What bench/process says of the stopped gateway."""
        where = [self.gateway.folder / "cast.json", self.gateway.folder / LIST]
        return process(command, *where, *words)

    def documents(self):
        """Ids of what grow() made: number i holds grown_content(i, size)."""
        return (self.gateway.folder / LIST).read_text().split()

    def path_of(self, document):
        return f"/v1/documents/{document}/content?purpose={PURPOSE}"

    def read(self, path):
        """The bytes, by a client that shares no code with the gateway."""
        return self.reader.ask("GET", path).body

    @property
    def pids(self):
        return [self.gateway.process.pid]

    def port(self):
        return self.gateway.ports["api"]

    def headers(self):
        """A fresh word of the kommun for its staff member: it lasts for less than five minutes."""
        self.reader.ends = 0
        return [f"{name}: {value}" for name, value in self.reader.credentials()]

    def log_size(self):
        self.anyone.close()
        return int(self.anyone.checkpoint().split("\n")[1])

    def verify(self):
        """What `flikvakt log verify` says of the log that the runs left; raises when it is not well."""
        return self.gateway.must("log", "verify", "--data", self.gateway.data)

    def stop(self):
        return self.gateway.stop(signal.SIGTERM) if self.gateway.process else None


NGINX = """daemon off; master_process on; worker_processes 1; {user}
pid {folder}/nginx.pid; error_log {folder}/nginx.log warn; worker_rlimit_nofile 60000;
events {{ worker_connections 20000; }}
http {{
  access_log off; sendfile on; tcp_nopush on; tcp_nodelay on; keepalive_timeout 300; keepalive_requests 1000000000;
  open_file_cache max=10000 inactive=300s; types {{ }} default_type application/pdf;
  client_body_temp_path {folder}/t; proxy_temp_path {folder}/t; fastcgi_temp_path {folder}/t; uwsgi_temp_path {folder}/t; scgi_temp_path {folder}/t;
  server {{
    listen 127.0.0.1:{port} ssl backlog=4096;
    ssl_certificate {pki}/server.pem; ssl_certificate_key {pki}/server.key;
    ssl_client_certificate {pki}/ca.pem; ssl_verify_client on; ssl_session_cache off; ssl_session_tickets off;
    ssl_protocols TLSv1.3; ssl_conf_command Ciphersuites {cipher}; ssl_ecdh_curve {group};
    root {folder}/www;
  }}
}}
"""


class NginxServer:
    """The yardstick: one worker, the gateway's own certificates, TLS version, cipher and demand for a client certificate."""

    name = "nginx"

    def __init__(self, folder, pki, cpus, grown):
        """`grown`: so many files of 4 KiB beside those of each size."""
        self.pki = pki
        folder.mkdir()
        (folder / "www").mkdir()
        (folder / "t").mkdir()
        self.paths = {}
        for size in SIZES:
            (folder / "www" / str(size)).write_bytes(content(size))
            self.paths[size] = f"/{size}"
        for number in range(grown):
            (folder / "www" / f"grown-{number}").write_bytes(grown_content(number, 4096))
        self.grown = [f"/grown-{number}" for number in range(grown)]
        self.number = free_port()
        user = "user root;" if os.getuid() == 0 else ""
        (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=self.number, pki=pki, cipher=CIPHER, group=GROUP, user=user))
        self.process = subprocess.Popen([shutil.which("nginx") or "/usr/sbin/nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")],
                                        stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(self.number)
        for pid in self.pids:
            pin(pid, cpus)

    @property
    def pids(self):
        text = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in text.split()]

    def port(self):
        return self.number

    def headers(self):
        return []

    def stop(self):
        self.process.terminate()
        return self.process.wait(timeout=20)


def free_port():
    import socket
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def wait_for(port):
    import socket
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"nothing listens on port {port}")
