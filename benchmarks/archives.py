"""Archives that are made up, and like those of the world in what costs time: topics, repeats, days."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from podcast_assets.embedding import Embedder
from podcast_assets.hashing import sha256
from podcast_assets.likeness import WIDTH
from podcast_assets.schemas import SCHEMAS
from podcast_assets.storage import Lake
from podcast_assets.vectors.archive import Day, Manifest, new_manifest, write_manifest

FIRST = dt.date(2020, 1, 1)
DIMENSIONS = 384
TOPICS, WORDS = 2_000, 200  # words a topic
EPISODE, SHOWS = 12, 5_000  # insights an episode
NEAR = 1.2  # the noise around a topic's centre, whose length is 1: two of a topic have a cosine of about 0.4
PLANTED = 5  # rows that say nearly the same, for every candidate
AT_ONCE = 50_000


class Archived:
    """Rows of an archive, as many at a time as one asks for."""

    def __init__(self, seed: int) -> None:
        self._chance = np.random.default_rng(seed)
        self._centres = _unit(self._chance.standard_normal((TOPICS, DIMENSIONS), np.float32))
        self._words = self._chance.integers(1, 2**32, (TOPICS, WORDS), np.uint32)

    def rows(self, count: int) -> tuple[NDArray[np.float32], NDArray[np.uint32]]:
        """Vectors and terms."""
        topics = self._chance.integers(0, TOPICS, count)
        noise = _unit(self._chance.standard_normal((count, DIMENSIONS), np.float32)) * np.float32(NEAR)
        words = self._words[topics[:, None], self._chance.integers(0, WORDS, (count, WIDTH))]
        return _unit(self._centres[topics] + noise), words

    def near(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Vectors that have a cosine of 0.8 to 0.99 with these."""
        noise = _unit(self._chance.standard_normal(vectors.shape, np.float32))
        return _unit(vectors + noise * self._chance.uniform(0.1, 0.7, (len(vectors), 1)).astype(np.float32))


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def write_archive(folder: Path, rows: int, candidates: int, a_day: int) -> Manifest:
    """The files of an archive of ``rows`` rows, and after them one more day of ``candidates``."""
    made, total, chance = Archived(1), rows + candidates, np.random.default_rng(2)
    manifest = Manifest("made up", new_manifest("made up").terms, DIMENSIONS)
    new = made.rows(candidates)
    planted = chance.permutation(rows)[: PLANTED * candidates]
    near = made.near(np.repeat(new[0], PLANTED, axis=0))
    order = np.argsort(planted)
    planted, near = planted[order], near[order]
    with manifest.path(folder, "vectors").open("wb") as vectors, manifest.path(folder, "terms").open("wb") as terms:
        for start in range(0, rows, AT_ONCE):
            part, words = made.rows(min(AT_ONCE, rows - start))
            chosen = slice(*np.searchsorted(planted, [start, start + len(part)]))
            part[planted[chosen] - start] = near[chosen]
            vectors.write(part.data)
            terms.write(words.data)
        vectors.write(new[0].data)
        terms.write(new[1].data)
    numbers = np.arange(total)
    manifest.path(folder, "ids").write_bytes(chance.bytes(8 * total).hex().encode())  # identities are hashes
    for name, values, width in (("episodes", numbers // EPISODE, 16), ("feeds", numbers % SHOWS, 12)):
        manifest.path(folder, name).write_bytes(np.char.zfill(values.astype(f"S{width}"), width).tobytes())
    firsts = [*range(0, rows, a_day), rows]
    ends = [*firsts[1:], total]
    days = {
        FIRST + dt.timedelta(number): Day(first, end - first, 0, 0)
        for number, (first, end) in enumerate(zip(firsts, ends, strict=True))
    }
    manifest = Manifest("made up", manifest.terms, DIMENSIONS, rows=total, days=days)
    write_manifest(folder, manifest)
    return manifest


def write_day(lake: Lake, day: dt.date, texts: Sequence[str]) -> None:
    """A day of accepted insights, one a text."""
    names = [sha256(f"{day} {number}")[:16] for number in range(len(texts))]
    known = {"day": day, "status": "accepted", "claim": "An insight"}
    rows = [
        {**dict.fromkeys(SCHEMAS["insight_candidates"]), **known, "insight_id": name, "episode_id": name, "body": text}
        for name, text in zip(names, texts, strict=True)
    ]
    lake.write("insight_candidates", pl.DataFrame(rows, schema=SCHEMAS["insight_candidates"]), day)


class Ready(Embedder):
    """A model of another's name whose vectors cost nothing: an archive of years is made in seconds."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._made = Archived(3)

    def vectors(self, texts: Sequence[str]) -> NDArray[Any]:
        """Rows that know nothing of the texts."""
        return self._made.rows(len(texts))[0]
