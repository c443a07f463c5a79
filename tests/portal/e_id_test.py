"""People come with an e-ID and staff with their organisation's sign-on. First through oidc-provider, a certified implementation that is not
ours (e_id/provider.mjs), in a browser; then through one that lies (e_id/liar.mjs): every lie is refused with a page that has a way on, nothing
is signed, nobody is let in, and the operational log says why without a word about anybody."""
import concurrent.futures
import datetime
import re
import subprocess
import unittest
import urllib.parse

from cryptography.hazmat.primitives.asymmetric import ec

import issuers_path  # noqa: F401
import issuers
import scene
import wire
from issuers import NUMBER, PREVIOUS
from travellers import Traveller, ask_elsewhere, plain, words

# Official test numbers: of people of the scene, and of people who are nobody yet.
ALEX, CHARLIE, ELLIS, MIO, NOVA = (number for _, number in scene.OTHERS.values())
MILO_BEFORE = "197302889931"  # the coordination number that the scene's Milo has
MILO_NOW = "196408233234"     # and the number that he was given since
NOBODY_YET = "198112189876"
SIGNERS = [ALEX, CHARLIE, ELLIS, MIO]
E_ID, OTHER_E_ID, STAFF = "Exempel e-legitimation", "Annan e-legitimation", "Region Tresjöarnas inloggning"
CODES = ("e-id", "e-id-2", "region")  # of the three that do as they should; each has a redirect URI of its own
STAFF_CLAIM = "https://id.oidc.se/claim/employeeHsaId"
KIM_AT_HOME = "SE2321000001-KIM"  # who Kim is to the region's own issuer

# What the operational log says of each lie. Where a lie is not named, it is by its group.
SAYS = {
    "iss": "ID token: of another issuer", "aud": "ID token: for somebody else", "azp": "ID token: asked for by somebody else",
    "sub": "ID token: of nobody", "aud_several_with_azp": "ID token: for somebody else",
    "alg": "ID token: an algorithm that is not taken", "hs256": "ID token: an algorithm that is not taken",
    "sha1": "ID token: the signature is not the issuer's", "alg_of_another_kind": "ID token: the signature is not the issuer's",
    "kid_unknown": "ID token: a key that its issuer is not known to have", "kid": "ID token: no `kid`, or a long one",
    "key_of_another_issuer": "ID token: the signature is not the issuer's",
    "kid_of_another_issuer": "ID token: a key that its issuer is not known to have",
    "key_in_header": "ID token: a header with `jwk`", "key_from_address": "ID token: a header with `jku`",
    "certificate_in_header": "ID token: a key that its issuer is not known to have",
    "crit": "ID token: a header with `crit`", "not_base64": "ID token: a header with `crit`", "typ": "ID token: `typ` is not JWT",
    "encrypted": "ID token: a header with `enc`",
    "signature": "ID token: the signature is not the issuer's", "signature_padded": "base64",
    "expired": "ID token: expired", "exp": "ID token: no time in `exp`", "exp_before_iat": "ID token: it was never valid",
    "iat_in_the_future": "ID token: issued in the future", "iat_before_it_was_asked": "ID token: issued before it was asked for",
    "iat": "ID token: no time in `iat`", "lifetime": "ID token: valid for longer than 5 minutes",
    "time_as_fraction": "the JSON has a number that is no integer", "nonce": "ID token: for another nonce", "token_replayed": "ID token: for another nonce",
    "acr": "ID token: of a level that is not taken",
    "number": "ID token: a number that is none", "number_missing": "ID token: it does not say whose number it is",
    "previous": "ID token: a number that is none",
    "previous_no_coordination_number": "ID token: a number of before that is no coordination number",
    "claims_twice": "the JSON repeats a name", "header_twice": "the JSON repeats a name", "claims_no_object": "ID token: claims that are no object",
    "claims_no_json": "not JSON", "four": "ID token: not three parts", "huge": "a Content-Length that is none or too large",
    "large": "ID token: longer than 16 KiB",
    # only to sign
    "not_verified_anew": "ID token: the user was not verified for this", "auth_time_missing": "ID token: no time in `auth_time`",
    "auth_time_in_the_future": "ID token: the user was not verified for this", "number_of_another_person": "the issuer vouches for somebody else",
    # what came back
    "cancelled": "the issuer says `access_denied`", "error_with_a_number": "the issuer says an error of its own",
    "server_error": "the issuer says `server_error`", "state": "another state than was given", "code_missing": "the issuer sent neither a code nor an error",
    "code_invented": "it refuses the code: `invalid_grant`", "iss_of_another": "another issuer answers",
    "mixed_up": "back at the address of another issuer",
    # issuers that lie by other means
    "token_html": "an answer without an ID token", "token_500": "it answered 500", "token_201": "it answered 201", "token_redirect": "it answered 302",
    "token_silent": "the server takes too long", "token_drips": "the server takes too long", "token_garbage": "an answer without an ID token",
    "token_empty": "an answer without an ID token", "token_without": "an answer without an ID token", "token_no_text": "an answer without an ID token",
    "token_twice": "an answer without an ID token", "token_cut": "the stream ended", "token_closes": "the stream ended",
    "token_refuses": "it refuses the code: `invalid_grant`", "token_own_words": "it refuses the code: an error of its own",
    "token_on_other_host": "certificate", "token_of_other_ca": "certificate", "token_over": "certificate", "token_old_tls": "protocol version",
    "token_without_tls": "wrong version number", "down": "connecting", "jwks": "ID token: a key that its issuer is not known to have",
}
SLOW = {"token_silent", "token_drips"}  # ten seconds each
NOT_A_LIE = {"liar", "neighbour", "hangs"}
UNAVAILABLE = {"huge", "down", *(f"token_{how}" for how in ("500", "201", "redirect", "silent", "drips", "cut", "closes", "on_other_host", "of_other_ca", "over",
                                                           "old_tls", "without_tls"))}


