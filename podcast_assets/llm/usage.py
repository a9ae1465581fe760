"""The calls of the ledger as rows of a day's table: what each stage has asked, and what it cost."""

import datetime as dt
from collections.abc import Collection
from typing import TYPE_CHECKING

import polars as pl

from podcast_assets.llm.ledger import Ledger
from podcast_assets.schemas import SCHEMAS

if TYPE_CHECKING:
    from podcast_assets.project import Project


def usage_of(project: "Project", day: dt.date, purposes: Collection[str]) -> pl.DataFrame:
    """The calls for ``day`` with one of these purposes, in the order they were made; columns as in ``llm_usage``.

    ``episode_id`` is null where a call was not for one episode.
    """
    schema = SCHEMAS["llm_usage"]
    calls = [
        {name: call[name] for name in schema}
        | {"day": day, "episode_id": call["episode_id"] or None, "called_at": dt.datetime.fromisoformat(call["called_at"])}
        for call in Ledger(project.ledger_path).calls_of(day)
        if call["purpose"] in purposes
    ]
    return pl.DataFrame(calls, schema=schema)
