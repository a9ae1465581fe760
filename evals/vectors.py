"""The embeddings of all sentences of episodes, kept in a folder: learning and every fold need the same ones."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from podcast_assets.hashing import sha256

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from podcast_assets.embedding import Embedder


def kept(embedder: "Embedder", texts: Sequence[str], folder: Path) -> "NDArray[Any]":
    """A row a text (float32), from the folder where they were worked out before."""
    path = folder / f"{sha256(chr(10).join([embedder.name, *texts]))[:32]}.npy"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        with unfinished.open("wb") as file:
            np.save(file, embedder.vectors(texts).astype(np.float16))
        unfinished.replace(path)
    return np.asarray(np.load(path), np.float32)
