"""Dagster's face of the digest: the asset ``digest``, a Markdown file a day."""

import datetime as dt

import dagster as dg
import polars as pl

from podcast_assets.dagster_common import OWNERS
from podcast_assets.digest.render import markdown
from podcast_assets.project import Project
from podcast_assets.storage import write_bytes


def build_assets(days: dg.DailyPartitionsDefinition) -> list[dg.AssetsDefinition]:
    """The assets of this stage."""

    @dg.asset(
        partitions_def=days,
        group_name="publish",
        kinds={"python", "markdown"},
        owners=OWNERS,
        code_version="1",
    )
    def digest(
        context: dg.AssetExecutionContext, project: dg.ResourceParam[Project], daily_top5: pl.DataFrame
    ) -> dg.MaterializeResult[None]:
        """The day's five as a page to read: ``digests/<day>.md``, fit for Obsidian and static sites."""
        day = dt.date.fromisoformat(context.partition_key)
        text = markdown(day, daily_top5.to_dicts(), project.config.ranking.top)
        path = project.digest_path(day)
        write_bytes(path, text.encode())
        return dg.MaterializeResult(
            metadata={
                "file": dg.MetadataValue.path(str(path)),
                "words": len(text.split()),
                "preview": dg.MetadataValue.md(text.split("---\n", 2)[2]),
            }
        )

    return [digest]
