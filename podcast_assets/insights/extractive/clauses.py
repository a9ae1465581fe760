"""The clauses of a sentence that can be read by themselves.

A clause is cut out only where that leaves its sense as it was: not before an "if" or an "until", not inside a list, never
the common belief that the speaker goes on to contradict. Which of them says most: ``headline``.
"""

import re
from collections.abc import Iterator
from typing import Final

from podcast_assets.insights.extractive.passages import VERB
from podcast_assets.insights.talk import any_of

MOST_WORDS = 12
FEWEST_WORDS = 4
MOST_LETTERS = 110  # for scripts that put no spaces between words
UNPUNCTUATED_WORDS = 40  # a sentence of more words without any mark inside was not punctuated
ENDING = '.!…"”’ '  # what a title leaves out at the end of a sentence
VERB_WITHIN = 6  # words: a clause that has had no verb by then is a part of a list

# Where a clause may begin inside a sentence (surely, or perhaps), and before what one may end.
CLAUSE_START: Final = re.compile(
    r",\s+(?:but|so|yet),?\s+(?:then\s+)?|(?:^|,?\s+)because\s+|"
    r"\s(?:found|finds?|shows?|showed|shown|estimate[sd]?|argue[sd]?|reports?|reported|concluded?|proved?|means?) that\s+",
    re.IGNORECASE,
)
PART_START: Final = re.compile(r"[;:—–]\s+|,\s+and\s+(?:then\s+)?", re.IGNORECASE)
SPLICED: Final = r"(?:it's|that's|they're|we're|you're|there's)\b"  # a clause that only a comma divides from the last
CONDITION: Final = re.compile(r"\b(?:if|unless|whether|whenever|(?:every|each|any) time)\b", re.IGNORECASE)
PRONOUN_NEXT: Final = r"(?=(?:i|you|we|they|he|she|it|there|that's|it's|they're|we're|you're|i'm|he's|she's|there's)\b)"
CLAUSE_END: Final = re.compile(
    rf"\s*[;:—–]\s+|,?\s+(?:because|so that|whereas)\s+|,?\s+(?:and|but|so)\s+{PRONOUN_NEXT}|,\s+(?={SPLICED})|"
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
    "if", "when", "whenever", "(?:every|each|any) time", "the moment", "while", "since", "until", "unless", "once",
    "although", "though", "even though", "as", "of", "to", "for",
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
RELATIVE: Final = re.compile(r"\b(?:that|which|who|whose|where|when|if)\b", re.IGNORECASE)
TOLD_FIRST: Final = re.compile(  # a verb that tells a story, without its subject
    r"^(?:just |really |also |not |never )*(?:made|went|came|took|got|had|was|were|did|said|haven't|hasn't|didn't|wasn't|"
    r"has|have|having|being|\w+ed)\b",
    re.IGNORECASE,
)


def clauses(sentence: str) -> Iterator[tuple[str, float]]:
    """What in a sentence stands alone and has the length of a title, with a bonus for what is left as it was."""
    text = sentence.rstrip(ENDING)
    ends = {match.start() for match in _marks(text, CLAUSE_END) if _cuts_no_list(text, match)}
    for start in starts(text):
        for end in {*ends, len(text)}:
            clause, whole = text[start:end].strip(), start == 0 and end == len(text)
            if _stands_alone(clause, whole) and says_something(clause):
                yield clause, 1.0 * (end == len(text)) + 0.6 * (start == 0)


def starts(text: str) -> list[int]:
    """Where a clause of a sentence begins; a question has none, nor has the belief that the speaker contradicts."""
    if text.endswith("?"):
        return []
    perhaps = [*PART_START.finditer(text), *(re.finditer(r",\s+", text) if FRONTED.match(text) else ())]
    inside = [match.end() for match in _marks(text, CLAUSE_START) if not VERB_FIRST.match(text[match.end() :])]
    places = [0, *inside, *(match.end() for match in perhaps if _begins_anew(text, match.end()))]
    if not (straw := STRAWMAN.search(text)):
        return places
    turn = TURN.search(text, straw.end())
    return [start for start in places if start <= straw.start() or (turn and start >= turn.start())]


def _begins_anew(text: str, start: int) -> bool:
    """Whether a clause seems to begin here that no condition before it governs."""
    return _has_subject(text[start:]) and not CONDITION.search(text[:start])


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


def says_something(clause: str) -> bool:
    """Whether a clause has a verb of its own, and more than the verb of a story."""
    relative = RELATIVE.search(clause)
    own = clause[: relative.start()] if relative else clause
    later = VERB.findall(clause[len(own) :])
    return not TOLD_FIRST.match(clause) and bool(
        VERB.search(own) or (own and len(later) > 1 and not own.startswith(("A ", "An ")))
    )
