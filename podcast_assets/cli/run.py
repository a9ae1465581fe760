"""``podcast-assets run`` and ``podcast-assets dev``: the commands that start Dagster."""

import datetime as dt
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import click
import polars as pl
from rich.console import Console

from podcast_assets import clock, config, progress
from podcast_assets.cli import show
from podcast_assets.cli.read import day_of
from podcast_assets.errors import ConfigError, PodcastAssetsError
from podcast_assets.feeds import TROUBLED
from podcast_assets.feeds.subscriptions import subscriptions
from podcast_assets.insights import DEFERRED
from podcast_assets.operation.catchup import days_to_run, newest_day_with_episodes
from podcast_assets.project import Project
from podcast_assets.resources import project_file
from podcast_assets.text import one_line

REMEDIES = {
    "max_usd_per_day": "the next day's run goes on, or raise it",
    "404": "does the model have this name there, and should api_base end in /v1?",
    "401": "check the key in the environment",
    "Connection error": "is the server of api_base running?",
    "Cannot connect": "is the server of api_base running?",
}
WORDS_ALONE = "by words alone"  # how the ranking says that no embedding model was at hand
MOST_REASONS = 3  # that a day's line is followed by

# Dagster's own advice to its developers, which ours would read as a fault of theirs.
QUIET = "ignore:Function `dev_command` is superseded"


@click.command()
@click.option("--day", metavar="YYYY-MM-DD", help="The day to run; without it yesterday, or the newest day with episodes.")
@click.option("--no-poll", is_flag=True, help="Do not ask the feeds first; work with what the log knows.")
def run(day: str | None, no_poll: bool) -> None:
    """Polls the feeds, runs a day and prints its top 5.

    Days before it that are still open (days off, late episodes, deferred work) are run too, oldest first, at most 14. These
    are real Dagster runs: podcast-assets dev shows them.

    \b
    Example:
      podcast-assets run
      podcast-assets run --day 2026-03-06 --no-poll
    """
    settings = config.load()
    project, terminal = Project(settings), show.console()
    asked = None if day is None else _asked_day(settings, day)
    if not subscriptions(settings) and not no_poll:
        raise ConfigError(
            f"{settings.file}: [feeds] lists no feeds; add one with: podcast-assets feeds add https://example.org/feed.xml"
        )
    for key in settings.without_effect():
        show.notes().print(f"Note: {key} is set, and this version does nothing with it yet.")
    _check_models(settings)
    from podcast_assets import definitions
    from podcast_assets.operation.launch import instance_of, run_job

    with instance_of(project) as instance, progress.show_in(terminal):
        if not no_poll:
            polled = run_job(instance, definitions.poll_feeds_job).metadata["feeds"]
            terminal.print(_poll_line(settings, polled), soft_wrap=True)
            for line in _trouble_lines(project):
                terminal.print(line, style="dim", soft_wrap=True, markup=False)
        target, remark = (asked, "") if asked else _default_day(project, settings)
        if remark:
            terminal.print(remark)
        failures: list[PodcastAssetsError] = []
        likeness = ""
        for each in [target] if asked else days_to_run(project, target):
            try:
                done = run_job(instance, definitions.daily_job, each)
            except PodcastAssetsError as error:  # the other days have nothing to do with it
                failures.append(error)
                terminal.print(f"{each}: failed")
            else:
                terminal.print(_day_line(each, done.metadata), soft_wrap=True)
                likeness = done.metadata["ranked_insights"].get("likeness_by", likeness)  # a sealed day was not compared
                for line in [*_model_lines(project, each), *_wordless_lines(project, each)]:
                    terminal.print(line, style="dim", soft_wrap=True, markup=False)
    if likeness.startswith(WORDS_ALONE):
        terminal.print(f"Insights are compared {likeness}", style="dim", soft_wrap=True, markup=False)
    if project.warehouse_path.exists():
        _print_result(terminal, project, target)
    if failures:
        raise PodcastAssetsError(" | ".join(map(str, failures)))


