"""Whether an insight that a language model proposes holds: each thing it says against the transcript, in a fixed order.

Belongs here: the order, and the reasons in words. Does not belong here: how each thing is looked up (``locate``,
``numbers``, ``names``, ``wording``). The first thing that is wrong decides. What is only unusual is put right: a kind
that we do not know and a speaker that nobody can prove are left out, a body that is too long loses its last sentences.
"""

import dataclasses
import functools
import re
from collections.abc import Callable

from podcast_assets import languages, speakers
from podcast_assets.insights.proof import names, numbers, wording
from podcast_assets.insights.proof.locate import Found, Missing, locate
from podcast_assets.insights.proof.proposal import Proposal, Source
from podcast_assets.insights.proof.transcript import Transcript, keys_of
from podcast_assets.text import one_line

SURROUNDINGS = 120  # words on either side of a quote
LONGEST_QUOTE = 2_000  # characters; a transcript may have words of any length
CLAIM = (3, 12)  # words
BODY = (30, 60)
MOST_TOPICS, LONGEST_TOPIC = 5, 40
KINDS = frozenset({"fact", "argument", "prediction", "advice", "disagreement", "number"})
CONTENT_LETTERS, STEM_LETTERS = 5, 5  # of a word that says what a text is about, and of it what stays when it is inflected
LEAST_SHARED = 0.25  # of a body's content words; of 30 honest bodies the least has .53


NO_CLAIMS = re.compile(r"\b\d{1,2}(?::\d{2}){1,2}\b|(?:https?://|www\.)\S+")  # numbers of notes that state nothing


@dataclasses.dataclass(frozen=True)
class Proven:
    """An insight that holds, as it is kept: its quote in the transcript's words, ``surroundings`` what is said around it.

    Times in seconds; ``kind`` is None where the model named one that we do not know.
    """

    quote: str
    quote_start_s: float
    quote_end_s: float
    timing: str
    speaker: str | None
    claim: str
    body: str
    kind: str | None
    topics: tuple[str, ...]
    surroundings: str


@dataclasses.dataclass(frozen=True)
class Refused:
    """Why an insight does not hold, in plain words; ``found`` is its quote, where that is there."""

    reason: str
    found: Found | None


@dataclasses.dataclass(frozen=True)
class _Case:
    """A proposal with its text made fit, and what it is held against."""

    claim: str
    body: str
    found: Found
    near: str  # the quote and what is said around it
    known: names.Known
    source: Source
    language: str | None  # two letters: of what is said, as far as that is sure; else as the feed states it

    @property
    def texts(self) -> dict[str, str]:
        return {"claim": self.claim, "body": self.body}


def prove(proposal: Proposal, transcript: Transcript, source: Source) -> Proven | Refused:
    """Holds a proposal against what was said, and against what the episode says about itself.

    Returns:
        The insight with the transcript's words, second and speaker; or the first thing that is wrong with it.
    """
    proposal = _made_fit(proposal)
    if fault := _markup(proposal):
        return Refused(fault, None)
    found = locate(proposal.quote, transcript)
    if isinstance(found, Missing):
        return Refused(found.reason, None)
    if len(found.text) > LONGEST_QUOTE:
        return Refused(f"the quote has {len(found.text)} characters, at most {LONGEST_QUOTE} are shown", None)
    if markup := wording.markup_in(found.text):  # what a publisher's transcript spells out as text
        return Refused(_not_plain("quote", markup), found)
    near = transcript.text(*transcript.around(found.first, found.last, SURROUNDINGS))
    body = wording.shortened(proposal.body, *BODY)
    language = languages.language_of(near) or languages.code(source.language)
    case = _Case(proposal.claim, body, found, near, _known(transcript, source), source, language)
    for check in CHECKS:
        if fault := check(case):
            return Refused(fault, found)
    return Proven(
        quote=found.text,
        quote_start_s=found.start_s,
        quote_end_s=found.end_s,
        timing=found.timing,
        speaker=found.speaker or _speaker(proposal.speaker, case),
        claim=case.claim,
        body=case.body,
        kind=proposal.kind if proposal.kind in KINDS else None,
        topics=proposal.topics,
        surroundings=near,
    )


def _made_fit(proposal: Proposal) -> Proposal:
    """The proposal on one line each, without what cannot be seen; kinds in small letters, topics few and each once."""
    topics = {
        topic.casefold(): topic for each in reversed(proposal.topics) if (topic := one_line(each, LONGEST_TOPIC).strip(" #"))
    }
    return Proposal(
        quote=one_line(proposal.quote),
        claim=one_line(proposal.claim),
        body=one_line(proposal.body),
        speaker=one_line(proposal.speaker) if proposal.speaker else None,
        kind=one_line(proposal.kind).lower(),
        topics=tuple(reversed(topics.values()))[:MOST_TOPICS],
    )


