"""LexRank: what is most like many that are so themselves. Pure."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

DAMPING, ROUNDS = 0.85, 50


def centrality(alike: NDArray[Any]) -> NDArray[Any]:
    """How central each of n texts is, from how alike each is to each (n, n): Erkan and Radev 2004, with weighted edges."""
    sums = alike.sum(axis=1, keepdims=True)
    steps = np.divide(alike, sums, out=np.full_like(alike, 1 / len(alike)), where=sums > 0)
    rank = np.full(len(alike), 1 / len(alike))
    for _ in range(ROUNDS):
        rank = (1 - DAMPING) / len(alike) + DAMPING * (rank @ steps)
    return rank
