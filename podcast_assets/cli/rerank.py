"""``podcast-assets rerank``: what past days would have been under other weights, and making them so."""

import datetime as dt
import logging
from collections.abc import Iterable, Mapping

import click
from rich.console import Console

from podcast_assets import config, progress
from podcast_assets.cli import show
from podcast_assets.cli.read import day_of
from podcast_assets.errors import ConfigError
from podcast_assets.project import Project

RERANKED = ("ranked_insights", "daily_top5", "related_insights", "digest", "warehouse")


@click.command()
@click.option("--from", "first", metavar="YYYY-MM-DD", required=True, help="The first day.")
@click.option("--to", "last", metavar="YYYY-MM-DD", help="The last day; without it the newest that was ranked.")
@click.option(
    "--weights", "pairs", multiple=True, metavar="NAME=NUMBER,...",
    help="Weights other than those in [ranking] weights: quality, novelty, interest and so on (docs/ranking.md).",
)  # fmt: skip
@click.option("--reseal", is_flag=True, help="Do rank the days anew, also those whose five are final, by Dagster runs.")
def rerank(first: str, last: str | None, pairs: tuple[str, ...], reseal: bool) -> None:
    """Shows what past days would have been under other weights.

    No day is changed and no language model is asked. With --reseal the days are ranked anew and their five replaced. Without
    --weights the days are looked at under the configured ones.

    \b
    Example:
      podcast-assets rerank --from 2026-03-02 --to 2026-03-06 --weights novelty=0.6,quality=0.3
      podcast-assets rerank --from 2026-03-02 --weights interest=0 --reseal
    """
    project, terminal = Project(config.load()), show.console()
    weights = _weights(pairs)
    from podcast_assets.ranking.rerank import rerank as rerank_days
    from podcast_assets.ranking.weights import with_weights

    ranking = with_weights(project.config.ranking, weights)
    days = _days(project, first, last)
    if reseal:
        _reseal(project, days, weights, terminal)
        return
    changed = 0
    with progress.show_in(terminal):
        for each in rerank_days(project, days, ranking, logging.getLogger(__name__)):
            was, would_be = (frame["insight_id"].to_list() for frame in (each.was, each.would_be))
            changed += was != would_be
            terminal.print(_title(each.day, was, would_be), style="bold")
            for row in each.would_be.iter_rows(named=True):
                terminal.print(_line("  " if row["insight_id"] in was else "+ ", row), soft_wrap=True)
            for row in each.was.filter(~each.was["insight_id"].is_in(would_be)).iter_rows(named=True):
                terminal.print(_line("- ", row), style="dim", soft_wrap=True)
            if each.gone:
                terminal.print(f"  {each.gone} insights that competed then are not there any more", style="dim")
    terminal.print(f"\nOf {len(days)} days {changed} would have been another. No day was changed.")


def _title(day: dt.date, was: list[str], would_be: list[str]) -> str:
    if was == would_be:
        return f"{day}: as it was"
    if not would_be:
        return f"{day}: nothing would have been shown, instead of {len(was)}"
    new, gone = len(set(would_be) - set(was)), len(set(was) - set(would_be))
    return (
        f"{day}: {new} new, {gone} gone, {len(would_be)} instead of {len(was)}"
        if new or gone
        else f"{day}: in another order"
    )


def _line(mark: str, row: Mapping[str, object]) -> str:
    return f"{mark}{row['rank']}. {row['claim']} ({row['show']}, {row['score']:.2f})"


def _weights(pairs: Iterable[str]) -> dict[str, float]:
    """``("novelty=0.6,quality=0.3",)`` as a mapping."""
    weights = {}
    for pair in (part.strip() for text in pairs for part in text.split(",")):
        name, _, number = pair.partition("=")
        try:
            weights[name.strip()] = float(number)
        except ValueError as error:
            raise ConfigError(f"--weights {pair}: expected NAME=NUMBER, such as novelty=0.6") from error
    return weights


def _days(project: Project, first: str, last: str | None) -> list[dt.date]:
    ranked = project.lake.days("ranked_insights")
    start = day_of(first, "--from")
    end = day_of(last, "--to") if last else max([start, *ranked])
    if start > end:
        raise ConfigError(f"--from {start} --to {end}: the first day comes after the last")
    days = [day for day in ranked if start <= day <= end]
    if not days:
        known = f"; there are {ranked[0]} to {ranked[-1]}" if ranked else ""
        raise ConfigError(
            f"--from {start} --to {end}: no day of these was ranked{known}; run them first: podcast-assets run"
        )
    return days


def _reseal(project: Project, days: list[dt.date], weights: dict[str, float], terminal: Console) -> None:
    from podcast_assets import definitions
    from podcast_assets.dagster_common import RESEAL_TAG
    from podcast_assets.operation.launch import instance_of, run_job

    settings = {"ops": {"ranked_insights": {"config": {"weights": weights}}}}
    with instance_of(project) as instance, progress.show_in(terminal):
        for day in days:
            told = run_job(
                instance, definitions.daily_job, day, assets=RERANKED, settings=settings, tags={RESEAL_TAG: "true"}
            ).metadata
            terminal.print(f"{day}: ranked anew, {told['daily_top5']['insights']} shown", soft_wrap=True)
    if weights:
        terminal.print("These weights were for this once; [ranking] weights in the configuration makes them stay.")
    if any(day > days[-1] for day in project.lake.days("daily_top5")):
        terminal.print("Later days may show an idea of these days again: they were ranked before. --to takes them in.")
