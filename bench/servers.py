"""What is measured: the gateway with real documents, and nginx serving the same bytes as static files."""
import contextlib
import hashlib
import io
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "demo"))
import cast
import scenes
import story
import wire

SIZES = (4096, 65536, 1 << 20, 16 << 20)
PURPOSE = "rehab"
CIPHER, GROUP = "TLS_AES_256_GCM_SHA384", "X25519"
UNLIMITED = "threads = {threads}\nrequests_per_second = 1000000\nrequest_burst = 1000000\n"  # what is measured is the server, not its quota


def content(size):
    """A PDF as far as its first bytes go."""
    return b"%PDF-1.7\n" + hashlib.shake_128(b"bench %d" % size).digest(size - 9)


def pin(pid, cpus):
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(ProcessLookupError):
            os.sched_setaffinity(int(task.name), cpus)


class FlikvaktServer:
    """A person opened one flik to a kommun; a region deposited one document of each size; the kommun reads."""

    name = "gateway"

    def __init__(self, folder, cpus, threads=1):
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
            self.paths[size] = f"/v1/documents/{document}/content?purpose={PURPOSE}"
        self.gateway.stop()
        configuration = self.gateway.folder / "flikvakt.toml"
        configuration.write_text(configuration.read_text() + UNLIMITED.format(threads=threads))
        self.gateway.must_start()
        told.first_certificates()
        self.pki, self.cpus = self.gateway.pki, cpus
        pin(self.gateway.process.pid, cpus)

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
  open_file_cache max=100 inactive=300s; types {{ }} default_type application/pdf;
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

    def __init__(self, folder, pki, cpus):
        folder.mkdir()
        (folder / "www").mkdir()
        (folder / "t").mkdir()
        self.paths = {}
        for size in SIZES:
            (folder / "www" / str(size)).write_bytes(content(size))
            self.paths[size] = f"/{size}"
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
