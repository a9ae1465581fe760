"""One configured installation: the configuration with the lake and the caches it points to.

This is the one resource that every asset takes; tests give another one to ``build_defs``.
"""

import dataclasses
import datetime as dt
from functools import cached_property
from pathlib import Path

from podcast_assets.config import Config
from podcast_assets.storage import Cache, Lake


@dataclasses.dataclass(frozen=True)
class Project:
    """What a stage needs to know of where it runs."""

    config: Config

    @cached_property
    def data_path(self) -> Path:
        """Where everything is written."""
        return self.config.data_path

    @cached_property
    def lake(self) -> Lake:
        """The tables."""
        return Lake(self.data_path / "lake")

    @cached_property
    def archive(self) -> Lake:
        """The bodies of feeds as they were answered: what the log of first sightings was made of."""
        return Lake(self.data_path / "archive")

    def cache(self, kind: str) -> Cache:
        """Content that was paid for once: ``documents``, ``segments``, ``downloads``."""
        return Cache(self.data_path / "cache", kind)

    @property
    def audio_path(self) -> Path:
        """The folder of downloaded audio."""
        return self.data_path / "audio"

    @property
    def ledger_path(self) -> Path:
        """The ledger of calls to language models: what was paid, of all runs."""
        return self.data_path / "llm-ledger.sqlite"

    @property
    def warehouse_path(self) -> Path:
        """The DuckDB file that people read."""
        return self.data_path / "podcasts.duckdb"

    def digest_path(self, day: dt.date) -> Path:
        """The rendered digest of a day, in Markdown."""
        return self.data_path / "digests" / f"{day}.md"

    @property
    def dagster_home(self) -> Path:
        """Dagster's own folder: runs, events, schedules, what passes between ops."""
        return self.data_path / "dagster"
