"""Asking every feed what is new: fetch, scan, and note how it went.

One feed's trouble is its row, with the reason. The caller writes the log and then the state (see ``assets``), an order that
loses nothing; the bodies go to the archive before either.
"""

import dataclasses
import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

import polars as pl

from podcast_assets import credentials, progress
from podcast_assets.config import Config
from podcast_assets.errors import PodcastAssetsError
from podcast_assets.feeds import garbage, loop, rhythm
from podcast_assets.feeds.fetch import NOT_MODIFIED, Fetched, fetch
from podcast_assets.feeds.hosts import Hosts, WaitError, in_turn
from podcast_assets.feeds.identity import History, Subscription
from podcast_assets.feeds.record import Archive, aliases_of, frame_of_rows, sightings_of
from podcast_assets.feeds.scan import Body, Scanned, Trouble, trouble
from podcast_assets.feeds.sightings import Conditions, Sighted
from podcast_assets.feeds.workers import Workers
from podcast_assets.http.client import Client
from podcast_assets.http.errors import MEGABYTE, UNREACHED, FetchError
from podcast_assets.schemas import SCHEMAS
from podcast_assets.sources import host, is_remote

WAIT = "wait"  # the kind of error of a feed that was not asked
GONE = 410
TOO_MANY = 429
WANT_REST = frozenset({TOO_MANY, 503})
FEWEST_HOSTS = 3  # that must all be silent before we take it for our own network's fault
REST = dt.timedelta(hours=1)  # for "too many requests" that names no time

Row = dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Polled:
    """What a poll gave, as frames of the tables ``feeds``, ``sightings`` and ``aliases``, and how many feeds were asked."""

    feeds: pl.DataFrame
    sightings: pl.DataFrame
    aliases: pl.DataFrame
    asked: int


def poll(
    config: Config,
    subscriptions: Sequence[Subscription],
    state: pl.DataFrame,
    history: Callable[[str], History],
    archive: Archive,
    polled_at: dt.datetime,
    *,
    only_due: bool = False,
    log: progress.Log | None = None,
) -> Polled:
    """Polls every subscription once.

    Args:
        config: the limits, the timezone, the days of the first backfill.
        subscriptions: what to poll.
        state: what the last poll left (schema ``feeds``); rows of feeds that are not followed any more are kept.
        history: what the log knows of a feed, by its id.
        archive: takes the bodies that bring something new.
        polled_at: the moment of this poll.
        only_due: asks only those whose time has come (see ``rhythm.is_due``).
        log: takes lines of progress.
    """
    rows = {row["feed_id"]: row for row in state.rows(named=True)}
    for subscription in subscriptions:
        rows.setdefault(subscription.feed_id, _unknown(subscription))
    due = [
        subscription
        for subscription in subscriptions
        if rhythm.is_due(rows[subscription.feed_id], polled_at, config.zone, only_due=only_due)
    ]
    one_poll = _Poll(config, history, archive, polled_at)
    with garbage.looked_for_seldom():
        outcomes = loop.run(one_poll.run(due, rows, log))
        rows |= outcomes
        archive.flush()
        return Polled(
            frame_of_rows("feeds", list(rows.values())),
            sightings_of(one_poll.found),
            aliases_of(one_poll.found),
            sum(outcome["error_kind"] != WAIT for outcome in outcomes.values()),
        )


def _unknown(subscription: Subscription) -> Row:
    row: Row = dict.fromkeys(SCHEMAS["feeds"])
    return row | {
        "feed_id": subscription.feed_id,
        "feed_url": subscription.url,
        "title": "",
        "consecutive_failures": 0,
    }


