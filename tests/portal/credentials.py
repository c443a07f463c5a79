"""A passkey and an e-ID in software, for tests that need the pages of those who came with one. The browser's own virtual authenticator and
a certified OpenID provider play them where it is about whether they are safe."""
import datetime
import hashlib
import http.server
import json
import secrets
import ssl
import threading
import time
import urllib.parse

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509.oid import NameOID

import wire

LEVEL = "http://id.elegnamnden.se/loa/1.0/loa3"
NUMBER = "https://id.oidc.se/claim/personalIdentityNumber"


def bytes_of(text):
    import base64
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def point(key):
    numbers = key.public_key().public_numbers()
    return numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")


class Passkey:
    """An authenticator with one credential (spec/webauthn.md): P-256, attestation `none`, no count."""

    def __init__(self, origin):
        self.origin, self.host = origin, urllib.parse.urlsplit(origin).hostname
        self.key, self.id = ec.generate_private_key(ec.SECP256R1()), secrets.token_bytes(32)

    def client_data(self, kind, options):
        return json.dumps({"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}).encode()

    def credential(self, response):
        name = wire.base64url(self.id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response, "clientExtensionResults": {}})

    def create(self, options):
        """What the browser answers when a passkey is made; `options` as the page has them."""
        options = json.loads(options)
        x, y = point(self.key)
        cose = b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20" + x + b"\x22\x58\x20" + y
        data = hashlib.sha256(self.host.encode()).digest() + b"\x45" + bytes(4) + bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cose
        attestation = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58" + bytes([len(data)]) + data
        assert len(data) < 256
        client = self.client_data("webauthn.create", options)
        return self.credential({"clientDataJSON": wire.base64url(client), "attestationObject": wire.base64url(attestation)})

    def get(self, options):
        options = json.loads(options)
        client = self.client_data("webauthn.get", options)
        data = hashlib.sha256(self.host.encode()).digest() + b"\x05" + bytes(4)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self.credential({"clientDataJSON": wire.base64url(client), "authenticatorData": wire.base64url(data),
                                "signature": wire.base64url(signature), "userHandle": None})


def certificate_for(key, issuer_key=None, issuer_name=None):
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost" if issuer_key else "roots of the e-ID")])
    now = datetime.datetime.utcnow()
    builder = (x509.CertificateBuilder().subject_name(name).issuer_name(issuer_name or name).public_key(key.public_key())
               .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
               .not_valid_after(now + datetime.timedelta(days=90))
               .add_extension(x509.BasicConstraints(ca=issuer_key is None, path_length=None), True))
    if issuer_key:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)
    return builder.sign(issuer_key or key, hashes.SHA256())


def pem_of(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


class Issuer:
    """An issuer of ID tokens (spec/oidc.md): who asks is whoever the test says."""

    def __init__(self, folder):
        roots, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        root = certificate_for(roots)
        self.ca = root.public_bytes(serialization.Encoding.PEM).decode()
        self.key, self.codes, self.is_down = ec.generate_private_key(ec.SECP256R1()), {}, False
        chain = folder / "issuer.pem"
        chain.touch(mode=0o600)
        chain.write_bytes(certificate_for(own, roots, root.subject).public_bytes(serialization.Encoding.PEM) + pem_of(own))
        issuer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self, body):
                content = json.dumps(body).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def do_GET(self):
                self.answer(issuer.keys())

            def do_POST(self):
                sent = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                claims = issuer.codes.pop(sent["code"][0], None)
                if issuer.is_down:
                    self.send_error(503)
                elif claims is None:
                    self.send_error(400)
                else:
                    self.answer({"id_token": issuer.token(claims), "token_type": "Bearer", "access_token": "none"})

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.load_cert_chain(chain)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.address = f"https://localhost:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def act(self, code, name, organisation=None):
        """What two administrators register."""
        out = {"kind": "set_oidc_issuer", "code": code, "name": name, "issuer": f"{self.address}/{code}", "client_id": "flikvakt",
               "acr": [] if organisation else [LEVEL], "authorization_endpoint": f"{self.address}/authorize",
               "token_endpoint": f"{self.address}/token", "jwks_uri": f"{self.address}/keys", "ca": self.ca}
        return {**out, "organisation": organisation, "staff_claim": "sub_id"} if organisation else out

    def keys(self):
        x, y = point(self.key)
        return {"keys": [{"kty": "EC", "crv": "P-256", "x": wire.base64url(x), "y": wire.base64url(y), "kid": "one", "use": "sig", "alg": "ES256"}]}

    def token(self, claims):
        head = wire.base64url(wire.canonical({"alg": "ES256", "kid": "one", "typ": "JWT"}))
        signed = head + "." + wire.base64url(json.dumps(claims).encode())
        r, s = decode_dss_signature(self.key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        return signed + "." + wire.base64url(r.to_bytes(32, "big") + s.to_bytes(32, "big"))

    def come_back(self, url, code, **who):
        """The path by which a browser that was sent to `url` comes back as that person or staff member."""
        asked = {name: values[0] for name, values in urllib.parse.parse_qs(urllib.parse.urlsplit(url).query).items()}
        now, serial = int(time.time()), secrets.token_hex(8)
        self.codes[serial] = {"iss": f"{self.address}/{code}", "aud": "flikvakt", "sub": "subject", "iat": now, "exp": now + 120, "nonce": asked["nonce"],
                              "auth_time": now, **who}
        if "number" in who:
            claims = self.codes[serial]
            claims[NUMBER] = claims.pop("number")
            claims["acr"] = LEVEL
        return f"/sign-in/return/{code}?" + urllib.parse.urlencode({"code": serial, "state": asked["state"]})
