"""What a download makes of what hosts do with size, time, redirects and the same file twice."""

import contextlib
import time
from collections.abc import Iterator
from typing import Any

import pytest

from podcast_assets.audio import fetch as module
from podcast_assets.audio import lanes
from podcast_assets.audio.fetch import Audio
from podcast_assets.audio.sniff import AudioError
from podcast_assets.errors import RefusedError
from podcast_assets.hashing import sha256
from podcast_assets.http import client
from podcast_assets.http.errors import FetchError
from tests.audio_fetching import Make, episode, fetch, fetch_all, left_over, refused
from tests.audio_peer import AUDIO, Answer, Peer, Request, file, redirect, serving, status, then

NETWORK: dict[str, Any] = {"allow_private_hosts": True, "timeout_s": 5, "max_audio_mb": 1}
NAME = f"{sha256(AUDIO)}.mp3"


@pytest.fixture
def peer() -> Iterator[Peer]:
    with serving() as peer:
        yield peer


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BACKOFF_S", 0.01)


def hashes(found: list[Audio | BaseException]) -> list[str]:
    return [each.sha256 if isinstance(each, Audio) else repr(each) for each in found]


# Sizes


def body(*lines: str, data: bytes, later: bytes = b"", line: str = "200 OK") -> Answer:
    """A head, a body, and what follows it a moment later, whatever the head says."""

    def answer(request: Request) -> None:
        request.head(line, *lines)
        request.send(data)
        if later:
            time.sleep(0.2)
            request.send(later)

    return answer


def chunks(data: bytes, *, ends: bool = True) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data) + (b"0\r\n\r\n" if ends else b"")


CHUNKED = "Transfer-Encoding: chunked"
WHOLE = f"Content-Length: {len(AUDIO)}"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (body(f"Content-Length: {len(AUDIO) + 1}", data=AUDIO), "broke off after "),
        (body(f"Content-Length: {len(AUDIO) + 1}", 'ETag: "a"', data=AUDIO), "broke off after "),
        (body(CHUNKED, data=chunks(AUDIO, ends=False)), "broke off after "),
        (body(WHOLE, CHUNKED, data=chunks(AUDIO)), "ClientResponseError: "),
        (body(f"Content-Range: bytes 0-9/{len(AUDIO)}", WHOLE, data=AUDIO, line="206 Part"), "HTTP 206 with a wrong"),
        (body("Content-Range: bytes 0-9/5", data=AUDIO, line="206 Part"), "HTTP 206 with a wrong Content-Range"),
        (body("Content-Range: bytes */5", data=AUDIO, line="206 Part"), "HTTP 206 without a usable Content-Range"),
        (body(f"Content-Range: bytes 5-9/{len(AUDIO)}", data=AUDIO, line="206 Part"), "a part of another file"),
        (body(f"Content-Range: bytes 0-9/{10}", CHUNKED, data=chunks(AUDIO), line="206 Part"), "more than the 10 bytes"),
        (
            body(f"Content-Range: bytes 0-{len(AUDIO)}/{len(AUDIO) + 1}", CHUNKED, data=chunks(AUDIO), line="206 P"),
            "broke off",
        ),
    ],
)
def test_an_answer_of_another_length_than_was_said_gives_no_file(
    answer: Answer, said: str, peer: Peer, make_project: Make
) -> None:
    peer.pages["/a.mp3"] = answer
    project = make_project()
    error = refused(project, peer.url())
    assert str(error).startswith(said)
    assert error.is_temporary
    assert not [name for name in left_over(project) if not name.startswith(".")]


@pytest.mark.parametrize("later", [b"", b"and more"])
def test_what_a_host_sends_behind_its_answer_is_no_part_of_the_file(later: bytes, peer: Peer, make_project: Make) -> None:
    """The length is the host's word (RFC 9112, 6.3): what comes with it at once is refused, what comes later is not seen."""
    data = AUDIO[:1000] if later else AUDIO
    peer.pages["/a.mp3"] = body("Content-Length: 1000", data=data, later=later)
    [found] = fetch_all(make_project(), episode(1, peer.url()))
    if isinstance(found, FetchError):
        assert found.is_temporary
    else:
        assert isinstance(found, Audio)
        assert found.sha256 == sha256(AUDIO[:1000])


