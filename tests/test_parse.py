"""Bytes of a feed to its episodes: what is kept, how identities stay the same, and that no document does harm."""

import datetime as dt
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podcast_assets.feeds import parse as parsing
from podcast_assets.feeds import values
from podcast_assets.feeds.handler import FeedError
from podcast_assets.feeds.parse import Feed, Item, TranscriptLink, parse
from podcast_assets.storage import sha256

ADDRESS = "https://example.com/show/feed.xml"
LOCAL = "feeds/show/feed.xml"
ENCLOSURE = '<enclosure url="https://cdn.example/1.mp3" type="audio/mpeg" length="1000"/>'


def rss(items: str, head: str = "", channel: str = "<title>Show</title>") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{head}<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"'
        ' xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:media="http://search.yahoo.com/mrss/"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        f' xmlns:podcast="https://podcastindex.org/namespace/1.0"><channel>{channel}{items}</channel></rss>'
    ).encode()


def atom(entries: str, attributes: str = "") -> bytes:
    return (
        f'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:podcast="https://podcastindex.org/namespace/1.0" {attributes}>'
        f"<title>Show</title>{entries}</feed>"
    ).encode()


def item(content: str, address: str = ADDRESS) -> Item:
    """The one episode of a well-formed feed."""
    (found,) = parse(rss(f"<item>{content}</item>"), address).items
    return found


def lenient_item(content: str, address: str = ADDRESS) -> Item:
    """The same episode as feedparser sees it, since the feed is not well-formed."""
    (found,) = parse(rss(f"<item>{content}</item>", channel="<title>Q & A</title>"), address).items
    return found


def moment(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)  # type: ignore[arg-type, misc]


# --- What is kept.


def test_an_episode_of_rss_is_read_whole() -> None:
    feed = parse(
        rss(
            "<item><title> One &amp; only </title><guid isPermaLink='false'>id-1</guid><link>https://example.com/1</link>"
            "<description>&lt;p&gt;About &lt;b&gt;it&lt;/b&gt; all&lt;/p&gt;</description>"
            "<pubDate>Sun, 01 Mar 2026 10:00:00 +0200</pubDate><itunes:duration>1:02:03</itunes:duration>"
            f"{ENCLOSURE}</item>",
            channel="<title>Show\n &amp; Tell</title><language>de-DE</language>",
        ),
        ADDRESS,
    )
    assert (feed.title, feed.language) == ("Show & Tell", "de-DE")
    assert feed.items == (
        Item(
            guid="id-1",
            title="One & only",
            link="https://example.com/1",
            summary="About it all",
            published_at=moment(2026, 3, 1, 8),
            enclosure_url="https://cdn.example/1.mp3",
            enclosure_type="audio/mpeg",
            enclosure_bytes=1000,
            duration_s=3723.0,
            transcripts=(),
        ),
    )


TRANSCRIPTS = """
    <podcast:transcript url="https://example.com/1.json" type="application/json" language="en" rel="captions"/>
    <podcast:transcript url="https://example.com/1.vtt" type="text/vtt"/>
    <podcast:transcript url="" type="text/html"/>
    <podcast:transcript url="https://example.com/1.de.srt" type="application/srt" language="de"/>
"""


def test_every_transcript_of_an_episode_is_kept_with_its_type() -> None:
    """Libraries keep the last one alone, which is seldom the one with words and speakers."""
    expected = (
        TranscriptLink("https://example.com/1.json", "application/json", "en", "captions"),
        TranscriptLink("https://example.com/1.vtt", "text/vtt", None, None),
        TranscriptLink("https://example.com/1.de.srt", "application/srt", "de", None),
    )
    assert item(TRANSCRIPTS).transcripts == expected
    assert parse(atom(f"<entry><id>1</id>{TRANSCRIPTS}</entry>"), ADDRESS).items[0].transcripts == expected


