"""Looks at each insight that competes on a day, and at what is known that is like it. Pure functions.

The ``SHORTLIST`` best by the components that need no archive are held against it; of the others nothing more is asked.
Nothing depends on the order of the input: rows are taken by identity.
"""

import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from podcast_assets.config import WeightsConfig
from podcast_assets.likeness import Measure, Texts
from podcast_assets.ranking.evidence import Contest, Published, evidence_of
from podcast_assets.ranking.interests import Interests, interest_of
from podcast_assets.ranking.score import own_components, with_score
from podcast_assets.schemas import RELATED
from podcast_assets.vectors.archive import Archive

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHORTLIST = 500


@dataclasses.dataclass(frozen=True)
class Standing:
    """The insights of a day with all that is known of them before anybody compares them.

    ``listed`` are the shortlisted ones, by identity, with all components; its column ``row`` is their place in ``alike``
    (how near in meaning, 0 to 1) and ``same`` (the chance that they make the same point, which they do from ``same_from``
    on). ``rest`` are the others.
    """

    day: dt.date
    listed: pl.DataFrame
    rest: pl.DataFrame
    alike: "NDArray[Any]"
    same: "NDArray[Any]"
    same_from: float


def assess(
    day: dt.date,
    candidates: pl.DataFrame,
    texts: Texts,
    interests: Interests | None,
    archive: Archive,
    published: Published,
    measure: Measure,
    weights: WeightsConfig,
) -> Standing:
    """What is known of the insights that compete on a day.

    Args:
        day: the day they compete on.
        candidates: accepted rows of ``insight_candidates`` with ``feed_id`` and ``editors_choice``, in any order.
        texts: what they are compared by, a row each.
        interests: the reader's; None where they name none.
        archive: the insights of all days; those before ``day`` count.
        published: what was shown.
        measure: how likeness is measured.
        weights: of the components, for the choice of the shortlist.
    """
    by_name = candidates["insight_id"].arg_sort().to_numpy()
    candidates, texts = candidates[by_name], texts[by_name]
    frame = own_components(candidates.with_row_index("text"), day).with_columns(
        *_interest(texts, interests), *_unknown("novelty", "novelty_published", "corroboration", "comparison")
    )
    order = with_score(frame, weights).sort(["score", "insight_id"], descending=[True, False])
    order = order.drop("score", "worth", "gains").with_columns(
        pl.lit(None, pl.List(RELATED)).alias("related"),
        *_unknown("nearest_id", "published_id", "repeats", dtype=pl.String),
        *_unknown("also_on", dtype=pl.Int32),
    )
    listed = order.head(SHORTLIST).sort("insight_id").with_row_index("row")
    ids, feeds, heard = (listed[name].to_list() for name in ("insight_id", "feed_id", "episode_id"))
    own = Contest(ids, feeds, heard, texts[listed["text"].to_numpy()])
    evidence = evidence_of(day, own, archive, published, measure)
    return Standing(
        day=day,
        listed=listed.with_columns(
            pl.Series("novelty", evidence.novelty, dtype=pl.Float64),
            pl.Series("novelty_published", evidence.novelty_published, dtype=pl.Float64).fill_nan(None),
            pl.Series("corroboration", np.round(evidence.also_on / (evidence.also_on + 1), 6), dtype=pl.Float64),
            pl.Series("also_on", evidence.also_on, dtype=pl.Int32),
            pl.Series("nearest_id", evidence.nearest, dtype=pl.String),
            pl.Series("published_id", evidence.nearest_published, dtype=pl.String),
            pl.Series("repeats", evidence.repeats, dtype=pl.String),
            pl.Series("related", _as_rows(evidence.related), dtype=pl.List(RELATED)),
        ),
        rest=order.slice(SHORTLIST),
        alike=np.clip(np.round(own.texts.vectors @ own.texts.vectors.T, 6), 0.0, 1.0),
        same=evidence.same,
        same_from=measure.same_from,
    )


def _as_rows(related: Sequence[Sequence[tuple[str, float]]]) -> list[list[dict[str, Any]]]:
    return [[{"related_id": name, "similarity": value} for name, value in each] for each in related]


def _unknown(*names: str, dtype: Any = pl.Float64) -> Sequence[pl.Expr]:
    return [pl.lit(None, dtype).alias(name) for name in names]


def _interest(texts: Texts, interests: Interests | None) -> Sequence[pl.Series]:
    """Columns ``interest`` and ``near_to`` (the wanted interest that is nearest), null where nothing is named."""
    nothing: list[None] = [None] * len(texts)
    value, near_to = interest_of(texts, interests) if interests else (nothing, nothing)
    return pl.Series("interest", value, dtype=pl.Float64), pl.Series("near_to", near_to, dtype=pl.String)
