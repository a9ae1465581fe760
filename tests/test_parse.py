"""What is kept of a feed's elements, how addresses are resolved, and how identities stay the same."""

from typing import Any

import pytest

from podcast_assets.feeds.parse import Enclosure, Feed, parse
from podcast_assets.feeds.reader import MOST_OF_A_KIND
from podcast_assets.hashing import sha256
from tests.parsing import ADDRESS, ENCLOSURE, LOCAL, atom, everything, item, lenient_item, mended_item, moment, rss

# By the strict reader, by it after mending, by the lenient parser.
READERS = pytest.mark.parametrize("read", [item, mended_item, lenient_item])


# --- An episode.

NOTHING: dict[str, object] = {
    "title": "",
    "link": None,
    "summary": "",
    "subtitle": "",
    "show_notes": "",
    "published_at": None,
    "duration_s": None,
    "author": None,
    "enclosure_url": None,
    "enclosure_type": None,
    "enclosure_bytes": None,
    "enclosures": (),
    "season": None,
    "episode": None,
    "episode_type": None,
    "explicit": None,
    "image_url": None,
    "keywords": (),
    "transcripts": (),
    "persons": (),
    "soundbites": (),
    "chapters": (),
    "chapters_url": None,
}


@READERS
def test_what_a_feed_does_not_say_is_none_or_empty(read: Any) -> None:
    assert everything(read("<guid>1</guid>")) == NOTHING | {"guid": "1"}


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
    (found,) = feed.items
    assert everything(found) == NOTHING | {
        "guid": "id-1",
        "title": "One & only",
        "link": "https://example.com/1",
        "summary": "About it all",
        "published_at": moment(2026, 3, 1, 8),
        "enclosure_url": "https://cdn.example/1.mp3",
        "enclosure_type": "audio/mpeg",
        "enclosure_bytes": 1000,
        "enclosures": (Enclosure("https://cdn.example/1.mp3", "audio/mpeg", 1000),),
        "duration_s": 3723.0,
    }


def test_an_entry_of_atom_is_read_whole() -> None:
    entry = """<entry><id>urn:1</id><title>One</title><updated>2026-03-05T00:00:00Z</updated>
        <published>2026-03-01T10:00:00.250+02:00</published><summary>About it</summary>
        <author><name>Ada</name><email>ada@example.com</email></author><category term="history"/><category term="war"/>
        <link href="https://example.com/1"/><link rel="self" href="https://example.com/api/1"/>
        <link rel="enclosure" href="https://cdn.example/1.jpg" type="image/jpeg"/>
        <link rel="enclosure" href="https://cdn.example/1.mp3" type="audio/mpeg" length="1000"/></entry>"""
    feed = parse(atom(entry), ADDRESS)
    assert feed.title == "Show"
    (found,) = feed.items
    assert everything(found) == NOTHING | {
        "guid": "urn:1",
        "title": "One",
        "link": "https://example.com/1",
        "summary": "About it",
        "subtitle": "About it",
        "published_at": moment(2026, 3, 1, 8, 0, 0, 250_000),
        "author": "Ada",
        "keywords": ("history", "war"),
        "enclosure_url": "https://cdn.example/1.mp3",
        "enclosure_type": "audio/mpeg",
        "enclosure_bytes": 1000,
        "enclosures": (
            Enclosure("https://cdn.example/1.jpg", "image/jpeg"),
            Enclosure("https://cdn.example/1.mp3", "audio/mpeg", 1000),
        ),
    }


@pytest.mark.parametrize(
    ("content", "summary"),
    [
        ("<content type='html'>&lt;i&gt;so&lt;/i&gt;me</content>", "some"),
        ("<content>plain\n text</content>", "plain text"),
        ("<summary>short</summary><content>long</content>", "long"),
        (
            "<content type='xhtml'><div><p>One</p><p>Two in<b>cred</b>ible<br/>words</p></div></content>",
            "One Two incredible words",
        ),
    ],
)
def test_an_entry_of_atom_says_what_it_is_about(content: str, summary: str) -> None:
    assert parse(atom(f"<entry><id>1</id>{content}</entry>"), ADDRESS).items[0].summary == summary


