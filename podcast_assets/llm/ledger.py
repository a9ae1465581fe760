"""The ledger of calls: what each one cost, written ahead, so that neither a kill nor a second run can overspend.

Belongs here: reserving what a call may cost, settling what it did cost, the calls of a day. Does not belong here: prices.

It is an SQLite file of its own and no table of the lake: the budget has to hold over all runs at once, and a row has to be
there before its call is made. The table ``llm_usage`` is drawn from it. A call that was begun and never settled (its process
was killed, its reply never came) may have been paid for: it counts with its estimate.
"""

import contextlib
import dataclasses
import datetime as dt
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from podcast_assets.errors import PodcastAssetsError

BUSY_S = 30.0  # to wait for another run's write, which takes milliseconds
INTERRUPTED = "interrupted"

_TABLE = """
create table if not exists calls (
    id integer primary key,
    key text not null,            -- of the question, as in the cache of replies
    spent_on text not null,       -- the day of the budget, in the configured timezone
    called_at text not null,
    day text not null,            -- of the episode
    episode_id text not null,
    purpose text not null,
    model text not null,
    prompt_version text not null,
    estimate real not null,       -- US dollars at most
    input_tokens integer not null default 0,
    output_tokens integer not null default 0,
    cached_tokens integer not null default 0,
    usd real,                     -- null until it is settled
    latency_s real,
    outcome text,                 -- null until it is settled
    reason text
);
create index if not exists calls_of_budget on calls (spent_on);
create index if not exists calls_of_day on calls (day);
create index if not exists open_calls on calls (key) where outcome is null;
"""


@dataclasses.dataclass(frozen=True)
class Call:
    """A call about to be made."""

    key: str
    day: dt.date
    episode_id: str
    purpose: str
    model: str
    prompt_version: str
    estimate: float


@dataclasses.dataclass(frozen=True)
class Usage:
    """What a call took: tokens, of the input those that the provider had cached, US dollars, seconds."""

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    usd: float = 0.0
    latency_s: float = 0.0


@dataclasses.dataclass(frozen=True)
class Ledger:
    """The calls of all runs, in one file that several processes may use at once."""

    path: Path

    def reserve(self, call: Call, now: dt.datetime, budget_usd: float) -> int | None:
        """Enters a call and sets its estimate aside; None where the day's budget has no room for it.

        Args:
            call: what is to be made.
            now: the moment, in the timezone whose days the budget counts.
            budget_usd: what the calls of a calendar day may cost together.
        """
        with self._connection() as connection:
            connection.execute("begin immediate")  # nobody else enters a call between the sum and ours
            if self._spent(connection, now.date()) + call.estimate > budget_usd and call.estimate > 0:
                return None
            fields = dataclasses.asdict(call) | {
                "day": call.day.isoformat(),
                "spent_on": now.date().isoformat(),
                "called_at": now.astimezone(dt.UTC).isoformat(),
            }
            names = ", ".join(fields)
            marks = ", ".join(f":{name}" for name in fields)
            return connection.execute(f"insert into calls ({names}) values ({marks})", fields).lastrowid  # noqa: S608

    def settle(self, number: int, usage: Usage, outcome: str, reason: str | None = None) -> None:
        """Notes how a call ended."""
        with self._connection() as connection:
            self._settle(connection, "id = :which", number, usage, outcome, reason)

    def settle_open(self, key: str, usage: Usage, outcome: str) -> None:
        """Notes how the call of ``key`` ended whose reply was kept, but whose process died before it could note it.

        It is the last of its key: those that were interrupted before it brought nothing.
        """
        last = "not exists (select * from calls later where later.key = calls.key and later.id > calls.id)"
        with self._connection() as connection:
            self._settle(connection, f"key = :which and outcome is null and {last}", key, usage, outcome, None)

    def spent(self, spent_on: dt.date) -> float:
        """US dollars of a calendar day: of the calls that ended, what they cost; of the others, their estimates."""
        with self._connection() as connection:
            return self._spent(connection, spent_on)

    def calls_of(self, day: dt.date) -> list[dict[str, Any]]:
        """The calls for episodes of ``day``, in the order they were made; those never settled as ``interrupted``."""
        if not self.path.exists():
            return []
        with self._connection() as connection:
            rows = connection.execute("select * from calls where day = ? order by id", (day.isoformat(),)).fetchall()
        return [dict(row) if row["outcome"] else {**row, "usd": row["estimate"], "outcome": INTERRUPTED} for row in rows]

    @staticmethod
    def _spent(connection: sqlite3.Connection, spent_on: dt.date) -> float:
        query = "select coalesce(sum(coalesce(usd, estimate)), 0.0) from calls where spent_on = ?"
        return float(connection.execute(query, (spent_on.isoformat(),)).fetchone()[0])

    @staticmethod
    def _settle(
        connection: sqlite3.Connection, where: str, which: int | str, usage: Usage, outcome: str, reason: str | None
    ) -> None:
        fields = dataclasses.asdict(usage) | {"outcome": outcome, "reason": reason}
        values = ", ".join(f"{name} = :{name}" for name in fields)
        connection.execute(f"update calls set {values} where {where}", fields | {"which": which})  # noqa: S608

    @contextlib.contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with contextlib.closing(sqlite3.connect(self.path, timeout=BUSY_S, isolation_level=None)) as connection:
                connection.row_factory = sqlite3.Row
                connection.executescript(_TABLE)
                with connection:
                    yield connection
        except sqlite3.Error as error:
            raise PodcastAssetsError(
                f"{self.path}: the ledger of calls to language models cannot be used ({error}); where it is damaged, "
                "restore it from a backup, or remove it, and what was spent today is forgotten"
            ) from error
