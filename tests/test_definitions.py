"""What Dagster's users see of us: keys, partitions, pools, tags, schedules; and that loading it stays light."""

import datetime as dt
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from podcast_assets import config
from podcast_assets.definitions import build_defs
from podcast_assets.errors import ConfigError
from podcast_assets.project import Project
from podcast_assets.schemas import SCHEMAS
from tests.processes import SAMPLE, environment

KEYS = {
    "feeds", "episodes", "publisher_transcripts", "audio", "transcripts", "segments", "insight_candidates", "llm_usage",
    "ranked_insights", "daily_top5", "related_insights", "digest", "warehouse",
}  # fmt: skip


@pytest.fixture
def project(make_project: Callable[..., Project]) -> Project:
    return make_project(start_date="2026-03-01", timezone="America/New_York")


@pytest.fixture
def defs(project: Project) -> dg.Definitions:
    return build_defs(project)


def test_the_asset_keys_are_the_fixed_ones_and_all_days_have_partitions(defs: dg.Definitions) -> None:
    specs = {spec.key.to_user_string(): spec for spec in defs.resolve_all_asset_specs()}
    assert set(specs) == KEYS
    unpartitioned = {key for key, spec in specs.items() if spec.partitions_def is None}
    assert unpartitioned == {"feeds", "warehouse"}
    for key in KEYS - unpartitioned:
        days = specs[key].partitions_def
        assert isinstance(days, dg.DailyPartitionsDefinition)
        assert days.timezone == "America/New_York"
        assert days.get_first_partition_key() == "2026-03-01"


def test_every_asset_tells_what_it_is_who_owns_it_and_where_its_code_lies(defs: dg.Definitions) -> None:
    for spec in defs.resolve_all_asset_specs():
        assert spec.description, spec.key
        assert spec.owners == ["team:podcast-assets"], spec.key
        assert spec.group_name in {"feeds", "transcripts", "insights", "ranking", "publish"}, spec.key
        assert any(tag.startswith("dagster/kind/") for tag in spec.tags), spec.key
        assert "dagster/code_references" in spec.metadata, spec.key


def test_no_job_bears_an_asset_s_name_and_daily_is_all_but_the_poll(defs: dg.Definitions) -> None:
    daily, poll = defs.resolve_job_def("daily"), defs.resolve_job_def("poll_feeds")
    assert not {"daily", "poll_feeds"} & KEYS
    assert {key.to_user_string() for key in daily.asset_layer.selected_asset_keys} == KEYS - {"feeds"}
    assert {key.to_user_string() for key in poll.asset_layer.selected_asset_keys} == {"feeds"}


def test_pools_and_gpu_tags_are_where_they_bound_something(defs: dg.Definitions) -> None:
    nodes = {node.name: node for node in defs.resolve_job_def("daily").all_node_defs}
    shard = nodes["transcribe_shard"]
    assert isinstance(shard, dg.OpDefinition)
    assert shard.pool == "gpu"
    gpu = (
        json.loads(shard.tags["dagster-k8s/config"])
        if isinstance(shard.tags["dagster-k8s/config"], str)
        else shard.tags["dagster-k8s/config"]
    )
    assert gpu["container_config"]["resources"]["limits"] == {"nvidia.com/gpu": "1"}
    assert shard.tags["dagster-celery/queue"] == "gpu"
    pools = {name: node.pool for name, node in nodes.items() if isinstance(node, dg.OpDefinition)}
    assert pools["warehouse"] == "publish"
    assert pools["insights"] == "insights"
    assert pools["episodes"] == "poll"
    poll = {node.name: node for node in defs.resolve_job_def("poll_feeds").all_node_defs}["feeds"]
    assert isinstance(poll, dg.OpDefinition)
    assert poll.pool == "poll"


@pytest.mark.parametrize(("job", "name"), [("poll_feeds", "feeds"), ("daily", "publisher_transcripts"), ("daily", "audio")])
def test_what_talks_to_the_network_is_retried(defs: dg.Definitions, job: str, name: str) -> None:
    node = {node.name: node for node in defs.resolve_job_def(job).all_node_defs}[name]
    assert isinstance(node, dg.OpDefinition)
    assert node.retry_policy is not None
    assert node.retry_policy.max_retries >= 1


def test_the_ranking_waits_for_its_day_before(defs: dg.Definitions) -> None:
    """Without it a backfill ranks days in any order, and each sees another past."""
    graph = defs.resolve_asset_graph()
    key = dg.AssetKey("ranked_insights")
    assert key in graph.get(key).parent_keys
    mapping = graph.get_partition_mapping(key, parent_asset_key=key)
    assert isinstance(mapping, dg.TimeWindowPartitionMapping)
    assert (mapping.start_offset, mapping.end_offset) == (-1, -1)


