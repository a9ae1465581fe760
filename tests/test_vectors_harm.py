"""The archive of vectors under harm: damaged files, processes that are killed, two at once."""

import contextlib
import json
import logging
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from podcast_assets.errors import PodcastAssetsError
from podcast_assets.storage import locked
from podcast_assets.vectors.index import refresh
from tests.archives import LOG, NOTHING, Kept, Quick, day_at, three_days, write_day
from tests.conftest import ROOT


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return three_days(tmp_path)


def cut_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_bytes((folder / "manifest.json").read_bytes()[:-9])


def replace_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_text("[]")


def change_manifest(**values: Any) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        found = json.loads((folder / "manifest.json").read_text())
        (folder / "manifest.json").write_text(json.dumps(found | values))

    return change


def cut_column(folder: Path) -> None:
    with (folder / "terms-0").open("r+b") as file:
        file.truncate(9)


def lose_column(folder: Path) -> None:
    (folder / "ids-0").unlink()


DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "manifest cut": (cut_manifest, "manifest.json is damaged"),
    "manifest that lacks something": (change_manifest(days=None), "manifest.json is damaged"),
    "manifest of other types": (change_manifest(rows="six"), "manifest.json is damaged"),
    "manifest that is a list": (replace_manifest, "manifest.json is damaged"),
    "days beyond the end": (change_manifest(days={"2026-03-01": [5, 3, 1, 1]}), "fewer rows than its manifest names"),
    "written for another model": (change_manifest(model="other"), "another version"),
    "another format": (change_manifest(format=0), "another version"),
    "other rules for terms": (change_manifest(terms="0"), "another version"),
    "a column cut": (cut_column, "fewer rows than its manifest names"),
    "a column lost": (lose_column, "fewer rows than its manifest names"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_damaged_is_made_anew_and_told(kept: Kept, damage: str, caplog: pytest.LogCaptureFixture) -> None:
    opened, _ = kept.refresh()
    ids, (change, reason) = opened.ids.tolist(), DAMAGES[damage]
    change(kept.folder())
    write_day(kept.lake, day_at(0), "x", "y", "z")
    with caplog.at_level(logging.INFO):
        _, told = kept.refresh()
    assert told.rebuilt
    assert reason in told.rebuilt
    assert f"the archive of vectors is made anew: {told.rebuilt}" in caplog.messages
    assert (told.embedded, told.days) == (3, 3)
    assert kept.refresh()[1] == NOTHING
    assert opened.ids.tolist() == ids, "who has the old files open still reads them"


def test_what_is_damaged_and_has_no_days_is_told_once(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.refresh()
    replace_manifest(kept.folder())
    assert kept.refresh()[1].rebuilt
    assert kept.refresh()[1] == NOTHING


def test_what_lies_in_the_folder_and_is_none_of_ours_goes(kept: Kept) -> None:
    kept.refresh()
    (kept.folder() / "vectors-7").write_bytes(b"of a clearing out that was killed")
    with (kept.folder() / "vectors-0").open("ab") as file:
        file.write(b"of a day that was killed")
    kept.refresh()
    assert not (kept.folder() / "vectors-7").exists()
    write_day(kept.lake, day_at(3), "z")
    kept.refresh()


def test_an_embedder_that_fails_half_way_loses_no_finished_day(kept: Kept) -> None:
    class Failing(Quick):
        def vectors(self, texts: Any) -> Any:
            if any("Claim d" in text for text in texts):
                raise PodcastAssetsError("the model does not answer")
            return super().vectors(texts)

    with pytest.raises(PodcastAssetsError, match="does not answer"):
        refresh(kept.lake, kept.root, Failing(), LOG)
    assert kept.refresh()[1].embedded == 3


def started(folder: Path, rounds: int) -> subprocess.Popen[bytes]:
    program = f"from tests.archives import worker; worker({str(folder)!r}, {rounds})"
    return subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE)


def test_killed_at_any_moment_and_mended_by_the_next(tmp_path: Path) -> None:
    chance, kept = random.Random(3), Kept(tmp_path)
    for _ in range(3):
        with started(tmp_path, 100_000) as process:
            assert process.stdout
            process.stdout.readline()
            time.sleep(chance.uniform(0.0, 0.2))
            process.kill()
        _, told = kept.refresh()
        assert told.rebuilt is None
        assert kept.refresh()[1] == NOTHING


class Death(BaseException):
    """What nobody catches."""


class Reaper:
    """Ends what runs when it opens or renames so many files."""

    def __init__(self) -> None:
        self.left: int | None = None
        sys.addaudithook(self)

    def __call__(self, event: str, _: object) -> None:
        if self.left is not None and event in {"open", "os.rename", "os.remove", "os.truncate"}:
            self.left -= 1
            if self.left < 0:
                self.left = None
                raise Death

    def let(self, files: int, call: Callable[[], object]) -> bool:
        """Whether it came to its end."""
        self.left = files
        try:
            call()
        except Death:
            return False
        self.left = None
        return True


def test_ended_at_each_file_it_touches_and_mended_by_the_next(tmp_path: Path) -> None:
    """Adding, clearing out, replacing the manifest: between any two of these steps the archive would be torn."""
    reaper, ended = Reaper(), 0
    for files in range(1_000):
        kept = Kept(tmp_path / str(files))
        write_day(kept.lake, day_at(0), "a", "b")
        write_day(kept.lake, day_at(1), "c")
        kept.refresh()
        write_day(kept.lake, day_at(0), "b", "d")  # more rows of nobody than may be
        done = reaper.let(files, lambda kept=kept: refresh(kept.lake, kept.root, kept.quick, LOG))  # type: ignore[misc]
        assert kept.refresh()[1].rebuilt is None
        assert len(list(kept.folder().iterdir())) == 6
        ended += not done
        if done:
            break
    assert ended > 20


def test_two_processes_at_once_wait_for_each_other(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.refresh()
    with contextlib.ExitStack() as lock:
        lock.enter_context(locked(kept.root))
        with started(tmp_path, 9) as first, started(tmp_path, 9) as second:
            for process in (first, second):
                assert process.stdout
                process.stdout.readline()
            time.sleep(0.5)  # a process that does not wait has written by now
            written, ended = list(kept.folder().iterdir()), (first.poll(), second.poll())
            lock.close()
    assert written == []
    assert ended == (None, None)
    assert (first.returncode, second.returncode) == (0, 0)
    assert kept.refresh()[1].rebuilt is None
