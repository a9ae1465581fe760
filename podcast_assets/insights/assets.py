"""Dagster's face of the insights: the multi-asset ``insight_candidates`` with ``llm_usage``."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator

import dagster as dg
import polars as pl

from podcast_assets.dagster_common import INSIGHTS_POOL, OWNERS, markdown_table, no_retry_when_interrupted
from podcast_assets.insights import DEFERRED
from podcast_assets.insights.day import Day, find_day
from podcast_assets.insights.rows import CUT, kind_of
from podcast_assets.project import Project

MOST_SHOWN = 10  # of the accepted insights, in the UI


def build_assets(days: dg.DailyPartitionsDefinition) -> list[dg.AssetsDefinition]:
    """The assets of this stage."""

    @dg.multi_asset(
        name="insights",
        partitions_def=days,
        pool=INSIGHTS_POOL,
        ins={"episodes": dg.AssetIn(), "transcripts": dg.AssetIn(), "segments": dg.AssetIn()},
        outs={
            "insight_candidates": dg.AssetOut(
                group_name="insights",
                kinds={"python", "scikitlearn", "openai"},
                owners=OWNERS,
                code_version="2",
                description=(
                    "What each episode holds that is worth a listener's attention, with claim, verbatim quote, speaker and "
                    "second: passages that stand alone, or what a language model proposed, code proved and a second look "
                    "graded. What was refused or cut out is kept with the reason."
                ),
            ),
            "llm_usage": dg.AssetOut(
                group_name="insights",
                kinds={"python", "sqlite"},
                owners=OWNERS,
                code_version="2",
                description=(
                    "Every call of a language model for the day's episodes: tokens, dollars, latency, outcome; and which "
                    "episodes wait for one. Empty where the built-in method finds the insights."
                ),
            ),
        },
    )
    def insights(
        context: dg.AssetExecutionContext,
        project: dg.ResourceParam[Project],
        episodes: pl.DataFrame,
        transcripts: pl.DataFrame,
        segments: pl.DataFrame,
    ) -> Iterator[dg.Output[pl.DataFrame]]:
        day = dt.date.fromisoformat(context.partition_key)
        with no_retry_when_interrupted():
            found = find_day(project, day, episodes, transcripts, segments, context.log)
        yield dg.Output(found.candidates, output_name="insight_candidates", metadata=_candidates_metadata(found))
        yield dg.Output(found.usage, output_name="llm_usage", metadata=_usage_metadata(found))

    return [insights]


def _candidates_metadata(day: Day) -> dict[str, dg.MetadataValue]:
    candidates = day.candidates.filter(pl.col("extractor") != CUT)
    accepted = candidates.filter(pl.col("status") == "accepted")
    cut = day.candidates.filter(pl.col("extractor") == CUT)
    reasons = Counter(map(kind_of, candidates["reject_reason"].drop_nulls()))
    remarks = Counter(remark for each in day.found.values() for remark in each.remarks)
    told = {"remarks": markdown_table(["remark", "episodes"], remarks.most_common())} if remarks else {}
    best = accepted.sort("quality", descending=True, nulls_last=True).head(MOST_SHOWN)
    return {
        "best": markdown_table(["quality", "claim", "speaker"], best.select("quality", "claim", "speaker").iter_rows()),
        "episodes": dg.MetadataValue.int(len(day.found)),
        "accepted": dg.MetadataValue.int(len(accepted)),
        "rejected": dg.MetadataValue.int(len(candidates) - len(accepted)),
        "deferred": dg.MetadataValue.int(sum(bool(each.deferred) for each in day.found.values())),
        "sponsor_minutes": dg.MetadataValue.float(round(sum(each.sponsor_s for each in day.found.values()) / 60, 2)),
        "cut": markdown_table(["cut out before the search", "stretches"], Counter(cut["reject_reason"]).most_common()),
        "rejected_because": markdown_table(["reason", "insights"], reasons.most_common()),
        **told,
    }


def _usage_metadata(day: Day) -> dict[str, dg.MetadataValue]:
    calls = day.usage.filter(pl.col("called_at").is_not_null())
    waiting = day.usage.filter(pl.col("outcome") == DEFERRED)
    told = {}
    if not waiting.is_empty():
        told["deferred_because"] = markdown_table(["reason", "episodes"], Counter(waiting["reason"]).most_common())
    return {
        "asked": dg.MetadataValue.text(day.asked),
        "calls": dg.MetadataValue.int(len(calls)),
        "usd": dg.MetadataValue.float(round(float(calls["usd"].sum()), 6)),
        "input_tokens": dg.MetadataValue.int(int(calls["input_tokens"].sum())),
        "output_tokens": dg.MetadataValue.int(int(calls["output_tokens"].sum())),
        "cached_tokens": dg.MetadataValue.int(int(calls["cached_tokens"].sum())),
        "deferred": dg.MetadataValue.int(len(waiting)),
        "unreadable": dg.MetadataValue.int(len(calls.filter(pl.col("outcome") == "unreadable"))),
        "outcomes": markdown_table(["outcome", "calls"], Counter(calls["outcome"]).most_common()),
        **told,
    }
