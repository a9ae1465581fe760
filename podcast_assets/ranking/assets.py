"""Dagster's face of the ranking: ``ranked_insights`` (order and picks) and ``daily_top5`` (the picks as they are shown)."""

import datetime as dt

import dagster as dg
import polars as pl

from podcast_assets.clock import as_clock
from podcast_assets.dagster_common import OWNERS, RESEAL_TAG
from podcast_assets.errors import RefusedError
from podcast_assets.project import Project
from podcast_assets.ranking.history import field_of, seal_before
from podcast_assets.ranking.rank import project_picks, rank
from podcast_assets.sources import locate
from podcast_assets.storage import Lake
from podcast_assets.text import as_markdown


def build_assets(days: dg.DailyPartitionsDefinition) -> list[dg.AssetsDefinition]:
    """The assets of this stage."""
    day_before = dg.TimeWindowPartitionMapping(start_offset=-1, end_offset=-1)

    @dg.asset(
        partitions_def=days,
        # On itself, for the order of days alone: without it a backfill ranks a day before the past it is held against.
        deps=[dg.AssetDep("ranked_insights", partition_mapping=day_before)],
        group_name="ranking",
        kinds={"python", "scikitlearn"},
        owners=OWNERS,
        code_version="1",
    )
    def ranked_insights(
        context: dg.AssetExecutionContext,
        project: dg.ResourceParam[Project],
        insight_candidates: pl.DataFrame,
        episodes: pl.DataFrame,
    ) -> dg.Output[pl.DataFrame]:
        """Every insight that competes on the day, best first, with the components of its score and the day's picks.

        Ranked across all shows against the archive of the days before. A sealed day keeps the ranking it has.
        """
        day = dt.date.fromisoformat(context.partition_key)
        if kept := _kept(context, project.lake, "ranked_insights", day):
            return kept
        field = field_of(project.lake, day, insight_candidates, episodes)
        ranked = rank(day, field.candidates, field.episodes, field.past, field.published, project.config.ranking)
        return dg.Output(
            ranked,
            metadata={
                "competing": len(ranked),
                "late": int((ranked["insight_day"] < day).sum()),
                "picked": int(ranked["picked_rank"].count()),
                "duplicates": int(ranked["duplicate_of"].count()),
                "shows": ranked["feed_id"].n_unique(),
                "archive": len(field.past),
                "best_score": float(ranked["score"].head(1).sum()),
                "sealed": False,
            },
        )

    @dg.asset(
        partitions_def=days,
        group_name="ranking",
        kinds={"python", "polars"},
        owners=OWNERS,
        code_version="1",
    )
    def daily_top5(
        context: dg.AssetExecutionContext,
        project: dg.ResourceParam[Project],
        ranked_insights: pl.DataFrame,
        insight_candidates: pl.DataFrame,
        episodes: pl.DataFrame,
    ) -> dg.Output[pl.DataFrame]:
        """The day's five (or fewer): who said what, where, at which second, and why it is here."""
        day = dt.date.fromisoformat(context.partition_key)
        if kept := _kept(context, project.lake, "daily_top5", day):
            return kept
        late_days = sorted({earlier for earlier in ranked_insights["insight_day"].to_list() if earlier != day})
        candidates = pl.concat([insight_candidates, project.lake.read_days("insight_candidates", late_days)])
        heard = pl.concat([episodes, project.lake.read_days("episodes", late_days)])
        top = project_picks(ranked_insights, candidates, heard, _audio_addresses(heard, project))
        project.lake.write("daily_top5", top, day)  # the IO manager would write it too late: what is sealed rests on it
        if sealed := seal_before(project.lake, day):
            context.log.info(f"sealed: {', '.join(map(str, sealed))}")
        return dg.Output(
            top,
            metadata={
                "insights": len(top),
                "shows": top["show"].n_unique(),
                "wanted": project.config.ranking.top,
                "preview": dg.MetadataValue.md(_preview(top, day)),
            },
        )

    return [ranked_insights, daily_top5]


def _kept(context: dg.AssetExecutionContext, lake: Lake, table: str, day: dt.date) -> dg.Output[pl.DataFrame] | None:
    """What a sealed day has, unless the run is tagged to rank it again."""
    asked = context.run.tags.get(RESEAL_TAG, "").lower() == "true"
    if asked or not lake.is_sealed(day) or not lake.path(table, day).exists():
        return None
    context.log.info(f"{day} is sealed: {table} stays as it is (tag the run {RESEAL_TAG}=true to rank it again)")
    frame = lake.read(table, day)
    return dg.Output(frame, metadata={"insights": len(frame), "sealed": True})


def _audio_addresses(episodes: pl.DataFrame, project: Project) -> dict[str, str]:
    """The address of each episode's audio: as in the feed, or the file of a local feed's folder."""
    found = {}
    for row in episodes.filter(pl.col("enclosure_url").is_not_null()).iter_rows(named=True):
        try:
            place = locate(row["enclosure_url"], row["feed_url"], project.config.folder)
        except (RefusedError, FileNotFoundError):
            continue
        found[row["episode_id"]] = place if isinstance(place, str) else place.as_uri()
    return found


def _preview(top: pl.DataFrame, day: dt.date) -> str:
    lines = [f"### {day}", ""]
    for row in top.iter_rows(named=True):
        claim, quote, show = (as_markdown(row[name]) for name in ("claim", "quote", "show"))
        speaker = f"{as_markdown(row['speaker'])}, " if row["speaker"] else ""
        lines += [
            f"**{row['rank']}. {claim}**  ",
            f"{quote}  ",
            f"*{speaker}{show}, {as_clock(row['quote_start_s'])}: {row['why']}*",
            "",
        ]
    return "\n".join(lines if len(top) else [*lines, "No insight is shown for that day."])