@functools.lru_cache(maxsize=8)
def _known(transcript: Transcript, source: Source) -> names.Known:
    """The words of an episode; kept, since its proposals come one after the other."""
    called = sorted({sentence.speaker for sentence in transcript.sentences if sentence.speaker})
    return names.Known.of([*(sentence.text for sentence in transcript.sentences), *called, source.text])


def _markup(proposal: Proposal) -> str | None:
    fields = {
        "claim": [proposal.claim],
        "body": [proposal.body],
        "speaker": [proposal.speaker or ""],
        "topic": proposal.topics,
    }
    for field, texts in fields.items():
        for text in texts:
            if markup := wording.markup_in(text):
                return _not_plain(field, markup)
    return None


def _not_plain(field: str, markup: str) -> str:
    return f'the {field} holds "{one_line(markup, 60)}": tags, links, addresses and code are not plain text'


def _length(case: _Case) -> str | None:
    for field, (least, most) in {"claim": CLAIM, "body": BODY}.items():
        words = len(case.texts[field].split())
        if not least <= words <= most:
            return f"the {field} has {words} words, it should have {least} to {most}"
    return None


def _language(case: _Case) -> str | None:
    said, written = languages.language_of(case.near), languages.language_of(case.body)
    if said and written and not languages.are_alike(said, written):
        return f"the body is in another language ({written}) than the talk ({said})"
    return None


def _reference(case: _Case) -> str | None:
    for field, text in case.texts.items():
        if reference := wording.reference_in(text):
            return f'the {field} does not stand alone: it says "{reference}"'
    return None


def _title(case: _Case) -> str | None:
    return "the claim only says the episode's title again" if wording.is_title(case.claim, case.source.title) else None


def _sales_talk(case: _Case) -> str | None:
    for field, text in {**case.texts, "quote": case.found.text}.items():
        if words := wording.sales_talk_in(text):
            return f'the {field} talks like a sponsor: "{words}"'
    return None


def _numbers(case: _Case) -> str | None:
    english = case.language in {None, "en"}
    said = numbers.values_in(f"{case.near}\n{NO_CLAIMS.sub(' ', case.source.text)}", english=english)
    for field, text in case.texts.items():
        for number in numbers.numbers_in(text, english=english):
            if number.is_sure and said.isdisjoint(number.values):
                return f'the {field} says "{number.text}", which is neither near the quote nor in the episode\'s notes'
    return None


def _names(case: _Case) -> str | None:
    for field, text in case.texts.items():
        for name in names.names_in(text, case.language):
            if not case.known.has(name.text, case.near):
                return f'the {field} names "{name.text}", which is neither in the transcript nor in the episode\'s notes'
        for full in names.full_names_in(text, case.language):
            if not case.known.has_together(full):
                return f'the {field} names "{full}", which neither the transcript nor the episode\'s notes know as one'
    return None


def _quoted(case: _Case) -> str | None:
    for field, text in case.texts.items():
        for quoted in wording.quoted_in(text):
            if keys_of(quoted) and not wording.is_quoted_from(quoted, f"{case.near}\n{case.source.text}"):
                return f'the {field} has "{one_line(quoted, 60)}" in quotation marks, which is not said near the quote'
    return None


def _content(case: _Case) -> str | None:
    if shared_content(case.body, case.near) < LEAST_SHARED:
        return "the body has nothing to do with what is said around the quote"
    return None


def shared_content(body: str, near: str) -> float:
    """The share of a text's content words whose beginning is that of a word in another text; 1 where it has none."""
    about, said = ({word[:STEM_LETTERS] for word in keys_of(text) if len(word) >= CONTENT_LETTERS} for text in (body, near))
    return len(about & said) / len(about) if about else 1.0


# In this order; a body in another language would fail everything after it for the wrong reason.
CHECKS: tuple[Callable[[_Case], str | None], ...] = (
    _length, _language, _reference, _title, _sales_talk, _numbers, _names, _quoted, _content,
)  # fmt: skip


def _speaker(given: str | None, case: _Case) -> str | None:
    """The name that a model gives the speaker, where the episode knows it; None for mere parts ("Host") and inventions."""
    name = speakers.names_of([given])[given] if given else None
    if not name or not speakers.is_like_a_name(name):
        return None
    words = [word for word in re.findall(r"[^\W\d_]{2,}", name) if word[0].isupper()]
    return name if words and all(case.known.has(word, "") for word in words) and case.known.has_together(name) else None
