"""The components of a score, and how they make it: all that can be said of an insight without looking at another one.

Every component lies between 0 and 1, and is null where it does not apply. ``score`` is the weighted mean of those in
``config.MEAN``, and what the others add to it or take from it:

* ``corroboration`` and ``editors_choice`` add up to their weight;
* ``interest`` and ``comparison`` add or take up to half of their weight, around 0.5;
* ``novelty_published`` and ``freshness`` take up to their weight, the lower they are.

``gains`` holds what each component adds, so that together they are the score. ``worth`` is the score without what others or
the judge add: the floor is held against it, so that saying something once more lifts nothing over it.
"""

import datetime as dt

import polars as pl

from podcast_assets.config import MEAN, WeightsConfig
from podcast_assets.schemas import COMPONENTS

MOST_GRADE = 3
HALF_LIFE_DAYS = 7.0  # of the freshness of what came late
WORTH = (*MEAN, "interest", "novelty_published", "freshness")


def own_components(frame: pl.DataFrame, day: dt.date) -> pl.DataFrame:
    """Adds the components that an insight has by itself to rows of ``insight_candidates`` that compete on ``day``.

    ``originality``, ``support``, ``use`` and ``specificity`` are the judge's grades, from 0 to 1. Where nobody has graded
    it, ``quality`` and ``specificity`` are the extractive method's. ``freshness`` halves every seven days it came late.
    """
    is_graded = pl.col("grade_support").is_not_null()
    late_days = (pl.lit(day) - pl.col("day")).dt.total_days()
    return frame.with_columns(
        quality=pl.when(~is_graded).then(_from_0_to_1("quality").fill_null(0.0)),  # of which nobody thinks anything
        specificity=pl.when(is_graded).then(_grade("grade_specificity")).otherwise(_from_0_to_1("specificity")),
        originality=_grade("grade_novelty"),
        support=_grade("grade_support"),
        use=_grade("grade_use"),
        freshness=pl.when(late_days > 0).then((0.5 ** (late_days / HALF_LIFE_DAYS)).round(6)),
    )


def _from_0_to_1(name: str) -> pl.Expr:
    return pl.col(name).fill_nan(None).clip(0.0, 1.0)


def _grade(name: str) -> pl.Expr:
    return (pl.col(name) / MOST_GRADE).clip(0.0, 1.0).round(6)


def with_score(frame: pl.DataFrame, weights: WeightsConfig) -> pl.DataFrame:
    """Adds ``gains``, ``worth`` and ``score`` to rows that have all components."""
    weight = weights.model_dump()
    total = pl.sum_horizontal(pl.col(name).is_not_null().cast(pl.Float64) * weight[name] for name in MEAN)
    added = {
        "corroboration": pl.col("corroboration"),
        "editors_choice": pl.col("editors_choice"),
        "interest": pl.col("interest") - 0.5,
        "comparison": pl.col("comparison") - 0.5,
        "novelty_published": pl.col("novelty_published") - 1,
        "freshness": pl.col("freshness") - 1,
    }
    gains = {name: pl.when(total > 0).then(pl.col(name) * weight[name] / total) for name in MEAN} | {
        name: value * weight[name] for name, value in added.items()
    }
    return frame.with_columns(
        gains=pl.struct(gains[name].round(6).alias(name) for name in COMPONENTS),
        worth=pl.sum_horizontal(gains[name].fill_null(0.0) for name in WORTH).round(6),
        score=pl.sum_horizontal(gains[name].fill_null(0.0) for name in COMPONENTS).round(6),
    )
