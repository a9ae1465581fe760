"""Where addresses of feeds lead: to the web, or into the folder of a local feed, and nowhere else."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podcast_assets.errors import RefusedError
from podcast_assets.sources import absolute, is_remote, locate

REMOTE = "https://example.com/show/feed.xml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The configuration's folder, with a local feed in ``show/``, and a secret beside it."""
    (tmp_path / "show" / "audio").mkdir(parents=True)
    for name in ("show/feed.xml", "show/audio/one.mp3", "show/a b?.vtt", "secret.txt"):
        (tmp_path / name).touch()
    return tmp_path


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("http://example.com/", True),
        ("https://example.com/", True),
        ("HTTPS://EXAMPLE.COM/", True),
        (" https://example.com/ ", True),
        ("http://[broken", True),
        ("feeds/show.xml", False),
        ("/feeds/show.xml", False),
        ("~/show.xml", False),
        ("file:///etc/passwd", False),
        ("ftp://example.com/", False),
        ("httpx", False),
        ("", False),
    ],
)
def test_only_http_and_https_are_addresses_of_the_web(address: str, expected: bool) -> None:
    assert is_remote(address) is expected


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_address_makes_the_questions_raise(address: str, base: str) -> None:
    is_remote(address)
    is_remote(f"http:{address}")
    absolute(address, base)
    absolute(f"http://{address}", f"http://{base}")


@pytest.mark.parametrize(
    ("address", "base", "expected"),
    [
        ("audio/1.mp3", REMOTE, "https://example.com/show/audio/1.mp3"),
        ("/1.mp3", REMOTE, "https://example.com/1.mp3"),
        ("//cdn.example/1.mp3", REMOTE, "https://cdn.example/1.mp3"),
        ("http://cdn.example/1.mp3", REMOTE, "http://cdn.example/1.mp3"),
        ("audio/1.mp3", "", "audio/1.mp3"),
        ("http://[broken", REMOTE, "http://[broken"),
        ("1.mp3", "http://[broken", "1.mp3"),
    ],
)
def test_an_address_is_seen_from_its_base(address: str, base: str, expected: str) -> None:
    assert absolute(address, base) == expected


@pytest.mark.parametrize("feed", [REMOTE, "show/feed.xml"])
def test_an_address_of_the_web_stays_one(folder: Path, feed: str) -> None:
    assert locate("https://cdn.example/1.mp3?t=1#x", feed, folder) == "https://cdn.example/1.mp3?t=1#x"
    assert locate(" http://cdn.example/1.mp3\n", feed, folder) == "http://cdn.example/1.mp3"


@pytest.mark.parametrize(
    "address",
    [
        "audio/one.mp3",
        "/etc/passwd",
        "file:///etc/passwd",
        "../secret.txt",
        "ftp://example.com/1.mp3",
        "data:,x",
        "",
        "http",
    ],
)
def test_a_feed_from_the_web_never_reaches_a_file(folder: Path, address: str) -> None:
    with pytest.raises(RefusedError, match="a feed from the web may name http and https addresses alone"):
        locate(address, REMOTE, folder)


@pytest.mark.parametrize(
    ("address", "file"),
    [
        ("audio/one.mp3", "show/audio/one.mp3"),
        ("./audio/../audio/one.mp3", "show/audio/one.mp3"),
        ("audio/one.mp3?token=1#t=3", "show/audio/one.mp3"),
        ("a%20b%3F.vtt", "show/a b?.vtt"),
    ],
)
def test_a_local_feed_names_files_of_its_folder(folder: Path, address: str, file: str) -> None:
    assert locate(address, "show/feed.xml", folder) == folder / file
    assert locate(address, str(folder / "show/feed.xml"), Path("/nowhere")) == folder / file


@pytest.mark.parametrize(
    "address",
    ["../secret.txt", "audio/../../secret.txt", "%2e%2e/secret.txt", "/etc/passwd", "//host/etc/passwd", ".."],
)
def test_a_local_feed_never_leads_out_of_its_folder(folder: Path, address: str) -> None:
    with pytest.raises(RefusedError, match="leads out of the feed's folder"):
        locate(address, "show/feed.xml", folder)


def test_a_link_out_of_the_folder_is_followed_before_it_is_judged(folder: Path) -> None:
    (folder / "show" / "link.mp3").symlink_to(folder / "secret.txt")
    with pytest.raises(RefusedError, match="leads out of the feed's folder"):
        locate("link.mp3", "show/feed.xml", folder)
    (folder / "show" / "inside.mp3").symlink_to(folder / "show/audio/one.mp3")
    assert locate("inside.mp3", "show/feed.xml", folder) == folder / "show/audio/one.mp3"


@pytest.mark.parametrize("address", ["file:///etc/passwd", "FILE:audio/one.mp3", "ftp://example.com/1.mp3", "data:,x"])
def test_a_local_feed_may_use_no_other_scheme(folder: Path, address: str) -> None:
    with pytest.raises(RefusedError, match="only http, https and files of the feed's folder"):
        locate(address, "show/feed.xml", folder)


@pytest.mark.parametrize("address", ["//[broken/1.mp3", "a%00b"])
def test_an_address_that_no_file_can_have_is_refused(folder: Path, address: str) -> None:
    """As a row with a reason: a ``ValueError`` would end the run of all episodes."""
    with pytest.raises(RefusedError, match="no address of a file"):
        locate(address, "show/feed.xml", folder)


@pytest.mark.parametrize("address", ["audio/none.mp3", "audio", ""])
def test_a_file_that_is_not_there_is_said_to_be_missing(folder: Path, address: str) -> None:
    with pytest.raises(FileNotFoundError, match="no such file: "):
        locate(address, "show/feed.xml", folder)
