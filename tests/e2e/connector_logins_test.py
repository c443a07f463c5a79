"""Proxies that want NTLM or Kerberos: squid, with a login program that reckons NTLMv2, and with MIT's KDC. spec/connector.md"""
import base64
import hmac
import os
import secrets
import shutil
import time
import unittest

import connector_world as world
from connector_networks_test import MISSING, Networked
from connector_world import wait_until
import kerberos
import networks
import ntlm_helper

HAS_SQUID = shutil.which("squid", path=os.environ.get("PATH", "") + ":/usr/sbin") is not None
HAS_KERBEROS = HAS_SQUID and networks.KERBEROS_LOGIN.exists() and kerberos.is_here()
DOMAIN, USER = "KONTOR", "svc-flikvakt"
LAYERS = ("name", "route", "proxy", "proxy_login", "tls", "inspection", "clock", "enrolment", "authorisation")


class Ntlm(unittest.TestCase):
    """That the login program of these tests refuses what is wrong, and knows what others reckoned."""

    def test_md4(self):  # RFC 1320, A.5
        for text, digest in (("", "31d6cfe0d16ae931b73c59d7e0c089c0"), ("a", "bde52cb31de33e46245e05fbdbd6fb24"), ("abc", "a448017aaf21d8525fc10ae87aa6729d"),
                             ("message digest", "d9130a8164549fe818874806e1c7014b"), ("abcdefghijklmnopqrstuvwxyz", "d79e1c308aa5bbcdeea8ed63df412da9"),
                             ("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "043f8582f241db351ce627e153e7f0e4"),
                             ("1234567890" * 8, "e33b4ddc9c38f2199c3e7b164fcc0536")):
            self.assertEqual(ntlm_helper.md4(text.encode()).hex(), digest, text)

    def answer(self, challenge, domain="Domain", user="User", password="Password", more=b""):
        """An AUTHENTICATE_MESSAGE with the response of MS-NLMP 4.2.4."""
        blob = b"\1\1" + bytes(14) + b"\xaa" * 8 + bytes(4) + ntlm_helper.target_info("Domain", "Server") + bytes(4)
        proof = hmac.digest(ntlm_helper.key_of(user, domain, password), challenge + blob, "md5")
        fields, at, body = [b"", more or proof + blob, domain.encode("utf-16-le"), user.encode("utf-16-le"), b"", b""], 64, b""
        head = ntlm_helper.SIGNATURE + (3).to_bytes(4, "little")
        for field in fields:
            head += len(field).to_bytes(2, "little") * 2 + (at + len(body)).to_bytes(4, "little")
            body += field
        return proof, head + ntlm_helper.UNICODE.to_bytes(4, "little") + body

    def test_ntlmv2(self):  # MS-NLMP 4.2.4
        self.assertEqual(ntlm_helper.key_of("User", "Domain", "Password").hex(), "0c868a403bfd7a93a3001ef22ef02e3f")
        challenge, account = bytes.fromhex("0123456789abcdef"), ["Domain", "User", "Password"]
        proof, message = self.answer(challenge)
        self.assertEqual(proof.hex(), "68cd0ab851e51c96aabc927bebef6a1c")
        self.assertIsNone(ntlm_helper.why_not(message, challenge, account))
        self.assertEqual(ntlm_helper.why_not(message, bytes(8), account), "wrong password", "another handshake's")
        self.assertEqual(ntlm_helper.why_not(message, challenge, ["Domain", "User", "password"]), "wrong password")
        self.assertEqual(ntlm_helper.why_not(message, challenge, ["Domain", "Other", "Password"]), "another account")
        self.assertEqual(ntlm_helper.why_not(self.answer(challenge, more=bytes(24))[1], challenge, account), "no NTLMv2")
        for broken in (b"", message[:40], message[:-20], message.replace(b"NTLMSSP", b"NTLMSSX")):
            with self.assertRaises(ValueError):
                ntlm_helper.why_not(broken, challenge, account)


class LoggedIn(Networked):
    def squid(self, **logins):
        address = self.proxy(networks.squid, **logins)
        folder = self.where / f"proxy-{address.rsplit(':', 1)[1]}"
        return address, folder

    def configured(self, one, address, auth, login=None):
        more = f'chunk_kib = 16\n[proxy]\naddress = "{address}"\nauth = "{auth}"\n'
        if login:
            file = one.folder / "login"
            file.touch(mode=0o600)
            file.write_text(login + "\n", encoding="utf-8")
            more += 'login_file = "login"\n'
        one.configure(more=more, witness=False)
        return one

    def must_pass(self, one):
        """Enrolled, all layers well, and a file of several pieces delivered."""
        one.must_enrol()
        self.must_carry(one)
        code, layers = one.doctor()
        self.assertEqual((code, {name: layers[name]["health"] for name in LAYERS}), (0, dict.fromkeys(LAYERS, "well")), layers)
        one.stop()
        return layers

    def must_have_seen(self, folder, user):
        """CONNECT went through for this user, and for nobody else."""
        seen = wait_until("the proxy has noted it", lambda: [one for one in networks.squid_saw(folder) if one[0] == 200] and networks.squid_saw(folder))
        self.assertEqual({one for one in seen if one[0] != 407}, {(200, user)}, seen)
        return sum(status == 200 for status, _ in seen)

    def must_not_pass(self, one, folder, *secret):
        """Nothing goes through, each command says that it is the proxy's login; what it says of it to a person. Nowhere a secret."""
        ran = one.enrol(self.world.code()["code"])
        self.assertEqual(ran.returncode, world.PROXY_LOGIN, ran.stderr)
        code, layers = one.doctor()
        self.assertEqual((code, layers["proxy_login"]["health"]), (world.PROXY_LOGIN, "failed"), layers)
        self.assertLess(one.doctor_seconds, 5)
        for later in ("tls", "inspection", "authorisation"):
            self.assertEqual(layers[later]["health"], "skipped", layers)
        seen = wait_until("the proxy has noted it", lambda: networks.squid_saw(folder))
        self.assertEqual({status for status, _ in seen}, {407}, seen)
        self.must_keep(one, *secret, said=(ran, one.run("doctor"), one.run("doctor", "--lang", "sv")))
        return layers["proxy_login"]

    def must_keep(self, one, *secret, said=()):
        """No secret in what the connector said, or in any file that it made, in whichever spelling."""
        spoken = b"".join((ran.stdout + ran.stderr).encode() for ran in said)
        for file in one.folder.rglob("*"):
            if file.is_file() and file.name not in ("login", "code"):
                spoken += file.read_bytes()
        for word in secret:
            for spelling in (word.encode(), word.encode("utf-16-le"), base64.b64encode(f"{USER}:{word}".encode()),
                             base64.b64encode(f"{DOMAIN}\\{USER}:{word}".encode())):
                self.assertNotIn(spelling, spoken)


@unittest.skipIf(MISSING, "the programs are missing: run ./dev build")
@unittest.skipUnless(HAS_SQUID, "squid is missing: tools/packages-test.txt")
class NtlmProxy(LoggedIn):
    def test_it_passes_with_the_password(self):  # SPEC CONN-2
        for auth, user in (("ntlm", USER), ("ntlm", f"{DOMAIN}\\{USER}"), ("any", f"{DOMAIN}\\{USER}")):
            with self.subTest(auth=auth, user=user):
                password = secrets.token_urlsafe(12)
                address, folder = self.squid(ntlm=(DOMAIN, USER, password))
                one = self.configured(self.connector(enrolled=False), address, auth, f"{user}:{password}")
                self.must_pass(one)
                lines = self.must_have_seen(folder, USER)
                noted = [line.split(" ", 1) for line in (folder / "handshakes").read_text().splitlines()]
                self.assertEqual({said for _, said in noted}, {"right"})
                self.assertEqual(len({challenge for challenge, _ in noted}), len(noted), "each handshake has its own challenge")
                self.assertGreaterEqual(len(noted), lines)
                self.must_keep(one, password, said=(one.run("doctor"),))
                print(f"counts: NTLM (`{auth}`, {user}): {len(noted)} handshakes, {lines} connections through the proxy", flush=True)

    def test_nothing_passes_with_another_password(self):  # SPEC CONN-2, CONN-70, CONN-72
        for auth in ("ntlm", "any"):
            with self.subTest(auth=auth):
                password, wrong = secrets.token_urlsafe(12), secrets.token_urlsafe(12)
                address, folder = self.squid(ntlm=(DOMAIN, USER, password))
                one = self.configured(self.connector(enrolled=False), address, auth, f"{DOMAIN}\\{USER}:{wrong}")
                says = self.must_not_pass(one, folder, wrong, password)
                for word, words in (("account", "ask_english"), ("kontot", "ask_swedish"), ("NTLM", "english"), ("NTLM", "swedish")):
                    self.assertIn(word, says[words], says)
                noted = (folder / "handshakes").read_text()
                self.assertIn("wrong password", noted)
                self.assertNotIn("right", noted)

    def test_a_password_that_ntlm_cannot_say_is_shown_to_nobody(self):  # SPEC CONN-78
        password = secrets.token_urlsafe(6) + "åäö"
        address, folder = self.squid(ntlm=(DOMAIN, USER, password))
        one = self.configured(self.connector(enrolled=False), address, "ntlm", f"{USER}:{password}")
        ran = one.enrol(self.world.code()["code"])
        self.assertEqual(ran.returncode, world.PROXY_LOGIN, ran.stderr)
        code, layers = one.doctor()
        self.assertEqual((code, layers["proxy_login"]["health"]), (world.PROXY_LOGIN, "failed"), layers)
        self.assertIn("ASCII", layers["proxy_login"]["swedish"])
        self.assertEqual(networks.squid_saw(folder), [])
        self.must_keep(one, password, said=(ran, one.run("doctor")))

    def test_a_password_that_was_changed_is_not_shown_until_the_account_is_locked(self):  # SPEC CONN-79
        password = secrets.token_urlsafe(12)
        address, folder = self.squid(ntlm=(DOMAIN, USER, password))
        one = self.configured(self.connector(enrolled=False), address, "ntlm", f"{DOMAIN}\\{USER}:{password}").must_enrol()
        networks.ntlm_account(folder, DOMAIN, USER, secrets.token_urlsafe(12))
        (folder / "handshakes").unlink()
        one.put("vantar.pdf", world.PDF)
        one.start(wait=False)
        wait_until("it says so: " + one.said(), lambda: "the proxy wants a login" in one.said())
        time.sleep(20)
        self.assertIsNone(one.process.poll(), "it goes on trying")
        shown = (folder / "handshakes").read_text().splitlines()
        print(f"counts: a wrong password was shown {len(shown)} times within 20 s", flush=True)
        self.assertEqual(len(shown), 1, "whoever of it asks")
        self.assertIsNone(one.receipt("vantar.pdf"))
        networks.ntlm_account(folder, DOMAIN, USER, password)
        wait_until("it passes again, and the file at once: " + one.said(), lambda: one.receipt("vantar.pdf"), 75, 0.2)
        self.must_keep(one, password)


@unittest.skipIf(MISSING, "the programs are missing: run ./dev build")
@unittest.skipUnless(HAS_KERBEROS, "squid or MIT Kerberos is missing: tools/packages-test.txt")
class KerberosProxy(LoggedIn):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        before, host = (cls.nets.inside(cls.nets.proxy), "10.91.1.1") if cls.nets else ([], "127.0.0.1")
        cls.name = networks.PROXY_NAME if cls.nets else "localhost"
        cls.realm = kerberos.Realm(before, cls.where / "realm", host, world.free_port(), cls.name)
        cls.addClassCleanup(cls.realm.close)
        cls.password = secrets.token_urlsafe(12)
        cls.realm.account(USER, cls.password)
        cls.user = f"{USER}@{cls.realm.name}"

    def named(self, address):
        """By its name: that is what the ticket is for."""
        return f"http://{self.name}:{address.rsplit(':', 1)[1]}"

    def with_environment(self, one, **more):
        """No ticket of whoever runs these tests; `cache`: where one lies, or will."""
        cache = one.folder / "ticket"
        one.environment = {"KRB5_CONFIG": self.realm.environment["KRB5_CONFIG"], "KRB5CCNAME": f"FILE:{cache}",
                           "KRB5_CLIENT_KTNAME": str(one.folder / "no-keytab"), **more}
        return cache

    def proxied_connector(self, auth="negotiate", login=None, **logins):
        address, folder = self.squid(kerberos=self.realm, **logins)
        one = self.configured(self.connector(enrolled=False), self.named(address), auth, login)
        return one, folder, self.with_environment(one)

    def test_it_passes_with_a_ticket(self):  # SPEC CONN-2, CONN-77
        for more in ({}, {"ntlm": (DOMAIN, USER, self.password)}):  # alone, and where the proxy offers NTLM, too
            with self.subTest(also=list(more)):
                one, folder, cache = self.proxied_connector(**more)
                self.realm.ticket(self.partner(), USER, self.password, cache)
                self.must_pass(one)
                print(f"counts: Kerberos with a ticket: {self.must_have_seen(folder, self.user)} connections through the proxy", flush=True)

    def test_it_passes_with_a_keytab_alone_and_renews_its_ticket(self):  # SPEC CONN-77
        one, folder, _ = self.proxied_connector()
        keytab = self.realm.keytab(USER, one.folder / "svc.keytab")
        short = self.realm.configure(one.folder / "krb5.conf", "4s")
        (one.folder / "state").mkdir(mode=0o700)
        cache = one.folder / "state" / "krb5cc"  # where docs/OPERATIONS.md has it
        self.with_environment(one, KRB5_CLIENT_KTNAME=str(keytab), KRB5_CONFIG=str(short), KRB5CCNAME=f"FILE:{cache}")
        self.must_pass(one)
        before = cache.read_bytes()
        time.sleep(5)  # the ticket ends
        code, layers = one.doctor()
        self.assertEqual((code, layers["proxy_login"]["health"]), (0, "well"), layers)
        self.assertNotEqual(cache.read_bytes(), before, "another ticket")
        self.must_have_seen(folder, self.user)

    def must_say(self, one, folder, why, *secret):
        says = self.must_not_pass(one, folder, *secret)
        for language, word in (("english", "Kerberos ticket"), ("swedish", "Kerberosbiljett")):
            self.assertIn(word, says[language], says)
            self.assertIn(why, says[language], says)
            self.assertIn("KRB5_CLIENT_KTNAME", says["ask_" + language], says)
        return says

    def test_nothing_passes_without_a_ticket(self):  # SPEC CONN-70, CONN-72, CONN-77, CONN-78
        one, folder, _ = self.proxied_connector()
        self.must_say(one, folder, "redentials", self.password)

    def test_nothing_passes_with_a_ticket_that_is_gone(self):  # SPEC CONN-77, CONN-78
        one, folder, cache = self.proxied_connector()
        self.realm.ticket(self.partner(), USER, self.password, cache)
        self.realm.destroy(cache)
        self.must_say(one, folder, "redentials", self.password)

    def test_nothing_passes_with_a_ticket_that_has_ended(self):  # SPEC CONN-77, CONN-78
        one, folder, cache = self.proxied_connector()
        self.realm.ticket(self.partner(), USER, self.password, cache, life="2s")
        time.sleep(3)
        self.must_say(one, folder, "Ticket expired", self.password)

    def test_a_proxy_that_is_written_by_its_address(self):  # SPEC CONN-77, CONN-78
        one, folder, cache = self.proxied_connector()
        self.realm.ticket(self.partner(), USER, self.password, cache)
        host = self.proxied()[1]
        self.configured(one, f"http://{host}:{folder.name.rsplit('-', 1)[1]}", "negotiate")
        self.must_say(one, folder, f"HTTP/{host}@{self.realm.name} not found")

    def test_a_ticket_for_another_key_than_the_proxys(self):  # SPEC CONN-77, CONN-78
        one, folder, cache = self.proxied_connector()
        self.realm.new_key_of_proxy()
        self.realm.ticket(self.partner(), USER, self.password, cache)
        self.must_say(one, folder, "response 407")

    def test_any_is_the_password_where_kerberos_is_offered_too(self):  # SPEC CONN-77
        one, folder, _ = self.proxied_connector("any", f"{DOMAIN}\\{USER}:{self.password}", ntlm=(DOMAIN, USER, self.password))
        self.must_pass(one)
        self.must_have_seen(folder, USER)
        self.must_keep(one, self.password, said=(one.run("doctor"),))

    def test_a_proxy_that_takes_kerberos_alone_is_told(self):  # SPEC CONN-78
        for login in (None, f"{DOMAIN}\\{USER}:{self.password}"):
            with self.subTest(login=login is not None):
                one, folder, cache = self.proxied_connector("any", login)
                self.realm.ticket(self.partner(), USER, self.password, cache)
                says = self.must_say(one, folder, "Negotiate", self.password)
                self.assertIn('`proxy.auth = "negotiate"`', says["ask_swedish"])


if __name__ == "__main__":
    unittest.main()
