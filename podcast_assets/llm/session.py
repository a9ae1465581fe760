"""A client as a project has it: what its configuration allows, with the project's ledger and kept replies."""

import contextlib
from collections.abc import AsyncIterator

from podcast_assets import clock
from podcast_assets.llm.client import Client, Patience
from podcast_assets.llm.ledger import Ledger
from podcast_assets.llm.provider import close
from podcast_assets.project import Project


@contextlib.asynccontextmanager
async def client_of(project: Project, patience: Patience | None = None) -> AsyncIterator[Client]:
    """A client for the event loop it is opened in, whose connections are closed at the end.

    ``patience`` is how long a model is tried, where that is not as usual.
    """
    extraction = project.config.extraction
    try:
        yield Client(
            Ledger(project.ledger_path),
            project.cache("replies"),
            concurrency=extraction.concurrency,
            budget_usd=extraction.max_usd_per_day,
            timeout_s=extraction.timeout_s,
            now=lambda: clock.now().astimezone(project.config.zone),
            patience=patience,
        )
    finally:
        await close()
