"""The sample from end to end through the command line, as `make run` does it: real processes, real audio, no network."""

import datetime as dt
import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import polars as pl
import pytest

from tests.processes import ROOT, SAMPLE, environment, podcast_assets

NEWEST = dt.date(2026, 3, 6)
DAYS = [dt.date(2026, 3, day) for day in (2, 3, 4, 5, 6)]
DAY_TABLES = [
    "episodes", "publisher_transcripts", "audio", "transcripts", "segments", "insight_candidates", "llm_usage",
    "ranked_insights", "daily_top5",
]  # fmt: skip


def rows(data: Path, sql: str) -> list[dict[str, Any]]:
    with duckdb.connect(data / "podcasts.duckdb", read_only=True) as connection:
        connection.execute(sql)
        names = [column[0] for column in connection.description or ()]
        return [dict(zip(names, row, strict=True)) for row in connection.fetchall()]


def lake_hashes(data: Path) -> dict[str, str]:
    """The hash of each file of the day tables, by its place in the lake."""
    lake = data / "lake"
    files = [file for table in DAY_TABLES for file in sorted((lake / table).glob("**/*.parquet"))]
    return {str(file.relative_to(lake)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def places_of(quote: str, spoken: list[dict[str, Any]]) -> list[tuple[int, int, int]]:
    """Where a transcript has the words of a quote: segment and character of the first word, segment of the last one."""
    said = [
        (word.group().lower(), number, word.start())
        for number, segment in enumerate(spoken)
        for word in re.finditer(r"\w+", segment["text"])
    ]
    told, sought = [word for word, _, _ in said], words(quote)
    starts = [at for at in range(len(said)) if told[at : at + len(sought)] == sought]
    return [(said[at][1], said[at][2], said[at + len(sought) - 1][1]) for at in starts]


def heard(insight: dict[str, Any], timing: str, spoken: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The segments that hold a quote, found by its words alone; checks that they are said at ``quote_start_s``.

    At the start of a segment the second is known; inside one it is estimated, from the share of the characters before it.
    """
    places = places_of(insight["quote"], spoken)
    assert places, f"not verbatim in its transcript: {insight}"
    at = insight["quote_start_s"]

    def expected(place: tuple[int, int, int]) -> float:
        segment, character, _ = place
        start_s, end_s = spoken[segment]["start_s"], spoken[segment]["end_s"]
        share = character / len(spoken[segment]["text"]) if timing == "estimated" else 0
        return float(start_s + share * (end_s - start_s))

    place = min(places, key=lambda place: abs(expected(place) - at))  # what is said twice was said at one of the two
    first, character, last = place
    assert at == pytest.approx(expected(place), abs=1.0), insight
    if timing == "estimated":
        assert spoken[first]["start_s"] <= at <= spoken[first]["end_s"], insight
    else:
        assert not words(spoken[first]["text"][:character]), (
            f"begins inside a segment, and is not called estimated: {insight}"
        )
    return spoken[first : last + 1]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """The sample's data folder after one run, and what the run printed; no network but loopback where that can be had."""
    data = tmp_path_factory.mktemp("sample")
    command = [sys.executable, "-m", "podcast_assets", "run"]
    cut = ["unshare", "--net"]
    if shutil.which("unshare") and subprocess.run([*cut, "true"], check=False, capture_output=True).returncode == 0:
        command = [*cut, *command]
    done = subprocess.run(command, env=environment(SAMPLE, data), capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    yield data, done.stdout


def test_a_first_run_prints_five_insights_of_the_newest_day_and_where_to_look(sample: tuple[Path, str]) -> None:
    data, printed = sample
    assert "Top 5 of Friday, 2026-03-06" in printed
    assert "newest day with episodes is 2026-03-06" in printed
    for path in (data / "digests" / "2026-03-06.md", data / "podcasts.duckdb"):
        assert str(path) in printed
        assert path.exists()
    five = rows(data, f"select * from daily_top5 where day = '{NEWEST}' order by rank")
    assert [row["rank"] for row in five] == [1, 2, 3, 4, 5]
    assert len({row["show"] for row in five}) >= 3
    for row in five:
        assert row["claim"].split()[0] in printed
        assert row["audio_url"].endswith(f"#t={int(row['quote_start_s'])}")
        assert 1 <= len(row["claim"].split()) <= 12


def test_every_day_of_the_sample_has_its_five_and_its_digest(sample: tuple[Path, str]) -> None:
    data, _ = sample
    counts = {row["day"]: row["n"] for row in rows(data, "select day, count(*) as n from daily_top5 group by day")}
    assert set(counts) == set(DAYS)
    assert counts[NEWEST] == 5
    assert sorted(path.stem for path in (data / "digests").glob("*.md")) == [str(day) for day in DAYS]


def test_each_quote_is_verbatim_in_its_transcript_at_its_second(sample: tuple[Path, str]) -> None:
    data, _ = sample
    spoken: dict[str, list[dict[str, Any]]] = {}
    for row in rows(data, "select * from segments order by episode_id, seq"):
        spoken.setdefault(row["episode_id"], []).append(row)
    for row in rows(data, "select * from insights where status = 'accepted'"):
        segments = heard(row, row["timing"], spoken[row["episode_id"]])
        assert row["quote_start_s"] < row["quote_end_s"]
        assert segments[-1]["start_s"] < row["quote_end_s"] <= segments[-1]["end_s"] + 0.001, row
        assert {s["speaker"] for s in segments} == {row["speaker"]}


def test_the_audio_alone_episodes_were_transcribed_and_no_sponsor_speaks(sample: tuple[Path, str]) -> None:
    data, _ = sample
    by_source = {r["source"]: r["n"] for r in rows(data, "select source, count(*) as n from transcripts group by source")}
    assert by_source == {"asr": 3, "publisher": 12}
    said = " ".join(row["quote"] for row in rows(data, "select quote from insights where status = 'accepted'")).lower()
    for sponsor in ("kettlefin", "quillmoss", "boxwick", "mossop", "harbor desk", "plain oats", "tidy path", "offer code"):
        assert sponsor not in said


def test_a_second_run_changes_no_table_and_takes_the_same_five(sample: tuple[Path, str]) -> None:
    data, _ = sample
    before = lake_hashes(data)

    def paid() -> dict[Path, int]:
        """What was paid for; the archive of vectors is made of the lake, and follows it."""
        files = (file for file in (data / "cache").glob("**/*") if file.is_file())
        return {file: file.stat().st_mtime_ns for file in files if "vectors" not in file.parts}

    documents = paid()
    done = podcast_assets("run", config=SAMPLE, data=data)
    assert done.returncode == 0, done.stderr
    assert "0 new episodes" in done.stdout
    assert lake_hashes(data) == before
    assert paid() == documents
    feeds = pl.read_parquet(data / "lake" / "feeds" / "part-0.parquet")
    assert set(feeds["status"]) == {"not_modified"}


def test_a_year_later_the_sample_still_gives_the_same_five(sample: tuple[Path, str], tmp_path: Path) -> None:
    data, _ = sample
    program = (
        "import datetime, sys, time_machine\n"
        "time_machine.travel(datetime.datetime.now(tz=datetime.UTC) + datetime.timedelta(days=366)).start()\n"
        "sys.argv = ['podcast-assets', 'run']\n"
        "from podcast_assets.cli import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment(SAMPLE, tmp_path / "data"),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    sql = f"select rank, insight_id, claim, quote_start_s from daily_top5 where day = '{NEWEST}' order by rank"
    assert rows(tmp_path / "data", sql) == rows(data, sql)


@pytest.mark.slow
def test_a_process_a_step_gives_the_same_five(
    sample: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With PODCAST_ASSETS_EXECUTOR=multiprocess the run fails, or steps find other data, or the name does nothing."""
    monkeypatch.setenv("PODCAST_ASSETS_EXECUTOR", "multiprocess")
    data = tmp_path / "data"
    done = podcast_assets("run", "--day", str(DAYS[0]), config=SAMPLE, data=data, timeout=600)
    assert done.returncode == 0, done.stderr
    assert re.search(rf"Top [1-5] of {DAYS[0]:%A}, {DAYS[0]}", done.stdout)
    sql = f"select * from daily_top5 where day = '{DAYS[0]}' order by rank"
    assert rows(data, sql) == rows(sample[0], sql)
    with dg.DagsterInstance.from_config(str(data / "dagster")) as instance:
        for run in instance.get_runs():
            ended = [entry.get_dagster_event() for entry in instance.all_logs(run.run_id, dg.DagsterEventType.STEP_SUCCESS)]
            assert len({event.pid for event in ended}) == len(ended) > 0, run.job_name


def test_top5_and_search_read_what_was_published(sample: tuple[Path, str]) -> None:
    data, _ = sample
    printed = podcast_assets("top5", "--json", config=SAMPLE, data=data)
    five = json.loads(printed.stdout)
    assert [row["rank"] for row in five] == [1, 2, 3, 4, 5]
    assert five[0]["day"] == "2026-03-06"
    assert "Top" in podcast_assets("top5", "--day", "2026-03-02", config=SAMPLE, data=data).stdout
    assert "No insights on 2026-03-15" in podcast_assets("top5", "--day", "2026-03-15", config=SAMPLE, data=data).stdout
    hits = podcast_assets("search", "TRANSFORMER", "tons", config=SAMPLE, data=data).stdout
    assert "Tidewater Atlas" in hits
    assert "Signal and Ledger" in hits
    assert "Nothing holds" in podcast_assets("search", "xylophone", config=SAMPLE, data=data).stdout


def test_a_run_goes_on_while_others_hold_the_warehouse_open(sample: tuple[Path, str], tmp_path: Path) -> None:
    """A forgotten shell must neither block the day nor spoil the file that is published meanwhile."""
    data = tmp_path / "data"
    shutil.copytree(sample[0], data)
    target = str(data / "podcasts.duckdb")
    count_five = "print(c.sql('select count(*) from daily_top5').fetchall()[0][0], flush=True); "
    hold = (
        "import duckdb, sys, time; c = duckdb.connect(sys.argv[1], read_only={}); " + count_five + "sys.stdin.readline(); {}"
    )
    write = "c.sql('create table scribble as select 1 as a'); print('written', flush=True); time.sleep(60)"
    read = count_five

    def start(program: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", program, target], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    reader = start(hold.format("True", read))
    assert reader.stdout is not None
    count = reader.stdout.readline()
    assert podcast_assets("run", "--day", "2026-03-06", config=SAMPLE, data=data).returncode == 0
    reader.communicate("\n", timeout=30)
    assert reader.returncode == 0
    Path(target).chmod(0o644)  # what stops others than root from writing; a stubborn user does the same
    writer = start(hold.format("False", write))
    assert writer.stdout is not None
    assert writer.stdout.readline() == count
    assert podcast_assets("run", "--day", "2026-03-06", "--no-poll", config=SAMPLE, data=data).returncode == 0
    assert writer.stdin is not None
    writer.stdin.write("\n")
    writer.stdin.flush()
    assert writer.stdout.readline() == "written\n"
    writer.kill()
    writer.communicate()
    five = podcast_assets("top5", "--json", config=SAMPLE, data=data)
    assert len(json.loads(five.stdout)) == 5
    assert not rows(data, "select * from duckdb_tables() where table_name = 'scribble'")


def test_the_sample_holds_what_it_promises() -> None:
    """Fourteen episodes over five days, six of four shows on the newest, 600 words each but for the speech clips."""
    from podcast_assets.feeds.parse import parse

    feeds = {path.parent: parse(path.read_bytes(), str(path)) for path in (ROOT / "samples" / "feeds").glob("*/feed.xml")}
    items = [(folder, item) for folder, feed in feeds.items() for item in feed.items]
    days = [item.published_at.date() for _, item in items if item.published_at]
    assert len(feeds) == 4
    assert len(items) >= 14
    assert len(set(days)) == 5
    newest = [folder for folder, item in items if item.published_at and item.published_at.date() == max(days)]
    assert len(newest) == 6
    assert len(set(newest)) == 4
    kinds = {link.type for _, item in items for link in item.transcripts}
    assert kinds == {"application/json", "text/vtt", "application/x-subrip"}
    from podcast_assets.publisher_transcripts.formats import parse as parse_transcript

    for folder, item in items:
        for link in item.transcripts:
            segments = parse_transcript((folder / link.url).read_bytes(), link.type)
            assert sum(len(segment.text.split()) for segment in segments) >= 600, (folder, item.title)
    assert sum(not item.transcripts for _, item in items) == 3
