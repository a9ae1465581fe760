"""Dagster's own processes: the UI's webserver and the daemon, and runs that are killed."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from podcast_assets.operation.processes import PROCESS_TAG, end_dead_runs, identity, is_gone
from podcast_assets.storage import locked
from tests.processes import ASSETS, SAMPLE, SELECTOR, dagster, environment, podcast_assets, wait_for
from tests.test_sample import rows

LAUNCH = """mutation Launch($params: ExecutionParams!) { launchPipelineExecution(executionParams: $params) {
    __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }"""


@pytest.mark.slow
def test_the_ui_shows_the_assets_launches_a_day_and_knows_the_command_line_s_runs(tmp_path: Path) -> None:
    data = tmp_path / "data"
    done = podcast_assets("run", "--day", "2026-03-02", config=SAMPLE, data=data)
    assert done.returncode == 0, done.stderr
    with dagster(SAMPLE, data, tmp_path / "dagster.log") as ui:
        nodes = wait_for("the assets", lambda: ui.ask(ASSETS)["assetNodes"], log=ui.log)
        keys = {"/".join(node["assetKey"]["path"]) for node in nodes}
        assert {"feeds", "episodes", "transcripts", "ranked_insights", "daily_top5", "digest", "warehouse"} <= keys
        assert sorted((run["jobName"], run["status"]) for run in ui.runs()) == [
            ("daily", "SUCCESS"),
            ("poll_feeds", "SUCCESS"),
        ]
        tags = {tag["key"]: tag["value"] for tag in ui.runs(pipelineName="daily")[0]["tags"]}
        assert tags["dagster/partition"] == "2026-03-02"
        params = {
            "selector": {**SELECTOR, "jobName": "daily"},
            "executionMetadata": {"tags": [{"key": "dagster/partition", "value": "2026-03-03"}]},
        }
        launched = ui.ask(LAUNCH, params=params)["launchPipelineExecution"]
        assert launched["__typename"] == "LaunchRunSuccess", launched
        run_id = launched["run"]["runId"]
        done = wait_for(
            "the launched run",
            lambda: [run for run in ui.runs(runIds=[run_id]) if run["status"] in {"SUCCESS", "FAILURE"}],
            timeout=180,
            log=ui.log,
        )
        assert done[0]["status"] == "SUCCESS"
        marks = {tag["key"] for tag in done[0]["tags"]}
        assert PROCESS_TAG in marks
    assert {str(row["day"]) for row in rows(data, "select day from daily_top5")} == {"2026-03-02", "2026-03-03"}


@pytest.mark.slow
def test_a_run_killed_in_a_pooled_step_does_not_block_the_next(tmp_path: Path) -> None:
    """The killed run keeps its slot in the pool until somebody sees that its process is gone; the next run does."""
    data = tmp_path / "data"
    env = environment(SAMPLE, data)
    log = (tmp_path / "killed.log").open("wb")
    killed = subprocess.Popen([sys.executable, "-m", "podcast_assets", "run"], env=env, stdout=log, stderr=log)
    home = data / "dagster"

    def holds_the_gpu() -> bool:
        assert killed.poll() is None, (tmp_path / "killed.log").read_text()
        if not (home / "dagster.yaml").exists():
            return False
        with locked(home), dg.DagsterInstance.from_config(str(home)) as instance:  # both make its tables, one at a time
            return instance.event_log_storage.get_concurrency_info("gpu").active_slot_count > 0

    wait_for("a step in the pool gpu", holds_the_gpu)
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    with dg.DagsterInstance.from_config(str(home)) as instance:
        assert instance.event_log_storage.get_concurrency_info("gpu").active_slot_count == 1
    done = podcast_assets("run", config=SAMPLE, data=data, timeout=200)
    assert done.returncode == 0, done.stderr
    assert "Top 5" in done.stdout
    with dg.DagsterInstance.from_config(str(home)) as instance:
        statuses = [run.status for run in instance.get_runs()]
        assert instance.event_log_storage.get_concurrency_info("gpu").active_slot_count == 0
    assert statuses.count(dg.DagsterRunStatus.FAILURE) == 1
    assert dg.DagsterRunStatus.STARTED not in statuses
    assert not list((data / "lake").glob("**/.*.tmp"))


def test_only_runs_whose_process_is_gone_are_ended(tmp_path: Path) -> None:
    """A living run of ours, a run of another machine and a run that bears no tags are none of our business."""

    @dg.job
    def anything() -> None: ...

    ended = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    dead = identity(ended.pid)
    ended.kill()
    ended.wait()
    living = identity(os.getpid())
    host, boot_id, pid, started = living[PROCESS_TAG].split(" ")
    reused = {PROCESS_TAG: f"{host} {boot_id} {pid} 1.00"}
    elsewhere = {PROCESS_TAG: dead[PROCESS_TAG].replace(host, "another-machine")}
    before_boot = {PROCESS_TAG: f"{host} an-earlier-boot {pid} {started}"}
    with dg.DagsterInstance.ephemeral() as instance:
        runs = {
            name: instance.create_run_for_job(anything, tags=tags, status=dg.DagsterRunStatus.STARTED).run_id
            for name, tags in {
                "dead": dead, "living": living, "reused": reused, "elsewhere": elsewhere, "before": before_boot, "plain": {},
            }.items()
        }  # fmt: skip
        assert set(end_dead_runs(instance)) == {runs["dead"], runs["reused"], runs["before"]}
        assert end_dead_runs(instance) == []
        late = instance.create_run_for_job(anything, tags=dead, status=dg.DagsterRunStatus.STARTED)

        class EndsMeanwhile:
            """An instance in which the run ends well between the list of runs and the look at its process."""

            def __getattr__(self, name: str) -> Any:
                return getattr(instance, name)

            def get_runs(self, **filters: Any) -> Any:
                found = instance.get_runs(**filters)
                instance.handle_run_event(late.run_id, dg.DagsterEvent("PIPELINE_SUCCESS", job_name="anything"))
                return found

        assert end_dead_runs(EndsMeanwhile()) == []  # type: ignore[arg-type]
        done = instance.get_run_by_id(late.run_id)
        assert done is not None
        assert done.status == dg.DagsterRunStatus.SUCCESS
    assert is_gone(dead)
    assert not is_gone({})
