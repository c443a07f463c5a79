"""Signing and taking back with the keyboard alone, on a wide screen and on one at 400 % (1280×1024 is 320×256 then)."""
import unittest

import scene

ZOOMED = {"viewport": {"width": 320, "height": 256}, "isMobile": False, "hasTouch": False}


class Keyboard(scene.PortalTest):
    # SPEC PORTAL-87
    def test_a_fullmakt_is_signed_and_taken_back_without_a_mouse(self):
        person = {**self.scene.cast.people["mio"], "before": 0, "recipient": "Försäkringskassan"}
        zoomed = {**self.scene.cast.people["nova"], "before": 0, "recipient": "Konsultation Tresjöarna"}
        plays = [{"walk": "sign", "way": {"language": "sv", "size": "desktop", "javascript": True}, "person": person},
                 {"walk": "sign", "way": {"language": "en", "size": "phone", "javascript": False}, "person": zoomed, "context": ZOOMED}]
        self.play("keyboard.mjs", plays)


if __name__ == "__main__":
    unittest.main()
