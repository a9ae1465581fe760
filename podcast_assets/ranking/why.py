"""One line of plain words on what an insight's place rests on. Pure functions.

Only what sets an insight apart is said: what it gains from a component beyond what the day's insights mostly gain from it,
and how many of them gain less.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from podcast_assets.config import MEAN
from podcast_assets.schemas import COMPONENTS
from podcast_assets.text import one_line

APART = 0.015  # of the score: what is less is not worth a word
LOSS = 0.05  # the same, of what it lost
MOST_REASONS = 3
LONGEST_CLAIM = 80  # characters
FEWEST = 5  # insights of a day of which "better than 4 of 5" says anything

# By component: of the best of the day, and of another one, which is before "than 17 of the day's 25".
WORDS = {
    "quality": ("the strongest passage of the day", "a stronger passage"),
    "originality": ("the most original of the day", "more original"),
    "support": ("borne out best of the day", "better borne out"),
    "use": ("the most useful of the day", "more useful"),
    "specificity": ("the most concrete of the day", "more concrete"),
    "novelty": ("the newest thought of the day", "newer to the archive"),
}
PLAIN = {
    "comparison": "preferred when compared with the others",
    "editors_choice": "the show's own teaser has it",
}


class Field:
    """What the insights of a day gain, by component, so that one of them can be told from the others."""

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        # To the components of the mean, those count to which one applies; of the others, that there is none is the usual.
        self._gains = {
            name: sorted(row["gains"][name] or 0.0 for row in rows if row["gains"][name] is not None or name not in MEAN)
            for name in COMPONENTS
        }

    def lead(self, name: str, gain: float) -> float:
        """How much more this is than an insight of the day mostly gains: the median."""
        gains = self._gains[name]
        return gain - gains[len(gains) // 2]

    def words(self, name: str, gain: float) -> str:
        """What sets an insight apart that gains this from a component."""
        if name in PLAIN:
            return PLAIN[name]
        best, better = WORDS[name]
        gains = self._gains[name]
        below = sum(other < gain for other in gains)
        if below == len(gains) - 1 or len(gains) < FEWEST:
            return best if gain == gains[-1] else f"{better} than most of the day's"
        return f"{better} than {below} of the day's {len(gains)}"


def why(row: Mapping[str, Any], field: Field, relaxed: int, claims: Mapping[str, str]) -> str:
    """The line for an insight.

    Args:
        row: its row of ``ranked_insights``, with the reader's interest that it is ``near_to``.
        field: of the day's insights.
        relaxed: how often the caps had to give way for it.
        claims: what the insights say that a row may name, by identity.
    """
    if row["outcome"] == "not compared":
        return "too weak to be held against the archive: the day has many better ones"
    if row["duplicate_of"]:
        claim = one_line(claims.get(row["duplicate_of"]) or row["duplicate_of"], LONGEST_CLAIM)
        return f"published before: {claim}" if row["outcome"] == "published before" else f"says the same as: {claim}"
    gains = {name: row["gains"][name] for name in COMPONENTS if row["gains"][name] is not None}
    lead = {name: field.lead(name, gain) for name, gain in gains.items() if name in WORDS or name in PLAIN}
    best = sorted((name for name in lead if lead[name] >= APART), key=lambda name: (-lead[name], name))
    said = [field.words(name, gains[name]) for name in best[:MOST_REASONS]]
    if row["near_to"]:
        said.insert(0, f"close to your interest in {row['near_to']}")
    if row["also_on"]:
        said.insert(0, f"also on {row['also_on']} other show{'' if row['also_on'] == 1 else 's'}")
    if not said:
        said.append("solid, and nothing stands out" if row["picked_rank"] else "nothing that sets it apart")
    if gains.get("novelty_published", 0.0) <= -LOSS:
        claim = one_line(claims.get(row["published_id"]) or row["published_id"], LONGEST_CLAIM)
        said.append(f"but much like what was shown before: {claim}")
    if gains.get("interest", 0.0) <= -LOSS:
        said.append("though it touches on what you do not want")
    if row["freshness"] is not None:
        said.append("came late, so it counts a little less")
    if relaxed:
        said.append("beyond the usual caps, since the day had places left")
    return ", ".join(said)
