"""Questions to language models: each is paid for once, within the budget, by the first model that gives a usable reply.

Belongs here: replies that were kept, the budget, tries again, models in order, how many at once. Does not belong here: what
a reply means; the asker gives a function that reads it.
"""

import asyncio
import contextlib
import dataclasses
import datetime as dt
import json
import random
import time
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Self, TypeVar

from podcast_assets.hashing import sha256
from podcast_assets.llm.ledger import Call, Ledger, Usage
from podcast_assets.llm.models import Model
from podcast_assets.llm.provider import DOWN, CallError, Reply, complete, estimate_usd, most_tokens
from podcast_assets.storage import Cache

MOST_LATE = 2  # timeouts of a question: each may have to be paid
MOST_REFUSED = 3  # questions in a row that a server will not take: then the fault is not theirs
READINGS = 2  # a reply that is of no use is asked for once more, with what was wrong

T = TypeVar("T")


class UnreadableError(Exception):
    """A reply that nothing can be taken from; the text says what is wrong with it."""


class DeferredError(Exception):
    """No reply now, but perhaps another day: the budget is spent, or nobody answers."""


class SpentError(DeferredError):
    """The day's budget is spent: no other model is asked in its place."""


class UnusableError(Exception):
    """Every model has replied, and nothing could be taken from it; asking again would bring the same."""


@dataclasses.dataclass(frozen=True)
class Question:
    """What is asked, for an episode of a day. ``schema``: the JSON schema of the reply, at most ``reply_tokens`` long."""

    day: dt.date
    episode_id: str
    purpose: str
    prompt_version: str
    system: str
    user: str
    schema: dict[str, Any] | None
    reply_tokens: int

    async def send(self, model: Model, timeout_s: float) -> Reply:
        """Asks once.

        Raises:
            CallError: says why no reply came.
        """
        return await complete(model, self.system, self.user, self.schema, self.reply_tokens, timeout_s)

    def after(self, problem: UnreadableError) -> Self:
        """The same once more, with what was wrong with the last reply."""
        note = f"\n\nYour last reply could not be used: {problem}. Reply with the JSON object alone."
        return dataclasses.replace(self, user=self.user + note)


@dataclasses.dataclass(frozen=True)
class Patience:
    """How long a model is tried: each question ``tries`` times, with waits that double; and when it is left for this run.

    Where nobody is there to take the call, two thirds of the tries are enough.
    A server that wants to be left alone for more than ``longest_wait_s`` is, and so is one that has answered nobody for
    ``give_up_s``.
    """

    tries: int = 7
    first_wait_s: float = 1.0
    longest_wait_s: float = 60.0
    give_up_s: float = 180.0


@dataclasses.dataclass
class _Line:
    """The line to one model: since when it fails, and until when it wants to be left alone (seconds of a steady clock)."""

    failing_since: float | None = None
    not_before: float = 0.0
    given_up: str | None = None
    knows_forms: bool = True
    refused: int = 0  # questions in a row


