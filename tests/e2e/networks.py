"""Networks for the tests of connectors: a partner's, from which nothing goes out but to its proxy, and the gateway's, in network
namespaces; where these are not permitted, all over loopback. Proxies: squid and tinyproxy of Debian, and the demo's, which opens TLS."""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

GATEWAY_NAME, PROXY_NAME = "grind.flikvakt.test", "proxy.flikvakt.test"
KERBEROS_LOGIN = pathlib.Path("/usr/lib/squid/negotiate_kerberos_auth")


def run(*words, check=True):
    return subprocess.run(words, capture_output=True, text=True, check=check)


def may_namespaces():
    if os.geteuid() != 0 or shutil.which("ip") is None:
        return False
    name = f"fvkprobe{os.getpid()}"
    made = run("ip", "netns", "add", name, check=False).returncode == 0
    if made:
        run("ip", "netns", "del", name, check=False)
    return made


class Networks:
    """partner 10.91.1.2 — 10.91.1.1 proxy 10.91.2.1 — 10.91.2.2 gateway. The proxy's machine forwards only when `routed`."""

    def __init__(self):
        tag = os.getpid() % 10000
        self.partner, self.proxy, self.gateway = (f"fvk{tag}{letter}" for letter in "pxg")
        self.made = []
        try:
            for name in (self.partner, self.proxy, self.gateway):
                run("ip", "netns", "add", name)
                self.made.append(name)
                run("ip", "-n", name, "link", "set", "lo", "up")
            for left, right, here, there in ((self.partner, self.proxy, "10.91.1.2", "10.91.1.1"), (self.gateway, self.proxy, "10.91.2.2", "10.91.2.1")):
                a, b = f"v{left[-5:]}", f"w{left[-5:]}"
                run("ip", "link", "add", a, "netns", left, "type", "veth", "peer", "name", b, "netns", right)
                run("ip", "-n", left, "addr", "add", here + "/24", "dev", a)
                run("ip", "-n", right, "addr", "add", there + "/24", "dev", b)
                run("ip", "-n", left, "link", "set", a, "up")
                run("ip", "-n", right, "link", "set", b, "up")
            run("ip", "-n", self.gateway, "route", "add", "10.91.1.0/24", "via", "10.91.2.1")
            for name in (self.partner, self.proxy):
                folder = pathlib.Path("/etc/netns") / name
                folder.mkdir(parents=True)
                (folder / "hosts").write_text(f"127.0.0.1 localhost\n10.91.2.2 {GATEWAY_NAME}\n10.91.1.1 {PROXY_NAME}\n")
        except BaseException:
            self.close()
            raise

    def routed(self, yes):
        """Whether the partner's network lets anything out but to the proxy."""
        run("ip", "netns", "exec", self.proxy, "sysctl", "-qw", f"net.ipv4.ip_forward={int(yes)}")
        run("ip", "-n", self.partner, "route", "replace" if yes else "del", "10.91.2.0/24", "via", "10.91.1.1", check=False)

    def silent(self, *addresses):
        """Packets from the partner to these go out, to a machine that is not there: nothing comes back, as with a firewall that drops.
        Whether the partner's network could be made so."""
        device = f"v{self.partner[-5:]}"
        return all(run("ip", "-n", self.partner, "neigh", "replace", one, "lladdr", "02:00:00:00:00:fe", "dev", device, "nud", "permanent",
                       check=False).returncode == 0 for one in addresses)

    def dropped(self, yes):
        """Whether what goes from the partner to the gateway's network is dropped on the way; False: that cannot be had here."""
        words = ["replace", "10.91.2.0/24", "via", "10.91.1.250"] if yes else ["del", "10.91.2.0/24"]
        made = self.silent("10.91.1.250") if yes else True
        return run("ip", "-n", self.partner, "route", *words, check=False).returncode == 0 and made

    def ask_names_of(self, address):
        """Who resolves names for the partner."""
        (pathlib.Path("/etc/netns") / self.partner / "resolv.conf").write_text(f"nameserver {address}\n")

    def inside(self, name):
        return ["ip", "netns", "exec", name]

    def close(self):
        for name in self.made:
            run("ip", "netns", "del", name, check=False)
            shutil.rmtree(pathlib.Path("/etc/netns") / name, ignore_errors=True)


