"""Rebuilding the log of first sightings from the archived bodies: the same bodies give the same log."""

import dataclasses
import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import groupby

import polars as pl

from podcast_assets import progress
from podcast_assets.errors import PodcastAssetsError
from podcast_assets.feeds.identity import History, Seen, Subscription
from podcast_assets.feeds.record import LOGS, aliases_of, bodies, count, sightings_of
from podcast_assets.feeds.scan import Body, Trouble, scan
from podcast_assets.feeds.sightings import Conditions, Sighted
from podcast_assets.project import Project
from podcast_assets.storage import Lake

ANY_SIZE = 1 << 40  # bytes: what is archived was within the limit that held then


@dataclasses.dataclass(frozen=True, slots=True)
class Replayed:
    """What one poll had logged, as frames of the tables ``sightings`` and ``aliases``."""

    name: str  # of its files
    polled_at: dt.datetime
    sightings: pl.DataFrame
    aliases: pl.DataFrame

    def is_logged(self, lake: Lake) -> bool:
        """Whether the log has just this of the poll."""
        return all(
            logged.equals(frame)
            for table, frame in zip(LOGS, (self.sightings, self.aliases), strict=True)
            for logged in [lake.read_log_file(table, self.name)]
        )


def replayed_log(project: Project) -> list[Replayed]:
    """The log of the whole archive, a poll after the other; shows its progress."""
    with progress.steps("replaying", count(project.archive)) as step:
        return list(replay(project.archive, step))


def replay(store: Lake, step: Callable[[str], None] = lambda _: None) -> Iterator[Replayed]:
    """The log as the archive tells it, a poll after the other, whatever the configuration and the environment say today.

    Args:
        store: the archive.
        step: called with each feed's address.

    Raises:
        PodcastAssetsError: a body that is not what it was, or cannot be read, which was read when it came.
    """
    seen: dict[str, list[Seen]] = defaultdict(list)
    aliases: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for (name, polled_at), group in groupby(bodies(store), key=lambda row: (row["poll"], row["polled_at"])):
        found: list[Sighted] = []
        for row in group:
            feed_id = row["feed_id"]
            body = Body(
                Subscription(row["feed_url"]),
                row["address"],
                row["body"],
                row["encoding"] or "",
                row["charset"],
                ANY_SIZE,
                row["previous_poll_at"],
                None,
                History(seen[feed_id], aliases[feed_id]),
                is_hidden=True,
            )
            conditions = [field.name for field in dataclasses.fields(Conditions)]
            scanned = scan(body, Conditions(**{each: row[each] for each in conditions}))
            if isinstance(scanned, Trouble) or scanned.sighted is None or scanned.body_sha256 != row["body_sha256"]:
                reason = scanned.message if isinstance(scanned, Trouble) else "its hash is another one"
                raise PodcastAssetsError(
                    f"{store.root / 'bodies'}: the body of {row['feed_url']}, polled at {polled_at}, is damaged ({reason}); "
                    "restore the archive from a backup"
                )
            found.append(scanned.sighted)
            seen[feed_id] += [Seen(*traits) for traits in scanned.sighted.traits()]
            aliases[feed_id] += [(each["guid"], each["episode_id"]) for each in scanned.sighted.aliases]
            step(row["feed_url"])
        yield Replayed(name, polled_at, sightings_of(found), aliases_of(found))
