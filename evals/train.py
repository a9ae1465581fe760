"""``python -m evals.train --corpus DIR``: learns the weights of the extractive method and writes them into the package.

They are learnt from the episodes that have labels; those without set the scale of the quality. Needs the model of
``[embedding]`` (``podcasts.toml`` or ``PODCAST_ASSETS_CONFIG``), whose vectors are kept in the data folder.
"""

import dataclasses
import statistics
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np

from evals import corpus
from evals.learn import Lesson, learn, picked
from evals.vectors import kept
from podcast_assets import config
from podcast_assets.embedding import open_embedder
from podcast_assets.insights.extractive.features import Talk, features
from podcast_assets.insights.extractive.model import PROBE, WEIGHTS, Model, to_bytes
from podcast_assets.insights.extractive.passages import apart, passages_of

if TYPE_CHECKING:
    from podcast_assets.embedding import Embedder

CORES = 2
TYPICAL = 10  # the place of an episode, by its rank, whose quality is 2/3 in half of the episodes
FEWEST_WORDS = 3000  # of an episode that sets the scale


def lessons_of(folder: Path, embedder: "Embedder", cache: Path) -> dict[str, Lesson]:
    """The labelled episodes of a corpus, as they are learnt from."""
    names = sorted(corpus.labels(folder))
    with ProcessPoolExecutor(CORES) as pool:
        found = list(pool.map(partial(_without_vectors, folder), names, chunksize=8))
    return {
        name: dataclasses.replace(lesson, vectors=kept(embedder, lesson.texts, cache))
        for name, lesson in zip(names, found, strict=True)
    }


def _without_vectors(folder: Path, name: str) -> Lesson:
    sentences = corpus.episode(folder, name, corpus.teaser_ends(folder)[name]).sentences()
    seen = np.column_stack(list(features(Talk(sentences)).values())).astype(np.float32)
    texts = [sentence.text for sentence in sentences]
    return Lesson(texts, seen, np.zeros((0, 0), np.float32), picked(sentences, corpus.labels(folder)[name]))


def scaled(model: Model, folder: Path, names: Sequence[str]) -> Model:
    """The model with ``half`` such that the tenth best passage of the median episode has a quality of 2/3."""
    with ProcessPoolExecutor(CORES) as pool:
        expected = [value for value in pool.map(partial(_typical, model, folder), names) if value is not None]
    return dataclasses.replace(model, half=statistics.median(expected) / 2) if expected else model


def _typical(model: Model, folder: Path, name: str) -> float | None:
    sentences = corpus.episode(folder, name, corpus.teaser_ends(folder).get(name, 0.0)).sentences()
    best = apart(passages_of(sentences, model=dataclasses.replace(model, half=1.0)), TYPICAL)
    if len(best) < TYPICAL or sum(sentence.words for sentence in sentences) < FEWEST_WORDS:
        return None
    return best[-1].quality / (1 - best[-1].quality)


def trained(lessons: Mapping[str, Lesson], folder: Path) -> Model:
    """What all lessons teach, with the scale that the other episodes set (all of them, where none is without labels)."""
    others = [name for name in corpus.episode_ids(folder) if name not in lessons]
    return scaled(learn(list(lessons.values())), folder, others or list(lessons))


@click.command(help=__doc__)
@corpus.option
@click.option("--out", type=click.Path(path_type=Path), default=WEIGHTS, help="where the weights go; the package by default")
def main(folder: Path, out: Path) -> None:
    """The command."""
    configured = config.load()
    embedder, told = open_embedder(configured)
    if embedder is None:
        sys.exit(f"Learning needs a model of sentence embeddings: {told}")
    lessons = lessons_of(folder, embedder, configured.data_path / "evals")
    probe = embedder.vectors([PROBE])[0].astype(float)
    data = to_bytes(dataclasses.replace(trained(lessons, folder), probe=probe))
    out.write_bytes(data)
    click.echo(f"{out}: {len(data)} bytes, learnt from {len(lessons)} episodes, with {told}")


if __name__ == "__main__":
    main()
