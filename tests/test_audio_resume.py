"""Downloads that break off: what is continued, what is begun anew, and that no file is ever made of two."""

import asyncio
import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from podcast_assets.audio import fetch as module
from podcast_assets.hashing import sha256
from podcast_assets.http.client import Client
from podcast_assets.project import Project
from tests.audio_fetching import Make, episode, fetch, fetch_all, left_over, refused
from tests.audio_peer import AUDIO, MODIFIED, SENT, Answer, Peer, Request, file, redirect, serving, status, then

OTHER = AUDIO.replace(b"a", b"b")
LONGER = OTHER + b"and more"
BUSY = status("503 Service Unavailable")
ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def peer() -> Iterator[Peer]:
    with serving() as peer:
        yield peer


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BACKOFF_S", 0.01)


def is_whole(project: Project, data: bytes = AUDIO) -> bool:
    """Whether this file is there and nothing else."""
    path = project.audio_path / f"{sha256(data)}.mp3"
    return left_over(project) == [path.name] and path.read_bytes() == data and path.stat().st_mode & 0o777 == 0o644


def starts(peer: Peer) -> list[int]:
    return [request.start for request in peer.asked]


def test_a_host_that_drops_every_connection_gives_the_file_part_by_part(peer: Peer, make_project: Make) -> None:
    peer.pages["/a.mp3"] = file(AUDIO, drop_after=200_000)
    project = make_project()
    audio = fetch(project, peer.url())
    assert (audio.sha256, audio.bytes, audio.media_type) == (sha256(AUDIO), len(AUDIO), "audio/mpeg")
    assert is_whole(project)
    assert starts(peer)[0] == 0
    assert starts(peer) == sorted(set(starts(peer))), "what had come was asked for again"
    assert {request.headers.get("if-range") for request in peer.asked[1:]} == {'"one"'}
    assert {request.headers["accept-encoding"] for request in peer.asked} == {"identity"}


def test_the_next_run_goes_on_where_the_last_one_broke_off(peer: Peer, make_project: Make) -> None:
    peer.pages["/a.mp3"] = then(file(AUDIO, drop_after=300_000), BUSY)
    project = make_project()
    error = refused(project, peer.url())
    assert (str(error), error.is_temporary) == ("HTTP 503 Service Unavailable", True)
    assert left_over(project) == [".download", ".download.json"]
    peer.pages["/a.mp3"] = file(AUDIO)
    peer.asked.clear()
    assert fetch(project, peer.url()).sha256 == sha256(AUDIO)
    assert is_whole(project)
    assert len(starts(peer)) == 1
    assert 0 < starts(peer)[0] <= 300_000


def test_a_host_that_gives_nothing_more_is_left_after_a_few_tries(peer: Peer, make_project: Make) -> None:
    peer.pages["/a.mp3"] = then(file(AUDIO, drop_after=300_000), file(AUDIO, drop_after=0))
    error = refused(make_project(), peer.url())
    assert str(error).startswith("broke off after ")
    assert error.is_temporary
    assert len(peer.asked) == 1 + 1 + module.MOST_IN_VAIN


def test_a_host_that_gives_a_little_each_time_is_left_after_many_tries(peer: Peer, make_project: Make) -> None:
    peer.pages["/a.mp3"] = file(AUDIO, drop_after=10_000)
    project = make_project()
    refused(project, peer.url())
    assert len(peer.asked) == module.MOST_TRIES
    assert left_over(project) == [".download", ".download.json"]


def other_file(data: bytes = OTHER, *, etag: str = "two") -> Answer:
    """The file has changed, and the host sends a part of the new one to whoever asks for a part."""

    def answer(request: Request) -> None:
        if not request.start:
            return file(data, validator='ETag: "two"')(request)
        line = f"Content-Range: bytes {request.start}-{len(data) - 1}/{len(data)}"
        lines = [f'ETag: "{etag}"'] if etag else []
        request.head("206 Partial Content", f"Content-Length: {len(data) - request.start}", line, *lines)
        request.send(data[request.start :])
        return None

    return answer


def another_range(request: Request) -> None:
    """A part, but not the one that was asked for."""
    if not request.start:
        return file(OTHER, validator='ETag: "two"')(request)
    request.head("206 Partial Content", "Content-Length: 10", f"Content-Range: bytes 5-14/{len(AUDIO)}", 'ETag: "one"')
    request.send(AUDIO[5:15])
    return None


def no_range(request: Request) -> None:
    if not request.start:
        return file(OTHER, validator='ETag: "two"')(request)
    request.head("206 Partial Content", "Content-Length: 10", 'ETag: "one"')
    request.send(bytes(10))
    return None


