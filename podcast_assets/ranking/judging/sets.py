"""Which insights meet in a comparison, and in which order they are shown: by their identities alone.

Pure. Judges favour places in a list, most of all the first. So the order is no order of merit, each round deals all insights
anew, and whoever stood early in the rounds before stands late in the next: two who meet again mostly meet the other way
round, so that no pair is decided by its places.
"""

import itertools
import math
from collections.abc import Collection

from podcast_assets.hashing import sha256

SET = 5
ROUNDS = 3


def sets_of(ids: Collection[str]) -> list[tuple[str, ...]]:
    """The sets of all rounds, each in the order it is shown; none twice.

    Every round is a partition of ``ids`` into sets of at most 5, as equal as can be; the order of ``ids`` is of no account.
    """
    lead = dict.fromkeys(ids, 0.0)  # how far before the middle each stood, over the rounds so far
    sets: dict[tuple[str, ...], None] = {}
    for number in range(ROUNDS):
        dealt = sorted(lead, key=lambda name: sha256(f"{number} {name}"))
        for group in _parts(dealt):
            shown = tuple(sorted(group, key=lead.__getitem__))
            sets[shown] = None
            for place, name in enumerate(shown):
                lead[name] += (len(shown) - 1) / 2 - place
    return list(sets)


def _parts(names: list[str]) -> list[list[str]]:
    count = math.ceil(len(names) / SET)
    edges = [len(names) * number // count for number in range(count + 1)] if count else []
    return [names[start:end] for start, end in itertools.pairwise(edges)]
