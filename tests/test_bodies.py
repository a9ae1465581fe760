"""Unpacking bodies: each encoding that we ask for, all that can be wrong with one, and bombs within bounded memory."""

import gzip
import subprocess
import sys
import time
import tracemalloc
import zlib
from collections.abc import Callable

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from podcast_assets.http.bodies import ACCEPTED, unpack
from podcast_assets.http.errors import MEGABYTE, FetchError
from tests.conftest import ROOT

FEED = b"<rss><channel><title>A show</title></channel></rss>" * 50


def raw_deflate(content: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(content) + stream.flush()


PACKED: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("x-gzip", gzip.compress),
    "deflate": ("deflate", zlib.compress),
    "raw deflate": ("deflate", raw_deflate),
    "brotli": ("br", brotli.compress),
}
each_way = pytest.mark.parametrize(("encoding", "pack"), PACKED.values(), ids=PACKED)


def failure(packed: bytes, encoding: str, max_bytes: int = MEGABYTE) -> FetchError:
    with pytest.raises(FetchError) as caught:
        unpack(packed, encoding, max_bytes)
    return caught.value


# --- What is right.


@each_way
@pytest.mark.parametrize("content", [FEED, b"", b"x", bytes(range(256)) * 5000], ids=["feed", "empty", "byte", "binary"])
def test_what_was_packed_is_unpacked(encoding: str, pack: Callable[[bytes], bytes], content: bytes) -> None:
    assert unpack(pack(content), encoding, 2 * MEGABYTE) == content
    assert unpack(pack(content), f" {encoding.upper()} ,identity", 2 * MEGABYTE) == content


@pytest.mark.parametrize("encoding", ["", "identity", " Identity ", ",", "identity, identity"])
def test_what_was_not_packed_is_left_as_it_is(encoding: str) -> None:
    assert unpack(FEED, encoding, MEGABYTE) == FEED
    assert unpack(b"", encoding, MEGABYTE) == b""


def test_a_feed_that_is_a_packed_file_is_unpacked_although_nobody_says_so() -> None:
    """``.xml.gz`` is served as it lies on the disk."""
    assert unpack(gzip.compress(FEED), "", MEGABYTE) == FEED
    assert unpack(gzip.compress(FEED), "identity", MEGABYTE) == FEED


def test_several_members_of_gzip_are_one_content_and_padding_is_none() -> None:
    packed = gzip.compress(FEED) + gzip.compress(b"") + bytes(5) + gzip.compress(b"<!-- more -->") + bytes(512)
    assert unpack(packed, "gzip", MEGABYTE) == FEED + b"<!-- more -->"


@pytest.mark.parametrize(("encoding", "pack"), [PACKED[name] for name in ("gzip", "deflate", "raw deflate")])
def test_junk_behind_the_end_is_left_alone(encoding: str, pack: Callable[[bytes], bytes]) -> None:
    assert unpack(pack(FEED) + b"\n<!-- served in 3 ms -->", encoding, MEGABYTE) == FEED


def test_all_that_we_ask_for_is_understood() -> None:
    for name in ACCEPTED.split(", "):
        pack = next(pack for encoding, pack in PACKED.values() if encoding == name)
        assert unpack(pack(FEED), name, MEGABYTE) == FEED


# --- What is wrong.


@each_way
def test_a_part_is_never_taken_for_the_whole(encoding: str, pack: Callable[[bytes], bytes]) -> None:
    """Else the episodes at the end of a feed would be gone, and come back as new ones."""
    packed = pack(FEED)
    for length in range(1, len(packed) - (8 if "gzip" in encoding else 0)):
        error = failure(packed[:length], encoding)
        assert error.kind in {"incomplete", "encoding"}, length
        assert error.is_temporary, length


def test_gzip_that_ends_in_its_checksum_or_in_its_second_member_is_incomplete() -> None:
    packed = gzip.compress(FEED)
    for cut in range(1, 9):
        assert failure(packed[:-cut], "gzip").kind == "incomplete"
    assert str(failure(packed + packed[:30], "gzip")) == "the body ends in the middle"


@each_way
def test_nothing_at_all_is_no_packed_body(encoding: str, pack: Callable[[bytes], bytes]) -> None:
    if "gzip" in encoding:  # a server that has nothing to say, and says how it is packed
        assert unpack(b"", encoding, MEGABYTE) == b""
    else:
        assert failure(b"", encoding).kind == "incomplete"


