"""Documents of publishers and episodes that name them, for the tests of how they are read and chosen."""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import polars as pl

from podcast_assets import speech
from podcast_assets.project import Project
from podcast_assets.publisher_transcripts import fetch
from podcast_assets.publisher_transcripts.formats import parse
from podcast_assets.schemas import SCHEMAS

DAY = dt.date(2026, 3, 4)
WORDS = " ".join(f"word{i}" for i in range(50))
JSON = json.dumps({"version": "1.0.0", "segments": [{"speaker": "Ann", "startTime": 0, "endTime": 30, "body": WORDS}]})
VTT = f"WEBVTT\n\n00:00.000 --> 00:30.000\n<v Bob>{WORDS} more\n"
SRT = f"1\n00:00:00,000 --> 00:00:30,000\n{WORDS} and more\n"
Make = Callable[..., Project]


def read(text: str, declared: str = "") -> list[speech.Segment]:
    return parse(text.encode(), declared)


def namespace_json(*segments: dict[str, Any]) -> str:
    return json.dumps({"version": "1.0.0", "segments": list(segments)})


def entry(start: Any, end: Any, body: Any, speaker: Any = "") -> dict[str, Any]:
    return {"speaker": speaker, "startTime": start, "endTime": end, "body": body}


def said(segments: list[speech.Segment]) -> list[tuple[str | None, str]]:
    return [(segment.speaker, segment.text) for segment in segments]


def times(segments: list[speech.Segment]) -> list[tuple[float, float]]:
    return [(segment.start_s, segment.end_s) for segment in segments]


def link(url: str, declared: str | None = None, language: str | None = None) -> dict[str, str | None]:
    return {"url": url, "type": declared, "language": language, "rel": None}


def episode(number: int, *links: dict[str, str | None], **values: Any) -> dict[str, Any]:
    known: dict[str, Any] = {
        "day": DAY,
        "episode_id": f"{number:016x}",
        "feed_url": "https://feeds.example/show.xml",
        "show": "A | Show",
        "title": f"Episode {number} <b>",
        "duration_s": 60.0,
        "language": "en",
        "transcripts": list(links),
        "status": "ok",
    }
    return dict.fromkeys(SCHEMAS["episodes"]) | known | values


def frame(*episodes: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(episodes), schema=SCHEMAS["episodes"])


def collect(project: Project, *episodes: dict[str, Any]) -> list[dict[str, Any]]:
    found = fetch.collect(project, frame(*episodes))
    assert found.schema == SCHEMAS["publisher_transcripts"]
    return found.to_dicts()