@pytest.mark.parametrize(
    ("content", "summary", "notes"),
    [
        ("<description>from rss</description>", "from rss", ""),
        ("<description>from rss</description><itunes:summary>itunes</itunes:summary>", "itunes", "from rss"),
        ("<itunes:summary>itunes</itunes:summary><description>from rss</description>", "itunes", "from rss"),
        ("<content:encoded>from content</content:encoded>", "from content", ""),
        ("<description>short</description><content:encoded>long notes</content:encoded>", "short", "long notes"),
        ("<itunes:subtitle>from subtitle</itunes:subtitle>", "from subtitle", ""),
        ("<description> </description><itunes:summary/><content:encoded>notes</content:encoded>", "notes", ""),
        ("<media:description>media</media:description>", "media", ""),
        ("<media:group><media:description>media</media:description></media:group>", "media", ""),
        ("<description>&lt;img src='x'/&gt;</description><itunes:subtitle>words</itunes:subtitle>", "words", ""),
        ("", "", ""),
    ],
)
def test_an_episode_says_what_it_is_about_by_the_best_element_that_it_has(content: str, summary: str, notes: str) -> None:
    found = item(content)
    assert (found.summary, found.show_notes) == (summary, notes)


def test_items_come_in_the_feeds_own_order() -> None:
    days = ["01", "03", "02"]
    items = "".join(f"<item><guid>{day}</guid><pubDate>{day} Mar 2026 10:00:00 GMT</pubDate></item>" for day in days)
    assert [found.guid for found in parse(rss(items), ADDRESS).items] == days


def test_thousands_of_items_are_all_there_in_their_order() -> None:
    one = f"<description>{'words ' * 50}</description><pubDate>Sun, 01 Mar 2026 10:00:00 GMT</pubDate>{ENCLOSURE}"
    items = "".join(f"<item><guid>{n}</guid><title>Title {n}</title>{one}</item>" for n in range(5000))
    for body in (rss(items), rss(items, channel="<title>Q & A</title><b><i></b>")):
        assert [found.guid for found in parse(body, ADDRESS).items] == [str(n) for n in range(5000)]


# --- What there is to hear.


@READERS
@pytest.mark.parametrize(
    ("content", "url"),
    [
        ('<media:content url="https://a.example/1.jpg" medium="image"/>' + ENCLOSURE, "https://cdn.example/1.mp3"),
        ('<enclosure url="https://a.example/1.jpg" type="image/jpeg"/>', None),
        (
            '<enclosure url="https://a.example/1.jpg" type="image/jpeg"/><enclosure url="https://a.example/1"/>',
            "https://a.example/1",
        ),
        ('<enclosure url="https://a.example/1.mp4" type="video/mp4"/>' + ENCLOSURE, "https://cdn.example/1.mp3"),
        (ENCLOSURE + '<enclosure url="https://a.example/2.mp3" type="audio/mpeg"/>', "https://cdn.example/1.mp3"),
        ('<enclosure url="https://a.example/1.mp3" type="AUDIO/MPEG"/>', "https://a.example/1.mp3"),
        (
            '<enclosure url="https://a.example/1"/><enclosure url="https://a.example/1.mp4" type="video/mp4"/>',
            "https://a.example/1.mp4",
        ),
        ('<enclosure url="https://a.example/1.pdf" type="application/pdf"/>' + ENCLOSURE, "https://cdn.example/1.mp3"),
        ('<enclosure url="https://a.example/1"/><enclosure url="https://a.example/2"/>', "https://a.example/1"),
        ('<enclosure url=" https://a.example/1.mp3 "/>', "https://a.example/1.mp3"),
        ('<enclosure url=""/><enclosure type="audio/mpeg"/>', None),
    ],
)
def test_what_there_is_to_hear_is_audio_or_else_video_and_never_a_picture(read: Any, content: str, url: str | None) -> None:
    assert read(content).enclosure_url == url


def test_a_file_in_a_group_of_media_is_found() -> None:
    found = item('<media:group><media:content url="https://a.example/1.mp3" fileSize="5"/></media:group>')
    assert (found.enclosure_url, found.enclosure_bytes) == ("https://a.example/1.mp3", 5)


@READERS
def test_all_files_of_an_episode_are_kept_in_the_feeds_order(read: Any) -> None:
    found = read(
        '<enclosure url="https://a.example/1.jpg" type="image/jpeg" length="3"/><enclosure url=""/>'
        '<enclosure url="https://a.example/1.mp4" type="video/mp4" length="many"/>'
        '<enclosure url="/1.ogg" type="audio/ogg" length="7"/><media:content url="https://a.example/1.m4a" fileSize="9"/>'
    )
    assert found.enclosures == (
        Enclosure("https://a.example/1.jpg", "image/jpeg", 3),
        Enclosure("https://a.example/1.mp4", "video/mp4", None),
        Enclosure("https://example.com/1.ogg", "audio/ogg", 7),
        Enclosure("https://a.example/1.m4a", None, 9),
    )
    assert (found.enclosure_url, found.enclosure_bytes) == ("https://example.com/1.ogg", 7)