class Program:
    """A proxy of Debian's, or what it asks, in a network."""

    def __init__(self, before, words, port, host, folder, environment=None):
        self.log = pathlib.Path(folder) / "proxy.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([*before, *words], stdout=log, stderr=log, start_new_session=True, env={**os.environ, **(environment or {})})
        end = time.monotonic() + 15
        probe = [*before, "bash", "-c", f"exec 3<>/dev/tcp/{host}/{port}"]
        while subprocess.run(probe, capture_output=True).returncode != 0:
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{words[0]} does not listen: {self.log.read_text(errors='replace')[-500:]}")
            time.sleep(0.05)

    def close(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()


def tinyproxy(before, folder, host, port, login=None):
    folder = pathlib.Path(folder)
    folder.mkdir(exist_ok=True)
    folder.chmod(0o777)
    config = folder / "tinyproxy.conf"
    config.write_text(f"Port {port}\nListen {host}\nTimeout 60\nMaxClients 50\nPidFile \"{folder}/pid\"\nLogFile \"{folder}/log\"\nLogLevel Info\n"
                      + (f"BasicAuth {login[0]} {login[1]}\n" if login else ""))
    return Program(before, ["tinyproxy", "-d", "-c", str(config)], port, host, folder)


def squid(before, folder, host, port, login=None, ntlm=None, kerberos=None):
    """`login`: (user, password), by Basic. `ntlm`: (domain, user, password), see ntlm_helper.py. `kerberos`: a kerberos.Realm, whose account
    HTTP/<name of the proxy> it has. Of several it offers all."""
    folder = pathlib.Path(folder)
    folder.mkdir(exist_ok=True)
    folder.chmod(0o777)
    config = folder / "squid.conf"
    lines = [f"http_port {host}:{port}", "cache deny all", f"access_log stdio:{folder}/access.log", f"cache_log {folder}/cache.log",
             f"pid_filename {folder}/pid", f"coredump_dir {folder}", "shutdown_lifetime 0 seconds", "pinger_enable off", "acl ok port 1-65535"]
    programs = {}  # Negotiate first, as proxies in a domain offer it
    if kerberos:
        programs["negotiate"] = f"{KERBEROS_LOGIN} -k {kerberos.keytab_of_proxy(folder)} -s HTTP/{kerberos.proxy_name}@{kerberos.name}"
    if ntlm:
        helper = pathlib.Path(shutil.copy(pathlib.Path(__file__).parent / "ntlm_helper.py", folder))  # the user of squid reads it there
        ntlm_account(folder, *ntlm)
        programs["ntlm"] = f"/usr/bin/python3 -B {helper} {folder}"
    if login:
        helper = folder / "login"
        helper.write_text("#!/usr/bin/python3\nimport sys, urllib.parse\nfor line in sys.stdin:\n"
                          f"    given = [urllib.parse.unquote(one) for one in line.split()[:2]]\n    print('OK' if given == {list(login)!r} else 'ERR', flush=True)\n")
        helper.chmod(0o755)
        programs["basic"] = str(helper)
    for scheme, program in programs.items():
        lines += [f"auth_param {scheme} program {program}", f"auth_param {scheme} children {1 if scheme == 'basic' else 4}"]
    lines += ["acl known proxy_auth REQUIRED", "http_access allow known", "http_access deny all"] if programs else ["http_access allow all"]
    config.write_text("\n".join(lines) + "\n")
    return Program(before, ["squid", "-N", "-f", str(config)], port, host, folder, kerberos.environment if kerberos else None)


def ntlm_account(folder, domain, user, password):
    (folder / "account").write_text(json.dumps([domain, user, password]), encoding="utf-8")


def squid_saw(folder):
    """[(status, user)] of each CONNECT that squid in this folder was asked for, once it is over; of no user None."""
    log = pathlib.Path(folder) / "access.log"
    fields = [line.split() for line in log.read_text(encoding="utf-8").splitlines()] if log.exists() else []
    return [(int(one[3].rsplit("/", 1)[1]), None if one[7] == "-" else one[7]) for one in fields if one[5] == "CONNECT"]
