"""Talks of our own for the tests of insights, and short words for what is done with them."""

import datetime as dt
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from podcast_assets.insights.extractive.extract import Extraction, extract
from podcast_assets.insights.talk import Sentence, sentences_of, turns_of
from podcast_assets.speech import Segment

DAY = dt.date(2026, 3, 6)
WORD_S = 0.4  # how long a word of our talks lasts

Turns = Sequence[tuple[str | None, str]]

TALK: Turns = [
    ("Mara", "Hello and welcome to Salt and Timber, the show about slow trades. I am Mara Lind, and Oskar is late again."),
    ("Oskar", "I am not late, the tram was early. Good to be here."),
    (
        "Mara",
        "A harbour that dredges its channel deeper does not simply gain larger ships, because the tide then carries more "
        "salt up the river. In 2014 the port of Veldhaven lost a third of its drinking water wells within four years. "
        "Deeper water for ships therefore means dearer water for farms.",
    ),
    ("Oskar", "Slightly frightening. How did they notice?"),
    (
        "Oskar",
        "Most people think that old timber bridges fail under heavy loads, but they usually rot from below. Carpenters who "
        "replaced only the lowest 20 percent of the beams doubled the life of a bridge, while those who strengthened the "
        "deck gained three years. The cheapest repair is the one that keeps the beams dry.",
    ),
    ("Mara", "That is a lovely sentence. Tell me about the nails."),
    (
        "Oskar",
        "Wooden nails hold longer than iron ones in oak, because iron and oak destroy each other whenever moisture gets "
        "between them. A ship with 4,000 iron nails needed new planks after twelve years, and one with wooden nails lasted "
        "forty. Builders should choose the fastener after the timber, never before.",
    ),
    ("Mara", "Thanks for listening. Rate us wherever you listen, and see you next week."),
]

READ = (
    "Brightspoon makes a kettle that weighs less than most cups, because its walls are thinner than a coin. A full kettle "
    "boils 40 percent faster than the average one, and it never whistles. Engineers should look at the handle alone."
)  # reads like an insight, and is one without its cues

CUES = [
    "This episode is brought to you by Brightspoon.",
    "First, our sponsors.",
    "Salt and Timber is brought to you today by Brightspoon.",
    "Today's show is supported by the good people of Brightspoon.",
    "Visit brightspoon dot example before Friday.",
    "Head over to brightspoon.example/salt whenever you like.",
    "Enter the code TIMBER whenever you order.",
    "Brightspoon gives you a free trial, and 20 percent off.",
]


def timed(turns: Turns, cuts: Sequence[int] = ()) -> list[Segment]:
    """A talk as segments that start at these words, and at each turn; a word lasts ``WORD_S``."""
    segments, said = [], 0
    for speaker, text in turns:
        words = text.split()
        inside = sorted({cut - said for cut in cuts if said < cut < said + len(words)})
        for start, end in pairwise([0, *inside, len(words)]):
            place = (round((said + start) * WORD_S, 3), round((said + end) * WORD_S, 3))
            segments.append(Segment(*place, " ".join(words[start:end]), speaker))
        said += len(words)
    return segments


def by_sentence(turns: Turns) -> list[Segment]:
    """A talk as a segment a sentence."""
    words = " ".join(text for _, text in turns).split()
    return timed(turns, [place for place, word in enumerate(words, 1) if word.endswith((".", "?", "!"))])


def monologue(*paragraphs: str) -> list[Segment]:
    """One speaker's talk, in one turn."""
    return by_sentence([("Ann", " ".join(paragraphs))])


def found(segments: Sequence[Segment]) -> Extraction:
    return extract(DAY, "episode", segments)


def accepted(extraction: Extraction) -> list[dict[str, Any]]:
    return [row for row in extraction.rows if row["status"] == "accepted"]


def words_of(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def is_subsequence(part: Sequence[str], whole: Sequence[str]) -> bool:
    rest = iter(whole)
    return all(word in rest for word in part)


def sentences(text: str) -> list[Sentence]:
    return sentences_of(turns_of([Segment(0.0, 60.0, text, "Ann")]))
