"""What the tests of downloads share: episodes, one run of a fetcher, a look at what is on the disk."""

import asyncio
import datetime as dt
from collections.abc import Callable
from typing import Any

from podcast_assets.audio.fetch import CONNECTIONS, Audio, Fetcher
from podcast_assets.http.client import Client
from podcast_assets.http.errors import FetchError
from podcast_assets.project import Project
from podcast_assets.schemas import SCHEMAS

DAY = dt.date(2026, 3, 4)
Make = Callable[..., Project]


def episode(number: int, url: str | None, **values: Any) -> dict[str, Any]:
    """A row of the table ``episodes``."""
    known: dict[str, Any] = {
        "day": DAY,
        "episode_id": f"{number:016x}",
        "feed_url": "https://feeds.example/show.xml",
        "show": "A | Show",
        "title": f"Episode {number}",
        "enclosure_url": url,
        "enclosure_type": "audio/mpeg",
        "duration_s": 1800.0,
        "status": "ok",
    }
    return dict.fromkeys(SCHEMAS["episodes"]) | known | values


def fetch_all(project: Project, *episodes: dict[str, Any]) -> list[Audio | BaseException]:
    """What one run brings of episodes that are all asked for at the same time, or their errors."""

    async def run() -> list[Audio | BaseException]:
        async with Client(project.config.network, CONNECTIONS) as client:
            fetcher = Fetcher(project, client)
            return await asyncio.gather(*(fetcher.get(each) for each in episodes), return_exceptions=True)

    return asyncio.run(run())


def fetch(project: Project, url: str, number: int = 1, **values: Any) -> Audio:
    """What one run brings of one episode."""
    [found] = fetch_all(project, episode(number, url, **values))
    if isinstance(found, BaseException):
        raise found
    return found


def refused(project: Project, url: str, number: int = 1) -> FetchError:
    """The error of an episode that one run could not have."""
    [found] = fetch_all(project, episode(number, url))
    assert isinstance(found, FetchError), found
    return found


def left_over(project: Project) -> list[str]:
    """The names in the folder of audio; those that come by chance are cut."""
    found = sorted(project.audio_path.iterdir()) if project.audio_path.exists() else []
    return [path.name if not path.name.startswith(".") else f".download{path.suffix}" for path in found]