@each_way
def test_what_is_packed_otherwise_than_said_is_an_error(encoding: str, pack: Callable[[bytes], bytes]) -> None:
    for content in (FEED, b"\x1f\x8b" + FEED, b"\xff" * 100):
        assert failure(content, encoding).kind in {"encoding", "incomplete"}
    damaged = bytearray(pack(FEED))
    damaged[len(damaged) // 2] ^= 0xFF
    if encoding != "br" and pack is not raw_deflate:  # the others have a checksum
        assert failure(bytes(damaged), encoding).kind in {"encoding", "incomplete"}


@pytest.mark.parametrize("encoding", ["zstd", "compress", "aes128gcm", "GZIP2", "utf-8", "x" * 5000, "\x1b[31m"])
def test_an_encoding_that_nobody_asked_for_is_named_in_one_short_line(encoding: str) -> None:
    error = failure(FEED, encoding)
    assert error.kind == "encoding"
    assert str(error).startswith("packed as '")
    assert str(error).isprintable()
    assert len(str(error)) < 120


@pytest.mark.parametrize("encoding", ["gzip, gzip", "br, gzip", "gzip,deflate", "gzip, zstd", ", ".join(["gzip"] * 5000)])
def test_what_is_packed_more_than_once_is_refused(encoding: str) -> None:
    """Each layer multiplies what a bomb can do, and no server of feeds needs it."""
    error = failure(gzip.compress(gzip.compress(FEED)), encoding)
    assert (str(error)[:21], error.kind) == ("packed more than once", "encoding")
    assert len(str(error)) < 120


def test_of_two_layers_only_what_was_announced_is_unpacked() -> None:
    inner = gzip.compress(FEED)
    assert unpack(gzip.compress(inner), "gzip", MEGABYTE) == inner


@given(st.binary(max_size=200), st.sampled_from(["", "gzip", "deflate", "br"]))
def test_no_bytes_raise_anything_else(packed: bytes, encoding: str) -> None:
    for start in (b"", b"\x1f\x8b\x08\x00", b"\x78\x9c"):
        try:
            assert len(unpack(start + packed, encoding, 100)) <= 100
        except FetchError as error:
            assert error.kind in {"encoding", "incomplete", "too_large"}


# --- Limits.


@each_way
def test_the_limit_is_of_the_content_and_exact(encoding: str, pack: Callable[[bytes], bytes]) -> None:
    assert len(unpack(pack(bytes(MEGABYTE)), encoding, MEGABYTE)) == MEGABYTE
    error = failure(pack(bytes(MEGABYTE + 1)), encoding)
    assert (str(error), error.kind, error.is_temporary) == ("more than 1 MB", "too_large", False)


def test_the_limit_holds_for_what_was_not_packed_and_for_all_members_together() -> None:
    assert failure(b"x" * 11, "", 10).kind == "too_large"
    assert failure(gzip.compress(b"x" * 6) * 2, "gzip", 10).kind == "too_large"
    assert unpack(gzip.compress(b"x" * 5) * 2, "gzip", 10) == b"x" * 10


def zeros(pack: str, megabytes: int) -> bytes:
    """A bomb, made without having its content in memory."""
    if pack == "br":
        stream = brotli.Compressor(quality=5)
        return bytes(b"".join([stream.process(bytes(MEGABYTE)) for _ in range(megabytes)]) + stream.finish())
    deflate = zlib.compressobj(9, wbits={"gzip": 31, "deflate": 15, "raw deflate": -15}[pack])
    return b"".join([deflate.compress(bytes(MEGABYTE)) for _ in range(megabytes)]) + deflate.flush()


@pytest.mark.parametrize("kind", ["gzip", "deflate", "raw deflate", "br"])
def test_a_bomb_ends_at_the_limit_within_bounded_memory(kind: str) -> None:
    bomb = zeros(kind, 200)
    tracemalloc.start()
    try:
        assert failure(bomb, kind.removeprefix("raw "), 4 * MEGABYTE).kind == "too_large"
        assert tracemalloc.get_traced_memory()[1] < 16 * MEGABYTE
    finally:
        tracemalloc.stop()


def test_memory_that_python_does_not_count_stays_bounded_too() -> None:
    """The decompressors are in C: told by the kernel, of a process of its own."""
    code = (
        "import sys\nfrom tests.memory import peak_kb\nfrom podcast_assets.http.bodies import unpack\n"
        "from podcast_assets.http.errors import FetchError\n"
        "packed = sys.stdin.buffer.read(); before = peak_kb()\n"
        "for _ in range(3):\n"
        "    try: unpack(packed, sys.argv[1], 4_000_000)\n"
        "    except FetchError as error: print(error.kind)\n"
        "print(peak_kb() - before)"
    )
    for kind in ("gzip", "br"):
        command = [sys.executable, "-c", code, kind]
        done = subprocess.run(command, input=zeros(kind, 200), capture_output=True, cwd=ROOT, timeout=120, check=True)
        *kinds, grown = done.stdout.decode().split()
        assert kinds == ["too_large"] * 3
        assert int(grown) * _UNIT < 40 * MEGABYTE, kind


_UNIT = 1 if sys.platform == "darwin" else 1024  # of what getrusage counts memory in


@pytest.mark.parametrize("member", [b"", b"x"], ids=["empty", "of a byte"])
def test_a_body_of_very_many_members_takes_time_that_grows_with_its_size_alone(member: bytes) -> None:
    """Each member copies what is behind it: with a hundred thousand of them that is a body's size squared."""
    members = 300_000
    started = time.monotonic()
    assert unpack(gzip.compress(member) * members, "gzip", MEGABYTE) == member * members
    assert time.monotonic() - started < 10
