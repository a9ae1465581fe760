"""The lake and the caches: whole files or none, the schema of each table, logs and seals that never change."""

import datetime as dt
import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from podcast_assets.errors import PodcastAssetsError
from podcast_assets.hashing import sha256
from podcast_assets.schemas import SCHEMAS
from podcast_assets.storage import Cache, Lake, check_schema, replacing, write_bytes

MON, TUE = dt.date(2026, 3, 2), dt.date(2026, 3, 3)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def usage(*days: dt.date, **values: Any) -> pl.DataFrame:
    """Rows of a small table, one for each of the days."""
    rows = [
        {**dict.fromkeys(SCHEMAS["llm_usage"]), "day": day, "episode_id": f"e{n}", **values} for n, day in enumerate(days)
    ]
    return pl.DataFrame(rows, schema=SCHEMAS["llm_usage"])


def files_below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


# --- Whole or not at all.


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_a_crash_while_writing_leaves_the_old_file_and_no_temporary_one(tmp_path: Path, error: type[BaseException]) -> None:
    file = tmp_path / "a" / "file"
    write_bytes(file, b"old")

    def crash() -> None:
        with replacing(file) as temporary:
            temporary.write_bytes(b"half of the n")
            raise error

    with pytest.raises(error):
        crash()
    assert file.read_bytes() == b"old"
    assert files_below(tmp_path) == ["a/file"]


def test_the_new_file_appears_only_when_it_is_whole(tmp_path: Path) -> None:
    file = tmp_path / "file"
    write_bytes(file, b"old")
    with replacing(file) as temporary:
        temporary.write_bytes(b"new")
        assert temporary.parent == file.parent, "a rename is only atomic within one file system"
        assert file.read_bytes() == b"old"
    assert file.read_bytes() == b"new"
    assert files_below(tmp_path) == ["file"]


def test_what_a_killed_writer_left_goes_with_the_next_write_and_what_a_living_one_writes_stays(tmp_path: Path) -> None:
    file = tmp_path / "file"
    (tmp_path / ".file.killed.tmp").write_bytes(b"hal")
    (tmp_path / ".another.killed.tmp").write_bytes(b"none of our business")
    with replacing(file) as first:
        first.write_bytes(b"first")
        write_bytes(file, b"second")
        assert files_below(tmp_path) == sorted([".another.killed.tmp", first.name, "file"])
    assert files_below(tmp_path) == [".another.killed.tmp", "file"]
    assert file.read_bytes() == b"first"


def test_what_is_written_can_be_read_by_everybody_unless_its_owner_said_otherwise(tmp_path: Path) -> None:
    file = tmp_path / "file"
    write_bytes(file, b"1")
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    file.chmod(0o600)
    write_bytes(file, b"2")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_reader_that_holds_the_old_file_keeps_it(tmp_path: Path) -> None:
    file = tmp_path / "file"
    write_bytes(file, b"old")
    with file.open("rb") as reader:
        write_bytes(file, b"new")
        assert reader.read() == b"old"


# --- Schemas.


def broken(change: Callable[[pl.DataFrame], pl.DataFrame]) -> str:
    with pytest.raises(PodcastAssetsError) as caught:
        check_schema("llm_usage", change(usage(MON)))
    return str(caught.value)


def test_a_frame_that_does_not_match_is_refused_with_every_difference() -> None:
    start = "table 'llm_usage': the frame does not match its schema ("
    assert broken(lambda frame: frame.drop("usd")) == f"{start}missing: usd)"
    assert broken(lambda frame: frame.with_columns(cost=1)) == f"{start}unknown: cost)"
    assert broken(lambda frame: frame.rename({"usd": "cost"})) == f"{start}missing: usd; unknown: cost)"
    assert broken(lambda frame: frame.with_columns(pl.col("usd").cast(pl.String))) == f"{start}usd is String, not Float64)"
    assert broken(lambda frame: frame.select(reversed(frame.columns))) == f"{start}the columns are in another order)"


def test_nothing_is_written_of_a_frame_that_is_refused(lake: Lake) -> None:
    bad = usage(MON).drop("usd")
    with pytest.raises(PodcastAssetsError):
        lake.write("llm_usage", bad, MON)
    with pytest.raises(PodcastAssetsError):
        lake.append("llm_usage", bad, "1")
    assert not lake.root.exists()


@pytest.mark.parametrize("days", [(TUE,), (MON, TUE)])
def test_rows_of_another_day_are_refused(lake: Lake, days: tuple[dt.date, ...]) -> None:
    with pytest.raises(PodcastAssetsError, match=f"table 'llm_usage': rows of other days than {MON} in its partition"):
        lake.write("llm_usage", usage(*days), MON)