@pytest.mark.parametrize(
    ("tick", "key"),
    [
        ("2026-03-07T03:20:00-05:00", "2026-03-06"),
        ("2026-03-08T03:20:00-04:00", "2026-03-07"),  # the clocks went forward that night
        ("2026-11-01T03:20:00-05:00", "2026-10-31"),  # and back
    ],
)
def test_the_daily_schedule_asks_for_yesterday_in_the_configured_timezone(
    defs: dg.Definitions, project: Project, tick: str, key: str
) -> None:
    answered_at(project, dt.datetime.fromisoformat(tick))
    schedule = defs.resolve_schedule_def("daily_schedule")
    assert schedule.job_name == "daily"
    assert schedule.execution_timezone == "America/New_York"
    assert schedule.default_status == dg.DefaultScheduleStatus.RUNNING
    context = dg.build_schedule_context(
        repository_def=defs.get_repository_def(), scheduled_execution_time=dt.datetime.fromisoformat(tick)
    )
    requests = schedule.evaluate_tick(context).run_requests
    assert requests is not None
    assert [(request.partition_key, request.run_key) for request in requests] == [(key, f"{tick[:10]}/{key}")]


def answered_at(project: Project, moment: dt.datetime) -> None:
    """Leaves what a poll leaves that a feed has answered."""
    row = dict.fromkeys(SCHEMAS["feeds"]) | {"feed_id": "a", "last_success_at": moment.astimezone(dt.UTC)}
    project.lake.write("feeds", pl.DataFrame([row], schema=SCHEMAS["feeds"]))


def test_the_daily_schedule_waits_for_a_poll_after_midnight(defs: dg.Definitions, project: Project) -> None:
    """A machine that was off, or without a network, at night: a day that is run before the poll misses its episodes."""
    schedule = defs.resolve_schedule_def("daily_schedule")
    tick = dt.datetime.fromisoformat("2026-03-07T10:20:00-05:00")
    for before in (None, tick - dt.timedelta(hours=11)):
        if before:
            answered_at(project, before)
        data = schedule.evaluate_tick(
            dg.build_schedule_context(repository_def=defs.get_repository_def(), scheduled_execution_time=tick)
        )
        assert not data.run_requests
        assert "no feed has answered since 2026-03-06 ended" in str(data.skip_message)
    hours = {int(hour) for hour in re.findall(r"\d+", str(schedule.cron_schedule).split()[1])}
    assert hours == {3, 23}, "it looks again each hour, and a run key for each date and day keeps it at one run"


def test_the_daily_schedule_says_why_before_the_first_day(defs: dg.Definitions) -> None:
    context = dg.build_schedule_context(
        repository_def=defs.get_repository_def(), scheduled_execution_time=dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)
    )
    data = defs.resolve_schedule_def("daily_schedule").evaluate_tick(context)
    assert not data.run_requests
    assert data.skip_message is not None
    assert "start_date" in data.skip_message


def test_the_poll_is_hourly_and_on_by_default(defs: dg.Definitions) -> None:
    poll = defs.resolve_schedule_def("poll_feeds_schedule")
    assert poll.cron_schedule == "0 * * * *"
    assert poll.default_status == dg.DefaultScheduleStatus.RUNNING


def test_an_unknown_executor_is_an_error_that_names_the_choices(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PODCAST_ASSETS_EXECUTOR", "quantum")
    with pytest.raises(ConfigError, match="in_process, multiprocess"):
        build_defs(project)


def test_resources_can_be_given_without_patching(project: Project, tmp_path: Path) -> None:
    """The assets work with what was meant to be replaced: a test, or another kind of deployment, writes to the real lake."""
    feed = str(SAMPLE.parent / "feeds" / "slow-things" / "feed.xml")
    values = {"data_dir": "elsewhere", "feeds": {"urls": [feed]}}
    other, tables = Project(config.parse(values, tmp_path / "podcasts.toml")), dg.mem_io_manager(None)
    given = build_defs(project, resources={"project": other, "io_manager": tables})
    assert set(given.resources or {}) == set(build_defs(project).resources or {}), "the keys above replace nothing"
    assert given.resolve_job_def("poll_feeds").execute_in_process().success
    (frame,) = tables.values.values()
    assert frame["feed_url"].to_list() == [feed]
    assert not other.lake.log("sightings").is_empty()
    assert not (other.lake.root / "feeds").exists()
    assert not project.lake.root.exists()


def test_loading_the_definitions_imports_nothing_heavy(tmp_path: Path) -> None:
    """Each process of Dagster loads them: seconds of imports there are seconds of every run and every click."""
    program = (
        "import sys, json\n"
        "from podcast_assets.definitions import defs\n"
        "defs()\n"
        "print(json.dumps(sorted(name for name in sys.modules if '.' not in name)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment(SAMPLE, tmp_path),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    loaded = set(json.loads(done.stdout))
    assert "dagster" in loaded
    heavy = {
        "great_expectations", "litellm", "faster_whisper", "ctranslate2", "av", "sklearn", "scipy", "onnxruntime", "numpy",
        "aiohttp", "duckdb", "requests",
    }  # fmt: skip
    assert not loaded & heavy


def test_reading_commands_do_not_import_dagster() -> None:
    """`top5` and `search` answer from the file alone; Dagster would cost them seconds."""
    program = "import sys, podcast_assets.cli; print('dagster' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "False"
