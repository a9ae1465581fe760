"""The warehouse: what is published, how it is swapped in under other processes, what is read from it."""

import datetime as dt
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import polars as pl
import pytest

from podcast_assets.dagster_common import PUBLISH_POOL
from podcast_assets.errors import PodcastAssetsError
from podcast_assets.project import Project
from podcast_assets.resources import project_file
from podcast_assets.schemas import SCHEMAS
from podcast_assets.storage import Lake
from podcast_assets.warehouse import assets, build, query

DAY = dt.date(2026, 1, 13)

# What others rely on: these columns, first and in this order.
PROMISED = {
    "feeds": "feed_id feed_url title status http_status error etag last_modified last_polled_at last_changed_at "
    "consecutive_failures",
    "episodes": "day episode_id feed_id guid title link published_at first_seen_at enclosure_url duration_s language",
    "publisher_transcripts": "day episode_id status reason",
    "audio": "day episode_id status reason",
    "transcripts": "day episode_id status source reason language model words speech_s",
    "segments": "day episode_id seq start_s end_s speaker text timing",
    "insights": "day insight_id episode_id claim body quote quote_start_s quote_end_s timing speaker kind topics extractor "
    "model prompt_version status reject_reason",
    "ranked_insights": "day insight_id position score quality originality support use specificity novelty interest "
    "corroboration comparison editors_choice novelty_published freshness why",
    "daily_top5": "day rank insight_id episode_id show episode_title claim body quote quote_start_s speaker audio_url "
    "score why",
    "related_insights": "insight_id related_id rank similarity",
    "vectors": "day insight_id model text_sha256 vector",
    "llm_usage": "day episode_id purpose model input_tokens output_tokens cached_tokens usd latency_s outcome",
}


def frame(table: str, *rows: dict[str, Any]) -> pl.DataFrame:
    """Rows of a table; what they do not name is null."""
    schema = SCHEMAS[table]
    assert all(set(row) <= set(schema) for row in rows)
    return pl.DataFrame([{**dict.fromkeys(schema), **row} for row in rows], schema=schema)


def write(lake: Lake, table: str, *rows: dict[str, Any], day: dt.date = DAY) -> None:
    lake.write(table, frame(table, *({"day": day, **row} for row in rows)), day)


def write_claim(lake: Lake, claim: str) -> None:
    """The lake of one insight, which tells the published versions apart."""
    write(lake, "daily_top5", {"rank": 1, "insight_id": "i", "claim": claim})


def claims(path: Path) -> list[str]:
    return [row["claim"] for row in query.top5(path)]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "podcasts.duckdb"


# --- What is published ---


def test_an_empty_lake_gives_every_table_with_its_columns_and_types(lake: Lake, target: Path) -> None:
    """Queries fail on the first day, or a dashboard built then breaks on the second."""
    assert build.publish(lake, target) == dict.fromkeys(sorted(PROMISED), 0)
    with query.connect(target) as connection:
        for table, promised in PROMISED.items():
            columns = [row["column_name"] for row in query.rows(connection, f"describe {table}")]
            source = "insight_candidates" if table == "insights" else table
            assert columns[: len(promised.split())] == promised.split()
            assert set(columns) == set(SCHEMAS[source]) - {"related"}, "which is shown as a table of its own"
        types = {row["column_name"]: row["column_type"] for row in query.rows(connection, "describe episodes")}
        assert types["day"] == "DATE"
        assert types["published_at"] == "TIMESTAMP WITH TIME ZONE"
        assert types["duration_s"] == "DOUBLE"
        assert types["transcripts"].startswith("STRUCT(")


def test_types_do_not_depend_on_whether_there_are_rows(lake: Lake, tmp_path: Path) -> None:
    """A table changes its types between the first day and the second."""

    def types(path: Path) -> dict[str, list[dict[str, Any]]]:
        with query.connect(path) as connection:
            return {table: query.rows(connection, f"describe {table}") for table in PROMISED}

    build.publish(lake, tmp_path / "empty.duckdb")
    lake.write("feeds", frame("feeds", {"feed_id": "f"}))
    for table in set(SCHEMAS) - {"feeds", "sightings", "aliases", "bodies"}:
        write(lake, table, {"insight_id": "i"} if table in {"vectors", "related_insights"} else {"episode_id": "e"})
    counts = build.publish(lake, tmp_path / "full.duckdb")
    assert counts == dict.fromkeys(sorted(PROMISED), 1) | {"llm_usage": 2}, "that of the search and that of the ranking"
    assert types(tmp_path / "full.duckdb") == types(tmp_path / "empty.duckdb")