def _check_models(settings: config.Config) -> None:
    """What is wrong with the hosted models that are to be asked is said before the feeds are asked."""
    if settings.extraction.model or settings.embedding.hosted_model:
        from podcast_assets.llm.models import asked_for, embedding_model

        try:
            if settings.extraction.model:
                asked_for(settings.extraction)
            if settings.embedding.hosted_model:
                embedding_model(settings.embedding)
        except ConfigError as error:
            raise ConfigError(f"{settings.file}: {error}") from error


def _asked_day(settings: config.Config, text: str) -> dt.date:
    day = day_of(text)
    newest = clock.yesterday(settings.zone)
    if not settings.first_day <= day <= newest:
        raise ConfigError(
            f"--day {day}: expected a day from {settings.first_day} (start_date) to {newest}, the last that is over"
        )
    return day


def _default_day(project: Project, settings: config.Config) -> tuple[dt.date, str]:
    yesterday = clock.yesterday(settings.zone)
    if yesterday < settings.first_day:
        raise ConfigError(f"{settings.file}: start_date: {settings.first_day} is not over yet; expected an earlier day")
    newest = newest_day_with_episodes(project, yesterday)
    if newest is None or newest == yesterday:
        return yesterday, ""
    return newest, f"The newest day with episodes is {newest}; nothing was published on {yesterday}."


def _poll_line(settings: config.Config, polled: dict[str, Any]) -> str:
    failing = sum(polled.get(f"feeds_{status}", 0) for status in TROUBLED)
    trouble = f", {failing} with trouble (see: podcast-assets feeds check)" if failing else ""
    old = polled["seen_and_left_alone"]
    days = settings.feeds.backfill_days
    left = f", {old} older than {days} days left alone (as [feeds] backfill_days said at the first poll)" if old else ""
    asked, followed = polled["asked"], _counted(polled["subscriptions"], "feed")
    some = f"{asked} of {followed} (the others want no request yet)" if asked < polled["subscriptions"] else followed
    return f"Polled {some}: {_counted(polled['new_episodes'], 'new episode')}{left}{trouble}"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _day_line(day: dt.date, metadata: dict[str, dict[str, Any]]) -> str:
    episodes, found = metadata["episodes"], metadata["insight_candidates"]
    return (
        f"{day}: {_counted(episodes['episodes'], 'episode')} of {_counted(episodes['shows'], 'show')}, "
        f"{_counted(found['accepted'], 'insight')}, {metadata['daily_top5']['insights']} shown"
    )


def _model_lines(project: Project, day: dt.date) -> list[str]:
    """What language models did for a day, what that has cost, and why episodes wait; nothing where none is asked."""
    usage = pl.concat([project.lake.get("llm_usage", day), project.lake.get("ranking_usage", day)])
    calls, lines = usage.filter(pl.col("called_at").is_not_null()), []
    if len(calls):
        tokens = calls.select(pl.col("input_tokens", "output_tokens").sum()).sum_horizontal()[0]
        bad = len(calls.filter(pl.col("outcome") == "unreadable"))
        unreadable = f"; {_counted(bad, 'reply')} unreadable" if bad else ""
        lines.append(
            f"  {_counted(len(calls), 'call')} of language models so far, {tokens:,} tokens, "
            f"${calls['usd'].sum():.4f}{unreadable}"
        )
    waiting = usage.filter(pl.col("outcome") == DEFERRED)
    for reason, count in Counter(waiting["reason"]).most_common(MOST_REASONS):
        lines.append(
            f"  {_counted(count, 'episode')} {'waits' if count == 1 else 'wait'} for a model: {reason}{_remedy(reason)}"
        )
    return lines


def _remedy(reason: str) -> str:
    """What to do about the commonest reasons why a model does not answer."""
    return next((f" ({remedy})" for sign, remedy in REMEDIES.items() if sign in reason), "")


