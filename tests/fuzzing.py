"""Feeds damaged in every way we could think of; run by itself (``python -m tests.fuzzing 5000``) it measures what they cost.

In a process of its own, since the peak of a process's memory tells nothing where other tests have been before. With a number
as second argument the cases are others, and with ``shared`` as the last they are made of the real feeds of that folder.
"""

import dataclasses
import datetime as dt
import faulthandler
import json
import math
import random
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import hypothesis
import psutil
from hypothesis import strategies as st

from podcast_assets.feeds.parse import parse
from podcast_assets.feeds.reader import MOST_OF_A_KIND, FeedError
from podcast_assets.sources import is_remote
from tests.conftest import ROOT, SHARED
from tests.memory import peak_kb
from tests.parsing import ADDRESS, LOCAL, atom, everything, feeds_of, rss

LARGEST = 40_000  # bytes of a real feed that is damaged: the many small ones have more to tell
LONGEST_S = 2
HANGS_S = 60

EPISODE = """<title>Q &amp; A – Grüße</title><itunes:title>Title</itunes:title><guid>https://example.com/1</guid>
    <link>https://example.com/1</link><pubDate>Sun, 01 Mar 2026 10:00:00 +0100</pubDate><dc:creator>Ada</dc:creator>
    <itunes:summary>In short</itunes:summary><description><![CDATA[<p>About <b>it</b> &amp; more</p>]]></description>
    <itunes:subtitle>Short</itunes:subtitle>
    <content:encoded>&lt;p&gt;Long, &lt;i&gt;long&lt;/i&gt;&lt;/p&gt;</content:encoded><category>history, war</category>
    <enclosure url="https://cdn.example/1.mp3?a=1&amp;b=2" type="audio/mpeg" length="1000"/>
    <media:group><media:content url="1.mp4" medium="video" fileSize="5"/><media:thumbnail url="1.jpg"/></media:group>
    <itunes:duration>1:02:03</itunes:duration><itunes:season>1</itunes:season><itunes:episode>2</itunes:episode>
    <itunes:explicit>clean</itunes:explicit><itunes:image href="1.jpg"/><itunes:keywords>a,b,c</itunes:keywords>
    <itunes:episodeType>Bonus</itunes:episodeType><podcast:chapters url="1.json"/><podcast:season name="x">3</podcast:season>
    <podcast:transcript url="1.vtt" type="text/vtt" language="en" rel="captions"/><podcast:transcript url="1.srt"/>
    <podcast:person role="guest" group="cast" href="/bob">Bob</podcast:person>
    <podcast:soundbite startTime="12.5" duration="30">Why</podcast:soundbite>
    <psc:chapters><psc:chapter start="0:01.5" title="Hello"/><psc:chapter start="1:00" title="Bye"/></psc:chapters>"""
SHOW = """<title>Show</title><language>en</language><ttl>60</ttl><skipHours><hour>3</hour></skipHours>
    <skipDays><day>Sunday</day></skipDays><itunes:new-feed-url>https://new.example/</itunes:new-feed-url>
    <podcast:person>Ada</podcast:person><atom:link rel="self" href="https://example.com/feed"/>"""
ENTRY = """<id>urn:1</id><title type="html">One &amp;amp; only</title><updated>2026-03-01T10:00:00Z</updated>
    <link href="/1"/><link rel="enclosure" href="1.mp3" type="audio/mpeg" length="7"/><author><name>Ada</name></author>
    <summary>it</summary><category term="a"/><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>One</p><p>Two</p></div></content>"""
