"""Dagster's face of the transcripts: the graph-backed multi-asset ``transcripts`` with ``segments``.

Belongs here: the ops, where they are scheduled, what passes between them, metadata. The graph is there for the GPU: only
``transcribe_shard`` needs one, waits for it in a pool, and carries the tags by which Kubernetes and Celery place it.
"""

from collections.abc import Iterator

import dagster as dg
import polars as pl

from podcast_assets.dagster_common import GPU_POOL, GPU_TAGS, OWNERS, SCRATCH, markdown_table, no_retry_when_interrupted
from podcast_assets.keys import model_name
from podcast_assets.project import Project
from podcast_assets.transcripts.merge import merge
from podcast_assets.transcripts.plan import Plan, Work, make_plan
from podcast_assets.transcripts.shard import ShardReport, recognise_shard

# What is no episode's fault (a full disk, a lost worker) may pass; what was recognised before it is not done again.
SHARD_RETRY = dg.RetryPolicy(max_retries=1, delay=10)


@dg.op(out={"plan": dg.Out(Plan, io_manager_key=SCRATCH), "shards": dg.DynamicOut(list, io_manager_key=SCRATCH)})
def plan_transcription(
    context: dg.OpExecutionContext,
    project: dg.ResourceParam[Project],
    episodes: pl.DataFrame,
    publisher_transcripts: pl.DataFrame,
    audio: pl.DataFrame,
) -> Iterator[dg.Output[Plan] | dg.DynamicOutput[list[Work]]]:
    """Deals what must be recognised, and was not before, to shards of similar length; none where there is nothing to do."""
    plan = make_plan(project, episodes, publisher_transcripts, audio)
    work = [item for shard in plan.shards for item in shard]
    metadata = {
        "to_recognise": len(work),
        "hours_to_recognise": round(sum(item.seconds for item in work) / 3600, 2),
        "recognised_before": len(plan.keys) - len(work) - len(plan.deferred),
        "deferred": len(plan.deferred),
        "shards": len(plan.shards),
    }
    context.log.info(", ".join(f"{name}: {value}" for name, value in metadata.items()))
    yield dg.Output(plan, output_name="plan", metadata=metadata)
    for number, shard in enumerate(plan.shards):
        yield dg.DynamicOutput(shard, mapping_key=str(number), output_name="shards")


@dg.op(pool=GPU_POOL, tags=GPU_TAGS, retry_policy=SHARD_RETRY, out=dg.Out(ShardReport, io_manager_key=SCRATCH))
def transcribe_shard(
    context: dg.OpExecutionContext, project: dg.ResourceParam[Project], shard: list[Work]
) -> dg.Output[ShardReport]:
    """Recognises the speech of a shard's episodes with one model."""
    with no_retry_when_interrupted():
        report = recognise_shard(project, shard, context.log)
    return dg.Output(report, metadata=_shard_metadata(project, [report]))


@dg.op(out={name: dg.Out(pl.DataFrame) for name in ("transcripts", "segments")})
def merge_transcripts(
    context: dg.OpExecutionContext,
    project: dg.ResourceParam[Project],
    episodes: pl.DataFrame,
    publisher_transcripts: pl.DataFrame,
    audio: pl.DataFrame,
    plan: Plan,
    reports: list[ShardReport],
) -> Iterator[dg.Output[pl.DataFrame]]:
    """Joins the publishers' transcripts with the recognised ones."""
    outcomes = [outcome for report in reports for outcome in report.outcomes]
    transcripts, segments = merge(project, episodes, publisher_transcripts, audio, plan, outcomes)
    metadata = {**_metadata(transcripts, episodes), **_shard_metadata(project, reports)}
    yield dg.Output(transcripts, output_name="transcripts", metadata=metadata)
    yield dg.Output(segments, output_name="segments", metadata=_segments_metadata(segments))