def test_values_and_order_survive(lake: Lake, target: Path) -> None:
    """A value is mangled on its way (time zones, lists, structs), or rows come in another order at each build."""
    moment = dt.datetime(2026, 1, 13, 23, 30, tzinfo=dt.UTC)
    links = [{"url": "u", "type": "text/vtt", "language": None, "rel": "captions"}]
    write(
        lake,
        "episodes",
        {"episode_id": "b", "published_at": moment, "transcripts": links, "show": 'It\'s "on"'},
        {"episode_id": "a"},
    )
    write(lake, "insight_candidates", {"insight_id": "i", "topics": ["x", "y"], "quality": 0.1})
    before = DAY - dt.timedelta(days=1)
    write(lake, "episodes", {"episode_id": "z"}, day=before)
    build.publish(lake, target)
    with query.connect(target) as connection:
        episodes = query.rows(connection, "select * from episodes")
        assert [(row["day"], row["episode_id"]) for row in episodes] == [(before, "z"), (DAY, "a"), (DAY, "b")]
        assert episodes[2]["published_at"] == moment
        assert str(episodes[2]["published_at"]) == "2026-01-13 23:30:00+00:00"
        assert episodes[2]["transcripts"] == links
        assert episodes[2]["show"] == 'It\'s "on"'
        assert query.rows(connection, "select topics, quality from insights") == [{"topics": ["x", "y"], "quality": 0.1}]


def test_segments_are_a_view_over_the_lake(lake: Lake, target: Path) -> None:
    """The bulk is copied into the file at every publishing, or the view depends on the folder one starts in."""
    write(lake, "segments", {"episode_id": "e", "seq": 0, "text": "first"}, {"episode_id": "e", "seq": 1, "text": "second"})
    build.publish(Lake(Path(os.path.relpath(lake.root))), target)
    with query.connect(target) as connection:
        assert query.rows(connection, "select view_name from duckdb_views() where not internal") == [
            {"view_name": "segments"}
        ]
        (view,) = query.rows(connection, "select sql from duckdb_views() where not internal")
        assert str(lake.path("segments", DAY)) in view["sql"]
        answer = query.rows(connection, "select text from segments where day = ? order by seq", [DAY])
        assert [row["text"] for row in answer] == ["first", "second"]


def test_a_file_of_an_older_version_is_read_with_what_it_lacks_as_null(lake: Lake, target: Path) -> None:
    """Adding a column to a table makes every lake that exists unreadable."""
    old = frame("audio", {"day": DAY, "episode_id": "old", "status": "ok"}).drop("reason").with_columns(gone=pl.lit(1))
    lake.path("audio", DAY).parent.mkdir(parents=True)
    old.write_parquet(lake.path("audio", DAY))
    write(lake, "audio", {"episode_id": "new", "reason": "why"}, day=DAY + dt.timedelta(days=1))
    build.publish(lake, target)
    with query.connect(target) as connection:
        answer = query.rows(connection, "select episode_id, status, reason from audio")
    assert [tuple(row.values()) for row in answer] == [("old", "ok", None), ("new", None, "why")]


def test_a_lake_in_a_folder_with_an_odd_name(tmp_path: Path) -> None:
    """Quotes, brackets and spaces in the data folder's path end in an SQL error, or are read as patterns."""
    folder = tmp_path / "it's [a] b*ok"
    lake = Lake(folder / "lake")
    write_claim(lake, "here")
    write(lake, "segments", {"episode_id": "e", "seq": 0, "text": "said here"})
    build.publish(lake, folder / "podcasts.duckdb")
    assert claims(folder / "podcasts.duckdb") == ["here"]
    assert [hit["text"] for hit in query.search(folder / "podcasts.duckdb", "said")] == ["said here"]


def test_every_table_and_column_is_explained(lake: Lake, target: Path) -> None:
    """Somebody who opens the file by SQL meets a column without a word on it."""
    write(lake, "segments", {"episode_id": "e"})
    build.publish(lake, target)
    with query.connect(target) as connection:
        tables = query.rows(
            connection,
            "select table_name as name, comment from duckdb_tables() "
            "union all select view_name, comment from duckdb_views() where not internal",
        )
        assert {row["name"] for row in tables} == set(PROMISED)
        assert all("One row" in row["comment"] for row in tables)
        unexplained = "select table_name, column_name from duckdb_columns() where not internal and comment is null"
        assert query.rows(connection, unexplained) == []


