"""Vectors of a hosted embedding model, asked through litellm: in batches, each paid for once, within the day's budget."""

import asyncio
import datetime as dt
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from podcast_assets import clock
from podcast_assets.embedding.base import Embedder, EmbeddingError, Vectors
from podcast_assets.text import one_line

if TYPE_CHECKING:
    from podcast_assets.llm.client import Patience
    from podcast_assets.llm.models import Model
    from podcast_assets.project import Project

MOST_TEXTS = 64  # of a batch
MOST_CHARACTERS = 60_000  # of a batch
LONGEST = 6_000  # characters of a text that are sent: no insight has more, and some servers refuse more
BLANK = "."  # in place of a text without a word, which servers refuse


class HostedEmbedder(Embedder):
    """A model that ``[embedding] hosted_model`` names."""

    def __init__(
        self, project: "Project", model: "Model", day: dt.date | None = None, patience: "Patience | None" = None
    ) -> None:
        self.name = f"{model.name} ({model.api_base})" if model.api_base else model.name
        self._project, self._model, self._patience = project, model, patience
        self._day = day or clock.now().astimezone(project.config.zone).date()
        self._size: int | None = None

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """A row a text, of length 1 (float32). Belongs outside of event loops.

        Raises:
            EmbeddingError: the model cannot be reached or asked, the budget is spent, or what it gives are no vectors.
        """
        sent = [one_line(text, LONGEST) or BLANK for text in texts]
        unique = list(dict.fromkeys(sent)) or [BLANK]  # without any text, one tells how long a vector is
        parts = asyncio.run(self._ask(list(batches(unique))))
        sizes = {part.shape[1] for part in parts} | ({self._size} if self._size else set())
        if len(sizes) > 1:
            raise EmbeddingError(
                f"[embedding] hosted_model: {self.name} gave vectors of {' and of '.join(map(str, sorted(sizes)))} numbers: "
                "the server has another model under this name than before; give it another name"
            )
        (self._size,) = sizes
        found: Vectors = np.concatenate(parts)
        places = {text: place for place, text in enumerate(unique)}
        chosen: Vectors = found[np.array([places[text] for text in sent], int)]
        return chosen

    async def _ask(self, asked: Sequence[Sequence[str]]) -> list[Vectors]:
        from podcast_assets.llm.client import DeferredError, UnusableError
        from podcast_assets.llm.embed import batch, read
        from podcast_assets.llm.session import client_of

        async with client_of(self._project, self._patience) as client:
            questions = [client.ask(batch(self._day, texts), [self._model], read) for texts in asked]
            # Those under way are waited for, whatever becomes of one: they are paid for.
            found = await asyncio.gather(*questions, return_exceptions=True)
        parts = []
        for each in found:
            if isinstance(each, DeferredError | UnusableError):
                raise EmbeddingError(f"[embedding] hosted_model: {each}") from each
            if isinstance(each, BaseException):
                raise each
            parts.append(each[0])
        return parts


def batches(texts: Sequence[str]) -> Iterator[list[str]]:
    """Texts in order, so many together as one call may have."""
    found: list[str] = []
    characters = 0
    for text in texts:
        if found and (len(found) == MOST_TEXTS or characters + len(text) > MOST_CHARACTERS):
            yield found
            found, characters = [], 0
        found.append(text)
        characters += len(text)
    if found:
        yield found
