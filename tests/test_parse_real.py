"""Real, hostile and hand-made feeds of a folder that is no part of the project: every file gives its episodes or is refused.

Each is counted by a reading of its own, and compared with what others expect of it and with what feedparser gives.
"""

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import feedparser
import pytest

from podcast_assets.feeds import parse as parsing
from podcast_assets.feeds import values
from podcast_assets.feeds.parse import Feed, Item, parse
from podcast_assets.feeds.reader import FeedError, NotWellFormedError
from podcast_assets.feeds.repair import repaired
from podcast_assets.sources import absolute
from tests.parsing import ADDRESS, LOCAL, everything, feeds_of, moment

NO_FEED = {  # what lies among them and is none, with what it is
    "feedparser/illformed__rss_empty_document.xml": "no element found",
    "miniflux/xml__testdata__iso88591.xml": "<note>",
    "miniflux/xml__testdata__iso88591_utf8_mismatch.xml": "<note>",
    "podcast_namespace/podcast-example.xml": "<test-wrapper>",
    "rss_parser_input/unrecognized.rss": "<head>",
}
OTHER_COUNT = {  # items that are none of the feed's, or that stand where no feed has them
    "antennapod/feed-rss-testUnsupportedElements.xml": (2, 1, "one stands in an element that nobody knows"),
    "fastfeedparser/malformed_rss_namespaced.xml": (2, 0, "the prefix 'rss' is declared nowhere, the root has none"),
    "feedparser/encoding__bozo_encoding_mismatch_crash.xml": (1, 0, "it stands outside of a channel"),
    "feedparser/encoding__encoding_attribute_crash.xml": (1, 0, "it stands outside of a channel"),
    "feedparser/encoding__encoding_attribute_crash_2.xml": (1, 0, "it stands outside of a channel"),
}
OTHER_TEXT = {  # an encoding that is named nowhere: it could be guessed alone
    f"feedparser/illformed__chardet__{name}.xml"
    for name in ("big5", "eucjp", "euckr", "gb2312", "koi8r", "shiftjis", "tis620", "windows1255")
}


def read(path: Path, address: str = ADDRESS) -> Feed | None:
    try:
        return parse(path.read_bytes(), address)
    except FeedError:
        return None


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def counted(body: bytes) -> int:
    """The items of a document, by nothing but their tags: all markup is ASCII, or ASCII and NULs."""
    text = body.replace(b"\0", b"").decode("latin-1")
    text = re.sub(r"<!--.*?-->|<!\[CDATA\[.*?\]\]>", "", text, flags=re.DOTALL)
    return len(re.findall(r"<(?:[\w.]+:)?(?:item|entry)(?=[\s/>])", text))


def test_every_file_gives_the_episodes_that_its_tags_count_or_is_refused(shared: Path) -> None:
    """Shows a line a file (``pytest -rP``)."""
    outcomes: dict[str, tuple[int, int | str]] = {}
    for path in feeds_of(shared):
        body, name = path.read_bytes(), name_of(path)
        try:
            found = parse(body, ADDRESS).items
            for item in found:
                everything(item)
            outcomes[name] = (counted(body), len(found))
        except FeedError as error:
            outcomes[name] = (counted(body), str(error))
    print(f"\n{'file':80} items  outcome")
    for name, (tags, outcome) in outcomes.items():
        print(f"{name:80} {tags:5}  {outcome if isinstance(outcome, str) else f'{outcome} episodes'}")

    refused = {name: outcome for name, (_, outcome) in outcomes.items() if isinstance(outcome, str)}
    assert refused.keys() == NO_FEED.keys()
    assert all(NO_FEED[name] in outcome for name, outcome in refused.items())
    read_otherwise = {name: (tags, outcome) for name, (tags, outcome) in outcomes.items() if tags != outcome}
    assert read_otherwise.keys() - refused.keys() == OTHER_COUNT.keys()
    assert all(read_otherwise[name] == (tags, found) for name, (tags, found, _) in OTHER_COUNT.items())
    assert sum(outcome for _, outcome in outcomes.values() if isinstance(outcome, int)) > 2000


def test_a_document_of_another_kind_is_refused_and_nothing_else_happens(shared: Path) -> None:
    """What lies beside the feeds: JSON, transcripts, lists of subscriptions, sound."""
    others = [*(shared / "data" / "feeds").rglob("*.json")]
    for folder in ("opml", "transcript_formats", "audio"):
        others += [path for path in (shared / "data" / folder).rglob("*") if path.is_file() and path.stat().st_size < 10**6]
    assert len(others) > 150
    for path in others:
        with pytest.raises(FeedError):
            parse(path.read_bytes(), ADDRESS)


# --- Well-formed or not, it is the same episode.


