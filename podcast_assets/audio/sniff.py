"""What a file is by its first bytes: names and headers of podcasts are wrong too often to go by.

Belongs here: magic numbers of sound, and of what hosts send in its place; what a file of each type is called. Does not
belong here: whether the sound can be decoded (the decoder says). The table is our own: of the small libraries, ``filetype``
takes AAC and FLAC behind an ID3 tag for MP3 and knows no RF64, AC-3, MPEG-TS or CAF; ``puremagic`` calls every Ogg Vorbis.
"""

import os
import re
from pathlib import PurePosixPath

from podcast_assets import sources
from podcast_assets.errors import PodcastAssetsError

HEAD_BYTES = 1 << 16  # enough for the list of tracks where it stands in front
MOST_BOXES = 100  # of an MP4 file, before its list of tracks; most have two or three
LONGEST_TRACKS = 1 << 22  # bytes of that list; a film of two hours has less
BLANK = b" \t\r\n"
BOM = b"\xef\xbb\xbf"
ID3_HEADER = 10  # bytes
BOX_HEADER = 8

# What begins so is no sound; hosts in trouble, and networks that want a login, send the first two in its place.
PAGES = ((b"<", "a page of HTML or XML"), (b'{"', "a message in JSON"), (b'[{"', "a message in JSON"))
UTF_16_PAGES = (b"\xff\xfe<\0", b"\xfe\xff\0<")
OTHERS = (
    (b"#EXTM3U", "a playlist (M3U)"),
    (b"[playlist]", "a playlist (PLS)"),
    (b"%PDF-", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"\x89PNG\r\n", "a picture (PNG)"),
)

STARTS = (
    (b"fLaC", "audio/flac"),
    (b"#!AMR-WB", "audio/amr-wb"),
    (b"#!AMR", "audio/amr"),
    (b"caff", "audio/x-caf"),
    (b"ADIF", "audio/aac"),
)
FORMS = {  # of containers in chunks: the name at 0 and the kind at 8
    (b"RIFF", b"WAVE"): "audio/wav",
    (b"RF64", b"WAVE"): "audio/wav",
    (b"BW64", b"WAVE"): "audio/wav",
    (b"FORM", b"AIFF"): "audio/aiff",
    (b"FORM", b"AIFC"): "audio/aiff",
}
OGG_CODECS = ((b"\x01vorbis", "vorbis"), (b"OpusHead", "opus"), (b"\x7fFLAC", "flac"), (b"Speex   ", "speex"))
SOUND_BRANDS = (b"M4A", b"M4B", b"M4P", b"F4A")  # of MP4: players' word for a file without a picture

# Bare frames, one behind the other, by the header of the first.
_NIBBLES = b"".join(b"\\x%x0-\\x%xb" % (high, high) for high in range(15))  # neither bit rate 15 nor sampling rate 3
FRAMES = tuple(
    (re.compile(magic, re.DOTALL), name)
    for magic, name in (
        (rb"\x0b\x77...[\x00-\x57]", "audio/ac3"),  # bsid up to 10 (ATSC A/52, 5.4.2.1)
        (rb"\x0b\x77...[\x58-\x87]", "audio/eac3"),  # and up to 16 (E.1.1)
        (rb"\x47.{187}\x47", "video/mp2t"),
        (rb"\xff[\xf0\xf1\xf8\xf9]", "audio/aac"),  # ADTS (ISO 14496-3, 1.A.2.2): the layer is 0
        (rb"\xff[\xe2-\xe7\xf2-\xf7\xfa-\xff][" + _NIBBLES + b"]", "audio/mpeg"),  # ISO 11172-3, 2.4.2.3
    )
)
MP4_TRACKS = re.compile(rb"hdlr.{8}(soun|vide)", re.DOTALL)  # ISO 14496-12, 8.4.3
MATROSKA_SOUND = re.compile(rb"A_(?:OPUS|VORBIS|AAC|FLAC|MPEG|PCM|AC3|EAC3)")
MATROSKA_PICTURES = re.compile(rb"V_(?:VP8|VP9|AV1|MPEG|THEORA|MS/)")
ID3 = re.compile(rb"ID3[^\xff].(.)(.{4})", re.DOTALL)  # flags and size (ID3v2.4.0, 3.1)

# What each type is called on disk; decoders look at the content alone. The last ones are other names that hosts use.
EXTENSIONS = {
    "audio/mpeg": ".mp3",
    "audio/mp4": ".m4a",
    "video/mp4": ".mp4",
    "audio/aac": ".aac",
    "audio/ogg": ".ogg",
    "audio/ogg; codecs=vorbis": ".ogg",
    "audio/ogg; codecs=opus": ".opus",
    "audio/ogg; codecs=flac": ".oga",
    "audio/ogg; codecs=speex": ".spx",
    "audio/flac": ".flac",
    "audio/wav": ".wav",
    "audio/aiff": ".aiff",
    "audio/webm": ".webm",
    "video/webm": ".webm",
    "audio/x-matroska": ".mka",
    "video/x-matroska": ".mkv",
    "audio/amr": ".amr",
    "audio/amr-wb": ".awb",
    "audio/ac3": ".ac3",
    "audio/eac3": ".eac3",
    "video/mp2t": ".ts",
    "audio/x-caf": ".caf",
    "audio/mp3": ".mp3",
    "audio/m4a": ".m4a",
    "audio/x-m4a": ".m4a",
    "audio/opus": ".opus",
    "audio/x-wav": ".wav",
}


