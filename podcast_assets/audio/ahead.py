"""Audio for whoever hears it, episode by episode: the next files come while one is heard.

This is the stage's face to ``transcripts``. What the asset ``audio`` had no room for, or what was removed since, is fetched
here, never more than a few files ahead.
"""

import asyncio
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from typing import Any

from podcast_assets.audio.fetch import CONNECTIONS, Audio, Fetcher
from podcast_assets.http.client import Client
from podcast_assets.project import Project

AHEAD = 2  # files: the next one, and one more in case it is short


class Ahead:
    """The audio of ``episodes`` (rows of that table), fetched in their order. Use it as a context manager."""

    def __init__(self, project: Project, episodes: Sequence[Mapping[str, Any]]) -> None:
        self._project = project
        self._episodes = episodes
        self._files: dict[str, Future[Audio]] = {episode["episode_id"]: Future() for episode in episodes}
        self._places = asyncio.Semaphore(AHEAD + 1)
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._work, name="audio", daemon=True)

    def __enter__(self) -> "Ahead":
        if self._episodes:
            self._thread.start()
            self._started.wait()
        return self

    def __exit__(self, *_: object) -> None:
        if self._episodes:
            self._loop.call_soon_threadsafe(self._task.cancel)
            self._thread.join()

    def __contains__(self, episode_id: str) -> bool:
        return episode_id in self._files

    def get(self, episode_id: str) -> Audio:
        """The audio of an episode; waits for it.

        Raises:
            PodcastAssetsError: it cannot be had; where that is a ``FetchError``, ``is_temporary`` tells whether for now.
            OSError: our own disk refuses it.
        """
        try:
            return self._files[episode_id].result()
        finally:
            self._loop.call_soon_threadsafe(self._places.release)

    def _work(self) -> None:
        with asyncio.Runner() as runner:
            self._loop = runner.get_loop()
            self._task = self._loop.create_task(self._fetch_all())
            self._started.set()
            runner.run(asyncio.wait([self._task]))

    async def _fetch_all(self) -> None:
        async with Client(self._project.config.network, CONNECTIONS) as client:
            fetcher = Fetcher(self._project, client)
            for episode in self._episodes:
                await self._places.acquire()
                file = self._files[episode["episode_id"]]
                try:
                    file.set_result(await fetcher.get(episode))
                except Exception as error:  # noqa: BLE001 - whoever waits for it must hear of it, whatever it is
                    file.set_exception(error)
            await asyncio.Event().wait()  # until the block ends
