"""The product's own picks on planted days: its ranking, day by day, over a lake of its own in a temporary folder."""

import dataclasses
import logging
import tempfile
from functools import cached_property
from pathlib import Path

from evals.ranking.days import Planted, Said, candidates, episodes
from podcast_assets import config
from podcast_assets.project import Project
from podcast_assets.ranking.day import rank_day
from podcast_assets.ranking.five import project_picks
from podcast_assets.ranking.history import seal_before


@dataclasses.dataclass(frozen=True)
class _Apart(Project):
    """A project that writes to ``folder``, whatever the configuration and the environment say."""

    folder: Path

    @cached_property
    def data_path(self) -> Path:
        return self.folder


def picks_of(planted: Planted, configured: config.Config) -> list[list[Said]]:
    """What is published of each day, best first, under a configuration; no language model is asked to compare."""
    unasked = configured.extraction.model_copy(update={"model": "", "judge_model": ""})
    configured = configured.model_copy(update={"extraction": unasked})
    with tempfile.TemporaryDirectory() as folder:
        project = _Apart(configured, Path(folder))
        return [_picked(project, day) for day in planted.days]


def _picked(project: Project, said: list[Said]) -> list[Said]:
    """Runs a day as the assets do: from what was found, by the ranking, to the five, which seal the days before."""
    day, found, heard = said[0].day, candidates(said), episodes(said)
    project.lake.write("insight_candidates", found, day)
    project.lake.write("episodes", heard, day)
    ranked = rank_day(project, day, found, heard, logging.getLogger(__name__)).ranked
    project.lake.write("ranked_insights", ranked, day)
    top = project_picks(ranked, found, heard, {})
    project.lake.write("daily_top5", top, day)
    seal_before(project.lake, day)
    by_id = {one.insight_id: one for one in said}
    return [by_id[identity] for identity in top["insight_id"]]
