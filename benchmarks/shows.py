"""Feeds of podcasts that do not exist, like those of the world in what costs time: how many episodes, how much text.

Of the 609,000 shows in Apple's directory in December 2018, 13 % had one episode, 26 % at most three, and a little more than
half at most ten (counted by Daniel J. Lewis of The Audacity to Podcast): a log-normal distribution with the median 10 and
the spread below fits all three. Hosts cut long feeds; ours end at 300 episodes. An episode has 3.2 kB, of which most is
HTML; real feeds of large hosts have 2 to 7 kB an episode.
"""

import datetime as dt
import random

MEDIAN_EPISODES = 10
SPREAD = 1.65  # of the logarithm
MOST_EPISODES = 300
WORDS = """
harbour lantern copper meadow signal orchard ledger winter bridge granite kettle sparrow timber canvas violet
anchor window thunder pocket marble garden rocket saddle needle velvet engine pepper castle island mirror
bottle summer listens builds carries opens measures returns follows repairs gathers explains because although
while until under over
""".split()  # noqa: SIM905 - easier to read than a list of strings
NEWEST = dt.datetime(2026, 3, 6, 5, tzinfo=dt.UTC)

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:atom="http://www.w3.org/2005/Atom"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:podcast="https://podcastindex.org/namespace/1.0">
<channel><title>{title}</title><link>https://shows.example/{show}</link><language>en</language><description>{text}</description>
<atom:link href="https://shows.example/{show}/feed.xml" rel="self" type="application/rss+xml"/>
<itunes:author>{title}</itunes:author><itunes:type>episodic</itunes:type><itunes:explicit>false</itunes:explicit>
<itunes:category text="Science"/><itunes:image href="https://shows.example/{show}/cover.jpg"/>
"""
ITEM = """<item><title>{number}: {title}</title><link>https://shows.example/{show}/{number}</link>
<guid isPermaLink="false">{show}-{number}</guid><pubDate>{date}</pubDate>
<description><![CDATA[<p>{text}</p>]]></description><content:encoded><![CDATA[{notes}]]></content:encoded>
<enclosure url="https://media.example/{show}/{number}.mp3?source=feed" length="{size}" type="audio/mpeg"/>
<itunes:duration>{duration}</itunes:duration><itunes:episode>{number}</itunes:episode><itunes:episodeType>full</itunes:episodeType>
<itunes:image href="https://shows.example/{show}/{number}.jpg"/><itunes:explicit>false</itunes:explicit>
<podcast:transcript url="https://media.example/{show}/{number}.vtt" type="text/vtt"/></item>
"""


def feed(show: int, more: int = 0) -> bytes:
    """The feed of a show by its number, with ``more`` episodes that are newer than all it had at first."""
    chance = random.Random(show)
    episodes = max(1, min(MOST_EPISODES, round(chance.lognormvariate(0, SPREAD) * MEDIAN_EPISODES)))
    head = HEAD.format(show=show, title=_words(chance, 4).title(), text=_words(chance, 40))
    items = []
    for number in range(episodes + more, 0, -1):
        own = random.Random(f"{show} {number}")
        date = NEWEST - dt.timedelta(days=3 * (episodes - number)) if number <= episodes else NEWEST
        links = "".join(f'<li><a href="https://links.example/{own.random()}">{_words(own, 4)}</a></li>' for _ in range(8))
        notes = "".join(f"<p>{_words(own, 60)}</p>" for _ in range(3)) + f"<ul>{links}</ul>"
        items.append(
            ITEM.format(
                show=show,
                number=number,
                title=_words(own, 6).capitalize(),
                date=f"{date:%a, %d %b %Y %H:%M:%S} +0000",
                text=_words(own, 45),
                notes=notes,
                size=own.randrange(10**7, 10**8),
                duration=own.randrange(600, 6000),
            )
        )
    return (head + "".join(items) + "</channel></rss>\n").encode()


def _words(chance: random.Random, count: int) -> str:
    return " ".join(chance.choices(WORDS, k=count))
