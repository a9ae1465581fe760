"""What competes on a day, and the past it is held against: everything that the ranking reads from the lake.

Only days before its own are read, so that a backfill of an old day sees the past as it was then.
"""

import dataclasses
import datetime as dt

import polars as pl

from podcast_assets.insights import DEFERRED
from podcast_assets.storage import Lake


@dataclasses.dataclass(frozen=True)
class Field:
    """The frames that :func:`podcast_assets.ranking.rank.rank` takes."""

    candidates: pl.DataFrame
    episodes: pl.DataFrame
    past: pl.DataFrame
    published: pl.DataFrame


def field_of(lake: Lake, day: dt.date, candidates: pl.DataFrame, episodes: pl.DataFrame) -> Field:
    """What competes on ``day``: its accepted candidates, and those of sealed days that came too late for their own.

    What has competed on another day already does not compete again.
    """
    ranked_days = lake.days("ranked_insights")
    elsewhere = lake.read_days("ranked_insights", [other for other in ranked_days if other != day]).select("insight_id")
    before = [earlier for earlier in lake.days("insight_candidates") if earlier < day]
    past = lake.read_days("insight_candidates", before).filter(pl.col("status") == "accepted")
    late = _late(lake, day, past.join(elsewhere, on="insight_id", how="anti"))
    accepted = candidates.filter(pl.col("status") == "accepted").join(elsewhere, on="insight_id", how="anti")
    return Field(
        candidates=pl.concat([accepted, late]),
        episodes=pl.concat([episodes, lake.read_days("episodes", sorted(set(late["day"].to_list())))]),
        past=past.join(late, on="insight_id", how="anti"),
        published=lake.read_days("daily_top5", [earlier for earlier in lake.days("daily_top5") if earlier < day]),
    )


def _late(lake: Lake, day: dt.date, unranked: pl.DataFrame) -> pl.DataFrame:
    """The insights of days that are over for good which no other day has ranked; the oldest open day takes them.

    A day whose five are written counts as over: when ``day`` has its own five, it seals that one. What ``day`` took before,
    it keeps when it is ranked again; otherwise the same insight would compete once more on another day.
    """
    over = {*lake.sealed_days(), *(earlier for earlier in lake.days("daily_top5") if earlier < day)}
    is_oldest = not lake.is_sealed(day) and all(e in over for e in lake.days("ranked_insights") if e < day)
    kept = lake.get("ranked_insights", day)["insight_id"].to_list()
    return unranked.filter(pl.col("insight_id").is_in(kept) | (pl.lit(is_oldest) & pl.col("day").is_in(list(over))))


def _waits_in_vain(lake: Lake, day: dt.date) -> bool:
    return lake.get("daily_top5", day).is_empty() and DEFERRED in lake.get("llm_usage", day)["outcome"].to_list()


def seal_before(lake: Lake, day: dt.date) -> list[dt.date]:
    """Seals every day before ``day`` whose five are written; gives those that were open until now.

    A day that shows nothing because its episodes wait for a language model stays open: nobody has read anything of it.
    """
    open_days = [earlier for earlier in lake.days("daily_top5") if earlier < day and not lake.is_sealed(earlier)]
    open_days = [earlier for earlier in open_days if not _waits_in_vain(lake, earlier)]
    for earlier in open_days:
        lake.seal(earlier, f"the five of {day} were written")
    return open_days
