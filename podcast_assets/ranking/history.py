"""What competes on a day, and what was published: everything that the ranking reads from the lake's tables.

Scores see the days before their own alone, so that a backfill of an old day sees the past as it was then. The archive that
novelty is measured against is held by ``vectors``, and read there.
"""

import dataclasses
import datetime as dt
from collections.abc import Iterable

import polars as pl

from podcast_assets.insights import DEFERRED
from podcast_assets.schemas import SCHEMAS
from podcast_assets.storage import Lake

REMEMBERED_DAYS = 90  # for so long nothing that was published is shown again


@dataclasses.dataclass(frozen=True)
class Field:
    """What competes on a day (rows of ``insight_candidates``), their episodes, and what must not be said again.

    ``published``: rows of ``daily_top5``, of the 90 days before; and of days after it, where it is ranked after them.
    """

    candidates: pl.DataFrame
    episodes: pl.DataFrame
    published: pl.DataFrame


def field_of(lake: Lake, day: dt.date, candidates: pl.DataFrame, episodes: pl.DataFrame, *, as_then: bool = False) -> Field:
    """What competes on ``day``: its accepted candidates, and those of sealed days that came too late for their own.

    What has competed on another day already does not compete again. ``as_then``: what later days have published is as good
    as not there, as it was when the day was ranked first.
    """
    others = [other for other in lake.days("ranked_insights") if other != day]
    elsewhere = lake.columns("ranked_insights", others, ["insight_id"])
    late = _late(lake, day, elsewhere)
    accepted = candidates.filter(pl.col("status") == "accepted").join(elsewhere, on="insight_id", how="anti")
    return Field(
        candidates=pl.concat([accepted, late]).unique("insight_id", keep="first", maintain_order=True),
        episodes=pl.concat([episodes, lake.read_days("episodes", sorted(set(late["day"].to_list())))]).unique(
            "episode_id", keep="first", maintain_order=True
        ),
        published=published_of(lake, day, as_then=as_then),
    )


def published_of(lake: Lake, day: dt.date, *, as_then: bool) -> pl.DataFrame:
    """What was published around a day and must not be said again on it (see :class:`Field`)."""
    first = day - dt.timedelta(days=REMEMBERED_DAYS)
    last = day if as_then else day + dt.timedelta(days=REMEMBERED_DAYS)
    shown = [each for each in lake.days("daily_top5") if first <= each <= last and each != day]
    chosen = [each for each in lake.days("ranked_insights") if first <= each < day and each not in set(shown)]
    return pl.concat([lake.read_days("daily_top5", shown), *(_chosen(lake, each) for each in chosen)])


def _chosen(lake: Lake, day: dt.date) -> pl.DataFrame:
    """The picks of a day whose five are not written yet: they will be."""
    picks = lake.read("ranked_insights", day).filter(pl.col("picked_rank").is_not_null())
    found = rows_of(lake, picks["insight_day"], picks["insight_id"]).join(
        picks.select("insight_id", rank="picked_rank"), on="insight_id"
    )
    names = SCHEMAS["daily_top5"]
    found = found.select("insight_id", "rank", "claim", "body", "quote", pl.lit(day).alias("day"))
    return found.with_columns(
        pl.lit(None, kind).alias(name) for name, kind in names.items() if name not in found.columns
    ).select(list(names))


def _late(lake: Lake, day: dt.date, elsewhere: pl.DataFrame) -> pl.DataFrame:
    """The insights of days that are over for good which no other day has ranked; the oldest open day takes them.

    A day whose five are written counts as over: when ``day`` has its own five, it seals that one. What ``day`` took before,
    it keeps when it is ranked again; otherwise the same insight would compete once more on another day.
    """
    before = [earlier for earlier in lake.days("insight_candidates") if earlier < day]
    known = lake.columns("insight_candidates", before, ["day", "insight_id", "status"])
    unranked = known.filter(pl.col("status") == "accepted").join(elsewhere, on="insight_id", how="anti")
    written = [earlier for earlier in lake.days("daily_top5") if earlier < day and not _waits_in_vain(lake, earlier)]
    over = {*lake.sealed_days(), *written}
    is_oldest = not lake.is_sealed(day) and all(e in over for e in lake.days("ranked_insights") if e < day)
    kept = lake.get("ranked_insights", day)["insight_id"].to_list()
    is_late = pl.col("insight_id").is_in(kept) | (pl.lit(is_oldest) & pl.col("day").is_in(list(over)))
    late = unranked.filter(is_late)
    return rows_of(lake, late["day"], late["insight_id"])


def rows_of(lake: Lake, days: Iterable[dt.date], ids: pl.Series) -> pl.DataFrame:
    """The accepted candidates of these identities, from their days, in the order of the days."""
    wanted = pl.col("insight_id").is_in(ids.to_list()) & (pl.col("status") == "accepted")
    return lake.read_days("insight_candidates", sorted(set(days))).filter(wanted).unique("insight_id", maintain_order=True)


def _waits_in_vain(lake: Lake, day: dt.date) -> bool:
    return lake.get("daily_top5", day).is_empty() and DEFERRED in lake.get("llm_usage", day)["outcome"].to_list()


def seal_before(lake: Lake, day: dt.date) -> list[dt.date]:
    """Seals every day before ``day`` whose five are written, and ``day`` itself where a later day's are.

    Gives those that were open until now.
    A day that shows nothing because its episodes wait for a language model stays open: nobody has read anything of it.
    """
    written = lake.days("daily_top5")
    last = day if written and written[-1] > day else day - dt.timedelta(days=1)
    open_days = [each for each in written if each <= last and not lake.is_sealed(each) and not _waits_in_vain(lake, each)]
    for earlier in open_days:
        lake.seal(earlier, f"the five of {day} were written")
    return open_days
