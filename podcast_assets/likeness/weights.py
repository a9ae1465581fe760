"""What was learnt of likeness, as it is shipped in ``weights.npz`` beside this module.

Belongs here: the arrays, reading and writing them. Does not belong here: what is done with them, and learning
(``python -m evals.same_point train``).
"""

import dataclasses
import functools
import io
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

WEIGHTS: Final = Path(__file__).with_name("weights.npz")
RARITY_BITS: Final = 16
RARITY_UNIT: Final = 20.0  # of a rarity as it is kept


@dataclasses.dataclass(frozen=True)
class Weights:
    """The arrays.

    ``rarity`` has 2 ** ``RARITY_BITS`` values from 0 to 255 (see ``terms.rarity``). ``meaning`` and ``words`` are weights of
    the features of ``measure.seen`` with the bias last, for sentence embeddings and for words alone; ``same_from`` has for
    each the value from which on two texts say the same.
    """

    rarity: "NDArray[np.uint8]"
    meaning: "NDArray[np.float32]"
    words: "NDArray[np.float32]"
    same_from: "NDArray[np.float32]"


@functools.cache
def weights() -> Weights:
    """The weights that come with the package."""
    return from_bytes(WEIGHTS.read_bytes())


def to_bytes(learnt: Weights) -> bytes:
    """The weights as they are kept: equal weights give equal bytes."""
    file = io.BytesIO()
    np.savez_compressed(file, **vars(learnt))
    return file.getvalue()


def from_bytes(data: bytes) -> Weights:
    """The weights of what :func:`to_bytes` gave."""
    with np.load(io.BytesIO(data)) as file:
        return Weights(**{name: file[name] for name in file.files})
