"""Feeds that are nearly well-formed, made so: the right encoding, no junk before the document, no stray ampersands.

What publishers' software gets wrong is mostly one of a few things, and mending them in the text keeps everything that a
lenient parser would drop. All work here grows with the length of the document and no faster.
"""

import codecs
import html.entities
import re

from podcast_assets.feeds.reader import FeedError

DECLARATION = re.compile(rb"""\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
HEAD = 10_000  # characters in which a document's start is looked for
MOST_REFERENCES = 1_000_000
XML_NAMES = frozenset({"amp", "lt", "gt", "quot", "apos"})
CDATA, CDATA_END = "<![CDATA[", "]]>"

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16's, which it starts with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MARKS = (
    *_BOMS,
    (b"<\0?\0", "utf-16-le"),  # without a mark, the first characters tell
    (b"<\0r\0", "utf-16-le"),
    (b"\0<\0?", "utf-16-be"),
    (b"\0<\0r", "utf-16-be"),
)
# What is meant where these are named, as browsers know (encoding.spec.whatwg.org).
_WIDER = {
    **dict.fromkeys(("iso-8859-1", "latin-1", "latin1", "iso8859-1", "us-ascii", "ascii"), "windows-1252"),
    **dict.fromkeys(("gb2312", "gbk", "gb_2312-80", "x-gbk"), "gb18030"),
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis"), "cp932"),
    **dict.fromkeys(("euc-kr", "ks_c_5601-1987"), "cp949"),
    "iso-8859-9": "windows-1254",
}
_START = re.compile(r"<(?:\?xml|rss|feed|rdf:RDF)[\s>]|<\w+:(?:rss|feed)[\s>]", re.IGNORECASE)
_PROLOG = re.compile(r"\s*<\?xml[^>]*>")
_DOCTYPE = re.compile(r"<!DOCTYPE[^\[>]*(?:\[[^\]]*\]\s*)?>", re.IGNORECASE)
_ILLEGAL = re.compile(r"[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_CHARACTERS = ({9, 10, 13}, range(0x20, 0xD800), range(0xE000, 0xFFFE), range(0x10000, 0x110000))
_REFERENCE = re.compile(r"&(?:#(\d+)(?:;|(?!\d))|#[xX]([0-9a-fA-F]+)(?:;|(?![0-9a-fA-F]))|(\w{1,40});)?")


def overruled(body: bytes, charset: str | None = None) -> str | None:
    """The encoding to read a document in, in spite of what it declares; None: what it declares, if anything, will do.

    An encoding of single bytes makes text of any bytes, so a lie about UTF-8 would never show: what holds other characters
    than ASCII and is valid UTF-8 is UTF-8, whatever it says. ``charset`` is what the server said; it counts where the
    document is silent.
    """
    if body.startswith(codecs.BOM_UTF8):
        return "utf-8"  # whatever is declared, which Expat would believe
    found = DECLARATION.match(body)
    declared = (found[1].decode().lower() if found else charset or "").lower()
    if not declared or declared.startswith(("utf", "ucs", "iso-10646")) or body.startswith(tuple(bom for bom, _ in _BOMS)):
        return None
    if not body.isascii() and _decoded(body, "utf-8", "strict") is not None:
        return "utf-8"
    return _WIDER.get(declared, None if found else declared)


def repaired(body: bytes, charset: str | None = None) -> bytes:
    """The document in UTF-8, with everything mended that can be told from the text alone.

    Raises:
        FeedError: too much of it would have to be mended.
    """
    text = text_of(body, charset)
    found = _START.search(text, 0, HEAD)  # the first of declaration and root: a text may quote either
    start = found.start() if found else 0
    prolog = _PROLOG.match(text, start)  # looked for there alone: looked for anywhere, it costs the square of the length
    text = text[prolog.end() if prolog else start :]
    head, rest = text[:HEAD], text[HEAD:]
    text = _ILLEGAL.sub("", _DOCTYPE.sub("", head, count=1) + rest)
    if text.count("&") > MOST_REFERENCES:  # mending each takes a hundred bytes
        raise FeedError(f"not a feed that can be read: not well-formed, with more than {MOST_REFERENCES} ampersands")
    return "".join(_pieces(text)).encode()


def text_of(body: bytes, charset: str | None = None) -> str:
    """The text of a document: by its mark, as UTF-8 where it is that, then as declared, as served, as Windows-1252."""
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return body.decode(encoding, "replace").lstrip("\ufeff")
    if (text := _decoded(body, "utf-8", "strict")) is not None:
        return text
    text = body.decode("utf-8", "replace")
    if 2 * text.count("\ufffd") < sum(map(len, re.findall(r"[^\0-\x7f\ufffd]+", text))):
        return text  # UTF-8 with a few bytes lost
    found = DECLARATION.match(body)
    named = (found[1].decode().lower() if found else "", (charset or "").lower())
    texts = (_decoded(body, _WIDER.get(name, name), "replace") for name in named if name and not name.startswith("utf"))
    return next((text for text in texts if text and "\ufffd" not in text), body.decode("windows-1252", "replace"))


def _decoded(body: bytes, encoding: str, errors: str) -> str | None:
    try:
        return body.decode(encoding, errors)
    except (UnicodeError, LookupError):
        return None


def _pieces(text: str) -> list[str]:
    """The text with its references mended, but for sections of CDATA, where an ampersand is one."""
    pieces, position = [], 0
    while (start := text.find(CDATA, position)) >= 0:
        end = text.find(CDATA_END, start)
        if end < 0:
            break
        end += len(CDATA_END)
        pieces += [_REFERENCE.sub(_mended, text[position:start]), text[start:end]]
        position = end
    return [*pieces, _REFERENCE.sub(_mended, text[position:])]


def _mended(reference: re.Match[str]) -> str:
    decimal, hexadecimal, name = reference.groups()
    if decimal or hexadecimal:
        digits = decimal or hexadecimal
        code = int(digits, 10 if decimal else 16) if len(digits) <= 8 else -1  # noqa: PLR2004 - more has no character
        return f"&#{code};" if _is_character(code) else ""
    if name in XML_NAMES:
        return reference[0]
    if name and (characters := html.entities.html5.get(f"{name};")):
        return "".join(f"&#{ord(character)};" for character in characters)
    return "&amp;" + reference[0][1:]


def _is_character(code: int) -> bool:
    """Whether XML 1.0 (2.2) allows the character."""
    return any(code in characters for characters in _CHARACTERS)
