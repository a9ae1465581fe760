"""A planted sequence of days: who says which idea on which day, how often again, and how much it is worth.

Nobody who picks may look at ``worth`` or at the ideas: a method gets candidates and episodes, as the product does. All
figures here were fixed before any method had been measured. Pure, and the same in every run.
"""

import dataclasses
import datetime as dt
import random
from collections.abc import Sequence
from typing import Final

import polars as pl

from evals.ranking.texts import Text, fillers
from podcast_assets.hashing import sha256
from podcast_assets.schemas import SCHEMAS

FIRST: Final = dt.date(2026, 1, 1)
SHOWS: Final = 12
GOOD: Final = 2  # the worth from which an idea is a good one
STRONG: Final = 0  # this show is among the first to say many of the good ideas, and has several episodes a day
STRONG_SHARE, STRONG_EPISODES = 0.5, 3
WORTHS: Final = ((0, 1, 2, 3), (10, 30, 35, 25))  # of ideas, and how often in a hundred
AT_ONCE: Final = ((1, 2, 3, 4), (40, 27, 20, 13))  # shows that say an idea on its first day, and how often in a hundred
AGAIN: Final = (
    (0, 1),
    (0, 2),
    (2, 4),
    (3, 5),
)  # how often it is said in the days after, by its worth: what is good gets around
WITHIN: Final = 30  # days
FILLERS: Final = (22, 38)  # a day, from and to
SMALL: Final = 0.33  # the part of them that is worth 1, the others nothing


@dataclasses.dataclass(frozen=True)
class Said:
    """A text as it is said on a show. ``episode`` counts within the show and the day."""

    text: Text
    day: dt.date
    show: int
    episode: int
    quality: float
    specificity: float

    @property
    def episode_id(self) -> str:
        """As episodes are called."""
        return sha256(f"{self.day} {self.show} {self.episode}")[:16]

    @property
    def insight_id(self) -> str:
        """As insights are called."""
        return sha256(f"{self.episode_id} {self.text.words}")[:16]


@dataclasses.dataclass(frozen=True)
class Planted:
    """Days in order, each with all that is said on it, and the worth (0 to 3) of every idea."""

    days: list[list[Said]]
    worth: dict[str, int]


def planted(texts: Sequence[Text], days: int, seed: int = 1) -> Planted:
    """A sequence in which every idea of ``texts`` turns up once, at one show or several, and again within 30 days.

    Each time it is another one of its texts, as far as they go; then the claim of one with the body of another. Quality
    follows the worth of the idea with much noise, so that the best-graded texts of a day are often the same few ideas.
    """
    order = random.Random(seed)
    ideas: dict[str, list[Text]] = {}
    for text in texts:
        ideas.setdefault(text.idea, []).append(text)
    worth = {idea: order.choices(*WORTHS)[0] for idea in ideas}
    filling = iter(fillers())
    said: list[list[Said]] = [[] for _ in range(days)]
    for idea, each in ideas.items():
        ways = iter(_ways(order, each))
        first = order.randrange(days)
        at_once = order.choices(*AT_ONCE)[0]
        again = sorted(order.randint(first + 1, first + WITHIN) for _ in range(order.randint(*AGAIN[worth[idea]])))
        shows = order.sample(range(SHOWS), at_once)
        if worth[idea] >= GOOD and STRONG not in shows and order.random() < STRONG_SHARE:
            shows[0] = STRONG
        later = [(day, order.randrange(SHOWS)) for day in again]
        for day, show in [*((first, show) for show in shows), *later]:
            if day < days:
                said[day].append(_said(order, next(ways), day, show, worth[idea]))
    for day, each_day in enumerate(said):
        for _ in range(order.randint(*FILLERS)):
            text = next(filling)
            worth[text.idea] = int(order.random() < SMALL)
            each_day.append(_said(order, text, day, order.randrange(SHOWS), worth[text.idea]))
        each_day.sort(key=lambda one: one.insight_id)  # nothing may follow from the order
    return Planted(said, worth)


def candidates(day: Sequence[Said]) -> pl.DataFrame:
    """A day's ``insight_candidates``."""
    rows = [
        {
            **dict.fromkeys(SCHEMAS["insight_candidates"]),
            "day": one.day,
            "insight_id": one.insight_id,
            "episode_id": one.episode_id,
            "claim": one.text.claim,
            "body": one.text.body,
            "quote": one.text.body,
            "quote_start_s": 60.0,
            "quote_end_s": 90.0,
            "timing": "segment",
            "extractor": "planted",
            "quality": one.quality,
            "specificity": one.specificity,
            "status": "accepted",
        }
        for one in day
    ]
    return pl.DataFrame(rows, schema=SCHEMAS["insight_candidates"])


def episodes(day: Sequence[Said]) -> pl.DataFrame:
    """A day's ``episodes``."""
    heard = {one.episode_id: one for one in day}
    rows = [
        {
            **dict.fromkeys(SCHEMAS["episodes"]),
            "day": one.day,
            "episode_id": episode_id,
            "feed_id": sha256(f"show {one.show}")[:12],
            "show": f"Show {one.show}",
            "title": f"Episode {one.episode} of {one.day}",
            "published_at": dt.datetime.combine(one.day, dt.time(6), dt.UTC),
            "first_seen_at": dt.datetime.combine(one.day, dt.time(7), dt.UTC),
            "language": "en",
            "status": "ok",
        }
        for episode_id, one in sorted(heard.items())
    ]
    return pl.DataFrame(rows, schema=SCHEMAS["episodes"])


def _ways(order: random.Random, texts: Sequence[Text]) -> list[Text]:
    """The texts of an idea in an order of chance, then claims and bodies of different ones."""
    plain = order.sample(texts, len(texts))
    mixed = [dataclasses.replace(one, body=other.body) for one in plain for other in plain if one is not other]
    order.shuffle(mixed)
    return [*plain, *mixed]


def _said(order: random.Random, text: Text, day: int, show: int, worth: int) -> Said:
    episode = order.randrange(STRONG_EPISODES) if show == STRONG else 0
    # The extractive method's own scale: of a usual episode it takes what has a quality of 2/3 or more.
    quality, specificity = order.gauss(0.65 + 0.08 * worth, 0.06), order.gauss(0.40 + 0.05 * worth, 0.12)
    marks = (round(min(max(mark, 0.02), 0.98), 3) for mark in (quality, specificity))
    return Said(text, FIRST + dt.timedelta(days=day), show, episode, *marks)