def reason_of(lie):
    parts = lie.split("_")
    return next(SAYS["_".join(parts[:n])] for n in range(len(parts), 0, -1) if "_".join(parts[:n]) in SAYS)


class EId(scene.PortalTest):
    @classmethod
    def prepare(cls, scene):
        scene.gateway.write("client.key", issuers.pem_of(ec.generate_private_key(ec.SECP256R1())))
        scene.configuration += 'portal_client_key = "client.key"\n'

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.authority, stranger = issuers.Authority(), issuers.Authority("en annan rot")
        client = {"id": issuers.CLIENT, "jwks_uri": f"{cls.scene.origin}/sign-in/keys"}
        back = {code: f"{cls.scene.origin}/sign-in/return/{code}" for code in CODES}
        people = {"Alex": {NUMBER: ALEX}, "Nova": {NUMBER: NOVA}, "Milo": {NUMBER: MILO_NOW, PREVIOUS: MILO_BEFORE},
                  "Love": {NUMBER: cls.scene.cast.people["love"]["number"]}, "Nykomling": {NUMBER: NOBODY_YET}}
        staff = {"Kim": {STAFF_CLAIM: KIM_AT_HOME}, "Maja": {STAFF_CLAIM: cls.scene.cast.id("maja")}, "Okänd": {STAFF_CLAIM: "SE2321000001-X"},
                 "Jorun": {STAFF_CLAIM: cls.scene.cast.id("jorun")}}
        cls.provider = issuers.Process(cls.scene.folder, "provider.mjs", {"tls": cls.authority.server(), "client": client, "issuers": [
            {"name": E_ID, "redirect_uri": back["e-id"], "people": people, "claims": [NUMBER, PREVIOUS]},
            {"name": OTHER_E_ID, "redirect_uri": back["e-id-2"], "people": people, "claims": [NUMBER, PREVIOUS]},
            {"name": STAFF, "redirect_uri": back["region"], "people": staff, "claims": [STAFF_CLAIM]}]}, ca=cls.scene.gateway.pki / "ca.pem")
        cls.addClassCleanup(cls.provider.end)
        certificates = {"good": cls.authority.server(), "other_host": cls.authority.server("e-id.example"), "other_ca": stranger.server(),
                        "over": cls.authority.server(days=-1)}
        cls.liar = issuers.Process(cls.scene.folder, "liar.mjs", {"certificates": certificates, "client": issuers.CLIENT})
        cls.addClassCleanup(cls.liar.end)
        cls.register()
        file = cls.scene.folder / "e-id.pem"
        file.write_text(cls.authority.pem)
        subprocess.run(["certutil", "-d", f"sql:{cls.scene.home}/.pki/nssdb", "-A", "-n", "the e-ID's CA", "-t", "C,,", "-i", file],
                       check=True, capture_output=True, stdin=subprocess.DEVNULL)

    @classmethod
    def register(cls):
        """Each issuer takes two administrators."""
        real = dict(zip(CODES, cls.provider.told))
        acts = [issuers.issuer_act("e-id", E_ID, real["e-id"], cls.authority.pem), issuers.issuer_act("e-id-2", OTHER_E_ID, real["e-id-2"], cls.authority.pem),
                issuers.issuer_act("region", STAFF, real["region"], cls.authority.pem, "$region", STAFF_CLAIM),
                {"kind": "set_subject", "staff": "$kim", "subject": KIM_AT_HOME}]
        cls.codes = {row: row if row in NOT_A_LIE else f"lie-{n}" for n, row in enumerate(cls.liar.told["rows"])}
        acts += [issuers.issuer_act(cls.codes[row], f"Lögn {row}", where, cls.authority.pem) for row, where in cls.liar.told["rows"].items()]
        cls.scene.gateway.apply("issuers.json", acts)

    # ---- Issuers that do as they should, in a browser

    def walk(self, name, number, whos=("",), needs_script=False, **more):
        ways = scene.ways(number)
        if needs_script:
            ways = [way for way in ways if way["javascript"]] or [{**ways[0], "javascript": True}]
        plays = [{"walk": name, "way": way, "who": whos[n % len(whos)], **more} for n, way in enumerate(ways)]
        issuers_told = {one["name"]: one["issuer"] for one in self.provider.told}
        self.play("e_id/e_id.mjs", plays, reachable=["127.0.0.1"], issuers=issuers_told, liar=self.liar.told["origin"],
                  names={"e_id": E_ID, "other": OTHER_E_ID, "staff": STAFF}, numbers={"milo": MILO_NOW, "newcomer": NOBODY_YET})

    def answer_revoke_meanwhile(self, who):
        """By the person's own device, while they are at the issuer."""
        person = getattr(self.scene.cast, who)
        active = [one["id"] for one in person.overview()["fullmakter"] if one["status"] == "active"]
        person.act({"kind": "revoke_fullmakt", "id": active[-1]})

    def answer_be(self, lie, who):
        ask_elsewhere(f"{self.liar.told['origin']}/be?lie={lie}&who={who}")

    def answer_proposed_key(self):
        """By a registrar of another organisation, for Ellis."""
        self.key, number = wire.Key(), ELLIS
        lee = self.scene.cast.lee
        lee.act({"kind": "propose_key", "person": lee.handle(number), "jwk": self.key.jwk, "thumbprint": self.key.thumbprint})
        return {"number": number, "thumbprint": self.key.thumbprint}

    def answer_status_of_key(self, thumbprint):
        return next(one["status"] for one in self.scene.overview("ellis")["keys"] if one["thumbprint"] == thumbprint)

    def test_a_person_signs_in_and_signs_with_an_e_id(self):
        self.walk("person", 0, ["alex", "nova"])

    # SPEC PORTAL-83
    def test_what_was_filled_in_outlives_the_way_to_the_issuer_and_back(self):
        self.walk("turns_back", 1, ["nova", "alex"])

    def test_a_passkey_is_enrolled_by_an_e_id(self):
        self.walk("passkey", 2, ["love"], needs_script=True)

    def test_the_number_of_before_finds_the_person(self):
        self.walk("previous_number", 3)

    def test_somebody_new_joins_by_signing_in(self):
        self.walk("newcomer", 4)

    def test_staff_come_through_their_organisations_issuer(self):
        self.walk("staff", 5)

    # ---- Issuers that lie

    def is_told(self, traveller, page, lie, language):
        """The page after a sign-in that failed: plain words, a way on, nobody let in."""
        kind = "unavailable" if lie in UNAVAILABLE else "failed"
        self.assertEqual(page.status, 503 if kind == "unavailable" else 422)
        self.assertIn(words(language, f"sign_in.why_{kind}"), plain(page))
        self.assertTrue(page.form("/sign-in/issuer"), "there is a way on")
        self.assertFalse(traveller.is_in())
        self.assertEqual(traveller.get("/me").header("Location"), "/sign-in?why=needed&back=%2Fme")
        self.says_nothing_of_anybody(page)

    def says_nothing_of_anybody(self, page):
        for secret in (self.liar.told["name"], *SIGNERS, NOVA, "invalid_grant", "eyJ"):
            self.assertNotIn(secret, page.text)

    def try_to_sign_in(self, row, lie, who, language):
        traveller = Traveller(self.scene.gateway, language)
        try:
            page = traveller.sign_in_at(self.codes[row], lie=lie, who=who)
            self.is_told(traveller, page, row if row != "liar" else lie, language)
        finally:
            traveller.close()
        return traveller.source

    def test_every_lie_is_refused(self):
        told, sources = self.liar.told, {}
        lies = [("liar", lie) for lie in (*told["lies"], *told["returns"])]
        lies += [(row, "plain") for row in told["rows"] if row not in NOT_A_LIE]
        self.assertGreaterEqual(len(lies), 24)
        with concurrent.futures.ThreadPoolExecutor(len(SLOW)) as slowly:
            waiting = {row: slowly.submit(self.try_to_sign_in, row, "plain", NOVA, "sv") for row in SLOW}
            self.begin_truly()
            for n, (row, lie) in enumerate(one for one in lies if one[0] not in SLOW):
                name = lie if row == "liar" else row
                with self.subTest(name):
                    sources[name] = self.try_to_sign_in(row, lie, SIGNERS[n % 4], ("sv", "en")[n % 2])
            self.when_signing([*told["lies"], *told["returns"], *told["lies_of_signing"]])
            for row, done in waiting.items():
                with self.subTest(row):
                    sources[row] = done.result()
        verified = self.scene.verify_log()
        self.assertEqual(verified["code"], 0, verified["said"])
        said = self.whole_log_after_a_restart()
        for lie, source in sources.items():
            with self.subTest(f"{lie}, in the log"):
                line = re.search(rf"from {re.escape(source)}:.*", said)
                self.assertTrue(line, f"nothing is said of {source}")
                self.assertIn(reason_of(lie), line.group(0))
        with self.subTest("the log says nothing of anybody"):
            for secret in (told["name"], *SIGNERS, NOVA, MILO_NOW, NOBODY_YET, "eyJ", *(number[2:] for number in SIGNERS)):
                self.assertNotIn(secret, said)
        print(f"counts: {len(sources)} lies at signing in, each told from the others in the log")

    def begin_truly(self):
        """The denied ones' twins: each way of telling the truth lets in, and whoever came once can come again."""
        for truth in self.liar.told["truths"]:
            with self.subTest(truth):
                traveller = Traveller(self.scene.gateway)
                page = traveller.sign_in_at("liar", lie=truth, who=ALEX)
                self.assertEqual((page.status, page.header("Location")), (303, "/me"))
                self.assertTrue(traveller.is_in())
                traveller.close()

    def when_signing(self, lies):
        """Each lie again, of somebody who is signed in and has filled in a form: nothing is signed, the form is still there."""
        signers = [Traveller(self.scene.gateway, language) for language in ("sv", "en", "sv", "en")]
        for signer, number in zip(signers, SIGNERS):
            signer.sign_in_at("liar", lie="plain", who=number)
            self.assertTrue(signer.is_in())
        until = (datetime.date.today() + datetime.timedelta(days=60)).isoformat()
        typed = {"recipient": f"organisation:{self.scene.cast.id('forsakringskassan')}", "right": ["read"], "flik": ["journal"],
                 "discloser": [self.scene.cast.id("region")], "purpose": "rehab", "until": until, "readings": ""}
        fill_in = lambda signer: signer.submit(signer.get("/me/give/new"), "/me/give/new", typed)
        pages = [fill_in(signer) for signer in signers]
        for n, lie in enumerate(lies):
            signer, who, other = signers[n % 4], SIGNERS[n % 4], SIGNERS[(n + 1) % 4]
            before, here = len(self.scene.gateway.log.read_bytes()), pages[n % 4]
            pages[n % 4] = None
            with self.subTest(f"{lie}, when signing"):
                page = signer.get(signer.ask_issuer(signer.address_at(here), lie=lie, who=who, other=other))
                unavailable = lie in UNAVAILABLE
                self.assertEqual(page.status, 503 if unavailable else 409, plain(page)[:300])
                self.assertIn(words(signer.language, "not_signed.no_answer" if unavailable else "not_signed.text"), plain(page))
                self.says_nothing_of_anybody(page)
                self.assertTrue(signer.is_in())
                log = self.scene.gateway.log.read_bytes()[before:].decode()
                self.assertIn(reason_of(lie), log)
                if not lie.startswith("state_"):  # else nobody knows what came back
                    form = page.form("/me/give/new")
                    self.assertEqual((form.value("flik"), form.value("until"), form.value("purpose")), ("journal", until, "rehab"))
                    pages[n % 4] = signer.submit(page, "/me/give/new")
            pages[n % 4] = pages[n % 4] or fill_in(signer)
        for signer, page, who in zip(signers, pages, SIGNERS):
            with self.subTest("nothing was signed, and now it is"):
                self.assertNotIn("/revoke", signer.get("/me").text)
                back = signer.ask_issuer(signer.address_at(page), lie="plain", who=who)
                done = signer.get(back)
                self.assertIn(words(signer.language, "signed.fullmakt.title"), plain(done))
                again = signer.get(back)
                self.assertEqual(plain(again), plain(done), "the same page, loaded again")
                self.assertEqual(len(set(re.findall(r"/me/fullmakter/\w+/revoke", signer.get("/me").text))), 1)
                signer.close()

    def whole_log_after_a_restart(self):
        """With what is summed by the minute."""
        self.scene.gateway.stop()
        said = self.scene.gateway.log.read_text(encoding="utf-8")
        self.scene.gateway.must_start()
        return said

    def test_states_and_cookies_belong_to_one_browser(self):
        """A return that another browser began, or that one takes to another, opens nothing there."""
        gateway = self.scene.gateway
        mine, theirs = Traveller(gateway), Traveller(gateway)
        back = mine.ask_issuer(mine.leave_for("liar"), who=ALEX)
        for what, browser in (("of a browser that began nothing", Traveller(gateway)), ("of one that began another", theirs)):
            with self.subTest(what):
                theirs.leave_for("liar")
                self.is_told(browser, browser.get(back), "failed", "sv")
        with self.subTest("and it still serves the one that began it"):
            self.assertEqual(mine.get(back).status, 303)
        with self.subTest("once"):
            again = Traveller(gateway)
            again.cookies.update({name: value for name, value in mine.cookies.items() if "session" not in name})
            self.is_told(again, again.get(back), "failed", "sv")
        # SPEC OIDC-36: the mix-up itself, an issuer that sends its user on to another with our state.
        with self.subTest("a code of another issuer is not redeemed"):
            mixed = Traveller(gateway)
            url = mixed.leave_for("liar")
            neighbour = mixed.ask_issuer(url.replace("/liar/auth", "/neighbour/auth"), who=ALEX)
            self.is_told(mixed, mixed.get(neighbour), "failed", "sv")
        with self.subTest("nor at the address at which the other has its users come back"):
            mixed = Traveller(gateway)
            url = mixed.leave_for("liar").replace("/liar/auth", "/neighbour/auth")
            ours, theirs = (urllib.parse.quote(f"/sign-in/return/{code}", safe="") for code in ("liar", "neighbour"))
            self.assertIn(ours, url)
            neighbour = mixed.ask_issuer(url.replace(ours, theirs), who=ALEX)
            asked = ask_elsewhere(f"{self.liar.told['origin']}/redeemed")[2]
            self.is_told(mixed, mixed.get(neighbour), "failed", "sv")
            self.assertEqual(ask_elsewhere(f"{self.liar.told['origin']}/redeemed")[2], asked, "no issuer was asked for a token")
            self.is_told(mixed, mixed.get(neighbour.replace("/return/neighbour", "/return/liar")), "failed", "sv")

    def test_an_issuer_that_does_not_answer_keeps_nobody_from_another(self):
        gateway = self.scene.gateway
        waiting = [Traveller(gateway) for _ in range(5)]
        with concurrent.futures.ThreadPoolExecutor(len(waiting)) as together:
            coming = [together.submit(one.sign_in_at, "hangs", who=NOVA) for one in waiting]
            ask_elsewhere(f"{self.liar.told['origin']}/held?at_least=2")
            other = Traveller(gateway)
            self.assertEqual(other.sign_in_at("liar", who=ALEX).status, 303)
            self.assertFalse(any(one.done() for one in coming), "nobody was let in or given up meanwhile")
            ask_elsewhere(f"{self.liar.told['origin']}/release")
            for traveller, one in zip(waiting, coming):
                self.is_told(traveller, one.result(), "down", "sv")


if __name__ == "__main__":
    unittest.main()
