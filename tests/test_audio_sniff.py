"""What a file is by its content: a wrong answer gives a wrong name on the disk, or takes a login page for an episode."""

import os
from pathlib import Path

import pytest

from podcast_assets.audio import sniff

REST = bytes(600)
MP3 = b"\xff\xfb\x90\x64" + REST
EBML = b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84"


def tag(size: int, *, flags: int = 0, picture: bytes = b"") -> bytes:
    """An ID3v2 tag of ``size`` bytes behind its header."""
    length = bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\4\0" + bytes([flags]) + length + picture.ljust(size, b"\0")


def ogg(packet: bytes, segments: int = 1) -> bytes:
    return b"OggS\0\2" + bytes(20) + bytes([segments]) + bytes(segments) + packet + REST


def mp4(brand: bytes, *handlers: bytes) -> bytes:
    tracks = b"".join(b"hdlr" + bytes(8) + each for each in handlers)
    return b"\0\0\0\x20ftyp" + brand + bytes(20) + tracks + REST


SOUND = {
    "MP3": (MP3, "audio/mpeg"),
    "MP3 with a checksum": (b"\xff\xfa\x90\0" + REST, "audio/mpeg"),
    "MP3, MPEG-2": (b"\xff\xf3\x84\xc4" + REST, "audio/mpeg"),
    "MP3, MPEG-2.5": (b"\xff\xe3\x18\xc4" + REST, "audio/mpeg"),
    "MP2": (b"\xff\xfd\x84\x04" + REST, "audio/mpeg"),
    "MP3 behind a tag": (tag(100) + MP3, "audio/mpeg"),
    "MP3 behind two tags": (tag(100) + tag(30) + MP3, "audio/mpeg"),
    "a tag longer than the head": (tag(9_000_000), "audio/mpeg"),
    "a tag and what nobody knows": (tag(100) + b"?" * 100, "audio/mpeg"),
    "AAC behind a tag": (tag(100) + b"\xff\xf1\x50\x80" + REST, "audio/aac"),
    "AAC behind a tag with a footer": (tag(100, flags=0x10) + b"3DI" + bytes(7) + b"\xff\xf9\x50\x80" + REST, "audio/aac"),
    "FLAC behind a tag with a picture": (tag(200, picture=b"\xff\xd8\xff") + b"fLaC" + REST, "audio/flac"),
    "FLAC behind a padded tag": (tag(100) + bytes(50) + b"fLaC" + REST, "audio/flac"),
    "AAC": (b"\xff\xf1\x50\x80" + REST, "audio/aac"),
    "AAC, ADIF": (b"ADIF" + REST, "audio/aac"),
    "M4A": (mp4(b"M4A "), "audio/mp4"),
    "M4B": (mp4(b"M4B "), "audio/mp4"),
    "MP4 of sound": (mp4(b"isom", b"soun"), "audio/mp4"),
    "MP4 of a film": (mp4(b"isom", b"vide", b"soun"), "video/mp4"),
    "MP4 with its tracks at the end": (mp4(b"mp42"), "video/mp4"),
    "Ogg Vorbis": (ogg(b"\x01vorbis"), "audio/ogg; codecs=vorbis"),
    "Ogg Opus": (ogg(b"OpusHead"), "audio/ogg; codecs=opus"),
    "Ogg FLAC": (ogg(b"\x7fFLAC"), "audio/ogg; codecs=flac"),
    "Ogg Speex of several segments": (ogg(b"Speex   ", 3), "audio/ogg; codecs=speex"),
    "Ogg of what nobody knows": (ogg(b"?"), "audio/ogg"),
    "Ogg cut off": (b"OggS\0", "audio/ogg"),
    "FLAC": (b"fLaC" + REST, "audio/flac"),
    "WAV": (b"RIFF\1\2\3\4WAVEfmt " + REST, "audio/wav"),
    "RF64": (b"RF64\xff\xff\xff\xffWAVEds64" + REST, "audio/wav"),
    "AIFF": (b"FORM\0\0\1\0AIFFCOMM" + REST, "audio/aiff"),
    "AIFF-C": (b"FORM\0\0\1\0AIFCCOMM" + REST, "audio/aiff"),
    "WebM of sound": (EBML + b"webm" + REST + b"A_OPUS", "audio/webm"),
    "WebM of a film": (EBML + b"webm" + REST + b"V_VP9" + b"A_OPUS", "video/webm"),
    "Matroska of sound": (EBML + b"matroska" + REST + b"A_FLAC", "audio/x-matroska"),
    "AMR": (b"#!AMR\n" + REST, "audio/amr"),
    "AMR wide-band": (b"#!AMR-WB\n" + REST, "audio/amr-wb"),
    "AC-3": (b"\x0b\x77\1\2\x14\x40" + REST, "audio/ac3"),
    "E-AC-3": (b"\x0b\x77\1\2\x14\x80" + REST, "audio/eac3"),
    "MPEG-TS": ((b"\x47" + bytes(187)) * 4, "video/mp2t"),
    "CAF": (b"caff\0\1\0\0desc" + REST, "audio/x-caf"),
}

