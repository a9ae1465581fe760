"""A passage's claim (its title, at most 12 words) and body, in the speaker's own words.

Nothing is added: the claim is a clause of the passage, the body is the passage without what only links it to the talk
around it (connectives at the start, fillers). A clause is cut out only where that leaves its sense as it was: not before
an "if" or an "until", not inside a list, never the common belief that the speaker goes on to contradict.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

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
    VERB,
)
from podcast_assets.insights.talk import any_of

MOST_WORDS = 12
FEWEST_WORDS = 4
MOST_LETTERS = 110  # for scripts that put no spaces between words
UNPUNCTUATED_WORDS = 40  # a sentence of more words without any mark inside was not punctuated
ENDING = '.!…"”’ '  # what a title leaves out at the end of a sentence
TRAILING = ".,;:—– "  # the same before an ellipsis
VERB_WITHIN = 6  # words: a clause that has had no verb by then is a part of a list

OPENING: Final = re.compile(
    r"^(?:(?:so|and|but|or|well|yeah|yes|no|now|okay|ok|right|then|also|plus|look|see|sure|exactly|actually|basically|"
    r"honestly|obviously|however|meanwhile|likewise|therefore|ultimately|fundamentally|i mean|you know|of course|in fact|"
    r"again|anyway|i guess|i feel like|i (?:do |really |just )?(?:think|believe)(?: that)?|(?:i would|i'd) say(?: that)?|"
    r"we know that|it turns out(?: that)?|the (?:thing|point|fact) is(?: that)?)(?![\w-])[,.]?\s+)+",
    re.IGNORECASE,
)
SPOKEN_FILLER: Final = re.compile(
    r"(?:,\s*)?(?<![\w-])(?:um+|uh+|you know|i mean)(?![\w-]),?\s*|,\s*(?:like|right|again|obviously|in fact|frankly)(?=,)",
    re.IGNORECASE,
)

# Where a clause may begin inside a sentence (surely, or perhaps), and before what one may end.
CLAUSE_START: Final = re.compile(
    r",\s+(?:but|so|yet)\s+(?:then\s+)?|(?:^|,?\s+)because\s+|"
    r"\s(?:found|finds?|shows?|showed|shown|estimate[sd]?|argue[sd]?|reports?|reported|concluded?|proved?|means?) that\s+",
    re.IGNORECASE,
)
PART_START: Final = re.compile(r"[;:—–]\s+|,\s+and\s+(?:then\s+)?", re.IGNORECASE)
CLAUSE_END: Final = re.compile(
    r"\s*[;:—–]\s+|,?\s+(?:because|so that|whereas)\s+|"
    r",\s+(?:and|but|so|yet|which|where|who|whose|while|although|though|since|including|especially|with)\s+",
    re.IGNORECASE,
)
UNPUNCTUATED: Final = re.compile(r"\s+(?:and|but|so|because|which)\s+", re.IGNORECASE)  # both, where there are no marks
FRONTED: Final = re.compile(
    r"^(?:in|at|by|for|from|with|on|of|after|before|during|since|as|when|while|although|though|even|once|usually)\b",
    re.IGNORECASE,
)  # what a sentence may begin with before its main clause; not "if", without which a clause may say the opposite
AND: Final = re.compile(r",\s+and\s+", re.IGNORECASE)

# What a clause does not begin with: in no case, and unless it is a whole sentence with its main clause.
LEANING: Final = any_of(
    "it", "he", "she", "they", "them", "this", "that", "these", "those", "(?:it|he|she|that)'s", r"(?:it|they)'\w+", "who",
    "whose", "which", "than", "and", "but", "or", "so", "because", "is", "are", "was", "were", "has", "had", "do", "does",
    "did", "can", "would", "will", "like", "right", "then", "also", "rather", "especially", "including", "etc", "another",
    "the other", "maybe", "whereas", "such", "same", "both", "neither",
)  # fmt: skip
SUBORDINATE: Final = any_of(
    "if", "when", "while", "since", "until", "unless", "once", "although", "though", "even though", "as", "of", "to", "for",
    "with", "without", "in", "on", "at", "by", "from", "after", "before", "during", "through", "how", "why", "where",
    "whether", "not", "only (?:if|when)", "instead", "about", "between", "into",
)  # fmt: skip
VERB_FIRST: Final = re.compile(
    rf"(?!(?:need|cost|work|turn|hold)s?\b)(?:\w{{3,}}(?:ing|ed)\b|{VERB.pattern})", re.IGNORECASE
)
WEAK_END: Final = re.compile(
    r"(?:\b(?:the|a|an|of|to|for|with|in|on|at|by|from|and|or|but|is|are|was|were|be|been|that|than|as|its|their|your|my|our|"
    r"not|very|really|which|who|because|so|if|when|more|most|some|any|every|each|i|we|they|you|it's|i'm|you're|just|has|have|"
    r"had|will|would|can|could|should|may|might|do|does|did|this|these|those|what|how|where|into|about|believe|think|guess)|"
    r",\s+\w+|[,;:—–-])$",
    re.IGNORECASE,
)
STRAWMAN: Final = any_of(  # the common belief that the passage goes on to contradict
    "(?:sound|look|feel|seem)s?", "(?:is|are) (?:usually|often) (?:told|said|blamed)", "(?:get|gets|is|are) blamed",
    "(?:is|are) (?:treated|supposed|meant)", "you(?: might|'d| would) (?:expect|think|assume)",
    "(?:people|experts|everyone|everybody|many|teams|they) "
    "(?:say|ask|think|assume|believe|imagine|dismiss|expect|read|brag)",
    "we (?:(?:often|all|tend to|usually|like to) )?"
    "(?:say|speak|think|assume|imagine|picture|treat|blame|credit|notice|talk)",
)  # fmt: skip
TURN: Final = re.compile(r"\b(?:but|yet|however|not|although|though|actually|in fact|instead)\b|n't\b", re.IGNORECASE)
PRONOUN: Final = any_of("it", "it's", "they", r"they'\w+", "them", "he", "she", "him", "this", "that's", "these", "those")
POINTING: Final = any_of("there", "there's", "here", "here's", "we", "let's", "his", "her", "their", "its")
PAST: Final = any_of(
    "was", "were", "had", "did", r"\w{3,}ed", "went", "came", "wrote", "took", "said", "told", "got", "made"
)
YEAR: Final = re.compile(r"\b(?:1[5-9]|20)\d\d\b")


def body_of(text: str) -> str:
    """The passage without connectives at its start and without spoken fillers."""
    trimmed = SPOKEN_FILLER.sub(" ", OPENING.sub("", text))
    trimmed = re.sub(r"\s+([,.;:!?])", r"\1", re.sub(r"\s+", " ", trimmed)).strip(" ,;")
    return _capitalised(trimmed)


def claim_of(sentences: Sequence[str]) -> str:
    """The clause of the passage that says most in at most 12 words, as a title without a full stop.

    Where no clause of that length stands alone, the first words of the best longer one, with an ellipsis.
    """
    words = [word.lower() for sentence in sentences for word in CONTENT_WORD.findall(sentence)]
    theme = {word for word in words if words.count(word) > 1}
    bodies = [body_of(sentence) for sentence in sentences]
    options = [(_worth(clause, theme) + bonus, clause) for body in bodies for clause, bonus in _clauses(body)]
    options = options or [(_worth(words, theme), words) for body in bodies for words in _beginnings(body)]
    best = max(options)[1] if options else _shortened(" ".join(bodies))
    if best.count('"') % 2 or best.count("“") != best.count("”"):
        best = re.sub(r'(?<=\w)["“”](?=\w)', " ", best)  # a title cannot open what it does not close
        best = re.sub('["“”]', "", best)
    return _capitalised(best.strip(" ,;:—–-"))


def _capitalised(text: str) -> str:
    first = text[:1].upper()
    return first + text[1:] if len(first) == 1 else text  # "ß" would become two letters


def _clauses(sentence: str) -> Iterator[tuple[str, float]]:
    """What in a sentence stands alone and has the length of a title, with a bonus for what is left as it was."""
    text = sentence.rstrip(ENDING)
    ends = {match.start() for match in _marks(text, CLAUSE_END) if _cuts_no_list(text, match)}
    for start in _starts(text):
        for end in {*ends, len(text)}:
            clause, whole = text[start:end].strip(), start == 0 and end == len(text)
            if _stands_alone(clause, whole) and (start > 0 or VERB.search(clause)):
                yield clause, 1.5 * (end == len(text)) + 1.0 * (start == 0)


def _beginnings(sentence: str) -> Iterator[str]:
    """The first words of each clause of a sentence that is too long for a title."""
    text = sentence.rstrip(ENDING)
    for start in _starts(text):
        clause = text[start:]
        if len(clause.split()) >= FEWEST_WORDS and not LEANING.match(clause) and not STRAWMAN.search(clause):
            yield _shortened(clause)


def _starts(text: str) -> list[int]:
    """Where a clause of a sentence begins; a question has none, nor has the belief that the speaker contradicts."""
    if text.endswith("?"):
        return []
    perhaps = [*PART_START.finditer(text), *(re.finditer(r",\s+", text) if FRONTED.match(text) else ())]
    inside = [match.end() for match in _marks(text, CLAUSE_START) if not VERB_FIRST.match(text[match.end() :])]
    starts = [0, *inside, *(match.end() for match in perhaps if _has_subject(text[match.end() :]))]
    if not (straw := STRAWMAN.search(text)):
        return starts
    turn = TURN.search(text, straw.end())
    return [start for start in starts if start <= straw.start() or (turn and start >= turn.start())]


def _marks(text: str, pattern: re.Pattern[str]) -> list[re.Match[str]]:
    """Where a pattern finds the edge of a clause; where nobody punctuated, any connective is one."""
    unmarked = not re.search(r"[,;:.—–]", text) and len(text.split()) > UNPUNCTUATED_WORDS
    return list((UNPUNCTUATED if unmarked else pattern).finditer(text))


def _cuts_no_list(text: str, match: re.Match[str]) -> bool:
    """Whether what follows an "and" is a clause, and not the last of several things."""
    return not AND.fullmatch(match[0]) or _has_subject(text[match.end() :])


def _has_subject(clause: str) -> bool:
    """Whether a clause seems to begin with what it speaks of, and to say something about it."""
    return not VERB_FIRST.match(clause) and bool(VERB.search(" ".join(clause.split()[1 : 1 + VERB_WITHIN])))


def _stands_alone(clause: str, whole_sentence: bool) -> bool:
    """Whether a clause can be read as a title."""
    straw = STRAWMAN.search(clause)
    return (
        FEWEST_WORDS <= len(clause.split()) <= MOST_WORDS
        and len(clause) <= MOST_LETTERS
        and not LEANING.match(clause)
        and not WEAK_END.search(clause)
        and not (straw and not TURN.search(clause, straw.end()))
        and (not SUBORDINATE.match(clause) or (whole_sentence and "," in clause))
    )


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
        1.0 * len(PRONOUN.findall(clause))
        + 0.4 * len(POINTING.findall(clause))
        + 1.0 * len(FIRST_PERSON.findall(clause))
        + 1.0 * len(FILLER.findall(clause))
        + 0.8 * len(YEAR.findall(clause))
        + 0.6 * bool(PAST.search(clause))
    )
    return signs + 0.15 * len(clause.split()) - weak


def _shortened(text: str) -> str:
    """The first words of a text, as many as a title may have, with an ellipsis for the rest."""
    words = text.split()
    kept = words[:MOST_WORDS]
    while len(words) > len(kept) > FEWEST_WORDS and WEAK_END.search(" ".join(kept).rstrip(TRAILING)):
        kept.pop()
    title = " ".join(kept)[:MOST_LETTERS].rstrip(TRAILING)
    return title if len(title) >= len(text.rstrip(TRAILING)) else title + "…"