@pytest.mark.parametrize(
    "namespace",
    [
        "https://podcastindex.org/namespace/1.0",
        "https://podcastindex.org/namespace/1.0/",
        "https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/1.0.md",
    ],
)
def test_the_podcast_namespace_is_known_by_all_its_names_and_under_any_prefix(namespace: str) -> None:
    body = f"<rss xmlns:p='{namespace}'><channel><item><p:transcript url='/1.vtt' type='text/vtt'/></item></channel></rss>"
    assert parse(body.encode(), ADDRESS).items[0].transcripts[0].url == "https://example.com/1.vtt"


def test_a_feed_that_is_not_well_formed_keeps_a_transcript() -> None:
    (transcript,) = lenient_item(TRANSCRIPTS.splitlines()[2]).transcripts
    assert transcript == TranscriptLink("https://example.com/1.vtt", "text/vtt", None, None)
    assert lenient_item("<podcast:transcript>text</podcast:transcript>").transcripts == ()


def test_an_entry_of_atom_is_read_whole() -> None:
    entry = """<entry><id>urn:1</id><title>One</title><updated>2026-03-05T00:00:00Z</updated>
        <published>2026-03-01T10:00:00.250+02:00</published><summary>About it</summary>
        <link href="https://example.com/1"/><link rel="self" href="https://example.com/api/1"/>
        <link rel="enclosure" href="https://cdn.example/1.jpg" type="image/jpeg"/>
        <link rel="enclosure" href="https://cdn.example/1.mp3" type="audio/mpeg" length="1000"/></entry>"""
    feed = parse(atom(entry), ADDRESS)
    assert feed.title == "Show"
    assert feed.items == (
        Item(
            guid="urn:1",
            title="One",
            link="https://example.com/1",
            summary="About it",
            published_at=moment(2026, 3, 1, 8, 0, 0, 250_000),
            enclosure_url="https://cdn.example/1.mp3",
            enclosure_type="audio/mpeg",
            enclosure_bytes=1000,
            duration_s=None,
            transcripts=(),
        ),
    )


@pytest.mark.parametrize(
    ("content", "summary"),
    [
        ("<content type='html'>&lt;i&gt;so&lt;/i&gt;me</content>", "some"),
        ("<content>plain\n text</content>", "plain text"),
        ("<summary>short</summary><content>long</content>", "long"),
    ],
)
def test_an_entry_of_atom_says_what_it_is_about(content: str, summary: str) -> None:
    assert parse(atom(f"<entry><id>1</id>{content}</entry>"), ADDRESS).items[0].summary == summary


@pytest.mark.parametrize(
    ("content", "summary"),
    [
        ("<description>from rss</description>", "from rss"),
        ("<description>from rss</description><itunes:summary>from itunes</itunes:summary>", "from itunes"),
        ("<itunes:summary>from itunes</itunes:summary><description>from rss</description>", "from itunes"),
        ("<content:encoded>from content</content:encoded>", "from content"),
        ("<itunes:subtitle>from subtitle</itunes:subtitle>", "from subtitle"),
        ("", ""),
    ],
)
def test_an_episode_says_what_it_is_about_by_the_best_element_that_it_has(content: str, summary: str) -> None:
    assert item(content).summary == summary


def test_items_come_in_the_feeds_own_order() -> None:
    days = ["01", "03", "02"]
    items = "".join(f"<item><guid>{day}</guid><pubDate>{day} Mar 2026 10:00:00 GMT</pubDate></item>" for day in days)
    assert [found.guid for found in parse(rss(items), ADDRESS).items] == days


@pytest.mark.parametrize(
    ("content", "url"),
    [
        ('<media:content url="https://a.example/1.jpg" medium="image"/>' + ENCLOSURE, "https://cdn.example/1.mp3"),
        ('<enclosure url="https://a.example/1.jpg" type="image/jpeg"/>', None),
        ('<enclosure url="https://a.example/1.mp4" type="video/mp4"/>' + ENCLOSURE, "https://cdn.example/1.mp3"),
        (
            '<enclosure url="https://a.example/1"/><enclosure url="https://a.example/1.mp4" type="video/mp4"/>',
            "https://a.example/1.mp4",
        ),
        ('<enclosure url="https://a.example/1"/><enclosure url="https://a.example/2"/>', "https://a.example/1"),
        ('<enclosure url=" https://a.example/1.mp3 "/>', "https://a.example/1.mp3"),
        ('<enclosure url=""/><enclosure type="audio/mpeg"/>', None),
        (
            '<media:group><media:content url="https://a.example/1.mp3" fileSize="5"/></media:group>',
            "https://a.example/1.mp3",
        ),
    ],
)
def test_what_there_is_to_hear_is_never_a_picture(content: str, url: str | None) -> None:
    assert item(content).enclosure_url == url
    if "group" not in content:
        assert lenient_item(content).enclosure_url == url


