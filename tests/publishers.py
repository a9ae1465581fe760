"""Publishers for the tests that poll for a year: what they put online, what they do to it later, and how their servers fail.

A publisher knows which of its episodes it has shown to whom, and so does the test: each episode bears its number in the size
of its audio, which no change touches.
"""

import dataclasses
import datetime as dt
import email.utils
import random
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from podcast_assets.hashing import sha256

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
FIRST_SIZE = 10_000_000


@dataclasses.dataclass
class Episode:
    """One episode as it is shown now."""

    number: int
    guid: str | None
    title: str
    date: dt.datetime | None
    is_shown: bool = True


@dataclasses.dataclass(frozen=True)
class Answer:
    """What one request got: numbers of whole episodes, and of one that may have been cut off; the dates they bore."""

    is_success: bool
    whole: dict[int, dt.datetime | None]
    torn: dict[int, dt.datetime | None]


class Publisher:
    """A tidy show: GUIDs that stay, a new episode every few days, the newest ten in the feed."""

    every, newest, has_etag, undated = 3 * DAY, 10, True, 0.05

    def __init__(self, seed: str, start: dt.datetime) -> None:
        self.chance = random.Random(seed)
        self.name, self.moves = seed, 0
        self.episodes: list[Episode] = []
        self.next_at = start - 40 * DAY
        self.down_until = start
        self.asked: list[Answer] = []
        self.now = start
        self.live(start)

    # --- What it does as time goes by.

    def live(self, now: dt.datetime) -> None:
        """All that happens until ``now``."""
        while self.next_at <= now:
            self.now = self.next_at
            self.publish()
            self.next_at += self.every * self.chance.uniform(0.5, 1.5)
        self.now = now
        self.edit()

    def publish(self) -> None:
        """Puts a new episode online; now and then its date is missing, in the future, or days ago."""
        number = len(self.episodes)
        date = self.now
        match self.chance.randrange(12):
            case 0:
                date += self.chance.uniform(0, 30) * HOUR
            case 1:
                date -= self.chance.uniform(0, 9) * DAY
        shown = None if self.chance.random() < self.undated else date.replace(microsecond=0)
        self.episodes.append(Episode(number, self.guid(number), self.title(number), shown))

    def edit(self) -> None:
        """Now and then an old episode is dated anew, gets another title, goes away or comes back."""
        old = self.chance.choice(self.episodes)
        match self.chance.randrange(10):
            case 0:
                self.redate(old)
            case 1:
                self.retitle(old)
            case 2:
                old.is_shown = not old.is_shown

    def retitle(self, old: Episode) -> None:
        old.title = f"{old.title} (again)"

    def redate(self, old: Episode) -> None:
        if old.date:
            old.date = (old.date + self.chance.choice([-1, 1, 30]) * DAY * self.chance.random()).replace(microsecond=0)

    def guid(self, number: int) -> str | None:
        return f"{self.name}-{self.moves}-{number}"

    def title(self, number: int) -> str:
        return f"Episode {number}"

    def audio(self, number: int) -> str:
        return f"https://cdn{self.moves}.example/{self.name}/{self.moves}/{number}.mp3"

    # --- What its server answers.

    def __call__(self, handler: Any) -> Any:
        """The page of the fixture ``web``."""
        if self.now < self.down_until:
            self.asked.append(Answer(False, {}, {}))
            return self.chance.choice([500, 502, 404]), {}, b"<html>Sorry</html>"
        shown = [each for each in self.episodes if each.is_shown][-self.newest :][::-1]
        dates = {each.number: each.date for each in shown}
        etag = sha256("".join(f"{each}" for each in shown))
        if self.has_etag and handler.headers["If-None-Match"] == etag:
            self.asked.append(Answer(True, {}, {}))
            return 304, {"ETag": etag}, b""
        body, torn = self.broken(f"<rss version='2.0'><channel><title>{self.name}</title>", list(map(self.item, shown)))
        gone = [each.number for each in shown if f"length='{FIRST_SIZE + each.number}'" not in body or each.number == torn]
        whole = {number: date for number, date in dates.items() if number not in gone}
        is_feed = body.startswith("<rss")
        self.asked.append(Answer(is_feed, whole if is_feed else {}, {number: dates[number] for number in gone}))
        return 200, {"ETag": etag} if self.has_etag and not gone else {}, body.encode()

    def item(self, episode: Episode) -> str:
        parts = [
            f"<title>{escape(episode.title)}</title>",
            f"<guid isPermaLink='false'>{escape(episode.guid)}</guid>" if episode.guid else "",
            f"<pubDate>{email.utils.format_datetime(episode.date)}</pubDate>" if episode.date else "",
            f"<enclosure url={quoteattr(self.audio(episode.number))} length='{FIRST_SIZE + episode.number}'/>",
        ]
        return f"<item>{''.join(parts)}<description>{'About it. ' * 5}</description></item>"

    def broken(self, head: str, items: list[str]) -> tuple[str, int | None]:
        """The document, on some days not well-formed; with the number of an episode that it breaks off in."""
        whole = head + "".join(items) + "</channel></rss>"
        match self.chance.randrange(18):
            case 0:
                return whole.replace("About it.", "Q & A, a < b &nbsp;"), None
            case 1:
                return whole.replace("About it.", "<b><i>About</b>", 1).replace("</channel>", ""), None
            case 2:
                return f"<html><body>{self.name} is moving</body></html>", None
            case 3 if len(items) > 1:  # the lenient reader takes the second for a part of the first
                return whole.replace("</description>", "", 1), number_in(items[1])
            case 4:
                start = len(head) + len("".join(items[:-1]))
                return whole[: self.chance.randrange(start, start + len(items[-1]))], number_in(items[-1])
        return whole, None


