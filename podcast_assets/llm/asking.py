"""Judgements of a project's models, for stages that do not work by asyncio themselves.

Does not belong here: what is asked.
"""

import asyncio
import dataclasses
import traceback
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Generic, TypeVar

from podcast_assets import progress
from podcast_assets.errors import PodcastAssetsError
from podcast_assets.llm.client import DeferredError, Patience, Question, UnusableError
from podcast_assets.llm.models import Model, asked_for
from podcast_assets.llm.provider import Reply
from podcast_assets.llm.session import client_of
from podcast_assets.text import one_line

if TYPE_CHECKING:
    from podcast_assets.project import Project

LONGEST_FAULT = 200

T = TypeVar("T")


@dataclasses.dataclass(frozen=True)
class Answers(Generic[T]):
    """What each question brought, in their order, None where nothing; and how many brought nothing, and why the first."""

    given: list[T | None]
    reason: str | None


@dataclasses.dataclass(frozen=True)
class Asker:
    """Asks the judges of a project, and waits for all their replies."""

    project: "Project"
    judges: Sequence[Model]
    log: progress.Log
    patience: Patience | None = None

    def ask(self, what: str, questions: Sequence[tuple[Question, Callable[[Reply], T]]]) -> Answers[T]:
        """Asks all questions at once; a question that nobody answers costs the others nothing.

        Args:
            what: for the log and the bar, such as "comparing insights".
            questions: each with what reads its reply, which raises UnreadableError where it cannot.

        Raises:
            OSError, PodcastAssetsError: our own disk refuses to keep a reply, or what it cost.
        """
        with progress.steps(what, len(questions), self.log) as step:
            ended = asyncio.run(self._all(questions, step))
        reasons = [self._reason(each, what) for each in ended if isinstance(each, BaseException)]
        given = [None if isinstance(each, BaseException) else each for each in ended]
        missing = f"{len(reasons)} of {len(given)} questions brought no usable reply: {reasons[0]}" if reasons else None
        return Answers(given, missing)

    async def _all(
        self, questions: Sequence[tuple[Question, Callable[[Reply], T]]], step: progress.Step
    ) -> list[T | BaseException]:
        async with client_of(self.project, self.patience) as client:

            async def one(question: Question, read: Callable[[Reply], T]) -> T:
                try:
                    value, _ = await client.ask(question, self.judges, read)
                    return value
                finally:
                    step("")

            return await asyncio.gather(*(one(*each) for each in questions), return_exceptions=True)

    def _reason(self, error: BaseException, about: str) -> str:
        if isinstance(error, DeferredError | UnusableError):
            return str(error)
        return fault(error, about, self.log)


def open_asker(project: "Project", log: progress.Log, patience: Patience | None = None) -> Asker | None:
    """Who is asked for judgements; None where no model is configured. ``patience``: where it is not as usual.

    Raises:
        ConfigError: a model is configured that cannot be asked.
    """
    extraction = project.config.extraction
    return Asker(project, asked_for(extraction)[1], log, patience) if extraction.model else None


def fault(error: BaseException, about: str, log: progress.Log) -> str:
    """What a row says of an error that nobody foresaw; where it comes from, says the log, with what it was ``about``.

    Raises:
        BaseException: ``error`` itself, where it is our own disk's, or an interruption.
    """
    if not isinstance(error, Exception) or isinstance(error, OSError | PodcastAssetsError):
        raise error
    log.info(f"{about}: {''.join(traceback.format_exception(error))}")
    return f"a fault of this program, please report it: {type(error).__name__}: {one_line(error, LONGEST_FAULT)}"