class Client:
    """Asks. Belongs to one event loop."""

    def __init__(
        self,
        ledger: Ledger,
        replies: Cache,
        *,
        concurrency: int,
        budget_usd: float,
        timeout_s: float,
        now: Callable[[], dt.datetime],
        patience: Patience | None = None,
    ) -> None:
        self._ledger, self._replies = ledger, replies
        self._budget_usd, self._timeout_s, self._now = budget_usd, timeout_s, now
        self._patience = patience or Patience()
        self._slots = asyncio.Semaphore(concurrency)
        self._lines: dict[str, _Line] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._flying = 0
        self._landed = asyncio.Condition()

    async def ask(self, question: Question, models: Sequence[Model], read: Callable[[Reply], T]) -> tuple[T, Model]:
        """What ``read`` makes of the reply of the first model whose reply it can read, and that model.

        A reply that was kept is taken before anybody is asked, whichever of the models gave it.

        Args:
            question: what is asked.
            models: whom, in this order.
            read: makes something of a reply, or raises UnreadableError.

        Raises:
            DeferredError: at least one of the models may answer another time.
            UnusableError: none can.
        """
        async with self._locks.setdefault(_key(question, models[0], 0), asyncio.Lock()):  # two who ask the same pay once
            return await self._first(question, models, read)

    async def _first(self, question: Question, models: Sequence[Model], read: Callable[[Reply], T]) -> tuple[T, Model]:
        kept = {model: await asyncio.to_thread(self._kept, question, model, read) for model in models}
        for model, values in kept.items():
            for found in values:
                if not isinstance(found, UnreadableError):
                    return found, model
        problems: list[Exception] = []
        for model, values in kept.items():
            try:
                return await self._ask(question, model, values, read), model
            except SpentError:
                raise
            except (DeferredError, UnusableError) as problem:
                problems.append(problem)
        raise next((problem for problem in problems if isinstance(problem, DeferredError)), problems[-1])

    def _kept(self, question: Question, model: Model, read: Callable[[Reply], T]) -> list[T | UnreadableError]:
        """What the model has replied to this before, in order."""
        found: list[T | UnreadableError] = []
        while len(found) < READINGS:
            key = _key(question, model, len(found))
            if (reply := self._reply(key)) is None:
                break
            value, outcome = _read(reply, read)
            self._ledger.settle_open(key, reply.usage, outcome)
            found.append(value)
        return found

    def _reply(self, key: str) -> Reply | None:
        kept = self._replies.get_json(key)
        try:
            return Reply(kept["text"], kept["finish_reason"], Usage(**kept["usage"]))
        except (KeyError, TypeError):  # none, or of another form than ours
            return None

    async def _ask(
        self, question: Question, model: Model, kept: Sequence[T | UnreadableError], read: Callable[[Reply], T]
    ) -> T:
        """Asks as often as is left after the replies that were kept, none of which could be read."""
        problem = next((value for value in reversed(kept) if isinstance(value, UnreadableError)), None)
        for reading in range(len(kept), READINGS):
            value = await self._answer(question, model, reading, problem, read)
            if not isinstance(value, UnreadableError):
                return value
            problem = value
        raise UnusableError(f"{model.name}: {problem}")

    async def _answer(
        self, question: Question, model: Model, reading: int, problem: UnreadableError | None, read: Callable[[Reply], T]
    ) -> T | UnreadableError:
        """Calls until a reply comes."""
        key = _key(question, model, reading)
        if problem is not None:
            question = question.after(problem)
        estimate = await asyncio.to_thread(estimate_usd, model, question.system, question.user, question.reply_tokens)
        call = Call(key, question.day, question.episode_id, question.purpose, model.name, question.prompt_version, estimate)
        line = self._lines.setdefault(model.name, _Line())
        model = model if line.knows_forms else dataclasses.replace(model, form=None)
        wait_s, late, down = self._patience.first_wait_s, 0, 0
        for tries_left in reversed(range(self._patience.tries)):
            try:
                return await self._call(call, question, model, line, read)
            except CallError as error:
                if error.outcome == "bad request" and question.schema and model.form and tries_left:
                    line.knows_forms, model = False, dataclasses.replace(model, form=None)
                    continue  # some servers know no response_format
                if error.blames:
                    raise UnusableError(f"{model.name}: {error.reason}") from error
                self._note_failure(line, error)
                late += error.outcome == "timeout"
                down += error.outcome == DOWN
                if not tries_left or not error.passes or late == MOST_LATE or down > self._patience.tries * 2 // 3:
                    raise DeferredError(f"{model.name}: {error.reason}") from error
            await asyncio.sleep(wait_s * random.uniform(0.5, 1.0))  # noqa: S311 - spreads the tries, hides nothing
            wait_s = min(2 * wait_s, self._patience.longest_wait_s)
        raise AssertionError("a try returns or raises")

    def _note_failure(self, line: _Line, error: CallError) -> None:
        now = time.monotonic()
        line.failing_since = line.failing_since or now
        rest_s = error.retry_after_s or 0.0
        line.not_before = max(line.not_before, now + min(rest_s, self._patience.longest_wait_s))
        if not error.passes:  # a key that is wrong, an account that is empty; or a filter that dislikes one question
            line.refused += 1
            line.given_up = error.reason if line.refused >= MOST_REFUSED else line.given_up
        elif rest_s > self._patience.longest_wait_s:
            line.given_up = f"it wants no request for {rest_s:.0f} s ({error.reason})"
        elif now - line.failing_since > self._patience.give_up_s:
            line.given_up = f"no answer for {now - line.failing_since:.0f} s ({error.reason})"

    async def _call(
        self, call: Call, question: Question, model: Model, line: _Line, read: Callable[[Reply], T]
    ) -> T | UnreadableError:
        """One call, when its turn has come, entered before it is made and settled as soon as it has ended."""
        async with self._place(line):
            if line.given_up:
                raise DeferredError(f"{model.name}: {line.given_up}")
            number = await self._reserve(call)
            try:
                reply = await question.send(model, self._timeout_s)
                await asyncio.to_thread(self._replies.put_json, call.key, dataclasses.asdict(reply))
                value, outcome = _read(reply, read)
                reason = str(value) if isinstance(value, UnreadableError) else None
                await asyncio.to_thread(self._ledger.settle, number, reply.usage, outcome, reason)
            except CallError as error:
                usd = call.estimate if error.may_cost else 0.0
                await asyncio.to_thread(self._ledger.settle, number, Usage(usd=usd), error.outcome, error.reason)
                raise
            finally:
                async with self._landed:
                    self._flying -= 1
                    self._landed.notify_all()
            line.failing_since, line.refused = None, 0
            return value

    @contextlib.asynccontextmanager
    async def _place(self, line: _Line) -> AsyncIterator[None]:
        """One of the places, once the model wants to be asked again; who waits for that takes none from other models."""
        while True:
            async with self._slots:
                if (rest_s := line.not_before - time.monotonic()) <= 0:
                    yield
                    return
            await asyncio.sleep(rest_s)

    async def _reserve(self, call: Call) -> int:
        """Enters the call; while others are under way, which mostly cost less than was set aside, it waits for them."""
        async with self._landed:
            while (number := await asyncio.to_thread(self._ledger.reserve, call, self._now(), self._budget_usd)) is None:
                if not self._flying:
                    spent = await asyncio.to_thread(self._ledger.spent, self._now().date())
                    raise SpentError(
                        f"max_usd_per_day = {self._budget_usd:g} leaves no room: ${spent:.4f} are spent today, and this "
                        f"call of {call.model} may cost ${call.estimate:.4f}"
                    )
                await self._landed.wait()
            self._flying += 1
        return number


def _key(question: Question, model: Model, reading: int) -> str:
    """The name of a reply: all that it depends on."""
    parts = [model.name, model.api_base, question.purpose, question.prompt_version, question.system, question.user]
    return sha256(json.dumps([*parts, question.schema, most_tokens(model, question.reply_tokens), reading]))


def _read(reply: Reply, read: Callable[[Reply], T]) -> tuple[T | UnreadableError, str]:
    """What can be made of a reply, and the word for it in the ledger."""
    try:
        value = read(reply)
    except UnreadableError as error:
        return error, "unreadable"
    return value, "cut off" if reply.finish_reason == "length" else "ok"
