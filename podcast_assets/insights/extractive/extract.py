"""An episode's insight candidates: the best passages, checked, titled and timed, as rows.

What scored well and was refused is kept as a row with the reason, so that "why is this not there?" has an answer.
"""

import dataclasses
import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from podcast_assets.insights.chatter.cut import places, seconds_in
from podcast_assets.insights.chatter.sift import remark_on, sift
from podcast_assets.insights.extractive.faults import fault_of
from podcast_assets.insights.extractive.headline import claim_of, title_fault
from podcast_assets.insights.extractive.passages import CONTRAST, NUMBER, Passage, passages_of
from podcast_assets.insights.extractive.wording import body_of
from podcast_assets.insights.rows import cut_row, normalised, row_of
from podcast_assets.insights.talk import Sentence, any_of, is_unspaced, sentences_of, turns_of
from podcast_assets.speech import Segment

if TYPE_CHECKING:
    from podcast_assets.embedding import Embedder

EXTRACTOR = "extractive"
ACCEPTED = 12  # an episode's candidates at most; the ranking chooses among those of all shows
LOOKED_AT = 40  # passages, best first, of which the refused ones are recorded
OVERLAP = 0.5  # share of common words from which two passages of an episode say the same
LEAST_QUALITY = 0.2  # the tenth best passage of a usual episode has 0.67

ADVISING = any_of(
    "should(?:n't)?", "must", "need to", "have to", "avoid", "focus on", "make sure", "try to", "start (?:with|by)",
    "never", "the (?:key|trick|lesson|secret|rule) is",
)  # fmt: skip
PREDICTION = re.compile(
    r"\b(?:will|going to|by 20\d\d|in the (?:next|coming)|within (?:a|the next|\w+) (?:years?|decades?))\b", re.IGNORECASE
)
DISAGREEMENT = re.compile(
    r"\b(?:disagree|wrong|myth|not true|mistake|contrary|opposite|misunderst\w+|overrated)\b", re.IGNORECASE
)

VAGUE = frozenset(
    {"about", "actually", "because", "thing", "things", "really", "people", "doing", "going", "gonna", "maybe", "something"}
)  # words of talk that say nothing of its topic


@dataclasses.dataclass(frozen=True)
class Extraction:
    """An episode's rows (schema ``insight_candidates``), how many seconds were taken for sponsor reads, and a remark.

    ``remark`` tells what the rows cannot: why there are none, or what was not cut although it looked like advertising.
    """

    rows: list[dict[str, Any]]
    sponsor_s: float
    remark: str | None = None


def extract(
    day: dt.date,
    episode_id: str,
    segments: Sequence[Segment],
    chapters: Sequence[Mapping[str, Any]] = (),
    embedder: "Embedder | None" = None,
) -> Extraction:
    """Finds the insight candidates of one episode, best first; the refused ones follow, with their reasons.

    ``chapters`` are the episode's (``start_s``, ``title``): some say where the advertising is. With an ``embedder`` insights
    are chosen by what they mean, too; without one, by words alone.
    """
    sentences = sentences_of(turns_of(segments))
    if is_unspaced(sentences):
        return Extraction([], 0.0, "no passages: the text has no spaces between words")
    cuts, spared = sift(sentences, chapters)
    cut_out = places(cuts)
    taken: list[tuple[Passage, set[str]]] = []
    accepted: list[dict[str, Any]] = []
    refused: list[tuple[Passage, dict[str, Any]]] = []
    for passage in passages_of(sentences, embedder.vectors if embedder else None):
        if len(accepted) >= ACCEPTED or len(refused) >= LOOKED_AT or passage.quality < LEAST_QUALITY:
            break
        if any(passage.overlaps(other) for other, _ in taken):
            continue  # the same words again, cut a little differently
        if cut_out.intersection(range(passage.first, passage.last + 1)):
            continue  # which has a row of its own
        parts = sentences[passage.first : passage.last + 1]
        row = _row(day, episode_id, passage, parts)
        words = set(normalised(row["quote"]).split())
        fault = fault_of(parts) or title_fault([sentence.text for sentence in parts])
        if fault is None and any(len(words & said) > OVERLAP * min(len(words), len(said)) for _, said in taken):
            fault = "says the same as a better passage of the episode"
        if fault is None:
            taken.append((passage, words))
            accepted.append(row)
        elif not any(passage.overlaps(other) for other, _ in refused):
            refused.append((passage, row | {"status": "rejected", "reject_reason": fault}))
    rows = {row["insight_id"]: row for row in accepted}
    for passage, row in refused:
        # Not those that were taken after all, cut a little differently, nor what is said twice, such as a teaser.
        if not any(passage.overlaps(other) for other, _ in taken):
            rows.setdefault(row["insight_id"], row)
    for cut in cuts:
        row = cut_row(day, episode_id, cut, sentences)
        rows.setdefault(row["insight_id"], row)
    sponsor_s = sum(seconds_in(sentences, cut) for cut in cuts if cut.kind == "sponsor read")
    return Extraction(list(rows.values()), sponsor_s, remark_on(spared))


def _row(day: dt.date, episode_id: str, passage: Passage, parts: Sequence[Sentence]) -> dict[str, Any]:
    quote = " ".join(sentence.text for sentence in parts)
    return row_of(
        day,
        episode_id,
        quote,
        EXTRACTOR,
        claim=claim_of([sentence.text for sentence in parts]),
        body=body_of(quote),
        quote_start_s=round(parts[0].start_s, 3),
        quote_end_s=round(max(sentence.end_s for sentence in parts), 3),
        timing=parts[0].timing,
        speaker=parts[0].speaker,
        kind=_kind(quote),
        topics=_topics(quote),
        quality=passage.quality,
        centrality=passage.centrality,
        specificity=passage.specificity,
        cues=passage.cues,
    )


def _kind(quote: str) -> str:
    """The kind of idea, by its words: number, prediction, disagreement, advice, argument or fact."""
    if DISAGREEMENT.search(quote):
        return "disagreement"
    if len(NUMBER.findall(quote)) > 1:
        return "number"
    if ADVISING.search(quote):
        return "advice"
    if PREDICTION.search(quote):
        return "prediction"
    return "argument" if CONTRAST.search(quote) else "fact"


def _topics(quote: str) -> list[str]:
    """Up to three words that the quote is about: those said twice first, then the longest, in a fixed order."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    words = [word for word in re.findall(r"\b[^\W\d_]{5,}\b", quote.lower()) if word not in ENGLISH_STOP_WORDS | VAGUE]
    return sorted(set(words), key=lambda word: (-words.count(word), -len(word), word))[:3]
