"""What the namespaces add to an episode: the podcast namespace, iTunes, Media RSS, Podlove's chapters, Dublin Core."""

from typing import Any

import pytest

from podcast_assets.feeds.parse import MOST_HOSTS, Chapter, Person, Soundbite, TranscriptLink, parse
from podcast_assets.feeds.reader import MOST_OF_A_KIND
from tests.parsing import ADDRESS, LOCAL, atom, item, lenient_item, mended_item, rss

READERS = pytest.mark.parametrize("read", [item, mended_item, lenient_item])

# --- Transcripts.

TRANSCRIPTS = """
    <podcast:transcript url="https://example.com/1.json" type="application/json" language="en" rel="captions"/>
    <podcast:transcript url="https://example.com/1.vtt" type="text/vtt"/>
    <podcast:transcript url="" type="text/html"/>
    <podcast:transcript type="text/html"/>
    <podcast:transcript url=" /1.de.srt " type=" application/srt " language="de"></podcast:transcript>
"""


@pytest.mark.parametrize("read", [item, mended_item])
def test_every_transcript_of_an_episode_is_kept_with_its_type(read: Any) -> None:
    """Libraries keep the last one alone, which is seldom the one with words and speakers."""
    expected = (
        TranscriptLink("https://example.com/1.json", "application/json", "en", "captions"),
        TranscriptLink("https://example.com/1.vtt", "text/vtt", None, None),
        TranscriptLink("https://example.com/1.de.srt", "application/srt", "de", None),
    )
    assert read(TRANSCRIPTS).transcripts == expected
    assert parse(atom(f"<entry><id>1</id>{TRANSCRIPTS}</entry>"), ADDRESS).items[0].transcripts == expected


def test_a_feed_that_nobody_can_mend_keeps_a_transcript() -> None:
    (transcript,) = lenient_item(TRANSCRIPTS.splitlines()[2]).transcripts
    assert transcript == TranscriptLink("https://example.com/1.vtt", "text/vtt", None, None)
    assert lenient_item("<podcast:transcript>text</podcast:transcript>").transcripts == ()


@pytest.mark.parametrize(
    "namespace",
    [
        "https://podcastindex.org/namespace/1.0",
        "https://podcastindex.org/namespace/1.0/",
        "https://PodcastIndex.org/namespace/1.0",
        "https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/1.0.md",
    ],
)
def test_the_podcast_namespace_is_known_by_all_its_names_and_under_any_prefix(namespace: str) -> None:
    body = f"<rss xmlns:p='{namespace}'><channel><item><p:transcript url='/1.vtt' type='text/vtt'/></item></channel></rss>"
    assert parse(body.encode(), ADDRESS).items[0].transcripts[0].url == "https://example.com/1.vtt"


def test_a_prefix_that_nobody_declared_is_taken_at_its_word() -> None:
    body = (
        b"<rss><channel><item><podcast:transcript url='/1.vtt'/><itunes:duration>5</itunes:duration></item></channel></rss>"
    )
    (found,) = parse(body, ADDRESS).items
    assert (len(found.transcripts), found.duration_s) == (1, 5)


def test_a_prefix_that_means_something_else_is_not_taken_for_what_it_is_called() -> None:
    body = "<rss xmlns:podcast='https://x.example/'><channel><item><podcast:transcript url='/1.vtt'/></item></channel></rss>"
    assert parse(body.encode(), ADDRESS).items[0].transcripts == ()


def test_a_prefix_holds_inside_the_element_that_declares_it_and_no_further() -> None:
    inside = "<i:season xmlns:i='http://www.itunes.com/dtds/podcast-1.0.dtd'>1</i:season>"
    assert item(inside).season == 1
    assert item(f"<x xmlns:itunes='https://other.example/'><itunes:season>2</itunes:season></x>{inside}").season == 1
    assert item("<x xmlns:itunes='https://other.example/'/><itunes:season>3</itunes:season>").season == 3


# --- Persons, soundbites, chapters.


@pytest.mark.parametrize("read", [item, mended_item])
def test_every_person_is_kept_and_a_host_where_nothing_else_is_said(read: Any) -> None:
    found = read("""
        <podcast:person href="https://example.com/ada" img="https://example.com/ada.png"> Ada  Lovelace </podcast:person>
        <podcast:person role="Guest" group="Cast" href="/bob">Bob</podcast:person>
        <podcast:person role="guest" href=""><![CDATA[Eve & Co]]></podcast:person>
        <podcast:person role="guest"/><podcast:person> </podcast:person>""")
    assert found.persons == (
        Person("Ada Lovelace", "host", None, "https://example.com/ada"),
        Person("Bob", "guest", "cast", "https://example.com/bob"),
        Person("Eve & Co", "guest", None, None),
    )


