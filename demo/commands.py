"""After the story: profiles of this run, and commands to try."""
import shlex
import signal
import threading
import time

import portal


def profile(gateway, name, **members):
    gateway.write(name, "".join(f'{key} = "{value}"\n' for key, value in members.items()))
    return gateway.folder / name


def write_profiles(gateway, story):
    """Partners by staff member; Milo with a second key, sealed on a stick."""
    cast, out = story.cast, {}
    for key in ("jorun", "elin", "maja", "kim"):
        who = getattr(cast, key)
        out[key] = profile(gateway, f"{key}.toml", server=f"localhost:{gateway.ports['api']}", ca="pki/ca.pem",
                           certificate=f"pki/{who.label}.pem", key=f"pki/{who.label}.key", assertion_key=f"pki/{who.label}-staff.key",
                           organisation=who.organisation, staff=who.staff, gateway_name=gateway.name)
    stick = gateway.must("key", "new", gateway.folder / "milo.key", "--kind", "device", "--argon2", "fast")
    act = {"person": cast.kim.handle(cast.milo.number), "jwk": stick["jwk"], "thumbprint": stick["thumbprint"]}
    cast.kim.act({"kind": "propose_key", **act})
    cast.ivo.act({"kind": "confirm_key", "person": cast.ivo.handle(cast.milo.number), "thumbprint": stick["thumbprint"]})
    out["milo"] = profile(gateway, "milo.toml", server=f"localhost:{gateway.ports['portal']}", ca="pki/ca.pem", device_key="milo.key",
                          gateway_name=gateway.name)
    gateway.write("milo.number", cast.milo.number + "\n")
    return out


def ready_made(gateway, story, profiles):
    f, here = shlex.quote(gateway.program), gateway.folder
    words, number = f"--passphrase-file {here / 'words'}", here / "milo.number"
    plan = story.documents["rehabiliteringsplan.pdf"]
    return [
        ("What the provider sees of Milo", f"{f} list --profile {profiles['elin']} --purpose insats < {number}"),
        ("The provider fetches Milo's plan", f"{f} fetch {plan} --profile {profiles['elin']} --purpose insats --out {here / 'plan.pdf'}"),
        ("The team is refused since Milo revoked", f"{f} fetch {story.documents['journal-vardcentral.pdf']} --profile {profiles['jorun']}"
         f" --purpose konsultation --out {here / 'journal.pdf'}"),
        ("The provider asks Milo for more", f"{f} request add --profile {profiles['elin']} --discloser {story.cast.id('region')} --flik journal"
         f" --purpose insats --to {time.strftime('%Y-%m-%d', time.gmtime(time.time() + 14 * 86400))} < {number}"),
        ("A registrar sets a Sparr on Milo's word", f"{f} desk paper-narrowing --profile {profiles['kim']} --flik journal < {number}"),
        ("Milo's own log", f"{f} person log --profile {profiles['milo']} {words}"),
        ("All of Milo's log, with the proof that nothing is left out", f"{f} person prove-log --profile {profiles['milo']}"
         f" --out {here / 'own-log.json'} {words}"),
        ("Check it, without the gateway", f"{f} verify-receipt {here / 'own-log.json'} --log-key {gateway.log_key} --witness {gateway.witness.key}"
         " --quorum 1"),
        ("Milo revokes the provider's fullmakt", f"{f} person revoke {story.fullmakter['provider']} --profile {profiles['milo']} {words}"),
        ("State of the gateway", f"{f} status --data {gateway.data}"),
        ("Verify the whole log", f"{f} log verify --data {gateway.data} --saved {here / 'checkpoint-saved'} {words}"),
    ]


def announce(port):
    """What a newcomer needs, before anything else is said."""
    print(f"The portal: {portal.address_of(port)}")
    print("It opens when the story below has been played, in about half a minute; the browser warns of a certificate that only this demo"
          " knows.\nThere you sign in with a click as anyone of the story: individual, team, care unit, desk, provider, coach, reviewer,"
          " administrator.\n", flush=True)


def tell_open(gateway, address):
    code = f"{shlex.quote(gateway.program)} portal --data {gateway.data} --administrator {gateway.folder / 'alice.key'}"
    print(f"\nOpen now: {address}\nAdministrators elsewhere sign in at {address}sign-in/administrator with a code; here by this command, or"
          f" as {portal.ADMINISTRATOR[0]} with a click:\n{code} --passphrase-file {gateway.folder / 'words'}"
          f"\nIn the commands on their pages DATA is {gateway.data}, and KEYFILE {gateway.folder / 'bo.key'} with that same"
          " --passphrase-file.", flush=True)


def stay(gateway, story, port):
    address = portal.open_portal(gateway, story, port)
    if story.connectors is not None:
        story.connectors.follow()
    tell_open(gateway, address)
    for what, command in ready_made(gateway, story, write_profiles(gateway, story)):
        print(f"\n# {what}\n{command}")
    print(f"\nThe portal: {address}\nThe gateway stays up (pid {gateway.process.pid}). Ctrl-C ends it.", flush=True)
    ended = threading.Event()
    previous = signal.signal(signal.SIGINT, lambda *_: ended.set())
    while not ended.wait(0.5) and gateway.process.poll() is None:
        pass
    signal.signal(signal.SIGINT, previous)