OWN = (
    rss(f"<item>{EPISODE}</item>" * 3, channel=SHOW),
    atom(f"<entry>{ENTRY}</entry>" * 3, 'xml:base="https://example.com/base/"'),
    rss(f"<item>{EPISODE}</item>", channel=SHOW).decode().replace('encoding="UTF-8"', "").encode("utf-16"),
    rss(f"<item>{EPISODE}</item>").replace(b"UTF-8", b"iso-8859-1").decode().encode("windows-1252", "replace"),
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel>'
    b"<title>Show</title></channel><item><title>One</title><link>https://example.com/1</link></item></rdf:RDF>",
    *(path.read_bytes() for path in sorted(ROOT.glob("samples/feeds/*/feed.xml"))),
)
FRAGMENTS = """<item>|</item>|<entry>|</entry>|</channel>|</rss>|<guid>|</guid>|<title type='xhtml'>|<link/>|<author>|<image>
|<link>http://[x</link>|<link rel='enclosure' href='http://[x'/>|<item xml:base='http://['>|<media:content/>|<media:group>
|<psc:chapter/>|<psc:chapters>|<pubDate>9999999999</pubDate>|<pubDate>Sun, 99 Mar 99999 99:99:99 +9999</pubDate>
|<pubDate>0001-01-01T00:00:00+14:00</pubDate>|<itunes:duration>::</itunes:duration>|<itunes:duration>1e999</itunes:duration>
|<itunes:image>|<itunes:owner>|<podcast:person>|<podcast:soundbite startTime='nan' duration='inf'/>|<podcast:transcript>
|<category/>|<category term=''/>|<enclosure url='http://[::1' length='1e9'/>|<enclosure url='javascript:x' type='image'/>
|<x xmlns='http://www.w3.org/2005/Atom'>|<x xmlns:itunes=''>|<content type='application/octet-stream' mode='base64'>
|<content src='http://['/>|<cloud domain='x'/>|<source>|<georss:point>1</georss:point>|<georss:box>1 nan</georss:box>
|<gml:posList srsDimension='0'>1 2 3</gml:posList>|<creativeCommons:license>|<dc:date>|<dc:creator>|<itunes:explicit>
|&|&;|&#;|&#x;|&#0;|&#xD800;|&#x110000;|&#55357;|&lt;|&amp;amp;|&nbsp;|&unknown;|<|>|"|'|=|]]>|<![CDATA[|<!--|-->|--|<!
|<!DOCTYPE|<!DOCTYPE rss [|]>|<!ENTITY a "b">|<!ENTITY % a SYSTEM "file:///etc/hostname">|%a;|&a;|<?xml|?>
|<?xml version='1.0' encoding='utf-16'?>|<?php echo '<rss>' ?>
|\u2028|\u202e|\ufeff|\ufffe|\U0001f600|é|Ω|\x00|\x0b|\x1b[2J|\x7f|\x85""".replace("\n", "").split("|")
ENCODINGS = (
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "utf-32",
    "iso-8859-1",
    "cp1252",
    "cp1251",
    "gbk",
    "cp932",
)

Damage = Callable[[bytes, random.Random], bytes]


def flipped(body: bytes, chance: random.Random) -> bytes:
    """Some bytes are others."""
    found = bytearray(body)
    for _ in range(chance.choice((1, 3, 30)) if body else 0):
        found[chance.randrange(len(found))] = chance.choice((0, 0x26, 0x3C, 0x3E, 0x80, 0xFF, chance.randrange(256)))
    return bytes(found)


def _span(body: bytes, chance: random.Random, longest: int = 2000) -> tuple[int, int]:
    start = chance.randrange(len(body) + 1)
    return start, min(len(body), start + chance.randrange(chance.choice((3, 30, longest))))


def cut(body: bytes, chance: random.Random) -> bytes:
    """A piece is missing, or all after a place, or before it."""
    start, end = _span(body, chance)
    return chance.choice((body[:start] + body[end:], body[:start], body[start:]))


def inserted(body: bytes, chance: random.Random) -> bytes:
    """Markup, whole or in part, in any place."""
    place = chance.choice((0, len(body), body.find(b">", chance.randrange(len(body) + 1)) + 1, _span(body, chance)[0]))
    text = "".join(chance.choice(FRAGMENTS) for _ in range(chance.choice((1, 1, 2, 5))))
    return body[:place] + text.encode(chance.choice(("utf-8", "utf-8", "utf-16-le", "cp1252")), "replace") + body[place:]


