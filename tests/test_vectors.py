"""Vectors in the lake and the archive made of them: right after every change, every kill, every damage; opened at once."""

import dataclasses
import json
import os
import random
import shutil
import time
from pathlib import Path

import pytest

from podcast_assets.errors import PodcastAssetsError
from podcast_assets.hashing import sha256
from podcast_assets.likeness import WIDTH
from podcast_assets.vectors.archive import folder_of
from podcast_assets.vectors.index import Refreshed, refresh
from podcast_assets.vectors.store import text_of
from tests.archives import DIMENSIONS, LOG, NOTHING, Kept, Quick, day_at, insight, three_days, write_day


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return three_days(tmp_path)


# --- What is embedded, and when.


def test_the_text_of_an_insight() -> None:
    assert text_of("Claim", "Body", "Quote") == "Claim. Body"
    assert text_of("Claim", None, "Quote") == "Claim. Quote"
    assert text_of(None, "", "Quote") == "Quote"
    assert text_of(None, None, None) == ""


def test_a_text_is_embedded_once(kept: Kept) -> None:
    """Hosted models cost money, and a million texts cost hours."""
    _, told = kept.refresh()
    assert told == Refreshed(embedded=6, of_earlier_days=3, days=3, rebuilt=None)
    assert kept.refresh()[1] == NOTHING
    shutil.rmtree(kept.root)
    assert kept.refresh()[1] == Refreshed(embedded=0, of_earlier_days=0, days=3, rebuilt=None)
    assert sorted(kept.quick.asked) == sorted(f"Claim {name}. Body {name}" for name in "abcdfg")


def test_a_changed_day_is_read_again_and_only_its_new_texts_are_embedded(kept: Kept) -> None:
    kept.refresh()
    again = insight(day_at(1), "same-words", claim="Claim c", body="Body c")
    twice = insight(day_at(1), "twice", claim="Claim new", body="Body new")
    late = insight(day_at(1), "c", claim="The same insight, once more")
    write_day(kept.lake, day_at(1), "c", "new", twice, again, insight(day_at(1), "r"), late)
    _, told = kept.refresh()
    assert told == Refreshed(embedded=2, of_earlier_days=2, days=1, rebuilt=None)
    assert kept.quick.asked[6:] == ["Claim new. Body new", "Claim r. Body r"]


def test_another_model_has_vectors_of_its_own_and_the_first_ones_stay(kept: Kept) -> None:
    """Vectors of two models are mixed, or coming back to the first one pays for everything again."""
    first, _ = kept.refresh()
    other = Quick("other", dimensions=4)
    second, told = kept.refresh(other)
    assert told == Refreshed(embedded=6, of_earlier_days=3, days=3, rebuilt=None)
    assert (first.vectors.shape, second.vectors.shape) == ((6, DIMENSIONS), (6, 4))
    rows = kept.lake.read("vectors", day_at(0))
    assert rows.select("insight_id", "model").rows() == [("a", "other"), ("b", "other"), ("a", "quick"), ("b", "quick")]
    assert rows["text_sha256"][0] == sha256("Claim a. Body a")
    write_day(kept.lake, day_at(0), "a")
    assert kept.refresh()[1] == Refreshed(embedded=0, of_earlier_days=0, days=1, rebuilt=None)
    assert kept.lake.read("vectors", day_at(0)).select("insight_id", "model").rows() == [
        ("a", "other"), ("b", "other"), ("a", "quick"),
    ]  # fmt: skip


def test_models_whose_names_differ_in_punctuation_have_folders_of_their_own(tmp_path: Path) -> None:
    assert folder_of(tmp_path, "a/b (c)") != folder_of(tmp_path, "a/b [c]")
    assert folder_of(tmp_path, "../../x" * 50).parent == tmp_path


@pytest.mark.parametrize("changed", ["the same day", "another day"])
def test_a_model_that_changes_under_its_name_is_told(kept: Kept, changed: str) -> None:
    """Vectors of two models are mixed without anybody's knowing."""
    kept.refresh()
    write_day(kept.lake, day_at(2 if changed == "the same day" else 3), "y", "z")
    with pytest.raises(PodcastAssetsError, match="has changed under its name"):
        kept.refresh(Quick(dimensions=3))
    kept.refresh()


def test_nothing_is_written_when_nothing_has_changed(kept: Kept) -> None:
    def stamps(folder: Path) -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}

    kept.refresh()
    before, vectors = stamps(kept.root.parent.parent), stamps(kept.lake.root / "vectors")
    kept.refresh()
    assert stamps(kept.root.parent.parent) == before
    write_day(kept.lake, day_at(2), "g", "d", "f")
    assert kept.refresh()[1].days == 1
    assert stamps(kept.lake.root / "vectors") == vectors


