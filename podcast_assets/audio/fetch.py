"""The audio of one episode: downloaded to a file that is named by its content, or used where it is in a local feed's folder.

Belongs here: one download from the first request to the final name, across connections that break off, and the index of what
was downloaded. Does not belong here: which episodes need it, and the inside of the file. No file is ever read into memory
whole. What is wrong with a feed's address or file is an error of the project; what our own disk refuses is an ``OSError``.
"""

import asyncio
import contextlib
import dataclasses
import hashlib
import os
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp

from podcast_assets import credentials, sources
from podcast_assets.audio import lanes, sniff
from podcast_assets.audio.lanes import Lanes, Turn
from podcast_assets.audio.partial import Part, opened
from podcast_assets.audio.ranges import Promise, promise
from podcast_assets.audio.sniff import AudioError, PageError
from podcast_assets.hashing import sha256
from podcast_assets.http.client import CHUNK, Client
from podcast_assets.http.errors import MEGABYTE, FetchError
from podcast_assets.project import Project

CONNECTIONS = lanes.PLACES + lanes.APART  # that the client must have for it
MOST_TRIES = 20  # connections for one file in one run
MOST_IN_VAIN = 2  # tries in a row that bring it no further, after the first
BACKOFF_S = 0.5  # before the next try; twice as long after each in vain
UNSATISFIABLE = 416


@dataclasses.dataclass(frozen=True)
class Audio:
    """An audio file that is there."""

    path: Path
    sha256: str
    bytes: int
    media_type: str | None


@dataclasses.dataclass(frozen=True)
class Record:
    """What the index keeps of a download; ``file`` is its name in the folder of audio, where it may have been removed."""

    sha256: str
    bytes: int
    media_type: str | None
    file: str


@dataclasses.dataclass(frozen=True)
class Wanted:
    """An episode's audio: its ``key`` in the index, what is ``asked`` for (with secrets), what the feed says of it."""

    key: str
    asked: str
    url: str
    declared: str | None


