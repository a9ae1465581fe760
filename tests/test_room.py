"""The room that downloaded audio takes: whether another file may come, and what makes way for it."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from podcast_assets.audio.room import Room


@pytest.fixture
def put(tmp_path: Path) -> Callable[..., Path]:
    """Puts a download of so many bytes there; the higher its age, the older it is."""

    def put(letter: str, size: int, age: int = 0) -> Path:
        path = tmp_path / f"{letter * 64}.mp3"
        path.write_bytes(bytes(size))
        os.utime(path, (1_700_000_000 - age, 1_700_000_000 - age))
        return path

    return put


def names(folder: Path) -> set[str]:
    return {path.name[0] for path in folder.iterdir()}


def nothing_heard(_: str) -> bool:
    return False


def test_what_fits_may_come_and_what_does_not_waits(tmp_path: Path, put: Callable[..., Path]) -> None:
    put("a", 60)
    room = Room(tmp_path, 100, nothing_heard)
    with room.for_one(40) as fits:
        assert fits
    with room.for_one(41) as fits:
        assert not fits


def test_files_on_their_way_have_their_room(tmp_path: Path) -> None:
    room = Room(tmp_path, 100, nothing_heard)
    with room.for_one(60) as first, room.for_one(60) as second:
        assert (first, second) == (True, False)


def test_once_one_had_to_wait_a_smaller_one_does_not_push_in(tmp_path: Path, put: Callable[..., Path]) -> None:
    """It comes later because it is less urgent."""
    put("a", 60)
    room = Room(tmp_path, 100, nothing_heard)
    with room.for_one(50), room.for_one(1) as smaller:
        assert not smaller


def test_a_file_that_never_fits_keeps_nobody_from_coming_and_costs_nothing(tmp_path: Path, put: Callable[..., Path]) -> None:
    """What a feed says of its size may be any number."""
    put("a", 60)
    room = Room(tmp_path, 100, lambda _: True)
    with room.for_one(9 * 10**12) as absurd, room.for_one(10) as usual:
        assert (absurd, usual) == (False, True)
    assert names(tmp_path) == {"a"}


def test_what_was_heard_makes_way_the_oldest_first_and_no_more_than_must(tmp_path: Path, put: Callable[..., Path]) -> None:
    for age, letter in enumerate("abcd"):
        put(letter, 25, age)
    with Room(tmp_path, 100, lambda sha256: sha256[0] in "abd").for_one(30) as fits:
        assert fits
        assert names(tmp_path) == {"a", "c"}, "d is the oldest, c was not heard, b is next"


def test_what_nobody_has_heard_yet_stays(tmp_path: Path, put: Callable[..., Path]) -> None:
    put("a", 100)
    with Room(tmp_path, 100, nothing_heard).for_one(1) as fits:
        assert not fits
    assert names(tmp_path) == {"a"}


def test_strangers_files_neither_count_nor_go(tmp_path: Path, put: Callable[..., Path]) -> None:
    (tmp_path / "my-recording.mp3").write_bytes(bytes(1000))
    (tmp_path / ("e" * 64)).symlink_to(tmp_path / "my-recording.mp3")
    put("a", 50)
    room = Room(tmp_path, 100, lambda _: True)
    with room.for_one(50) as fits:
        assert fits
    room = Room(tmp_path, 0, lambda _: True)
    room.fits()
    assert {path.name for path in tmp_path.iterdir()} == {"my-recording.mp3", "e" * 64}
