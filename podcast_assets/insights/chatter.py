"""What in a talk is no idea: sponsor reads, greetings, housekeeping, and passages that do not stand alone.

The cues are ours, for English. A sponsor read reaches further than the sentence that gives it away, so it is cut as a
block, but never more than half of an episode: then the cues are wrong, not the show.
"""

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from podcast_assets.insights.talk import Sentence, any_of

SPONSOR: Final = any_of(  # one of these is enough
    "our sponsors?", "sponsor(?:ed|s|ing)? (?:by|for|this|today)", "today'?s sponsor", "support for this",
    r"brought to you (?:\w+ )?by", "(?:quick|short) word from", "(?:promo|offer|discount|coupon) code",
    r"(?:go to|visit|over to) [\w ]{2,30} dot (?:com|example|org|co|io)", r"visit \S+\.(?:com|io|ai|co|org|net)",
    r"code (?-i:[A-Z][A-Z0-9]{2,})(?!')", r"\w+\.[a-z]{2,10}/\w+", "terms (?:and conditions )?apply",
    "(?:this|today'?s) (?:episode|show|podcast) is (?:sponsored|brought|supported|made possible)",
)  # fmt: skip
TRADE: Final = any_of(  # of these, which are also said of business itself, two different ones near each other
    "supported by", "made possible by", "word from", "(?:use|with|enter) (?:the |my |our )?code", "at (?:the )?checkout",
    "free trial", "first month (?:is )?free", r"\w+ ?(?:%|percent) off", "money[- ]back", "sign up (?:at|for|today)",
    "dot (?:com|example|org|co|io)", r"(?:go to|at|over to) \S+\.(?:com|io|ai|co|fm|org|net|dev)",
    "get started (?:at|today|for free)", "(?:learn|find out) more at", "head (?:on )?over to", "(?:request|book) a demo",
    "check (?:them|it) out at", "special offer",
)  # fmt: skip
HOUSEKEEPING: Final = any_of(
    "welcome (?:back )?to", "welcome back",
    "thanks? (?:you )?(?:so much |very much )?for (?:listening|joining|having|being|coming|tuning)",
    "on (?:the|this|our) (?:show|podcast)",
    "in (?:the|this|today'?s|our) (?:next |last )?episode", "(?:this|last|next) episode", "see you (?:next|soon|then)",
    "next (?:week|time)(?=[,.!])", "subscribe", "newsletter", "show notes", "leave (?:us )?a (?:review|rating|comment)",
    "rate (?:and review|the show|us)", "five[- ]star", "follow (?:me|us|him|her) on", "on (?:twitter|linkedin|instagram)",
    "(?:i'?m|i am) your host", "(?:great|good|nice) to (?:be here|have you|see you)", "pleasure to",
    "you can find (?:me|us|him|her|them|more|all)", "where can (?:people|listeners|folks)", "lightning round",
    "let'?s (?:get into|dive|jump)", "before we (?:begin|start|go|get)", "quick break", "stick around",
    "happy (?:new year|birthday)", "how are you", "good (?:morning|evening)", "(?:our|this) (?:[\\w-]+ )?conversation",
    "you'?ll (?:hear|learn)", "this (?:is|was) (?:such )?(?:a|an) (?:great|amazing|awesome|fantastic) (?:conversation|chat)",
    "my name is", "thank you so much",
)  # fmt: skip
INTRODUCTION: Final = any_of("my guest", "today'?s guest", "(?:in|throughout) (?:our|this) (?:[\\w-]+ )?conversation")
LEAD_IN = (
    r"(?:(?:so|and|but|or|well|yeah|yes|no|now|because|okay|ok|right|then|also|plus|exactly|totally|absolutely|i mean|"
    r"you know|like|look|see)[,.]?\s+)*"
)
DANGLING: Final = re.compile(
    rf"^{LEAD_IN}(?:it'?s?|its|he'?s?|she'?s?|they(?:'re|'ve|'d|'ll)?|them|this|that'?s?|these|those|there|which|his|her|"
    r"their|here'?s?|such|both|neither|either|do|does|did|was|were|is|are|same|another|the other|what about|how about)\b",
    re.IGNORECASE,
)
TALK_ABOUT_TALK: Final = any_of(
    "you (?:said|mentioned|asked|talked|wrote|just)", "as (?:i|we|you) (?:said|mentioned|discussed)",
    "(?:i|we) (?:mentioned|talked about|was saying)", "what you'?re saying",
    "your (?:question|point|book|post|article|newsletter|podcast|company|team|background)", "tell (?:me|us)",
    "talk (?:about|through)", "i(?:'m| am) (?:curious|wondering)", "i want(?:ed)? to (?:ask|talk|hear|go|come)",
    "let me (?:ask|tell|give)", "give (?:me|us) an example",
)  # fmt: skip
MISSING: Final = re.compile(r"\[[^\]]*\d\d:\d\d[^\]]*\]|[\[(](?:inaudible|crosstalk|unintelligible|foreign)", re.IGNORECASE)
MARKED: Final = re.compile(r"[.!?…][\"'”’)\]]*(?:\s|$)")  # an end of a sentence
ENDED: Final = re.compile(r"[.!?…][\"'”’)\]]*$")

