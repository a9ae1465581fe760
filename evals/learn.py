"""From episodes and what their editors picked to the weights of the extractive method.

Pure: the same episodes give the same weights.

A sentence counts as picked when it holds two fifths of a labelled one. Both sets are logistic regressions; what the one with
embeddings learnt is taught to the one without, as the mean of its own weights and of those that tell the other's scores.
"""

import dataclasses
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from evals.score import GRAM, grams
from podcast_assets.insights.extractive.features import Numbers, Talk, features
from podcast_assets.insights.extractive.model import Layer, Model, beside, vectorizer
from podcast_assets.insights.extractive.words import TOKEN
from podcast_assets.insights.talk import Sentence, sentences_of, turns_of
from podcast_assets.speech import Segment

PICKED_SHARE = 0.4  # of a labelled sentence
SENTENCES, EPISODES = 30, 10  # in which a term must occur: what is said on one show alone teaches nothing
STRENGTH = 0.003  # the inverse of the regularisation, as scikit-learn has it
TEACHING = 300.0  # the regularisation of what the one set learns from the other
OWN, NEAR, VECTOR, VECTOR_NEAR = 3.0, 1.0, 6.0, 3.0  # how freely a part may be weighted, beside a feature's 1
ITERATIONS = 100
EVERY = 3  # of the sentences that nobody picked, for the set with embeddings: every third, counted threefold


@dataclasses.dataclass(frozen=True)
class Lesson:
    """An episode, sentence by sentence: what is seen of it (``features``, ``vectors``) and what was picked."""

    texts: list[str]
    features: "np.ndarray[Any, np.dtype[np.float32]]"
    vectors: "np.ndarray[Any, np.dtype[np.float32]]"
    picked: "np.ndarray[Any, np.dtype[np.bool_]]"


def names() -> tuple[str, ...]:
    """The names of the features, in their order."""
    return tuple(features(Talk(sentences_of(turns_of([Segment(0.0, 1.0, "One.")])))))


def picked(sentences: Sequence[Sentence], labels: Sequence[str]) -> "np.ndarray[Any, np.dtype[np.bool_]]":
    """Which sentences hold a good part of a labelled one, by the middles of the sequences that they share."""
    words = [re.findall(TOKEN, sentence.text.lower()) for sentence in sentences]
    owner = [place for place, each in enumerate(words) for _ in each]
    flat = [word for each in words for word in each]
    said = [tuple(flat[start : start + GRAM]) for start in range(len(flat) - GRAM + 1)]
    found = np.zeros(len(sentences), bool)
    for wanted in map(grams, labels):
        middles = [owner[start + GRAM // 2] for start, gram in enumerate(said) if gram in wanted]
        shared = np.bincount(np.array(middles, int), minlength=len(sentences))
        found |= shared >= PICKED_SHARE * len(wanted)
    return found


def learn(lessons: Sequence[Lesson]) -> Model:
    """The weights that these episodes teach; ``half`` is left at 1 and ``probe`` empty (see ``train``)."""
    from scipy.sparse import csr_array, hstack, vstack
    from sklearn.linear_model import LogisticRegression, Ridge

    seen = np.vstack([lesson.features for lesson in lessons]).astype(float)
    mean, scale = seen.mean(axis=0), np.maximum(seen.std(axis=0), 1e-6)
    bare = Layer(*(np.zeros(0),) * 6)
    model = Model(names(), _vocabulary(lessons), mean, scale, bare, bare, 1.0, np.zeros(0))
    counted = [csr_array(model.vectorizer.transform(lesson.texts)) for lesson in lessons]
    own, near = vstack(counted), vstack([_beside(each) for each in counted])
    plain = csr_array(model.standard(seen).astype(np.float32))
    known = hstack([plain, own * np.float32(OWN), near * np.float32(NEAR)]).tocsr()
    target = np.concatenate([lesson.picked for lesson in lessons])
    own_vectors = np.vstack([lesson.vectors for lesson in lessons])
    near_vectors = np.vstack([beside(lesson.vectors) for lesson in lessons])
    meant = np.hstack([own_vectors * VECTOR, near_vectors * VECTOR_NEAR]).astype(np.float32)

    chosen = np.flatnonzero(target | (np.arange(len(target)) % EVERY == 0))
    weight = np.where(target[chosen], 1.0, EVERY)
    both = hstack([known[chosen], csr_array(meant[chosen])]).tocsr()
    teacher = LogisticRegression(C=STRENGTH, max_iter=ITERATIONS).fit(both, target[chosen], sample_weight=weight)
    taught, bias = teacher.coef_[0], teacher.intercept_[0]
    meaning = _layer(taught, bias, model)
    scores = known @ taught[: known.shape[1]] + meant @ taught[known.shape[1] :] + bias
    alone = LogisticRegression(C=STRENGTH, max_iter=ITERATIONS).fit(known, target)
    pupil = Ridge(alpha=TEACHING, solver="lsqr", max_iter=60, tol=1e-3).fit(known, scores)
    words = _layer((alone.coef_[0] + pupil.coef_) / 2, (alone.intercept_[0] + pupil.intercept_) / 2, model)
    return dataclasses.replace(model, words=words, meaning=meaning)


def _vocabulary(lessons: Sequence[Lesson]) -> tuple[str, ...]:
    """The words and word pairs that occur in enough sentences and episodes, in the order of the alphabet."""
    counter = vectorizer()
    counts = counter.fit_transform(text for lesson in lessons for text in lesson.texts).tocsc()
    episode = np.repeat(np.arange(len(lessons)), [len(lesson.texts) for lesson in lessons])
    frequent = np.flatnonzero(np.diff(counts.indptr) >= SENTENCES)
    terms = counter.get_feature_names_out()
    spread = (len(np.unique(episode[counts.indices[counts.indptr[i] : counts.indptr[i + 1]]])) for i in frequent)
    return tuple(str(terms[i]) for i, episodes in zip(frequent, spread, strict=True) if episodes >= EPISODES)


def _beside(counts: Any) -> Any:
    """The sum of the terms of both neighbours (as ``model.beside``, for a sparse matrix)."""
    from scipy.sparse import csr_array, diags_array

    count = counts.shape[0]
    if count == 1:
        return csr_array(counts.shape, dtype=np.float32)
    shift = diags_array([np.ones(count - 1, np.float32)] * 2, offsets=[-1, 1], shape=(count, count))
    return csr_array(shift @ counts)


def _layer(weights: Numbers, bias: float, model: Model) -> Layer:
    """The weights of scaled columns as those of what was scaled."""
    edges = np.cumsum([len(model.names), len(model.vocabulary), len(model.vocabulary)])
    plain, own, near, vector = np.split(weights, edges)
    half = len(vector) // 2
    return Layer(np.array(bias), plain, own * OWN, near * NEAR, vector[:half] * VECTOR, vector[half:] * VECTOR_NEAR)
