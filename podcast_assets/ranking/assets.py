"""Dagster's face of the ranking: ``ranked_insights`` (order and picks), ``daily_top5`` (as shown), ``related_insights``."""

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING, Any

import dagster as dg
import polars as pl
from pydantic import Field

from podcast_assets.clock import as_clock
from podcast_assets.dagster_common import OWNERS, RANKING_POOL, RESEAL_TAG, markdown_table, no_retry_when_interrupted
from podcast_assets.errors import RefusedError
from podcast_assets.project import Project
from podcast_assets.ranking.five import project_picks
from podcast_assets.ranking.history import seal_before
from podcast_assets.ranking.usage import write_usage
from podcast_assets.ranking.weights import with_weights
from podcast_assets.sources import locate
from podcast_assets.storage import Lake
from podcast_assets.text import as_markdown

if TYPE_CHECKING:
    from podcast_assets.ranking.day import RankedDay


class RankingRun(dg.Config):
    """What a run may change: weights of the components (docs/ranking.md) other than the configured ones."""

    weights: dict[str, float] = Field(default_factory=dict)


def build_assets(days: dg.DailyPartitionsDefinition) -> list[dg.AssetsDefinition]:
    """The assets of this stage."""
    day_before = dg.TimeWindowPartitionMapping(start_offset=-1, end_offset=-1)

    @dg.asset(
        partitions_def=days,
        # On itself, for the order of days alone: without it a backfill ranks a day before the past it is held against.
        deps=[dg.AssetDep("ranked_insights", partition_mapping=day_before)],
        pool=RANKING_POOL,
        group_name="ranking",
        kinds={"python", "numpy", "openai"},
        owners=OWNERS,
        code_version="2",
    )
    def ranked_insights(
        context: dg.AssetExecutionContext,
        config: RankingRun,
        project: dg.ResourceParam[Project],
        insight_candidates: pl.DataFrame,
        episodes: pl.DataFrame,
    ) -> dg.Output[pl.DataFrame]:
        """Every insight that competes on the day, best first, with the components of its score and the day's picks.

        Ranked across all shows against the archive of the days before. A sealed day keeps the ranking it has.
        """
        from podcast_assets.ranking.day import rank_day

        day = dt.date.fromisoformat(context.partition_key)
        if kept := _kept(context, project.lake, "ranked_insights", day):
            return kept
        ranking = with_weights(project.config.ranking, config.weights)
        with no_retry_when_interrupted():
            done = rank_day(project, day, insight_candidates, episodes, context.log, ranking, as_then=_is_resealed(context))
        write_usage(project, day)
        if kept := _kept(context, project.lake, "ranked_insights", day):  # sealed while it was ranked
            return kept
        return dg.Output(done.ranked, metadata=_ranking_metadata(done, day))

    @dg.asset(
        partitions_def=days,
        group_name="ranking",
        kinds={"python", "polars"},
        owners=OWNERS,
        code_version="2",
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

    @dg.asset(
        partitions_def=days,
        pool=RANKING_POOL,
        group_name="ranking",
        kinds={"python", "numpy", "openai"},
        owners=OWNERS,
        code_version="1",
    )
    def related_insights(
        context: dg.AssetExecutionContext, project: dg.ResourceParam[Project], ranked_insights: pl.DataFrame
    ) -> dg.Output[pl.DataFrame]:
        """For each insight of the day the ten nearest from other episodes, of the day and of all days before it."""
        from podcast_assets.ranking.day import relate_day

        day = dt.date.fromisoformat(context.partition_key)
        if kept := _kept(context, project.lake, "related_insights", day):
            return kept
        with no_retry_when_interrupted():
            related, told = relate_day(project, day, ranked_insights, context.log, as_then=_is_resealed(context))
        write_usage(project, day)
        return dg.Output(
            related,
            metadata={
                "edges": len(related),
                "insights": related["insight_id"].n_unique(),
                "mean_similarity": float(related["similarity"].mean() or 0.0),  # type: ignore[arg-type]
                "agree": int((related["relation"] == "agrees").sum()),
                "contradict": int((related["relation"] == "contradicts").sum()),
                **({"told_apart": told} if told else {}),
            },
        )

    return [ranked_insights, daily_top5, related_insights]


def _ranking_metadata(done: "RankedDay", day: dt.date) -> dict[str, Any]:
    ranked, ground = done.ranked, done.ground
    outcomes = Counter(ranked["outcome"]).most_common()
    best = ranked.head(10).select("position", "score", "outcome", "why").iter_rows()
    embedded = {"rebuilt": ground.refreshed.rebuilt} if ground.refreshed.rebuilt else {}
    compared = {"compared": done.compared} if done.compared else {}
    return {
        "competing": len(ranked),
        "late": int((ranked["insight_day"] < day).sum()),
        "picked": int(ranked["picked_rank"].count()),
        "duplicates": int(ranked["duplicate_of"].count()),
        "shows": ranked["feed_id"].n_unique(),
        "archive": int((ground.archive.days < day.toordinal()).sum()),
        "best_score": float(ranked["score"].head(1).sum()),
        "likeness_by": ground.told,
        "embedded": ground.refreshed.embedded,
        "embedded_of_earlier_days": ground.refreshed.of_earlier_days,
        "outcomes": markdown_table(["outcome", "insights"], outcomes),
        "best": markdown_table(["position", "score", "outcome", "why"], best),
        "sealed": False,
        **embedded,
        **compared,
    }


def _is_resealed(context: dg.AssetExecutionContext) -> bool:
    return context.run.tags.get(RESEAL_TAG, "").lower() == "true"


def _kept(context: dg.AssetExecutionContext, lake: Lake, table: str, day: dt.date) -> dg.Output[pl.DataFrame] | None:
    """What a sealed day has, unless the run is tagged to rank it again."""
    if _is_resealed(context) or not lake.is_sealed(day) or not lake.path(table, day).exists():
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