class AudioError(PodcastAssetsError):
    """A feed's file that cannot be read, or is no audio as far as its first bytes tell."""


class PageError(AudioError):
    """A page where audio should be."""


def page(head: bytes) -> str | None:
    """What a file is that begins with ``head``, where it is a page or a message of a host; else None."""
    start = head.removeprefix(BOM).lstrip(BLANK)
    compact = start[:64].translate(None, BLANK)  # JSON may have blanks after its bracket
    if head.startswith(UTF_16_PAGES):
        return PAGES[0][1]
    return next((name for magic, name in PAGES if compact.startswith(magic)), None)


def other(head: bytes) -> str | None:
    """What a file is that begins with ``head``, where it is something else that is no sound; else None."""
    text = head.removeprefix(BOM).lstrip(BLANK)
    return next((name for magic, name in OTHERS if head.startswith(magic) or text.startswith(magic)), None)


def tag_bytes(head: bytes) -> int:
    """How long the ID3v2 tag is that ``head`` begins with, all of it; 0 where there is none.

    One with a picture is often longer than ``head``. The size is four times seven bits; who sets the eighth wrote eight.
    """
    found = ID3.match(head)
    if not found:
        return 0
    size, bits = 0, 7 if found[2].isascii() else 8
    for byte in found[2]:
        size = size << bits | byte
    has_footer = ord(found[1]) & 0x10
    return ID3_HEADER + size + (ID3_HEADER if has_footer else 0)


def media_type(head: bytes) -> str | None:
    """The type of the sound that begins with ``head``, or None where it is not known.

    ``head`` may begin with an ID3v2 tag: what stands behind it counts, and where that lies beyond ``head`` it is taken for
    MPEG. A container that shows a track of sound and none of pictures counts as sound.
    """
    is_tagged = False
    while length := tag_bytes(head):
        is_tagged, head = True, head[length:].lstrip(b"\0")  # some writers pad behind the tag
    return _type(head) or ("audio/mpeg" if is_tagged else None)


def _type(head: bytes) -> str | None:
    simple = next((name for magic, name in STARTS if head.startswith(magic)), None) or FORMS.get((head[:4], head[8:12]))
    if simple:
        return simple
    if head.startswith(b"OggS"):
        return _ogg(head)
    if head[4:8] == b"ftyp":
        is_sound = head.startswith(SOUND_BRANDS, 8) or {found[1] for found in MP4_TRACKS.finditer(head)} == {b"soun"}
        return "audio/mp4" if is_sound else "video/mp4"
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        kind = "audio" if MATROSKA_SOUND.search(head) and not MATROSKA_PICTURES.search(head) else "video"
        return f"{kind}/webm" if b"webm" in head[:64] else f"{kind}/x-matroska"
    return next((name for magic, name in FRAMES if magic.match(head)), None)


def _ogg(head: bytes) -> str:
    """The codec stands at the start of the first packet, behind the page's list of segments (RFC 3533, 6)."""
    first = 27 + int.from_bytes(head[26:27])
    codec = next((name for magic, name in OGG_CODECS if head.startswith(magic, first)), None)
    return f"audio/ogg; codecs={codec}" if codec else "audio/ogg"


def look(descriptor: int) -> str | None:
    """The type of the sound in an open file by its first bytes, or None where that is not known.

    Raises:
        AudioError: it is empty, or something that is no sound; :class:`PageError` where a host in trouble, or a network that
            wants a login, may have sent it in the place of the sound.
    """
    head = os.pread(descriptor, HEAD_BYTES, 0)
    if not head:
        raise AudioError("the file is empty")
    if name := page(head):
        raise PageError(f"{name}, not audio")
    if name := other(head):
        raise AudioError(f"{name}, not audio")
    if (length := tag_bytes(head)) > len(head):
        head = os.pread(descriptor, HEAD_BYTES, length) or head
    return media_type(head + _tracks_of_mp4(descriptor) if head[4:8] == b"ftyp" else head)


def _tracks_of_mp4(descriptor: int) -> bytes:
    """The list of tracks of an MP4 file, which often stands at its end: the box ``moov`` among those of the first level."""
    at = 0
    for _ in range(MOST_BOXES):
        header = os.pread(descriptor, 16, at)
        size, kind = int.from_bytes(header[:4]), header[4:8]
        size = int.from_bytes(header[8:]) if size == 1 else size  # the long form
        if kind == b"moov":
            return os.pread(descriptor, min(size, LONGEST_TRACKS), at)
        if not BOX_HEADER <= size < 1 << 40:  # 0: up to the end
            break
        at += size
    return b""


def named_type(served: str | None, declared: str | None) -> str | None:
    """The type that the server names where it is one of sound or film (many call all they have a stream of bytes)."""
    served, declared = ((value or "").split(";")[0].strip().lower() for value in (served, declared))
    return served if re.fullmatch(r"(?:audio|video)/[\w.+-]+", served, re.ASCII) else declared or None


def extension(media_type: str | None, url: str) -> str:
    """What the name of a file of that type ends with; where the type is not known, what the address ends with."""
    suffix = PurePosixPath(sources.without_query(url)).suffix.lower()
    return EXTENSIONS.get(media_type or "") or (suffix if suffix in EXTENSIONS.values() else "")
