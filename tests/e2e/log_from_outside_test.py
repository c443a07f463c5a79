"""The log as somebody outside sees it: checkpoint, cosignature, tiles and proofs of the real gateway and its witness, checked by
tests/faults/tlog.py, which was written from spec/ alone."""
import base64
import http.client
import json
import pathlib
import ssl
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "demo"), str(ROOT / "tests" / "faults")]
import cast
import gateway
import story
import tlog
import witness

PROGRAM = story.program()
FLIK_TYPES = 300


@unittest.skipUnless(PROGRAM.exists(), f"{PROGRAM} is missing: run ./dev build")
class TheLogFromOutside(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="flikvakt-e2e-")
        cls.addClassCleanup(folder.cleanup)
        where = pathlib.Path(folder.name)
        (where / "gateway").mkdir(mode=0o700)
        cls.gateway = gateway.Gateway(PROGRAM, where / "gateway")
        cls.gateway.found(cast.clients_of_pki())
        cls.witness = witness.Witness(PROGRAM, where / "witness", cls.gateway.log_key).start()
        cls.addClassCleanup(cls.witness.stop)
        cls.gateway.be_witnessed(cls.witness)
        cls.gateway.must_start()
        cls.addClassCleanup(cls.gateway.stop)
        cls.gateway.apply("setup.json", cast.registry_acts())
        cls.gateway.apply("more.json", [
            {"kind": "register_flik_type", "code": f"flik-{n}", "name_sv": f"Flik {n}", "name_en": f"Tab {n}", "description": "–",
             "sensitivity": "sensitive"} for n in range(FLIK_TYPES)])
        context = ssl.create_default_context(cafile=str(cls.gateway.pki / "ca.pem"))
        cls.connection = http.client.HTTPSConnection("localhost", cls.gateway.ports["portal"], context=context, timeout=30)
        cls.addClassCleanup(cls.connection.close)

    def get(self, path, status=200):
        self.connection.request("GET", "/v1/" + path)
        answer = self.connection.getresponse()
        body = answer.read()
        self.assertEqual(answer.status, status, body)
        return body

    def proof(self, path):
        return [base64.b64decode(one, validate=True) for one in json.loads(self.get(path))["hashes"]]

    def checkpoint(self):
        """The newest, once it covers more than one full tile."""
        for _ in range(600):
            note = self.get("log/checkpoint").decode()
            opened = tlog.opened(note, self.gateway.log_key)
            if opened[1] > 257:
                return note, *opened[1:]
            time.sleep(0.1)
        self.fail(f"the cosigned checkpoint does not follow the log: {note}")

    def leaves(self, size):
        out = b"".join(self.get("log/" + tlog.tile_path(0, at // 256, min(256, size - at))) for at in range(0, size, 256))
        return [out[i:i + 32] for i in range(0, len(out), 32)]

    def test_the_checkpoint_is_signed_by_the_log_and_cosigned_by_the_witness(self):
        """SPEC API-95, COS-3, COS-4, CHK-10"""
        note, _, _, text = self.checkpoint()
        lines = note.rsplit("\n\n", 1)[1]
        witnessed = "".join(line + "\n" for line in lines.splitlines() if "witness.example/w1" in line)
        cosigned = tlog.cosigned_at(text, witnessed, self.witness.key)
        self.assertLess(abs(cosigned - time.time()), 120)
        self.assertEqual(json.loads(self.get("health"))["status"], "pass")

    def test_tiles_give_the_tree_of_the_checkpoint(self):
        """SPEC API-92, TIL-2, TIL-4"""
        _, size, whole, _ = self.checkpoint()
        leaves = self.leaves(size)
        self.assertEqual(len(leaves), size)
        self.assertEqual(tlog.root(leaves), whole)
        level1 = b"".join(tlog.root(leaves[at:at + 256]) for at in range(0, size - size % 256, 256))
        self.assertEqual(self.get("log/" + tlog.tile_path(1, 0, size // 256)), level1)
        self.get("log/" + tlog.tile_path(0, 10_000), 404)

    def test_proofs_hold_at_the_edges_of_tiles(self):
        """SPEC MRK-4, MRK-5"""
        _, size, whole, _ = self.checkpoint()
        leaves = self.leaves(size)
        for index in (0, 1, 254, 255, 256, size - 1):
            proof = self.proof(f"log/inclusion?index={index}&size={size}")
            self.assertTrue(tlog.is_included(index, size, leaves[index], proof, whole), index)
            self.assertFalse(tlog.is_included(index, size, leaves[index - 1], proof, whole), index)
        for old in (1, 2, 255, 256, 257, size - 1, size):
            self.assertEqual(self.proof(f"log/consistency?from={old}&to={size}"), tlog.consistency(old, leaves), old)


if __name__ == "__main__":
    unittest.main()
