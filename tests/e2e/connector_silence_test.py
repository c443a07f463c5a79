"""A firewall that drops what it does not like, and a name server that says nothing: silence is named by its layer. spec/connector.md"""
import pathlib
import unittest

import connector_world as world
from connector_networks_test import MISSING, Networked
import networks


@unittest.skipIf(MISSING, "the programs are missing: run ./dev build")
class Silence(Networked):
    def must_end(self, one, exit, layer):
        ran = one.enrol(self.world.code()["code"])
        self.assertEqual(ran.returncode, exit, ran.stderr)
        code, layers = one.doctor()
        self.assertEqual((code, layers[layer]["health"]), (exit, "failed"), layers)
        self.assertLess(one.doctor_seconds, 5)
        for later in ("tls", "inspection", "authorisation"):
            self.assertEqual(layers[later]["health"], "skipped", layers)
        return layers

    def test_what_is_dropped_on_the_way(self):  # SPEC CONN-75, CONN-72
        if not self.nets:
            self.skipTest("network namespaces are not permitted here")
        # The partner has a route, and the machine on it forwards nothing and says nothing.
        networks.run("ip", "netns", "exec", self.nets.proxy, "sysctl", "-qw", "net.ipv4.ip_forward=0")
        networks.run("ip", "-n", self.nets.partner, "route", "replace", "10.91.2.0/24", "via", "10.91.1.1")
        self.addCleanup(self.nets.routed, False)
        layers = self.must_end(self.connector(enrolled=False), world.ROUTE, "route")
        self.assertEqual(layers["name"]["health"], "well", layers)
        self.assertIn("ask for outbound HTTPS", layers["route"]["ask_english"])

    def test_a_name_server_that_says_nothing(self):  # SPEC CONN-75, CONN-72
        if not self.nets:
            self.skipTest("network namespaces are not permitted here")
        networks.run("ip", "netns", "exec", self.nets.proxy, "sysctl", "-qw", "net.ipv4.ip_forward=0")
        networks.run("ip", "-n", self.nets.partner, "route", "replace", "10.91.2.0/24", "via", "10.91.1.1")
        self.addCleanup(self.nets.routed, False)
        file = pathlib.Path("/etc/netns") / self.nets.partner / "resolv.conf"
        file.write_text("nameserver 10.91.2.99\noptions timeout:30 attempts:5\n")
        self.addCleanup(file.unlink)
        one = self.connector(enrolled=False)
        one.configure(gateway="https://okand.flikvakt.test", witness=False)
        layers = self.must_end(one, world.NAME, "name")
        self.assertIn("okand.flikvakt.test", layers["name"]["english"])
        self.assertEqual(layers["route"]["health"], "skipped", layers)


if __name__ == "__main__":
    unittest.main()