# --- Days that come, change and go.


def test_an_empty_lake_and_days_without_insights(tmp_path: Path) -> None:
    """The first day of all fails, or an empty day is read again and again."""
    kept = Kept(tmp_path)
    archive, told = kept.refresh()
    assert (len(archive), told) == (0, NOTHING)
    assert archive.find(["a"]).tolist() == [-1]
    assert archive.terms.shape == (0, WIDTH)
    write_day(kept.lake, day_at(0))
    assert kept.refresh()[1] == dataclasses.replace(NOTHING, days=1)
    assert kept.refresh()[1] == NOTHING
    write_day(kept.lake, day_at(1), "a")
    archive, _ = kept.refresh()
    assert archive.vectors.shape == (1, DIMENSIONS)
    shutil.rmtree(kept.lake.path("insight_candidates", day_at(0)).parent)
    assert len(kept.refresh()[0]) == 1


def test_before_is_what_lies_before(kept: Kept) -> None:
    """An insight would be held against those of its own day, or of days to come."""
    archive, _ = kept.refresh()
    assert sorted(archive.ids[archive.before(day_at(2))].tolist()) == [b"a", b"b", b"c"]
    assert not archive.before(day_at(0)).any()
    assert archive.ids[archive.rows_of(day_at(2))].tolist() == [b"d", b"f", b"g"]


def test_a_removed_day_is_gone(kept: Kept) -> None:
    kept.refresh()
    shutil.rmtree(kept.lake.path("insight_candidates", day_at(1)).parent)
    archive, told = kept.refresh()
    assert told == NOTHING
    assert len(archive) == 6  # its row is there, and bears no day
    assert archive.find(["c"]).tolist() == [-1]


def test_rows_of_nobody_are_cleared_out(kept: Kept) -> None:
    """An archive that is re-run daily grows for ever; or what others have open is pulled away under them."""
    opened, _ = kept.refresh()
    for _ in range(20):
        write_day(kept.lake, day_at(2), "d", "f", "g")
        archive, _ = kept.refresh()
        assert 6 <= len(archive) <= 8
        assert len(list(kept.folder().iterdir())) == 6
    assert len(archive.ids) == len(archive.vectors) == len(archive)
    kept.check(opened, kept.quick)


def test_days_in_any_order_with_anything_in_them(tmp_path: Path) -> None:
    """A walk of changes: whatever happened, the archive is what the lake is."""
    kept, chance = Kept(tmp_path), random.Random(5)
    names = [f"i{number}" for number in range(40)]
    for _ in range(40):
        number = chance.randrange(8)  # an insight stays on its day
        mine = [name for at, name in enumerate(names) if at % 8 == number]
        chosen = chance.sample(mine, chance.randrange(6))
        write_day(kept.lake, day_at(number), *chosen)
        if chance.random() < 0.2:
            shutil.rmtree(kept.lake.path("insight_candidates", day_at(number)).parent)
        kept.refresh()


def test_an_id_that_is_too_long_is_told(kept: Kept) -> None:
    """It would be cut, and two insights become one."""
    write_day(kept.lake, day_at(1), "x" * 17)
    with pytest.raises(PodcastAssetsError, match=f"insights of {day_at(1)}: insight_id 'x{{17}}' is longer than 16 bytes"):
        kept.refresh()


def test_ids_that_begin_alike_are_told_apart(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    write_day(kept.lake, day_at(0), *(f"01234567{number:08d}" for number in range(50)), "01234567")
    kept.refresh()


def test_a_thousand_days_are_opened_without_reading_them(tmp_path: Path) -> None:
    """Every day's run would read all Parquet files of all days."""
    kept = Kept(tmp_path)
    write_day(kept.lake, day_at(0), "a")
    template = kept.lake.path("insight_candidates", day_at(0))
    kept.refresh()
    manifest = json.loads((kept.folder() / "manifest.json").read_text())
    for number in range(1, 1_000):
        path = kept.lake.path("insight_candidates", day_at(number))
        path.parent.mkdir()
        os.link(template, path)  # reading it would fail: its rows bear another day, and its insight is there already
        manifest["days"][day_at(number).isoformat()] = [1, 0, *manifest["days"]["2026-03-01"][2:]]
    (kept.folder() / "manifest.json").write_text(json.dumps(manifest))
    began = time.monotonic()
    archive, told = refresh(kept.lake, kept.root, kept.quick, LOG)
    assert (len(archive), told) == (1, NOTHING)
    assert time.monotonic() - began < 20
