"""Dagster's face of the feeds: the asset ``feeds`` (job ``poll_feeds``), which also appends to the log of sightings."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import dagster as dg
import polars as pl
import pydantic

from podcast_assets import clock
from podcast_assets.dagster_common import NETWORK_RETRY, OWNERS, POLL_POOL, markdown_table, no_retry_when_interrupted
from podcast_assets.feeds import TROUBLED
from podcast_assets.project import Project

if TYPE_CHECKING:
    from podcast_assets.feeds.poll import Polled


class PollConfig(dg.Config):
    """How a run polls."""

    only_due: bool = pydantic.Field(
        default=False, description="Leave alone the feeds whose own rhythm says that nothing is new yet; the schedule does."
    )


def build_assets() -> list[dg.AssetsDefinition]:
    """The assets of this stage."""

    @dg.asset(
        group_name="feeds",
        kinds={"python", "rss"},
        owners=OWNERS,
        pool=POLL_POOL,
        retry_policy=NETWORK_RETRY,
        code_version="1",
    )
    def feeds(
        context: dg.AssetExecutionContext, config: PollConfig, project: dg.ResourceParam[Project]
    ) -> dg.Output[pl.DataFrame]:
        """Every subscription, how its last poll went, and when and where the next one asks.

        A poll is conditional (ETag, Last-Modified, hash of the body). Episodes that no poll has seen before are appended
        to the log of first sightings, where each gets its day; the body that brought them is archived.
        """
        from podcast_assets.feeds import record
        from podcast_assets.feeds.poll import poll
        from podcast_assets.feeds.subscriptions import subscriptions

        lake, polled_at = project.lake, clock.now()
        followed = subscriptions(project.config)
        record.settle(project.archive, lake)
        archive = record.Archive(project.archive, polled_at)
        with no_retry_when_interrupted():
            polled = poll(
                project.config,
                followed,
                lake.get("feeds"),
                record.history_in(lake),
                archive,
                polled_at,
                only_due=config.only_due,
                log=context.log,
            )
        record.write_log(lake, polled.sightings, polled.aliases, archive.name)
        record.settle(project.archive, lake)
        return dg.Output(polled.feeds, metadata=_metadata(polled, [feed.feed_id for feed in followed]))

    return [feeds]


def _metadata(polled: "Polled", followed: Sequence[str]) -> dict[str, dg.MetadataValue]:
    feeds, sightings = polled.feeds.filter(pl.col("feed_id").is_in(followed)), polled.sightings
    failing = feeds.filter(pl.col("status").is_in(TROUBLED))
    names = [row["title"] or row["feed_url"] for row in failing.iter_rows(named=True)]
    rows = zip(names, failing["status"], failing["error"], strict=True)
    counts = {str(status): count for status, count in feeds.group_by("status").len().sort("status").iter_rows()}
    return {
        "subscriptions": dg.MetadataValue.int(len(followed)),
        "asked": dg.MetadataValue.int(polled.asked),
        "new_episodes": dg.MetadataValue.int(sightings["day"].count()),
        "seen_and_left_alone": dg.MetadataValue.int(sightings["day"].null_count()),
        "renamed_episodes": dg.MetadataValue.int(len(polled.aliases)),
        **{f"feeds_{status}": dg.MetadataValue.int(count) for status, count in counts.items()},
        **({"failing": markdown_table(["feed", "status", "reason"], rows)} if len(failing) else {}),
    }