def test_a_show_without_a_title_has_none() -> None:
    """So that its address stands in for it, and not the last part of it (most feeds are called feed)."""
    assert parse(rss("", channel=""), ADDRESS) == Feed("", None, ())


# --- Addresses.

RELATIVE = """<item><guid>1</guid><link>notes/1.html</link><enclosure url="audio/1.mp3" type="audio/mpeg"/>
    <podcast:transcript url="../transcripts/1.vtt" type="text/vtt"/></item>"""
RELATIVE_ENTRY = """<entry><id>1</id><link href="notes/1.html"/><link rel="enclosure" href="audio/1.mp3"/>
    <podcast:transcript url="../transcripts/1.vtt" type="text/vtt"/></entry>"""


@pytest.mark.parametrize(
    "body", [rss(RELATIVE), atom(RELATIVE_ENTRY), rss(RELATIVE, channel="&")], ids=["rss", "atom", "ill"]
)
def test_relative_addresses_are_resolved_for_a_feed_from_the_web_and_left_for_a_local_one(body: bytes) -> None:
    (remote,) = parse(body, ADDRESS).items
    assert remote.enclosure_url == "https://example.com/show/audio/1.mp3"
    assert remote.transcripts[0].url == "https://example.com/transcripts/1.vtt"
    assert remote.link == "https://example.com/show/notes/1.html"

    (local,) = parse(body, LOCAL).items
    assert local.enclosure_url == "audio/1.mp3"
    assert local.transcripts[0].url == "../transcripts/1.vtt", "whether it may be read is for sources.locate to say"
    assert local.link is None, "there is no page that a reader could open"


@pytest.mark.parametrize(
    "body",
    [
        rss(RELATIVE).replace(b"<rss ", b"<rss xml:base='media/' "),
        atom(RELATIVE_ENTRY, "xml:base='https://example.com/show/media/'"),
    ],
)
def test_an_explicit_base_is_heeded(body: bytes) -> None:
    assert parse(body, ADDRESS).items[0].enclosure_url == "https://example.com/show/media/audio/1.mp3"


@pytest.mark.parametrize("read", [item, lenient_item])
def test_one_broken_address_costs_neither_the_feed_nor_the_episode(read: Any) -> None:
    found = read(
        "<guid>1</guid><link>http://[x</link><enclosure url='http://[x/1.mp3'/><podcast:transcript url='http://[y'/>"
    )
    assert found.guid == "1"
    assert found.enclosure_url == "http://[x/1.mp3"
    assert found.transcripts[0].url == "http://[y"


@pytest.mark.parametrize("link", ["javascript:alert(1)", "mailto:a@example.com", "data:text/html,x", ""])
def test_a_link_leads_to_the_web_or_there_is_none(link: str) -> None:
    """It becomes a link in the digest and on the site."""
    assert item(f"<guid isPermaLink='false'>1</guid><link>{link}</link>").link is None


def test_a_permanent_guid_is_the_link_where_there_is_no_other() -> None:
    assert item("<guid>https://example.com/1</guid>").link == "https://example.com/1"
    assert item("<guid>https://example.com/1</guid><link>https://example.com/2</link>").link == "https://example.com/2"
    assert item("<guid isPermaLink='false'>https://example.com/1</guid>").link is None
    assert item("<guid>episode-1</guid>").link is None
    assert lenient_item("<guid>episode-1</guid>").link is None


# --- Identities.


