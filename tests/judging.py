"""Insights of a hidden worth, and judges who see it as people do: with noise, and with a liking for what stands first."""

import hashlib
import json
import logging
import random
from collections.abc import Callable, Sequence

from podcast_assets.llm.asking import Asker, open_asker
from podcast_assets.project import Project
from podcast_assets.ranking.judging.shown import Shown
from tests.model_day import HASTY
from tests.model_peer import Answer, Asked

LOG = logging.getLogger(__name__)


def named(number: int) -> str:
    """The identity of the insight of this number."""
    return hashlib.sha256(f"insight {number}".encode()).hexdigest()[:16]


def insights(count: int) -> list[Shown]:
    """So many insights."""
    return [
        Shown(named(n), f"Idea {n} of harbours", f"What idea {n} says about harbours, and why it is so.", None)
        for n in range(count)
    ]


def worths(count: int, seed: int = 0) -> list[float]:
    """The hidden worth of each number."""
    chance = random.Random(f"worth {seed}")
    return [chance.gauss(0, 1) for _ in range(count)]


def seen(worth: Sequence[float], noise: float, liking: float, seed: int = 0) -> Callable[[Sequence[int]], list[int]]:
    """A judge: orders numbers by their worth as it sees it that time, what stands first by ``liking`` better than it is."""

    def order(numbers: Sequence[int]) -> list[int]:
        chance = random.Random(f"{seed} {numbers}")
        told = {n: worth[n] + chance.gauss(0, noise) + (0 if place else liking) for place, n in enumerate(numbers)}
        return sorted(numbers, key=lambda n: -told[n])

    return order


def numbers_of(asked: Asked) -> list[int]:
    """The insights of a question by their numbers, in the order they are shown."""
    return [int(claim.split()[1]) for _, claim in asked.claims]


def ordering(judge: Callable[[Sequence[int]], list[int]]) -> Answer:
    """The judge as a server's answer."""

    def answer(asked: Asked) -> str:
        shown = numbers_of(asked)
        return json.dumps({"order": [shown.index(number) + 1 for number in judge(shown)]})

    return answer


def asker_of(project: Project) -> Asker:
    """Who is asked, in a hurry."""
    asker = open_asker(project, LOG, HASTY)
    assert asker is not None
    return asker


def tau(ratings: dict[str, float], worth: Sequence[float]) -> float:
    """Kendall's rank correlation (tau-b) of ratings with the worth of the same insights."""
    from scipy.stats import kendalltau

    return float(kendalltau([ratings[named(n)] for n in range(len(worth))], worth).statistic)
