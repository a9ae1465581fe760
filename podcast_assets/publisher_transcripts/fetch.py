"""Which of an episode's transcripts is the best one that can be had, fetched once and kept.

Belongs here: which links are asked, requests, the caches. Does not belong here: what a document says (``formats``), what it
is worth and whether it fits its episode (``judge``). A document that was accepted is remembered for its episode: a second
run fetches nothing and gives the same rows, whatever the publisher has done to it since. What our own disk refuses is no
episode's fault: it is raised, so that the stage is tried again.
"""

import asyncio
import dataclasses
import re
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import polars as pl

from podcast_assets import credentials, keys, languages, progress, sources, speech
from podcast_assets.errors import PodcastAssetsError
from podcast_assets.hashing import sha256
from podcast_assets.http.client import Client
from podcast_assets.http.errors import MEGABYTE, FetchError
from podcast_assets.outcomes import check_failures
from podcast_assets.project import Project
from podcast_assets.publisher_transcripts import judge
from podcast_assets.publisher_transcripts.formats import Format, TranscriptError, format_of, parse
from podcast_assets.schemas import SCHEMAS
from podcast_assets.text import one_line

TABLE = "publisher_transcripts"
CONCURRENCY = 16
MAX_BYTES = 20 * MEGABYTE
MAX_TRIES = 8  # links of one episode; a feed that names hundreds must not hold up the day

MARKS: dict[Format, tuple[str, ...]] = {  # in a declared type, or a file's extension
    "json": ("json",),
    "vtt": ("vtt",),
    "srt": ("srt", "subrip"),
    "html": ("html", "htm"),
    "text": ("text/plain", ".txt", ".text", ".md"),
}


@dataclasses.dataclass(frozen=True)
class Link:
    """A transcript that a feed names, in a format that we read."""

    url: str
    format: Format
    language: str | None


@dataclasses.dataclass(frozen=True)
class Document:
    """A document that was read and fits its episode."""

    link: Link
    body: bytes
    sha256: str
    format: Format
    segments: list[speech.Segment]


def collect(project: Project, episodes: pl.DataFrame, log: progress.Log | None = None) -> pl.DataFrame:
    """The table ``publisher_transcripts`` for one day's ``episodes``, a row an episode in their order.

    Raises:
        TooManyFailuresError: for more than half of the episodes that name a transcript, and of the hosts, nobody answered.
            A transcript that is broken, refused or not to be had for now is a row: the episode's audio is heard instead.
        OSError: our own disk refuses a file.
    """
    rows, answers = asyncio.run(_collect(project, episodes, log))
    check_failures(TABLE, answers)
    return pl.DataFrame(rows, schema=SCHEMAS[TABLE])


def choose(links: Iterable[Mapping[str, str | None]], language: str | None) -> tuple[list[Link], list[str]]:
    """The links worth trying, the most promising first, and why each of the others is not.

    The order is that of what a format can carry (``judge.MOST_CARRIED``); among links of one format, one that states its
    language comes first. A link that states another language than the episode's is a translation: nobody said those words.
    """
    usable: list[Link] = []
    unread: list[str] = []
    for link in links:
        url, stated = link["url"] or "", link["language"] or None
        found = _format(link["type"] or "", url)
        if not url or found is None:
            unread.append(f"{link['type'] or _shown(url)} is not read, JSON, WebVTT, SRT, HTML and plain text are")
        elif languages.code(stated) and languages.code(language) not in {None, languages.code(stated)}:
            unread.append(f"{found} in {stated} is a translation, the episode is in {language}")
        else:
            usable.append(Link(url, found, stated))
    order = list(judge.MOST_CARRIED)
    usable.sort(key=lambda link: (order.index(link.format), link.language is None))
    return usable[:MAX_TRIES], unread


def _format(declared: str, url: str) -> Format | None:
    """The format by the declared type or the file's extension; where they differ, the one that can carry more."""
    hints = (declared.lower(), PurePosixPath(re.split(r"[?#]", url)[0]).suffix.lower())
    return next((name for name, marks in MARKS.items() if any(mark in hint for mark in marks for hint in hints)), None)


async def _collect(
    project: Project, episodes: pl.DataFrame, log: progress.Log | None
) -> tuple[list[dict[str, Any]], list[tuple[str, str | None]]]:
    slots = asyncio.Semaphore(CONCURRENCY)  # not the client's: waiting for a connection would count as its time-out
    with progress.steps("fetching transcripts", episodes.height, log) as step:
        async with Client(project.config.network, CONCURRENCY) as client:
            reader = _Reader(project, client)

            async def row_of(episode: dict[str, Any]) -> dict[str, Any]:
                async with slots:
                    row = await reader.row(episode)
                step(episode["title"] or "")
                return row

            rows = await asyncio.gather(*(row_of(episode) for episode in episodes.iter_rows(named=True)))
            return rows, reader.answers