def test_the_file_can_be_read_by_duckdb_1_5(lake: Lake, target: Path) -> None:
    """People's older shells cannot open the file."""
    build.publish(lake, target)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{target}' as published (read_only)")
        tags = query.rows(connection, "select tags from duckdb_databases() where database_name = 'published'")
    assert "v1.5" in str(tags)


def test_publishing_leaves_one_read_only_file(lake: Lake, target: Path) -> None:
    """Temporary files pile up, or a careless shell opens the file for writing and locks everybody out."""
    for claim in ("one", "two"):
        write_claim(lake, claim)
        build.publish(lake, target)
    assert sorted(path.name for path in target.parent.iterdir()) == ["lake", "podcasts.duckdb"]
    assert target.stat().st_mode & 0o777 == 0o444
    assert claims(target) == ["two"]


def test_a_build_that_fails_leaves_the_published_file(lake: Lake, target: Path) -> None:
    """A broken file in the lake takes away what people read."""
    write_claim(lake, "good")
    build.publish(lake, target)
    lake.path("daily_top5", DAY).write_bytes(b"no parquet")
    with pytest.raises(duckdb.Error):
        build.publish(lake, target)
    assert claims(target) == ["good"]
    assert sorted(path.name for path in target.parent.iterdir()) == ["lake", "podcasts.duckdb"]