def test_an_episode_is_the_same_whether_its_feed_is_well_formed_or_not(shared: Path) -> None:
    """A stray ampersand in one title must not make the whole back catalogue new."""
    differing = set()
    compared = 0
    for path in feeds_of(shared):
        body = path.read_bytes()
        if len(body) > 300_000:
            continue
        try:
            strict = parsing._strict(body, "", None).items
        except (NotWellFormedError, FeedError):
            continue  # feeds that are not well-formed are no subject here
        lenient = parsing._lenient(repaired(body), "", ValueError()).items
        compared += len(strict)
        ours = [(each.guid, each.title, each.published_at, each.enclosure_url) for each in strict]
        theirs = [(each.guid, each.title, each.published_at, each.enclosure_url) for each in lenient]
        if not set(ours) <= set(theirs):
            differing.add(path.name)
    assert compared > 500
    assert differing == {
        "permalink.rss",  # feedparser resolves a GUID against an explicit base
        "reddit-home.rss",
        "wellformed__psc__rss2.0simplechapter.xml",  # RSS with Atom's names, which feedparser takes for its own
        "wellformed__media-rss__item_media_title1.xml",  # the media's title, which it takes for the episode's
        "wellformed__media-rss__item_media_title_type_plain.xml",
    }


# --- What others expect.

DROPPED = {
    "max_episodes": 2,
    "no_enclosure": 3,
    "no_title_multi_enclosure": 1,
    "no_url": 1,
}  # by podcastparser, or by its option


def test_the_number_of_episodes_is_the_one_that_podcastparser_expects(shared: Path) -> None:
    folder = shared / "data" / "feeds" / "podcastparser"
    expected = {path.stem: json.loads(path.read_text()) for path in folder.glob("*.json") if ".param" not in path.name}
    assert len(expected) == 70
    found = {name: parse((folder / f"{name}.rss").read_bytes(), ADDRESS) for name in expected}
    counts = {name: len(feed.items) for name, feed in found.items()}
    assert counts == {name: len(feed["episodes"]) for name, feed in expected.items()} | DROPPED


def test_what_podcastparser_expects_of_the_episodes_is_what_we_find(shared: Path) -> None:
    folder = shared / "data" / "feeds" / "podcastparser"
    compared = 0
    for path in sorted(folder.glob("*.json")):
        if ".param" in path.name or path.stem in DROPPED:
            continue
        expected = sorted(json.loads(path.read_text())["episodes"], key=lambda episode: str(episode["title"]))
        found = sorted(parse(path.with_suffix(".rss").read_bytes(), LOCAL).items, key=lambda episode: episode.title)
        for theirs, ours in zip(expected, found, strict=True):
            if ours.title:  # it makes one of the file's name
                assert ours.title == theirs["title"], path.name
            published = int(ours.published_at.timestamp()) if ours.published_at else 0
            assert published == theirs["published"], path.name
            assert (ours.duration_s or 0) == theirs["total_time"], path.name
            files = {each["url"].removeprefix("file://tests/data/") for each in theirs["enclosures"]}
            assert {each.url for each in ours.enclosures} >= files, path.name
            if theirs.get("transcript_url"):
                assert theirs["transcript_url"] in {each.url for each in ours.transcripts}, path.name
            chapters = [chapter["start"] for chapter in theirs.get("chapters", ())]
            assert [int(chapter.start_s) for chapter in ours.chapters] == chapters, path.name
            numbers = {"number": ours.episode, "season": ours.season, "type": ours.episode_type, "explicit": ours.explicit}
            assert {key: numbers[key] for key in numbers if key in theirs} == {
                key: theirs[key] for key in numbers if key in theirs
            }, path.name
            compared += 1
    assert compared > 40


def expectations(shared: Path) -> Iterator[tuple[str, Path, list[dict[str, Any]]]]:
    """Of two other parsers: the file, and what it expects of each episode under the names of ours."""
    feeds = shared / "data" / "feeds"
    for path in sorted((feeds / "rss_parser_expected").glob("*.json")):
        (source,) = (feeds / "rss_parser_input").glob(f"{path.stem}.*")
        items = json.loads(path.read_bytes().decode(errors="replace"))["feed"]["items"]
        yield (
            path.stem,
            source,
            [
                {
                    "guid": each.get("guid") or each.get("id"),
                    "title": each.get("title") if isinstance(each.get("title"), str) else None,
                    "published_at": each.get("isoDate"),
                    "link": each.get("link"),
                    "enclosure_url": each.get("enclosure", {}).get("url"),
                    "duration_s": each.get("itunes", {}).get("duration"),
                    "episode_type": each.get("itunes", {}).get("episodeType"),
                }
                for each in items
            ],
        )
    for path in sorted((feeds / "fastfeedparser").glob("*.json")):
        source = path.with_suffix(".xml")
        if source.exists() and name_of(source) not in OTHER_COUNT:
            entries = json.loads(path.read_text())["entries"]
            keys = {"title": "title", "published_at": "published", "link": "link"}
            yield path.stem, source, [{ours: each.get(theirs) for ours, theirs in keys.items()} for each in entries]


