"""What tests of audio and transcripts share: a day's tables, the stage through Dagster, sound."""

import datetime as dt
import logging
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl

from podcast_assets import keys, speech
from podcast_assets.dagster_common import SCRATCH
from podcast_assets.hashing import sha256
from podcast_assets.io_manager import LakeIOManager
from podcast_assets.project import Project
from podcast_assets.schemas import SCHEMAS
from podcast_assets.speech import Segment
from podcast_assets.transcripts.assets import build_assets
from podcast_assets.transcripts.merge import merge
from podcast_assets.transcripts.plan import Plan, Work, make_plan
from podcast_assets.transcripts.shard import Outcome
from tests.sounds import SAMPLES

MICRO = SAMPLES / "models" / "whisper-micro"
DAY = dt.date(2026, 3, 3)
LOG = logging.getLogger("test")
MakeProject = Callable[..., Project]


def frame(table: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame([{**dict.fromkeys(SCHEMAS[table]), "day": DAY, **row} for row in rows], schema=SCHEMAS[table])


class Day:
    """The inputs of one day, episode by episode."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.rows: dict[str, list[dict[str, Any]]] = {"episodes": [], "publisher_transcripts": [], "audio": []}

    def add(self, episode_id: str, *, publisher: Any = None, audio: Any = None, **episode: Any) -> str:
        """Adds an episode; `publisher` and `audio` are columns of its rows there (None: no row)."""
        seen = dt.datetime(2026, 3, 3, 8, tzinfo=dt.UTC)
        known = {"episode_id": episode_id, "feed_id": "f", "published_at": seen, "first_seen_at": seen, "status": "ok"}
        self.rows["episodes"].append({**known, "show": "Show", "title": f"Title of {episode_id}", **episode})
        for table, row in (("publisher_transcripts", publisher), ("audio", audio)):
            if row is not None:
                self.rows[table].append({"episode_id": episode_id, **row})
        return episode_id

    def published(self, episode_id: str, *segments: Segment) -> str:
        """Adds an episode with a publisher's transcript."""
        digest = sha256(episode_id)
        hello = Segment(0.12345, 2.5, "Hello there.", "Ann", "segment")
        said = segments or (hello, Segment(2.5, 4.0, "Well.", None, "exact"))
        self.project.cache("segments").put_json(keys.publisher_key(digest), speech.to_json(said))
        row = {"status": "ok", "document_sha256": digest, "language": "en"}
        return self.add(episode_id, publisher=row, audio={"status": "skipped", "reason": "publisher's transcript"})

    def recorded(self, episode_id: str, path: Path, **episode: Any) -> str:
        """Adds an episode with an audio file alone."""
        exists = path.exists()
        row = {
            "status": "ok",
            "path": str(path),
            "sha256": sha256(path.read_bytes()) if exists else sha256(str(path)),
            "bytes": path.stat().st_size if exists else 0,
        }
        none = {"status": "none", "reason": "the feed names no transcript"}
        address = {"feed_url": str(path.parent / "feed.xml"), "enclosure_url": path.name}
        return self.add(episode_id, publisher=none, audio=row, **address | episode)

    def frames(self) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
        """`episodes`, `publisher_transcripts`, `audio`."""
        episodes, published, audio = (frame(table, rows) for table, rows in self.rows.items())
        return episodes, published, audio

    def plan(self) -> Plan:
        return make_plan(self.project, *self.frames())

    def merge(self, *outcomes: Outcome) -> tuple[dict[str, dict[str, Any]], pl.DataFrame]:
        """The rows of `transcripts` by episode, and `segments`."""
        transcripts, segments = merge(self.project, *self.frames(), self.plan(), outcomes)
        return {row["episode_id"]: row for row in transcripts.iter_rows(named=True)}, segments

    def run(self) -> tuple[dict[str, dict[str, Any]], pl.DataFrame, dg.ExecuteInProcessResult]:
        """Materialises the stage through Dagster with the real IO managers."""
        self.write()
        result = materialise(self.project, build_assets)
        transcripts = self.project.lake.read("transcripts", DAY)
        rows_by_episode = {row["episode_id"]: row for row in transcripts.iter_rows(named=True)}
        return rows_by_episode, self.project.lake.read("segments", DAY), result

    def write(self) -> None:
        """Puts the inputs into the lake."""
        for table, rows in self.rows.items():
            self.project.lake.write(table, frame(table, rows), DAY)


Build = Callable[[dg.DailyPartitionsDefinition], Sequence[dg.AssetsDefinition]]


def materialise(project: Project, *stages: Build) -> dg.ExecuteInProcessResult:
    """Materialises stages for the day; what they do not make themselves they find in the lake."""
    days = dg.DailyPartitionsDefinition(start_date="2026-03-01")
    assets = [asset for build in stages for asset in build(days)]
    made = {key.to_user_string() for asset in assets for key in asset.keys}
    inputs = {"episodes", "publisher_transcripts", "audio"} - made
    with dg.DagsterInstance.ephemeral() as instance:
        return dg.materialize(
            [*assets, *(dg.AssetSpec(table, partitions_def=days) for table in sorted(inputs))],
            instance=instance,
            partition_key=DAY.isoformat(),
            resources={
                "project": project,
                "io_manager": LakeIOManager(project.lake),
                SCRATCH: dg.FilesystemIOManager(base_dir=str(project.dagster_home / "scratch")),
            },
        )


def steps(result: dg.ExecuteInProcessResult) -> set[str]:
    """The ops that were executed, without the number of the shard."""
    keys = {event.step_key or "" for event in result.all_events if event.is_step_success}
    return {key.split(".")[-1].split("[")[0] for key in keys}


def metadata(result: dg.ExecuteInProcessResult, table: str) -> dict[str, Any]:
    (event,) = [event for event in result.get_asset_materialization_events() if event.asset_key == dg.AssetKey(table)]
    return {name: value.value for name, value in event.materialization.metadata.items()}


def normal(text: str) -> list[str]:
    return re.findall(r"[a-z0-9']+", text.lower())


def work(episode_id: str, path: Path, seconds: float = 60) -> Work:
    """An episode to recognise."""
    return Work(episode_id, sha256(str(path)), str(path), episode_id, seconds)
