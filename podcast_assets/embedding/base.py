"""What every embedder is: a name and vectors. How these come about is told in ``local``, ``hosted`` and ``lexical``."""

import abc
from collections.abc import Sequence
from typing import Any

import numpy as np

from podcast_assets.errors import PodcastAssetsError

Vectors = np.ndarray[Any, np.dtype[np.float32]]


def to_unit(rows: Vectors) -> Vectors:
    """The rows with length 1, in place; those of zeros stay as they are, and those with what is no number become so."""
    rows[~np.isfinite(rows).all(axis=1)] = 0
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    np.divide(rows, lengths, out=rows, where=lengths > 0)
    return rows


class EmbeddingError(PodcastAssetsError):
    """No vectors now, though perhaps another day: the model cannot be reached, is not paid for, or answers nonsense."""


class Embedder(abc.ABC):
    """An open model.

    ``name`` says which: vectors of different names are never to be compared, and it is part of the keys of caches.
    ``is_lexical``: whether texts are alike by their words alone.
    """

    name: str
    is_lexical: bool = False

    @abc.abstractmethod
    def vectors(self, texts: Sequence[str]) -> Vectors:
        """A row a text, of length 1 (float32); the row of a text depends on no other text.

        Raises:
            EmbeddingError: there are none now.
        """