class Fetcher:
    """Downloads for one run. Ask for as many at a time as you like: it does a few at a time, fairly to all hosts."""

    def __init__(self, project: Project, client: Client) -> None:
        self._project = project
        self._client = client
        self._index = project.cache("downloads")
        self._most = project.config.network.max_audio_mb
        self._lanes = Lanes()
        self._asked: dict[str, Record] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)  # of addresses, and of contents

    def known(self, episode: Mapping[str, Any]) -> Record | None:
        """What the index knows of an earlier download of the episode's audio, also where the file has been removed."""
        return self._record(_key(episode))

    async def get(self, episode: Mapping[str, Any]) -> Audio:
        """The audio of an episode, from the disk if it is there.

        Within one run an address is asked once, however many episodes name it.

        Raises:
            FetchError: it could not be had; ``is_temporary`` says whether a later try may bring it, which continues from
                what has come where the server lets it.
            RefusedError, ValueError: an address that is not allowed, or is none.
            AudioError: a file that is no audio, or a local one that cannot be read.
            OSError: our own disk refuses a file.
        """
        url, declared = episode["enclosure_url"], episode["enclosure_type"]
        try:
            where = sources.locate(url, episode["feed_url"], self._project.config.folder)
            if isinstance(where, Path):
                return await asyncio.to_thread(_in_place, where, declared)
        except OSError as error:  # of the feed's own file; any other is one of our disk
            raise AudioError(str(error)) from error
        wanted = Wanted(_key(episode), credentials.for_request(where, episode["feed_url"]), url, declared)
        async with self._locks[wanted.asked]:
            here = self._there(wanted.key) or self._still(self._asked.get(wanted.asked))
            record = here or await self._download(wanted)
            self._asked[wanted.asked] = record
            self._keep(record, wanted.key)
        path = self._project.audio_path / record.file
        return Audio(path, record.sha256, record.bytes, record.media_type)

    def _record(self, key: str) -> Record | None:
        try:
            return Record(**self._index.get_json(key))
        except TypeError:  # there is none, or another version's
            return None

    def _there(self, key: str | None) -> Record | None:
        """The record of ``key`` whose file is there."""
        return self._still(self._record(key)) if key else None

    def _still(self, record: Record | None) -> Record | None:
        path = self._project.audio_path / record.file if record else None
        return record if record and path and path.is_file() and path.stat().st_size == record.bytes else None

    def _keep(self, record: Record, key: str | None) -> None:
        if key and self._record(key) != record:
            self._index.put_json(key, dataclasses.asdict(record))

    async def _download(self, wanted: Wanted) -> Record:
        async with self._lanes.turn(wanted.asked) as turn, contextlib.AsyncExitStack() as stack:
            try:
                async with asyncio.timeout(lanes.LONGEST_DOWNLOAD_S):  # for another process that has it
                    part = await stack.enter_async_context(opened(self._project.audio_path, wanted.key))
            except TimeoutError as error:
                raise FetchError("another process has not finished with it", kind="timeout") from error
            if record := self._there(wanted.key):  # by now: another process had it
                return record
            try:
                async with asyncio.timeout(lanes.LONGEST_DOWNLOAD_S):
                    return await (self._publish(part, wanted) if part.is_whole else self._transfer(part, wanted, turn))
            except TimeoutError as error:
                raise FetchError(f"too slow: stopped after {part.size} bytes", kind="timeout") from error
            except PageError as error:  # the audio may be there tomorrow
                raise FetchError(str(error), kind="incomplete") from error

    async def _transfer(self, part: Part, wanted: Wanted, turn: Turn) -> Record:
        """Asks until the file is whole, as long as each try or so brings something."""
        tries = in_vain = 0
        while True:
            best, tries = part.best, tries + 1
            try:
                return await self._try(part, wanted, turn)
            except FetchError as error:
                in_vain = 0 if part.best > best else in_vain + 1
                if not error.is_temporary:
                    part.restart(None)
                    raise
                is_up = in_vain > MOST_IN_VAIN or tries == MOST_TRIES or isinstance(error, lanes.TooSlowError)
                if is_up or not part.best:  # who has given nothing at all is asked again by the next run
                    raise
            await asyncio.sleep(BACKOFF_S * 2**in_vain)

    async def _try(self, part: Part, wanted: Wanted, turn: Turn) -> Record:
        """One request, for all that is missing; the record may be that of another download that brought the same."""
        headers = {"Accept-Encoding": "identity"}  # a range is one of the packed bytes, where they are packed
        if part.size and part.origin and part.origin.validator:
            headers |= {"Range": f"bytes={part.size}-", "If-Range": part.origin.validator}
        try:
            async with self._client.stream(wanted.asked, headers) as answer:
                given = _promised(answer, part)
                content = given.origin.content
                alone = self._locks[content] if content else asyncio.Lock()
                if not alone.locked():
                    async with alone:
                        if twin := self._there(content):
                            return twin
                        await self._receive(answer, part, given, turn)
                        return await self._publish(part, wanted)
        except aiohttp.ServerTimeoutError as error:
            raise FetchError(f"silence after {part.size} bytes", kind="timeout") from error
        except aiohttp.ClientError as error:
            raise FetchError(f"broke off after {part.size} bytes ({type(error).__name__})", kind="incomplete") from error
        except FetchError as error:
            if error.status == UNSATISFIABLE and part.size:
                part.restart(None)
                raise FetchError("the file is shorter than it was", kind="incomplete") from error
            raise
        turn.step_aside()
        async with alone:  # another download brings the same just now; a connection kept meanwhile would fill with megabytes
            pass
        return self._there(content) or await self._try(part, wanted, turn)

    async def _receive(self, answer: aiohttp.ClientResponse, part: Part, given: Promise, turn: Turn) -> None:
        most, total = self._most * MEGABYTE, given.origin.total
        too_large = FetchError(f"more than {self._most} MB ([network] max_audio_mb)", answer.status, "too_large")
        if (total or 0) > most:
            raise too_large
        turn.begin()
        async for chunk in answer.content.iter_chunked(CHUNK):
            size = part.size + len(chunk)
            if size > (most if given.end is None else given.end):
                part.restart(None)
                said = FetchError(f"more than the {given.end} bytes that were announced", kind="incomplete")
                raise too_large if given.end is None else said
            part.write(chunk)
            turn.moved(len(chunk))
        if total is not None and part.size < total:
            raise FetchError(f"broke off after {part.size} of {total} bytes", kind="incomplete")

    async def _publish(self, part: Part, wanted: Wanted) -> Record:
        origin = part.origin
        try:
            sniffed = sniff.look(part.fileno())
        except AudioError:
            part.restart(None)
            raise
        media_type = sniffed or sniff.named_type(origin.served if origin else None, wanted.declared)
        name = f"{part.sha256}{sniff.extension(media_type, wanted.url)}"
        record = Record(part.sha256, part.size, media_type, name)
        await asyncio.to_thread(os.fsync, part.fileno())  # takes seconds for a large file
        self._keep(record, origin.content if origin else None)
        self._keep(record, wanted.key)  # first: who waits for the lock has it as soon as the file has its name
        part.publish(self._project.audio_path / name)
        return record


def _promised(answer: aiohttp.ClientResponse, part: Part) -> Promise:
    """What an answer promises; ``part`` begins anew where it is not what was missing."""
    try:
        given = promise(answer.status, str(answer.url), answer.headers, answer.content_length)
    except FetchError:
        part.restart(None)
        raise
    if not given.continues(part.origin, part.size):
        part.restart(given.origin)
        if given.start:
            raise FetchError("a part of another file than before, or another part of it", kind="incomplete")
    return given


def _in_place(path: Path, declared: str | None) -> Audio:
    with path.open("rb") as file:
        sniffed = sniff.look(file.fileno())
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        size = os.fstat(file.fileno()).st_size
    return Audio(path, digest, size, sniffed or sniff.named_type(None, declared))


def _key(episode: Mapping[str, Any]) -> str:
    return sha256(f"audio\n{episode['enclosure_url']}\n{episode['episode_id']}")
