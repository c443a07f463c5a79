"""A Kerberos realm of a partner's: MIT's KDC as a plain process in a network, its database, keys and tickets in one folder."""
import os
import pathlib
import secrets
import shutil
import subprocess

import networks

PROGRAMS = ("krb5kdc", "kdb5_util", "kadmin.local", "kinit", "kdestroy")


def is_here():
    return all(shutil.which(one, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin") for one in PROGRAMS)


class Realm:
    """`before`, `host`: the network and address where the KDC answers. Clients and the proxy's login program get `environment`."""
    name = "FLIKVAKT.TEST"

    def __init__(self, before, folder, host, port, proxy_name):
        self.before, self.folder, self.proxy_name = before, pathlib.Path(folder), proxy_name
        self.folder.mkdir()
        self.folder.chmod(0o755)
        (self.folder / "kdc").mkdir(mode=0o700)
        self.kdc_at = f"{host}:{port}"
        self.configure(self.folder / "krb5.conf", "10h")
        (self.folder / "kdc" / "kdc.conf").write_text(
            f"[realms]\n {self.name} = {{\n  database_name = {self.folder}/kdc/principal\n  key_stash_file = {self.folder}/kdc/stash\n"
            f"  kdc_listen = {self.kdc_at}\n  kdc_tcp_listen = {self.kdc_at}\n  max_life = 10h\n }}\n"
            f"[logging]\n kdc = FILE:{self.folder}/kdc/kdc.log\n")
        self.environment = {"KRB5_CONFIG": str(self.folder / "krb5.conf"), "KRB5RCACHEDIR": str(self.folder / "replays")}
        (self.folder / "replays").mkdir()
        (self.folder / "replays").chmod(0o777)  # of the proxy's user
        self.run("kdb5_util", "create", "-s", "-r", self.name, "-P", secrets.token_hex(16))
        self.administer(f"addprinc -randkey HTTP/{proxy_name}")
        words = ["krb5kdc", "-n", "-r", self.name]
        self.kdc = networks.Program(before, words, port, host, self.folder / "kdc", self.of_kdc())

    def configure(self, file, life):
        """A client's krb5.conf, whose tickets live so long."""
        file.write_text(f"[libdefaults]\n default_realm = {self.name}\n dns_lookup_kdc = false\n dns_lookup_realm = false\n rdns = false\n"
                        f" dns_canonicalize_hostname = false\n udp_preference_limit = 1\n ticket_lifetime = {life}\n"
                        f"[realms]\n {self.name} = {{\n  kdc = {self.kdc_at}\n }}\n[domain_realm]\n {self.proxy_name} = {self.name}\n")
        return file

    def of_kdc(self):
        return {**self.environment, "KRB5_KDC_PROFILE": str(self.folder / "kdc" / "kdc.conf"), "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"}

    def run(self, *words, stdin=None):
        ran = subprocess.run(words, input=stdin, capture_output=True, text=True, timeout=30, env={**os.environ, **self.of_kdc()})
        if ran.returncode != 0:
            raise RuntimeError(f"{words[0]}: {ran.stdout} {ran.stderr}")
        return ran.stdout

    def administer(self, *lines):
        return self.run("kadmin.local", "-r", self.name, stdin="".join(line + "\n" for line in lines))

    def account(self, user, password):
        self.administer(f"addprinc -pw {password} {user}")

    def keytab(self, principal, file):
        self.administer(f"ktadd -norandkey -k {file} {principal}")
        if not file.exists():
            raise RuntimeError(f"no keytab of `{principal}`")
        return file

    def keytab_of_proxy(self, folder):
        file = self.keytab(f"HTTP/{self.proxy_name}", folder / "proxy.keytab")
        file.chmod(0o644)  # in the folder of one test, for the proxy's user
        return file

    def new_key_of_proxy(self):
        """The proxy's keytab is out of date then."""
        self.administer(f"cpw -randkey HTTP/{self.proxy_name}")

    def ticket(self, before, user, password, cache, life="10h"):
        self.run(*before, "kinit", "-l", life, "-c", f"FILE:{cache}", user, stdin=password + "\n")

    def destroy(self, cache):
        self.run("kdestroy", "-c", f"FILE:{cache}")

    def close(self):
        self.kdc.close()
