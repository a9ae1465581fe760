"""How each feed is right now: fetched and parsed, and nothing written."""

import asyncio
import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence

from podcast_assets import credentials, progress
from podcast_assets.config import Config
from podcast_assets.errors import PodcastAssetsError
from podcast_assets.feeds.fetch import Fetched, fetch
from podcast_assets.feeds.hosts import Hosts, in_turn
from podcast_assets.feeds.identity import Subscription
from podcast_assets.feeds.loop import for_all
from podcast_assets.feeds.parse import Feed, parse
from podcast_assets.feeds.scan import trouble
from podcast_assets.feeds.subscriptions import same_show
from podcast_assets.http.bodies import unpack
from podcast_assets.http.client import Client
from podcast_assets.http.errors import MEGABYTE
from podcast_assets.sources import host


@dataclasses.dataclass(frozen=True)
class Health:
    """What a feed answered; ``error`` is None where all is well. ``note`` is what whoever follows it should know."""

    url: str
    title: str = ""
    episodes: int = 0
    with_transcript: int = 0
    newest: dt.datetime | None = None
    error: str | None = None
    note: str | None = None
    address: str = ""  # where it was in the end


async def check_all(
    config: Config, subscriptions: Sequence[Subscription], moved: Mapping[str, str] | None = None
) -> list[Health]:
    """The health of each feed, in their order; ``moved`` says, by id, where polls have found feeds that moved."""
    hosts = Hosts(config.feeds.poll_concurrency_per_host)
    found: dict[str, Health] = {}
    with progress.steps("checking feeds", len(subscriptions)) as step:
        async with Client(config.network, config.feeds.poll_concurrency) as client:

            async def one(subscription: Subscription) -> None:
                health = await _check(config, client, hosts, subscription, subscription.url)
                elsewhere = (moved or {}).get(subscription.feed_id)
                if health.error and elsewhere:  # polls do the same
                    there = await _check(config, client, hosts, subscription, elsewhere)
                    note = f"has moved to {elsewhere}; its old address fails: {health.error}"
                    health = health if there.error else dataclasses.replace(there, note=note)
                found[subscription.url] = health
                step(health.title)

            await for_all(in_turn(subscriptions, lambda each: host(each.url)), one, config.feeds.poll_concurrency)
    return _doubles_noted(config, [found[subscription.url] for subscription in subscriptions])


def _doubles_noted(config: Config, healths: Sequence[Health]) -> list[Health]:
    """Says so where two feeds led to the same address: each of their episodes would count twice."""
    first: dict[str, str] = {}
    noted = []
    for health in healths:
        other = first.setdefault(same_show(config, health.address), health.url) if health.address else health.url
        noted.append(health if other == health.url else dataclasses.replace(health, note=f"is the same as {other}"))
    return noted


async def _check(config: Config, client: Client, hosts: Hosts, subscription: Subscription, address: str) -> Health:
    try:
        fetched = await hosts[host(address)].ask(lambda: fetch(config, client, subscription, address))
        feed = await asyncio.to_thread(_parse, config, subscription, fetched)
    except (PodcastAssetsError, OSError, ValueError, ArithmeticError, MemoryError) as error:  # as ``scan``
        return Health(subscription.url, error=trouble(error).message)
    dates = [item.published_at for item in feed.items if item.published_at]
    moved_to = fetched.moved_to or feed.new_feed_url
    return Health(
        subscription.url,
        feed.title,
        len(feed.items),
        sum(bool(item.transcripts) for item in feed.items),
        max(dates, default=None),
        None,
        _note(feed, moved_to if moved_to != subscription.url else None),
        fetched.address,
    )


def _note(feed: Feed, moved_to: str | None) -> str | None:
    if moved_to:
        return f"has moved to {moved_to}, and is followed there"
    return None if feed.items else "has no episodes"


def _parse(config: Config, subscription: Subscription, fetched: Fetched) -> Feed:
    content = unpack(fetched.body, fetched.encoding, config.network.max_feed_mb * MEGABYTE)
    return parse(credentials.hide_bytes(content, subscription.url), fetched.address, fetched.charset)
