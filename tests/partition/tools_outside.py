"""Looks at parts with programs that are not ours."""
import io
import re
import subprocess
import tempfile
import zlib

from pdfminer.high_level import extract_text


def run(*command, data=None):
    return subprocess.run(command, input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)


def with_file(data, suffix, use):
    with tempfile.NamedTemporaryFile(suffix=suffix) as file:
        file.write(data)
        file.flush()
        return use(file.name)


def qpdf_check(pdf):
    """Its complaints; empty when it has none."""
    result = with_file(pdf, ".pdf", lambda name: run("qpdf", "--check", name))
    return "" if result.returncode == 0 else (result.stdout + result.stderr).decode(errors="replace")


def page_count(pdf):
    return int(with_file(pdf, ".pdf", lambda name: run("qpdf", "--show-npages", name)).stdout)


def page_texts(pdf):
    """What pdftotext reads on each page."""
    text = with_file(pdf, ".pdf", lambda name: run("pdftotext", "-raw", name, "-")).stdout.decode()
    return text.split("\f")[:-1]


def all_text(pdf):
    """Every text operator, seen or not, on the page or beside it: pdfminer paints nothing."""
    return extract_text(io.BytesIO(pdf))


def unpacked(pdf):
    """Every object in the open: qpdf writes streams uncompressed, and object streams as objects."""
    result = with_file(pdf, ".pdf", lambda name: run("qpdf", "--qdf", "--object-streams=disable", name, "-"))
    assert result.returncode in (0, 3), result.stderr
    return result.stdout


STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.S)


def inflated(data):
    """What zlib makes of whatever stands between `stream` and `endstream`: with no reader of PDF at all."""
    out = []
    for match in STREAM.finditer(data):
        try:
            out.append(zlib.decompressobj().decompress(match.group(1)))
        except zlib.error:
            pass
    return b"\n".join(out)


def keys_of(pdf):
    """Names of dictionaries' keys in the open file."""
    return set(re.findall(rb"/[A-Za-z0-9]+", unpacked(pdf)))


def xmllint(text):
    """Its complaints; empty when it has none."""
    result = run("xmllint", "--nonet", "--noout", "-", data=text)
    return "" if result.returncode == 0 else result.stderr.decode()
