"""Things that go wrong on purpose: crashes, an old database, a full disk, an outdated revocation list, a missing key."""
import datetime
import shutil
import signal
import subprocess
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from scenes import say


def copy_rows(gateway, name):
    """The database as it lies on disk now."""
    folder = gateway.folder / name
    folder.mkdir()
    for file in gateway.data.glob("rows.db*"):
        shutil.copy2(file, folder / file.name)
    return folder


def put(gateway, folder):
    for file in gateway.data.glob("rows.db*"):
        file.unlink()
    for file in folder.iterdir():
        shutil.copy2(file, gateway.data / file.name)


def standing(story):
    """What the team gets now, and what Milo sees of the fullmakt."""
    answer = story.read(story.cast.jorun, "journal-vardcentral.pdf", "konsultation")
    mine = story.cast.milo.overview()["fullmakter"]
    return {"read": answer.status, "fullmakt": next(one["status"] for one in mine if one["id"] == story.fullmakter["team"])}


def put_back(story, older):
    gateway, out = story.gateway, {}
    gateway.stop(by=signal.SIGKILL)
    gateway.must_start()
    out["after_kill"] = standing(story)
    gateway.stop()
    right = copy_rows(gateway, "rows-right")
    put(gateway, older)
    code = gateway.start()
    out["old_rows"] = {"exit_code": code, "said": gateway.said()}
    if code is None:
        gateway.stop()
    put(gateway, right)
    gateway.must_start()
    out["after_restoring"] = standing(story)
    say(f"kill -9 och omstart: fortfarande nekad. En äldre databas: exit {code}. De rätta filerna: i gång igen, fortfarande nekad.")
    return out


def unwritable(story):
    """A read while nothing can be written. The gateway may refuse or stop; afterwards it is started anew."""
    gateway = story.gateway
    gateway.forbid_writing()
    try:
        answer = story.read(story.cast.elin, "rehabiliteringsplan.pdf", "insats")
        out = {"status": answer.status, "document_bytes": len(answer.body) if answer.status in (200, 206) else 0}
    except OSError:
        out = {"status": None, "document_bytes": 0}
    story.cast.elin.close()
    try:
        out["exit_code"] = gateway.process.wait(timeout=1)  # it may stop at once, for it cannot know what reached the disk
    except subprocess.TimeoutExpired:
        gateway.forbid_writing(False)
        gateway.stop(by=signal.SIGKILL)
    gateway.process = None
    gateway.must_start()
    say(f"Skivan tar inte emot något: läsningen ger {out['status'] or 'bruten förbindelse'} och {out['document_bytes']} byte av handlingen;"
        f" gatewayen slutade med {out.get('exit_code', 'ingenting')}.")
    return out


def without_key(story):
    """Start without the key store; then it is put back."""
    gateway = story.gateway
    key, aside = gateway.data / "keys", gateway.folder / "aside"
    key.rename(aside)
    code = gateway.start()
    if code is None:
        gateway.stop()
    aside.replace(key)
    return {"exit_code": code, "said": gateway.said()}


def write_crl(gateway, seconds, revoked=()):
    """A new revocation list of the development CA, with the certificates of these files, good for so many seconds."""
    ca = x509.load_pem_x509_certificate((gateway.pki / "ca.pem").read_bytes())
    key = serialization.load_pem_private_key((gateway.pki / "ca.key").read_bytes(), None)
    path = gateway.pki / "crl.pem"
    before = x509.load_pem_x509_crl(path.read_bytes())
    number = before.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number + 1
    now = datetime.datetime.utcnow().replace(microsecond=0)
    builder = x509.CertificateRevocationListBuilder()
    for pem in revoked:
        serial = x509.load_pem_x509_certificate(pem.read_bytes()).serial_number
        builder = builder.add_revoked_certificate(x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now).build())
    crl = (builder.issuer_name(ca.subject).last_update(now)
           .next_update(now + datetime.timedelta(seconds=seconds)).add_extension(x509.CRLNumber(number), critical=False)
           .add_extension(before.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value, critical=False)
           .sign(key, hashes.SHA256()))
    part = path.with_suffix(".new")
    part.write_bytes(crl.public_bytes(serialization.Encoding.PEM))
    part.replace(path)


def read_until(story, wanted, seconds):
    end = time.monotonic() + seconds
    while True:
        try:
            status = story.read(story.cast.elin, "rehabiliteringsplan.pdf", "insats").status
        except OSError as error:
            story.cast.elin.close()
            status = f"no answer ({type(error).__name__})"
        if status == wanted or time.monotonic() > end:
            return status
        time.sleep(0.3)


def doubt(story):
    out = {"before": read_until(story, 200, 1)}
    write_crl(story.gateway, 2)
    out["in_doubt"] = read_until(story, 403, 12)
    answer = story.cast.milo.try_act({"kind": "revoke_fullmakt", "id": story.fullmakter["coach"]})
    out["revocation"] = answer.json().get("status", answer.status)
    write_crl(story.gateway, 30 * 86400)
    out["after"] = read_until(story, 200, 12)
    say("Spärrlistan för certifikat blir för gammal: ingen organisation läser något, men Milo kan återkalla. En ny lista: i gång.")
    return out
