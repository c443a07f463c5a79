"""What every answer to a browser carries (spec/portal.md PORTAL-1, PORTAL-2, PORTAL-3, PORTAL-5, PORTAL-8, PORTAL-10; http.md HTTP-15)."""
import re

POLICY = ("default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
          "require-trusted-types-for 'script'; trusted-types 'none'")
IN_A_FRAME = "default-src 'none'; style-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
DOCUMENT = ("default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; form-action 'none'; "
            "frame-ancestors 'self'; sandbox")
EVERYWHERE = {"Strict-Transport-Security": "max-age=63072000; includeSubDomains", "Referrer-Policy": "no-referrer",
              "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin", "X-Content-Type-Options": "nosniff",
              "Cache-Control": "no-store"}
PERMISSIONS = ("camera=(), microphone=(), geolocation=(), payment=(), usb=(), publickey-credentials-get=(self), "
               "publickey-credentials-create=(self)")
COOKIE = r"^__Host-[a-z-]+=[A-Za-z0-9%._~-]*; Path=/; Secure; HttpOnly; SameSite=Lax(; Max-Age=\d+)?$"
NEVER = {"server", "x-powered-by", "etag", "last-modified", "access-control-allow-origin", "set-cookie2"}


def problems(headers, status, text, kind):
    """`headers`: pairs as they came. `kind`: page, frame (what stands where a document would) or document. What is wrong, in words."""
    all_of = lambda name: [value for known, value in headers if known.lower() == name.lower()]
    out = [f"{name} is {all_of(name)}" for name, value in EVERYWHERE.items() if all_of(name) != [value]]
    out += [f"there is {name}" for name, _ in headers if name.lower() in NEVER]
    out += [f"a cookie {value}" for value in all_of("Set-Cookie") if not re.match(COOKIE, value)]
    if kind != "page":
        wanted = IN_A_FRAME if kind == "frame" else DOCUMENT
        return out + ([] if all_of("Content-Security-Policy") == [wanted] else [f"the policy is {all_of('Content-Security-Policy')}"])
    wanted = POLICY + ("; script-src 'self'" if "<script" in text else "") + ("; frame-src 'self'" if "<iframe" in text or "<object" in text else "")
    if all_of("Content-Security-Policy") != [wanted]:
        out.append(f"the policy is {all_of('Content-Security-Policy')}")
    if all_of("X-Frame-Options") != ["DENY"] or all_of("Permissions-Policy") != [PERMISSIONS]:
        out.append(f"{all_of('X-Frame-Options')} {all_of('Permissions-Policy')}")
    if status != 303 and all_of("Content-Type") != ["text/html; charset=utf-8"]:
        out.append(f"the type is {all_of('Content-Type')}")
    return out


def check(test, page, kind):
    test.assertEqual(problems(page.headers, page.status, page.text, kind), [])
