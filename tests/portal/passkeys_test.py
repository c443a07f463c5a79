"""Passkeys in a browser, with Chromium's virtual authenticator."""
import unittest

import relay
import scene


class Passkeys(scene.PortalTest):
    def answer_deposit_for_newcomer(self):
        content = "Ett papper om den som just har kommit.\n".encode()
        facts = {"flik": "lakarutlatande", "title": "Kort utlåtande", "author": "Maja Fiktelius", "date": "2026-10-02", "media_type": "text/plain"}
        return self.scene.cast.maja.deposit(scene.NEWCOMER, facts, content)

    def answer_second_door(self):
        """The same pages under another origin: another port, the same host, so the same relying party's id."""
        door = relay.Relay(lambda: self.scene.gateway.ports["portal"]).start()
        self.addCleanup(door.stop)
        return f"https://localhost:{door.port}"

    def answer_register_staff_key(self, text, staff, second):
        """By the administrators' command: one proposes it, or both at once do it."""
        gateway = self.scene.gateway
        file = gateway.write("passkey.json", text)
        other = ["--second", gateway.folder / "bo.key"] if second else []
        code, out, err = gateway.run("staff-key", "add", file, "--staff", self.scene.cast.id(staff), "--data", gateway.data,
                                     "--administrator", gateway.folder / "alice.key", *other)
        return {"code": code, "said": out + err}

    def answer_suspend_staff_key(self, thumbprint):
        gateway = self.scene.gateway
        code, out, err = gateway.run("staff-key", "suspend", thumbprint, "--data", gateway.data, "--administrator", gateway.folder / "bo.key")
        return {"code": code, "said": out + err}

    def test_made_at_a_desk_and_used_and_all_that_must_not_count(self):
        walks = ["joining", "signing", "impostors", "wrong_signatures", "staff", "removed"]
        ways = [one for one in scene.WAYS if one["javascript"]]
        self.play("passkeys.mjs", [{"walk": walk, "way": ways[number % len(ways)], "who": "nils"} for number, walk in enumerate(walks)])
        verified = self.scene.verify_log()
        self.assertEqual(verified["code"], 0, f"every signature is looked at again: {verified['said']}")


if __name__ == "__main__":
    unittest.main()
