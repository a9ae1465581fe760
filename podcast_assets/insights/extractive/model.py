"""How likely a sentence is one that editors would pick for the teaser of its episode: linear models with learnt weights.

Two sets of weights: ``words`` sees the features of ``features`` and the words and word pairs of the sentence and of its two
neighbours; ``meaning`` sees sentence embeddings beside them, of the model it was learnt with and no other.
``weights.npz`` lies beside this module and is written by ``python -m evals.train``, which says what the weights were learnt
from. Does not belong here: passages, and learning.
"""

import dataclasses
import functools
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from podcast_assets.insights.extractive.features import Numbers, Talk, features
from podcast_assets.insights.extractive.words import TOKEN

if TYPE_CHECKING:
    from scipy.sparse import csr_array
    from sklearn.feature_extraction.text import CountVectorizer

    from podcast_assets.config import Config
    from podcast_assets.embedding import Embedder

WEIGHTS: Final = Path(__file__).with_name("weights.npz")
PROBE: Final = "Most people believe that dry iron rusts, but it takes water."  # whose vector tells models apart
SAME = 0.95  # cosine of its vectors by two editions of one model, at least; those of other models have nothing in common
FAR_OUT = 6.0  # standard deviations: a feature that is further off counts as this
ARRAYS = ("bias", "features", "own", "near", "vector", "vector_near")


@dataclasses.dataclass(frozen=True)
class Layer:
    """One set of weights.

    Of the features, of the terms of a sentence (``own``) and of its neighbours (``near``), and of their embeddings (empty in
    the set that goes without).
    """

    bias: Numbers
    features: Numbers
    own: Numbers
    near: Numbers
    vector: Numbers
    vector_near: Numbers


@dataclasses.dataclass(frozen=True)
class Model:
    """Both sets of weights, the vocabulary they share, and how features are standardised.

    ``half`` is the expected number of hits at which a passage's quality is 0.5. ``probe`` is the vector of ``PROBE`` by the
    embeddings that ``meaning`` was learnt with.
    """

    names: tuple[str, ...]
    vocabulary: tuple[str, ...]
    mean: Numbers
    scale: Numbers
    words: Layer
    meaning: Layer
    half: float
    probe: Numbers

    @functools.cached_property
    def vectorizer(self) -> "CountVectorizer":
        """What finds the terms of the vocabulary in a text."""
        return vectorizer(vocabulary=self.vocabulary)

    def seen(self, talk: Talk) -> "Seen":
        """What the weights are applied to.

        Raises:
            ValueError: the weights were learnt for other features.
        """
        found = features(talk)
        if tuple(found) != self.names:
            raise ValueError(f"{WEIGHTS}: learnt for other features; write it anew with 'python -m evals.train'")
        return Seen(self.standard(np.column_stack(list(found.values()))), terms(self.vectorizer, talk))

    def fits(self, probe: Numbers) -> bool:
        """Whether embeddings that give ``PROBE`` this vector (of length 1) are those that ``meaning`` was learnt with."""
        return probe.shape == self.probe.shape and float(probe @ self.probe) >= SAME

    def standard(self, values: Numbers) -> Numbers:
        """Features with mean 0 and deviation 1 over all that was learnt from."""
        return np.clip((values - self.mean) / self.scale, -FAR_OUT, FAR_OUT)


@dataclasses.dataclass(frozen=True)
class Seen:
    """The sentences of a talk as the weights see them."""

    features: Numbers
    terms: "csr_array"

    def chances(self, layer: Layer, vectors: Numbers | None = None) -> Numbers:
        """How likely each sentence is a pick, from 0 to 1; with a row of ``vectors`` a sentence for ``meaning``."""
        score = self.features @ layer.features + layer.bias + self.terms @ layer.own + beside(self.terms @ layer.near)
        if vectors is not None:
            score = score + vectors @ layer.vector + beside(vectors @ layer.vector_near)
        return np.asarray(1 / (1 + np.exp(-score)))


def beside(values: Numbers) -> Numbers:
    """For each sentence, the sum of its two neighbours' values; sentences are rows."""
    found = np.zeros_like(values)
    found[1:] += values[:-1]
    found[:-1] += values[1:]
    return found


def vectorizer(**options: Any) -> "CountVectorizer":
    """What counts words and word pairs, each once a sentence."""
    from sklearn.feature_extraction.text import CountVectorizer

    return CountVectorizer(ngram_range=(1, 2), binary=True, token_pattern=TOKEN, dtype=np.float32, **options)


def terms(counter: "CountVectorizer", talk: Talk) -> "csr_array":
    """Which terms of a vocabulary occur in which sentence."""
    from scipy.sparse import csr_array

    return csr_array(counter.transform(sentence.text for sentence in talk.sentences))


@functools.cache
def load() -> Model:
    """The model that comes with the package."""
    return from_bytes(WEIGHTS.read_bytes())


def open_meaning(config: "Config") -> "tuple[Embedder | None, str]":
    """The embeddings that ``meaning`` goes with and their name, or None with the reason why there are none."""
    from podcast_assets.embedding import open_embedder

    embedder, told = open_embedder(config)
    if embedder and not load().fits(embedder.vectors([PROBE])[0]):
        return None, f"its weights were not learnt with {told}"
    return embedder, told


def to_bytes(model: Model) -> bytes:
    """The model as it is kept: equal models give equal bytes."""
    arrays: dict[str, Any] = {
        "names": _joined(model.names),
        "vocabulary": _joined(model.vocabulary),
        "mean": model.mean.astype(np.float32),
        "scale": model.scale.astype(np.float32),
        "half": np.float32(model.half),
        "probe": model.probe.astype(np.float16),
    }
    for layer in ("words", "meaning"):
        arrays |= {f"{layer}.{name}": getattr(getattr(model, layer), name).astype(np.float16) for name in ARRAYS}
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def from_bytes(data: bytes) -> Model:
    """The model of what :func:`to_bytes` gave."""
    with np.load(io.BytesIO(data)) as file:
        arrays = {name: file[name] for name in file.files}

    def layer(name: str) -> Layer:
        return Layer(**{part: arrays[f"{name}.{part}"].astype(float) for part in ARRAYS})

    return Model(
        names=_split(arrays["names"]),
        vocabulary=_split(arrays["vocabulary"]),
        mean=arrays["mean"].astype(float),
        scale=arrays["scale"].astype(float),
        words=layer("words"),
        meaning=layer("meaning"),
        half=float(arrays["half"]),
        probe=arrays["probe"].astype(float),
    )


def _joined(texts: Sequence[str]) -> "np.ndarray[Any, Any]":
    return np.frombuffer("\n".join(texts).encode(), np.uint8)


def _split(letters: "np.ndarray[Any, Any]") -> tuple[str, ...]:
    return tuple(letters.tobytes().decode().split("\n"))
