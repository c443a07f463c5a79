"""A proxy that opens TLS, as agencies' networks have them: `python3 inspecting.py FOLDER HOST PORT IDLE page|- [NAME=ADDRESS …]`.

Everything that it saw is in FOLDER/seen, its CA's certificate in FOLDER/inspection-ca.pem; FOLDER/cut has one byte for each question
that it cut while the answer was awaited."""
import datetime
import pathlib
import socket
import ssl
import sys
import threading

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def make_ca(folder):
    """The CA of a network that opens TLS: (certificate, key), and files for both."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Natets inspektion")])
    now = datetime.datetime.utcnow()
    made = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=30))
            .add_extension(x509.BasicConstraints(True, None), True).sign(key, hashes.SHA256()))
    (folder / "inspection-ca.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return made, key


class Inspecting:
    """A CONNECT proxy that opens TLS: to the client it is the server, under its own CA. Keeps every byte that it saw. It buffers whole
    messages (answers are passed on only when they are complete), cuts what is idle for `idle` seconds, and strips Upgrade.

    `page`: answers every question itself, with a page to sign in. `names`: addresses of names that its machine does not know."""

    def __init__(self, folder, host, port, idle=60, page=False, names=None):
        self.folder, self.idle, self.page, self.names = pathlib.Path(folder), idle, page, names or {}
        self.ca, self.key = make_ca(self.folder)
        self.contexts, self.lock = {}, threading.Lock()
        self.seen, self.cut = ((self.folder / name).open("ab", buffering=0) for name in ("seen", "cut"))
        self.listener = socket.create_server((host, port))

    def context_for(self, name):
        with self.lock:
            if name in self.contexts:
                return self.contexts[name]
            key = ec.generate_private_key(ec.SECP256R1())
            now = datetime.datetime.utcnow()
            made = (x509.CertificateBuilder().subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
                    .issuer_name(self.ca.subject).public_key(key.public_key()).serial_number(x509.random_serial_number())
                    .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=5))
                    .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), False).sign(self.key, hashes.SHA256()))
            file = self.folder / f"made-{name}.pem"
            file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(file)
            self.contexts[name] = context
            return context

    def serve(self):
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self.handle, args=(client,), daemon=True).start()

    def handle(self, client):
        try:
            client.settimeout(self.idle)
            head = b""
            while b"\r\n\r\n" not in head:
                got = client.recv(4096)
                if not got:
                    return
                head += got
            target = head.split(b" ")[1].decode()
            host, _, port = target.rpartition(":")
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            with self.context_for(host).wrap_socket(client, server_side=True) as opened:
                upstream = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
                upstream.check_hostname, upstream.verify_mode = False, ssl.CERT_NONE
                with upstream.wrap_socket(socket.create_connection((self.names.get(host, host), int(port))), server_hostname=host) as server:
                    while True:
                        asked = self.message(opened)
                        if not asked:
                            return
                        if self.page:
                            page = b"<html><body>Logga in i natet</body></html>"
                            opened.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(page) + page)
                            continue
                        server.sendall(asked)
                        try:
                            answer = self.message(server)  # whole, before a byte of it goes on: it buffers
                        except TimeoutError:
                            self.cut.write(b".")
                            return
                        if not answer:
                            return
                        opened.sendall(answer)
        except (OSError, ValueError):
            pass
        finally:
            client.close()

    def message(self, stream):
        stream.settimeout(self.idle)
        data = b""
        while b"\r\n\r\n" not in data:
            got = stream.recv(65536)
            if not got:
                return b""
            data += got
        head, _, body = data.partition(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        while len(body) < length:
            got = stream.recv(65536)
            if not got:
                return b""
            body += got
        whole = head + b"\r\n\r\n" + body
        self.seen.write(whole)
        lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"upgrade:")]
        return b"\r\n".join(lines) + b"\r\n\r\n" + body


if __name__ == "__main__":
    Inspecting(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), sys.argv[5] == "page",
               dict(one.split("=") for one in sys.argv[6:])).serve()
