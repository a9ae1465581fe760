"""``podcast-assets feeds``: what is followed."""

import asyncio
import os
import re
from collections.abc import Iterable, Sized
from pathlib import Path

import click

from podcast_assets import clock, config, credentials, progress
from podcast_assets.cli import show
from podcast_assets.errors import ConfigError, PodcastAssetsError
from podcast_assets.feeds import subscriptions
from podcast_assets.project import Project
from podcast_assets.sources import host, is_remote
from podcast_assets.text import one_line

NEXT = "Next: podcast-assets feeds check, then podcast-assets run"
NO_FEEDS = "No feeds yet. Add one: podcast-assets feeds add https://example.org/feed.xml"
# What private feeds call their tokens.
TOKEN = re.compile(r"[?&](?:auth|key|token|secret|access_token|api_?key|password|sig)=(?!\$\{)[^&]{6,}", re.IGNORECASE)


@click.group()
def feeds() -> None:
    """Lists, adds, removes, imports, exports and checks the feeds you follow; rebuilds the log of what was found.

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
        show.notes().print(NO_FEEDS)


@feeds.command(short_help="Adds feeds by address, local files by path.")
@click.argument("urls", nargs=-1, required=True)
def add(urls: tuple[str, ...]) -> None:
    """Adds feeds to podcasts.toml, by address or by path of a local file.

    \b
    Example:
      podcast-assets feeds add https://example.org/feed.xml
    """
    settings = config.load()
    new = subscriptions.add(settings, [_as_seen_from(settings.folder, url) for url in urls])
    click.echo(f"{len(new)} added, {len(set(urls)) - len(new)} followed already. {NEXT}")
    _mention_tokens(new)
    _mention_other_feeds()


@feeds.command()
@click.argument("url")
def remove(url: str) -> None:
    """Takes a feed out of podcasts.toml. What was found in it so far stays."""
    subscriptions.remove(config.load(), url)
    click.echo(f"{host(url) if credentials.is_open(url) else url} removed; what was found in it so far stays.")


@feeds.command("import")
@click.argument("file")
def import_(file: str) -> None:
    """Adds the feeds of an OPML file, the export of any podcast app.

    \b
    Example:
      podcast-assets feeds import overcast.opml
    """
    settings = config.load()
    if is_remote(file):
        raise ConfigError(f"{file}: expected a file; fetch it first: curl -o feeds.opml {file}")
    found = [url for url, _ in subscriptions.read_opml(Path(file))]
    open_ = [url for url in found if credentials.is_open(url)]
    named = [url for url in found if credentials.names(url)]  # a stranger's file would get at any secret that way
    good = [url for url in found if url not in [*open_, *named] and subscriptions.leads_somewhere(settings, url)]
    new = subscriptions.add(settings, good)
    click.echo(f"{len(new)} added, {len(good) - len(new)} followed already. {NEXT}")
    for url in open_:
        show.notes().print(f"left out, it bears a password: {host(url)}; {credentials.ADVICE}", soft_wrap=True)
    for url in named:
        remark = f"left out, it names a variable of your environment: {one_line(url, 200)}"
        show.notes().print(f"{remark}; if it is yours: podcast-assets feeds add '...'", soft_wrap=True, markup=False)
    for url in found:
        if url not in [*good, *open_, *named]:
            show.notes().print(f"left out, no address: {one_line(url, 200)}", soft_wrap=True)
    _mention_tokens(new)
    _mention_other_feeds()
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


@feeds.command(short_help="Asks every feed now, and says how it is.")
def check() -> None:
    """Asks every feed now, and says how it is.

    That is: whether it can be reached and read, its episodes, how many of them come with a transcript, when the newest was
    published; for a feed that fails, why, and for one that has moved, where it is.

    Nothing is logged: the next poll still finds what is new. Ends with 1 when a feed fails.

    \b
    Example:
      podcast-assets feeds check
    """
    from podcast_assets.feeds.check import check_all

    settings = config.load()
    followed, terminal = subscriptions.subscriptions(settings), show.console()
    if not followed:
        show.notes().print(NO_FEEDS)
        return
    state = {row["feed_id"]: row for row in Project(settings).lake.get("feeds").iter_rows(named=True)}
    moved = {feed_id: row["current_url"] for feed_id, row in state.items() if row["current_url"]}
    with progress.show_in(terminal):
        found = asyncio.run(check_all(settings, followed, moved))
    names = [state.get(feed.feed_id, {}).get("title") or feed.url for feed in followed]  # of one that fails, the last known
    rows = [
        (
            health.title or name,
            "ok" if health.error is None else "fails",
            health.episodes if health.title or health.episodes else None,
            health.with_transcript if health.episodes else None,
            clock.day_of(health.newest, settings.zone) if health.newest else None,
        )
        for name, health in zip(names, found, strict=True)
    ]
    table = show.table("", ("feed", "status", "episodes", "transcripts", "newest"), rows, wide="feed")
    for column in table.columns[2:4]:
        column.justify = "right"
    terminal.print(table)
    remarks: dict[str, list[str]] = {}
    for health in found:
        if remark := health.error or health.note:
            remarks.setdefault(remark, []).append(health.url)
    for remark, urls in remarks.items():
        terminal.print(f"{remark}:", soft_wrap=True)
        for url in urls:
            terminal.print(f"  {url}", soft_wrap=True, markup=False)
    if failing := [health for health in found if health.error is not None]:
        offline = "; is this machine online?" if len(failing) == len(found) > 1 else ""
        raise PodcastAssetsError(f"{len(failing)} of {len(found)} feeds fail{offline}")


@feeds.command()
def replay() -> None:
    """Rebuilds the log of first sightings from the archived feeds.

    Where the log is missing it is written; where it is there, both are compared, and nothing is changed. Ends with 1 when
    they differ.
    """
    from podcast_assets.feeds.record import LOGS, write_log
    from podcast_assets.feeds.replay import replayed_log

    project, terminal = Project(config.load()), show.console()
    with progress.show_in(terminal):
        polls = replayed_log(project)
    episodes = sum(len(poll.sightings) for poll in polls)
    if not polls and not any(project.lake.files(table) for table in LOGS):
        click.echo("Nothing to rebuild: no poll has found an episode yet. Next: podcast-assets run")
        return
    if not any(project.lake.files(table) for table in LOGS):
        for poll in polls:
            write_log(project.lake, poll.sightings, poll.aliases, poll.name)
        click.echo(f"Rebuilt from {_counted(polls, 'poll')}: {episodes} episodes. Next: podcast-assets run")
        return
    differing = [poll.name for poll in polls if not poll.is_logged(project.lake)]
    logged = {path.stem for table in LOGS for path in project.lake.files(table)}
    missing = sorted(logged - {poll.name for poll in polls})
    if differing or missing:
        rebuild = f"move {project.lake.root / LOGS[0]} and {project.lake.root / LOGS[1]} away and run this again"
        raise PodcastAssetsError(
            f"the log and {project.archive.root} differ: "
            f"{'; '.join(filter(None, (_some('other in the archive', differing), _some('not in the archive', missing))))}; "
            f"{'keep the log: the archive has less than it' if missing else 'to rebuild the log, ' + rebuild}"
        )
    click.echo(f"The log and the archive agree: {_counted(polls, 'poll')}, {episodes} episodes.")


def _some(what: str, names: list[str]) -> str:
    return f"{_counted(names, 'poll')} {what} (such as {names[0]})" if names else ""


def _counted(items: Sized, what: str) -> str:
    return f"{len(items)} {what}{'' if len(items) == 1 else 's'}"


def _as_seen_from(folder: Path, url: str) -> str:
    """A path that was typed in another folder, as the configuration's would write it."""
    # Unlike those of a Path, these functions never raise, be it for a name of 5,000 characters.
    if is_remote(subscriptions.as_web(url)) or os.path.exists(folder / url) or not os.path.isfile(url):  # noqa: PTH110, PTH113
        return url
    return os.path.relpath(url, folder)


def _mention_tokens(urls: Iterable[str]) -> None:
    """Says so where an address seems to be a private one."""
    for url in urls:
        if TOKEN.search(url):
            note = f"{host(url)}: its address seems to bear a secret, and stands in every table"
            show.notes().print(f"{note}; better: ...=${{NAME}}, and the value in the environment", soft_wrap=True)


def _titles(project: Project) -> dict[str, str]:
    state = project.lake.get("feeds")
    return dict(zip(state["feed_id"].to_list(), state["title"].to_list(), strict=True))


def _mention_other_feeds() -> None:
    """Says so where the data folder holds nothing but what other feeds gave (the sample's, most likely)."""
    settings = config.load()
    project = Project(settings)
    known = set(_titles(project))
    if known and known.isdisjoint(feed.feed_id for feed in subscriptions.subscriptions(settings)):
        click.echo(f"{project.data_path} holds other feeds (the sample's?); for a clean start, remove that folder.")
