"""Choosing the few that are shown: best first, under soft caps, without saying anything twice. Pure functions."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from podcast_assets.config import RankingConfig

# A score below this is not worth a reader's minute: better an honest "only 3 today". A passage that nobody has heard
# before reaches it with a quality of about 0.4, one of which half is known with about 0.6.
FLOOR = 0.6
RELAXATIONS = 3  # the caps as configured, then one more of each, then two more


class Contender(NamedTuple):
    """What the choice depends on. Contenders are given best first."""

    insight_id: str
    episode_id: str
    feed_id: str
    score: float
    duplicate_of: str | None


class Pick(NamedTuple):
    """A chosen contender; ``relaxed`` is how often the caps had to give way for it."""

    insight_id: str
    relaxed: int


def pick(contenders: Sequence[Contender], ranking: RankingConfig) -> list[Pick]:
    """Chooses up to ``ranking.top`` contenders, in their order.

    Caps are soft: first as configured, then, only while places are empty, with one and two more per episode and show. What
    repeats another insight, or lies under the floor of worth, is never chosen.
    """
    chosen: dict[str, int] = {}
    shows: Counter[str] = Counter()
    episodes: Counter[str] = Counter()
    worthy = [c for c in contenders if c.score >= FLOOR and c.duplicate_of is None]
    for relaxed in range(RELAXATIONS):
        for contender in worthy:
            if len(chosen) == ranking.top:
                break
            fits_show = shows[contender.feed_id] < ranking.per_show + relaxed
            fits_episode = episodes[contender.episode_id] < ranking.per_episode + relaxed
            if contender.insight_id not in chosen and fits_show and fits_episode:
                chosen[contender.insight_id] = relaxed
                shows[contender.feed_id] += 1
                episodes[contender.episode_id] += 1
    return [Pick(c.insight_id, chosen[c.insight_id]) for c in worthy if c.insight_id in chosen]