@pytest.mark.parametrize(
    "changed",
    [
        file(OTHER, validator='ETag: "two"'),
        other_file(),
        other_file(etag=""),
        other_file(LONGER, etag="one"),
        file(OTHER, validator='ETag: "two"', ranges=False),
        file(OTHER, validator="", ranges=False),
        file(OTHER[:250_000], validator='ETag: "one"'),
        another_range,
        no_range,
    ],
    ids=[
        "200",
        "206 of another",
        "206 without ETag",
        "another total",
        "no ranges",
        "bare",
        "416",
        "other range",
        "no range",
    ],
)
def test_a_file_that_changed_between_two_parts_is_begun_anew(changed: Answer, peer: Peer, make_project: Make) -> None:
    peer.pages["/a.mp3"] = then(file(AUDIO, drop_after=400_000), changed)
    project = make_project()
    audio = fetch(project, peer.url())
    [expected] = [data for data in (OTHER, LONGER, OTHER[:250_000]) if audio.bytes == len(data)]
    assert audio.sha256 == sha256(expected)
    assert is_whole(project, expected)
    assert starts(peer)[1] > 0, "the part was not tried"


def test_a_file_at_another_address_is_another_file_whatever_its_validator(peer: Peer, make_project: Make) -> None:
    """Two hosts may both call their files "one"."""
    peer.pages = {"/a.mp3": then(redirect("/1"), redirect("/2")), "/1": file(AUDIO, drop_after=200_000), "/2": file(OTHER)}
    project = make_project()
    assert fetch(project, peer.url()).sha256 == sha256(OTHER)
    assert is_whole(project, OTHER)


@pytest.mark.parametrize(
    ("validator", "sent", "is_continued"),
    [
        ('ETag: "one"', (), True),
        ("ETag: one", (), False),
        ('ETag: W/"one"', (), False),
        (f"Last-Modified: {MODIFIED}", (f"Date: {SENT}",), True),
        (f"Last-Modified: {MODIFIED}", (f"Date: {MODIFIED}",), False),  # it may have changed within that second
        (f"Last-Modified: {MODIFIED}", (), False),
        ("Last-Modified: yesterday", (f"Date: {SENT}",), False),
        ('ETag: W/"one"', (f"Last-Modified: {MODIFIED}", f"Date: {SENT}"), False),
        ("", (), False),
    ],
)
def test_only_a_strong_validator_lets_a_part_be_continued(
    validator: str, sent: tuple[str, ...], is_continued: bool, peer: Peer, make_project: Make
) -> None:
    peer.pages["/a.mp3"] = then(file(AUDIO, *sent, validator=validator, drop_after=200_000), BUSY)
    project = make_project()
    refused(project, peer.url())
    assert left_over(project) == ([".download", ".download.json"] if is_continued else [])
    peer.pages["/a.mp3"] = file(AUDIO, *sent, validator=validator)
    assert fetch(project, peer.url()).sha256 == sha256(AUDIO)
    assert any(starts(peer)) is is_continued
    if is_continued:
        assert peer.asked[-1].headers["if-range"] == validator.partition(": ")[2]


@pytest.mark.parametrize("harm", ["zeros", "shorter", "no note", "a broken note", "another version's note"])
def test_a_part_that_is_not_what_was_noted_is_begun_anew(harm: str, peer: Peer, make_project: Make) -> None:
    """A power cut may leave a file of the right length with nothing in it."""
    peer.pages["/a.mp3"] = then(file(AUDIO, drop_after=300_000), BUSY)
    project = make_project()
    refused(project, peer.url())
    part, note = sorted(project.audio_path.iterdir())
    if harm in {"zeros", "shorter"}:
        part.write_bytes(bytes(part.stat().st_size) if harm == "zeros" else part.read_bytes()[:-1])
    else:
        note.write_text({"no note": "", "a broken note": '{"orig'}.get(harm, '{"origin": {"etag": 1}, "size": 1}'))
    peer.pages["/a.mp3"] = file(AUDIO)
    peer.asked.clear()
    assert fetch(project, peer.url()).sha256 == sha256(AUDIO)
    assert is_whole(project)
    assert starts(peer) == [0]


def test_what_lies_behind_the_noted_bytes_does_not_get_into_the_file(peer: Peer, make_project: Make) -> None:
    """A killed process has written more than it has noted."""
    peer.pages["/a.mp3"] = then(file(AUDIO, drop_after=300_000), BUSY)
    project = make_project()
    refused(project, peer.url())
    part, _ = sorted(project.audio_path.iterdir())
    part.write_bytes(part.read_bytes() + bytes(len(AUDIO)))
    peer.pages["/a.mp3"] = file(AUDIO)
    assert fetch(project, peer.url()).sha256 == sha256(AUDIO)
    assert is_whole(project)
    assert peer.asked[-1].start > 0


