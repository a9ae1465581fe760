"""A corpus on disk: episodes to read, and the sentences that their editors put into the teaser.

``episodes.jsonl`` has a line an episode, ``transcripts/ID.json`` its talk in the podcast namespace's form, and
``cold_open.jsonl``, where there is one, a line a labelled sentence. The teaser itself, which is all that starts before
``cold_open_end_s``, is taken out before anything else looks at an episode. Nothing but :func:`labels` reads their text.
"""

import dataclasses
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from podcast_assets.insights.talk import Sentence, sentences_of, turns_of
from podcast_assets.publisher_transcripts.formats import parse
from podcast_assets.speech import Segment

LABELS = "cold_open.jsonl"
SHARED_VARIABLE = "PODCAST_ASSETS_SHARED"


@dataclasses.dataclass(frozen=True)
class Episode:
    """An episode without its teaser."""

    episode_id: str
    segments: list[Segment]

    def sentences(self) -> list[Sentence]:
        """Its talk, in sentences."""
        return sentences_of(turns_of(self.segments))


def shared_folder() -> Path:
    """Where data lie that are no part of the project."""
    return Path(os.environ.get(SHARED_VARIABLE, Path(__file__).resolve().parents[2] / "shared"))


def default_folder() -> Path:
    """Where the corpus lies unless somebody says otherwise."""
    return shared_folder() / "corpus"


option = click.option(
    "--corpus", "folder", type=click.Path(path_type=Path, exists=True, file_okay=False), default=default_folder
)


def episode_ids(folder: Path) -> list[str]:
    """The episodes of a corpus, in a fixed order."""
    return sorted(path.stem for path in (folder / "transcripts").glob("*.json"))


def teaser_ends(folder: Path) -> dict[str, float]:
    """The second at which the teaser of an episode ends, for those that have one."""
    return {row["episode_id"]: float(row["cold_open_end_s"]) for row in _lines(folder / LABELS)}


def labels(folder: Path) -> dict[str, list[str]]:
    """The sentences that the editors picked, by episode: for scoring and learning alone."""
    found: dict[str, list[str]] = {}
    for row in _lines(folder / LABELS):
        found.setdefault(row["episode_id"], []).append(row["sentence"])
    return found


def episode(folder: Path, episode_id: str, teaser_end_s: float) -> Episode:
    """Reads an episode from ``teaser_end_s`` on."""
    document = (folder / "transcripts" / f"{episode_id}.json").read_bytes()
    return Episode(episode_id, [each for each in parse(document, "application/json") if each.start_s >= teaser_end_s])


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    if path.exists():
        with path.open(encoding="utf-8") as file:
            yield from (json.loads(line) for line in file if line.strip())
