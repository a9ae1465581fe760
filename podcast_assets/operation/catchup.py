"""Which days want a run: the one that was asked for, and those before it that something is still open on."""

import datetime as dt

import polars as pl

from podcast_assets import clock
from podcast_assets.insights import DEFERRED
from podcast_assets.project import Project
from podcast_assets.storage import Lake

MOST_DAYS = 14


def newest_day_with_episodes(project: Project, until: dt.date) -> dt.date | None:
    """The newest day up to ``until`` on which the log counts an episode."""
    days = project.lake.log("sightings")["day"].drop_nulls().unique()
    return max((day for day in days if project.config.first_day <= day <= until), default=None)


def is_polled(project: Project, day: dt.date) -> bool:
    """Whether any feed has answered since ``day`` ended: until then, nobody knows all that was published on it."""
    answered = project.lake.get("feeds")["last_success_at"].drop_nulls()
    return any(moment >= clock.end_of(day, project.config.zone) for moment in answered)


def days_to_run(project: Project, target: dt.date) -> list[dt.date]:
    """The days to run so that nothing up to ``target`` is left lying, oldest first, ``target`` last.

    Before ``target``, at most 14 days: those with episodes that have no digest yet (days off, runs that failed), with
    episodes that were seen after the day had run (late arrivals), or, in the last 14 days, with work that was deferred
    (no model yet, host down).
    """
    lake = project.lake
    log = lake.log("sightings").filter(pl.col("day").is_between(project.config.first_day, target, closed="left"))
    seen = {
        day: set(ids) for day, ids in log.group_by("day").agg(pl.col("episode_id").unique()).iter_rows() if day is not None
    }
    recent = target - dt.timedelta(days=MOST_DAYS)
    unfinished = [day for day, ids in seen.items() if _is_open(project, day, ids) or (day >= recent and _waits(lake, day))]
    return [*sorted(unfinished)[-MOST_DAYS:], target]


def _is_open(project: Project, day: dt.date, seen: set[str]) -> bool:
    if not project.digest_path(day).exists():  # the last that a day's run writes for the day alone
        return True
    return bool(seen - set(project.lake.get("episodes", day)["episode_id"]))


def _waits(lake: Lake, day: dt.date) -> bool:
    """Whether a transcript is yet to come, or the times of one, which its audio would tell, or a language model's reply."""
    if DEFERRED in lake.get("llm_usage", day)["outcome"].to_list():
        return True
    found = lake.get("transcripts", day).join(lake.get("audio", day).select("episode_id", sound="status"), on="episode_id")
    is_guessed = pl.col("status").eq("ok") & pl.col("reason").is_not_null() & pl.col("sound").is_in(["deferred", "waiting"])
    return "deferred" in lake.get("transcripts", day)["status"].to_list() or not found.filter(is_guessed).is_empty()
