"""The pages that are there for everybody, before anyone signs in."""
import unittest

import scene


class Everybody(scene.PortalTest):
    def test_pages_before_signing_in(self):
        self.play("public.mjs", [{"walk": "public", "way": way} for way in scene.WAYS])


if __name__ == "__main__":
    unittest.main()