NO_SOUND = {
    "HTML": (b"<!DOCTYPE html><title>Log in", "a page of HTML or XML"),
    "HTML behind blanks": (b"\xef\xbb\xbf\r\n  <html>", "a page of HTML or XML"),
    "HTML in UTF-16": ("<html>".encode("utf-16"), "a page of HTML or XML"),
    "XML": (b"<?xml version='1.0'?><Error><Code>AccessDenied", "a page of HTML or XML"),
    "JSON": (b'{"error": "no such episode"}', "a message in JSON"),
    "JSON of several lines": (b'[\n  {\n    "error": 1', "a message in JSON"),
    "M3U": (b"#EXTM3U\n#EXT-X-VERSION:3\n", "a playlist (M3U)"),
    "PLS": (b"[playlist]\nFile1=http://", "a playlist (PLS)"),
    "PDF": (b"%PDF-1.7\n", "a PDF document"),
    "ZIP": (b"PK\x03\x04\x14\0", "a ZIP archive"),
    "JPEG": (b"\xff\xd8\xff\xe0\0\x10JFIF", "a picture (JPEG)"),
    "PNG": (b"\x89PNG\r\n\x1a\n", "a picture (PNG)"),
}

UNKNOWN = {
    "text": b"Not found",
    "a forbidden bit rate": b"\xff\xfb\xf0\x64" + REST,
    "a forbidden sampling rate": b"\xff\xfb\x9c\x64" + REST,
    "a reserved version": b"\xff\xeb\x90\x64" + REST,
    "zeros": REST,
    "one sync byte of TS": b"\x47" + REST,
    "RIFF of something else": b"RIFF\1\2\3\4WEBPVP8 ",
    "two bytes": b"\xff\xfb",
}


def look(path: Path, data: bytes) -> str | None:
    path.write_bytes(data)
    return look_at(path)


def look_at(path: Path) -> str | None:
    with path.open("rb") as file:
        return sniff.look(file.fileno())


@pytest.mark.parametrize("name", SOUND)
def test_sound_is_known_by_its_content_and_every_type_has_an_extension(name: str, tmp_path: Path) -> None:
    head, expected = SOUND[name]
    assert sniff.media_type(head) == expected
    assert look(tmp_path / "misleading.pdf", head) == expected
    assert sniff.extension(expected, "http://a/b.pdf").startswith(".")


@pytest.mark.parametrize("name", NO_SOUND)
def test_what_hosts_send_in_the_place_of_sound_is_told_by_name(name: str, tmp_path: Path) -> None:
    data, said = NO_SOUND[name]
    with pytest.raises(sniff.AudioError) as failure:
        look(tmp_path / "a.mp3", data)
    assert str(failure.value) == f"{said}, not audio"
    assert isinstance(failure.value, sniff.PageError) == ("page" in said or "JSON" in said), "which of them may pass"


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_is_not_known_is_left_to_the_decoder(name: str, tmp_path: Path) -> None:
    assert look(tmp_path / "a.mp3", UNKNOWN[name]) is None


