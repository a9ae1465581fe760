"""Audio for whoever hears it: the next files come while one is heard. The stage's face to ``transcripts``.

What the asset ``audio`` had no room for, or what was removed since, is fetched here: a few files at a time, each as soon as
there is room for it (what was heard makes way), and handed over as they come, so that a slow host keeps nobody waiting but
itself.
"""

import asyncio
import threading
from collections.abc import Iterator, Mapping, Sequence
from queue import SimpleQueue
from typing import Any

from podcast_assets.audio.collect import disk_room, expected_bytes
from podcast_assets.audio.fetch import CONNECTIONS, Audio, Fetcher
from podcast_assets.http.client import Client
from podcast_assets.project import Project

IN_HAND = 3  # files: the one that is heard, and those that come meanwhile

Came = tuple[str, Audio | Exception]


class Ahead:
    """The audio of ``episodes`` (rows of that table). Use it as a context manager, and iterate over it."""

    def __init__(self, project: Project, episodes: Sequence[Mapping[str, Any]]) -> None:
        self._project = project
        self._episodes = episodes
        self._room = disk_room(project)
        self._came: SimpleQueue[Came | BaseException] = SimpleQueue()
        self._in_hand = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._work, name="audio", daemon=True)

    def __enter__(self) -> "Ahead":
        if self._episodes:
            self._thread.start()
            self._started.wait()
        return self

    def __exit__(self, *_: object) -> None:
        if self._loop and self._task and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._task.cancel)
            self._thread.join()

    def __iter__(self) -> Iterator[Came]:
        """Each episode's id with its file, or with why it cannot be had (as ``Fetcher.get`` raises it), as they come.

        Asking for the next one says that nobody needs the file any more.

        Raises:
            BaseException: what ended the thread that fetches.
        """
        for _ in self._episodes:
            came = self._came.get()
            if isinstance(came, BaseException):
                raise came
            yield came
            if self._loop and self._thread.is_alive():
                self._loop.call_soon_threadsafe(self._done_with_one)

    def _work(self) -> None:
        try:
            with asyncio.Runner() as runner:
                self._loop = runner.get_loop()
                self._task = self._loop.create_task(self._fetch_all())
                self._started.set()
                runner.run(_ended(self._task))
        except BaseException as error:  # noqa: BLE001 - who waits for files must hear of it
            self._came.put(error)
        finally:
            self._started.set()

    async def _fetch_all(self) -> None:
        self._changed = asyncio.Event()
        async with Client(self._project.config.network, CONNECTIONS) as client, asyncio.TaskGroup() as group:
            fetcher = Fetcher(self._project, client)
            for episode in self._episodes:
                size = expected_bytes(self._project, episode)
                # One at least: a file that is larger than all the room has to be heard too.
                while self._in_hand and not (self._in_hand < IN_HAND and self._room.fits(size)):
                    self._changed.clear()
                    await self._changed.wait()
                self._in_hand += 1
                group.create_task(self._fetch(fetcher, episode))
            await asyncio.Event().wait()  # until the block ends

    async def _fetch(self, fetcher: Fetcher, episode: Mapping[str, Any]) -> None:
        try:
            self._came.put((episode["episode_id"], await fetcher.get(episode)))
        except Exception as error:  # noqa: BLE001 - whoever waits for it must hear of it, whatever it is
            self._came.put((episode["episode_id"], error))

    def _done_with_one(self) -> None:
        self._in_hand -= 1
        self._changed.set()


async def _ended(task: asyncio.Task[None]) -> None:
    """Waits for a task; that it was cancelled is how it ends."""
    await asyncio.wait([task])
    if not task.cancelled() and (error := task.exception()):
        raise error
