"""The vectors of a day's insights in the lake: the truth, from which everything else here can be made again.

Belongs here: the text of an insight, the table ``vectors``, and that no text of a day is embedded twice by the same model.
Does not belong here: reading many days at once (``index``).
"""

import datetime as dt

import numpy as np
import polars as pl
from numpy.typing import NDArray

from podcast_assets import progress
from podcast_assets.embedding import Embedder, EmbeddingError
from podcast_assets.errors import PodcastAssetsError
from podcast_assets.hashing import sha256
from podcast_assets.schemas import SCHEMAS
from podcast_assets.storage import Lake

AT_ONCE = 512  # texts: after so many the bar moves


def text_of(claim: str | None, body: str | None, quote: str | None) -> str:
    """The text that stands for an insight: its claim and its body, or what was said where it has no body."""
    return ". ".join(part for part in (claim, body or quote) if part)


def vectors_of(
    lake: Lake, day: dt.date, insights: pl.DataFrame, embedder: Embedder, log: progress.Log, dimensions: int = 0
) -> tuple[NDArray[np.float32], int]:
    """The vectors of a day's accepted insights, a row each in their order, and how many texts were embedded for it.

    ``insights`` has ``insight_id`` (each once) and ``text``; ``dimensions`` is how long the model's vectors were on other
    days (0: nobody knows). A text of which the day has a vector of this model is not embedded again. From now on the day's
    rows of this model are those of ``insights``; those of other models stay.

    Raises:
        EmbeddingError: the model gives vectors of another length than it did before.
    """
    stored = _stored(lake, day, log)
    ours = pl.col("model") == embedder.name
    wanted = insights.with_columns(text_sha256=pl.col("text").map_elements(sha256, pl.String))
    known = stored.filter(ours).select("text_sha256", "vector").unique("text_sha256", maintain_order=True)
    missing = wanted.select("text", "text_sha256").unique("text_sha256", maintain_order=True)
    missing = missing.join(known, on="text_sha256", how="anti", maintain_order="left")
    known = pl.concat([known, _embedded(day, missing, embedder, log)])
    if len({dimensions or None, *known["vector"].list.len()} - {None}) > 1:
        raise changed_under_its_name(embedder)
    rows = wanted.join(known, on="text_sha256", how="left", maintain_order="left").select(
        pl.lit(day).alias("day"), "insight_id", pl.lit(embedder.name).alias("model"), "text_sha256", "vector"
    )
    table = pl.concat([stored.filter(~ours), rows]).sort("model", "insight_id")
    if not table.equals(stored):
        lake.write("vectors", table, day)
    return rows["vector"].explode().to_numpy().reshape(len(rows), -1) if len(rows) else np.zeros((0, 0), np.float32), len(
        missing
    )


def changed_under_its_name(embedder: Embedder) -> EmbeddingError:
    """The error where a model gives vectors of another length than it did before."""
    return EmbeddingError(
        f"the model {embedder.name!r} has changed under its name: its vectors have another length than before; remove "
        "the folders lake/vectors and cache/vectors, and all days are embedded anew"
    )


def _stored(lake: Lake, day: dt.date, log: progress.Log) -> pl.DataFrame:
    """What the lake has for a day; all of it can be worked out again, so what is damaged is as good as not there."""
    try:
        return lake.get("vectors", day).drop_nulls("vector")
    except PodcastAssetsError as error:
        log.info(f"the vectors of {day} are worked out anew: {error}")
        return pl.DataFrame(schema=SCHEMAS["vectors"])


def _embedded(day: dt.date, missing: pl.DataFrame, embedder: Embedder, log: progress.Log) -> pl.DataFrame:
    """``text_sha256`` and ``vector`` of texts that nobody has embedded yet."""
    found = missing.select("text_sha256", pl.lit(None, SCHEMAS["vectors"]["vector"]).alias("vector")).clear()
    with progress.steps(f"embedding insights of {day}", len(missing), log) as step:
        for part in missing.iter_slices(AT_ONCE):
            vectors = embedder.vectors(part["text"].to_list())
            found = found.vstack(part.select("text_sha256", pl.Series("vector", vectors).arr.to_list()))
            for _ in range(len(part)):
                step("")
    return found