def test_a_file_is_looked_at_behind_its_tag_however_long_that_is(tmp_path: Path) -> None:
    """Covers make tags of megabytes; the end of a head full of picture tells nothing."""
    assert look(tmp_path / "a.mp3", tag(3_000_000, picture=b"\xff\xd8\xff") + b"fLaC" + REST) == "audio/flac"
    assert look(tmp_path / "a.mp3", tag(1 << 16) + b"\xff\xf1\x50\x80") == "audio/aac"
    eight_bits = b"ID3\3\0\0" + (200_064).to_bytes(4) + bytes(200_064)  # as some writers have it
    assert look(tmp_path / "a.mp3", eight_bits + b"fLaC" + REST) == "audio/flac"


def box(kind: bytes, data: bytes, *, long: bool = False) -> bytes:
    """A box of an MP4 file."""
    return (b"\0\0\0\1" + kind + (16 + len(data)).to_bytes(8) if long else (8 + len(data)).to_bytes(4) + kind) + data


@pytest.mark.parametrize("long", [False, True])
@pytest.mark.parametrize(("track", "expected"), [(b"soun", "audio/mp4"), (b"vide", "video/mp4")])
def test_the_tracks_of_an_mp4_file_are_found_at_its_end(long: bool, track: bytes, expected: str, tmp_path: Path) -> None:
    """Recorders write the list last, when they know it; a sound file taken for a film evades the cap on hours."""
    head = box(b"ftyp", b"isom" + bytes(16)) + box(b"free", b"") + box(b"mdat", bytes(300_000), long=long)
    assert look(tmp_path / "a", head + box(b"moov", bytes(100) + b"hdlr" + bytes(8) + track)) == expected
    assert look(tmp_path / "a", head) == "video/mp4"


@pytest.mark.parametrize("size", [0, 1, 7, (1 << 64) - 1])
def test_boxes_of_impossible_sizes_lead_nowhere(size: int, tmp_path: Path) -> None:
    box_ = b"\0\0\0\1free" + size.to_bytes(8)
    assert look(tmp_path / "a", box(b"ftyp", b"isom") + box_ * 3 + box(b"free", b"") * 1000) == "video/mp4"


def test_any_bytes_are_looked_at_in_no_time(tmp_path: Path) -> None:
    """Tags of nothing, one behind the other, must not take long or nest without an end."""
    assert look(tmp_path / "a", tag(0) * 100_000) == "audio/mpeg"
    for seed in range(300):
        head = os.urandom(seed)
        for magic in (b"", b"ID3", b"OggS", b"\xff\xfb", b"\x1a\x45\xdf\xa3", b"\0\0\0\x20ftyp"):
            sniff.media_type(magic + head)


EXPECTED = {
    ".aac": "audio/aac",
    ".aiff": "audio/aiff",
    ".flac": "audio/flac",
    ".m4a": "audio/mp4",
    ".mp3": "audio/mpeg",
    ".mp4": "audio/mp4",
    ".ogg": "audio/ogg; codecs=vorbis",
    ".opus": "audio/ogg; codecs=opus",
    ".wav": "audio/wav",
    ".webm": "audio/webm",
}
PICTURED = {"auphonic.m4a", "nero-chapters.m4a"}  # of the brand M4V, with a picture for every chapter


def test_real_files_are_what_they_are_called(shared: Path) -> None:
    """``-rP`` prints the table."""
    found = {}
    for path in sorted((shared / "data" / "audio").rglob("*")):
        if not path.is_file():
            continue
        try:
            found[path] = look_at(path) or "not known"
        except sniff.AudioError as error:
            found[path] = str(error)
        print(f"{path.stat().st_size:>10} {path.name:40} {found[path]}")
    for path, said in found.items():
        if path.name in PICTURED:
            assert said == "video/mp4"
        elif path.suffix in EXPECTED and path.stat().st_size:
            assert said == EXPECTED[path.suffix], path
        else:
            assert said in {"not known", "the file is empty", "a message in JSON, not audio"} or "page" in said, path
    assert sum(path.suffix in EXPECTED for path in found) > 40