# Which columns others rely on, by table of the lake: the README, the SQL in sql/, recipes that users wrote. Renaming one of
# them breaks what is not in this repository; adding one breaks nothing.
CONTRACT = {
    "feeds": "feed_id feed_url title status http_status error etag last_modified last_polled_at last_changed_at "
    "consecutive_failures",
    "episodes": "day episode_id feed_id guid title link published_at first_seen_at enclosure_url duration_s language",
    "transcripts": "day episode_id status source reason language model words speech_s",
    "segments": "day episode_id seq start_s end_s speaker text timing",
    "insight_candidates": "day insight_id episode_id claim body quote quote_start_s quote_end_s timing speaker kind topics "
    "extractor model prompt_version status reject_reason",
    "ranked_insights": "day insight_id position score why",
    "daily_top5": "day rank insight_id episode_id show episode_title claim body quote quote_start_s speaker audio_url score "
    "why",
    "llm_usage": "day episode_id purpose model input_tokens output_tokens cached_tokens usd latency_s outcome",
}


@pytest.mark.parametrize("table", CONTRACT)
def test_no_column_that_others_rely_on_is_renamed(table: str) -> None:
    assert [column for column in CONTRACT[table].split() if column not in SCHEMAS[table]] == []


def test_the_log_holds_all_that_a_days_episodes_are_made_of() -> None:
    """A backfill makes ``episodes`` from the log alone."""
    log = SCHEMAS["sightings"]
    assert [column for column, type_ in SCHEMAS["episodes"].items() if log.get(column) != type_] == []


@pytest.mark.parametrize("table", SCHEMAS)
def test_names_tell_units_and_types(table: str) -> None:
    """``*_s`` are seconds, ``*_at`` moments in UTC, ``day`` is a date; a day's table begins with its day.

    What has no days: the feeds as they are now, the logs of polls, the archive.
    """
    for column, type_ in SCHEMAS[table].items():
        if column.endswith("_s"):
            assert type_ == pl.Float64, column
        if column.endswith("_at"):
            assert type_ == pl.Datetime("us", "UTC"), column
        if column == "day" or column.endswith("_day"):
            assert type_ == pl.Date, column
    if table not in {"feeds", "sightings", "aliases", "bodies"}:
        assert next(iter(SCHEMAS[table])) == "day"


# --- Partitions.


def test_files_lie_where_the_documentation_says(lake: Lake) -> None:
    lake.write("llm_usage", usage(MON), MON)
    lake.write("feeds", pl.DataFrame(schema=SCHEMAS["feeds"]))
    lake.append("sightings", pl.DataFrame(schema=SCHEMAS["sightings"]), "20260302T060000000000Z")
    lake.seal(MON, "delivered")
    assert files_below(lake.root) == [
        "feeds/part-0.parquet",
        "llm_usage/day=2026-03-02/part-0.parquet",
        "seals/2026-03-02.json",
        "sightings/20260302T060000000000Z.parquet",
    ]


def test_a_partition_comes_back_as_it_was_written(lake: Lake) -> None:
    frame = usage(MON, MON, usd=0.5, model="m")
    lake.write("llm_usage", frame, MON)
    assert lake.read("llm_usage", MON).equals(frame)
    assert lake.get("llm_usage", MON).equals(frame)


def test_writing_the_same_frame_again_gives_the_same_bytes(lake: Lake) -> None:
    frame = usage(*[MON] * 500, usd=0.1, model="m")
    path = lake.write("llm_usage", frame, MON)
    before = path.read_bytes()
    assert lake.write("llm_usage", frame.clone(), MON) == path
    assert path.read_bytes() == before


def test_an_empty_day_has_the_types_of_its_table(lake: Lake) -> None:
    lake.write("llm_usage", pl.DataFrame(schema=SCHEMAS["llm_usage"]), MON)
    assert lake.read("llm_usage", MON).schema == SCHEMAS["llm_usage"]


@pytest.mark.parametrize("table", SCHEMAS)
def test_a_partition_that_was_never_written_is_an_empty_frame_with_types(lake: Lake, table: str) -> None:
    assert lake.get(table, MON).schema == SCHEMAS[table]
    assert lake.get(table).is_empty()
    with pytest.raises(FileNotFoundError):
        lake.read(table, MON)


def test_days_are_found_in_order_whatever_the_order_of_writing(lake: Lake) -> None:
    assert lake.days("llm_usage") == []
    for day in (TUE, MON):
        lake.write("llm_usage", usage(day), day)
    (lake.root / "llm_usage" / "day=2026-03-04").mkdir()  # a run died before it wrote
    assert lake.days("llm_usage") == [MON, TUE]
    assert [path.parent.name for path in lake.files("llm_usage")] == ["day=2026-03-02", "day=2026-03-03"]


def test_several_days_are_read_in_the_order_asked_for_and_missing_ones_are_left_out(lake: Lake) -> None:
    for day in (MON, TUE):
        lake.write("llm_usage", usage(day), day)
    read = lake.read_days("llm_usage", [TUE, dt.date(2020, 1, 1), MON])
    assert read["day"].to_list() == [TUE, MON]
    assert lake.read_days("llm_usage", []).schema == SCHEMAS["llm_usage"]


