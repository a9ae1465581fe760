"""Days of our own episodes for a model: talks without number, each with its own words, and the stage run on them."""

import dataclasses
import datetime as dt
import logging
from collections import Counter
from collections.abc import Sequence
from typing import Any

import polars as pl

from podcast_assets.insights.day import Day, find_day
from podcast_assets.llm.client import Patience
from podcast_assets.llm.ledger import Ledger
from podcast_assets.project import Project
from podcast_assets.schemas import SCHEMAS
from podcast_assets.speech import Segment
from tests.model_peer import Asked, Peer
from tests.talks import DAY, Turns, by_sentence

LOG = logging.getLogger(__name__)
HASTY = Patience(tries=4, first_wait_s=0.01, longest_wait_s=0.1, give_up_s=60.0)
MODEL = "openai/gpt-4o-mini"
FIRST = (
    "Vel", "Kors", "Marn", "Tolv", "Brig", "Hald", "Ospr", "Fen", "Lund", "Quer", "Sall", "Wend", "Yar", "Dorn", "Eske",
    "Gram", "Ilm", "Jul", "Nord", "Penn", "Rav", "Strell",
)  # fmt: skip
LAST = ("haven", "sund", "wick", "mouth", "borough", "fjord", "stead", "combe")
GOODS = ("barley", "cobalt", "wool", "timber", "salt", "herring", "glass", "linen", "copper", "amber")
TRADES = (
    "dredgers", "weavers", "millers", "smelters", "coopers", "glaziers", "tanners", "masons", "chandlers", "ropemakers",
)  # fmt: skip


def place(number: int) -> str:
    """A town that is named in the talk of this number alone."""
    first, last = number % len(FIRST), number // len(FIRST) % len(LAST)
    return FIRST[first] + LAST[last] + "abcdefgh"[number // (len(FIRST) * len(LAST))].strip("a")


def talk(number: int) -> Turns:
    """Three ideas about a town, by two people; each is long enough to be quoted."""
    town, goods, trade = place(number), GOODS[number % 10], TRADES[number // 10 % 10]
    year, share, years = 1900 + number % 97, 11 + number % 83, 4 + number % 31
    return [
        (
            "Mara Lind",
            f"The town of {town} deepened its harbour in {year} so that {goods} could leave by larger ships. Within {years} "
            f"years {share} percent of the wells beside the river turned salty, because every tide then carried more sea "
            f"water inland than the {trade} could pump away. Deeper water for ships therefore meant dearer water for farms.",
        ),
        (
            "Oskar Brandt",
            f"When the {trade} of {town} shared their ledgers with each other, prices of {goods} fell by {share} percent, "
            f"although nobody had planned it. A buyer who can compare offers needs fewer middlemen, and the middlemen of "
            f"{town} moved into insurance, which paid them for knowing which cargo would arrive late.",
        ),
        (
            "Mara Lind",
            f"Schools in {town} began to teach bookkeeping before Latin, since {goods} merchants hired whoever could find "
            f"an error in a column of figures. Children who learned it at {years} earned more at thirty than those who had "
            f"read poets, yet the poets were what they asked for when {town} built its library.",
        ),
    ]


@dataclasses.dataclass(frozen=True)
class Told:
    """An episode as its feed tells of it, and its talk."""

    episode_id: str
    segments: Sequence[Segment]
    title: str
    show: str = "Salt and Timber"
    notes: str = ""
    chapters: Sequence[dict[str, Any]] = ()


def told(number: int, **fields: Any) -> Told:
    """The episode of this number."""
    fields = {"segments": by_sentence(talk(number)), "title": f"Episode {number:04}", **fields}
    return Told(f"e{number:04}", **fields)


def frames(episodes: Sequence[Told]) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """``episodes``, ``transcripts`` and ``segments`` of a day."""
    seen = dt.datetime(2026, 3, 6, 9, tzinfo=dt.UTC)
    rows: dict[str, list[dict[str, Any]]] = {"episodes": [], "transcripts": [], "segments": []}
    for number, one in enumerate(episodes):
        known = {"episode_id": one.episode_id, "day": DAY}
        rows["episodes"].append(
            known | {"feed_id": f"f{number % 7}", "first_seen_at": seen, "show": one.show, "title": one.title}
            | {"summary": one.notes, "chapters": list(one.chapters)}
        )  # fmt: skip
        rows["transcripts"].append(known | {"status": "ok", "language": "en"})
        rows["segments"] += [
            known
            | {name: getattr(segment, name) for name in ("start_s", "end_s", "speaker", "text", "timing")}
            | {"seq": seq}
            for seq, segment in enumerate(one.segments)
        ]
    found = [
        pl.DataFrame([{**dict.fromkeys(SCHEMAS[table]), **row} for row in rows[table]], schema=SCHEMAS[table])
        for table in rows
    ]
    return found[0], found[1], found[2]


def extraction(peer: Peer, **keys: Any) -> dict[str, Any]:
    """The section ``[extraction]`` that asks a server of ours."""
    return {"model": MODEL, "api_base": peer.api_base, "timeout_s": 20.0, **keys}


def run(project: Project, episodes: Sequence[Told], patience: Patience = HASTY) -> Day:
    """The stage, on a day of these episodes."""
    return find_day(project, DAY, *frames(episodes), LOG, patience)


def rows_of(day: Day, episode_id: str, status: str | None = None) -> list[dict[str, Any]]:
    """An episode's rows, all or those of a status."""
    mine = day.candidates.filter(pl.col("episode_id") == episode_id)
    return (mine if status is None else mine.filter(pl.col("status") == status)).to_dicts()


def calls(project: Project) -> list[dict[str, Any]]:
    """All calls of the ledger."""
    return Ledger(project.ledger_path).calls_of(DAY)


def check_none_twice(project: Project) -> None:
    """No question is asked again that has been answered."""
    answered: Counter[str] = Counter()
    for call in calls(project):
        assert not answered[call["key"]], f"asked again: {call}"
        answered[call["key"]] += call["outcome"] in {"ok", "cut off", "unreadable"}


def question_of(asked: Asked) -> str:
    """What makes two questions the same."""
    return f"{asked.system}\n{asked.user}"