def test_the_persons_of_the_show_stand_in_for_an_episode_that_names_none() -> None:
    items = "<item><guid>1</guid><podcast:person>Bob</podcast:person></item><item><guid>2</guid></item>"
    first, second = parse(rss(items, channel="<podcast:person>Ada</podcast:person>"), ADDRESS).items
    assert [person.name for person in first.persons] == ["Bob"], "its own persons replace the show's"
    assert [person.name for person in second.persons] == ["Ada"]


def test_every_soundbite_with_a_place_and_a_length_is_kept() -> None:
    found = item("""
        <podcast:soundbite startTime="1234.5" duration="42.25">Why  it works</podcast:soundbite>
        <podcast:soundbite startTime="0" duration="15"/>
        <podcast:soundbite startTime="5" duration="0"/><podcast:soundbite startTime="5"/>
        <podcast:soundbite duration="5">text</podcast:soundbite><podcast:soundbite startTime="x" duration="nan"/>
        <podcast:soundbite startTime="1e3" duration="5"/><podcast:soundbite startTime="-1" duration="5"/>
        <podcast:soundbite startTime="99999999" duration="5"/>""")
    assert found.soundbites == (Soundbite(1234.5, 42.25, "Why it works"), Soundbite(0.0, 15.0, None))


@READERS
def test_chapters_in_a_file_of_their_own_are_found(read: Any) -> None:
    found = read("<podcast:chapters url='/1.json' type='application/json+chapters'/>")
    assert (found.chapters_url, found.chapters) == ("https://example.com/1.json", ())


def test_the_first_chapters_with_an_address_count() -> None:
    content = "<podcast:chapters/><podcast:chapters url=''/><podcast:chapters url='a.json'/><podcast:chapters url='b.json'/>"
    assert item(content).chapters_url == "https://example.com/show/a.json"
    assert item(content, LOCAL).chapters_url == "a.json"


@pytest.mark.parametrize("read", [item, mended_item])
def test_podlove_chapters_are_seconds_and_titles(read: Any) -> None:
    found = read("""<psc:chapters version="1.2">
        <psc:chapter start="00:00:00.000" title="Hello"/><psc:chapter start="3:07" title=" The  Talk " href="https://x/"/>
        <psc:chapter start="01:02:03.5" title="More"/><psc:chapter start="3724" title=""/>
        <psc:chapter start="soon" title="no"/><psc:chapter title="no"/><psc:chapter start="-1" title="no"/>
    </psc:chapters>""")
    assert found.chapters == (
        Chapter(0.0, "Hello"),
        Chapter(187.0, "The Talk"),
        Chapter(3723.5, "More"),
        Chapter(3724.0, ""),
    )


def test_podlove_chapters_are_read_in_atom_and_when_nobody_can_mend_the_feed() -> None:
    chapters = (
        "<psc:chapters><psc:chapter start='00:01' title='Hello'/><psc:chapter start='1:00' title='Bye'/></psc:chapters>"
    )
    expected = (Chapter(1.0, "Hello"), Chapter(60.0, "Bye"))
    assert parse(atom(f"<entry><id>1</id>{chapters}</entry>"), ADDRESS).items[0].chapters == expected
    assert lenient_item(chapters).chapters == expected


@pytest.mark.parametrize(
    ("element", "kind"),
    [
        ("<podcast:transcript url='{}'/>", "transcripts"),
        ("<podcast:person>{}</podcast:person>", "persons"),
        ("<podcast:soundbite startTime='{}' duration='1'/>", "soundbites"),
        ("<psc:chapters><psc:chapter start='{}'/></psc:chapters>", "chapters"),
        ("<category>{}</category>", "keywords"),
    ],
)
def test_of_a_kind_without_end_the_first_are_kept(element: str, kind: str) -> None:
    """One feed must not fill the log with a million persons."""
    many = MOST_OF_A_KIND + 100
    found = getattr(item("".join(element.format(n) for n in range(many))), kind)
    assert found == getattr(item("".join(element.format(n) for n in range(MOST_OF_A_KIND))), kind)
    assert len(found) == MOST_OF_A_KIND
    if kind == "persons":  # which each episode takes from the show
        show = rss("<item/>", channel="".join(element.format(n) for n in range(many)))
        assert parse(show, ADDRESS).items[0].persons == found[:MOST_HOSTS], "a small feed must not name a million of them"


# --- Numbers, kinds, words.