@pytest.mark.parametrize("read", [item, lenient_item])
@pytest.mark.parametrize("permalink", ["", " isPermaLink='true'", " isPermaLink='false'", " isPermaLink='TRUE'"])
@pytest.mark.parametrize(
    "guid", ["episode-1", "Buzzsprout-17", "t3_42tizy", "tag:x,2026:1", "?p=1", "https://Example.com/1?a=b#c", "1 2", "é"]
)
def test_a_guid_is_kept_as_it_is_also_when_the_feed_moves_or_breaks(read: Any, permalink: str, guid: str) -> None:
    """A GUID that is resolved against the feed's address makes the whole back catalogue new once the feed has moved."""
    content = f"<guid{permalink}> {guid}\n</guid>"
    assert (
        read(content).guid == read(content, "https://elsewhere.example/a/b/c.xml").guid == read(content, LOCAL).guid == guid
    )


@pytest.mark.parametrize("read", [item, lenient_item])
@pytest.mark.parametrize(
    ("content", "guid"),
    [
        ("<enclosure url='https://cdn.example/1.mp3?token=abc#t=1'/>", "https://cdn.example/1.mp3"),
        ("<guid></guid><enclosure url='https://cdn.example/1.mp3?token=xyz'/>", "https://cdn.example/1.mp3"),
        ("<guid>  </guid><link>https://example.com/1</link><enclosure url='audio/1.mp3?x'/>", "audio/1.mp3"),
        ("<link>https://example.com/1?p=2</link><title>One</title>", "https://example.com/1?p=2"),
        ("<title>One</title><link/>", sha256("One")),
    ],
)
def test_without_a_guid_the_enclosure_without_its_query_tells_episodes_apart(read: Any, content: str, guid: str) -> None:
    assert read(content).guid == read(content, "https://elsewhere.example/feed").guid == guid


def test_items_with_neither_guid_nor_address_are_not_one_and_the_same() -> None:
    items = parse(rss("<item><title>One</title></item><item><title>Two</title></item>"), ADDRESS).items
    assert len({found.guid for found in items}) == 2


# --- Dates and numbers.


@pytest.mark.parametrize("read", [item, lenient_item])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sun, 01 Mar 2026 10:00:00 GMT", moment(2026, 3, 1, 10)),
        ("Sun, 01 Mar 2026 10:00:00 -0500", moment(2026, 3, 1, 15)),
        ("Sun, 01 Mar 2026 10:00:00 PST", moment(2026, 3, 1, 18)),
        ("Sun, 1 Mar 26 10:00 EST", moment(2026, 3, 1, 15)),
        ("01 Mar 2026 10:00:00", moment(2026, 3, 1, 10)),
        ("Mon, 01 Mar 2026 10:00:00 +0000", moment(2026, 3, 1, 10)),  # it was a Sunday
        ("2026-03-01T10:00:00Z", moment(2026, 3, 1, 10)),
        ("2026-03-01T10:00:00.123Z", moment(2026, 3, 1, 10, 0, 0, 123_000)),
        ("2026-03-01T10:00:00.5+02:00", moment(2026, 3, 1, 8, 0, 0, 500_000)),
        ("2026-03-01T10:00:00", moment(2026, 3, 1, 10)),
        ("2026-03-01 10:00:00", moment(2026, 3, 1, 10)),
        ("2026-03-01", moment(2026, 3, 1)),
        ("Tue, 02 May 1950 09:00:00 GMT", moment(1950, 5, 2, 9)),
        ("Fri, 01 Jan 2100 00:00:00 GMT", moment(2100, 1, 1)),
        ("Thu, 01 Jan 1970 00:00:00 +0000", None),
        ("Wed, 30 Nov -0001 00:00:00 +0000", None),
        ("0000-00-00T00:00:00Z", None),
        ("0001-01-01T00:00:00Z", None),  # no moment before it: west of Greenwich it would be on a day that does not exist
        ("Mon, 30 Oct 1938 20:00:00 -0500", moment(1938, 10, 31, 1)),  # the archive of a radio station
        ("0001-01-01T00:00:00+14:00", None),
        ("Sun, 99 Foo 2026 10:00:00 GMT", None),
        ("Sun, 01 Mar 99999999 10:00:00 GMT", None),
        ("Sun, 01 Mar 2026 10:00:00 +99999999999999", None),
        ("yesterday", None),
        ("1772359200", None),
        ("", None),
    ],
)
def test_a_date_is_a_moment_in_utc_or_none(read: Any, text: str, expected: dt.datetime | None) -> None:
    assert read(f"<guid>1</guid><pubDate>{text}</pubDate>").published_at == expected


