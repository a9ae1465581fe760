"""Housekeeping of a show: greetings, the introduction of the guest, the plea for reviews, the goodbye.

The cues are ours. What is found is cut before insights are sought, so a sign counts where it can hardly be anything else:
greetings at the start, goodbyes at the end, pleas anywhere.
"""

import itertools
from collections.abc import Sequence
from typing import Final

from podcast_assets.insights.chatter.cut import Cut, around, runs
from podcast_assets.insights.talk import Sentence, any_of

START, END = 0.12, 0.92  # shares of an episode's words: greetings lie before the first, goodbyes after the second

GREETING: Final = any_of(
    "welcome (?:back )?to", "(?:i'?m|i am|this is) your host", "my name is",
    "thanks? (?:you )?(?:so much |very much )?for (?:joining|having|being|coming)",
    "(?:great|good|nice|happy|glad) to (?:be here|have you|be back)", "with that,? i bring you", "you'?re listening to",
    "(?:in|on) (?:the|this|today'?s) (?:episode|show),? (?:i|we|you)",
)  # fmt: skip
GUEST: Final = any_of("my guest", "today'?s guest")
INTRODUCTION: Final = any_of(GUEST.pattern, r"(?:in|throughout) (?:our|this) (?:[\w-]+ )?conversation")
GOODBYE: Final = any_of(
    "where can (?:people|folks|listeners|everyone|they)", "(?:find|follow|email|dm|tweet at|reach out to) me",
    "(?:people|folks|listeners) (?:can )?(?:find|reach|be (?:useful|helpful))",
    "my (?:website|handle|email|dms?|course|newsletter) (?:is|are)",
    "(?:active|find me|i'?m) on (?:twitter|linkedin|instagram|x|threads)",
    "thanks? (?:you )?(?:so much |very much )?for (?:listening|joining|having|being|coming|tuning|watching)",
    "see you (?:next|soon|then|in the next)", "until next time", "bye(?:[- ]bye)?", "goodbye", "take care",
    "this has been another episode", "that'?s (?:it|all) for (?:today|this (?:week|episode))", "next (?:week|time)(?=[,.!])",
)  # fmt: skip
PLEA: Final = any_of(
    "subscrib(?:e|ing) (?:and (?:follow|share|leave|rate)|wherever)",
    r"subscrib(?:e|ing) to (?:the|this|our|my) (?:\w+ )?(?:show|podcast|channel|newsletter)",
    "(?:hit|click|smash) (?:the |that )?(?:subscribe|like|follow|bell)",
    "leav(?:e|ing) (?:us )?a (?:review|rating|comment)", "rate (?:and review|the (?:show|podcast)|us)", "five[- ]star",
    "favou?rite podcast(?:ing)? app", "wherever you (?:listen|get your podcasts)", "(?:in|to) the show notes",
    "past episodes", "learn more about the show", "(?:sign up|join) (?:for|to) (?:my|our|the) newsletter",
)  # fmt: skip

INTRODUCTION_REACH = 10  # sentences around its sign that still introduce the guest and what will be talked about
GAP = 4  # sentences between two signs that still belong to one piece of housekeeping


def housekeeping(sentences: Sequence[Sentence]) -> list[Cut]:
    """The stretches of an episode that only keep the show going, in order."""
    total = sum(sentence.words for sentence in sentences)
    said = list(itertools.accumulate(sentence.words for sentence in sentences))
    signs: dict[int, str] = {}
    found: set[int] = set()
    for i, sentence in enumerate(sentences):
        before = (said[i] - sentence.words) / max(total, 1)
        patterns = [PLEA, *([GREETING, INTRODUCTION] if before < START else []), *([GOODBYE] if before > END else [])]
        if sign := next((match for pattern in patterns if (match := pattern.search(sentence.text))), None):
            signs[i] = f"it says '{sign[0].lower()}'"
            found.add(i)
            if sign.re is INTRODUCTION:
                found |= _introduced(sentences, i)
    for here, following in itertools.pairwise(sorted(found)):
        if following - here <= GAP and sentences[here].turn == sentences[following].turn:
            found |= set(range(here, following))
    return [
        Cut(first, last, "housekeeping", next(signs[i] for i in range(first, last + 1) if i in signs))
        for first, last in runs(sentences, found)
    ]


def _introduced(sentences: Sequence[Sentence], sign: int) -> set[int]:
    """The sentences that introduce the guest, up to the one that greets them."""
    before = 0 if GUEST.search(sentences[sign].text) else INTRODUCTION_REACH
    found = around(sentences, sign, before, INTRODUCTION_REACH)
    greets = next((i for i in sorted(found) if i > sign and GREETING.search(sentences[i].text)), max(found))
    return {i for i in found if i <= greets}
