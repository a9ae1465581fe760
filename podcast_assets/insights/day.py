"""A day's insights: its episodes to the method that is configured, and what came back to the stage's two tables."""

import asyncio
import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from podcast_assets import progress
from podcast_assets.insights import DEFERRED
from podcast_assets.insights.episode import Episode, Found
from podcast_assets.schemas import SCHEMAS
from podcast_assets.speech import Segment
from podcast_assets.turns import in_turn

if TYPE_CHECKING:
    from podcast_assets.llm.client import Patience
    from podcast_assets.llm.models import Model
    from podcast_assets.project import Project


@dataclasses.dataclass(frozen=True)
class Day:
    """The frames of ``insight_candidates`` and ``llm_usage``, what each episode held, and who was asked at which prices."""

    candidates: pl.DataFrame
    usage: pl.DataFrame
    found: Mapping[str, Found]
    asked: str


def find_day(
    project: "Project",
    day: dt.date,
    episodes: pl.DataFrame,
    transcripts: pl.DataFrame,
    segments: pl.DataFrame,
    log: progress.Log,
    patience: "Patience | None" = None,
) -> Day:
    """Finds the insights of a day; ``patience`` is how long a model is tried, where that is not as usual.

    Raises:
        ConfigError: a model is configured that cannot be asked.
    """
    listed = episodes_of(episodes, transcripts, segments)
    if project.config.extraction.model:
        found, asked = _by_model(project, listed, log, patience)
    else:
        found, asked = _extracted(project, listed, log)
    # Rows stand in the order of their table, whatever the order of work was.
    ids = [name for name in transcripts["episode_id"] if name in found]
    rows = [row for name in ids for row in found[name].rows]
    return Day(
        pl.DataFrame(rows, schema=SCHEMAS["insight_candidates"]),
        _usage(project, day, {name: found[name] for name in ids}),
        found,
        asked,
    )


def episodes_of(episodes: pl.DataFrame, transcripts: pl.DataFrame, segments: pl.DataFrame) -> list[Episode]:
    """The episodes whose transcript can be read; shows take turns, so that a budget that ends early silences none."""
    spoken = segments_by_episode(segments)
    readable = transcripts.filter(pl.col("status") == "ok").select("episode_id", "day", heard_in="language")
    told = readable.join(episodes.drop("day"), on="episode_id", how="left", maintain_order="left")
    first = told.filter(pl.col("feed_id").is_null()).to_dicts()  # of which the table of episodes knows nothing
    return [
        Episode(
            day=row["day"],
            episode_id=row["episode_id"],
            show=row["show"] or "",
            title=row["title"] or "",
            notes=" ".join(filter(None, (row["summary"], row["show_notes"]))),
            language=row["heard_in"] or row["language"],
            chapters=row["chapters"] or (),
            segments=spoken.get(row["episode_id"], ()),
        )
        for row in [*first, *in_turn(told.filter(pl.col("feed_id").is_not_null()).to_dicts())]
    ]


def segments_by_episode(segments: pl.DataFrame) -> dict[str, list[Segment]]:
    """The segments of each episode, in the order of the talk."""
    ordered = segments.sort("episode_id", "seq")
    return {
        str(episode_id): [
            Segment(
                row["start_s"],
                row["end_s"],
                row["text"],
                row["speaker"],
                row["timing"],
                None if row["word_starts"] is None else tuple(row["word_starts"]),
            )
            for row in group.iter_rows(named=True)
        ]
        for (episode_id,), group in ordered.group_by("episode_id", maintain_order=True)
    }


def _extracted(project: "Project", episodes: Sequence[Episode], log: progress.Log) -> tuple[dict[str, Found], str]:
    from podcast_assets.insights.extractive.extract import extract
    from podcast_assets.insights.extractive.model import open_meaning

    embedder, told = open_meaning(project.config)
    found = {}
    with progress.steps("finding insights", len(episodes), log) as step:
        for episode in episodes:
            extraction = extract(episode.day, episode.episode_id, episode.segments, episode.chapters, embedder)
            remarks = (extraction.remark,) if extraction.remark else ()
            found[episode.episode_id] = Found(extraction.rows, extraction.sponsor_s, remarks=remarks)
            step(episode.title)
    by = f"with the embeddings of {told}" if embedder else f"by words alone ({told})"
    return found, f"nobody: the built-in method, {by}"


def _by_model(
    project: "Project", episodes: Sequence[Episode], log: progress.Log, patience: "Patience | None"
) -> tuple[dict[str, Found], str]:
    from podcast_assets.insights.model.find import find
    from podcast_assets.llm.models import asked_for
    from podcast_assets.llm.session import client_of

    extraction = project.config.extraction
    models, judges = asked_for(extraction)

    async def work(step: progress.Step) -> list[Found]:
        async with client_of(project, patience) as client:
            return await find(client, models, judges, episodes, extraction.concurrency, step, log)

    with progress.steps(f"asking {extraction.model}", len(episodes), log) as step:
        found = asyncio.run(work(step))
    return {episode.episode_id: each for episode, each in zip(episodes, found, strict=True)}, _named(models, judges)


def _named(models: "Iterable[Model]", judges: "Iterable[Model]") -> str:
    return "; ".join(dict.fromkeys(model.described for model in [*models, *judges]))


def _usage(project: "Project", day: dt.date, found: Mapping[str, Found]) -> pl.DataFrame:
    """The calls of this stage, and a row for each episode that waits for one."""
    from podcast_assets.insights.model.prompts import EXTRACT, GRADE
    from podcast_assets.llm.usage import usage_of

    nothing = {"input_tokens": 0, "output_tokens": 0, "cached_tokens": 0, "usd": 0.0}
    waiting: list[dict[str, Any]] = [
        dict.fromkeys(SCHEMAS["llm_usage"])
        | {"day": day, "episode_id": name, "model": project.config.extraction.model, "outcome": DEFERRED}
        | {"reason": each.deferred, **nothing}
        for name, each in found.items()
        if each.deferred
    ]
    calls = usage_of(project, day, (EXTRACT.purpose, GRADE.purpose))
    return pl.concat([calls, pl.DataFrame(waiting, schema=SCHEMAS["llm_usage"])])
