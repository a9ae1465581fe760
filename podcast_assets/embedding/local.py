"""Sentence embeddings by a small model on this machine.

Belongs here: where the model comes from (``[embedding]`` ``model`` and ``path``), how it is opened, texts to vectors. Where
no model can be had, there is none, with the reason in plain words: the caller tells it, and nothing else takes its place
unseen.
"""

import hashlib
import os
import urllib.error
import urllib.request
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import numpy as np

from podcast_assets.config import Config
from podcast_assets.embedding.base import Embedder, EmbeddingError, Vectors, to_unit
from podcast_assets.text import one_line

THREADS = 2
DIGITS = 12  # of a hash
SENTENCES: Final = "sentence-transformers/all-MiniLM-L6-v2"
FILES = ("model.onnx", "config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json")
HUB_ANSWERS_S = 5.0  # a network that swallows packets must not hold up a run
HUB_ENVIRONMENT = {"HF_HUB_ETAG_TIMEOUT": "5", "HF_HUB_DOWNLOAD_TIMEOUT": "10", "HF_HUB_DISABLE_TELEMETRY": "1"}


class LocalEmbedder(Embedder):
    """A model of fastembed."""

    def __init__(self, name: str, model: Any) -> None:
        self.name = name
        self._model = model
        self._size = len(self._rows(["."])[0])  # a folder may hold a model of another size than the one it is opened as

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """A row a text: what the model's own pooling makes of its tokens' vectors, of length 1 (float32).

        Each text goes through the model by itself: beside others in one batch, a quantised model gives it another vector
        (measured: a cosine of 0.96 in the worst case), and the same text would mean one thing today and another tomorrow.
        """
        with ThreadPoolExecutor(THREADS) as pool:
            parts = list(pool.map(self._rows, [texts[start::THREADS] for start in range(THREADS)]))
        found = np.empty((len(texts), self._size), np.float32)
        for start, part in enumerate(parts):
            found[start::THREADS] = np.reshape(part, (-1, self._size))
        return to_unit(found)  # which not every model's pooling does

    def _rows(self, texts: Sequence[str]) -> list[Vectors]:
        try:
            return list(self._model.embed(texts, batch_size=1))
        except Exception as error:  # the runtime below raises of many kinds
            raise EmbeddingError(f"{self.name}: {type(error).__name__}: {one_line(error, 200)}") from error


def open_embedder(config: Config) -> tuple[Embedder | None, str]:
    """The model of ``[embedding]`` with its name, or None with the reason why there is none; within seconds.

    ``path`` is a local folder of all-MiniLM-L6-v2 or of a model with the same files and pooling; without it ``model`` is
    taken from this machine's cache, or fetched.
    """
    chosen = config.embedding
    for variable, value in HUB_ENVIRONMENT.items():
        os.environ.setdefault(variable, value)  # read when the hub's library is imported
    if chosen.path:
        folder = config.resolve(chosen.path)
        missing = [name for name in FILES if not (folder / name).is_file()]
        if missing:
            return None, f"[embedding] path: {folder} is no folder of a model, {missing[0]} is not there"
        return _opened(SENTENCES, f"{folder.name} ({_content(folder)})", folder=folder)
    if not chosen.model:
        return None, "[embedding] model: none is named"
    found, reason = _opened(chosen.model, chosen.model)
    if found or (silence := _hub_is_silent()) is None:
        return (found, reason) if found else _opened(chosen.model, chosen.model, fetch=True)
    return None, f"[embedding] model: {chosen.model} is not on this machine and cannot be fetched ({silence})"


def _content(folder: Path) -> str:
    """What tells a model from all others, whatever its folder is called."""
    digest = hashlib.sha256()
    for name in FILES:
        with (folder / name).open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:DIGITS]


def _opened(published: str, name: str, *, folder: Path | None = None, fetch: bool = False) -> tuple[Embedder | None, str]:
    from fastembed import TextEmbedding
    from huggingface_hub import constants
    from loguru import logger

    logger.disable("fastembed")  # it prints what it tries; what came of it is said by us
    try:
        model = TextEmbedding(
            published,
            cache_dir=constants.HF_HUB_CACHE,  # where the models of speech lie; its own choice is the temporary folder
            threads=1,  # of one text; texts run side by side
            specific_model_path=None if folder is None else str(folder),
            local_files_only=not fetch,
        )
        opened = LocalEmbedder(name, model)
    except Exception as error:  # noqa: BLE001 - the libraries below raise of many kinds, some plain Exceptions
        first = (str(error).splitlines() or [type(error).__name__])[0]
        return None, f"[embedding]: {name} cannot be opened: {first}"
    return opened, name


def _hub_is_silent() -> str | None:
    """Why the hub gives no sign of life, through whatever proxy the environment names; None where it does."""
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE:
        return "HF_HUB_OFFLINE is set"
    request = urllib.request.Request(constants.ENDPOINT, method="HEAD")  # noqa: S310 - the library's own address
    try:
        urllib.request.urlopen(request, timeout=HUB_ANSWERS_S).close()  # noqa: S310
    except urllib.error.HTTPError as error:
        error.close()  # an answer, even if not the one that was asked for
    except OSError as error:
        return str(getattr(error, "reason", error))
    return None
