"""The day's five as Markdown.

Titles, names and quotes come from strangers: everything is escaped, so that no text can become markup, a link or HTML.
"""

import datetime as dt
import functools
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote as percent_encoded

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from podcast_assets.clock import as_clock
from podcast_assets.text import as_markdown, in_other_words

COUNT_WORDS = {1: "One insight", 2: "Two insights", 3: "Three insights", 4: "Four insights", 5: "Five insights"}


def address(url: str) -> str:
    """A URL that stays inside the parentheses of a Markdown link."""
    return percent_encoded(url, safe="/:?#@!$&'*+,;=%~-._")


def markdown(day: dt.date, insights: Sequence[dict[str, Any]], wanted: int) -> str:
    """The digest of a day.

    Args:
        day: the day.
        insights: rows of ``daily_top5``, in order.
        wanted: how many a day has when enough deserve it.
    """
    count = COUNT_WORDS.get(len(insights), f"{len(insights)} insights")
    return _template().render(day=day, insights=insights, wanted=wanted, count=count)


@functools.cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("podcast_assets.digest", "templates"),
        autoescape=False,  # noqa: S701 - the output is Markdown; the filter below escapes for it
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.tests["in_other_words"] = lambda insight: in_other_words(insight["body"], insight["quote"])
    environment.filters |= {"escaped": as_markdown, "address": address, "clock": as_clock}
    return environment.get_template("digest.md.jinja")
