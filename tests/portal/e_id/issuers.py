"""Certificates of the e-ID's servers, and its servers as processes that end with the test."""
import datetime
import ipaddress
import json
import os
import pathlib
import select
import subprocess
import threading

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HERE = pathlib.Path(__file__).resolve().parent
LOA3 = "http://id.elegnamnden.se/loa/1.0/loa3"
NUMBER = "https://id.oidc.se/claim/personalIdentityNumber"
PREVIOUS = "https://id.oidc.se/claim/previousCoordinationNumber"
CLIENT = "flikvakt"


def pem_of(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()


def name_of(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


class Authority:
    """The CA under which an issuer's servers are."""

    def __init__(self, name="E-legitimationens rot"):
        self.key, self.name = ec.generate_private_key(ec.SECP256R1()), name_of(name)
        self.certificate = self._sign(self.name, self.key, [], 365, is_ca=True)
        self.pem = self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def _sign(self, subject, key, names, days, is_ca=False):
        now = datetime.datetime.utcnow()
        begin, end = now - datetime.timedelta(days=30), now + datetime.timedelta(days=days)
        made = (x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(key.public_key())
                .serial_number(x509.random_serial_number()).not_valid_before(begin).not_valid_after(end)
                .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
                .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
                .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False))
        usage = {name: False for name in ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
                                          "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")}
        usage.update({"key_cert_sign": True, "crl_sign": True} if is_ca else {"digital_signature": True})
        made = made.add_extension(x509.KeyUsage(**usage), critical=True)
        if names:
            made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
            made = made.add_extension(x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        return made.sign(self.key, hashes.SHA256())

    def server(self, host="127.0.0.1", days=30):
        """{cert, key} in PEM. `days`: negative for one that has run out."""
        key = ec.generate_private_key(ec.SECP256R1())
        one = x509.IPAddress(ipaddress.ip_address(host)) if host[0].isdigit() else x509.DNSName(host)
        certificate = self._sign(name_of(host), key, [one], days)
        return {"cert": certificate.public_bytes(serialization.Encoding.PEM).decode(), "key": pem_of(key)}


class Process:
    """A node program that prints one line of JSON when it listens, and ends when its standard input does."""

    def __init__(self, folder, program, settings, ca=None, patience=60):
        file = pathlib.Path(folder) / (program.removesuffix(".mjs") + ".json")
        file.touch(mode=0o600)
        file.write_text(json.dumps(settings), encoding="utf-8")
        environment = {**os.environ, **({"NODE_EXTRA_CA_CERTS": str(ca)} if ca else {})}
        self.errors = open(file.with_suffix(".log"), "wb")
        self.process = subprocess.Popen(["node", HERE / program, file], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.errors, env=environment, text=True)
        ready, _, _ = select.select([self.process.stdout], [], [], patience)
        line = self.process.stdout.readline() if ready else ""
        if not line:
            self.end()
            raise RuntimeError(f"{program} does not listen: {file.with_suffix('.log').read_text()[-2000:]}")
        self.told = json.loads(line)
        threading.Thread(target=self.process.stdout.read, daemon=True).start()  # so that it never waits for us to read

    def said(self):
        return pathlib.Path(self.errors.name).read_text("utf-8", "replace")

    def end(self):
        if self.process.poll() is None:
            self.process.stdin.close()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.errors.close()


def issuer_act(code, name, where, ca, organisation=None, staff_claim=None):
    """What two administrators sign."""
    act = {"kind": "set_oidc_issuer", "code": code, "name": name, "client_id": CLIENT, "ca": ca, "acr": [] if organisation else [LOA3],
           **{member: where[member] for member in ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")}}
    if organisation:
        act.update(organisation=organisation, staff_claim=staff_claim)
    return act
