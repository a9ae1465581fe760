"""A day from the lake to the frames of ``ranked_insights`` and ``related_insights``.

Dagster's face, the evaluation and the look at other weights share it.
"""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import polars as pl

from podcast_assets import progress
from podcast_assets.config import RankingConfig
from podcast_assets.llm.asking import open_asker
from podcast_assets.ranking.assess import Standing, assess
from podcast_assets.ranking.ground import Ground, open_ground
from podcast_assets.ranking.history import Field, field_of, rows_of
from podcast_assets.ranking.judging.compare import MOST, compare
from podcast_assets.ranking.judging.relate import tell_apart
from podcast_assets.ranking.judging.shown import Shown
from podcast_assets.ranking.rank import finalists, rank
from podcast_assets.ranking.related import edges
from podcast_assets.ranking.teaser import editors_choice
from podcast_assets.schemas import SCHEMAS
from podcast_assets.vectors.store import text_of

if TYPE_CHECKING:
    from podcast_assets.project import Project
    from podcast_assets.storage import Lake

TOLD_APART = 20  # the best of a day, whose relations it is asked for
SHOWN = ("insight_id", "claim", "body", "quote")


@dataclasses.dataclass(frozen=True)
class RankedDay:
    """The frame of ``ranked_insights``, what it stands on, and what was said in the comparison (None: nobody was asked)."""

    ranked: pl.DataFrame
    ground: Ground
    compared: str | None


def rank_day(
    project: "Project",
    day: dt.date,
    candidates: pl.DataFrame,
    episodes: pl.DataFrame,
    log: progress.Log,
    ranking: RankingConfig | None = None,
    *,
    as_then: bool = False,
) -> RankedDay:
    """Ranks a day; its candidates and episodes have to be in the lake too, where their vectors come from.

    Args:
        project: the configuration, the lake and the caches.
        day: the day.
        candidates: its rows of ``insight_candidates``.
        episodes: its rows of ``episodes``.
        log: hears what takes long.
        ranking: caps and weights, where they are not the configured ones.
        as_then: whether it is ranked as it was then: what later days have published is passed over, and what a language
            model was asked then is not asked again.
    """
    ranking = ranking or project.config.ranking
    ground = open_ground(project, day, log)
    field = field_of(project.lake, day, candidates, episodes, as_then=as_then)
    standing = standing_of(project.lake, day, field, ground, ranking)
    ratings: Mapping[str, float] = {}
    told = None
    if as_then:
        ratings, told = ratings_of(project.lake.get("ranked_insights", day)), "as it was compared then"
    elif asker := open_asker(project, log):
        verdict = compare(asker, day, _shown(field.candidates, finalists(standing, ranking, MOST)))
        ratings, told = verdict.ratings, _told(f"{len(verdict.ratings)} compared in {verdict.calls} calls", verdict.reason)
    return RankedDay(rank(standing, ranking, claims_of(field), ratings), ground, told)


def relate_day(
    project: "Project", day: dt.date, ranked: pl.DataFrame, log: progress.Log, *, as_then: bool = False
) -> tuple[pl.DataFrame, str | None]:
    """The edges of a day's insights (schema ``related_insights``), and what came of telling them apart.

    The latter is None where nobody was asked. ``ranked``: the day's ``ranked_insights``. ``as_then``: what a language model
    said then is taken, and it is not asked again.
    """
    related = edges(ranked, day)
    if as_then:
        known = project.lake.get("related_insights", day).select("insight_id", "related_id", "relation")
        related = related.drop("relation").join(known, on=["insight_id", "related_id"], how="left", maintain_order="left")
        return related.select(list(SCHEMAS["related_insights"])), "as it was told apart then"
    asker = open_asker(project, log)
    if not asker:
        return related, None
    best = ranked.filter(pl.col("duplicate_of").is_null())["insight_id"].head(TOLD_APART).to_list()
    groups = _groups(project.lake, day, related.filter(pl.col("insight_id").is_in(best)), best)
    told = tell_apart(asker, day, groups)
    relations = [told.relations.get(pair) for pair in related.select("insight_id", "related_id").iter_rows()]
    words = _told(f"{len(told.relations)} pairs in {told.calls} calls", told.reason)
    return related.with_columns(relation=pl.Series(relations, dtype=pl.String)), words


def _told(done: str, reason: str | None) -> str:
    return f"{done}; {reason}" if reason else done


def _groups(lake: "Lake", day: dt.date, related: pl.DataFrame, order: Sequence[str]) -> list[tuple[Shown, list[Shown]]]:
    """Insights with those they are related to, as a language model is shown them."""
    ids = sorted({*related["insight_id"], *related["related_id"]})
    days = [each for each in lake.days("insight_candidates") if each <= day]
    known = lake.columns("insight_candidates", days, ["day", "insight_id"]).filter(pl.col("insight_id").is_in(ids))
    shown = {one.insight_id: one for one in _shown(rows_of(lake, known["day"], pl.Series(ids, dtype=pl.String)), ids)}
    pairs: dict[str, list[Shown]] = {}
    for one, other in related.sort("insight_id", "rank").select("insight_id", "related_id").iter_rows():
        if other in shown:
            pairs.setdefault(one, []).append(shown[other])
    return [(shown[name], pairs[name]) for name in order if name in pairs and name in shown]


def standing_of(lake: "Lake", day: dt.date, field: Field, ground: Ground, ranking: RankingConfig) -> Standing:
    """What is known of the insights of a day."""
    candidates = field.candidates.join(field.episodes.select("episode_id", "feed_id"), on="episode_id", how="left")
    candidates = candidates.with_columns(feed_id=pl.col("feed_id").fill_null(""))
    if ranking.weights.editors_choice:
        days = sorted(set(candidates["day"]))
        segments = lake.columns("segments", days, ["episode_id", "start_s", "text"])
        chosen = editors_choice(candidates, segments, field.episodes)
    else:
        chosen = [None] * len(candidates)
    texts = [text_of(*row) for row in candidates.select("claim", "body", "quote").iter_rows()]
    return assess(
        day,
        candidates.with_columns(pl.Series("editors_choice", chosen, dtype=pl.Float64)),
        ground.texts(candidates["insight_id"].to_list(), texts),
        ground.interests,
        ground.archive,
        ground.published(field.published, day),
        ground.measure,
        ranking.weights,
    )


def ratings_of(ranked: pl.DataFrame) -> dict[str, float]:
    """What a comparison has brought, by identity, as a day's ``ranked_insights`` has it."""
    return dict(ranked.select("insight_id", "comparison").drop_nulls().iter_rows())


def claims_of(field: Field) -> dict[str, str]:
    """What the insights that a reason may name say, by identity."""
    return {
        identity: claim or quote or ""
        for frame in (field.published, field.candidates)
        for identity, claim, quote in frame.select("insight_id", "claim", "quote").iter_rows()
    }


def _shown(candidates: pl.DataFrame, ids: Sequence[str]) -> list[Shown]:
    """Insights as a language model is shown them, in this order; those that there are none of are left out."""
    rows = candidates.filter(pl.col("insight_id").is_in(list(ids)))
    shown = {row["insight_id"]: Shown(*(row[name] or "" for name in SHOWN)) for row in rows.iter_rows(named=True)}
    return [shown[name] for name in ids if name in shown]
