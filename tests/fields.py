"""Days of insights to be ranked: rows as the stages before write them, and days that are ranked through Dagster."""

import datetime as dt
import logging
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl

from podcast_assets import config
from podcast_assets.dagster_common import RESEAL_TAG
from podcast_assets.hashing import sha256
from podcast_assets.io_manager import LakeIOManager
from podcast_assets.operation.launch import QUIET
from podcast_assets.project import Project
from podcast_assets.ranking.assets import build_assets
from podcast_assets.ranking.day import rank_day
from podcast_assets.schemas import COMPONENTS, SCHEMAS
from podcast_assets.storage import Lake

DAY = dt.date(2026, 3, 6)
LOG = logging.getLogger(__name__)
WORDS_ALONE = {"model": ""}  # of [embedding]: no model, so that likeness is that of the words
Row = dict[str, Any]


def days_before(count: int) -> dt.date:
    return DAY - dt.timedelta(days=count)


def frame(table: str, rows: Iterable[Row]) -> pl.DataFrame:
    return pl.DataFrame([{**dict.fromkeys(SCHEMAS[table]), **row} for row in rows], schema=SCHEMAS[table])


def words(topic: str, count: int = 30) -> str:
    """What is said about a topic: no two topics that differ in their first letters share a word."""
    return " ".join(f"{topic}ov{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(count))


def candidate(name: str, **values: Any) -> Row:
    """An accepted insight of the episode ``values['episode']`` (by default one of its own), about a topic of its own."""
    topic = values.pop("topic", name)
    return {
        "day": DAY,
        "insight_id": name,
        "episode_id": values.pop("episode", f"e-{name}"),
        "claim": words(topic, 5),
        "body": words(topic),
        "quote": words(topic),
        "quote_start_s": 61.7,
        "quality": 0.8,
        "specificity": 0.5,
        "status": "accepted",
        **values,
    }


def graded(name: str, novelty: int = 2, specificity: int = 2, support: int = 3, use: int = 2, **values: Any) -> Row:
    """An insight as a judge has graded it."""
    grades = {"grade_novelty": novelty, "grade_specificity": specificity, "grade_support": support, "grade_use": use}
    quality = round(sum(grades.values()) / 12, 6)
    return candidate(name, quality=quality, specificity=None, **grades, **values)


def episode(name: str, show: str, **values: Any) -> Row:
    return {
        "day": DAY,
        "episode_id": name,
        "feed_id": sha256(show)[:12],
        "show": show,
        "title": f"Title of {name}",
        **values,
    }


def write(lake: Lake, table: str, day: dt.date, *rows: Row) -> None:
    lake.write(table, frame(table, ({**row, "day": day} for row in rows)), day)


def ids(rows: pl.DataFrame) -> list[str]:
    return sorted(str(identity) for identity in rows["insight_id"])


def row_of(result: pl.DataFrame, identity: str) -> Row:
    return result.row(by_predicate=pl.col("insight_id") == identity, named=True)


def picks(result: pl.DataFrame) -> list[str]:
    """The picks, by rank."""
    chosen = result.filter(pl.col("picked_rank").is_not_null()).sort("picked_rank")
    assert chosen["picked_rank"].to_list() == list(range(1, len(chosen) + 1))
    return [str(identity) for identity in chosen["insight_id"]]


def fill(lake: Lake, table: str, rows: Sequence[Row]) -> None:
    """Writes rows to the partitions of their days."""
    for day in sorted({row["day"] for row in rows}):
        write(lake, table, day, *(row for row in rows if row["day"] == day))


def ranked(
    candidates: Sequence[Row],
    episodes: Sequence[Row] | None = None,
    past: Sequence[Row] = (),
    published: Sequence[Row] = (),
    segments: Sequence[Row] = (),
    **ranking: Any,
) -> pl.DataFrame:
    """The ranking of ``DAY`` by words alone; without ``episodes`` each episode is of a show of its own."""
    if episodes is None:
        names = sorted({row["episode_id"] for row in [*candidates, *past]})
        episodes = [episode(name, f"of {name}") for name in names]
    with tempfile.TemporaryDirectory() as folder:
        values = {"data_dir": folder, "embedding": WORDS_ALONE, "ranking": ranking}
        project = Project(config.parse(values, Path(folder) / "podcasts.toml"))
        fill(project.lake, "segments", segments)
        write(project.lake, "episodes", DAY, *episodes)
        fill(project.lake, "insight_candidates", past)
        fill(project.lake, "ranked_insights", [{"day": row["day"], "insight_id": row["insight_id"]} for row in past])
        for day in sorted({row["day"] for row in past}):
            write(project.lake, "episodes", day, *episodes)
        fill(project.lake, "daily_top5", published)
        write(project.lake, "insight_candidates", DAY, *candidates)
        result = rank_day(project, DAY, frame("insight_candidates", candidates), frame("episodes", episodes), LOG).ranked
    assert result.schema == SCHEMAS["ranked_insights"]
    assert result["position"].to_list() == list(range(1, len(result) + 1))
    for name in COMPONENTS:
        assert result[name].drop_nulls().is_between(0, 1).all(), name
    assert result["score"].is_finite().all()
    return result


class Days:
    """Days that are ranked through Dagster, with the real IO manager."""

    def __init__(self, project: Project) -> None:
        self.project, self.lake = project, project.lake

    def hold(self, day: dt.date, *names: str, **values: Any) -> None:
        """Writes what comes before the ranking: the day's insights (each of a show of its own) and episodes."""
        write(self.lake, "insight_candidates", day, *(candidate(name) for name in names))
        write(self.lake, "episodes", day, *(episode(f"e-{name}", name, **values) for name in names))

    def run(
        self, day: dt.date, *, reseal: bool | str = False, weights: dict[str, float] | None = None
    ) -> dg.ExecuteInProcessResult:
        days = dg.DailyPartitionsDefinition(start_date="2026-01-01")
        inputs = [dg.AssetSpec(table, partitions_def=days) for table in ("insight_candidates", "episodes")]
        settings = QUIET | ({"ops": {"ranked_insights": {"config": {"weights": weights}}}} if weights else {})
        with dg.DagsterInstance.ephemeral() as instance:
            result = dg.materialize(
                [*build_assets(days), *inputs],
                instance=instance,
                partition_key=day.isoformat(),
                resources={"project": self.project, "io_manager": LakeIOManager(self.lake)},
                tags={RESEAL_TAG: str(reseal).lower()} if reseal else {},
                run_config=settings,
            )
        assert result.success
        return result

    def ranked(self, day: dt.date) -> list[str]:
        return ids(self.lake.read("ranked_insights", day))

    def five(self, day: dt.date) -> list[str]:
        return ids(self.lake.read("daily_top5", day))


def metadata(result: dg.ExecuteInProcessResult, table: str) -> dict[str, Any]:
    """What an asset said of itself."""
    (event,) = [event for event in result.get_asset_materialization_events() if event.asset_key == dg.AssetKey(table)]
    return {name: value.value for name, value in event.materialization.metadata.items()}