def build_assets(days: dg.DailyPartitionsDefinition) -> list[dg.AssetsDefinition]:
    """The assets of this stage."""

    @dg.graph_multi_asset(
        name="transcription",
        partitions_def=days,
        group_name="transcripts",
        ins={name: dg.AssetIn() for name in ("episodes", "publisher_transcripts", "audio")},
        outs={
            "transcripts": dg.AssetOut(
                kinds={"python", "polars"},
                owners=OWNERS,
                code_version="1",
                description=(
                    "What became of each episode's words: from its publisher, recognised from its audio, waiting "
                    "(`deferred`) or not to be had (`failed`), with the reason. A row an episode."
                ),
            ),
            "segments": dg.AssetOut(
                kinds={"python", "polars"},
                owners=OWNERS,
                code_version="1",
                description="What was said: text, speaker where known, start and end in seconds. Several rows an episode.",
            ),
        },
    )
    def transcription(
        episodes: pl.DataFrame, publisher_transcripts: pl.DataFrame, audio: pl.DataFrame
    ) -> dict[str, pl.DataFrame]:
        plan, shards = plan_transcription(episodes, publisher_transcripts, audio)
        reports = shards.map(transcribe_shard).collect()
        transcripts, segments = merge_transcripts(episodes, publisher_transcripts, audio, plan, reports)
        return {"transcripts": transcripts, "segments": segments}

    return [transcription]


def _metadata(transcripts: pl.DataFrame, episodes: pl.DataFrame) -> dict[str, dg.MetadataValue]:
    by_status = {status: transcripts.filter(pl.col("status") == status) for status in ("ok", "deferred", "failed")}
    usable, wordless = by_status["ok"], transcripts.filter(pl.col("status") != "ok")
    named = wordless.join(episodes.select("episode_id", "show", "title"), on="episode_id", maintain_order="left")
    columns = ["show", "title", "status", "reason"]
    return {
        "episodes": dg.MetadataValue.int(len(transcripts)),
        **{status: dg.MetadataValue.int(len(rows)) for status, rows in by_status.items()},
        "from_publisher": dg.MetadataValue.int(int((usable["source"] == "publisher").sum())),
        "from_asr": dg.MetadataValue.int(int((usable["source"] == "asr").sum())),
        "hours": dg.MetadataValue.float(round(float(usable["duration_s"].sum()) / 3600, 2)),
        "words": dg.MetadataValue.int(int(usable["words"].sum())),
        "estimated": dg.MetadataValue.int(int(usable["reason"].is_not_null().sum())),
        **_ledger(transcripts),
        **({"failures": markdown_table(columns, named.select(columns).rows())} if len(wordless) else {}),
    }


def _ledger(transcripts: pl.DataFrame) -> dict[str, dg.MetadataValue]:
    """How much of what is spoken in the files that were heard became text, and how many words were taken out."""
    heard = transcripts.filter(pl.col("voice_s") > 0)
    ledger: dict[str, dg.MetadataValue] = {
        name: dg.MetadataValue.int(int(transcripts[name].sum())) for name in ("cut_loops", "cut_invented")
    }
    if not heard.is_empty():
        covered_s, voice_s = float((heard["coverage"] * heard["voice_s"]).sum()), float(heard["voice_s"].sum())
        ledger["coverage"] = dg.MetadataValue.float(round(covered_s / voice_s, 3))
    return ledger


def _shard_metadata(project: Project, reports: list[ShardReport]) -> dict[str, dg.MetadataValue]:
    """What was recognised by these shards, how fast, and on what."""
    done = [outcome for report in reports for outcome in report.outcomes if outcome.took_s]
    audio_s, took_s = sum(outcome.audio_s for outcome in done), sum(outcome.took_s for outcome in done)
    devices = sorted({f"{report.device}, {report.compute_type}" for report in reports if report.device})
    return {
        "recognised": dg.MetadataValue.int(len(done)),
        "recognised_hours": dg.MetadataValue.float(round(audio_s / 3600, 2)),
        **({"times_real_time": dg.MetadataValue.float(round(audio_s / took_s, 1))} if done else {}),
        **({"device": dg.MetadataValue.text("; ".join(devices))} if devices else {}),
        "model": dg.MetadataValue.text(model_name(project.config)),
    }


def _segments_metadata(segments: pl.DataFrame) -> dict[str, dg.MetadataValue]:
    return {
        "segments": dg.MetadataValue.int(len(segments)),
        "episodes": dg.MetadataValue.int(segments["episode_id"].n_unique()),
        "hours": dg.MetadataValue.float(round(float((segments["end_s"] - segments["start_s"]).sum()) / 3600, 2)),
        "words": dg.MetadataValue.int(int(segments["text"].str.count_matches(r"\S+").sum())),
        "exact": dg.MetadataValue.int(int((segments["timing"] == "exact").sum())),
    }
