"""What the tests of polling share: small feeds, and polls of a real project at a moment in March 2026."""

import datetime as dt
import socket
from collections.abc import Callable
from typing import Any

import polars as pl

from podcast_assets.feeds import record
from podcast_assets.feeds.poll import Polled, poll
from podcast_assets.feeds.subscriptions import subscriptions
from podcast_assets.project import Project

Make = Callable[..., Project]


def at(day: int, hour: int = 6, minute: int = 0) -> dt.datetime:
    """A moment in March 2026."""
    return dt.datetime(2026, 3, day, hour, minute, tzinfo=dt.UTC)


def march(day: int) -> dt.date:
    """A day in March 2026."""
    return dt.date(2026, 3, day)


def rss(*items: tuple[str, dt.datetime], title: str = "Show", extra: str = "") -> bytes:
    """A feed of (GUID, date); ``extra`` is XML of the show itself."""
    episodes = "".join(
        f"<item><guid isPermaLink='false'>{guid}</guid><title>Episode {guid}</title><pubDate>{when:%d %b %Y %H:%M:%S} +0000"
        f"</pubDate><enclosure url='audio/{guid}.mp3' type='audio/mpeg'/></item>"
        for guid, when in items
    )
    head = f"<title>{title}</title><language>en</language>{extra}"
    return f"<rss version='2.0'><channel>{head}{episodes}</channel></rss>".encode()


def one_poll(project: Project, moment: dt.datetime, *, only_due: bool = False) -> Polled:
    """What the asset does, without Dagster: poll, then the log, then the state."""
    lake, archive = project.lake, record.Archive(project.archive, moment)
    followed, history = subscriptions(project.config), record.history_in(lake)
    polled = poll(project.config, followed, lake.get("feeds"), history, archive, moment, only_due=only_due)
    record.write_log(lake, polled.sightings, polled.aliases, archive.name)
    record.settle(project.archive, lake)
    lake.write("feeds", polled.feeds)
    return polled


def only(polled: Polled) -> dict[str, Any]:
    """The row of the one feed."""
    (row,) = polled.feeds.to_dicts()
    return row


def by_url(polled: Polled) -> dict[str, dict[str, Any]]:
    """The rows by the addresses that were subscribed to."""
    return {row["feed_url"]: row for row in polled.feeds.to_dicts()}


def guids(frame: pl.DataFrame) -> list[str]:
    """The GUIDs of a frame of episodes, in its order."""
    return frame["guid"].to_list()


def following(make_project: Make, *urls: str, feeds: dict[str, Any] | None = None, **network: Any) -> Project:
    """A project that follows the addresses; further keys are those of ``[network]``."""
    network = {"allow_private_hosts": True, "timeout_s": 5, **network}
    return make_project(feeds={"urls": list(urls), **(feeds or {})}, network=network)


def closed_port() -> int:
    """A port of loopback where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
