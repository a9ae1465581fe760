"""``python -m evals.related FILE.jsonl --k 10``: for each text of a file, the others that the product holds for related.

A line of the file is ``{"id": ..., "text": ...}``; a line of the output ``{"id": ..., "related": [ids, best first]}``, in
the same order. All other lines are the archive: the nearest by their vectors, put in order by the product's own measure.
Which vectors these are is said on stderr. The same file gives the same output.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np
from rich.console import Console

from evals.models import with_model
from podcast_assets import config, progress
from podcast_assets.embedding import Embedder, open_vectors
from podcast_assets.errors import PodcastAssetsError
from podcast_assets.likeness import Texts, measure_for, terms_of
from podcast_assets.project import Project
from podcast_assets.ranking.related import LOOKED_AT, MOST, most_related
from podcast_assets.vectors.nearest import nearest

EMBEDDED = 250  # texts between two signs of life
ASKED = 256  # texts at once: their pairs with what is near are held in memory


@click.command(help=__doc__)
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--k", type=click.IntRange(min=1), default=MOST, show_default=True, help="How many others a text has at most.")
def main(file: Path, k: int) -> None:
    """The command."""
    try:
        texts = read(file)
        configured, told = with_model(config.load())
        click.echo(f"vectors: {told}", err=True)
        embedder, _ = open_vectors(Project(configured))
        with progress.show_in(Console(stderr=True)):
            found = related(list(texts.values()), embedder, k)
    except PodcastAssetsError as error:
        sys.exit(f"evals.related: {error}")
    ids = list(texts)
    for identity, others in zip(ids, found, strict=True):
        click.echo(json.dumps({"id": identity, "related": [ids[other] for other in others]}))


def read(file: Path) -> dict[Any, str]:
    """The texts of a file by their identities, in its order; an identity is a text or a number.

    Raises:
        PodcastAssetsError: names the line and what is wrong with it.
    """
    found: dict[Any, str] = {}
    for number, line in enumerate(file.read_bytes().split(b"\n"), 1):
        if not line.strip():
            continue
        where = f"{file}, line {number}"
        try:
            row = json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
        except (ValueError, RecursionError) as error:
            raise PodcastAssetsError(f'{where}: no JSON ({error}); expected {{"id": ..., "text": ...}}') from error
        if not isinstance(row, dict) or not {"id", "text"} <= row.keys():
            raise PodcastAssetsError(f'{where}: expected an object with the keys "id" and "text"')
        identity, text = row["id"], row["text"]
        if not isinstance(identity, str | int) or isinstance(identity, bool) or not isinstance(text, str):
            raise PodcastAssetsError(f'{where}: expected a text or a whole number as "id", and a text as "text"')
        if identity in found:
            raise PodcastAssetsError(f"{where}: the id {json.dumps(identity)} is there twice; every text needs its own")
        found[identity] = text.encode(errors="replace").decode()  # halves of surrogate pairs, which no model takes
    if not found:
        raise PodcastAssetsError(f'{file}: no text there; expected a line {{"id": ..., "text": ...}} for each')
    return found


def related(texts: Sequence[str], embedder: Embedder, k: int) -> list[list[int]]:
    """For each text the places of the ``k`` others that are most related to it, best first.

    A text that is blank, or without anything that the measure knows, has none and is nobody's.
    """
    known = Texts(np.vstack([*_vectors(texts, embedder)]), terms_of(texts))
    measure = measure_for(embedder.name)
    says_something = np.array([bool(text.strip()) for text in texts]) & (known.vectors.any(axis=1) | known.terms.any(axis=1))
    own = np.arange(len(texts))
    found: list[list[int]] = []
    for start in range(0, len(texts), ASKED):
        asked = own[start : start + ASKED]
        places, _ = nearest(
            known.vectors[asked], known.vectors, says_something, max(LOOKED_AT, k), excluding=(asked, own)
        )  # an episode each: nobody is related to itself
        places[~says_something[asked]] = -1
        best = most_related(known[asked], known, places, measure, own, k)
        found += [[place for place, _ in each] for each in best]
    return found


def _vectors(texts: Sequence[str], embedder: Embedder) -> Iterator[np.ndarray[Any, np.dtype[np.float32]]]:
    parts = [texts[start : start + EMBEDDED] for start in range(0, len(texts), EMBEDDED)]
    with progress.steps("embedding", len(parts)) as step:
        for part in parts:
            yield embedder.vectors(part)
            step(f"{len(part)} texts")


if __name__ == "__main__":
    main()
