"""Starting Dagster: its home below ``<data_dir>``, and real runs of our jobs in the instance that the UI shows."""

import contextlib
import dataclasses
import datetime as dt
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from podcast_assets.config import CONFIG_VARIABLE, DATA_DIR_VARIABLE
from podcast_assets.errors import ConfigError, PodcastAssetsError
from podcast_assets.operation.processes import end_dead_runs, identity
from podcast_assets.project import Project
from podcast_assets.resources import project_file
from podcast_assets.storage import locked, write_bytes
from podcast_assets.text import one_line

if TYPE_CHECKING:
    import dagster as dg
    from dagster_shared.error import SerializableErrorInfo

LONGEST_REASON = 500  # characters
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}  # the UI has the log; the terminal has bars


def prepare_home(project: Project) -> dict[str, str]:
    """Makes Dagster's home ready and gives the environment that Dagster's processes need.

    ``dagster.yaml`` is read only from there, so the project's own is put there at each start.

    Raises:
        ConfigError: ``data_dir`` is no folder that can be written to.
    """
    try:
        write_bytes(project.dagster_home / "dagster.yaml", project_file("dagster.yaml").read_bytes())
    except OSError as error:
        raise ConfigError(
            f"{project.data_path}: nothing can be written there ({error.strerror}); expected a folder of yours in data_dir "
            f"of {project.config.file}, or in {DATA_DIR_VARIABLE}"
        ) from error
    return {
        "DAGSTER_HOME": str(project.dagster_home),
        CONFIG_VARIABLE: str(project.config.file),
        DATA_DIR_VARIABLE: str(project.data_path),
    }


@contextlib.contextmanager
def instance_of(project: Project) -> Iterator["dg.DagsterInstance"]:
    """The Dagster instance of a project, its pools as configured; runs of processes that died are ended first."""
    os.environ.update(prepare_home(project))
    import dagster as dg

    from podcast_assets.dagster_common import GPU_POOL

    with contextlib.ExitStack() as stack:
        with locked(project.dagster_home):  # of two first starts at once, one would find half of the other's tables
            instance = stack.enter_context(dg.DagsterInstance.get())
            _ = instance.run_storage, instance.event_log_storage, instance.schedule_storage
            instance.event_log_storage.set_concurrency_slots(GPU_POOL, project.config.transcription.parallel_shards)
            end_dead_runs(instance)
        yield instance


@dataclasses.dataclass(frozen=True)
class RunOutcome:
    """How a run ended. ``metadata`` is what its assets said of themselves, by asset and name."""

    run_id: str
    metadata: dict[str, dict[str, Any]]


def run_job(
    instance: "dg.DagsterInstance",
    job: "Callable[[], dg.JobDefinition]",
    day: dt.date | None = None,
    *,
    assets: Sequence[str] = (),
    settings: Mapping[str, Any] | None = None,
    tags: Mapping[str, str] | None = None,
) -> RunOutcome:
    """Runs a job to its end, in this process.

    Args:
        instance: where the run is recorded.
        job: gives the job; a function of a module, so that other processes can load it by its name.
        day: the partition, for a job that has partitions.
        assets: those of the job's that are materialised; without any, all of them.
        settings: the run's configuration, in Dagster's form.
        tags: more tags of the run.

    Raises:
        PodcastAssetsError: the run failed, with the step and its reason.
        KeyboardInterrupt: it was interrupted.
    """
    import dagster as dg

    known = identity(os.getpid()) | {"podcast_assets/started_by": "podcast-assets"} | dict(tags or {})
    if day:
        known["dagster/partition"] = day.isoformat()
    selection = [dg.AssetKey(name) for name in assets] or None
    config = QUIET | dict(settings or {})
    with dg.execute_job(
        dg.reconstructable(job), instance, run_config=config, tags=known, asset_selection=selection
    ) as result:
        if not result.success:
            errors = _errors(result)
            if any(error.cls_name == "DagsterExecutionInterruptedError" for _, error in errors):
                raise KeyboardInterrupt
            reason = "; ".join(f"{step}: {one_line(error.message, LONGEST_REASON)}" for step, error in errors)
            raise PodcastAssetsError(
                f"the run {result.run_id}{f' of {day}' if day else ''} failed: "
                + (reason or "see its log in the Dagster UI (podcast-assets dev)")
            )
        metadata = {
            event.asset_key.to_user_string(): {
                name: value.value for name, value in event.step_materialization_data.materialization.metadata.items()
            }
            for event in result.all_events
            if event.is_step_materialization and event.asset_key
        }
        return RunOutcome(result.run_id, metadata)


def _errors(result: "dg.JobExecutionResult") -> "list[tuple[str, SerializableErrorInfo]]":
    """The failed steps, each with the innermost cause."""
    found = []
    for event in result.all_events:
        if event.is_step_failure and (error := event.step_failure_data.error):
            while error.cause:
                error = error.cause
            found.append((str(event.step_key), error))
    return found
