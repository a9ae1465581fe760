"""A day's insights by a model: all its episodes at once, each by itself; nothing that one says reaches another.

Belongs here: the order of work on an episode (cut, propose, prove, grade). An episode that has to wait for a reply has no
rows until it has every reply, so that a day's table never holds half of one.
"""

import asyncio
from collections.abc import Callable, Collection, Sequence
from typing import Any

from podcast_assets import progress
from podcast_assets.insights.chatter.cut import Cut, places, seconds_in
from podcast_assets.insights.chatter.sift import remark_on, sift
from podcast_assets.insights.episode import Episode, Found
from podcast_assets.insights.model.grade import Grade, grade
from podcast_assets.insights.model.lines import lines_of
from podcast_assets.insights.model.propose import Proposed, propose
from podcast_assets.insights.model.record import Kept, in_order, kept_row, malformed_row, refused_row
from podcast_assets.insights.model.reply import proposal_of
from podcast_assets.insights.proof.proposal import Source
from podcast_assets.insights.proof.prove import Refused, prove
from podcast_assets.insights.proof.transcript import Transcript
from podcast_assets.insights.rows import cut_row, normalised
from podcast_assets.insights.talk import Sentence, is_unspaced, sentences_of, turns_of
from podcast_assets.llm.asking import fault
from podcast_assets.llm.client import Client, DeferredError, UnusableError
from podcast_assets.llm.models import Model

MOST_PROVEN = 12  # proven insights that are graded; a model was asked for fewer
MOST_ITEMS = 1_000  # of a reply that are looked at
AT_ONCE = 2  # episodes in work for each call that may be under way: enough that no call waits for work between calls
OVERLAP = 0.5  # two quotes that share so many of the shorter one's words say the same


async def find(
    client: Client,
    models: Sequence[Model],
    judges: Sequence[Model],
    episodes: Sequence[Episode],
    concurrency: int,
    step: Callable[[str], None],
    log: progress.Log,
) -> list[Found]:
    """What each episode holds, in their order, which is also the order in which they are begun."""
    seats = asyncio.Semaphore(AT_ONCE * concurrency)

    async def one(episode: Episode) -> Found:
        async with seats:
            found = await _find(client, models, judges, episode)
            step(episode.title)
            return found

    ended = await asyncio.gather(*(one(episode) for episode in episodes), return_exceptions=True)
    return [_found(each, episode, log) for each, episode in zip(ended, episodes, strict=True)]


def _found(ended: Found | BaseException, episode: Episode, log: progress.Log) -> Found:
    """What came of an episode; a fault of ours is a row of its own and spares the others, but not one of our own disk."""
    if isinstance(ended, Found):
        return ended
    return Found([], deferred=fault(ended, f"{episode.title} ({episode.episode_id})", log))


async def _find(client: Client, models: Sequence[Model], judges: Sequence[Model], episode: Episode) -> Found:
    day, episode_id = episode.day, episode.episode_id
    source = Source(episode.title, episode.show, episode.notes, episode.language)
    sentences, cuts, spared = await asyncio.to_thread(_prepared, episode)
    if is_unspaced(sentences):
        return Found([], remarks=("nobody asked: the text has no spaces between words, and nothing could be proven in it",))
    cut = places(cuts)
    sponsor_s = sum(seconds_in(sentences, part) for part in cuts if part.kind == "sponsor read")
    try:
        proposed = await propose(client, models, day, episode_id, source, lines_of(sentences, cut))
        kept, rows = await asyncio.to_thread(_proven, episode, proposed, sentences, cut, source)
        grades: list[Grade] | str
        try:
            grades = await grade(client, judges, day, episode_id, [one.proven for one in kept])
        except UnusableError:  # why, says the ledger
            grades = "not graded: no model gave grades that can be read"
    except DeferredError as error:
        return Found([], sponsor_s, deferred=str(error))
    marks: list[Grade | str] = [grades] * len(kept) if isinstance(grades, str) else [*grades]
    graded = [kept_row(episode, one, mark) for one, mark in zip(kept, marks, strict=True)]
    cut_rows = [cut_row(day, episode_id, part, sentences) for part in cuts]
    remarks = (*proposed.failures, *([remark] if (remark := remark_on(spared)) else ()))
    return Found(in_order([*graded, *rows, *cut_rows]), sponsor_s, remarks=remarks)


def _prepared(episode: Episode) -> tuple[list[Sentence], list[Cut], list[Cut]]:
    sentences = sentences_of(turns_of(episode.segments))
    return sentences, *sift(sentences, episode.chapters)


def _proven(
    episode: Episode, proposed: Proposed, sentences: Sequence[Sentence], cut: Collection[int], source: Source
) -> tuple[list[Kept], list[dict[str, Any]]]:
    """What of the proposals is proven, and the rows of what is not."""
    transcript = Transcript.of(sentences, cut)
    kept: list[Kept] = []
    rows: list[dict[str, Any]] = []
    for items, model in proposed.calls:
        of_call = 0
        for item in items[:MOST_ITEMS]:
            proposal = proposal_of(item)
            if isinstance(proposal, str):
                rows.append(malformed_row(episode, item, model, proposal))
                continue
            proven = prove(proposal, transcript, source)
            if isinstance(proven, Refused):
                rows.append(refused_row(episode, proposal, model, proven))
                continue
            words = set(normalised(proven.quote).split())
            one = Kept(proven, model, words)
            if any(_says_the_same(words, other.words) for other in kept):
                rows.append(kept_row(episode, one, "says the same as another insight of the episode"))
            elif of_call == MOST_PROVEN:
                rows.append(kept_row(episode, one, f"more than the {MOST_PROVEN} that are taken from one reply"))
            else:
                kept.append(one)
                of_call += 1
    return kept, rows


def _says_the_same(words: set[str], others: set[str]) -> bool:
    return len(words & others) > OVERLAP * min(len(words), len(others))