def test_of_files_without_end_the_first_are_kept() -> None:
    files = "".join(f"<enclosure url='https://a.example/{n}' type='audio/mpeg'/>" for n in range(MOST_OF_A_KIND + 5))
    found = item(files).enclosures
    assert [each.url for each in found] == [f"https://a.example/{n}" for n in range(MOST_OF_A_KIND)]


# --- The show.


def test_a_show_without_a_title_has_none() -> None:
    """So that its address stands in for it, and not the last part of it (most feeds are called feed)."""
    assert parse(rss("", channel=""), ADDRESS) == Feed("", None, ())


@pytest.mark.parametrize(
    "body", [rss(""), atom(""), b"<rss/>", b"<rss><channel/></rss>"], ids=["rss", "atom", "root", "bare"]
)
def test_a_feed_without_episodes_is_a_feed(body: bytes) -> None:
    assert parse(body, ADDRESS).items == ()


@pytest.mark.parametrize("damage", ["", "<b>&</b>", "&<b><i></b>"], ids=["strict", "mended", "lenient"])
def test_a_show_says_when_not_to_ask_and_where_it_has_moved(damage: str) -> None:
    channel = f"""<title>Show</title><ttl> 90 </ttl><itunes:new-feed-url> https://new.example/feed </itunes:new-feed-url>
        <skipHours><hour>0</hour><hour>24</hour><hour>23</hour><hour>25</hour><hour>-1</hour><hour>no</hour></skipHours>
        <skipDays><day>Sunday</day><day>monday</day><day>Someday</day></skipDays>{damage}"""
    feed = parse(rss("<item><ttl>1</ttl><guid>1</guid></item>", channel=channel), ADDRESS)
    assert (feed.ttl_s, feed.new_feed_url) == (5400.0, "https://new.example/feed")
    if "<i>" not in damage:  # feedparser gives of hours and days the last alone, under a name that says nothing
        assert (feed.skip_hours, feed.skip_days) == ((0, 23), (0, 6))


@pytest.mark.parametrize("said", ["", "0", "-5", "soon", "9" * 20, "1.5"])
def test_a_ttl_that_says_nothing_is_none(said: str) -> None:
    assert parse(rss("", channel=f"<ttl>{said}</ttl>"), ADDRESS).ttl_s is None


@pytest.mark.parametrize(
    "address", ["", "feed2.xml", "/feed", "ftp://new.example/feed", "javascript:x", "file:///etc/passwd"]
)
def test_a_feed_moves_to_an_address_of_the_web_or_not_at_all(address: str) -> None:
    """Else whoever writes a feed could make us read a file."""
    channel = f"<itunes:new-feed-url>{address}</itunes:new-feed-url>"
    assert parse(rss("", channel=channel), ADDRESS).new_feed_url is None
    assert parse(rss("", channel=channel + "<b><i></b>"), ADDRESS).new_feed_url is None


@pytest.mark.parametrize("default", ["http://backend.userland.com/rss2", "http://example.com/unknown", ""])
def test_rss_is_rss_in_any_default_namespace(default: str) -> None:
    body = f"<rss xmlns='{default}'><channel><title>Show</title><item><guid>1</guid></item></channel></rss>"
    feed = parse(body.encode(), ADDRESS)
    assert (feed.title, feed.items[0].guid) == ("Show", "1")


def test_atom_is_atom_under_any_prefix() -> None:
    body = "<a:feed xmlns:a='http://www.w3.org/2005/Atom'><a:title>Show</a:title><a:entry><a:id>1</a:id></a:entry></a:feed>"
    feed = parse(body.encode(), ADDRESS)
    assert (feed.title, feed.items[0].guid) == ("Show", "1")


# --- Addresses.

RELATIVE = """<item><guid>1</guid><link>notes/1.html</link><enclosure url="audio/1.mp3" type="audio/mpeg"/>
    <podcast:transcript url="../transcripts/1.vtt" type="text/vtt"/></item>"""
RELATIVE_ENTRY = """<entry><id>1</id><link href="notes/1.html"/><link rel="enclosure" href="audio/1.mp3"/>
    <podcast:transcript url="../transcripts/1.vtt" type="text/vtt"/></entry>"""


@pytest.mark.parametrize(
    "body",
    [rss(RELATIVE), atom(RELATIVE_ENTRY), rss(RELATIVE, channel="&"), rss(RELATIVE, channel="<b><i></b>")],
    ids=["rss", "atom", "mended", "lenient"],
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


@READERS
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


@READERS
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


@READERS
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