def test_a_missing_date_is_none() -> None:
    assert item("<guid>1</guid>").published_at is None


def test_no_date_depends_on_where_the_machine_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Pacific/Apia")
    time.tzset()
    try:
        for text in ("2026-03-01T10:00:00.000Z", "2026-03-01T10:00:00", "01 Mar 2026 10:00:00"):
            assert values.moment(text) == moment(2026, 3, 1, 10)
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("3723", 3723), ("62:03", 3723), ("1:02:03", 3723), ("61.8", 61), (" 0:20 ", 20)]
    + [(text, None) for text in ("0", "", "an hour", "-5", "9" * 12, "9" * 5000)],
)
def test_a_duration_is_seconds_or_none(text: str, seconds: float | None) -> None:
    content = f"<guid>1</guid><itunes:duration>{text}</itunes:duration>"
    assert item(content).duration_s == lenient_item(content).duration_s == seconds


@pytest.mark.parametrize(
    ("text", "size"),
    [("1000", 1000), (" 1000 ", 1000)] + [(text, None) for text in ("", "0", "-1", "1 MB", "9" * 20, "9" * 5000)],
)
def test_a_size_is_bytes_or_none(text: str, size: int | None) -> None:
    """Twenty nines fit no column; the one feed that says so must not stop all the others."""
    content = f"<guid>1</guid><enclosure url='https://cdn.example/1.mp3' length='{text}'/>"
    assert item(content).enclosure_bytes == lenient_item(content).enclosure_bytes == size


# --- Text.


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One</p><p>Two</p>", "One Two"),
        ("One<br/>Two<br>Three", "One Two Three"),
        ("<ul><li>One</li><li>Two</li></ul>", "One Two"),
        ("in<b>cred</b>ible, <a href='https://x/?a=1&amp;b=2'>here</a>", "incredible, here"),
        ("Tom &amp; Jerry &mdash; &#8220;hi&#8221;", "Tom & Jerry — “hi”"),
        ("a < b and c > d, 3 <4", "a < b and c > d, 3 <4"),
        ("x <!-- hidden --> y", "x hidden y"),
        ("zero\x00width\x08 and\n\tspaces  ", "zerowidth and spaces"),
        ("&#" + "9" * 5000 + "; &#xFFFFFFFFFFFF; end", "end"),
        (None, ""),
    ],
)
def test_markup_becomes_one_line_of_plain_text(markup: str | None, text: str) -> None:
    assert values.plain(markup) == text


def test_a_summary_has_a_longest_length() -> None:
    assert len(values.plain("word " * 10_000)) == values.LONGEST_SUMMARY


@given(st.text())
def test_no_value_of_a_feed_raises(text: str) -> None:
    for read in (values.line, values.plain, values.sound):
        read(text).encode()
    values.moment(text)
    values.duration(text)
    values.size(text)


@given(st.text(alphabet="0123456789:.+-TZ /,MonJan", max_size=40))
def test_nothing_that_resembles_a_date_raises(text: str) -> None:
    found = values.moment(text)
    assert found is None or found.tzinfo is dt.UTC
    values.duration(text)


