"""Choosing the few that are shown: the best that differ, under soft caps, nothing said twice. Pure functions.

Maximal marginal relevance (Carbonell and Goldstein 1998): each choice takes the insight with the highest score less
``NEARNESS`` times its likeness to the nearest one that was chosen before.
"""

import dataclasses
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from podcast_assets.config import RankingConfig

if TYPE_CHECKING:
    from numpy.typing import NDArray

# A worth below this is no reader's minute: better an honest "only 3 today". A passage that nobody has heard before reaches
# it with a quality of about 0.4, one of which half is known with about 0.6.
FLOOR = 0.6
NEARNESS = 0.15  # what being the same topic as a better one costs
RELAXATIONS = 3  # the caps as configured, then one more of each, then two more


@dataclasses.dataclass(frozen=True)
class Contender:
    """What the choice depends on. Contenders are given best first; those that are not ``eligible`` are never chosen."""

    insight_id: str
    episode_id: str
    feed_id: str
    speaker: str | None
    score: float
    eligible: bool


@dataclasses.dataclass(frozen=True)
class Choice:
    """The chosen places with how often the caps had to give way for each; and for each other one, what it gave way to.

    ``passed_over``: by place, the reason and the place of the chosen one it lost against.
    """

    chosen: dict[int, int]
    passed_over: dict[int, tuple[str, int | None]]


def pick(contenders: Sequence[Contender], alike: "NDArray[Any]", ranking: RankingConfig) -> Choice:
    """Chooses up to ``ranking.top`` contenders.

    Caps are soft: first as configured, then, only while places are empty, with one and two more of a show, an episode and a
    person; the last time, a person may speak as often as their shows and episodes allow.

    Args:
        contenders: best first.
        alike: how near each is to each in meaning, from 0 to 1, as their order.
        ranking: the caps.
    """
    caps: tuple[tuple[str, int, Callable[[Contender], str | None]], ...] = (
        ("of its episode", ranking.per_episode, lambda each: each.episode_id),
        ("of its show", ranking.per_show, lambda each: each.feed_id),
        ("by its speaker", ranking.per_speaker, lambda each: each.speaker),
    )
    counts: tuple[Counter[str | None], ...] = tuple(Counter() for _ in caps)
    chosen: dict[int, int] = {}

    def full(place: int, relaxed: int) -> int | None:
        """The cap that a contender runs into, by its place in the list; None: it fits."""
        for number, ((_, most, of), count) in enumerate(zip(caps, counts, strict=True)):
            is_person = number == len(caps) - 1
            if (key := of(contenders[place])) is None or (is_person and relaxed == RELAXATIONS - 1):
                continue
            if count[key] >= most + relaxed:
                return number
        return None

    def value(place: int) -> float:
        nearness = max((float(alike[place, other]) for other in chosen), default=0.0)
        return round(contenders[place].score - NEARNESS * nearness, 6)

    free = [place for place, each in enumerate(contenders) if each.eligible]
    too_near: dict[int, int] = {}  # who fitted and had the higher score, with the one that it was too near to
    for relaxed in range(RELAXATIONS):
        while len(chosen) < ranking.top and (fitting := [place for place in free if full(place, relaxed) is None]):
            best = max(fitting, key=lambda place: (value(place), -place))
            for place in fitting:
                if place < best:
                    too_near[place] = max(chosen, key=lambda other: (alike[place, other], -other))
            chosen[best] = relaxed
            free.remove(best)
            for (_, _, of), count in zip(caps, counts, strict=True):
                count[of(contenders[best])] += 1
    passed_over: dict[int, tuple[str, int | None]] = {}
    for place in free:
        if place in too_near:
            passed_over[place] = "too near to a better one", too_near[place]
        elif (number := full(place, 0)) is not None:
            words, _, of = caps[number]
            better = min(other for other in chosen if of(contenders[other]) == of(contenders[place]))
            passed_over[place] = f"the day has enough {words}", better
        else:
            passed_over[place] = "others were better", max(chosen, default=None)
    return Choice(chosen, passed_over)