def test_a_part_that_brings_less_than_it_said_is_no_end(peer: Peer, make_project: Make) -> None:
    """Some hosts give any range in pieces of a size of their own."""

    def pieces(request: Request) -> None:
        end = min(request.start + 250_000, len(AUDIO))
        line = f"Content-Range: bytes {request.start}-{end - 1}/{len(AUDIO)}"
        request.head("206 Partial Content", f"Content-Length: {end - request.start}", line, 'ETag: "one"')
        request.send(AUDIO[request.start : end])

    peer.pages["/a.mp3"] = pieces
    assert fetch(make_project(), peer.url()).sha256 == sha256(AUDIO)
    assert [request.start for request in peer.asked] == [0, 250_000, 500_000, 750_000]


def endless(*lines: str) -> Answer:
    def answer(request: Request) -> None:
        request.head("200 OK", 'ETag: "one"', *lines)
        while True:
            request.send(chunks(AUDIO, ends=False) if lines else AUDIO)

    return answer


@pytest.mark.parametrize("answer", [endless(), endless(CHUNKED), file(AUDIO * 2)], ids=["bare", "chunked", "announced"])
def test_a_body_above_the_limit_is_given_up_and_nothing_is_kept(answer: Answer, peer: Peer, make_project: Make) -> None:
    peer.pages["/a.mp3"] = answer
    project = make_project(network=NETWORK)
    error = refused(project, peer.url())
    assert str(error) == "more than 1 MB ([network] max_audio_mb)"
    assert not error.is_temporary
    assert left_over(project) == []
    assert len(peer.asked) == 1


@pytest.mark.parametrize(
    ("line", "is_temporary"),
    [("404 Not Found", False), ("410 Gone", False), ("503 Busy", True), ("304 No news", False)],
)
def test_a_host_that_gives_no_file_is_asked_once(line: str, is_temporary: bool, peer: Peer, make_project: Make) -> None:
    peer.pages["/a.mp3"] = status(line)
    error = refused(make_project(), peer.url())
    assert error.is_temporary is is_temporary
    assert len(peer.asked) == 1


def test_a_part_of_a_file_that_is_gone_is_removed(peer: Peer, make_project: Make) -> None:
    peer.pages["/a.mp3"] = then(file(AUDIO, drop_after=300_000), status("410 Gone"))
    project = make_project()
    assert not refused(project, peer.url()).is_temporary
    assert left_over(project) == []


def test_a_playlist_fails_for_good_and_a_page_for_now(peer: Peer, make_project: Make) -> None:
    peer.pages = {"/a.mp3": file(b"#EXTM3U\n"), "/b.mp3": file(b'{"error": "busy"}')}
    project = make_project()
    playlist, page = fetch_all(project, episode(1, peer.url()), episode(2, peer.url("/b.mp3")))
    assert isinstance(playlist, AudioError)
    assert isinstance(page, FetchError)
    assert page.is_temporary
    assert left_over(project) == []


# Time


def drip(request: Request) -> None:
    """Some bytes, and then a few of them at a time for as long as somebody listens."""
    if not request.start:
        request.head("200 OK", WHOLE, 'ETag: "one"')
        request.send(AUDIO[:100_000])
    else:
        rest = f"Content-Range: bytes {request.start}-{len(AUDIO) - 1}/{len(AUDIO)}"
        request.head("206 Partial Content", f"Content-Length: {len(AUDIO) - request.start}", rest, 'ETag: "one"')
    while True:
        request.send(b"ID3")
        time.sleep(0.05)