def test_a_file_that_is_being_written_is_no_file_of_the_table(lake: Lake) -> None:
    lake.write("llm_usage", usage(MON), MON)
    with replacing(lake.path("llm_usage", MON)) as temporary:
        assert temporary.exists()
        assert lake.files("llm_usage") == [lake.path("llm_usage", MON)]
        assert lake.days("llm_usage") == [MON]


# --- The log and the seals.


def test_a_file_of_a_log_is_never_rewritten(lake: Lake) -> None:
    path = lake.append("llm_usage", usage(MON), "1")
    before = path.read_bytes()
    with pytest.raises(PodcastAssetsError, match=r"log 'llm_usage': .*/1\.parquet is there already"):
        lake.append("llm_usage", usage(TUE), "1")
    assert path.read_bytes() == before


def test_a_log_is_read_in_the_order_of_its_names(lake: Lake) -> None:
    assert lake.log("llm_usage").schema == SCHEMAS["llm_usage"]
    lake.append("llm_usage", usage(TUE), "20260303")
    lake.append("llm_usage", usage(MON), "20260302")
    assert lake.log("llm_usage")["day"].to_list() == [MON, TUE]


def test_a_seal_stays_as_it_was_set(lake: Lake) -> None:
    assert not lake.is_sealed(MON)
    assert lake.sealed_days() == []
    lake.seal(MON, "delivered")
    seal = next((lake.root / "seals").iterdir())
    before = seal.read_bytes()
    lake.seal(MON, "a later day was written")
    assert seal.read_bytes() == before == b'{"day": "2026-03-02", "reason": "delivered"}\n'
    lake.seal(dt.date(2026, 2, 28), "delivered")
    assert lake.sealed_days() == [dt.date(2026, 2, 28), MON]
    assert lake.is_sealed(MON)
    assert not lake.is_sealed(TUE)


# --- Caches.


def test_a_cache_gives_back_what_was_put_and_none_for_the_rest(tmp_path: Path) -> None:
    cache, other = Cache(tmp_path, "documents"), Cache(tmp_path, "segments")
    key = sha256("what it depends on")
    assert cache.get(key) is None
    assert cache.get_json(key) is None
    cache.put(key, b"\0bytes")
    assert cache.get(key) == b"\0bytes"
    assert other.get(key) is None, "two kinds of content share a key"
    other.put_json(key, {"a": [1, None, "ü"]})
    assert other.get_json(key) == {"a": [1, None, "ü"]}
    other.put_json(key, None)
    assert other.get_json(key) is None


def test_the_cache_spreads_its_files_over_folders(tmp_path: Path) -> None:
    key = sha256(b"x")
    Cache(tmp_path, "documents").put(key, b"")
    assert files_below(tmp_path) == [f"documents/{key[:2]}/{key}"]


def test_the_name_of_content_is_its_sha256() -> None:
    assert sha256("ü") == sha256("ü".encode()) == "607474ca475a9724d7360aba71a56d5df77e61350e3f724cfa1f46e857e2d85f"


# --- Damage ---


def test_a_damaged_file_is_named_with_what_to_do(lake: Lake) -> None:
    """A disk that was full, a copy that broke off: nobody finds the file by a reader's own words."""
    day = dt.date(2026, 3, 2)
    path = lake.write("episodes", pl.DataFrame(schema=SCHEMAS["episodes"]), day)
    log = lake.append("sightings", pl.DataFrame(schema=SCHEMAS["sightings"]), "poll")
    for damaged in (path, log):
        damaged.write_bytes(damaged.read_bytes()[:-20])
    with pytest.raises(PodcastAssetsError, match=f"{re.escape(str(path))}: damaged .*; restore it from a backup"):
        lake.read("episodes", day)
    with pytest.raises(PodcastAssetsError, match=f"{re.escape(str(log))}: damaged"):
        lake.log("sightings")


def test_a_damaged_entry_of_a_cache_is_as_good_as_not_there(tmp_path: Path) -> None:
    """A power cut, a copy that broke off: what was paid for is paid for once more, and no day fails for ever."""
    cache = Cache(tmp_path, "segments")
    for damage in (b"", b'{"cut', b"\xff\xfe"):
        cache.put("ab12", damage)
        assert cache.get_json("ab12") is None


def test_a_column_that_an_older_version_did_not_have_is_null(lake: Lake) -> None:
    """The files of a log are never rewritten: the first new column must not make all of them unreadable."""
    frame = pl.DataFrame([dict.fromkeys(SCHEMAS["sightings"]) | {"episode_id": "a"}], schema=SCHEMAS["sightings"])
    lake.append("sightings", frame, "20260302")
    lake.files("sightings")[0].unlink()
    frame.drop("guid").write_parquet(lake.root / "sightings" / "20260301.parquet")
    lake.append("sightings", frame, "20260303")
    assert lake.log("sightings").schema == SCHEMAS["sightings"]
    assert lake.log("sightings")["episode_id"].to_list() == ["a", "a"]
