"""Dagster's face of the feeds: the asset ``feeds`` (job ``poll_feeds``), which also appends to the log of sightings."""

from collections.abc import Sequence

import dagster as dg
import polars as pl

from podcast_assets import clock
from podcast_assets.dagster_common import NETWORK_RETRY, OWNERS, POLL_POOL, markdown_table, no_retry_when_interrupted
from podcast_assets.project import Project


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
    def feeds(context: dg.AssetExecutionContext, project: dg.ResourceParam[Project]) -> dg.Output[pl.DataFrame]:
        """Every subscription, how its last poll went, and where the next one starts.

        A poll is conditional (ETag, Last-Modified, hash of the body). Episodes that no poll has seen before are appended
        to the log of first sightings, where each gets its day; the raw body is archived by its hash.
        """
        from podcast_assets.feeds.poll import poll
        from podcast_assets.feeds.subscriptions import subscriptions

        lake, polled_at = project.lake, clock.now()
        followed = subscriptions(project.config)
        known = set(lake.log("sightings")["episode_id"])
        with no_retry_when_interrupted():
            polled = poll(project.config, followed, lake.get("feeds"), known, project.archive, polled_at, context.log)
        if not polled.sightings.is_empty():
            # The log first: if we die before the state is written, the next poll finds the same feeds changed and
            # the same episodes known. The other way round it would find "not modified" and lose them.
            lake.append("sightings", polled.sightings, f"{polled_at:%Y%m%dT%H%M%S%fZ}")
        return dg.Output(
            polled.feeds, metadata=_metadata(polled.feeds, polled.sightings, [feed.feed_id for feed in followed])
        )

    return [feeds]


def _metadata(state: pl.DataFrame, sightings: pl.DataFrame, followed: Sequence[str]) -> dict[str, dg.MetadataValue]:
    feeds = state.filter(pl.col("feed_id").is_in(followed))
    failing = feeds.filter(pl.col("status").is_in(["error", "gone"]))
    names = [row["title"] or row["feed_url"] for row in failing.iter_rows(named=True)]
    rows = zip(names, failing["status"], failing["error"], strict=True)
    counts = {str(status): count for status, count in feeds.group_by("status").len().sort("status").iter_rows()}
    return {
        "subscriptions": dg.MetadataValue.int(len(followed)),
        "new_episodes": dg.MetadataValue.int(sightings["day"].count()),
        "seen_and_left_alone": dg.MetadataValue.int(sightings["day"].null_count()),
        **{f"feeds_{status}": dg.MetadataValue.int(count) for status, count in counts.items()},
        **({"failing": markdown_table(["feed", "status", "reason"], rows)} if len(failing) else {}),
    }
