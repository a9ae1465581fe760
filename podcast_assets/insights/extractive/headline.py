"""A passage's claim, its title of at most 12 words, in the speaker's own words: which of its clauses says most.

Nothing is added: the claim is a clause of the passage (``clauses``), or the beginning of one, with an ellipsis.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from podcast_assets.insights.extractive.clauses import (
    ENDING,
    FEWEST_WORDS,
    LEANING,
    MOST_LETTERS,
    MOST_WORDS,
    STRAWMAN,
    SUBORDINATE,
    WEAK_END,
    clauses,
    says_something,
    starts,
)
from podcast_assets.insights.extractive.passages import (
    ADVICE,
    COMPARISON,
    CONTENT_WORD,
    CONTRAST,
    FILLER,
    FIRST_PERSON,
    MECHANISM,
    NAME,
    NUMBER,
)
from podcast_assets.insights.extractive.wording import OPENING, capitalised, trimmed_sentence
from podcast_assets.insights.talk import any_of

TRAILING = ".,;:—– "  # the same before an ellipsis
SHORTEST_BREAK, MOST_GIVEN_UP = 6, 2  # words of a title that ends at a break before its ellipsis, and what it loses for that
LEAST_WORTH = 2.4  # of the best clause of a passage that can be given a title
ENGLISH: Final = frozenset(
    ("the", "and", "of", "to", "is", "are", "that", "you", "we", "it", "a", "in", "for", "with", "but", "not", "have")
)  # fmt: skip
ENGLISH_SHARE = 0.15  # of an English text's words; a text in another language has hardly half of that
CUT_SHORT = 3.2  # what an ellipsis costs a title: a shorter clause may be the better one, not any clause

LEAD: Final = re.compile(  # what a title leaves out before the clause itself
    r"^(?:(?:(?:and |but |so )?(?:the|my) (?:problem|reality|truth|fact|thing|point|bottom line|good news|bad news|upshot|"
    r"lesson|reason)(?: there| here)? is,? that|the short of it is|"
    r"(?:often|usually|generally|typically|in general|in the end|more recently|if anything|most of the time|similarly|"
    r"personally|(?:first|second|third|fourth)(?:ly)?|to some extent|on the other hand|from another perspective),)\s+)+"
    r"(?=\w+ \w)",
    re.IGNORECASE,
)
NARRATED: Final = any_of(r"(?:i|we|you|he|she|they) (?:\w+ly |just |then |also )?\w+ed", "i recall", "let's", "you guys")
PRONOUN: Final = any_of(
    "it", "it's", "they", r"they'\w+", "them", "he", "she", "him", "this", "that's", "these", "those", "ones?", "too",
    "stuff", "(?:in|of|to|do|does|with|for|from|at|on|have|change|leave|about|all) that",
)  # fmt: skip
POINTING: Final = any_of(
    "there", "there's", "here", "here's", "we", r"we'\w+", "our", "us", "let's", "his", "her", "their", "its", "you've",
    "also",
)  # fmt: skip
BREAK: Final = frozenset(  # before these a title may end with an ellipsis
    ("and", "or", "so", "because", "which", "while", "for", "in", "on", "at", "by", "with", "from", "about", "through",
     "into", "when", "where")
)  # fmt: skip
PAST: Final = any_of(
    "was", "were", "had", "did", r"\w{3,}ed", "went", "came", "wrote", "took", "said", "told", "got", "made"
)
YEAR: Final = re.compile(r"\b(?:1[5-9]|20)\d\d\b")


def claim_of(sentences: Sequence[str]) -> str:
    """The clause of the passage that says most in at most 12 words, as a title without a full stop.

    Where no clause of that length stands alone, the first words of the best longer one, with an ellipsis.
    """
    bodies, theme = _bodies(sentences), _theme(sentences)
    options = _options(bodies, theme)
    options += [(_worth(words, theme) - CUT_SHORT, words) for body in bodies for words in _beginnings(body)]
    best = OPENING.sub("", max(options)[1] if options else _shortened(" ".join(bodies)))
    if best.count('"') % 2 or best.count("“") != best.count("”"):
        best = re.sub(r'(?<=\w)["“”](?=\w)', " ", best)  # a title cannot open what it does not close
        best = re.sub('["“”]', "", best)
    return capitalised(best.strip(" ,;:—–-"))


def title_fault(sentences: Sequence[str]) -> str | None:
    """Why a passage cannot be given a title: none of its clauses holds an idea by itself. None where one does.

    None too where the language is none that the clauses are told apart in.
    """
    words = " ".join(sentences).lower().split()
    english = sum(word in ENGLISH for word in words) >= ENGLISH_SHARE * len(words)
    theme = _theme(sentences)
    best = max((_worth(clause, theme) for _, clause in _options(_bodies(sentences), theme)), default=0.0)
    return "no clause of it makes a title" if english and best < LEAST_WORTH else None


def _bodies(sentences: Sequence[str]) -> list[str]:
    """The sentences without what only leads to what they say."""
    return [capitalised(LEAD.sub("", trimmed_sentence(sentence, opens=True))) for sentence in sentences]


def _theme(sentences: Sequence[str]) -> set[str]:
    """The words that a passage says more than once."""
    words = [word.lower() for sentence in sentences for word in CONTENT_WORD.findall(sentence)]
    return {word for word in words if words.count(word) > 1}


def _options(bodies: Sequence[str], theme: set[str]) -> list[tuple[float, str]]:
    """Every clause that may be the title, with its worth."""
    return [(_worth(clause, theme) + bonus, clause) for body in bodies for clause, bonus in clauses(body)]


def _beginnings(sentence: str) -> Iterator[str]:
    """The first words of each clause of a sentence that is too long for a title."""
    text = sentence.rstrip(ENDING)
    for start in starts(text):
        clause = text[start:]
        title = _shortened(clause)
        leans = LEANING.match(clause) or SUBORDINATE.match(clause) or STRAWMAN.search(clause)
        if len(clause.split()) > MOST_WORDS and not leans and says_something(title):
            yield title


def _worth(clause: str, theme: set[str]) -> float:
    """How much of an idea a clause holds, for choosing among the clauses of one passage."""
    signs = (
        0.4 * min(len(NUMBER.findall(clause)), 2)
        + 0.7 * len(theme.intersection(CONTENT_WORD.findall(clause.lower())))
        + 0.5 * len(NAME.findall(clause))
        + 0.8 * len(MECHANISM.findall(clause))
        + 0.8 * len(COMPARISON.findall(clause))
        + 0.6 * len(CONTRAST.findall(clause))
        + 0.4 * len(ADVICE.findall(clause))
        + 0.3 * len(CONTENT_WORD.findall(clause))
    )
    weak = (
        1.3 * len(PRONOUN.findall(clause))
        + 0.6 * len(POINTING.findall(clause))
        + 1.2 * len(FIRST_PERSON.findall(clause))
        + 1.0 * len(NARRATED.findall(clause))
        + 1.0 * len(FILLER.findall(clause))
        + 0.8 * len(YEAR.findall(clause))
        + 0.6 * bool(PAST.search(clause))
    )
    return signs + 0.2 * len(clause.split()) - weak


def _shortened(text: str) -> str:
    """The first words of a text, as many as a title may have, with an ellipsis for the rest."""
    words = text.split()
    kept = words[:MOST_WORDS]
    while len(words) > len(kept) > FEWEST_WORDS and WEAK_END.search(" ".join(kept).rstrip(TRAILING)):
        kept.pop()
    for end in range(len(kept), max(len(kept) - MOST_GIVEN_UP, SHORTEST_BREAK) - 1, -1):
        if len(kept) < len(words) and words[end].lower() in BREAK and not WEAK_END.search(" ".join(kept[:end])):
            kept = kept[:end]
            break
    title = " ".join(kept)[:MOST_LETTERS].rstrip(TRAILING)
    return title if len(title) >= len(text.rstrip(TRAILING)) else title + "…"
