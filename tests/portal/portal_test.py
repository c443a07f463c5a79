"""The pages that are there for everybody, before anyone signs in."""
import unittest

import scene


class Ways(unittest.TestCase):
    def test_eight_walks_in_a_row_are_walked_in_all_eight_ways(self):
        for first in range(8):
            walked = [way for number in range(first, first + 8) for way in scene.ways(number)]
            for way in scene.WAYS:
                self.assertIn(way, walked)


class Everybody(scene.PortalTest):
    def test_pages_before_signing_in(self):
        self.play("public.mjs", [{"walk": "public", "way": way} for way in scene.WAYS])


if __name__ == "__main__":
    unittest.main()
