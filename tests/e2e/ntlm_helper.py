#!/usr/bin/python3
"""NTLM for squid, without a domain controller: draws a challenge for each handshake and reckons the NTLMv2 answer from the password
(MS-NLMP 2.2.1, 3.3.2). NTLMv1 and LM are refused. Speaks squid's protocol of helpers: YR, KK → TT, AF, NA, BH.

    ntlm_helper.py FOLDER      FOLDER/account: one line of JSON, ["DOMAIN", "user", "password"]; FOLDER/handshakes: what was asked and decided
"""
import base64
import hmac
import json
import os
import pathlib
import struct
import sys

SIGNATURE = b"NTLMSSP\0"
UNICODE, REQUEST_TARGET, NTLM, ALWAYS_SIGN, TARGET_IS_DOMAIN, EXTENDED, TARGET_INFO = 0x1, 0x4, 0x200, 0x8000, 0x10000, 0x80000, 0x800000
NETBIOS_SERVER, NETBIOS_DOMAIN, END = 1, 2, 0  # AV_PAIR, MS-NLMP 2.2.2.1
FULL = 0xffffffff


def md4(data):
    """RFC 1320; OpenSSL 3 has it in its legacy provider only."""
    def left(value, by):
        value &= FULL
        return (value << by | value >> (32 - by)) & FULL
    rounds = (  # what mixes three words, the constant, the order of the block's words, the shifts
        (lambda x, y, z: x & y | ~x & z, 0, range(16), (3, 7, 11, 19)),
        (lambda x, y, z: x & y | x & z | y & z, 0x5a827999, (0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15), (3, 5, 9, 13)),
        (lambda x, y, z: x ^ y ^ z, 0x6ed9eba1, (0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15), (3, 9, 11, 15)))
    state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476]
    padded = data + b"\x80" + bytes((55 - len(data)) % 64) + struct.pack("<Q", 8 * len(data))
    for at in range(0, len(padded), 64):
        words, (a, b, c, d) = struct.unpack_from("<16I", padded, at), state
        for mix, constant, order, shifts in rounds:
            for step, word in enumerate(order):
                a, b, c, d = d, left(a + mix(b, c, d) + words[word] + constant, shifts[step % 4]), b, c
        state = [(one + more) & FULL for one, more in zip(state, (a, b, c, d))]
    return struct.pack("<4I", *state)


def utf16(text):
    return text.encode("utf-16-le")


def key_of(user, domain, password):
    """NTOWFv2, MS-NLMP 3.3.2."""
    return hmac.digest(md4(utf16(password)), utf16(user.upper() + domain), "md5")


def target_info(domain, server):
    pairs = ((NETBIOS_DOMAIN, domain), (NETBIOS_SERVER, server), (END, ""))
    return b"".join(struct.pack("<HH", kind, len(utf16(text))) + utf16(text) for kind, text in pairs)


def challenge_message(challenge, domain, server="PROXY"):
    name, info = utf16(domain), target_info(domain, server)
    flags = UNICODE | REQUEST_TARGET | NTLM | ALWAYS_SIGN | TARGET_IS_DOMAIN | EXTENDED | TARGET_INFO
    at = 48
    return (SIGNATURE + struct.pack("<I", 2) + struct.pack("<HHI", len(name), len(name), at) + struct.pack("<I", flags) + challenge + bytes(8)
            + struct.pack("<HHI", len(info), len(info), at + len(name)) + name + info)


def fields_of(message):
    """(NT response, domain, user) of an AUTHENTICATE_MESSAGE; ValueError when it is none."""
    if len(message) < 64 or message[:12] != SIGNATURE + struct.pack("<I", 3):
        raise ValueError("not an AUTHENTICATE_MESSAGE")

    def field(at):
        length, _, offset = struct.unpack_from("<HHI", message, at)
        if offset + length > len(message):
            raise ValueError("a field beyond the end")
        return message[offset:offset + length]
    is_unicode = struct.unpack_from("<I", message, 60)[0] & UNICODE
    domain, user = (field(at).decode("utf-16-le" if is_unicode else "latin-1") for at in (28, 36))
    return field(20), domain, user


def why_not(message, challenge, account):
    """None: it is the account's answer to this challenge."""
    response, domain, user = fields_of(message)
    if len(response) < 16 + 28 or response[16:18] != b"\1\1":
        return "no NTLMv2"
    if user.lower() != account[1].lower() or domain.lower() not in ("", account[0].lower()):
        return "another account"
    proof = hmac.digest(key_of(user, domain, account[2]), challenge + response[16:], "md5")
    return None if hmac.compare_digest(proof, response[:16]) else "wrong password"


def main():
    folder = pathlib.Path(sys.argv[1])
    challenge = None
    for line in sys.stdin:
        account = json.loads((folder / "account").read_text(encoding="utf-8"))  # its password may be changed meanwhile
        word, *rest = line.split()
        if word == "YR":
            challenge = os.urandom(8)
            answer = "TT " + base64.b64encode(challenge_message(challenge, account[0])).decode()
        elif word == "KK" and challenge and rest:
            try:
                said = why_not(base64.b64decode(rest[0], validate=True), challenge, account)
            except ValueError as error:
                said = str(error)
            answer = f"NA {said}" if said else f"AF {account[1]}"
            with (folder / "handshakes").open("a", encoding="utf-8") as noted:
                noted.write(f"{challenge.hex()} {said or 'right'}\n")
            challenge = None  # it counts once
        else:
            answer = "BH out of turn"
        print(answer, flush=True)


if __name__ == "__main__":
    main()