def number_in(item: str) -> int:
    """Which episode an item is."""
    return int(item.partition("length='")[2].partition("'")[0]) - FIRST_SIZE


class Daily(Publisher):
    """A show with a new episode each day, which is then left as it is."""

    every = DAY

    def edit(self) -> None:
        """Nothing."""


class Mover(Publisher):
    """A show with a token in each address, which changes at each request, and which moves to other hosts now and then.

    It changes no title and no date: of what has been changed so, nothing would be left to recognise after a move.
    """

    every, undated = 2 * DAY, 0.0

    def edit(self) -> None:
        hidden = self.chance.choice(self.episodes)
        hidden.is_shown = not hidden.is_shown
        if self.chance.random() < 0.015:
            self.moves += 1
            for each in self.episodes:
                each.guid = self.guid(each.number)

    def audio(self, number: int) -> str:
        return f"{super().audio(number)}?token={self.chance.randrange(10**9)}"


class Script(Publisher):
    """A show without GUIDs whose audio all comes from one script."""

    every, has_etag = DAY, False

    def guid(self, number: int) -> str | None:
        return None

    def audio(self, number: int) -> str:
        return f"https://cdn.example/play.php?show={self.name}&id={number}"


class Bulletin(Publisher):
    """News that are always called the same, at an address that is always the same; only the newest is there."""

    every, newest, has_etag = DAY / 3, 1, False

    def title(self, number: int) -> str:
        return "News"

    def audio(self, number: int) -> str:
        return "https://cdn.example/latest.mp3"

    def edit(self) -> None:
        """Never: who cares for the news of yesterday."""


class Muddle(Publisher):
    """A show with one GUID for all, or with new ones at each request: each episode keeps its title or its date."""

    every, has_etag = 2 * DAY, False

    def guid(self, number: int) -> str | None:
        return "podcast"

    def redate(self, old: Episode) -> None:
        if old.number % 2:
            super().redate(old)

    def retitle(self, old: Episode) -> None:
        if old.number % 2 == 0:
            super().retitle(old)

    def item(self, episode: Episode) -> str:
        if self.now.month % 2:
            return super().item(dataclasses.replace(episode, guid=f"{self.chance.random()}"))
        return super().item(episode)


SHOWS: tuple[type[Publisher], ...] = (Publisher, Mover, Script, Bulletin, Muddle)
