"""How each feed is right now: fetched and parsed, and nothing written."""

import asyncio
import dataclasses
import datetime as dt
from collections.abc import Sequence

from podcast_assets import progress
from podcast_assets.config import Config
from podcast_assets.errors import PodcastAssetsError
from podcast_assets.feeds.parse import parse
from podcast_assets.feeds.poll import fetch
from podcast_assets.feeds.subscriptions import Subscription
from podcast_assets.http import Client


@dataclasses.dataclass(frozen=True)
class Health:
    """What a feed answered; ``error`` is None where all is well."""

    url: str
    title: str = ""
    episodes: int = 0
    with_transcript: int = 0
    newest: dt.datetime | None = None
    error: str | None = None


async def check_all(config: Config, subscriptions: Sequence[Subscription]) -> list[Health]:
    """The health of each feed, in their order."""
    slots = asyncio.Semaphore(config.feeds.poll_concurrency)
    with progress.steps("checking feeds", len(subscriptions)) as step:
        async with Client(config.network, config.feeds.poll_concurrency) as client:

            async def one(subscription: Subscription) -> Health:
                async with slots:
                    health = await _check(config, client, subscription)
                    step(health.title)
                    return health

            return await asyncio.gather(*(one(subscription) for subscription in subscriptions))


async def _check(config: Config, client: Client, subscription: Subscription) -> Health:
    try:
        fetched = await fetch(config, client, subscription)
        feed = parse(fetched.body, fetched.address)
    except (PodcastAssetsError, OSError) as error:
        return Health(subscription.url, error=str(error))
    dates = [item.published_at for item in feed.items if item.published_at]
    return Health(
        subscription.url,
        feed.title,
        len(feed.items),
        sum(bool(item.transcripts) for item in feed.items),
        max(dates, default=None),
        None if feed.items else "a feed without episodes",
    )
