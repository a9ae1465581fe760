"""What people see while audio is heard: bars in the terminal, a log line now and then."""

import os
import re
import subprocess
import sys
import termios
import time
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from podcast_assets import progress


class Lines:
    """A log that keeps its lines."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def info(self, msg: object, /) -> None:
        self.lines.append(str(msg))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s left"),
        (59, "59 s left"),
        (60, "1 min left"),
        (250, "4 min left"),
        (7500, "2 h 5 min left"),
        (3599, "1 h 0 min left"),
    ],
)
def test_the_time_left_reads_as_people_say_it(seconds: float, text: str) -> None:
    assert progress.time_left(seconds) == text


def test_a_log_line_says_how_far_how_fast_and_how_long_still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "QUIET_HEARING_S", 0.0)
    log = Lines()
    with progress.hearing([2890.0, 600.0, 0.0], log) as episode:
        with episode("Title", 2890.0) as reached:
            time.sleep(0.1)
            reached(750.0)
            reached(3000.0)
        with episode("Known", 600.0):
            pass
        with episode("No length", 0.0) as reached:
            time.sleep(0.01)
            reached(30.0)
    far, beyond, unknown = log.lines
    found = re.fullmatch(r"Title: 12:30 of 48:10 \((\d+\.\d) times real time, \d s left, \d s left for all 3\)", far)
    assert found
    assert 1000 < float(found[1]) <= 7500, "750 seconds in a tenth of a second and somewhat more"
    assert re.fullmatch(r"Title: 50:00 \(\d+\.\d times real time, \d s left for all 3\)", beyond), "longer than was known"
    assert re.fullmatch(r"No length: 00:30 \(\d+\.\d times real time\)", unknown)


def test_what_the_shard_still_takes_counts_what_was_heard_and_not_what_was_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nine of ten hours were recognised before a crash: the tenth is not expected to be done in a moment."""
    monkeypatch.setattr(progress, "QUIET_HEARING_S", 0.0)
    log = Lines()
    with progress.hearing([36_000.0, 36_000.0, 36_000.0], log) as episode:
        with episode("Known", 36_000.0):
            pass
        with episode("New", 36_000.0) as reached:
            time.sleep(0.1)
            reached(6.0)
    (line,) = log.lines
    left = re.search(r"(\d+) min left, (\d+) min left for all 2\)", line)
    assert left
    assert 9 <= int(left[1]) <= 60
    assert int(left[2]) == pytest.approx(2 * int(left[1]), rel=0.3)


def test_the_log_is_told_seldom() -> None:
    log = Lines()
    with progress.hearing([600.0], log) as episode, episode("Title", 600.0) as reached:
        for second in range(600):
            reached(second)
    assert log.lines == []


def test_the_terminal_shows_the_episode_and_the_shard() -> None:
    out = StringIO()
    with (
        progress.show_in(Console(file=out, force_terminal=True, width=140)),
        progress.hearing([60.0, 2890.0], Lines()) as episode,
    ):
        with episode("[b]Short", 60.0) as reached:
            time.sleep(0.01)
            reached(60.0)
        with episode("A title\nof two lines that is far longer than any bar has room for", 2890.0) as reached:
            time.sleep(0.1)
            reached(750.0)
            time.sleep(0.3)  # bars are drawn ten times a second
    shown = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", out.getvalue())
    assert re.search(r"transcribing +\S+ +1/2 +0:00:0\d +\d s left", shown)
    title = "A title of two lines that is far longer than any bar has room for"
    assert re.search(rf"{title} +\S+ +12:30 of 48:10 +0:00:0\d +\d s left +\d+\.\dx", shown)


@pytest.mark.parametrize("columns", [80, 120])
def test_bars_fit_on_the_terminal_and_are_seen_while_dagster_keeps_stdout_in_a_file(columns: int, tmp_path: Path) -> None:
    code = (
        "import os, sys, time\n"
        "from podcast_assets import progress\n"
        "from podcast_assets.cli import show\n"
        "from tests.test_hearing_progress import Lines\n"
        "with progress.show_in(show.console()):\n"
        "    os.dup2(os.open(sys.argv[1], os.O_CREAT | os.O_WRONLY), 1)\n"
        "    with progress.hearing([4000.0], Lines()) as episode, episode('The title of an episode', 4000.0) as reached:\n"
        "        time.sleep(0.1)\n"
        "        reached(3700.0)\n"
        "        time.sleep(0.3)\n"
    )
    master, terminal = os.openpty()
    termios.tcsetwinsize(terminal, (25, columns))
    kept = tmp_path / "stdout"
    subprocess.run([sys.executable, "-c", code, str(kept)], stdin=terminal, stdout=terminal, check=True, timeout=60)
    os.close(terminal)
    shown = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", os.read(master, 1_000_000).decode())
    os.close(master)
    lines = [line for line in re.split(r"[\r\n]+", shown) if "1:01:40 of 1:06:40" in line]
    assert lines
    for line in lines:
        assert len(line) <= columns
        assert re.fullmatch(r"  The title of an .+ \S+ 1:01:40 of 1:06:40 0:00:0\d 0 s left +\d+\.\dx", line.rstrip())
    assert kept.read_bytes() == b""


def test_without_a_terminal_nothing_is_drawn() -> None:
    out = StringIO()
    console = Console(file=out)
    with progress.show_in(console), progress.hearing([60.0], Lines()) as episode, episode("Title", 60.0) as reached:
        reached(30.0)
    assert out.getvalue() == ""