# --- What is no feed.


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "no element found"),
        (b"   \n", "no element found"),
        (b"<!DOCTYPE html><html><body><p>Sign in</p></body></html>", "the document is <html>, not RSS or Atom"),
        (b"<!DOCTYPE html><html><head><meta charset=utf-8><title>x</title></head><body><p>Sign in", "<html>"),
        (b'{"version": "https://jsonfeed.org/version/1.1", "items": []}', "1:0: "),
        (b"not found", "syntax error"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "not well-formed"),
        (b"\0" * 100, "not well-formed"),
        (b"<?xml version='1.0' encoding='no-such-encoding'?><x/>", "unknown encoding"),
        (b"<opml version='2.0'><body/></opml>", "the document is <opml>"),
    ],
    ids=["empty", "blank", "html", "ill html", "json", "text", "picture", "zeros", "encoding", "opml"],
)
def test_what_is_no_feed_is_refused_with_what_it_seems_to_be(body: bytes, said: str) -> None:
    with pytest.raises(FeedError) as caught:
        parse(body, ADDRESS)
    assert str(caught.value).startswith("not a feed: ")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


# --- What is not well-formed.


@pytest.mark.parametrize("keep", [0.4, 0.7, 0.95])
def test_a_truncated_feed_gives_the_episodes_before_the_cut(keep: float) -> None:
    items = "".join(f"<item><guid>{n}</guid><title>Title {n}</title>{ENCLOSURE}</item>" for n in range(100))
    body = rss(items)
    found = parse(body[: int(len(body) * keep)], ADDRESS).items
    assert abs(len(found) - 100 * keep) < 6
    assert [each.guid for each in found[:-1]] == [str(n) for n in range(len(found) - 1)]


@pytest.mark.parametrize(
    "damage",
    ["<title>Q & A</title>", "<description>&nbsp;</description>", "<title>\x0b</title>", "<title><b></title>", "<x:y/>"],
)
def test_damage_in_one_place_leaves_the_rest(damage: str) -> None:
    found = parse(rss(f"<item><guid>1</guid>{ENCLOSURE}{damage}</item><item><guid>2</guid></item>"), ADDRESS)
    assert [each.guid for each in found.items] == ["1", "2"]
    assert found.items[0].enclosure_url == "https://cdn.example/1.mp3"


@pytest.mark.parametrize("half", ["&#55357;&#56832;", "&#xD83D;&#xDE00;", "&#xd800;"])
def test_half_an_emoji_costs_nothing_but_itself(half: str) -> None:
    """Some software writes emoji as two references, of which neither is a character."""
    found = item(f"<guid>g{half}1</guid><title>Hello {half}there</title>")
    assert (found.guid, found.title) == ("g1", "Hello there")


def test_other_versions_of_rss_are_read() -> None:
    rdf = (
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
        b"<channel><title>Show</title></channel><item><title>One</title><link>https://example.com/1</link></item></rdf:RDF>"
    )
    feed = parse(rdf, ADDRESS)
    assert (feed.title, feed.items[0].title, feed.items[0].guid) == ("Show", "One", "https://example.com/1")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "windows-1252"])
def test_the_encoding_of_the_declaration_is_heeded(encoding: str) -> None:
    name = encoding.removesuffix("-sig")
    channel = "<channel><title>Grüße</title><item><guid>é</guid></item></channel>"
    body = f"<?xml version='1.0' encoding='{name}'?><rss>{channel}</rss>"
    feed = parse(body.encode(encoding), ADDRESS)
    assert (feed.title, feed.items[0].guid) == ("Grüße", "é")


# --- Harm.


