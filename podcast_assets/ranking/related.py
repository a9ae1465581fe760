"""Related insights: for each new one, the nearest of the archive from other episodes, by meaning and topic. Pure functions.

Of the ``LOOKED_AT`` nearest by their vectors, the best by ``Measure.related`` are taken: vectors alone also bring together
what has the same tone. The ranking finds them on its way through the archive; ``related_insights`` only shows them.
"""

import datetime as dt
import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from podcast_assets.likeness import Measure, Texts
from podcast_assets.schemas import SCHEMAS

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST = 10
LOOKED_AT = 256
PAIRS = 4_096  # at once: what they need stays in the processor's cache

Found = list[tuple[int, float]]  # places, best first, each with how related it is


def most_related(
    asked: Texts, known: Texts, places: "NDArray[Any]", measure: Measure, names: "NDArray[Any]", most: int = MOST
) -> list[Found]:
    """The most related ones for each text.

    Args:
        asked: the texts.
        known: those that they may be related to.
        places: of ``known``, a row a text; -1 for none.
        measure: of how related two are.
        names: of ``known``: of equals the one whose name comes first is the better.
        most: how many at most.
    """
    rows, columns = np.nonzero(places >= 0)
    right = places[rows, columns]
    values = np.zeros(len(rows))
    for start in range(0, len(rows), PAIRS):
        part = slice(start, start + PAIRS)
        values[part] = np.round(measure.related(asked[rows[part]], known[right[part]]).astype(np.float64), 6)
    order = np.lexsort((names[right], -values, rows))
    bounds = np.searchsorted(rows[order], np.arange(len(asked) + 1))
    return [
        list(zip(right[part].tolist(), values[part].tolist(), strict=True))
        for first, last in itertools.pairwise(bounds)
        for part in [order[first:last][:most]]
    ]


def edges(ranked: pl.DataFrame, day: dt.date) -> pl.DataFrame:
    """The edges that a day's ranking found (schema ``related_insights``, without relations): from each insight to others."""
    table = SCHEMAS["related_insights"]
    return (
        ranked.select("insight_id", "related")
        .explode("related")
        .drop_nulls("related")
        .unnest("related")
        .with_columns(
            pl.lit(day).alias("day"),
            pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("insight_id").alias("rank"),
            pl.lit(None, pl.String).alias("relation"),
        )
        .select(list(table))
        .sort("insight_id", "rank")
    )
