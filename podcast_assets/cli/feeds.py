"""``podcast-assets feeds``: what is followed."""

import asyncio
from pathlib import Path

import click

from podcast_assets import clock, config, progress
from podcast_assets.cli import show
from podcast_assets.errors import PodcastAssetsError
from podcast_assets.feeds import subscriptions
from podcast_assets.project import Project
from podcast_assets.text import one_line


@click.group()
def feeds() -> None:
    """Lists, adds, removes, imports, exports and checks the feeds you follow.

    \b
    Example:
      podcast-assets feeds add https://example.org/feed.xml
      podcast-assets feeds import overcast.opml
      podcast-assets feeds check
    """


@feeds.command("list")
def list_() -> None:
    """Prints the address of each feed, one a line."""
    followed = subscriptions.subscriptions(config.load())
    for subscription in followed:
        click.echo(subscription.url)
    if not followed:
        show.notes().print("No feeds yet. Add one: podcast-assets feeds add https://example.org/feed.xml")


@feeds.command()
@click.argument("urls", nargs=-1, required=True)
def add(urls: tuple[str, ...]) -> None:
    """Adds feeds to podcasts.toml, by address or by path of a local file.

    \b
    Example:
      podcast-assets feeds add https://example.org/feed.xml
    """
    settings = config.load()
    new = subscriptions.add(settings, urls)
    click.echo(f"{len(new)} added, {len(set(urls)) - len(new)} followed already. Next: podcast-assets run")
    _mention_other_feeds(settings)


@feeds.command()
@click.argument("url")
def remove(url: str) -> None:
    """Takes a feed out of podcasts.toml. What was found in it so far stays."""
    subscriptions.remove(config.load(), url)
    click.echo("removed")


@feeds.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def import_(file: Path) -> None:
    """Adds the feeds of an OPML file, the export of any podcast app.

    \b
    Example:
      podcast-assets feeds import overcast.opml
    """
    settings = config.load()
    found = [url for url, _ in subscriptions.read_opml(file)]
    good = [url for url in found if subscriptions.leads_somewhere(settings, url)]
    new = subscriptions.add(settings, good)
    click.echo(f"{len(new)} added, {len(good) - len(new)} followed already. Next: podcast-assets run")
    for url in found:
        if url not in good:
            show.notes().print(f"left out, no address: {one_line(url, 200)}", soft_wrap=True)
    _mention_other_feeds(settings)
    if not good:
        raise PodcastAssetsError(f"{file}: none of its {len(found)} feeds has an address that can be asked")


@feeds.command()
def export() -> None:
    """Prints the feeds as OPML, for any podcast app.

    \b
    Example:
      podcast-assets feeds export > feeds.opml
    """
    settings = config.load()
    titles = _titles(Project(settings))
    followed = subscriptions.subscriptions(settings)
    click.echo(subscriptions.write_opml((feed.url, titles.get(feed.feed_id, "")) for feed in followed), nl=False)


@feeds.command()
def check() -> None:
    """Asks every feed now, and says how it is: reachable, episodes, with transcripts, the newest, or what is wrong.

    Nothing is logged: the next poll still finds what is new. Ends with 1 when a feed fails.
    """
    from podcast_assets.feeds.check import check_all

    settings = config.load()
    terminal = show.console()
    with progress.show_in(terminal):
        found = asyncio.run(check_all(settings, subscriptions.subscriptions(settings)))
    rows = [
        (
            health.title or health.url,
            "ok" if health.error is None else "fails",
            health.episodes,
            health.with_transcript,
            clock.day_of(health.newest, settings.zone) if health.newest else None,
        )
        for health in found
    ]
    terminal.print(show.table("", ("feed", "status", "episodes", "transcripts", "newest"), rows, wide="feed"))
    for health in found:
        if health.error is not None:
            terminal.print(f"{health.url}\n  {health.error}", soft_wrap=True)
    if failing := [health for health in found if health.error is not None]:
        raise PodcastAssetsError(f"{len(failing)} of {len(found)} feeds fail")


def _titles(project: Project) -> dict[str, str]:
    state = project.lake.get("feeds")
    return dict(zip(state["feed_id"].to_list(), state["title"].to_list(), strict=True))


def _mention_other_feeds(settings: config.Config) -> None:
    """Says so where the data folder holds nothing but what other feeds gave (the sample's, most likely)."""
    project = Project(settings)
    known = set(_titles(project))
    if known and known.isdisjoint(feed.feed_id for feed in subscriptions.subscriptions(settings)):
        click.echo(f"{project.data_path} holds other feeds (the sample's?); for a clean start, remove that folder.")
