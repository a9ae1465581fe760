"""How an insight is worded: whether it is plain text, stands alone, says something of its own, advertises nothing.

Belongs here: what can be judged from the words alone. Does not belong here: whether they are true (``numbers``, ``names``).
Each function gives what is wrong, in the text's own words; None where nothing is.
"""

import re
from collections.abc import Iterator

from rapidfuzz import fuzz

from podcast_assets.insights.chatter.cues import CLOSING, OPENING
from podcast_assets.insights.proof.transcript import keys_of
from podcast_assets.insights.talk import any_of
from podcast_assets.speech import SENTENCE_END, split_sentences

RESTATED = 85.0  # per cent of the words' letters, in any order
RESTATED_WORDS = 4  # a shorter title is said again by chance
QUOTED_ALIKE = 90.0  # per cent of the letters of words in quotation marks

_MARKUP = re.compile(
    r"<[A-Za-z/!][^>]*>?|!?\[[^\]]*\]\s?[(\[][^)\]]*[)\]]?|[{}]|(?:https?|ftp|mailto|javascript|data):\S+|\bwww\.\S+|"
    r"\b[\w.-]+\.[a-z]{2,10}/\S*|\S+@\w[\w.-]*\.\w+|`+|\*\*|__",
    re.IGNORECASE,
)
_REFERRING = any_of(  # to the talk, or to somebody without a name
    r"the (?:co-?)?hosts?(?:['’]s?)?(?! (?:countr|nation|cit|cell|machine|system|process|language|organism|computer|of\b))",
    r"(?:the|this|our) guests?(?:['’]s?)?(?! (?:rooms?|houses?|lists?|workers?|experience|bed|checks?|post))",
    r"(?:the|this) speakers?(?:['’]s?)?(?! (?:of|system|cable|box))",
    "the (?:interviewe[er]s?|narrator|presenters?)",
    "the authors? (?:says?|argues?|claims?|notes?|explains?|suggests?|believes?|thinks?|writes|points out)",
    "(?:in|on|of|throughout) (?:this|today['’]?s) (?:show|conversation|discussion)",
    "(?:in|on|of|throughout) the (?:podcast|show|interview)",
    r"(?:this|today['’]?s) (?:episode|podcast|interview|transcript|passage|quote)",
    "the (?:episode|transcript|passage|excerpt|podcast)(?! (?:industry|market|business|boom|app|feed))",
    "as (?:mentioned|discussed|said) (?:above|before|earlier)",
    "listeners? (?:will|can|should) (?:hear|learn)",
)
_DANGLING = re.compile(
    r"[\"“'‘(]*(?:he|she|they|it|this|these|that|those|his|her|their|its|him|them)\b(?:['’]\w+)?", re.IGNORECASE
)
_EXPECTING = re.compile(  # what "it" stands for comes later, or "this" is said of time
    r"it(?:['’]s| is| was| isn['’]t| wasn['’]t| may be| can be| takes?| took| costs?| pays| makes sense)\b.{0,60}?"
    r"\b(?:that|if|whether|to|how|why|who|when|what)\b|it (?:seems|appears|turns out|follows|matters)\b|"
    r"(?:this|these) (?:year|decade|century|month|week|days)\b",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"“([^“”]+)”|„([^„“”]+)[“”]|«([^«»]+)»|\"([^\"]+)\"")


def markup_in(text: str) -> str | None:
    """The first tag, link, address or piece of code in a text that shall have none."""
    found = _MARKUP.search(text)
    return found[0].strip() if found else None


def reference_in(text: str) -> str | None:
    """What nobody understands who has not heard the episode: "the guest", "in this episode", "She" at the start."""
    start = _DANGLING.match(text)
    if start and not _EXPECTING.match(text):
        return start[0]
    found = _REFERRING.search(text)
    return found[0] if found else None


def sales_talk_in(text: str) -> str | None:
    """The words of a sponsor."""
    found = OPENING.search(text) or CLOSING.search(text)
    return found[0] if found else None


def is_title(claim: str, title: str) -> bool:
    """Whether a claim only says the episode's title again, or what stands on one side of a mark in it."""
    said = " ".join(keys_of(claim))
    for part in (title, *re.split(r"[|:–—]|\s-\s", title)):
        words = keys_of(part)
        if said == " ".join(words):
            return True
        if len(words) >= RESTATED_WORDS and fuzz.token_sort_ratio(said, " ".join(words)) >= RESTATED:
            return True
    return False


def quoted_in(text: str) -> Iterator[str]:
    """What stands in quotation marks."""
    for match in _QUOTED.finditer(text):
        yield next(part for part in match.groups() if part)


def is_quoted_from(quoted: str, text: str) -> bool:
    """Whether these words are in a text, but for a slip."""
    words, said = " ".join(keys_of(quoted)), " ".join(keys_of(text))
    return f" {words} " in f" {said} " or (
        len(keys_of(quoted)) >= RESTATED_WORDS and fuzz.partial_ratio(words, said) >= QUOTED_ALIKE
    )


def shortened(text: str, least: int, most: int) -> str:
    """The text without its last sentences, if it has more than ``most`` words and at least ``least`` stay; else as it is."""
    sentences = split_sentences(text)
    kept = text
    while len(kept.split()) > most and sentences:
        sentences.pop()
        kept = " ".join(sentences)
    return kept if len(kept.split()) >= least and SENTENCE_END.search(kept) else text
