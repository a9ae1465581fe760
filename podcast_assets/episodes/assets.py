"""Dagster's face of the episodes: the asset ``episodes``, a day's view of the log (``feeds.sightings`` has the rules)."""

import datetime as dt

import dagster as dg
import polars as pl

from podcast_assets.dagster_common import OWNERS, POLL_POOL, markdown_table
from podcast_assets.feeds.record import episodes_of
from podcast_assets.project import Project


def build_assets(days: dg.DailyPartitionsDefinition) -> list[dg.AssetsDefinition]:
    """The assets of this stage."""

    @dg.asset(
        partitions_def=days,
        deps=["feeds"],
        group_name="feeds",
        kinds={"python", "polars"},
        owners=OWNERS,
        pool=POLL_POOL,
        code_version="1",
    )
    def episodes(context: dg.AssetExecutionContext, project: dg.ResourceParam[Project]) -> dg.Output[pl.DataFrame]:
        """The episodes of the day, as they were when they were first seen.

        Read from the append-only log, never from a feed, so that a backfill years later gives the same. Shares the pool
        of the poll: a day that starts while a poll is under way waits for it.
        """
        frame = episodes_of(project.lake.log("sightings"), dt.date.fromisoformat(context.partition_key))
        hours = (frame["duration_s"].sum() or 0) / 3600
        return dg.Output(
            frame,
            metadata={
                "episodes": len(frame),
                "shows": frame["feed_id"].n_unique(),
                "hours": round(float(hours), 2),
                "with_publisher_transcript": int((frame["transcripts"].list.len() > 0).sum()),
                "skipped": int((frame["status"] != "ok").sum()),
                "titles": markdown_table(["show", "episode"], frame.select("show", "title").rows()),
            },
        )

    return [episodes]
