"""A day that is killed again and again while it fetches and hears audio, and then run to its end."""

import contextlib
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from podcast_assets import config
from podcast_assets.audio.assets import build_assets as build_audio
from podcast_assets.project import Project
from podcast_assets.transcripts.assets import build_assets as build_transcripts
from tests.conftest import ROOT, Web
from tests.listening import DAY, MICRO, Day, materialise
from tests.sounds import SPEECH

EPISODES = 10
KILLS = 20
LONGEST = 0.7  # of the time that a run takes to its end: what a run that is killed may have
SIZE = 100_000  # of a file: 25 seconds
NONE = {"status": "none", "reason": "the feed names no transcript"}


def run(configured: str) -> None:
    """The day's stages from the audio on, in a process of their own."""
    import faster_whisper  # noqa: F401 - takes longer than all that follows

    project = Project(config.load(Path(configured)))
    print("ready", flush=True)
    materialise(project, build_audio, build_transcripts)


def slowly(body: bytes) -> Any:
    """A page that takes a fifth of a second, so that some of the kills come in the middle of it."""

    def answer(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "audio/mpeg")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        with contextlib.suppress(OSError):  # whoever asked was killed
            for start in range(0, len(body), SIZE // 10):
                handler.wfile.write(body[start : start + SIZE // 10])
                time.sleep(0.02)

    return answer


def day_in(folder: Path, web: Web) -> Day:
    folder.mkdir()
    (folder / "podcasts.toml").write_text(
        "[network]\nallow_private_hosts = true\n"
        f"[transcription]\nmodel = '{MICRO}'\nallow_sample_model = true\nmax_audio_gb = {4 * SIZE / 1e9}\n"
    )
    day = Day(Project(config.load(folder / "podcasts.toml")))
    speech = SPEECH.read_bytes()
    for number in range(EPISODES):
        web.pages[f"/{number}.mp3"] = slowly(speech[: SIZE - 10 * number])
        feed = {"feed_id": f"f{number}", "feed_url": web.url("/feed")}
        day.add(f"e{number}", publisher=NONE, enclosure_url=web.url(f"/{number}.mp3"), enclosure_bytes=SIZE, **feed)
    del day.rows["audio"]
    day.write()
    return day


def kept(project: Project) -> dict[str, tuple[int, int]]:
    """The files of what was heard, each with what changes when it is written again."""
    files = (path for path in (project.data_path / "cache" / "segments").glob("*/*") if not path.name.startswith("."))
    return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in files}


@contextlib.contextmanager
def started(project: Project) -> Iterator[subprocess.Popen[bytes]]:
    """A process that runs the day, once it has imported all it needs."""
    command = f"from tests.test_killed import run; run({str(project.config.file)!r})"
    with subprocess.Popen(
        [sys.executable, "-c", command], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        yield process


@pytest.mark.slow
def test_a_day_that_was_killed_at_twenty_moments_hears_the_same_and_nothing_twice(tmp_path: Path, web: Web) -> None:
    undisturbed, killed = (day_in(tmp_path / name, web) for name in ("undisturbed", "killed"))
    with started(undisturbed.project) as process:
        ready = time.monotonic()
        assert process.wait(60) == 0
        takes_s = time.monotonic() - ready
    chance = random.Random(4)
    seen: list[dict[str, tuple[int, int]]] = []
    for _ in range(KILLS):
        with started(killed.project) as process:
            time.sleep(chance.uniform(0, LONGEST * takes_s))
            process.kill()
        seen.append(kept(killed.project))
    counts = [len(files) for files in seen]
    assert len(set(counts)) > 2, f"the kills came at no different moments: {counts}"
    materialise(killed.project, build_audio, build_transcripts)
    lakes = undisturbed.project.lake, killed.project.lake
    for table in ("transcripts", "segments"):
        one, other = (lake.read(table, DAY) for lake in lakes)
        assert one.equals(other), table
    assert lakes[0].read("transcripts", DAY)["status"].to_list() == ["ok"] * EPISODES
    final = kept(killed.project)
    assert len(final) == EPISODES
    for files in seen:
        assert files.items() <= final.items(), "what was heard is not heard again"
    left = [path for path in killed.project.data_path.rglob("*") if path.name.startswith(".") or path.suffix == ".tmp"]
    assert not left
