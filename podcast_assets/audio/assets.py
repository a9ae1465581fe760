"""Dagster's face of the audio: the asset ``audio`` (``collect.collect`` does the work)."""

import dagster as dg
import polars as pl

from podcast_assets.dagster_common import NETWORK_RETRY, OWNERS, markdown_table, no_retry_when_interrupted
from podcast_assets.project import Project


def build_assets(days: dg.DailyPartitionsDefinition) -> list[dg.AssetsDefinition]:
    """The assets of this stage."""

    @dg.asset(
        partitions_def=days,
        group_name="transcripts",
        kinds={"python"},
        owners=OWNERS,
        retry_policy=NETWORK_RETRY,
        code_version="1",
    )
    def audio(
        context: dg.AssetExecutionContext,
        project: dg.ResourceParam[Project],
        episodes: pl.DataFrame,
        publisher_transcripts: pl.DataFrame,
    ) -> dg.Output[pl.DataFrame]:
        """The audio of the day's episodes whose publisher does not say what is heard when.

        Streamed to a file named by its SHA-256, once, shows in turn. What is older than `keep_audio_days` is removed first.
        No more than `max_audio_gb` is fetched ahead: what is left waits until others were heard. Files of local feeds are
        used where they are.
        """
        from podcast_assets.audio.collect import collect

        with no_retry_when_interrupted():
            frame = collect(project, episodes, publisher_transcripts, context.log)
        return dg.Output(frame, metadata=_metadata(frame, episodes))

    return [audio]


def _metadata(frame: pl.DataFrame, episodes: pl.DataFrame) -> dict[str, dg.MetadataValue]:
    known = episodes.select("episode_id", "show", "title", "duration_s")
    named = frame.join(known, on="episode_id", maintain_order="left")
    by_status = {name: named.filter(pl.col("status") == name) for name in ("ok", "skipped", "waiting", "deferred", "failed")}
    there, failed = by_status["ok"], by_status["failed"]
    return {
        "episodes": dg.MetadataValue.int(len(frame)),
        **{name: dg.MetadataValue.int(len(rows)) for name, rows in by_status.items()},
        "bytes": dg.MetadataValue.int(int(there["bytes"].sum())),
        "hours": dg.MetadataValue.float(round(float(there["duration_s"].sum()) / 3600, 2)),
        **(
            {"failures": markdown_table(["show", "episode", "reason"], failed.select("show", "title", "reason").rows())}
            if len(failed)
            else {}
        ),
    }