BOMB = '<!ENTITY e0 "lol">' + "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
N = 20_000
HARM = {
    "growing entities": rss("<item><title>&e9;</title></item>", f"<!DOCTYPE rss [{BOMB}]>"),
    "a long entity": rss(f"<item><title>{'&a;' * N}</title></item>", f'<!DOCTYPE rss [<!ENTITY a "{"A" * N}">]>'),
    "a long entity in UTF-16": f'<!DOCTYPE rss [<!ENTITY a "{"A" * N}">]><rss><channel>{"&a;" * N}'.encode("utf-16"),
    "deep": b"<rss><channel>" + b"<a>" * N,
    "deep in an item": rss("<item>" + "<a>" * N),
    "open tags in text": rss("<item><description>" + "&lt;a " * N + "</description></item>"),
    "open angles in text": rss("<item><description>&lt;b/&gt;" + "&lt;" * N + "</description></item>"),
    "line breaks in text": rss("<item><description>&lt;b/&gt;" + "&lt;br" * N + "</description></item>"),
    "open tags": b"<rss>&<channel>" + b"<a " * N,
    "many attributes": b"<rss " + b" ".join(b"a%d=''" % n for n in range(2 * N)) + b">&",
    "a mail address without end": b"<rss>&<channel><item><author>" + b"a." * 3 * N + b"</author></item>",
    "ampersands": b"<rss><channel><item><title>" + b"&" * N,
    "references": b"<rss><channel><item><title>" + b"&#" * N,
    "comments": b"<rss>&" + b"<!--" * N,
    "declarations": b"<!DOCTYPE rss [" + b"<!ENTITY a '" * N,
}


@pytest.mark.parametrize("what", HARM)
def test_no_document_costs_more_than_its_length_explains(what: str) -> None:
    """Each of these, of some 100 kB, takes minutes to hours where the work grows with the square of the length."""
    started = time.process_time()
    try:
        feed = parse(HARM[what], ADDRESS)
    except FeedError:
        feed = Feed("", None, ())
    assert time.process_time() - started < 20
    assert len(str(feed)) < 10 * len(HARM[what]) + 1000, "an entity was expanded"


def test_a_feed_that_declares_entities_is_read_without_them() -> None:
    head = '<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://example.com/rss.dtd" [<!ENTITY mine "my own">]>'
    feed = parse(
        rss("<item><guid>1</guid><title>&mine; &amp; yours</title></item><item><guid>2</guid></item>", head), ADDRESS
    )
    assert [found.guid for found in feed.items] == ["1", "2"]
    assert feed.items[0].title == "&mine; & yours"


def test_no_file_and_no_address_is_read_for_an_entity(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the secret")
    for declaration in (
        f'<!ENTITY e SYSTEM "{secret.as_uri()}">',
        f'<!ENTITY % p SYSTEM "{secret.as_uri()}">%p;<!ENTITY e "x">',
        '<!ENTITY e SYSTEM "http://127.0.0.1:9/">',
    ):
        head = f"<!DOCTYPE rss [{declaration}]>"
        for broken in ("", "&"):  # by either parser
            feed = parse(rss(f"<item><guid>1</guid><title>a&e;b{broken}</title></item>", head), ADDRESS)
            assert "secret" not in str(feed)


@pytest.mark.parametrize(
    "stumble",
    [
        "<title>&#x110000;</title>",
        "<psc:chapters xmlns:psc='http://podlove.org/simple-chapters'><psc:chapter/></psc:chapters>",
    ],
)
def test_what_the_lenient_parser_itself_cannot_take_is_refused(stumble: str) -> None:
    with pytest.raises(FeedError, match=r"^not a feed that can be read: 1:"):
        parse(rss(f"<item>{stumble}&</item>"), ADDRESS)


def test_nesting_beyond_any_real_feed_is_refused() -> None:
    with pytest.raises(FeedError, match="more than 100 deep"):
        parse(rss("<item>" + "<a>" * 200 + "</a>" * 200 + "</item>"), ADDRESS)
    assert parse(rss("<item><guid>1</guid>" + "<a>" * 90 + "</a>" * 90 + "</item>"), ADDRESS).items[0].guid == "1"


def test_thousands_of_episodes_take_seconds() -> None:
    one = f"<description>{'words ' * 50}</description><pubDate>Sun, 01 Mar 2026 10:00:00 GMT</pubDate>{ENCLOSURE}"
    body = rss("".join(f"<item><guid>{n}</guid><title>Title {n}</title>{one}</item>" for n in range(5000)))
    started = time.process_time()
    assert len({found.guid for found in parse(body, ADDRESS).items}) == 5000
    assert time.process_time() - started < 10


PIECES = r"""<item>
</item>
<guid>
</guid>
<link/>
<link>http://[x</link>
<link rel='enclosure' href='http://[x'/>
<item xml:base='http://['>
<media:content/>
<psc:chapter/>
<title type='xhtml'>
<pubDate>9999999999</pubDate>
<itunes:duration>::</itunes:duration>
</channel>
&
<
&#xD800;
&#x110000;
<![CDATA[
]]>
<!--""".splitlines()


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from([*PIECES, "\0"]), max_size=12))
def test_every_document_parses_or_is_refused(pieces: list[str]) -> None:
    try:
        parse(rss("".join(pieces)), ADDRESS)
    except FeedError as error:
        assert "\n" not in str(error)


