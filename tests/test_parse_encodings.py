"""The encoding of a feed: the one it is in, whatever its declaration, its mark or the server say of it."""

import pytest

from podcast_assets.feeds.parse import parse
from podcast_assets.feeds.repair import overruled, text_of
from tests.parsing import ADDRESS

GERMAN, QUOTED, RUSSIAN, CHINESE, JAPANESE, KOREAN = (
    "Grüße",
    "Grüße “an” alle…",
    "Привет",
    "你好世界",
    "こんにちは",
    "안녕",
)


def encoded(text: str, encoding: str, declared: str | None, damage: str = "") -> bytes:
    """A feed whose title and whose episode's GUID are this text."""
    declaration = f"<?xml version='1.0' encoding='{declared}'?>" if declared else "<?xml version='1.0'?>"
    channel = f"<channel><title>{text}</title><item><guid>{text}</guid>{damage}</item></channel>"
    return f"{declaration}<rss version='2.0'>{channel}</rss>".encode(encoding)


@pytest.mark.parametrize("damage", ["", "&", "&<b><i></b>"], ids=["strict", "mended", "lenient"])
@pytest.mark.parametrize(
    ("text", "encoding", "declared", "served"),
    [
        # It is as it says.
        (QUOTED + CHINESE, "utf-8", "utf-8", None),
        (QUOTED + CHINESE, "utf-8", "UTF8", None),
        (QUOTED, "utf-8", None, None),
        (QUOTED, "utf-8-sig", "utf-8", None),
        (QUOTED, "utf-8-sig", None, None),
        (GERMAN, "iso-8859-1", "iso-8859-1", None),
        (QUOTED, "windows-1252", "windows-1252", None),
        (GERMAN + "€", "iso-8859-15", "iso-8859-15", None),
        (RUSSIAN, "windows-1251", "windows-1251", None),
        (RUSSIAN, "koi8-r", "koi8-r", None),
        (CHINESE, "gbk", "gbk", None),
        (CHINESE, "gbk", "GB2312", None),
        (CHINESE + "㐀", "gb18030", "gb2312", None),
        ("你好", "big5", "big5", None),
        (JAPANESE, "shift_jis", "Shift_JIS", None),
        (JAPANESE + "①", "cp932", "shift_jis", None),
        (JAPANESE, "euc-jp", "euc-jp", None),
        (KOREAN, "euc-kr", "euc-kr", None),
        (QUOTED + CHINESE, "utf-16", "utf-16", None),
        (QUOTED + CHINESE, "utf-16", None, None),
        (QUOTED + CHINESE, "utf-16-le", "utf-16", None),
        (QUOTED + CHINESE, "utf-16-be", "utf-16", None),
        (QUOTED + CHINESE, "utf-16-be", None, None),
        (QUOTED + CHINESE, "utf-32", None, None),
        # It says what it is not.
        (GERMAN, "iso-8859-1", "utf-8", None),
        (QUOTED, "windows-1252", "utf-8", None),
        (QUOTED, "windows-1252", "iso-8859-1", None),
        (QUOTED, "windows-1252", "us-ascii", None),
        (QUOTED + CHINESE, "utf-8", "iso-8859-1", None),
        (QUOTED + CHINESE, "utf-8", "windows-1252", None),
        (QUOTED + CHINESE, "utf-8", "us-ascii", None),
        (RUSSIAN, "utf-8", "windows-1251", None),
        (CHINESE, "utf-8", "gb2312", None),
        (JAPANESE, "utf-8", "shift_jis", None),
        (QUOTED, "utf-8", "utf-16", None),
        (QUOTED, "utf-16", "utf-8", None),
        (QUOTED, "utf-16-le", "utf-8", None),
        (QUOTED, "utf-16", "iso-8859-1", None),
        (QUOTED, "utf-8-sig", "iso-8859-1", None),  # a mark is no accident; Expat believes the declaration
        (QUOTED, "utf-8", "no-such-encoding", None),
        (QUOTED, "windows-1252", "no-such-encoding", None),
        (QUOTED, "utf-8", "rot13", None),  # which to Python is one
        # It says nothing that is true, and the server knows.
        (RUSSIAN, "windows-1251", None, "windows-1251"),
        (RUSSIAN, "windows-1251", "utf-8", "windows-1251"),
        (CHINESE, "gbk", None, "gb2312"),
        (JAPANESE, "shift_jis", "utf-8", "Shift_JIS"),
        (GERMAN, "iso-8859-1", None, "ISO-8859-1"),
        # The server does not know.
        (QUOTED + CHINESE, "utf-8", "utf-8", "iso-8859-1"),
        (QUOTED + CHINESE, "utf-8", None, "iso-8859-1"),
        (QUOTED + CHINESE, "utf-8-sig", None, "iso-8859-1"),
        (QUOTED + CHINESE, "utf-16", "utf-16", "utf-8"),
        (RUSSIAN, "windows-1251", "windows-1251", "utf-8"),
        (RUSSIAN, "windows-1251", "windows-1251", "iso-8859-1"),
        (QUOTED, "utf-8", None, "no-such-encoding"),
        (QUOTED, "windows-1252", None, "utf-8"),
    ],
)
def test_a_feed_is_read_in_the_encoding_it_is_in(
    text: str, encoding: str, declared: str | None, served: str | None, damage: str
) -> None:
    feed = parse(encoded(text, encoding, declared, damage), ADDRESS, served)
    assert (feed.title, feed.items[0].guid) == (text, text)


def test_one_bad_byte_costs_nothing_but_itself() -> None:
    """A title that was cut in the middle of a character must not turn all others into nonsense."""
    good = encoded(QUOTED + CHINESE, "utf-8", "utf-8")
    feed = parse(good.replace(b"</guid>", b"\xe4\xbd</guid>"), ADDRESS)
    assert (feed.title, feed.items[0].guid) == (QUOTED + CHINESE, QUOTED + CHINESE + "\ufffd")


def test_text_of_ascii_is_read_as_declared_without_a_second_thought() -> None:
    for declared in ("utf-8", "no-such-encoding", "utf-16", None):
        assert parse(encoded("Hello", "ascii", declared), ADDRESS).title == "Hello"


@pytest.mark.parametrize("declared", ["utf-8", "UTF-16", "iso-8859-2", "koi8-r"])
def test_a_declaration_that_may_be_true_is_left_to_the_parser(declared: str) -> None:
    assert overruled(encoded("Hello", "ascii", declared), "iso-8859-1") is None


@pytest.mark.parametrize("charset", ["", "x" * 100, "hex", "idna", "punycode", "utf-8\0", "é", "../../etc"])
def test_what_a_server_calls_its_encoding_harms_nobody(charset: str) -> None:
    for body in (encoded(QUOTED, "utf-8", None), encoded(QUOTED, "windows-1252", None), encoded(QUOTED, "utf-16", None)):
        assert parse(body, ADDRESS, charset).title == QUOTED


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"\xef\xbb\xbf", b"\xff\xfe<", b"\0", b"\xff" * 9, b"<\0?\0\xd8"])
def test_bytes_of_any_kind_are_some_text(body: bytes) -> None:
    text_of(body).encode("utf-8", "surrogatepass")