class _Poll:
    """One poll: what all its feeds share."""

    def __init__(self, config: Config, history: Callable[[str], History], archive: Archive, polled_at: dt.datetime) -> None:
        self._config = config
        self._history = history
        self._archive = archive
        self._polled_at = polled_at
        self._conditions = Conditions(polled_at, config.timezone, config.feeds.backfill_days, config.first_day)
        self._common = dataclasses.asdict(self._conditions)
        self._hosts = Hosts(config.feeds.poll_concurrency_per_host)
        self.found: list[Sighted] = []

    async def run(self, due: Sequence[Subscription], rows: dict[str, Row], log: progress.Log | None) -> dict[str, Row]:
        """The new rows of the feeds."""
        outcomes: dict[str, Row] = {}
        feeds = self._config.feeds
        for row in (row for row in rows.values() if rhythm.wants_rest(row, self._polled_at)):
            failures = row["consecutive_failures"]
            asked = _address(row, failures if row["error_kind"] == WAIT else failures - 1)
            self._hosts[host(asked)].rest(row["retry_after"])
        with progress.steps("polling feeds", len(due), log) as step:
            async with Client(self._config.network, feeds.poll_concurrency) as client, Workers(self._conditions) as workers:

                async def one(subscription: Subscription) -> None:
                    before = rows[subscription.feed_id]
                    try:
                        row = await self._poll(client, workers, subscription, before)
                    except (ValueError, TypeError, LookupError, AttributeError) as error:  # some server's odd value
                        row = self._failed(trouble(error), before, subscription.url)
                    outcomes[subscription.feed_id] = row
                    step(row["title"] or subscription.url)

                turns = in_turn(due, lambda each: host(each.url))
                await loop.for_all(turns, one, feeds.poll_concurrency)
        return self._without_our_own_outage(rows, outcomes)

    async def _poll(self, client: Client, workers: Workers, subscription: Subscription, before: Row) -> Row:
        asked = _address(before, before["consecutive_failures"])
        try:
            fetched = await self._fetch(client, subscription, asked, before)
        except WaitError as error:
            status = before["status"] or "error"  # of a feed that nobody has asked yet, that is all there is to say
            waits = {"error": str(error), "error_kind": WAIT, "retry_after": error.moment, "next_poll_at": error.moment}
            return before | waits | {"status": status}
        except (PodcastAssetsError, OSError) as error:
            return self._failed(trouble(error), before, asked, error)
        return await self._answered(workers, subscription, asked, fetched, before)

    async def _fetch(self, client: Client, subscription: Subscription, asked: str, before: Row) -> Fetched:
        known = before["etag"], before["last_modified"]
        if not is_remote(asked):
            return await fetch(self._config, client, subscription)
        # Validators belong to the address that gave them, and are worth nothing without the body.
        is_same = asked == (before["current_url"] or subscription.url) and before["body_sha256"]
        place = self._hosts[host(asked)]
        validators = known if is_same else (None, None)
        try:
            return await place.ask(lambda: fetch(self._config, client, subscription, asked, *validators))
        except WaitError:
            raise
        except FetchError as error:
            # What a host says where a redirect has led is nothing to its own feeds: anybody may redirect to it.
            if error.host in {None, host(asked)}:
                place.rest(self._rest_after(error))
            raise

    def _rest_after(self, error: BaseException | None) -> dt.datetime | None:
        """Until when a server wants no more requests, where its answer says so."""
        if not isinstance(error, FetchError) or error.status not in WANT_REST:
            return None
        default = self._polled_at + REST if error.status == TOO_MANY else None
        return rhythm.retry_moment(error.retry_after, self._polled_at) or default

    async def _answered(
        self, workers: Workers, subscription: Subscription, asked: str, fetched: Fetched, before: Row
    ) -> Row:
        fresh = fetched.status != NOT_MODIFIED
        row = before | {
            "last_polled_at": self._polled_at,
            "error": None,
            "error_kind": None,
            "retry_after": None,
            "http_status": fetched.status,
            "etag": fetched.etag if fresh else fetched.etag or before["etag"],
            "last_modified": fetched.last_modified if fresh else fetched.last_modified or before["last_modified"],
        }
        scanned = Scanned(before["body_sha256"])
        if fresh:
            found = await workers.scan(self._body(subscription, fetched, before))
            if isinstance(found, Trouble):
                return self._failed(dataclasses.replace(found, http_status=fetched.status), before, asked)
            scanned = found
        moved_to = credentials.with_user(fetched.moved_to, subscription.url) if fetched.moved_to else asked
        row |= {
            "status": "not_modified" if scanned.facts is None else "ok",
            "current_url": None if moved_to == subscription.url else moved_to,
            "last_success_at": self._polled_at,
            "consecutive_failures": 0,
        }
        if scanned.facts is not None:
            self._keep(subscription, fetched, scanned, before)
            row |= scanned.facts | {"body_sha256": scanned.body_sha256, "last_changed_at": self._polled_at}
            row["title"] = scanned.facts["title"] or before["title"]
            new_url = credentials.with_user(credentials.without_user(scanned.new_feed_url or ""), subscription.url)
            if new_url and is_remote(subscription.url) and new_url not in {asked, moved_to}:
                row |= {"current_url": None if new_url == subscription.url else new_url, "etag": None, "last_modified": None}
        row["next_poll_at"] = rhythm.after_success(row, self._polled_at, rhythm.max_age(fetched.cache_control))
        return row

    def _body(self, subscription: Subscription, fetched: Fetched, before: Row) -> Body:
        return Body(
            subscription,
            fetched.address,
            fetched.body,
            fetched.encoding,
            fetched.charset,
            self._config.network.max_feed_mb * MEGABYTE,
            before["last_success_at"],
            before["body_sha256"],
            self._history(subscription.feed_id),
            has_end=fetched.has_end,
        )

    def _keep(self, subscription: Subscription, fetched: Fetched, scanned: Scanned, before: Row) -> None:
        """Keeps what is new, and the body where something is."""
        sighted = scanned.sighted
        if sighted is None or not (sighted.counted or sighted.left_alone or sighted.aliases):
            return
        self.found.append(sighted)
        self._archive.add(
            {
                "feed_id": subscription.feed_id,
                "feed_url": subscription.url,
                "address": fetched.address,
                "previous_poll_at": before["last_success_at"],
                "charset": fetched.charset,
                "encoding": fetched.encoding if scanned.hidden is None else "",
                "body_sha256": scanned.body_sha256,
                "body": fetched.body if scanned.hidden is None else scanned.hidden,
                **self._common,
            }
        )

    def _failed(self, why: Trouble, before: Row, asked: str, error: BaseException | None = None) -> Row:
        failures = before["consecutive_failures"] + 1
        is_gone = why.http_status == GONE and asked == before["feed_url"]  # of where it moved to, that says: not there
        row = before | {
            "last_polled_at": self._polled_at,
            "status": "gone" if is_gone else rhythm.status_of_failure(failures),
            "http_status": why.http_status,
            "error": why.message,
            "error_kind": why.kind,
            "consecutive_failures": failures,
        }
        rest_until = self._rest_after(error)
        is_own_wish = isinstance(error, FetchError) and error.host in {None, host(asked)}  # not that of another host
        row["retry_after"] = rest_until if is_own_wish else None
        row["next_poll_at"] = max(filter(None, (rhythm.after_failure(row, self._polled_at), rest_until)))
        return row

    def _without_our_own_outage(self, rows: dict[str, Row], outcomes: dict[str, Row]) -> dict[str, Row]:
        """Where no host at all has answered, this machine has no network: that is no feed's failure."""
        places = self._hosts.values()
        if sum(place.is_silent for place in places) < FEWEST_HOSTS or any(place.has_answered for place in places):
            return outcomes
        kept = ("consecutive_failures", "next_poll_at")

        def unblamed(row: Row, before: Row) -> Row:
            status = before["status"] or row["status"]
            return row | {name: before[name] for name in kept} | {"status": status}

        return {
            feed_id: unblamed(row, rows[feed_id]) if row["error_kind"] in UNREACHED else row
            for feed_id, row in outcomes.items()
        }


def _address(row: Row, failures: int) -> str:
    """Where a feed is asked. Where it has moved to is no more certain than its last answer: failures alternate."""
    moved = row["current_url"] if failures % 2 == 0 else None
    return str(moved or row["feed_url"])