BRAND: Final = re.compile(r"\b(?:by|sponsor,?|sponsor is|from|at|with) ((?:[A-Z][\w&'-]+)(?: [A-Z][\w&'-]+)?)")
DOMAIN: Final = re.compile(r"([A-Za-z]{4,})\.(?:com|io|ai|co|fm|org|net|dev)\b")

SHORTEST_EDGE = 4  # words of the first and the last sentence of a passage; shorter ones are reactions ("Slightly.")

BLOCK_GAP = 6  # sentences between two signs of a sponsor read that still belong to one read
READ_SPAN = 15  # sentences between two cues of which the first opens a read and the second closes it
BLOCK_TURN_WORDS = 160  # a turn this short with a sponsor cue is a read as a whole
BLOCK_REACH = 2  # sentences around a cue in a longer turn
INTRODUCTION_REACH = 10  # sentences around its sign that still introduce the guest and what will be talked about
BRAND_REACH = 15  # sentences around a cue in which its brand's name is a sign of the same read


def sponsor_reads(sentences: Sequence[Sentence]) -> set[int]:
    """The indices of the sentences that are part of a sponsor read; empty where that would be over half of the words."""
    words_of_turn: Counter[int] = Counter()
    for sentence in sentences:
        words_of_turn[sentence.turn] += sentence.words
    cues = _cues(sentences)
    cut: set[int] = set()
    for cue in cues:
        sentence = sentences[cue]
        whole = words_of_turn[sentence.turn] <= BLOCK_TURN_WORDS
        cut |= _around(sentences, cue, len(sentences) if whole else BLOCK_REACH)
        for brand in (*BRAND.findall(sentence.text), *DOMAIN.findall(sentence.text)):
            cut |= {i for i in _around(sentences, cue, BRAND_REACH) if brand.lower() in sentences[i].text.lower()}
    cut |= _between(sentences, cues, READ_SPAN)
    cut |= _between(sentences, sorted(cut), BLOCK_GAP)
    total = sum(sentence.words for sentence in sentences)
    return cut if 2 * sum(sentences[i].words for i in cut) <= total else set()


def introductions(sentences: Sequence[Sentence]) -> set[int]:
    """The indices of the sentences in which a host introduces the guest and the episode."""
    signs = [i for i, sentence in enumerate(sentences) if INTRODUCTION.search(sentence.text)]
    return set[int]().union(*(_around(sentences, sign, INTRODUCTION_REACH) for sign in signs))


def _cues(sentences: Sequence[Sentence]) -> list[int]:
    """The sentences that give a sponsor read away."""
    trade = {i: {found.lower() for found in TRADE.findall(sentence.text)} for i, sentence in enumerate(sentences)}
    return [
        i
        for i, sentence in enumerate(sentences)
        if SPONSOR.search(sentence.text)
        or (trade[i] and len(set[str]().union(*(trade[j] for j in _around(sentences, i, BLOCK_GAP)))) > 1)
    ]


def _between(sentences: Sequence[Sentence], marked: Sequence[int], gap: int) -> set[int]:
    """What lies between two marked sentences of one turn that are at most ``gap`` apart."""
    return {
        i
        for here, following in itertools.pairwise(marked)
        if following - here <= gap and sentences[here].turn == sentences[following].turn
        for i in range(here, following)
    }


def _around(sentences: Sequence[Sentence], cue: int, reach: int) -> set[int]:
    """The sentences within ``reach`` of ``cue`` in its own turn."""
    turn, found = sentences[cue].turn, {cue}
    for step in (-1, 1):
        i = cue + step
        while 0 <= i < len(sentences) and sentences[i].turn == turn and abs(i - cue) <= reach:
            found.add(i)
            i += step
    return found


def fault_of(passage: Sequence[Sentence], *, in_sponsor_read: bool, in_introduction: bool) -> str | None:
    """Why a passage cannot be an insight whatever its score, in a few words; None where it can."""
    text = " ".join(sentence.text for sentence in passage)
    faults = {
        "sponsor read": in_sponsor_read,
        "introduction of the episode": in_introduction,
        "greeting or housekeeping": HOUSEKEEPING.search(text),
        "opens with a reference to what was said before": DANGLING.match(text),
        "words are missing": MISSING.search(text),
        "breaks off": MARKED.search(text) and not ENDED.search(text),
        "starts or ends with a mere reaction": min(passage[0].words, passage[-1].words) < SHORTEST_EDGE,
        "a question": passage[0].text.endswith("?") or passage[-1].text.endswith("?"),
        "talk about the conversation": TALK_ABOUT_TALK.search(text),
    }
    return next((fault for fault, found in faults.items() if found), None)
