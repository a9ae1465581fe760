"""What past days would have been under other weights. No day is changed, and no language model is asked.

Days are gone through in their order: what a day would have shown counts as published on the days after it. What competed on
a day is what did compete; the comparisons of a language model are those that were paid for then.
"""

import dataclasses
import datetime as dt
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import polars as pl

from podcast_assets import progress
from podcast_assets.config import RankingConfig
from podcast_assets.ranking.day import claims_of, ratings_of, standing_of
from podcast_assets.ranking.five import project_picks
from podcast_assets.ranking.ground import open_ground
from podcast_assets.ranking.history import REMEMBERED_DAYS, Field, published_of, rows_of
from podcast_assets.ranking.rank import rank

if TYPE_CHECKING:
    from podcast_assets.project import Project


@dataclasses.dataclass(frozen=True)
class Rerank:
    """A day's five as they are and as they would have been (rows of ``daily_top5``).

    ``gone``: how many insights competed then and are not accepted any more.
    """

    day: dt.date
    was: pl.DataFrame
    would_be: pl.DataFrame
    gone: int


def rerank(project: "Project", days: Sequence[dt.date], ranking: RankingConfig, log: progress.Log) -> Iterator[Rerank]:
    """The days that were ranked, oldest first, under another configuration.

    Args:
        project: whose lake is read.
        days: which days; those that were never ranked are passed over.
        ranking: caps and weights.
        log: hears what takes long.
    """
    lake = project.lake
    asked = sorted(set(days) & set(lake.days("ranked_insights")))
    if not asked:
        return
    ground = open_ground(project, asked[-1], log)
    would_be: dict[dt.date, pl.DataFrame] = {}
    for day in asked:
        ranked = lake.read("ranked_insights", day)
        own_days = ranked["insight_day"].unique().to_list()
        candidates = rows_of(lake, own_days, ranked["insight_id"])
        episodes = lake.read_days("episodes", sorted(own_days)).unique("episode_id", keep="first", maintain_order=True)
        shown = published_of(lake, day, as_then=True)
        first = day - dt.timedelta(days=REMEMBERED_DAYS)
        lately = [five for earlier, five in would_be.items() if earlier >= first]
        shown = pl.concat([shown.filter(~pl.col("day").is_in(list(would_be))), *lately])
        field = Field(candidates, episodes, shown)
        standing = standing_of(lake, day, field, ground, ranking)
        result = rank(standing, ranking, claims_of(field), ratings_of(ranked))
        would_be[day] = project_picks(result, candidates, episodes, {})
        yield Rerank(day, lake.get("daily_top5", day), would_be[day], len(ranked) - len(candidates))
