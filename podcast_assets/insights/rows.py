"""What every method of finding insights gives: rows of ``insight_candidates``, and the identity of an insight."""

import re

from podcast_assets.hashing import sha256


def normalised(quote: str) -> str:
    """A quote as its identity sees it: lower-case words, nothing else."""
    return " ".join(re.findall(r"\w+", quote.lower()))


def insight_id(episode_id: str, quote: str) -> str:
    """The identity of an insight: 16 hex digits of SHA-256 of episode_id + the normalised quote."""
    return sha256(episode_id + normalised(quote))[:16]
