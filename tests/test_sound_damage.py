"""Damaged audio files: whatever is wrong with one, it is heard or has a reason, soon, and leaves nothing behind."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

SLOWEST_S = 20  # one case; it takes 0.1 s, and machines are busy
GROWN_MB = 20  # over 1,000 cases or more: to leak the sound of each would be 200
PEAK_MB = 500


def decode_damaged(*arguments: object) -> dict[str, Any]:
    """What became of the cases; the process may die of one, and is asked which."""
    command = [sys.executable, "-m", "tests.sound_damage", *map(str, arguments)]
    env = os.environ | {"MALLOC_ARENA_MAX": "1"}  # what many threads' arenas keep for later would hide a leak
    ended = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=600, check=False)
    *cases, last = ended.stdout.splitlines() or ["none was begun"]
    assert ended.returncode == 0, f"case {last}: exit code {ended.returncode}\n{ended.stderr[-3000:]}"
    report: dict[str, Any] = json.loads(last)
    print(len(cases), "cases:", report)
    assert sum(report["outcomes"].values()) == len(cases)
    assert report["slowest_s"] < SLOWEST_S
    assert report["grown_mb"] < GROWN_MB
    assert report["peak_mb"] < PEAK_MB
    assert report["left_open"] == 0
    return report


def test_a_thousand_damaged_files_are_heard_or_have_a_reason() -> None:
    outcomes = decode_damaged(1000)["outcomes"]
    assert outcomes["heard"] > 500, "most of a damaged file is still speech"
    assert outcomes["not an audio file"] > 50
    assert len(outcomes) >= 5


def test_damaged_files_of_others_are_heard_or_have_a_reason(shared: Path) -> None:
    assert decode_damaged(1000, 0, shared / "data" / "audio")["outcomes"]["heard"] > 500


@pytest.mark.slow
def test_five_thousand_more_damaged_files_are_heard_or_have_a_reason() -> None:
    decode_damaged(5_000, 1000)


def test_a_crash_names_its_case(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The suite is worth nothing if what it looks for goes unseen."""
    (tmp_path / "sitecustomize.py").write_text(
        "import ctypes, pathlib\n"
        "write = pathlib.Path.write_bytes\n"
        "def crash(path, body, count=[0]):\n"
        "    count[0] += path.name == 'damaged'\n"
        "    return ctypes.string_at(0) if count[0] == 3 else write(path, body)\n"
        "pathlib.Path.write_bytes = crash\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(AssertionError, match=r"case 2 \(cut, source 0\): exit code -11"):
        decode_damaged(5)
