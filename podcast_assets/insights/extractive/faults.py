"""Why a passage of a talk cannot be an insight whatever its score: it does not stand alone, or says nothing of the matter.

Does not belong here: what is cut from the talk as a whole (``chatter``).
"""

import re
from collections.abc import Sequence
from typing import Final

from podcast_assets.insights.talk import Sentence, any_of

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
LEAD_IN = (
    r"(?:(?:so|and|but|or|well|yeah|yes|no|now|because|okay|ok|right|then|also|plus|exactly|totally|absolutely|i mean|"
    r"you know|like|look|see)[,.]?\s+)*"
)
DANGLING: Final = re.compile(
    rf"^{LEAD_IN}(?:it'?s?|its|he'?s?|she'?s?|they(?:'re|'ve|'d|'ll)?|them|this|that'?s?|these|those|there|which|his|her|"
    r"their|here'?s?|such|both|neither|either|do|does|did|was|were|is|are|same|another|the other|what about|how about)\b",
    re.IGNORECASE,
)
FRONTED = r"(?:(?:in|at|during|since|after|before|by|for|from|on|over|with|even) [^,.]{1,40},\s+)?"
LINKED: Final = re.compile(  # a first sentence that only continues another
    rf"^{LEAD_IN}(?:yet|otherwise|whereas|similarly|likewise|conversely|instead(?! of)|hence|thus|than|even then|over there|"
    r"(?:just |really |frankly,? )*(?:has|had|haven't|hasn't|hadn't|made|went|came|took)|"
    r"on the other hand|in other words|that said|then again|for example|for instance|as an example|"
    r"(?:the |my |and )?(?:second|third|fourth|fifth|next|last|other|final)(?:ly)?,? (?:one|thing|piece|part|bucket|point|"
    r"reason|way|question|zone|step|is|was|of all)|(?:one|two|three|number two|number three) is|"
    rf"{FRONTED}(?:[a-z]+ly,?\s+)?(?:he|she|they|it|this|that)(?:'(?:s|re|ve|d|ll))?)\b",
    re.IGNORECASE,
)
POINTING: Final = re.compile(  # in a first sentence: to something that was named before it
    r"(?<!there's )(?<!there is )(?<!have )(?<!had )(?<!got )\b(?:these|those|this)\b"
    r"(?! (?:days?|year|week|month|morning|century|decade|moment|world|country|planet|who|that|is|was|means|idea that)\b)"
    r"|\b(?:those|that|the same) (?:one|thing|message|point|case|kind|type|person|guy|company|moment|way|process)s?\b"
    r"|\b(?:too|as well)[.,]|\b(?:example|case|part|result|version|kind|because) of (?:that|it)\b",
    re.IGNORECASE,
)
TALK_ABOUT_TALK: Final = any_of(
    "you (?:said|mentioned|asked|talked|wrote|just)", "as (?:i|we|you) (?:said|mentioned|discussed)",
    "(?:i|we) (?:mentioned|talked about|was saying)", "what you'?re saying",
    "your (?:question|point|book|post|article|newsletter|podcast|company|team|background)", "tell (?:me|us)",
    "talk (?:about|through)", "i(?:'m| am) (?:curious|wondering)", "i want(?:ed)? to (?:ask|talk|hear|go|come)",
    "let me (?:ask|tell|give|know)", "give (?:me|us) an example", "i recall",
    "let'?s (?:start|take|talk|go|move|switch|begin)",
    "in the comments", "you guys", "you (?:spent|joined|founded|were (?:at|the))", "you'?ll (?:love|enjoy)",
    r"thank you,? \w+",
)  # fmt: skip
MISSING: Final = re.compile(r"\[[^\]]*\d\d:\d\d[^\]]*\]|[\[(](?:inaudible|crosstalk|unintelligible|foreign)", re.IGNORECASE)
MARKED: Final = re.compile(r"[.!?…][\"'”’)\]]*(?:\s|$)")  # an end of a sentence
ENDED: Final = re.compile(r"[.!?…][\"'”’)\]]*$")

OPENING_WORDS = 16  # words in which a passage points at what came before it; later ones may mean what it named itself
SHORTEST_EDGE = 4  # words of the first and the last sentence of a passage; shorter ones are reactions ("Slightly.")


def fault_of(passage: Sequence[Sentence]) -> str | None:
    """Why a passage cannot be an insight whatever its score, in a few words; None where it can."""
    text = " ".join(sentence.text for sentence in passage)
    opening = " ".join(passage[0].text.split()[:OPENING_WORDS])
    faults = {
        "greeting or housekeeping": HOUSEKEEPING.search(text),
        "opens with a reference to what was said before": DANGLING.match(text),
        "starts or ends inside a quotation": text.count('"') % 2 or text.count("“") != text.count("”"),
        "words are missing": MISSING.search(text),
        "breaks off": MARKED.search(text) and not ENDED.search(text),
        "starts or ends with a mere reaction": min(passage[0].words, passage[-1].words) < SHORTEST_EDGE,
        "a question": passage[0].text.endswith("?") or passage[-1].text.endswith("?"),
        "talk about the conversation": TALK_ABOUT_TALK.search(text),
        "opens with a link to what was said before": LINKED.match(text),
        "points at what was said before": POINTING.search(opening),
    }
    return next((fault for fault, found in faults.items() if found), None)