def duplicated(body: bytes, chance: random.Random) -> bytes:
    """A piece, from one byte to a few elements, stands there again, once or many times."""
    start, end = _span(body, chance)
    many = min(chance.choice((1, 2, 20, 500)), 20_000 // max(1, end - start))
    return body[:end] + body[start:end] * many + body[end:]


def shuffled(body: bytes, chance: random.Random) -> bytes:
    """The pieces between tags, or those of some length, in another order."""
    glue = chance.choice((b"<", b"<", b""))
    pieces = body.split(b"<") if glue else [body[at : at + 97] for at in range(0, len(body), 97)]
    start, end = sorted(chance.randrange(len(pieces) + 1) for _ in range(2))
    middle = pieces[start:end]
    chance.shuffle(middle)
    return glue.join([*pieces[:start], *middle, *pieces[end:]])


def recoded(body: bytes, chance: random.Random) -> bytes:
    """It is in an encoding other than it says, or says another."""
    if chance.random() < 0.5:
        return body.replace(b"UTF-8", chance.choice((*ENCODINGS, "no-such", "hex", "")).encode(), 1)
    return body.decode("utf-8", "replace").encode(chance.choice(ENCODINGS), chance.choice(("replace", "xmlcharrefreplace")))


def nested(body: bytes, chance: random.Random) -> bytes:
    """Elements in each other, closed or not."""
    name, deep = chance.choice((b"a", b"item", b"title", b"div", b"psc:chapters", b"rss")), chance.choice((5, 90, 120, 3000))
    place = body.find(b">", chance.randrange(len(body) + 1)) + 1
    return body[:place] + b"<%s>" % name * deep + b"</%s>" % name * chance.choice((0, deep)) + body[place:]


def swollen(body: bytes, chance: random.Random) -> bytes:
    """An attribute, a text, white space without end; or attributes, keywords, namespaces without end."""
    n = chance.choice((100, 5_000, 50_000))
    word = chance.choice(
        (b"a", b" ", b"\n", b"&", b"<", b"a@", b"1", b"1:", b"../", b"a,", b"&lt;", b"\0", b"\xc3\xa9", b"%", b"(", b".")
    )
    names = b"".join(b" %s%d='x'" % (chance.choice((b"a", b"xmlns:a")), number) for number in range(n // 100))
    place = body.find(b">", chance.randrange(len(body) + 1)) + 1
    huge = (b"<enclosure url='%s'/>" % (word * n), word * n, b"<x%s/>" % names, b"<pubDate>%s</pubDate>" % (word * n))
    return body[:place] + chance.choice(huge) + body[place:]


def declared(body: bytes, chance: random.Random) -> bytes:
    """It declares entities, and uses them."""
    value = chance.choice(("x" * 1000, "&b;" * 50, "&a;", "<item/>", "&#60;item>", "%p;"))
    kind = chance.choice(("a", "% p", "nbsp", "amp", "lt"))
    entities = f'<!ENTITY b "{"y" * 1000}"><!ENTITY {kind} "{value}"><!ENTITY c SYSTEM "file:///etc/hostname">'
    place = max(body.find(b"<rss"), body.find(b"<feed"), 0)
    body = body[:place] + f"<!DOCTYPE rss [{entities}]>".encode() + body[place:]
    return body.replace(
        b"<title>", b"<title>" + chance.choice((b"&a;", b"&b;", b"&c;", b"%p;")) * chance.choice((1, 500)), 3
    )


def holed(body: bytes, chance: random.Random) -> bytes:
    """NULs."""
    place = _span(body, chance)[0]
    return chance.choice(
        (body[:place] + b"\0" * chance.choice((1, 2, 999)) + body[place:], body.replace(b" ", b"\0"), body[1:])
    )


DAMAGES: tuple[Damage, ...] = (
    flipped, flipped, cut, inserted, inserted, inserted, duplicated, shuffled, recoded, nested, swollen, declared, holed,
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Case:
    """A document, where it is from, and what the server says it is in."""

    body: bytes
    address: str
    charset: str | None

    def __repr__(self) -> str:
        return f"Case({self.body[:3000]!r}{'...' if len(self.body) > 3000 else ''}, {self.address!r}, {self.charset!r})"


def cases(feeds: Sequence[bytes]) -> st.SearchStrategy[Case]:
    """One of the feeds with some damages, one after the other."""

    def damaged_feed(feed: int, damages: list[tuple[Damage, int]], address: str, charset: str | None) -> Case:
        body = feeds[feed]
        for damage, seed in damages:
            body = damage(body, random.Random(seed))[:500_000]
        return Case(body, address, charset)

    damages = st.lists(st.tuples(st.sampled_from(DAMAGES), st.integers(0, 2**32)), min_size=1, max_size=6)
    charsets = st.sampled_from((None, None, None, "utf-8", "iso-8859-1", "windows-1251", "gbk", "no-such"))
    return st.builds(damaged_feed, st.integers(0, len(feeds) - 1), damages, st.sampled_from((ADDRESS, LOCAL)), charsets)


def check(case: Case) -> int:
    """Reads the case and all that it says; the number of its episodes, -1 where it is refused.

    Raises:
        AssertionError: it took too long, or a value is none that any value may be.
    """
    started = time.process_time()
    try:
        feed = parse(case.body, case.address, case.charset)
    except FeedError as error:
        assert str(error).startswith("not a feed"), str(error)
        assert "\n" not in str(error)
        found = -1
    else:
        assert feed.new_feed_url is None or is_remote(feed.new_feed_url)
        for item in feed.items:
            said = everything(item)
            str(said).encode()  # no halves of surrogate pairs
            assert said["guid"]
            assert item.published_at is None or item.published_at.tzinfo is dt.UTC
            assert item.link is None or is_remote(item.link)
            assert all(len(value) <= MOST_OF_A_KIND for value in said.values() if isinstance(value, tuple))
            numbers = [value for value in said.values() if isinstance(value, int | float)]
            numbers += [number for bite in item.soundbites for number in (bite.start_s, bite.duration_s)]
            assert all(math.isfinite(number) and 0 <= number <= 10**12 for number in numbers)
        found = len(feed.items)
    spent = time.process_time() - started
    assert spent < LONGEST_S, f"{spent:.1f} s for {len(case.body)} bytes"
    return found


def seeds(shared: Path | None) -> Sequence[bytes]:
    """The feeds that are damaged: our own, or the real ones of the folder."""
    if shared is None:
        return OWN
    return [body for path in feeds_of(shared) if len(body := path.read_bytes()) <= LARGEST]


def main() -> None:
    """Tries as many cases as the first argument says, and prints as JSON what came out and what it cost."""
    many, others = int(sys.argv[1]), [argument for argument in sys.argv[2:] if argument.isdigit()]
    feeds = seeds(SHARED if "shared" in sys.argv else None)
    outcomes = {"cases": 0, "refused": 0, "without episodes": 0, "with episodes": 0}
    slowest = 0.0

    @hypothesis.settings(
        max_examples=many,
        derandomize=not others,
        database=None,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.generate],  # to find the smallest case that is slow takes many that are
    )
    @hypothesis.given(cases(feeds))
    def try_it(case: Case) -> None:
        nonlocal slowest
        faulthandler.dump_traceback_later(HANGS_S, exit=True)
        started = time.process_time()
        found = check(case)
        slowest = max(slowest, time.process_time() - started)
        outcomes["cases"] += 1
        outcomes["refused" if found < 0 else "with episodes" if found else "without episodes"] += 1

    for warm in feeds[:3]:  # what is imported and cached at the first use
        check(Case(warm + b"<", ADDRESS, None))
    before = psutil.Process().memory_info().rss
    started = time.monotonic()
    (hypothesis.seed(int(others[0]))(try_it) if others else try_it)()
    faulthandler.cancel_dump_traceback_later()
    grown = (peak_kb() - before) / 2**10
    cost = {"grown_mb": round(grown), "slowest_s": round(slowest, 2), "took_s": round(time.monotonic() - started)}
    print(json.dumps(outcomes | cost))


if __name__ == "__main__":
    main()
