"""Dagster's face of the warehouse: one asset without partitions, published after everything it shows."""

import dagster as dg

from podcast_assets.dagster_common import OWNERS, PUBLISH_POOL
from podcast_assets.project import Project

# Ordering alone: the lake is read as it is when the file is built, so that a late run never publishes an older state.
SOURCES = (
    "feeds",
    "episodes",
    "publisher_transcripts",
    "audio",
    "transcripts",
    "segments",
    "insight_candidates",
    "llm_usage",
    "ranked_insights",
    "daily_top5",
    "related_insights",
)


def build_assets() -> list[dg.AssetsDefinition]:
    """The asset ``warehouse``."""

    @dg.asset(
        deps=SOURCES,
        group_name="publish",
        kinds={"duckdb", "sql"},
        pool=PUBLISH_POOL,
        owners=OWNERS,
    )
    def warehouse(project: dg.ResourceParam[Project]) -> dg.MaterializeResult[None]:
        """``podcasts.duckdb``: every table of the lake, ready for SQL; swapped in whole, while readers read on."""
        from podcast_assets.warehouse.build import publish

        target = project.warehouse_path
        counts = publish(project.lake, target)
        lines = ["| table | rows |", "|---|---:|", *(f"| {table} | {count:,} |" for table, count in counts.items())]
        return dg.MaterializeResult(
            metadata={
                "path": dg.MetadataValue.path(target),
                "megabytes": round(target.stat().st_size / 1e6, 3),
                "tables": dg.MetadataValue.md("\n".join(lines)),
                **{f"rows_{table}": count for table, count in counts.items()},
            }
        )

    return [warehouse]
