"""An album: pages as the gateway sent them, to be looked at in a browser afterwards (album.mjs), and which pages of the table (pages.txt) they
were."""
import json
import pathlib
import re

HERE = pathlib.Path(__file__).resolve().parent
KINDS = {"id": "[0-9a-f]{32}", "number": "[0-9]{1,18}", "code": "[a-z0-9-]{1,64}", "token": "[A-Za-z0-9_-]{1,512}", "rest": ".+"}


def pages():
    """What the router serves: method, pattern, rule (pages.txt)."""
    lines = (HERE / "pages.txt").read_text(encoding="utf-8").splitlines()
    return [tuple(line.split(" ")) for line in lines if line and not line.startswith("#")]


def pattern_of(path, method):
    """Which of them answers: literals win over parameters, these over `rest`."""
    path = path.split("?")[0]
    best = None
    for known_method, pattern, _ in pages():
        regex = re.sub(r"\\\{[a-z_]+:([a-z]+)\\\}", lambda found: KINDS[found[1]], re.escape(pattern).replace(r"\:", ":"))
        if known_method == method and re.fullmatch(regex, path) and (best is None or pattern.count("{") < best.count("{")):
            best = pattern
    return best


class Album:
    """Answers that are pages, by name and language, in a folder; and which pages of the table they were."""

    def __init__(self, folder):
        self.folder, self.looks, self.patterns, self.files = pathlib.Path(folder), [], set(), {}
        self.folder.mkdir(parents=True, exist_ok=True)

    def add(self, name, language, page, expect=200, signed_in="", frame=None):
        """`frame`: the path and the answer that its frame shows."""
        if expect and page.status != expect:
            text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))
            raise AssertionError(f"{name} ({language}): {page.method} {page.path.split('?')[0]}: {page.status}, expected {expect}: {text[:900]}")
        if not page.is_html():
            raise AssertionError(f"{name}: no page but {page.header('Content-Type')}")
        pattern = pattern_of(page.path, page.method)
        if pattern:
            self.patterns.add((page.method, pattern))
        file = self.save(f"{len(self.looks):04}.html", page.body)
        look = {"name": name, "language": language, "path": page.path, "method": page.method, "status": page.status, "file": file,
                "headers": page.headers, "signed_in": signed_in}
        if frame:
            path, answer = frame
            look["frame"] = {"path": path, "file": self.save(f"{len(self.looks):04}.frame", answer.body), "headers": answer.headers,
                             "status": answer.status}
            self.patterns.add(("GET", pattern_of(path, "GET")))
        self.looks.append(look)
        return page

    def save(self, name, body):
        (self.folder / name).write_bytes(body)
        return name

    def saw_file(self, page, expect=200):
        """Of what is no page: that it is served."""
        if page.status != expect:
            raise AssertionError(f"{page.method} {page.path}: {page.status}")
        self.patterns.add((page.method, pattern_of(page.path, page.method)))
        return page

    def keep_files(self, v, page):
        """What all pages need: style, icon, script. `page` has the script too."""
        for path in sorted(set(re.findall(r'"(/static/[^"]+)"', page.text))):
            file = self.saw_file(v.get(path))
            self.files[path] = {"file": self.save(path.split("/")[-1], file.body), "headers": file.headers}

    def write(self, origin):
        for look in self.looks:
            look["headers"] = [list(one) for one in look["headers"]]
        (self.folder / "album.json").write_text(json.dumps({"origin": origin, "looks": self.looks, "files": self.files}, ensure_ascii=False), encoding="utf-8")
