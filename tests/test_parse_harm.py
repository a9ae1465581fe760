"""Whoever writes a feed may mean harm: no document costs more than its length explains, none reads a file or an address."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from podcast_assets.feeds.parse import Item, parse
from podcast_assets.feeds.reader import DEEPEST, MOST_PREFIXES, FeedError
from tests.conftest import Web
from tests.parsing import ADDRESS, atom, everything, rss

BOMB = '<!ENTITY e0 "lol">' + "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
N = 20_000
LENIENT = b"<rss>&<channel><b><i></b>"
MANY_PREFIXES = b" ".join(b"xmlns:a%d=''" % n for n in range(N))
HARM = {
    "growing entities": rss("<item><title>&e9;</title></item>", f"<!DOCTYPE rss [{BOMB}]>"),
    "a long entity": rss(f"<item><title>{'&a;' * N}</title></item>", f'<!DOCTYPE rss [<!ENTITY a "{"A" * N}">]>'),
    "a long entity in UTF-16": f'<!DOCTYPE rss [<!ENTITY a "{"A" * N}">]><rss><channel>{"&a;" * N}'.encode("utf-16"),
    "a long entity after junk": b"&" * N + rss(f"<item><title>{'&a;' * N}", f'<!DOCTYPE rss [<!ENTITY a "{"A" * N}">]>'),
    "entities of a DTD elsewhere": rss(
        "<item><title>" + "&CounterClockwiseContourIntegral;" * N, "<!DOCTYPE rss SYSTEM 'x'>"
    ),
    "deep": b"<rss><channel>" + b"<a>" * N,
    "deep in an item": rss("<item>" + "<a>" * N),
    "items in items": LENIENT + b"<item>" * N,
    "ends of items": LENIENT + b"</item>" * N,
    "open tags in text": rss("<item><description>" + "&lt;a " * N + "</description></item>"),
    "open angles in text": rss("<item><description>&lt;b/&gt;" + "&lt;" * N + "</description></item>"),
    "line breaks in text": rss("<item><description>&lt;b/&gt;" + "&lt;br" * N + "</description></item>"),
    "references in text": rss("<item><description>" + "&amp;#1234567" * N + "</description></item>"),
    "open tags": b"<rss>&<channel>" + b"<a " * N,
    "many attributes": b"<rss " + b" ".join(b"a%d=''" % n for n in range(2 * N)) + b">&",
    "many attributes without a value": LENIENT + b"<item " + b"a " * 2 * N + b">",
    "many prefixes": b"<rss " + MANY_PREFIXES + b"><channel>" + b"<b xmlns=''/>" * N + b"</channel></rss>",
    "a mail address without end": b"<rss>&<channel><item><author>" + b"a." * 3 * N + b"</author></item>",
    "ampersands": b"<rss><channel><item><title>" + b"&" * N,
    "references": b"<rss><channel><item><title>" + b"&#" * N,
    "comments": b"<rss>&" + b"<!--" * N,
    "instructions": LENIENT + b"<?xml " * N,
    "sections": LENIENT + b"<![CDATA[" * N,
    "declarations": b"<!DOCTYPE rss [" + b"<!ENTITY a '" * N,
    "documents": b"<!DOCTYPE rss [" * N,
    "space": b"<rss>&" + b" " * 5 * N,
    "lines before": b"<!--" + b"\n" * 5 * N + b"--><rss>&<channel><b><i></b>",
    "space before": b" " * 5 * N + b"&<rss>",
    "space in a declaration": b"<?xml " + b" " * 5 * N + b"&",
    "space in a text": rss("<item><title>" + " \n" * 3 * N + "</title></item>"),
    "space in a date": rss("<item><pubDate>1" + " " * 5 * N + "1</pubDate></item>"),
    "colons in a duration": rss("<item><itunes:duration>" + "1:" * 3 * N + "</itunes:duration></item>"),
    "commas": rss("<item><itunes:keywords>" + "".join(f"{n}," for n in range(N)) + "</itunes:keywords></item>"),
    "links": LENIENT + b"<item>" + b"<link>http://a/b</link>" * N,
    "enclosures": rss("<item>" + "<enclosure url='a'/>" * N + "</item>"),
    "an address without end": rss("<item><enclosure url='" + "a/../" * N + "'/><link>" + "/.." * N + "</link></item>"),
    "bases": atom("<entry/>", "xml:base='" + "../" * N + "'"),
    "digits": rss("<item><title>&#" + "9" * 5 * N + ";</title><itunes:season>" + "9" * 5 * N + "</itunes:season></item>"),
}


def read(body: bytes) -> list[dict[str, object]]:
    """All that a document says; nothing where it is refused."""
    try:
        return [everything(found) for found in parse(body, ADDRESS).items]
    except FeedError:
        return []


@pytest.mark.parametrize("what", HARM)
def test_no_document_costs_more_than_its_length_explains(what: str) -> None:
    """Each of these, of some 100 kB, takes minutes to hours where the work grows with the square of the length."""
    started = time.process_time()
    found = read(HARM[what])
    assert time.process_time() - started < 5
    said = sum(len(str(value)) for each in found for value in each.values() if value)
    assert said < 20 * len(HARM[what]) + 1000, "an entity was expanded"


def test_a_feed_that_declares_entities_is_read_without_them() -> None:
    head = '<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://example.com/rss.dtd" [<!ENTITY mine "my own">]>'
    feed = parse(
        rss("<item><guid>1</guid><title>&mine; &amp; yours</title></item><item><guid>2</guid></item>", head), ADDRESS
    )
    assert [found.guid for found in feed.items] == ["1", "2"]
    assert feed.items[0].title == "&mine; & yours"


def test_a_feed_that_leaves_its_entities_to_a_dtd_has_those_of_html() -> None:
    head = '<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://example.com/rss.dtd">'
    (found,) = parse(rss("<item><title>caf&eacute; &unknown;&amp; more&hellip;</title></item>", head), ADDRESS).items
    assert found.title == "café & more…"


@pytest.mark.parametrize("damage", ["", "&", "&<b><i></b>"], ids=["strict", "mended", "lenient"])
@pytest.mark.parametrize(
    "declare",
    [
        lambda uri: f'<!DOCTYPE rss [<!ENTITY e SYSTEM "{uri}">]>',
        lambda uri: f'<!DOCTYPE rss [<!ENTITY % p SYSTEM "{uri}">%p;<!ENTITY e "x">]>',
        lambda uri: f'<!DOCTYPE rss SYSTEM "{uri}">',
        lambda uri: f'{" " * 20_000}<!DOCTYPE rss [<!ENTITY e SYSTEM "{uri}">]>',  # too late to be taken out of the text
        lambda uri: f'<?xml-stylesheet href="{uri}"?>',
    ],
    ids=["entity", "parameter", "DTD", "late", "stylesheet"],
)
def test_no_file_is_read_for_an_entity(tmp_path: Path, declare: Callable[[str], str], damage: str) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the secret <!ENTITY e 'the secret'>")
    body = rss(f"<item><guid>1</guid><title>a&e;b</title>{damage}</item>", declare(secret.as_uri()))
    found = read(body)
    assert "the secret" not in str(found)
    assert all(each["guid"] == "1" for each in found)


@pytest.mark.parametrize("damage", ["", "&", "&<b><i></b>"], ids=["strict", "mended", "lenient"])
def test_no_address_is_asked_for_an_entity(web: Web, damage: str) -> None:
    address = web.url("/entity")
    for declaration in (
        f'[<!ENTITY e SYSTEM "{address}">]',
        f'SYSTEM "{address}"',
        f'[<!ENTITY % p SYSTEM "{address}">%p;]',
    ):
        read(rss(f"<item><guid>1</guid><title>a&e;b</title>{damage}</item>", f"<!DOCTYPE rss {declaration}>"))
    assert web.asked == []


def test_nesting_beyond_any_real_feed_is_refused() -> None:
    def nested(deep: int) -> bytes:
        return rss("<item><guid>1</guid>" + "<a>" * deep + "</a>" * deep + "</item>")

    above = 4  # the document itself, rss, channel, item
    assert parse(nested(DEEPEST - above), ADDRESS).items[0].guid == "1"
    with pytest.raises(FeedError, match="more than 100 deep"):
        parse(nested(DEEPEST - above + 1), ADDRESS)


def test_more_namespaces_than_any_real_feed_has_are_refused() -> None:
    def declaring(many: int) -> bytes:
        names = " ".join(f"xmlns:a{n}=''" for n in range(many))
        return f"<rss {names}><channel><item><guid>1</guid></item></channel></rss>".encode()

    assert parse(declaring(MOST_PREFIXES), ADDRESS).items[0].guid == "1"
    with pytest.raises(FeedError, match="more than 200 namespaces"):
        parse(declaring(MOST_PREFIXES + 1), ADDRESS)


def test_no_value_under_any_of_the_names_raises() -> None:
    """What the lenient parser gives is not always a text."""
    names = {
        "guid",
        "title",
        "link",
        "published",
        "updated",
        "description",
        "content",
        "duration",
        "season",
        "episode",
        "author",
    }
    names |= {"episode_type", "explicit", "itunes_title", "itunes_summary", "itunes_subtitle", "atom_summary", "permalink"}
    for odd in (None, "", 0, 1.5, True, [], {}, (), object(), b"bytes", "\ud800", "\0", [None], {"value": "x"}):
        everything(Item({"enclosures": [], **dict.fromkeys(names, odd)}, ADDRESS))
    kinds = {"images", "thumbnails", "transcripts", "persons", "soundbites", "psc_chapters", "chapters", "categories"}
    keys = {"url", "href", "type", "length", "medium", "text", "role", "startTime", "duration", "start", "title", "term"}
    for odd in (None, "", 0, [], {}, "\ud800", "http://["):
        attributes: dict[str, object] = dict.fromkeys(keys, odd)
        everything(Item({"enclosures": [attributes, {}], **{kind: [attributes, {}] for kind in kinds}}, ADDRESS))
