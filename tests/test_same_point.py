"""Learning which texts make the same point: what it is measured by, and what is said where that is not there."""

from pathlib import Path

from evals.points import POINTS
from evals.same_point import labels_beside, same_point
from podcast_assets.config import parse


def test_insights_of_the_table_read_as_insights_do() -> None:
    """A threshold that was set on short sentences holds for no insight."""
    texts = [text for point in POINTS for text in point]
    assert len(set(texts)) == len(texts) == 120
    assert all(19 <= len(text.split()) <= 60 for text in texts)


def test_without_labels_the_section_says_so(tmp_path: Path) -> None:
    folder = labels_beside(tmp_path / "corpus")
    assert same_point(folder, parse({}, tmp_path / "podcasts.toml")) == [
        f"{folder}: no such folder, so nothing to compare with"
    ]
