"""One call of a hosted embedding model through litellm: a batch of texts, and the reply that is kept of it.

A batch is a question like any other to ``client``: entered ahead, within the budget, tried again, paid for once. A reply
that cannot be right is an error of its call and is not kept: the server may be mended by the next run.
"""

import base64
import binascii
import dataclasses
import datetime as dt
import json
from collections.abc import Sequence
from typing import Any, Final, Self

import numpy as np

from podcast_assets.llm.client import Question, UnreadableError
from podcast_assets.llm.ledger import Usage
from podcast_assets.llm.models import Model, litellm
from podcast_assets.llm.provider import DIGITS, ONE_TRY, CallError, Reply, answered, tokens

PURPOSE: Final = "embed"
VERSION: Final = "embed-1"

Vectors = np.ndarray[Any, np.dtype[np.float32]]


@dataclasses.dataclass(frozen=True)
class Batch(Question):
    """Texts whose vectors are asked for."""

    texts: tuple[str, ...]

    async def send(self, model: Model, timeout_s: float) -> Reply:
        """Asks once.

        Raises:
            CallError: says why no vectors came.
        """
        asked = litellm().aembedding(
            model=model.name,
            input=list(self.texts),
            api_base=model.api_base,
            api_key=model.api_key,
            timeout=timeout_s,
            **ONE_TRY,
        )
        response, latency_s = await answered(asked, timeout_s)
        sent = tokens(getattr(response, "usage", None), "prompt_tokens")
        sent = sent or int(litellm().token_counter(model=model.name, text=self.user))
        vectors = _checked(response.data, len(self.texts))
        return Reply(_written(vectors), "stop", Usage(sent, usd=round(sent * model.input_usd, DIGITS), latency_s=latency_s))

    def after(self, problem: UnreadableError) -> Self:
        """The same once more."""
        return self


def batch(day: dt.date, texts: Sequence[str]) -> Batch:
    """The question for the vectors of texts, none of them empty."""
    return Batch(day, "", PURPOSE, VERSION, "", json.dumps(texts, ensure_ascii=False), None, 0, tuple(texts))


def read(reply: Reply) -> Vectors:
    """The vectors of a reply that was kept: a row a text, of length 1 (float32).

    Raises:
        UnreadableError: it is damaged.
    """
    try:
        rows = [np.frombuffer(base64.b64decode(row), "<f4") for row in json.loads(reply.text)]
        return np.array(rows, np.float32)
    except (ValueError, TypeError, binascii.Error) as error:
        raise UnreadableError("it holds no vectors") from error


def _written(vectors: Vectors) -> str:
    return json.dumps([base64.b64encode(row.astype("<f4").tobytes()).decode() for row in vectors])


def _checked(data: Any, count: int) -> Vectors:
    """What a server gave, in the order of the texts, with length 1."""
    rows = list(data or [])
    if len(rows) != count:
        raise _wrong(f"it gave {len(rows)} vectors for {count} texts")
    places = [row.get("index") for row in rows]
    if any(place is not None for place in places):
        if sorted(places, key=str) != sorted(range(count), key=str):
            raise _wrong("its vectors do not say which text they belong to")
        rows.sort(key=lambda row: row["index"])
    try:
        found = np.array([row["embedding"] for row in rows], np.float64)
    except (ValueError, TypeError, KeyError) as error:
        raise _wrong("its vectors are not rows of as many numbers each") from error
    if found.ndim != 2 or not found.shape[1]:  # noqa: PLR2004 - texts and numbers
        raise _wrong("its vectors are not rows of as many numbers each")
    lengths = np.linalg.norm(found, axis=1)
    if not (np.isfinite(lengths) & (lengths > 0)).all():
        raise _wrong("a vector of it is all zeros or holds what is no number")
    return np.asarray(found / lengths[:, None], np.float32)


def _wrong(reason: str) -> CallError:
    return CallError("unreadable", reason, may_cost=True)