def test_what_two_other_parsers_expect_is_what_we_find(shared: Path) -> None:
    compared = 0
    for name, source, expected in expectations(shared):
        found = parse(source.read_bytes(), ADDRESS).items
        for ours, theirs in zip(found, expected, strict=True):
            said = {key: value for key, value in theirs.items() if value and "\ufffd" not in value}  # it lost some letters
            for key, read_it in (
                ("guid", values.sound),
                ("title", values.plain),
                ("published_at", values.moment),
                ("duration_s", values.duration),
            ):
                if key in said:
                    said[key] = read_it(said[key])
            if "link" in said:
                said["link"] = absolute(said["link"].strip(), ADDRESS)
            facts = {key: getattr(ours, key) for key in said}
            if "title" in facts:
                facts["title"] = values.plain(facts["title"])
            assert facts == said, name
            compared += len(said)
    assert compared > 1900


# --- What feedparser gives.

ATOM_IN_RSS = "feedparser/wellformed__psc__rss2.0simplechapter.xml"
MEDIA_TITLE = "feedparser/wellformed__media-rss__item_media_title"
NOT_DROPPED = {  # (file, what): the reason why it differs
    ("antennapod/feed-atom-testAtomBasic.xml", "published_at"): "the first second of 1970 is no date",
    ("antennapod/feed-atom-testEmptyRelLinks.xml", "published_at"): "the first second of 1970 is no date",
    ("antennapod/feed-rss-testRss2Basic.xml", "published_at"): "the year 70 is 1970 (RFC 2822), and not 2070",
    ("podcastparser/permalink.rss", "guid"): "feedparser resolves a permanent link, and we keep a GUID as it is",
    ("rss_parser_input/reddit-home.rss", "guid"): "feedparser resolves a permanent link, and we keep a GUID as it is",
    ("fastfeedparser/fwrarejazzvinylcollector.xml", "enclosures"): "feedparser reads attributes of the show's namespaces",
    ("podcastparser/permalink.rss", "link"): "an address that is not absolute is a GUID and no page",
    ("feedparser/wellformed__psc__ignore_multiple_psc_chapters.xml", "chapters"): "of two lists of chapters we keep both",
    (f"{MEDIA_TITLE}1.xml", "title"): "the title of a file is none of the episode's",
    (f"{MEDIA_TITLE}_type_plain.xml", "title"): "the title of a file is none of the episode's",
    **dict.fromkeys(
        [(ATOM_IN_RSS, what) for what in ("guid", "link", "published_at", "enclosures", "summary")],
        "RSS with the names of Atom's elements and not their namespace",
    ),
}


def differences(entry: Any, item: Item) -> Iterator[str]:
    """What feedparser gives of an episode and we do not."""
    if entry.get("id") and values.sound(entry.id) != item.guid:
        yield "guid"
    if entry.get("title") and values.plain(entry.title) != values.plain(item.title):
        yield "title"
    date = entry.get("published_parsed") or dict.get(entry, "updated_parsed")
    if date and (not item.published_at or item.published_at.replace(microsecond=0) != moment(*date[:6])):
        yield "published_at"
    link = entry.get("link", "").strip()
    if link.startswith(("http", "/")) and absolute(link, ADDRESS) != item.link:
        yield "link"
    files = [each.get("href") for each in entry.get("enclosures", ())]
    files += [each.get("url") for each in entry.get("media_content", ())]
    if not {absolute(each.strip(), ADDRESS) for each in files if each} <= {each.url for each in item.enclosures}:
        yield "enclosures"
    if values.duration(entry.get("itunes_duration")) != item.duration_s:
        yield "duration_s"
    transcript = entry.get("podcast_transcript")
    if transcript and absolute(transcript["url"], ADDRESS) not in {each.url for each in item.transcripts}:
        yield "transcripts"
    if values.plain(entry.get("summary")) and not item.summary:
        yield "summary"
    for key, ours in (("itunes_season", item.season), ("itunes_episode", item.episode)):
        if entry.get(key) and values.count(entry[key]) != ours:
            yield key
    if entry.get("author") and not item.author:
        yield "author"
    chapters = entry.get("psc_chapters", {}).get("chapters", ())
    if len(chapters) != len(item.chapters):
        yield "chapters"


def test_nothing_is_dropped_that_feedparser_gives(shared: Path) -> None:
    found = set()
    entries = 0
    for path in feeds_of(shared):
        feed, name = read(path), name_of(path)
        if feed is None or name in OTHER_TEXT or name in OTHER_COUNT:
            continue
        other = feedparser.parse(io.BytesIO(path.read_bytes()), sanitize_html=False, resolve_relative_uris=False)
        for entry, item in zip(other.entries, feed.items, strict=True):
            found |= {(name, what) for what in differences(entry, item)}
            entries += 1
    assert found == NOT_DROPPED.keys()
    assert entries > 2000


def test_a_feed_of_megabytes_is_read_whole(shared: Path) -> None:
    large = [path for path in feeds_of(shared) if path.stat().st_size > 10**6]
    assert large
    for path in large:
        body = path.read_bytes()
        found = parse(body, ADDRESS).items
        assert len(found) == counted(body) > 300
        assert len({each.guid for each in found}) == len(found)
        for each in found:
            assert each.title
            assert each.published_at
            assert each.enclosure_url
            assert each.enclosure_bytes
            assert each.duration_s
            assert each.summary