def test_a_packed_answer_is_unpacked_and_never_continued(peer: Peer, make_project: Make) -> None:
    """Nobody asked for it; a part of it would be one of the packed bytes."""
    packed = gzip.compress(AUDIO, 1, mtime=0)
    peer.pages["/a.mp3"] = then(file(packed, "Content-Encoding: gzip", drop_after=200_000), BUSY)
    project = make_project()
    refused(project, peer.url())
    assert left_over(project) == []
    peer.pages["/a.mp3"] = file(packed, "Content-Encoding: gzip")
    assert fetch(project, peer.url()).sha256 == sha256(AUDIO)
    assert is_whole(project)
    assert not any(starts(peer))


def test_the_note_of_a_private_feeds_part_tells_no_secret(
    peer: Peer, make_project: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOW_TOKEN", "a-real-secret")
    peer.pages["/a.mp3?t=a-real-secret"] = then(file(AUDIO, drop_after=300_000), BUSY)
    project = make_project()
    url, feed_url = peer.url("/a.mp3?t=${SHOW_TOKEN}"), peer.url("/feed?t=${SHOW_TOKEN}")
    fetch_all(project, episode(1, url, feed_url=feed_url))
    [note] = project.audio_path.glob(".*.json")
    assert json.loads(note.read_text())["origin"]["validator"] == '"one"'
    assert "secret" not in note.read_text()
    peer.pages["/a.mp3?t=a-real-secret"] = file(AUDIO)
    assert fetch(project, url, feed_url=feed_url).sha256 == sha256(AUDIO)


# Other processes

SCRIPT = """
import sys
from pathlib import Path
from podcast_assets import config
from podcast_assets.project import Project
from tests.audio_fetching import fetch
project = Project(config.parse({"network": {"allow_private_hosts": True}}, Path(sys.argv[1])))
print(fetch(project, sys.argv[2]).sha256)
"""


def in_another_process(project: Project, url: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", SCRIPT, str(project.config.folder / "podcasts.toml"), url]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def wait_for(what: str, project: Project) -> None:
    deadline = time.monotonic() + 60
    while not list(project.audio_path.glob(what)):
        assert time.monotonic() < deadline, f"no {what}"
        time.sleep(0.02)


def test_a_process_that_is_killed_leaves_a_part_that_the_next_one_continues(peer: Peer, make_project: Make) -> None:
    large = AUDIO * 10
    peer.pages["/a.mp3"] = file(large, pause_s=0.02)
    project = make_project()
    victim = in_another_process(project, peer.url())
    try:
        wait_for(".*.json", project)
    finally:
        os.kill(victim.pid, signal.SIGKILL)
        victim.communicate()
    assert left_over(project) == [".download", ".download.json"]
    peer.pages["/a.mp3"] = file(large)
    peer.asked.clear()
    assert fetch(project, peer.url()).sha256 == sha256(large)
    assert is_whole(project, large)
    assert len(starts(peer)) == 1
    assert starts(peer)[0] >= 4_000_000


def test_what_was_whole_when_the_process_died_is_not_asked_for_again(peer: Peer, make_project: Make) -> None:
    peer.pages["/a.mp3"] = then(file(AUDIO, drop_after=300_000), BUSY)
    project = make_project()
    refused(project, peer.url())
    part, note = sorted(project.audio_path.iterdir())
    part.write_bytes(AUDIO)
    note.write_text(json.dumps(json.loads(note.read_text()) | {"size": len(AUDIO), "sha256": sha256(AUDIO)}))
    peer.asked.clear()
    assert fetch(project, peer.url()).sha256 == sha256(AUDIO)
    assert is_whole(project)
    assert peer.asked == []


def test_two_processes_that_want_the_same_file_move_it_once(peer: Peer, make_project: Make) -> None:
    peer.pages["/a.mp3"] = file(AUDIO, pause_s=0.1)
    project = make_project()
    other = in_another_process(project, peer.url())
    try:
        wait_for(".download-*", project)
        assert fetch(project, peer.url()).sha256 == sha256(AUDIO)
        assert other.communicate(timeout=60)[0].strip() == sha256(AUDIO)
    finally:
        other.kill()
    assert is_whole(project)
    assert starts(peer) == [0]


def test_a_run_that_is_interrupted_keeps_what_has_come(peer: Peer, make_project: Make) -> None:
    peer.pages["/a.mp3"] = file(AUDIO, pause_s=0.3)
    project = make_project()

    async def interrupted() -> None:
        async with Client(project.config.network) as client, asyncio.timeout(1):
            await module.Fetcher(project, client).get(episode(1, peer.url()))

    with pytest.raises(TimeoutError):
        asyncio.run(interrupted())
    assert left_over(project) == [".download", ".download.json"]
    peer.pages["/a.mp3"] = file(AUDIO)
    assert fetch(project, peer.url()).sha256 == sha256(AUDIO)
    assert starts(peer)[-1] > 0