@READERS
@pytest.mark.parametrize(
    ("content", "season", "episode"),
    [
        ("<itunes:season>2</itunes:season><itunes:episode> 17 </itunes:episode>", 2, 17),
        ("<itunes:season>0</itunes:season><itunes:episode>0</itunes:episode>", 0, 0),
        ("<itunes:season>two</itunes:season><itunes:episode>-1</itunes:episode>", None, None),
        ("<itunes:season>1.5</itunes:season><itunes:episode>" + "9" * 5000 + "</itunes:episode>", None, None),
        ("<itunes:season>٣</itunes:season><itunes:episode/>", None, None),
    ],
)
def test_season_and_episode_are_numbers_or_none(read: Any, content: str, season: int | None, episode: int | None) -> None:
    found = read(content)
    assert (found.season, found.episode) == (season, episode)


@pytest.mark.parametrize("read", [item, mended_item])
def test_season_and_episode_of_the_podcast_namespace_count_where_itunes_is_silent(read: Any) -> None:
    podcast = "<podcast:season name='The Sea'>3</podcast:season><podcast:episode display='Ch. 4'>4</podcast:episode>"
    itunes = "<itunes:season>1</itunes:season><itunes:episode>2</itunes:episode>"
    assert [(found.season, found.episode) for found in map(read, (podcast, podcast + itunes, itunes + podcast))] == [
        (3, 4),
        (1, 2),
        (1, 2),
    ]


@READERS
@pytest.mark.parametrize(("text", "kind"), [("full", "full"), (" Bonus\n", "bonus"), ("TRAILER", "trailer"), ("", None)])
def test_the_type_of_an_episode_is_one_word_in_small_letters(read: Any, text: str, kind: str | None) -> None:
    assert read(f"<itunes:episodeType>{text}</itunes:episodeType>").episode_type == kind


@READERS
@pytest.mark.parametrize(
    ("text", "explicit"),
    [
        ("yes", True),
        ("true", True),
        ("Explicit", True),
        ("no", False),
        ("false", False),
        ("clean", False),
        (" No\n", False),
        ("", None),
        ("?", None),
    ],
)
def test_explicit_is_yes_no_or_unknown(read: Any, text: str, explicit: bool | None) -> None:
    if read is lenient_item and text not in {"yes", "clean"}:
        explicit = None  # feedparser knows no other words
    assert read(f"<itunes:explicit>{text}</itunes:explicit>").explicit is explicit


@READERS
def test_keywords_are_kept_once_each_however_they_are_written(read: Any) -> None:
    content = (
        "<category>History</category><itunes:keywords>war, History ,  the  sea,,</itunes:keywords><category>sea</category>"
    )
    assert read(content).keywords == ("History", "war", "the sea", "sea")


@READERS
def test_the_picture_is_the_episodes_own(read: Any) -> None:
    assert read("<itunes:image href='/1.jpg'/>").image_url == "https://example.com/1.jpg"


@pytest.mark.parametrize(
    ("content", "url"),
    [
        ("<itunes:image href=''/><itunes:image href='a.jpg'/><media:thumbnail url='b.jpg'/>", "a.jpg"),
        ("<media:thumbnail url='b.jpg'/><itunes:image href='a.jpg'/>", "a.jpg"),
        ("<media:group><media:thumbnail url='b.jpg'/></media:group>", "b.jpg"),
        ("<itunes:image>c.jpg</itunes:image>", None),
    ],
)
def test_the_picture_of_itunes_comes_before_a_thumbnail(content: str, url: str | None) -> None:
    assert item(content, LOCAL).image_url == url


@pytest.mark.parametrize(
    ("content", "author"),
    [
        ("<itunes:author> Ada\n Lovelace </itunes:author>", "Ada Lovelace"),
        ("<author>ada@example.com (Ada)</author>", "ada@example.com (Ada)"),
        ("<author>ada@example.com</author><itunes:author>Ada</itunes:author>", "Ada"),
        ("<itunes:author>Ada</itunes:author><author>ada@example.com</author>", "Ada"),
        ("<dc:creator>Ada</dc:creator>", "Ada"),
        ("<author/>", None),
    ],
)
def test_the_author_is_the_one_that_itunes_shows(content: str, author: str | None) -> None:
    assert item(content).author == author


@READERS
def test_the_subtitle_and_the_title_of_itunes_are_read(read: Any) -> None:
    assert read("<itunes:subtitle>In &lt;b&gt;short&lt;/b&gt;</itunes:subtitle>").subtitle == "In short"
    if read is not lenient_item:  # feedparser drops it
        assert read("<itunes:title>Title</itunes:title>").title == "Title"
    assert read("<itunes:title>Other</itunes:title><title>Title</title>").title == "Title"
