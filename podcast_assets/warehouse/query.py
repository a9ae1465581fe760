"""Reading the published warehouse: opening it safely, the day's best, the search.

Belongs here: every read of ``podcasts.duckdb`` by this package. Does not belong here: making it (``build``), questions
that a person asks by SQL (``sql/recipes``). Connections are short: one that is held keeps showing the file it opened.
"""

import contextlib
import datetime as dt
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb

from podcast_assets.errors import PodcastAssetsError

WAL_SUFFIXES = (".wal", ".wal.checkpoint", ".wal.recovery")


def remove_wal(path: Path) -> None:
    """Removes the write-ahead logs beside a published file.

    A published file is complete and never written to again, so a log beside it is a stranger's: a shell that opened an
    older file for writing, and was killed after a newer one took its place. DuckDB refuses a file beside another's log.

    Raises:
        PodcastAssetsError: a log lies in a folder that this user may not write to.
    """
    for suffix in WAL_SUFFIXES:
        log = path.with_name(path.name + suffix)
        try:
            log.unlink(missing_ok=True)
        except OSError as error:
            if not os.path.lexists(log):  # a folder on a read-only disk says no, whether there is anything to remove or not
                continue
            raise PodcastAssetsError(
                f"{log}: left by a program that was killed, and {path.name} cannot be read beside it; it could not be "
                f"removed ({error.strerror}), so have it removed by who owns the folder"
            ) from error


@contextlib.contextmanager
def connect(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection to the published warehouse, in UTC. It keeps its snapshot while newer files are published.

    Raises:
        PodcastAssetsError: there is no such file, another process holds it for writing, or it is damaged.
    """
    if not path.is_file():
        raise PodcastAssetsError(f"{path}: no such warehouse yet; run `podcast-assets run` first")
    remove_wal(path)
    try:
        with duckdb.connect(path, read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            yield connection
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        advice = (
            "close the program that opened it for writing; `duckdb -readonly` leaves it open to all"
            if "lock on file" in reason
            else "where it is damaged or of an older version, `podcast-assets run` builds it anew"
        )
        raise PodcastAssetsError(f"{path}: {reason}; {advice}") from error


def rows(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[object] | dict[str, object] = ()
) -> list[dict[str, Any]]:
    """The answer to a query, a dictionary a row; parameters by place (``?``) or by name (``$name``)."""
    connection.execute(sql, parameters)
    names = [column[0] for column in connection.description or ()]
    return [dict(zip(names, row, strict=True)) for row in connection.fetchall()]


def top5(path: Path, day: dt.date | None = None) -> list[dict[str, Any]]:
    """The rows of ``daily_top5`` of a day (default: the newest that has any), best first."""
    sql = "select * from daily_top5 where day = coalesce($day, (select max(day) from daily_top5)) order by rank"
    with connect(path) as connection:
        return rows(connection, sql, {"day": day})


def search(path: Path, text: str, limit: int = 20) -> list[dict[str, Any]]:
    """What was said on something: insights first, the best first, then the transcripts, the newest first.

    Args:
        path: the warehouse.
        text: words, all of which must occur, in any order and any case; none of its characters has a special meaning.
        limit: at most so many hits.

    Returns:
        A dictionary a hit: ``day``, ``show``, ``episode_title``, ``speaker``, ``second``, ``text`` (as it was said),
        ``claim`` (None for a transcript) and ``audio_url``.
    """
    words = text.split()
    if not words:
        return []
    with connect(path) as connection:
        hits = rows(connection, _INSIGHTS, {"words": words, "limit": limit})
        found = [hit.pop("insight_id") for hit in hits]
        return hits + rows(connection, _SEGMENTS, {"words": words, "limit": limit - len(hits), "found": found})


# `contains` knows no wildcards. The audio is opened at the very second; the feed's own fragment, if any, gives way.
_INSIGHTS = """
    with scores as (
        select insight_id, max(score) as score from ranked_insights group by insight_id
    ),
    found as (
        select
            insights.*,
            episodes.show,
            episodes.title as episode_title,
            scores.score,
            split_part(episodes.enclosure_url, '#', 1) || '#t=' || floor(insights.quote_start_s)::bigint as audio_url,
            lower(concat_ws(' ', insights.claim, insights.quote, insights.body, episodes.title)) as searched
        from insights
        left join episodes using (episode_id)
        left join scores using (insight_id)
        where insights.status = 'accepted'
    )
    select insight_id, day, found.show, episode_title, speaker, quote_start_s as second, quote as text, claim, audio_url
    from found
    where list_bool_and(list_transform($words, lambda word: contains(searched, lower(word))))
    order by score desc nulls last, quality desc nulls last, day desc, insight_id
    limit $limit
"""

_SEGMENTS = """
    with found as (
        select *
        from segments
        where list_bool_and(list_transform($words, lambda word: contains(lower(text), lower(word))))
            and not exists ( -- what an insight that was found quotes is not said again
                from insights
                where list_contains($found, insight_id) and insights.episode_id = segments.episode_id
                    and quote_start_s < end_s and start_s < quote_end_s
            )
        order by day desc, episode_id, seq
        limit $limit
    )
    select
        found.day,
        episodes.show,
        episodes.title as episode_title,
        found.speaker,
        found.start_s as second,
        found.text,
        null as claim,
        split_part(episodes.enclosure_url, '#', 1) || '#t=' || floor(found.start_s)::bigint as audio_url
    from found
    left join episodes using (episode_id)
    order by found.day desc, found.episode_id, found.seq
"""
