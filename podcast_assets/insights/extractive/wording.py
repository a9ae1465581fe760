"""How a speaker's words are trimmed to be read: without reactions, fillers, false starts and tags, otherwise as said.

Only what says nothing goes: words are left out, never added, changed or moved; no negation, number or condition is lost.
"""

import re
from typing import Final

from podcast_assets.speech import split_sentences

LEADING: Final = (  # what a sentence may begin with and mean the same without
    r"um+|uh+|yeah|okay|ok|plus|anyway|actually|basically|honestly|frankly|obviously|definitely|essentially|ultimately|"
    r"fundamentally|likewise|meanwhile|therefore|i mean|you know|of course|in fact|i guess|i feel like|we know that|"
    r"i (?:do |really |just )?(?:think|believe)(?: that)?|(?:i would|i'd) say(?: that)?|it turns out(?: that)?|"
    r"the (?:thing|point|fact) is(?: that)?|also|then"
)
LEADING_BEFORE_COMMA: Final = (  # the same where a comma follows; without one they may be part of what is said
    r"no|yes|yep|right|well|now|look|see|listen|sure|exactly|absolutely|totally|really|again|like|however|potentially|"
    r"oh|hey|first of all|firstly|number one|to be honest|at the end of the day|as i said|in a sense|as an example|"
    r"for example|for instance|interestingly|funny enough"
)
CONNECTIVE: Final = r"so(?! (?:many|much|few|little|far|long|that|did|do|does|is|are|called)\b)|and|but|or"
REACTION: Final = re.compile(rf"^(?:(?:{LEADING})(?![\w-])[,.]?\s+|(?:{LEADING_BEFORE_COMMA}),\s+)+(?=\w)", re.IGNORECASE)
OPENING: Final = re.compile(
    rf"^(?:(?:{LEADING}|{CONNECTIVE})(?![\w-])[,.]?\s+|(?:{LEADING_BEFORE_COMMA}),\s+)+(?=\w)", re.IGNORECASE
)
BECAUSE: Final = re.compile(r"^because\s+(?=[^,]*$)", re.IGNORECASE)  # of a sentence that has no other clause
MERE_REACTION: Final = re.compile(
    r"^(?:(?:yeah|yes|yep|no|right|okay|ok|sure|exactly|absolutely|totally|definitely|of course|interesting|wow|mm-?hmm|"
    r"uh-huh|got it|i see|you know|i mean|well|so|oh|cool|awesome|amazing|great|true)[,.!?]*\s*)+$",
    re.IGNORECASE,
)
FILLER: Final = re.compile(
    r"(?:,\s*)?(?<![\w-])(?:um+|uh+)(?![\w-]),?\s*|,\s*(?:you know|i mean)(?=[,.?!])|(?<![\w-])(?:you know|i mean),\s*|"
    r",\s*(?:like|right|again|obviously|in fact|frankly|basically|honestly|sort of|kind of)(?=,)",
    re.IGNORECASE,
)
TAG: Final = re.compile(
    r",?\s+(?:right|okay|you know(?: what i mean)?|you see|correct|(?:is|was|are|does|do|did)n't (?:it|they|you))\?(?=\s*$)|"
    r",\s+right\?\s+(?=[a-z])",
    re.IGNORECASE,
)
FUNCTION: Final = (
    "the|a|an|i|you|he|she|it|we|they|to|of|in|on|at|by|for|from|with|and|or|but|so|as|is|are|was|were|be|if|my|your|our|"
    "their|this|these|because|when|what|how|who|which|can|will|would|could|should|just|it's|that's|there's|we're|you're|"
    "they're|i'm|he's|she's|i've|we've|you've|they've|there|where|into|about|like"
)
REPEATED: Final = re.compile(rf"\b({FUNCTION})(?:(?:,|\s*[-—–]+|\.\.\.)?\s+\1(?![\w'’]))+", re.IGNORECASE)
PHRASE: Final = r"[^\W\d]+(?:['’][^\W\d]+)?"
PAUSE: Final = r"(?:,|\s*[—–-]|\.\.\.)"
SAID_TWICE: Final = re.compile(  # of two words only with a pause between: "have to have to" may be meant
    rf"\b(?:((?:{PHRASE} ){{2,3}}{PHRASE}){PAUSE}?\s+\1|({PHRASE} {PHRASE}){PAUSE}\s+\2)(?![\w'’])", re.IGNORECASE
)


def body_of(text: str) -> str:
    """A passage as it can be read without the talk around it: the speaker's words, less what says nothing."""
    sentences = [sentence for sentence in split_sentences(text) if not MERE_REACTION.match(sentence)]
    trimmed = [trimmed_sentence(sentence, opens=number == 0) for number, sentence in enumerate(sentences)]
    return " ".join(sentence for sentence in trimmed if sentence) or trimmed_sentence(text, opens=True)


def trimmed_sentence(sentence: str, *, opens: bool) -> str:
    """One sentence without reactions, fillers, repeated words and tags; one that ``opens`` also loses its connective."""
    text = TAG.sub(lambda tag: " " if tag[0][-1].isspace() else ".", sentence.strip())
    text = _tidy(FILLER.sub(" ", text))
    text = (OPENING if opens else REACTION).sub("", text)
    if opens:
        text = BECAUSE.sub("", text)
    text = SAID_TWICE.sub(lambda said: said[1] or said[2], REPEATED.sub(r"\1", text))
    return capitalised(_tidy(text))


def _tidy(text: str) -> str:
    """A text without the white space and the commas that something left out leaves behind."""
    return re.sub(r"\s+([,.;:!?])", r"\1", re.sub(r"\s+", " ", text)).strip(" ,;")


def capitalised(text: str) -> str:
    """A text with its first letter as a capital."""
    first = text[:1].upper()
    return first + text[1:] if len(first) == 1 else text  # "ß" would become two letters