class _Reader:
    """Gets the documents of episodes: from the caches, from the web, from a local feed's folder."""

    def __init__(self, project: Project, client: Client) -> None:
        self._config = project.config
        self._client = client
        self._documents = project.cache("documents")
        self._downloads = project.cache("downloads")
        self._segments = project.cache("segments")
        self.answers: list[tuple[str, str | None]] = []  # the host of each episode, and why nobody answered or None

    async def row(self, episode: Mapping[str, Any]) -> dict[str, Any]:
        """The row of an episode: with the best of the transcripts that can be had, or with what is wrong."""
        row: dict[str, Any] = dict.fromkeys(SCHEMAS[TABLE])
        row |= {"day": episode["day"], "episode_id": episode["episode_id"]}
        if not self._config.transcription.prefer_publisher:
            return row | {"status": "none", "reason": "[transcription] prefer_publisher = false"}
        links, unread = choose(episode["transcripts"] or [], episode["language"])
        if not links:
            return row | {"status": "none", "reason": _line("; ".join(unread)) or "the feed names no transcript"}
        best, failures, answered = await self._best(links, episode)
        if best:
            self.answers.append((sources.host(best.link.url), None))
            return row | _facts(best) | {"url": best.link.url, "language": best.link.language or episode["language"]}
        self.answers.append((sources.host(links[0].url), None if answered else failures[0]))
        return row | {"status": "failed" if answered else "deferred", "reason": "; ".join(failures)}

    async def _best(self, links: list[Link], episode: Mapping[str, Any]) -> tuple[Document | None, list[str], bool]:
        """The document that carries most, why others were refused, and whether anybody answered.

        Worth most is that single words are timed, then that speakers are named, then that anything is timed. Links are
        asked in their order, and no more of them once what is in hand carries all that the next one's format can: a
        document with words and speakers ends it, one with speakers but no words is compared with a later JSON or WebVTT.
        Of equals, the first is taken. What was accepted before is taken at once.
        """
        best: Document | None = None
        failures: list[str] = []
        answered = False
        for link in sorted(links, key=lambda link: not self._downloads.path(_key(link, episode)).exists()):
            if best and judge.MOST_CARRIED[link.format] <= judge.carried(best.segments):
                continue
            try:
                document, is_known = await self._document(link, episode)
            except (PodcastAssetsError, ValueError) as error:  # ValueError: an address or a number that is none
                failures.append(f"{_shown(link.url)}: {_line(credentials.hide(str(error), episode['feed_url']))}")
                answered |= not (isinstance(error, FetchError) and error.is_temporary)
                continue
            if is_known:
                return document, failures, True
            if best is None or judge.carried(document.segments) > judge.carried(best.segments):
                best = document
        if best:
            self._keep(best, episode)
        return best, failures, answered

    async def _document(self, link: Link, episode: Mapping[str, Any]) -> tuple[Document, bool]:
        """The document of a link, and whether it was accepted and kept before."""
        record = self._downloads.get_json(_key(link, episode))
        known = self._documents.get(record["document_sha256"]) if record else None
        body = known or await self._fetch(link.url, episode["feed_url"])
        document = Document(link, body, sha256(body), format_of(body, link.format), self._read(body, link.format, episode))
        judge.check(document.segments, episode["duration_s"], episode["language"])
        return document, known is not None

    def _read(self, body: bytes, declared: str, episode: Mapping[str, Any]) -> list[speech.Segment]:
        """What a document says, from the cache or by reading it."""
        key = keys.publisher_key(sha256(body), episode["duration_s"])
        if (rows := self._segments.get_json(key)) is not None:
            return speech.from_json(rows)
        segments = parse(body, declared, episode["duration_s"])
        self._segments.put_json(key, speech.to_json(segments))
        return segments

    def _keep(self, document: Document, episode: Mapping[str, Any]) -> None:
        """Remembers what was accepted; what was not is asked for again by a run that finds none."""
        self._documents.put(document.sha256, document.body)
        record = {"document_sha256": document.sha256, "url": document.link.url}
        self._downloads.put_json(_key(document.link, episode), record)

    async def _fetch(self, address: str, feed_url: str) -> bytes:
        try:
            where = sources.locate(address, feed_url, self._config.folder)
            if isinstance(where, Path):
                if where.stat().st_size > MAX_BYTES:
                    raise TranscriptError(f"more than {MAX_BYTES / MEGABYTE:g} MB")
                return await asyncio.to_thread(where.read_bytes)
        except OSError as error:  # of the feed's own file; any other is one of our disk
            raise TranscriptError(str(error)) from error
        answer = await self._client.get(credentials.for_request(where, feed_url), max_bytes=MAX_BYTES)
        return credentials.hide_bytes(answer.body, feed_url)


def _key(link: Link, episode: Mapping[str, Any]) -> str:
    return sha256(f"{link.url}\n{episode['episode_id']}")


def _facts(document: Document) -> dict[str, Any]:
    segments = document.segments
    return {
        "status": "ok",
        "type": document.format,
        "document_sha256": document.sha256,
        "bytes": len(document.body),
        "segments": len(segments),
        "words": speech.count_words(segments),
        "speakers": len({segment.speaker for segment in segments} - {None}),
        "timing": judge.timing_of(segments),
    }


def _shown(url: str) -> str:
    """An address without what may be a secret: its query, its user."""
    return _line(re.sub(r"(?<=//)[^/@]*@", "", re.split(r"[?#]", url)[0])) or "a link without an address"


def _line(text: object) -> str:
    """Text from outside in one line of readable length."""
    return one_line(text, 300)
