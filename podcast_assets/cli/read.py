"""``podcast-assets top5`` and ``podcast-assets search``: reading what was published, from ``podcasts.duckdb`` alone."""

import datetime as dt
import json
from typing import Any

import click

from podcast_assets import config
from podcast_assets.cli import show
from podcast_assets.clock import as_clock
from podcast_assets.errors import ConfigError
from podcast_assets.project import Project
from podcast_assets.text import in_other_words
from podcast_assets.warehouse import query


@click.command()
@click.option("--day", metavar="YYYY-MM-DD", help="The day; without it the newest that was run.")
@click.option("--json", "as_json", is_flag=True, help="Prints the rows of the table daily_top5 as JSON.")
def top5(day: str | None, as_json: bool) -> None:
    """Prints the top 5 of a day.

    \b
    Example:
      podcast-assets top5 --day 2026-03-06
      podcast-assets top5 --json | jq -r '.[].claim'
    """
    asked = None if day is None else day_of(day)
    rows = query.top5(Project(config.load()).warehouse_path, asked)
    if as_json:
        click.echo(json.dumps(rows, default=_plain, ensure_ascii=False, indent=2))
        return
    if not rows:
        click.echo(f"No insights{f' on {asked}' if asked else ' yet'}.")
        return
    terminal = show.console()
    terminal.print(show.insights(f"Top {len(rows)} of {rows[0]['day']:%A}, {rows[0]['day']}", rows))
    for row in rows:
        speaker = f"{row['speaker']}, " if row["speaker"] else ""
        terminal.print(f"{row['rank']}. {row['claim']}", style="bold")
        if in_other_words(row["body"], row["quote"]):
            terminal.print(show.indented(row["body"], 3))
        terminal.print(show.indented(row["quote"], 3), style="italic")
        terminal.print(f"   {speaker}{row['show']}: {row['episode_title']}, {as_clock(row['quote_start_s'])}", style="dim")
        if row["audio_url"]:
            terminal.print(f"   {row['audio_url']}", style="dim", soft_wrap=True)
        terminal.print(f"   why: {row['why']}\n", style="dim")


@click.command()
@click.argument("text", nargs=-1, required=True)
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 10_000), help="How many hits at most.")
def search(text: tuple[str, ...], limit: int) -> None:
    """Finds what was said: insights first, then transcripts. All words must occur.

    \b
    Example:
      podcast-assets search data centres grid
    """
    words = " ".join(text).strip()
    if not words:
        raise ConfigError('expected a word to look for, such as: podcast-assets search "interest rates"')
    hits = query.search(Project(config.load()).warehouse_path, words, limit)
    if not hits:
        click.echo(f"Nothing holds all of: {words}")
        return
    terminal = show.console()
    for hit in hits:
        speaker = f"{hit['speaker']}, " if hit["speaker"] else ""
        place = f"{hit['day']}  {speaker}{hit['show']}: {hit['episode_title']}, {as_clock(hit['second'])}"
        terminal.print(place, style="dim")
        if hit["claim"]:
            terminal.print(f"  {hit['claim']}", style="bold")
        terminal.print(show.indented(hit["text"], 2))
        terminal.print()


def day_of(text: str, option: str = "--day") -> dt.date:
    """The day that an option names.

    Raises:
        ConfigError: it is no date.
    """
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"{option} {text}: expected a date such as 2026-03-06") from error


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, dt.date | dt.datetime) else str(value)
