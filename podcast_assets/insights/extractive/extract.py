"""An episode's insight candidates: the best passages, checked, titled and timed, as rows.

What scored well and was refused is kept as a row with the reason, so that "why is this not there?" has an answer.
"""

import dataclasses
import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

from podcast_assets.insights.chatter import fault_of, introductions, sponsor_reads
from podcast_assets.insights.extractive.headline import body_of, claim_of
from podcast_assets.insights.extractive.passages import CONTRAST, NUMBER, Passage, passages_of
from podcast_assets.insights.rows import insight_id, normalised
from podcast_assets.insights.talk import Sentence, any_of, sentences_of, turns_of
from podcast_assets.speech import Segment

EXTRACTOR = "extractive"
ACCEPTED = 12  # an episode's candidates at most; the ranking chooses among those of all shows
LOOKED_AT = 40  # passages, best first, of which the refused ones are recorded
OVERLAP = 0.5  # share of common words from which two passages of an episode say the same
LEAST_QUALITY = 0.3

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
    """An episode's rows (schema ``insight_candidates``) and how many seconds were taken for sponsor reads."""

    rows: list[dict[str, Any]]
    sponsor_s: float


def extract(day: dt.date, episode_id: str, segments: Sequence[Segment]) -> Extraction:
    """Finds the insight candidates of one episode, best first; the refused ones follow, with their reasons."""
    sentences = sentences_of(turns_of(segments))
    reads, intros = sponsor_reads(sentences), introductions(sentences)
    taken: list[tuple[Passage, set[str]]] = []
    accepted: list[dict[str, Any]] = []
    refused: list[tuple[Passage, dict[str, Any]]] = []
    for passage in passages_of(sentences)[: 10 * LOOKED_AT]:
        if len(accepted) >= ACCEPTED or len(refused) >= LOOKED_AT or passage.quality < LEAST_QUALITY:
            break
        if any(passage.overlaps(other) for other, _ in taken):
            continue  # the same words again, cut a little differently
        parts = sentences[passage.first : passage.last + 1]
        row = _row(day, episode_id, passage, parts)
        words = set(normalised(row["quote"]).split())
        place = set(range(passage.first, passage.last + 1))
        fault = fault_of(parts, in_sponsor_read=bool(reads & place), in_introduction=bool(intros & place))
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
    return Extraction(list(rows.values()), sum(sentences[i].end_s - sentences[i].start_s for i in reads))


def _row(day: dt.date, episode_id: str, passage: Passage, parts: Sequence[Sentence]) -> dict[str, Any]:
    quote = " ".join(sentence.text for sentence in parts)
    return {
        "day": day,
        "insight_id": insight_id(episode_id, quote),
        "episode_id": episode_id,
        "claim": claim_of([sentence.text for sentence in parts]),
        "body": body_of(quote),
        "quote": quote,
        "quote_start_s": round(parts[0].start_s, 3),
        "quote_end_s": round(max(sentence.end_s for sentence in parts), 3),
        "timing": parts[0].timing,
        "speaker": parts[0].speaker,
        "kind": _kind(quote),
        "topics": _topics(quote),
        "extractor": EXTRACTOR,
        "model": None,
        "prompt_version": None,
        "quality": passage.quality,
        "centrality": passage.centrality,
        "specificity": passage.specificity,
        "cues": passage.cues,
        "status": "accepted",
        "reject_reason": None,
    }


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
