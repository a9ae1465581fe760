"""A day's table ``ranked_insights``: the order, the picks, and for each insight what it lost against. Pure functions."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from podcast_assets.config import RankingConfig
from podcast_assets.ranking.assess import Standing
from podcast_assets.ranking.cluster import Cluster, clusters
from podcast_assets.ranking.pick import FLOOR, Contender, pick
from podcast_assets.ranking.score import with_score
from podcast_assets.ranking.why import Field, why
from podcast_assets.schemas import SCHEMAS

PICKED, REPEATED, SAID_BETTER = "picked", "published before", "said better by another"
BELOW_FLOOR, NOT_COMPARED, HOMELESS = "below the floor", "not compared", "of an unknown episode"

Row = dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Fate:
    """What became of an insight: a word for it, the insight it had to give way to, the caps that gave way for it."""

    outcome: str
    lost_to: str | None = None
    relaxed: int = 0


def rank(
    standing: Standing, ranking: RankingConfig, claims: Mapping[str, str], ratings: Mapping[str, float] | None = None
) -> pl.DataFrame:
    """Ranks the insights of a day.

    Args:
        standing: all that is known of them.
        ranking: caps and weights.
        claims: what the insights say that a reason may name, by identity.
        ratings: of the comparison pass, by identity, 0 to 1.

    Returns:
        Rows of schema ``ranked_insights``, best first.
    """
    rows, alike, same = _scored(standing, ranking, ratings)
    groups = _groups(rows, same, standing.same_from)
    fates = _fates(rows, groups, alike, ranking)
    field = Field(rows)
    rest = with_score(standing.rest, ranking.weights).sort(["score", "insight_id"], descending=[True, False]).to_dicts()
    fates |= dict.fromkeys((row["insight_id"] for row in rest), Fate(NOT_COMPARED))
    picked = 0
    for position, row in enumerate([*rows, *rest], 1):
        fate = fates[row["insight_id"]]
        picked += fate.outcome == PICKED
        row |= {
            "insight_day": row["day"],
            "day": standing.day,
            "competed_day": standing.day,
            "position": position,
            "picked_rank": picked if fate.outcome == PICKED else None,
            "duplicate_of": fate.lost_to if fate.outcome in {REPEATED, SAID_BETTER} else None,
            "outcome": fate.outcome,
            "lost_to": fate.lost_to,
        }
        row["why"] = why(row, field, fate.relaxed, claims)
    names = SCHEMAS["ranked_insights"].names()
    return pl.DataFrame([{name: row[name] for name in names} for row in [*rows, *rest]], schema=SCHEMAS["ranked_insights"])


def finalists(standing: Standing, ranking: RankingConfig, most: int) -> list[str]:
    """The best insights before anybody compares them, each making a point of its own, by identity; at most ``most``."""
    rows, _, same = _scored(standing, ranking, None)
    groups = _groups(rows, same, standing.same_from)
    return [rows[group.shown]["insight_id"] for group in groups if _is_worthy(rows[group.shown])][:most]


def _scored(
    standing: Standing, ranking: RankingConfig, ratings: Mapping[str, float] | None
) -> tuple[list[Row], "np.ndarray[Any, Any]", "np.ndarray[Any, Any]"]:
    """The shortlisted insights as rows, best first, and the two matrices in their order."""
    given = [(ratings or {}).get(name) for name in standing.listed["insight_id"]]
    frame = with_score(standing.listed.with_columns(comparison=pl.Series(given, dtype=pl.Float64)), ranking.weights)
    frame = frame.sort(["score", "insight_id"], descending=[True, False])
    order = frame["row"].to_numpy()
    return frame.to_dicts(), standing.alike[np.ix_(order, order)], standing.same[np.ix_(order, order)]


def _is_worthy(row: Row) -> bool:
    return bool(row["worth"] >= FLOOR and row["feed_id"])


def _groups(rows: Sequence[Row], same: "np.ndarray[Any, Any]", same_from: float) -> list[Cluster]:
    """Who makes the same point, best first; what was published before is in none."""
    fresh = [place for place, row in enumerate(rows) if row["repeats"] is None]
    return clusters(fresh, same, same_from, [row["support"] or 0.0 for row in rows], [_is_worthy(row) for row in rows])


def _fates(
    rows: Sequence[Row], groups: Sequence[Cluster], alike: "np.ndarray[Any, Any]", ranking: RankingConfig
) -> dict[str, Fate]:
    """What became of each shortlisted insight, by identity. A group competes with the score of its best."""
    ids = [row["insight_id"] for row in rows]
    fates = {row["insight_id"]: Fate(REPEATED, row["repeats"]) for row in rows if row["repeats"]}
    heads = [group.shown for group in groups]
    contenders = [_contender(rows[group.shown], rows[group.members[0]]["score"]) for group in groups]
    choice = pick(contenders, alike[np.ix_(heads, heads)], ranking)
    for number, group in enumerate(groups):
        shown = ids[group.shown]
        fates |= {ids[place]: Fate(SAID_BETTER, shown) for place in group.members if place != group.shown}
        if number in choice.chosen:
            fates[shown] = Fate(PICKED, relaxed=choice.chosen[number])
        elif number in choice.passed_over:
            reason, better = choice.passed_over[number]
            fates[shown] = Fate(reason, None if better is None else ids[groups[better].shown])
        else:
            fates[shown] = Fate(BELOW_FLOOR if rows[group.shown]["feed_id"] else HOMELESS)
    return fates


def _contender(row: Row, score: float) -> Contender:
    return Contender(row["insight_id"], row["episode_id"], row["feed_id"], row["speaker"], score, _is_worthy(row))
