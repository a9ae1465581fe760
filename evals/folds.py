"""Five-fold cross-validation over episodes: what is learnt from four fifths is measured on the rest. Deterministic."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

from evals import corpus
from evals.extractors import extractive
from evals.learn import Lesson, learn
from podcast_assets.hashing import sha256

FOLDS = 5
CORES = 2

Quotes = dict[str, list[str]]


def fold_of(episode_id: str) -> int:
    """The fold of an episode: by its name alone, so that a corpus that grows moves none."""
    return int(sha256(episode_id)[:8], 16) % FOLDS


def cross_validated(lessons: Mapping[str, Lesson], folder: Path) -> tuple[Quotes, Quotes]:
    """The quotes of each labelled episode by weights that know nothing of it: by words alone, and with embeddings."""
    with ProcessPoolExecutor(CORES) as pool:
        folds = list(pool.map(partial(_fold, lessons, folder), range(FOLDS)))
    words: Quotes = {}
    meaning: Quotes = {}
    for by_words, by_meaning in folds:
        words |= by_words
        meaning |= by_meaning
    return words, meaning


def _fold(lessons: Mapping[str, Lesson], folder: Path, fold: int) -> tuple[Quotes, Quotes]:
    model = learn([lesson for name, lesson in lessons.items() if fold_of(name) != fold])
    ends = corpus.teaser_ends(folder)
    words: Quotes = {}
    meaning: Quotes = {}
    for name in (name for name in lessons if fold_of(name) == fold):
        sentences = corpus.episode(folder, name, ends[name]).sentences()
        words[name] = extractive(sentences, model=model)
        meaning[name] = extractive(sentences, partial(_known, lessons[name]), model=model)
    return words, meaning


def _known(lesson: Lesson, texts: Sequence[str]) -> "np.ndarray[tuple[int, int], np.dtype[np.float32]]":
    """The vectors of sentences of an episode, which are known."""
    rows = dict(zip(lesson.texts, lesson.vectors, strict=True))
    return np.array([rows[text] for text in texts], np.float32)
