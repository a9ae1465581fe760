"""The audio files of a day: streamed to a file named by its content, or used where they are in a local feed's folder.

Belongs here: which episodes need their audio, the download, the index of what is there, the removal of what is old. Does
not belong here: the inside of the file. No file is ever read into memory whole. What is wrong with a feed's address or file
is a row; what our own disk refuses is no episode's fault and is raised, so that the stage is tried again.
"""

import asyncio
import contextlib
import dataclasses
import datetime as dt
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import aiohttp
import polars as pl

from podcast_assets import clock, credentials, progress, sources
from podcast_assets.errors import PodcastAssetsError
from podcast_assets.hashing import sha256
from podcast_assets.http.client import CHUNK, Client
from podcast_assets.http.errors import MEGABYTE, FetchError
from podcast_assets.outcomes import check_failures
from podcast_assets.project import Project
from podcast_assets.schemas import SCHEMAS
from podcast_assets.text import one_line

TABLE = "audio"
CONCURRENCY = 4  # more would only share the same line
LONGEST_DOWNLOAD_S = 3600.0  # a server that drips a byte now and then must not hold up the day
UNFINISHED = ".download-"  # the start of a temporary name
HEAD_BYTES = 512
LONGEST_REASON = 300  # characters
YOUNGEST_REMOVED = dt.timedelta(hours=6)  # another run may have just downloaded it, and wait for the GPU before it is heard

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
OURS = re.compile(rf"[0-9a-f]{{64}}(\.[0-9a-z]+)?|{re.escape(UNFINISHED)}.*")  # the names we give


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


def collect(
    project: Project, episodes: pl.DataFrame, publisher_transcripts: pl.DataFrame, log: progress.Log | None = None
) -> pl.DataFrame:
    """The table ``audio`` for one day's ``episodes``, a row an episode in their order; first removes what is too old.

    Raises:
        TooManyFailuresError: more than half of the files, and of the hosts, could not be had for now.
        OSError: our own disk refuses a file.
    """
    prune(project.audio_path, project.config.transcription.keep_audio_days, clock.now())
    read = set(publisher_transcripts.filter(pl.col("status") == "ok")["episode_id"])
    rows = asyncio.run(_collect(project, episodes, read, log))
    tried = [row for row in rows if row["status"] != "skipped"]
    check_failures(
        TABLE, [(sources.host(row["url"]), row["reason"] if row["status"] == "deferred" else None) for row in tried]
    )
    return pl.DataFrame(rows, schema=SCHEMAS[TABLE])


def prune(folder: Path, keep_days: int, now: dt.datetime) -> list[Path]:
    """Removes the downloads in ``folder`` that are older than ``keep_days``, and tells which.

    What we did not write stays. So does, for six hours at least, what another run may be about to hear, and for a day at
    least a temporary file that it may be writing.
    """
    removed = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if not OURS.fullmatch(path.name) or path.is_symlink() or not path.is_file():
            continue
        least = dt.timedelta(days=1) if path.name.startswith(UNFINISHED) else YOUNGEST_REMOVED
        with contextlib.suppress(FileNotFoundError):  # another run prunes the same folder
            if path.stat().st_mtime < (now - max(dt.timedelta(days=keep_days), least)).timestamp():
                path.unlink()
                removed.append(path)
    return removed


async def _collect(
    project: Project, episodes: pl.DataFrame, read: set[str], log: progress.Log | None
) -> list[dict[str, Any]]:
    slots = asyncio.Semaphore(CONCURRENCY)
    with progress.steps("downloading audio", episodes.height, log) as step:
        async with Client(project.config.network, CONCURRENCY) as client:

            async def row_of(episode: dict[str, Any]) -> dict[str, Any]:
                row: dict[str, Any] = dict.fromkeys(SCHEMAS[TABLE])
                row |= {"day": episode["day"], "episode_id": episode["episode_id"], "url": episode["enclosure_url"]}
                if reason := _not_needed(episode, read):
                    row |= {"status": "skipped", "reason": reason}
                else:
                    async with slots:
                        row |= await _outcome(project, client, episode)
                step(episode["title"] or "")
                return row

            return await asyncio.gather(*(row_of(episode) for episode in episodes.iter_rows(named=True)))


def _not_needed(episode: Mapping[str, Any], read: set[str]) -> str | None:
    """Why the audio of an episode is not needed, or None."""
    if episode["status"] != "ok":
        return str(episode["reason"] or episode["status"])
    if episode["episode_id"] in read:
        return "publisher's transcript"
    return None if episode["enclosure_url"] else "no enclosure"


async def _outcome(project: Project, client: Client, episode: Mapping[str, Any]) -> dict[str, Any]:
    try:
        audio = await _audio(project, client, episode)
    except (PodcastAssetsError, ValueError) as error:  # ValueError: an address that is none
        for_now = isinstance(error, FetchError) and error.is_temporary
        reason = one_line(credentials.hide(str(error), episode["feed_url"]), LONGEST_REASON)
        return {"status": "deferred" if for_now else "failed", "reason": reason}
    return {"status": "ok", **dataclasses.asdict(audio), "path": str(audio.path)}


async def _audio(project: Project, client: Client, episode: Mapping[str, Any]) -> Audio:
    url, declared = episode["enclosure_url"], episode["enclosure_type"]
    try:
        where = sources.locate(url, episode["feed_url"], project.config.folder)
        if isinstance(where, Path):
            return await asyncio.to_thread(_in_place, where, _media_type(None, declared))
    except OSError as error:  # of the feed's own file; any other is one of our disk
        raise AudioError(str(error)) from error
    downloads = project.cache("downloads")
    key = sha256(f"audio\n{url}\n{episode['episode_id']}")
    if known := downloads.get_json(key):
        path = project.audio_path / known["file"]
        if path.is_file() and path.stat().st_size == known["bytes"]:
            return Audio(path, known["sha256"], known["bytes"], known["media_type"])
    asked = credentials.for_request(where, episode["feed_url"])
    audio = await _download(client, asked, url, project.audio_path, project.config.network.max_audio_mb, declared)
    record = {"sha256": audio.sha256, "bytes": audio.bytes, "media_type": audio.media_type, "file": audio.path.name}
    downloads.put_json(key, record)
    return audio


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
