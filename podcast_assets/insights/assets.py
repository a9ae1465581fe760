"""Dagster's face of the insights: the multi-asset ``insight_candidates`` with ``llm_usage``."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator

import dagster as dg
import polars as pl

from podcast_assets import progress
from podcast_assets.dagster_common import OWNERS, markdown_table
from podcast_assets.schemas import SCHEMAS
from podcast_assets.speech import Segment


def build_assets(days: dg.DailyPartitionsDefinition) -> list[dg.AssetsDefinition]:
    """The assets of this stage."""

    @dg.multi_asset(
        name="insights",
        partitions_def=days,
        ins={"transcripts": dg.AssetIn(), "segments": dg.AssetIn()},
        outs={
            "insight_candidates": dg.AssetOut(
                group_name="insights",
                kinds={"python", "scikitlearn"},
                owners=OWNERS,
                code_version="1",
                description=(
                    "What each episode holds that is worth a listener's attention: passages that stand alone, with claim, "
                    "verbatim quote, speaker and second; what was refused is kept with the reason."
                ),
            ),
            "llm_usage": dg.AssetOut(
                group_name="insights",
                kinds={"python"},
                owners=OWNERS,
                code_version="1",
                description="Every call of a language model: tokens, dollars, latency, outcome. Extraction makes none.",
            ),
        },
    )
    def insights(
        context: dg.AssetExecutionContext, transcripts: pl.DataFrame, segments: pl.DataFrame
    ) -> Iterator[dg.Output[pl.DataFrame]]:
        from podcast_assets.insights.extractive.extract import extract

        day = dt.date.fromisoformat(context.partition_key)
        readable = transcripts.filter(pl.col("status") == "ok")["episode_id"].to_list()
        spoken = segments_by_episode(segments)
        rows, sponsor_s = [], 0.0
        with progress.steps("finding insights", len(readable), context.log) as step:
            for episode_id in readable:
                found = extract(day, episode_id, spoken.get(episode_id, []))
                rows += found.rows
                sponsor_s += found.sponsor_s
                step(episode_id)
        frame = pl.DataFrame(rows, schema=SCHEMAS["insight_candidates"])
        yield dg.Output(frame, output_name="insight_candidates", metadata=_metadata(frame, len(readable), sponsor_s))
        usage = pl.DataFrame(schema=SCHEMAS["llm_usage"])
        yield dg.Output(usage, output_name="llm_usage", metadata={"calls": 0, "usd": 0.0})

    return [insights]


def segments_by_episode(segments: pl.DataFrame) -> dict[str, list[Segment]]:
    """The segments of each episode, in the order of the talk."""
    ordered = segments.sort("episode_id", "seq")
    return {
        str(episode_id): [
            Segment(row["start_s"], row["end_s"], row["text"], row["speaker"], row["timing"])
            for row in group.iter_rows(named=True)
        ]
        for (episode_id,), group in ordered.group_by("episode_id", maintain_order=True)
    }


def _metadata(frame: pl.DataFrame, episodes: int, sponsor_s: float) -> dict[str, dg.MetadataValue]:
    accepted = frame.filter(pl.col("status") == "accepted")
    reasons = Counter(frame["reject_reason"].drop_nulls().to_list())
    return {
        "episodes": dg.MetadataValue.int(episodes),
        "accepted": dg.MetadataValue.int(len(accepted)),
        "rejected": dg.MetadataValue.int(len(frame) - len(accepted)),
        "sponsor_minutes": dg.MetadataValue.float(round(sponsor_s / 60, 2)),
        "rejected_because": markdown_table(["reason", "passages"], reasons.most_common()),
    }
