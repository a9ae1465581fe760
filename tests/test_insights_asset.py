"""The stage of insights through Dagster, with the real lake."""

import datetime as dt
import re
from collections.abc import Callable, Sequence
from typing import Any

import dagster as dg
import polars as pl
import pytest

from podcast_assets.insights.assets import build_assets
from podcast_assets.insights.day import segments_by_episode
from podcast_assets.insights.extractive.extract import extract
from podcast_assets.insights.rows import kind_of
from podcast_assets.io_manager import LakeIOManager
from podcast_assets.project import Project
from podcast_assets.schemas import SCHEMAS
from podcast_assets.speech import Segment
from tests.talks import CUES, DAY, READ, TALK, by_sentence

SEEN_AT = dt.datetime(2026, 3, 6, 9, tzinfo=dt.UTC)


def materialise(
    project: Project, transcripts: list[dict[str, Any]], segments: list[dict[str, Any]]
) -> dg.ExecuteInProcessResult:
    """Runs the stage with the real IO manager on a day of these rows."""
    episodes = [{"episode_id": row["episode_id"], "feed_id": "f", "first_seen_at": SEEN_AT} for row in transcripts]
    for table, rows in (("episodes", episodes), ("transcripts", transcripts), ("segments", segments)):
        frame = pl.DataFrame([{**dict.fromkeys(SCHEMAS[table]), "day": DAY, **row} for row in rows], schema=SCHEMAS[table])
        project.lake.write(table, frame, DAY)
    days = dg.DailyPartitionsDefinition(start_date="2026-03-01")
    inputs = [dg.AssetSpec(table, partitions_def=days) for table in ("episodes", "transcripts", "segments")]
    with dg.DagsterInstance.ephemeral() as instance:
        return dg.materialize(
            [*build_assets(days), *inputs],
            instance=instance,
            partition_key=DAY.isoformat(),
            resources={"io_manager": LakeIOManager(project.lake), "project": project},
        )


def rows_of(episode_id: str, talk: Sequence[Segment]) -> list[dict[str, Any]]:
    return [
        {
            "episode_id": episode_id,
            "seq": seq,
            **{name: getattr(segment, name) for name in ("start_s", "end_s", "speaker", "text", "timing")},
        }
        for seq, segment in enumerate(talk)
    ]


def metadata(result: dg.ExecuteInProcessResult, table: str) -> dict[str, Any]:
    (event,) = [event for event in result.get_asset_materialization_events() if event.asset_key == dg.AssetKey(table)]
    return {name: value.value for name, value in event.materialization.metadata.items()}


def test_a_day_through_dagster(make_project: Callable[..., Project]) -> None:
    project = make_project()
    talk = by_sentence([*TALK, ("Mara", f"{CUES[0]} {READ}")])
    transcripts = [
        {"episode_id": "second", "status": "ok"},
        {"episode_id": "failed", "status": "failed"},
        {"episode_id": "first", "status": "ok"},
        {"episode_id": "silent", "status": "ok"},
    ]
    shuffled = rows_of("first", talk)[::-1] + rows_of("failed", talk) + rows_of("second", talk)
    result = materialise(project, transcripts, shuffled)
    assert result.success
    frame, usage = project.lake.read("insight_candidates", DAY), project.lake.read("llm_usage", DAY)
    assert (frame.schema, usage.schema) == (SCHEMAS["insight_candidates"], SCHEMAS["llm_usage"])
    assert usage.is_empty()
    assert list(dict.fromkeys(frame["episode_id"])) == ["second", "first"], "episodes keep the order of their table"
    expected = [row for name in ("second", "first") for row in extract(DAY, name, talk).rows]
    assert frame.to_dicts() == pl.DataFrame(expected, schema=SCHEMAS["insight_candidates"]).to_dicts()
    told = metadata(result, "insight_candidates")
    assert told["episodes"] == 3
    assert told["dagster/row_count"] == len(frame)
    assert told["accepted"] + told["rejected"] == len(frame.filter(pl.col("extractor") != "cut"))
    assert told["sponsor_minutes"] > 0
    assert re.search(r"sponsor read: .* \| 2 \|", told["cut"])
    assert metadata(result, "llm_usage")["calls"] == 0


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ('the body says "40 %", which is neither near the quote nor in the episode\'s notes',
         "the body says …, which is neither near the quote nor in the episode's notes"),
        ("the claim has 14 words, it should have 3 to 12", "the claim has … words, it should have … to …"),
        ("filler, says the judge", "filler, says the judge"),
        ("sponsor read: it says 'visit boxwick dot example'", "sponsor read: it says …"),
    ],
)  # fmt: skip
def test_reasons_are_counted_by_their_kind(reason: str, kind: str) -> None:
    assert kind_of(reason) == kind


def test_two_runs_of_a_day_write_the_same_bytes(make_project: Callable[..., Project]) -> None:
    project, talk = make_project(), by_sentence(TALK)
    written = []
    for _ in range(2):
        materialise(project, [{"episode_id": "e", "status": "ok"}], rows_of("e", talk))
        written.append(project.lake.path("insight_candidates", DAY).read_bytes())
    assert written[0] == written[1]


def test_an_empty_day_has_typed_empty_tables(make_project: Callable[..., Project]) -> None:
    project = make_project()
    result = materialise(project, [], [])
    for table in ("insight_candidates", "llm_usage"):
        frame = project.lake.read(table, DAY)
        assert frame.is_empty()
        assert frame.schema == SCHEMAS[table]
    assert metadata(result, "insight_candidates")["accepted"] == 0


def test_segments_are_dealt_to_their_episodes_in_the_order_of_the_talk() -> None:
    talk = by_sentence(TALK)
    rows = [{**dict.fromkeys(SCHEMAS["segments"]), **row} for row in rows_of("b", talk)[::-1] + rows_of("a", talk)]
    dealt = segments_by_episode(pl.DataFrame(rows, schema=SCHEMAS["segments"]))
    assert dealt == {"a": talk, "b": talk}
