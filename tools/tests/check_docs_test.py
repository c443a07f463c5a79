import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from check_docs import check


class Documents(unittest.TestCase):
    def test_links_that_lead_somewhere_pass(self):
        files = {"README.md": "[a](docs/A.md#two-words) [b](https://example.org/x) [c](docs) [d](#top)\n# Top\n",
                 "docs/A.md": "## Two `words`\n[up](../README.md) `[not](a link)`\n"}
        self.assertEqual(check(files), [])

    def test_a_link_that_leads_nowhere_is_refused(self):
        self.assertEqual(check({"docs/A.md": "x\n[gone](B.md)\n"}), ["docs/A.md:2: the link `B.md` leads nowhere"])
        self.assertIn("leads to no heading", check({"docs/A.md": "[x](#gone)\n# Here\n"})[0])

    def test_machine_paths_are_refused(self):
        for path in ("/w" + "ork/main/x", "/r" + "oot/.cache", "/tmp/b" + "ash_jobs"):
            self.assertIn("somebody's machine", check({"dev": f"cd {path}\n"})[0])
        self.assertEqual(check({"a.py": "url = base + '/network/x'\nimport tests.work.x\n"}), [])

    def test_key_material_is_refused(self):
        pem = "-----BEGIN PRIVATE" + " KEY-----"
        self.assertIn("a private key", check({"certs/x.pem": f"{pem}\nMC4CAQAwBQYDK2VwBCIEIB\n"})[0])
        self.assertIn("a private key", check({"tests/store/x.cpp": f'"{pem}\\nMC4CAQAwBQYDK2VwBCIEIB"\n'})[0])
        self.assertEqual(check({"certs/pem.cpp": f'constexpr auto kHeader = "{pem}";\n'}), [])
        self.assertEqual(check({"tests/crypto/vectors/x.pem": f"{pem}\nMC4CAQAwBQYDK2VwBCIEIB\n"}), [])
        self.assertIn("JWK", check({"docs/k.json": '{"d": "' + "A" * 43 + '"}'})[0])

    def test_swedish_words_take_swedish_plurals(self):
        self.assertIn("the plurals are", check({"policy/a.h": "// all fliks of a person\n"})[0])
        self.assertEqual(check({"policy/a.h": "// flikar, fullmakter, a fullmaktskomplettering, flik's\n"}), [])

    def test_a_noun_without_a_word_in_the_glossary_is_refused(self):
        header = "struct Sparr {\n  static constexpr std::uint16_t kTable = 36;\n};\n"
        self.assertEqual(check({"policy/a.h": header, "docs/GLOSSARY.md": "| Sparr | spärr |\n"}), [])
        self.assertEqual(check({"policy/a.h": header, "docs/GLOSSARY.md": "| Flik |\n"}),
                         ["policy/a.h:1: `Sparr` is not in docs/GLOSSARY.md"])


if __name__ == "__main__":
    unittest.main()
