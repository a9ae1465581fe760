"""What the tests of identity share: episodes, what happens to them, and the log of one feed that is polled."""

import dataclasses
import datetime as dt
from collections.abc import Callable, Sequence

from podcast_assets.feeds.identity import UNTITLED, History, Seen, recognise

FEED_ID = "f" * 12
T0 = dt.datetime(2026, 3, 2, 6, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@dataclasses.dataclass(frozen=True)
class Episode:
    """An item of a feed, as far as it matters here."""

    guid: str
    title: str
    published_at: dt.datetime | None
    enclosure_url: str | None
    enclosure_bytes: int | None


def episode(n: int, **values: object) -> Episode:
    """The nth episode of a well-made feed, or one that differs from it."""
    made = Episode(f"guid-{n}", f"Episode {n}", T0 + n * DAY, f"https://cdn.example/show/{n}.mp3", 10_000_000 + n)
    return dataclasses.replace(made, **values)  # type: ignore[arg-type]


Change = Callable[[Episode], Episode]


class Log:
    """The log of one feed, and its polls."""

    def __init__(self, *first: Sequence[Episode]) -> None:
        self.seen: list[Seen] = []
        self.aliases: list[tuple[str, str]] = []
        for document in first:
            self.poll(document)

    def poll(self, document: Sequence[Episode]) -> list[Episode]:
        """Logs what is new in a document as the log has it, and gives it in the order of dates."""
        found = recognise(FEED_ID, document, History(self.seen, self.aliases))
        for identity, item in found.new.items():
            title = item.title or UNTITLED
            self.seen.append(Seen(identity, item.guid, title, item.published_at, item.enclosure_url, item.enclosure_bytes))
        self.aliases += found.aliases.items()
        assert len({each.episode_id for each in self.seen}) == len(self.seen), "two episodes have one identity"
        again = recognise(FEED_ID, document, History(self.seen, self.aliases))
        assert not again.new, "the same document once more is not news"
        new = set(map(id, found.new.values()))
        return sorted((item for item in document if id(item) in new), key=lambda item: (item.published_at or T0, item.title))


def document(*numbers: int, change: Change = lambda item: item) -> list[Episode]:
    """A feed of these episodes, each of them changed."""
    return [change(episode(n)) for n in numbers]


# --- What happens to an episode, and mostly to a whole feed at once.


def elsewhere(item: Episode) -> Episode:
    return dataclasses.replace(item, enclosure_url=f"https://other.example/{item.title[8:]}/audio.mp3", enclosure_bytes=7)


def token(name: str) -> Change:
    return lambda item: dataclasses.replace(item, enclosure_url=f"{item.enclosure_url}?token={name}-{item.guid}")


def reguided(item: Episode, name: object = "new") -> Episode:
    return dataclasses.replace(item, guid=f"{name}-{item.guid}")


def by_script(item: Episode) -> Episode:
    return dataclasses.replace(item, enclosure_url=f"https://cdn.example/play.php?file={item.enclosure_url}")


def without_guid(item: Episode) -> Episode:
    return dataclasses.replace(item, guid=(item.enclosure_url or "").partition("?")[0])


def one_guid(item: Episode) -> Episode:
    return dataclasses.replace(item, guid="podcast")


def insecure(item: Episode) -> Episode:
    return dataclasses.replace(item, enclosure_url=(item.enclosure_url or "").replace("https:", "http:"))


def a_day_later(item: Episode) -> Episode:
    return dataclasses.replace(item, published_at=item.published_at and item.published_at + DAY)


def retitled(item: Episode) -> Episode:
    return dataclasses.replace(item, title=f"{item.title} (repaired)")


def recut(item: Episode) -> Episode:
    return dataclasses.replace(item, enclosure_bytes=(item.enclosure_bytes or 0) + 500_000)


def unsized(item: Episode) -> Episode:
    return dataclasses.replace(item, enclosure_bytes=None)


def undated(item: Episode) -> Episode:
    return dataclasses.replace(item, published_at=None)


def both(*changes: Change) -> Change:
    def change(item: Episode) -> Episode:
        for each in changes:
            item = each(item)
        return item

    return change