def _wordless_lines(project: Project, day: dt.date) -> list[str]:
    """Why episodes of the day have no transcript, the most frequent reasons first, each with an episode."""
    rows = project.lake.get("transcripts", day).filter(pl.col("status") != "ok")
    named = rows.join(project.lake.get("episodes", day).select("episode_id", "show", "title"), on="episode_id", how="left")
    reasons = Counter(zip(named["status"], named["reason"], strict=True)).most_common(MOST_REASONS)
    example = {row["reason"]: f"{row['show']}: {row['title']}" for row in named.iter_rows(named=True)}
    return [
        f"  {_counted(count, 'transcript')} {status}: {one_line(why)} (such as {one_line(example[why], 80)})"
        for (status, why), count in reasons
    ]


def _trouble_lines(project: Project) -> list[str]:
    """Why feeds have trouble, the most frequent reasons first, each with a feed."""
    followed = [feed.feed_id for feed in subscriptions(project.config)]
    rows = project.lake.get("feeds").filter(pl.col("status").is_in(TROUBLED), pl.col("feed_id").is_in(followed))
    reasons = Counter(rows["error"]).most_common(MOST_REASONS)
    example = {row["error"]: row["title"] or row["feed_url"] for row in rows.iter_rows(named=True)}
    return [f"  {_counted(count, 'feed')}: {one_line(why)} (such as {one_line(example[why], 80)})" for why, count in reasons]


def _print_result(terminal: Console, project: Project, day: dt.date) -> None:
    from podcast_assets.warehouse.query import top5

    rows = top5(project.warehouse_path, day)
    terminal.print()
    if rows:
        terminal.print(show.insights(f"Top {len(rows)} of {day:%A}, {day}", rows))
    if not rows:
        terminal.print(f"{_why_nothing(project, day)}\n")
    elif len(rows) < project.config.ranking.top:
        terminal.print(f"Only {len(rows)} that day: the rest was too weak, known already, or too much of one show.\n")
    terminal.print(f"Read it:  {_near(project.digest_path(day))}", soft_wrap=True)
    terminal.print(f"By SQL:   duckdb -readonly {_near(project.warehouse_path)}", soft_wrap=True)
    terminal.print(f"Runs:     {'make dev' if 'MAKELEVEL' in os.environ else 'podcast-assets dev'}  (the Dagster UI)")


def _why_nothing(project: Project, day: dt.date) -> str:
    transcripts = project.lake.get("transcripts", day)
    if transcripts.is_empty():
        return "No episode came out that day."
    if wordless := len(transcripts.filter(pl.col("status") != "ok")):
        of = f"{wordless} of {_counted(len(transcripts), 'episode')}"
        return f"Nothing to show for that day: {of} {'has' if wordless == 1 else 'have'} no transcript."
    waiting = len(project.lake.get("llm_usage", day).filter(pl.col("outcome") == DEFERRED))
    if waiting:
        return f"Nothing to show for that day yet: {_counted(waiting, 'episode')} of {len(transcripts)} could not be read."
    return "Nothing that day was worth your time."


def _near(path: Path) -> str:
    """A path as short as it can be said from here."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=3000, show_default=True, help="The port to listen on.")
def dev(host: str, port: int) -> None:
    """Starts the Dagster UI with the daemon, so that the schedules run.

    \b
    Example:
      podcast-assets dev --port 3000
    """
    from podcast_assets.operation.launch import instance_of, prepare_home

    project = Project(config.load())
    with instance_of(project):  # its pools are as configured from here on
        environment = os.environ | prepare_home(project) | {"PYTHONWARNINGS": QUIET}
    workspace = project_file("workspace.yaml")
    command = [sys.executable, "-m", "dagster", "dev", "-w", str(workspace), "-h", host, "-p", str(port)]
    show.notes().print(f"The Dagster UI: http://{host}:{port}   (data in {_near(project.data_path)}; stop with Ctrl-C)")
    os.chdir(project.dagster_home)  # Dagster warns of a dagster.yaml in the folder it starts in, unless it is its own
    os.execve(sys.executable, command, environment)  # noqa: S606 - our own interpreter, no shell, no text from outside
