import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from check_spec_ids import check

SPEC = """# Envelope

A reader who sees `MUST` in quotes is not told anything.

**ENV-1** A chunk MUST be 64 KiB.
**ENV-2** The last chunk
MUST NOT be empty.

- **ENV-3** A reader MUST refuse an unknown version.

| id | sentence |
|---|---|
| **ENV-4** | The nonce MUST be fresh. |

```
this MUST be an example
```
"""
TEST = "// SPEC ENV-1, ENV-2\nTEST(Envelope, X) {}\n// SPEC ENV-3 and ENV-4: fresh nonces\n"


class SpecIds(unittest.TestCase):
    def test_a_spec_whose_ids_are_all_tested_passes(self):
        self.assertEqual(check({"spec/envelope.md": SPEC}, {"tests/crypto/envelope_test.cpp": TEST}), [])

    def test_a_requirement_that_no_test_cites_is_refused(self):
        sources = {"tests/crypto/envelope_test.cpp": TEST.replace("ENV-2", "ENV-1"), "crypto/envelope.cpp": "// SPEC ENV-2"}
        self.assertEqual(check({"spec/envelope.md": SPEC}, sources), ["spec/envelope.md:6: no test cites ENV-2"])

    def test_a_citation_of_what_is_not_there_is_refused(self):
        sources = {"tests/a_test.cpp": TEST, "crypto/envelope.cpp": "\n// SPEC ENV-9\n", "crypto/x.h": "// see SPEC KEY-1"}
        self.assertEqual(check({"spec/envelope.md": SPEC}, sources),
                         ["crypto/envelope.cpp:2: cites ENV-9, which spec/ does not have",
                          "crypto/x.h:1: cites KEY-1, which spec/ does not have"])

    def test_a_range_in_a_test_is_refused_and_cites_only_its_ends(self):
        for text in ("// SPEC ENV-1 to ENV-4\n", "// SPEC ENV-1 to\n// ENV-4\n", "# SPEC ENV-1..ENV-4\n"):
            found = check({"spec/envelope.md": SPEC}, {"tests/a_test.cpp": text})
            self.assertIn("tests/a_test.cpp:1: a range (ENV-1 to ENV-4) cites no sentence: name each id where it is tested", found)
            self.assertEqual([line.rsplit(" ", 1)[1] for line in found if "no test cites" in line], ["ENV-2", "ENV-3"])

    def test_a_range_in_code_only_points(self):
        sources = {"tests/a_test.cpp": TEST, "crypto/envelope.cpp": "// SPEC ENV-1 to ENV-4\n"}
        self.assertEqual(check({"spec/envelope.md": SPEC}, sources), [])

    def test_names_of_algorithms_are_no_citations(self):
        sources = {"tests/a_test.cpp": TEST, "crypto/a.h": "// AES-256 and SHA-256 after RFC-6962, P-256\n"}
        self.assertEqual(check({"spec/envelope.md": SPEC}, sources), [])

    def test_a_must_without_an_id_is_refused(self):
        self.assertIn("spec/x.md:3: a MUST without an id", check({"spec/x.md": "# X\n\nA reader MUST be kind.\n"}, {})[0])

    def test_an_id_given_twice_is_refused(self):
        specs = {"spec/a.md": "**ENV-1** One MUST.\n", "spec/b.md": "**ENV-1** Another MUST.\n"}
        self.assertIn("spec/b.md:1: ENV-1 is already defined in spec/a.md:1", check(specs, {"tests/t.cpp": "SPEC ENV-1"})[0])


if __name__ == "__main__":
    unittest.main()