def test_partitions_may_be_replaced_during_a_build(lake: Lake, target: Path) -> None:
    """Of two runs at once, one publishes while the other writes days: the build meets two versions of a file."""
    days = [DAY + dt.timedelta(days=number) for number in range(12)]
    versions = [[{"episode_id": f"{size}", "reason": "x" * size}] * (size // 4) for size in (100, 1000, 4000)]
    for day in days:
        write(lake, "audio", *versions[0], day=day)
    done = threading.Event()

    def rewrite() -> None:
        while not done.is_set():
            for rows in versions:
                for day in days:
                    write(lake, "audio", *rows, day=day)

    writer = threading.Thread(target=rewrite)
    writer.start()
    try:
        for _ in range(4):
            build.publish(lake, target)
            with query.connect(target) as connection:
                parts = query.rows(
                    connection,
                    "select distinct day, count(*) as n, min(reason) = max(reason) as whole from audio group by day",
                )
            assert len(parts) == len(days)
            assert all(part["whole"] and part["n"] in {25, 250, 1000} for part in parts)
    finally:
        done.set()
        writer.join()


# --- Other processes ---


class Shell:
    """Another process with the file open, as a forgotten SQL shell: answers each query with its rows, or the error."""

    CODE = """
import sys, duckdb
try:
    connection = duckdb.connect(sys.argv[1], read_only=sys.argv[2] == "ro")
    print("open", flush=True)
    for line in sys.stdin:
        print(connection.execute(line).fetchall(), flush=True)
except duckdb.Error as error:
    print(type(error).__name__, str(error).splitlines()[0], flush=True)
"""

    def __init__(self, path: Path, mode: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", self.CODE, path, mode], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.opened = self._answer()

    def ask(self, sql: str) -> str:
        assert self._process.stdin
        self._process.stdin.write(sql + "\n")
        self._process.stdin.flush()
        return self._answer()

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.communicate()

    def _answer(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline().strip()


@pytest.fixture
def shell() -> Iterator[Callable[[Path, str], Shell]]:
    shells: list[Shell] = []

    def start(path: Path, mode: str) -> Shell:
        shells.append(Shell(path, mode))
        return shells[-1]

    yield start
    for one in shells:
        one.kill()


ASK = "select claim from daily_top5"


def test_open_shells_neither_block_nor_break_publishing(
    lake: Lake, target: Path, shell: Callable[[Path, str], Shell]
) -> None:
    """One forgotten shell stops the daily run, or its user's query gives half of the old and half of the new file."""
    write_claim(lake, "one")
    build.publish(lake, target)
    writer = shell(target, "rw")  # root may, in spite of the mode; anybody may, after a chmod
    if "open" not in writer.opened:
        target.chmod(0o644)
        writer = shell(target, "rw")
    assert writer.opened == "open"
    with pytest.raises(PodcastAssetsError, match="close the program that opened it for writing"):
        query.top5(target)

    write_claim(lake, "two")
    build.publish(lake, target)
    reader = shell(target, "ro")
    assert (reader.opened, reader.ask(ASK)) == ("open", "[('two',)]")

    write_claim(lake, "three")
    started = time.monotonic()
    build.publish(lake, target)
    assert time.monotonic() - started < 5
    assert claims(target) == ["three"]
    assert (writer.ask(ASK), reader.ask(ASK)) == ("[('one',)]", "[('two',)]")  # each keeps its snapshot


@pytest.mark.parametrize("when", ["killed", "alive"])
@pytest.mark.parametrize("way", ["query", "publish"])
def test_the_log_of_a_shell_does_not_brick_the_next_file(
    when: str, way: str, lake: Lake, target: Path, shell: Callable[[Path, str], Shell]
) -> None:
    """A shell that writes to the old file leaves its log beside the new one, and DuckDB then opens it for nobody."""
    write_claim(lake, "old")
    build.publish(lake, target)
    target.chmod(0o644)
    writer = shell(target, "rw")
    write_claim(lake, "new")
    build.publish(lake, target)
    writer.ask("create table scratch as select 1 as a")
    writer.ask("insert into daily_top5 (claim) values ('forged')")
    if when == "killed":
        writer.kill()
    log = target.with_name("podcasts.duckdb.wal")
    assert log.exists()
    with pytest.raises(duckdb.IOException, match="WAL"):  # else this test would show nothing
        duckdb.connect(target, read_only=True)

    if way == "query":
        assert claims(target) == ["new"]
    else:
        build.publish(lake, target)
    with duckdb.connect(target, read_only=True) as connection:
        assert connection.execute("select claim from daily_top5").fetchall() == [("new",)]
    assert not log.exists()


def test_what_a_killed_shell_wrote_to_the_current_file_is_not_shown(
    lake: Lake, target: Path, shell: Callable[[Path, str], Shell]
) -> None:
    """A log that fits the file is replayed silently: readers would see what no pipeline ever found."""
    write_claim(lake, "true")
    build.publish(lake, target)
    target.chmod(0o644)
    writer = shell(target, "rw")
    writer.ask("update daily_top5 set claim = 'forged'")
    writer.kill()
    assert target.with_name("podcasts.duckdb.wal").exists()
    assert claims(target) == ["true"]


def test_a_killed_build_is_cleared_away_by_the_next_process(lake: Lake, target: Path) -> None:
    """Each killed run leaves its half-built file for ever; or a build sweeps away another that is at work."""
    write_claim(lake, "kept")
    build.publish(lake, target)
    late = lake.path("audio", DAY)
    late.parent.mkdir(parents=True)
    os.mkfifo(late)  # nobody ever writes to it, so a build waits here for ever
    code = (
        "import sys, pathlib; from podcast_assets.storage import Lake; from podcast_assets.warehouse import build; "
        "build.publish(Lake(pathlib.Path(sys.argv[1])), pathlib.Path(sys.argv[2]))"
    )
    command = [sys.executable, "-c", code, str(lake.root), str(target)]
    stuck = subprocess.Popen(command, cwd=project_file("sql").parent)
    deadline = time.monotonic() + 30
    while not (left := list(target.parent.glob(".podcasts.duckdb.*/podcasts.duckdb"))) and time.monotonic() < deadline:
        time.sleep(0.01)
    stuck.kill()
    stuck.wait()
    assert len(left) == 1
    late.unlink()

    build.publish(lake, target)
    assert left[0].exists()  # for all that this process knows, whoever began it after this process started still works
    subprocess.run(command, check=True, cwd=project_file("sql").parent)
    assert sorted(path.name for path in target.parent.iterdir()) == ["lake", "podcasts.duckdb"]
    assert claims(target) == ["kept"]


# --- Reading ---


def test_a_missing_warehouse_says_what_to_do(target: Path) -> None:
    with pytest.raises(PodcastAssetsError, match=f"{re.escape(str(target))}: .*run `podcast-assets run` first"):
        query.top5(target)
    assert not target.exists()


@pytest.mark.parametrize("damage", ["empty", "text", "cut", "overwritten"])
def test_a_damaged_warehouse_says_what_to_do(damage: str, lake: Lake, target: Path) -> None:
    """A user meets the traceback of a library."""
    write_claim(lake, "fine")
    build.publish(lake, target)
    target.chmod(0o644)
    data = target.read_bytes()
    middle = len(data) // 2
    broken = {
        "empty": b"",
        "text": b"hello " * 9999,
        "cut": data[:middle],
        "overwritten": data[:12288] + os.urandom(len(data) - 12288),
    }
    target.write_bytes(broken[damage])
    with pytest.raises(PodcastAssetsError, match=f"{re.escape(str(target))}: .*`podcast-assets run` builds it anew"):
        query.top5(target)


def test_an_error_of_the_caller_stays_what_it_is(lake: Lake, target: Path) -> None:
    """A broken pipe while printing is reported as a broken warehouse."""
    build.publish(lake, target)
    with pytest.raises(BrokenPipeError), query.connect(target):
        raise BrokenPipeError


def test_top5_gives_the_newest_day_or_the_one_asked_for(lake: Lake, target: Path) -> None:
    build.publish(lake, target)
    assert query.top5(target) == []
    before = DAY - dt.timedelta(days=1)
    write(lake, "daily_top5", {"rank": 2, "claim": "b"}, {"rank": 1, "claim": "a"})
    write(lake, "daily_top5", {"rank": 1, "claim": "c"}, day=before)
    write(lake, "daily_top5", day=DAY + dt.timedelta(days=1))  # a day on which nothing deserved it
    build.publish(lake, target)
    assert claims(target) == ["a", "b"]
    assert [row["claim"] for row in query.top5(target, before)] == ["c"]
    assert query.top5(target, DAY + dt.timedelta(days=1)) == []
    assert " ".join(query.top5(target)[0]).startswith(PROMISED["daily_top5"])


@pytest.fixture
def library(lake: Lake, target: Path) -> Path:
    """A warehouse to search."""
    before = DAY - dt.timedelta(days=1)
    write(
        lake,
        "episodes",
        {"episode_id": "e1", "show": "Alpha", "title": "The Grid", "enclosure_url": "https://a.example/1.mp3#intro"},
        {"episode_id": "e2", "show": "Beta", "title": "Prices"},
    )
    write(
        lake,
        "episodes",
        {"episode_id": "e0", "show": "Alpha", "title": "Older", "enclosure_url": "https://a.example/0.mp3"},
        day=before,
    )
    write(
        lake,
        "insight_candidates",
        {
            "insight_id": "i1",
            "episode_id": "e1",
            "claim": "Power is scarce",
            "body": "Data centres queue.",
            "quote": "we wait for Transformers",
            "quote_start_s": 61.9,
            "quote_end_s": 64.0,
            "speaker": "Ada",
            "status": "accepted",
            "quality": 0.1,
        },
        {
            "insight_id": "i2",
            "episode_id": "e2",
            "claim": "Power gets cheap",
            "quote": "prices fell 100% in a_b",
            "quote_start_s": 5.0,
            "status": "accepted",
            "quality": 0.9,
        },
        {
            "insight_id": "i3",
            "episode_id": "e2",
            "claim": "Power drinks",
            "quote": "buy power drinks",
            "quote_start_s": 9.0,
            "status": "rejected",
        },
    )
    write(
        lake,
        "ranked_insights",
        {"insight_id": "i2", "score": 0.2, "position": 2},
        {"insight_id": "i1", "score": 0.8, "position": 1},
    )
    write(
        lake,
        "segments",
        {"episode_id": "e1", "seq": 1, "start_s": 70.5, "text": "Power, power and ÜBERMUT.", "speaker": "Bo"},
        {"episode_id": "e1", "seq": 0, "start_s": 3.0, "text": "1000 in axb"},
        # What an insight quotes is one hit, not two.
        {"episode_id": "e1", "seq": 2, "start_s": 61.9, "end_s": 64.0, "text": "we wait for Transformers"},
    )
    write(lake, "segments", {"episode_id": "e0", "seq": 0, "start_s": 0.0, "text": "The power of old"}, day=before)
    build.publish(lake, target)
    return target


def test_a_hit_tells_all_that_is_needed_to_listen(library: Path) -> None:
    assert query.search(library, "transformers") == [
        {
            "day": DAY,
            "show": "Alpha",
            "episode_title": "The Grid",
            "speaker": "Ada",
            "second": 61.9,
            "text": "we wait for Transformers",
            "claim": "Power is scarce",
            "audio_url": "https://a.example/1.mp3#t=61",
        }
    ]
    (hit,) = query.search(library, "old power")
    assert (hit["claim"], hit["text"], hit["audio_url"]) == (None, "The power of old", "https://a.example/0.mp3#t=0")


def test_insights_come_first_and_the_best_of_them_before_the_others(library: Path) -> None:
    """The order is that of the files, or a rejected advertisement is found."""
    hits = [hit["claim"] or hit["text"] for hit in query.search(library, "power")]
    assert hits == ["Power is scarce", "Power gets cheap", "Power, power and ÜBERMUT.", "The power of old"]
    for limit in range(5):
        assert [hit["claim"] or hit["text"] for hit in query.search(library, "power", limit)] == hits[:limit]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("SCARCE power", ["Power is scarce"]),  # any order, any case
        ("grid queue wait", ["Power is scarce"]),  # words of title, body and quote
        ("power scarce cheap", []),  # all of them, not some
        ("übermut", ["Power, power and ÜBERMUT."]),
        ("100%", ["Power gets cheap"]),  # not "1000"
        ("a_b", ["Power gets cheap"]),  # not "axb"
        ("'; drop table x; --", []),
        ("   ", []),
    ],
)
def test_search_takes_words_literally(text: str, found: list[str], library: Path) -> None:
    assert [hit["claim"] or hit["text"] for hit in query.search(library, text)] == found


def test_a_hit_without_audio_has_no_audio_address(library: Path) -> None:
    assert query.search(library, "cheap")[0]["audio_url"] is None


# --- Where the SQL lies ---


def test_an_installed_package_finds_its_own_sql(tmp_path: Path) -> None:
    """Installed from a wheel, the package looks for sql/ beside itself, where another package's folder may lie."""
    package = tmp_path / "podcast_assets"
    (package / "_bundled" / "sql").mkdir(parents=True)
    (tmp_path / "sql").mkdir()
    for name in ("__init__.py", "errors.py", "resources.py"):
        (package / name).write_bytes((project_file("podcast_assets") / name).read_bytes())
    code = "from podcast_assets.resources import project_file; print(project_file('sql')); project_file('nothing')"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == str(package / "_bundled" / "sql")
    assert "nothing: not among the project's files" in done.stderr


# --- Dagster ---


def test_a_run_of_one_day_publishes_what_its_assets_wrote(make_project: Callable[..., Project]) -> None:
    """The asset without partitions cannot stand in the same job as those with, or publishes before they wrote."""
    project = make_project()
    days = dg.DailyPartitionsDefinition("2026-01-01")

    def stage(name: str) -> dg.AssetsDefinition:
        @dg.asset(name=name, partitions_def=days)
        def write_day(context: dg.AssetExecutionContext, project: dg.ResourceParam[Project]) -> None:
            row = {} if name == "related_insights" else {"episode_id": "e"}
            write(project.lake, name, row, day=dt.date.fromisoformat(context.partition_key))

        return write_day

    stages = [stage(name) for name in assets.SOURCES if name != "feeds"]
    selection = dg.AssetSelection.assets(*assets.SOURCES, "warehouse") - dg.AssetSelection.assets("feeds")
    job = dg.define_asset_job("daily", selection)

    @dg.asset
    def feeds() -> None: ...

    defs = dg.Definitions([feeds, *stages, *assets.build_assets()], jobs=[job], resources={"project": project})
    with dg.DagsterInstance.ephemeral() as instance:
        for number, day in enumerate(("2026-01-12", "2026-01-13"), start=1):
            result = defs.resolve_job_def("daily").execute_in_process(partition_key=day, instance=instance)
            (event,) = result.asset_materializations_for_node("warehouse")
            metadata = {key: value.value for key, value in event.metadata.items()}
            assert metadata["rows_insights"] == number
            assert metadata["path"] == str(project.warehouse_path)
            assert metadata["megabytes"] == round(project.warehouse_path.stat().st_size / 1e6, 3)
            assert f"| insights | {number} |" in str(metadata["tables"])


def test_the_warehouse_waits_for_the_files_of_all_tables() -> None:
    """A table is added to sql/ and the asset does not depend on it; or two builds run at once."""
    (warehouse,) = assets.build_assets()
    read = {name for path in build.table_files() for name in re.findall(r"from lake\.(\w+)", path.read_text("utf-8"))}
    read -= {"vectors", "ranking_usage"}  # no assets: they are written with the ranking
    assert set(assets.SOURCES) == read
    assert {key.to_user_string() for key in warehouse.dependency_keys} == read
    assert warehouse.op.pool == PUBLISH_POOL
