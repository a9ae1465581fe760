"""Dagster's face of the publishers' transcripts: the asset ``publisher_transcripts`` (``fetch.collect`` does the work)."""

import dagster as dg
import polars as pl

from podcast_assets.dagster_common import NETWORK_RETRY, OWNERS, markdown_table, no_retry_when_interrupted
from podcast_assets.project import Project


def build_assets(days: dg.DailyPartitionsDefinition) -> list[dg.AssetsDefinition]:
    """The assets of this stage."""

    @dg.asset(
        partitions_def=days,
        group_name="transcripts",
        kinds={"python", "polars"},
        owners=OWNERS,
        retry_policy=NETWORK_RETRY,
        code_version="2",
    )
    def publisher_transcripts(
        context: dg.AssetExecutionContext, project: dg.ResourceParam[Project], episodes: pl.DataFrame
    ) -> dg.Output[pl.DataFrame]:
        """The best transcript that the publisher of each of the day's episodes offers.

        The best is the one that carries most: times of words, then speakers, then any times; in the episode's language.
        JSON, WebVTT, SubRip, HTML and plain text are read, in this order and no more of them than may be better than what
        is in hand. A document is fetched once and kept. `timing` is `estimated` where most of a text is not timed: the
        audio is still wanted then. Without a transcript (`none`, `failed`, or `deferred`: nobody answered) the episode's
        audio is transcribed; where there is none, a transcript that was deferred is asked for again by the next run.
        """
        from podcast_assets.publisher_transcripts.fetch import collect

        with no_retry_when_interrupted():
            frame = collect(project, episodes, context.log)
        return dg.Output(frame, metadata=_metadata(frame, episodes))

    return [publisher_transcripts]


def _metadata(frame: pl.DataFrame, episodes: pl.DataFrame) -> dict[str, dg.MetadataValue]:
    known = episodes.select("episode_id", "show", "title", "duration_s")
    named = frame.join(known, on="episode_id", maintain_order="left")
    usable, failed = (named.filter(pl.col("status").is_in(statuses)) for statuses in (["ok"], ["deferred", "failed"]))
    deferred = int((failed["status"] == "deferred").sum())
    return {
        "episodes": dg.MetadataValue.int(len(frame)),
        "ok": dg.MetadataValue.int(len(usable)),
        "none": dg.MetadataValue.int(len(frame) - len(usable) - len(failed)),
        "deferred": dg.MetadataValue.int(deferred),
        "failed": dg.MetadataValue.int(len(failed) - deferred),
        "word_timed": dg.MetadataValue.int(int((usable["timing"] == "exact").sum())),
        "words": dg.MetadataValue.int(int(usable["words"].sum())),
        "hours": dg.MetadataValue.float(round(float(usable["duration_s"].sum()) / 3600, 2)),
        **(
            {"failures": markdown_table(["show", "episode", "reason"], failed.select("show", "title", "reason").rows())}
            if len(failed)
            else {}
        ),
    }