def test_a_host_that_drips_is_stopped_and_the_rest_of_its_files_is_left_to_the_next_run(
    peer: Peer, make_project: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "WINDOW_S", 0.4)
    peer.pages = {f"/{n}.mp3": drip for n in range(6)} | {"/good.mp3": file(AUDIO)}
    project = make_project()
    dripping = [episode(n, peer.url(f"/{n}.mp3")) for n in range(6)]
    *slow, good = fetch_all(project, *dripping, episode(9, peer.url("/good.mp3", host="localhost")))
    assert isinstance(good, Audio)
    assert all(isinstance(error, FetchError) and error.is_temporary for error in slow)
    assert [str(error).startswith("too slow: ") for error in slow] == [True] * lanes.PER_HOST + [False] * 4
    assert {str(error) for error in slow[2:]} == {"its host is too slow in this run; left for the next one"}
    assert len(peer.asked) == lanes.PER_HOST + 1
    assert left_over(project).count(".download.json") == lanes.PER_HOST, "what had come is lost"


def test_a_download_takes_no_longer_than_the_limit_and_is_continued(
    peer: Peer, make_project: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "LONGEST_DOWNLOAD_S", 0.5)
    peer.pages["/a.mp3"] = then(file(AUDIO, pause_s=0.2), file(AUDIO))
    project = make_project()
    error = refused(project, peer.url())
    assert str(error).startswith("too slow: stopped after ")
    assert error.is_temporary
    assert fetch(project, peer.url()).sha256 == sha256(AUDIO)
    assert peer.asked[-1].start > 0


@pytest.mark.parametrize("sent", [0, 100_000])
def test_a_host_that_falls_silent_is_left(sent: int, peer: Peer, make_project: Make) -> None:
    def silent(request: Request) -> None:
        if sent:
            request.head("200 OK", WHOLE)
            request.send(AUDIO[:sent])
        time.sleep(2)

    peer.pages["/a.mp3"] = silent
    error = refused(make_project(network=NETWORK | {"timeout_s": 0.3}), peer.url())
    assert (str(error), error.kind) == (f"silence after {sent} bytes" if sent else "no answer in 0.3 s", "timeout")


def test_a_head_that_drips_is_left_too(peer: Peer, make_project: Make) -> None:
    def drops(request: Request) -> None:
        request.send(b"HTTP/1.1 200 OK\r\nX: ")
        with contextlib.suppress(OSError):
            while True:
                request.send(b"x")
                time.sleep(0.05)

    peer.pages["/a.mp3"] = drops
    assert str(refused(make_project(network=NETWORK | {"timeout_s": 0.3}), peer.url())) == "no answer in 1.2 s"


# The same file twice


def test_episodes_that_share_an_enclosure_share_its_download(peer: Peer, make_project: Make) -> None:
    """Also where the host gives no validator at all."""
    peer.pages["/a.mp3"] = file(AUDIO, validator="", pause_s=0.02)
    project = make_project()
    assert hashes(fetch_all(project, *[episode(n, peer.url()) for n in range(4)])) == [sha256(AUDIO)] * 4
    assert len(peer.asked) == 1
    assert hashes(fetch_all(project, *[episode(n, peer.url()) for n in range(4)])) == [sha256(AUDIO)] * 4
    assert len(peer.asked) == 1


def trackers(peer: Peer, target: str = "/cdn/a.mp3") -> list[str]:
    peer.pages |= {"/one/a.mp3": redirect(target), "/two/a.mp3": redirect("/three/a.mp3", "301 Moved")}
    peer.pages["/three/a.mp3"] = redirect(peer.url(target), "307 Temporary Redirect")
    return [peer.url("/one/a.mp3"), peer.url("/two/a.mp3")]


@pytest.mark.parametrize("is_at_once", [True, False])
def test_what_two_trackers_lead_to_is_moved_once(is_at_once: bool, peer: Peer, make_project: Make) -> None:
    peer.pages["/cdn/a.mp3"] = file(AUDIO * 8, pause_s=0.01)
    project = make_project()
    asked = [episode(n, url) for n, url in enumerate(trackers(peer))]
    runs = [asked] if is_at_once else [[each] for each in asked]
    assert [hashes(fetch_all(project, *run)) for run in runs] == [[sha256(AUDIO * 8)] * len(run) for run in runs]
    assert left_over(project) == [f"{sha256(AUDIO * 8)}.mp3"]
    sent = [request.sent for request in peer.asked if request.path == "/cdn/a.mp3"]
    assert len(sent) == 2
    assert min(sent) < len(AUDIO) * 2, "all of it was sent to both"


