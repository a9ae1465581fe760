"""One episode's audio: streamed to a file named by its content, or used where it is in a local feed's folder.

Belongs here: the download, the index of what is there. Does not belong here: which episodes need it (``collect``), the
inside of the file. No file is ever read into memory whole.
"""

import asyncio
import contextlib
import dataclasses
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import aiohttp

from podcast_assets import credentials, sources
from podcast_assets.audio.room import UNFINISHED
from podcast_assets.errors import PodcastAssetsError
from podcast_assets.hashing import sha256
from podcast_assets.http.client import CHUNK, Client
from podcast_assets.http.errors import MEGABYTE, FetchError
from podcast_assets.project import Project

LONGEST_DOWNLOAD_S = 3600.0  # a server that drips a byte now and then must not hold up the day
HEAD_BYTES = 512

# Types that feeds and servers name, and the extension each gives; decoders look at the content alone.
EXTENSIONS = {
    "audio/mpeg": ".mp3",
    "audio/mp3": ".mp3",
    "audio/mp4": ".m4a",
    "audio/m4a": ".m4a",
    "audio/x-m4a": ".m4a",
    "audio/aac": ".aac",
    "audio/ogg": ".ogg",
    "audio/opus": ".opus",
    "audio/flac": ".flac",
    "audio/wav": ".wav",
    "audio/x-wav": ".wav",
    "audio/webm": ".webm",
    "video/mp4": ".mp4",
}


class AudioError(PodcastAssetsError):
    """A feed's file that cannot be read, or is no audio as far as its first bytes tell."""


class PageError(AudioError):
    """A page where audio should be."""


@dataclasses.dataclass(frozen=True)
class Audio:
    """An audio file that is there."""

    path: Path
    sha256: str
    bytes: int
    media_type: str | None


@dataclasses.dataclass(frozen=True)
class Record:
    """What the index knows of a download; the file itself may have been removed since."""

    sha256: str
    bytes: int
    media_type: str | None
    file: str


class Fetcher:
    """Fetches the audio of episodes, each once."""

    def __init__(self, project: Project, client: Client) -> None:
        self._project = project
        self._client = client
        self._downloads = project.cache("downloads")

    def known(self, episode: Mapping[str, Any]) -> Record | None:
        """What is known of an earlier download."""
        found = self._downloads.get_json(_key(episode))
        return Record(found["sha256"], found["bytes"], found["media_type"], found["file"]) if found else None

    async def get(self, episode: Mapping[str, Any]) -> Audio:
        """The audio of an episode (a row of that table).

        Raises:
            AudioError, RefusedError, ValueError: it is none, or its address is.
            FetchError: it cannot be had.
            OSError: our own disk refuses it.
        """
        url, declared = episode["enclosure_url"], episode["enclosure_type"]
        try:
            where = sources.locate(url, episode["feed_url"], self._project.config.folder)
            if isinstance(where, Path):
                return await asyncio.to_thread(_in_place, where, _media_type(None, declared))
        except OSError as error:  # of the feed's own file; any other is one of our disk
            raise AudioError(str(error)) from error
        if known := self.known(episode):
            path = self._project.audio_path / known.file
            if path.is_file() and path.stat().st_size == known.bytes:
                return Audio(path, known.sha256, known.bytes, known.media_type)
        asked = credentials.for_request(where, episode["feed_url"])
        most_mb = self._project.config.network.max_audio_mb
        audio = await _download(self._client, asked, url, self._project.audio_path, most_mb, declared)
        record = Record(audio.sha256, audio.bytes, audio.media_type, audio.path.name)
        self._downloads.put_json(_key(episode), dataclasses.asdict(record))
        return audio


def _key(episode: Mapping[str, Any]) -> str:
    return sha256(f"audio\n{episode['enclosure_url']}\n{episode['episode_id']}")


def _in_place(path: Path, declared: str | None) -> Audio:
    _check_head(path)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Audio(path, digest, path.stat().st_size, declared)


async def _download(client: Client, asked: str, url: str, folder: Path, max_mb: int, declared: str | None) -> Audio:
    size, digest = 0, hashlib.sha256()
    with _unfinished(folder) as temporary:
        try:
            async with asyncio.timeout(LONGEST_DOWNLOAD_S), client.stream(asked) as answer:
                announced = answer.content_length or 0
                with temporary.open("wb") as file:
                    async for chunk in answer.content.iter_chunked(CHUNK):
                        size += len(chunk)
                        if max(size, announced) > max_mb * MEGABYTE:
                            raise FetchError(f"more than {max_mb} MB ([network] max_audio_mb)", answer.status)
                        digest.update(chunk)
                        file.write(chunk)
        except TimeoutError as error:
            raise FetchError(f"too slow: stopped after {size} bytes") from error
        except aiohttp.ClientError as error:
            raise FetchError(f"broke off after {size} bytes ({type(error).__name__})") from error
        try:
            _check_head(temporary)
        except PageError as error:  # of a network that wants a login, or a host in trouble: the audio may be there tomorrow
            raise FetchError(str(error)) from error
        media_type = _media_type(answer.headers.get("Content-Type"), declared)
        path = folder / f"{digest.hexdigest()}{_extension(media_type, url)}"
        temporary.replace(path)
    return Audio(path, digest.hexdigest(), size, media_type)


@contextlib.contextmanager
def _unfinished(folder: Path) -> Iterator[Path]:
    """A temporary file in ``folder``, gone at the end unless it was renamed."""
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder, prefix=UNFINISHED)
    os.close(handle)
    temporary = Path(name)
    temporary.chmod(0o644)  # mkstemp gives 0600; a worker of another user may have to read it
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def _check_head(path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head:
        raise AudioError("the file is empty")
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise PageError("a page of HTML or XML, not audio")


def _media_type(served: str | None, declared: str | None) -> str | None:
    """The type that the server names where it is one of sound or film (many call all they have a stream of bytes)."""
    served, declared = ((value or "").split(";")[0].strip().lower() for value in (served, declared))
    return served if re.fullmatch(r"(?:audio|video)/[\w.+-]+", served, re.ASCII) else declared or None


def _extension(media_type: str | None, url: str) -> str:
    suffix = PurePosixPath(re.split(r"[?#]", url)[0]).suffix.lower()
    return EXTENSIONS.get(media_type or "") or (suffix if suffix in EXTENSIONS.values() else "")
