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

    def test_made_at_a_desk_and_used_and_all_that_must_not_count(self):
        walks = ["joining", "signing", "impostors", "wrong_signatures", "removed"]
        ways = [{"language": "sv", "size": "desktop"}, {"language": "en", "size": "phone"}, {"language": "en", "size": "desktop"},
                {"language": "sv", "size": "phone"}, {"language": "sv", "size": "desktop"}]
        self.play("passkeys.mjs", [{"walk": walk, "way": {**way, "javascript": True}} for walk, way in zip(walks, ways)])
        self.assertEqual(self.scene.verify_log()["code"], 0, "the log does not verify: every signature is looked at again")


if __name__ == "__main__":
    unittest.main()