def test_who_waits_for_a_download_that_fails_does_it_alone(peer: Peer, make_project: Make) -> None:
    peer.pages["/cdn/a.mp3"] = then(file(AUDIO, drop_after=200_000, pause_s=0.05), file(AUDIO))
    project = make_project()
    asked = [episode(n, url) for n, url in enumerate(trackers(peer))]
    assert hashes(fetch_all(project, *asked)) == [sha256(AUDIO)] * 2
    assert left_over(project) == [NAME]


@pytest.mark.parametrize("answer", [file(AUDIO, validator='ETag: W/"one"'), file(AUDIO, validator="")])
def test_what_no_strong_validator_names_is_moved_for_each_address(answer: Answer, peer: Peer, make_project: Make) -> None:
    peer.pages["/cdn/a.mp3"] = answer
    project = make_project()
    for number, url in enumerate(trackers(peer)):
        assert fetch(project, url, number).sha256 == sha256(AUDIO)
    assert [request.sent for request in peer.asked if request.path == "/cdn/a.mp3"] == [peer.asked[-1].sent] * 2
    assert left_over(project) == [NAME]


def test_a_newer_file_at_the_same_place_is_another_one(peer: Peer, make_project: Make) -> None:
    project = make_project()
    one, two = trackers(peer)
    peer.pages["/cdn/a.mp3"] = file(AUDIO)
    fetch(project, one)
    peer.pages["/cdn/a.mp3"] = file(AUDIO[::-1], validator='ETag: "two"')
    assert fetch(project, two, 2).sha256 == sha256(AUDIO[::-1])


def test_what_was_downloaded_is_known_also_after_its_removal(peer: Peer, make_project: Make) -> None:
    peer.pages["/a.mp3"] = file(AUDIO)
    project = make_project()
    wanted = episode(1, peer.url())
    fetcher = module.Fetcher(project, client.Client(project.config.network))
    assert fetcher.known(wanted) is None
    audio = fetch(project, peer.url())
    audio.path.unlink()
    record = fetcher.known(wanted)
    assert record == module.Record(sha256(AUDIO), len(AUDIO), "audio/mpeg", NAME)
    assert fetcher.known(episode(2, peer.url())) is None
    assert fetcher.known(episode(1, None)) is None


# Redirects


def test_a_range_goes_along_through_every_tracker(peer: Peer, make_project: Make) -> None:
    peer.pages["/cdn/a.mp3"] = file(AUDIO, drop_after=500_000)
    for url in trackers(peer):
        project = make_project(data_dir=f"data{url[-9:-6]}")
        peer.asked.clear()
        assert fetch(project, url).sha256 == sha256(AUDIO)
        half = len(peer.asked) // 2
        assert all(request.start == 0 for request in peer.asked[:half])
        assert all(request.start > 0 and request.headers["if-range"] == '"one"' for request in peer.asked[half:])


def test_a_private_address_is_refused_also_where_only_the_continuation_is_sent_there(
    peer: Peer, make_project: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "is_public", lambda address: address == "127.0.0.1")  # the server plays a public one
    private = redirect(peer.url("/cdn.mp3", host="127.0.0.2"))
    peer.pages = {"/a.mp3": then(redirect("/cdn.mp3"), private), "/cdn.mp3": file(AUDIO, drop_after=200_000)}
    project = make_project(network=NETWORK | {"allow_private_hosts": False})
    with pytest.raises(RefusedError, match=r"127\.0\.0\.2 is no public address"):
        fetch(project, peer.url())
    assert [request.path for request in peer.asked] == ["/a.mp3", "/cdn.mp3", "/a.mp3"]
