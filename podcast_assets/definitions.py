"""What Dagster loads: all assets, jobs, schedules and resources, assembled by :func:`build_defs`.

Tests call ``build_defs`` with another project or other resources; nothing is patched.
"""

import functools
import os
import warnings
from collections.abc import Mapping
from typing import Any

import dagster as dg

from podcast_assets import config
from podcast_assets.audio.assets import build_assets as build_audio
from podcast_assets.dagster_common import SCRATCH
from podcast_assets.digest.assets import build_assets as build_digest
from podcast_assets.episodes.assets import build_assets as build_episodes
from podcast_assets.errors import ConfigError
from podcast_assets.feeds.assets import build_assets as build_feeds
from podcast_assets.insights.assets import build_assets as build_insights
from podcast_assets.io_manager import LakeIOManager
from podcast_assets.operation.automation import DAILY, POLL_FEEDS, build_schedules, build_sensors
from podcast_assets.operation.processes import EXECUTOR_VARIABLE, identity, worker_pid
from podcast_assets.project import Project
from podcast_assets.publisher_transcripts.assets import build_assets as build_publisher_transcripts
from podcast_assets.ranking.assets import build_assets as build_ranking
from podcast_assets.transcripts.assets import build_assets as build_transcripts
from podcast_assets.warehouse.assets import build_assets as build_warehouse

EXECUTORS = {
    # One process a run: five times faster than a process a step for a day of a few shows.
    "in_process": dg.in_process_executor,
    # Each step's process is forked from one that has loaded everything: twice as fast as loading it for each step.
    "multiprocess": dg.multiprocess_executor.configured(
        {"start_method": {"forkserver": {"preload_modules": ["podcast_assets.definitions"]}}}, name="multiprocess"
    ),
}


def build_defs(
    project: Project | None = None,
    resources: Mapping[str, Any] | None = None,
    executor: dg.ExecutorDefinition | None = None,
) -> dg.Definitions:
    """Assembles the definitions.

    Args:
        project: the installation; by default that of the configuration file.
        resources: replace those of the same key.
        executor: how the steps of a run are executed; by default as ``PODCAST_ASSETS_EXECUTOR`` says.
    """
    project = project or Project(config.load())
    days = dg.DailyPartitionsDefinition(start_date=project.config.start_date, timezone=project.config.timezone)
    assets: list[Any] = [
        *build_feeds(),
        *build_episodes(days),
        *build_publisher_transcripts(days),
        *build_audio(days),
        *build_transcripts(days),
        *build_insights(days),
        *build_ranking(days),
        *build_digest(days),
        *build_warehouse(),
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)  # of Dagster's code references, once an asset
        assets = list(dg.with_source_code_references(assets))
    return dg.Definitions(
        assets=assets,
        jobs=[DAILY, POLL_FEEDS],
        schedules=build_schedules(project),
        sensors=build_sensors(),
        resources={**_resources(project), **(resources or {})},
        executor=executor or _executor(),
    )


def _resources(project: Project) -> dict[str, Any]:
    def marked(context: dg.InitResourceContext) -> Project:
        """The project; on the way, the run is marked with the process that works on it."""
        if context.instance and context.run:
            context.instance.add_run_tags(context.run.run_id, identity(worker_pid()))
        return project

    return {
        "project": dg.ResourceDefinition(marked, description="The configuration, the lake and the caches."),
        "io_manager": LakeIOManager(project.lake),  # the default of every asset; in a graph too, where it is named nowhere
        SCRATCH: dg.FilesystemIOManager(base_dir=str(project.dagster_home / "scratch")),
    }


def _executor() -> dg.ExecutorDefinition:
    name = os.environ.get(EXECUTOR_VARIABLE) or "in_process"
    if name not in EXECUTORS:
        raise ConfigError(f"{EXECUTOR_VARIABLE}={name!r}: expected one of {', '.join(EXECUTORS)}")
    return EXECUTORS[name]


@functools.cache
def _configured() -> dg.Definitions:
    """The definitions of the configured project; a process has one, and Dagster asks for it several times a run."""
    return build_defs()


def daily_job() -> dg.JobDefinition:
    """The job ``daily`` of the configured project, for processes that load it by name."""
    return _configured().resolve_job_def("daily")


def poll_feeds_job() -> dg.JobDefinition:
    """The job ``poll_feeds`` of the configured project, for processes that load it by name."""
    return _configured().resolve_job_def("poll_feeds")


@dg.definitions
def defs() -> dg.Definitions:
    """The definitions of the configured project: what ``workspace.yaml`` names."""
    return _configured()