# --- Real feeds.


def feeds_of(shared: Path) -> Iterator[Path]:
    paths = sorted(path for path in (shared / "data" / "feeds").rglob("*") if path.is_file() and path.suffix != ".json")
    assert len(paths) > 250
    return iter(paths)


NO_FEED = {  # what lies among them and is none
    "illformed__rss_empty_document.xml",
    "xml__testdata__iso88591.xml",
    "xml__testdata__iso88591_utf8_mismatch.xml",
    "podcast-example.xml",
    "unrecognized.rss",
}


def test_every_real_and_hostile_feed_parses_or_is_refused(shared: Path) -> None:
    refused = set()
    for path in feeds_of(shared):
        body = path.read_bytes()
        for address in (ADDRESS, LOCAL) if len(body) < 20_000 else (ADDRESS,):
            try:
                parse(body, address)
            except FeedError:
                refused.add(path.name)
    assert refused == NO_FEED


def test_an_episode_is_the_same_whether_its_feed_is_well_formed_or_not(shared: Path) -> None:
    """A stray ampersand in one title must not make the whole back catalogue new."""
    differing = []
    compared = 0
    for path in feeds_of(shared):
        body = path.read_bytes()
        if len(body) > 60_000:
            continue
        try:
            strict = parsing._strict(body, "")
        except Exception:  # noqa: BLE001 - feeds that are not well-formed are no subject here
            continue
        lenient = parsing._lenient(body, "", ValueError())
        with_guid = [found.guid for found in strict.items if found.enclosure_url]
        compared += len(with_guid)
        if not set(with_guid) <= {found.guid for found in lenient.items}:
            differing.append(path.name)
    assert compared > 100
    assert differing == ["permalink.rss"], "there, feedparser resolves a GUID against xml:base"


# Where we keep items that podcastparser drops, and its option that we have no use for.
OTHER_COUNT = {"max_episodes": 2, "no_enclosure": 3, "no_title_multi_enclosure": 1, "no_url": 1}


def test_the_number_of_episodes_is_the_one_that_podcastparser_expects(shared: Path) -> None:
    folder = shared / "data" / "feeds" / "podcastparser"
    expected = {path.stem: json.loads(path.read_text()) for path in folder.glob("*.json") if ".param" not in path.name}
    assert len(expected) == 70
    found = {name: parse((folder / f"{name}.rss").read_bytes(), ADDRESS) for name in expected}
    counts = {name: len(feed.items) for name, feed in found.items()}
    assert counts == {name: len(feed["episodes"]) for name, feed in expected.items()} | OTHER_COUNT


def test_what_podcastparser_expects_of_the_episodes_is_what_we_find(shared: Path) -> None:
    folder = shared / "data" / "feeds" / "podcastparser"
    compared = 0
    for path in sorted(folder.glob("*.json")):
        if ".param" in path.name or path.stem in OTHER_COUNT:
            continue
        expected = sorted(json.loads(path.read_text())["episodes"], key=lambda episode: str(episode["title"]))
        found = sorted(parse(path.with_suffix(".rss").read_bytes(), LOCAL).items, key=lambda episode: episode.title)
        for theirs, ours in zip(expected, found, strict=True):
            if ours.title:  # it makes one of the file's name
                assert ours.title == theirs["title"], path.name
            published = int(ours.published_at.timestamp()) if ours.published_at else 0
            assert published == theirs["published"], path.name
            assert (ours.duration_s or 0) == theirs["total_time"], path.name
            compared += 1
    assert compared > 40
