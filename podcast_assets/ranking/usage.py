"""The table ``ranking_usage``: what the ranking of a day has asked of models, and what that cost."""

import datetime as dt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from podcast_assets.project import Project


def write_usage(project: "Project", day: dt.date) -> None:
    """Writes the calls for a day as the ledger has them now; where nothing was ever asked, no file is made."""
    from podcast_assets.llm.embed import PURPOSE as EMBED
    from podcast_assets.llm.usage import usage_of
    from podcast_assets.ranking.judging.prompts import COMPARE, RELATE

    usage = usage_of(project, day, (COMPARE.purpose, RELATE.purpose, EMBED))
    if len(usage) or project.lake.path("ranking_usage", day).exists():
        project.lake.write("ranking_usage", usage, day)
