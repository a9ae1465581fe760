"""Classes of English words by which the extractive method tells how something is said.

Whom it speaks of, how strongly, in what tense. Function words and common words alone: no topic, so that what is learnt of
one show holds for another.
"""

import re
from typing import Final

TOKEN: Final = r"[a-z0-9']+"  # noqa: S105 - of a text in lower case


def tokens(text: str) -> list[str]:
    """The words of a text in lower case, without marks."""
    return re.findall(TOKEN, text.lower())


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


CLASSES: Final[dict[str, frozenset[str]]] = {
    name: _set(words)
    for name, words in {
        "you": "you your you're yourself you'll you've you'd yours",
        "i": "i i'm i've i'd i'll me my mine myself",
        "we": "we we're we've our us ours we'll we'd",
        "they": "they them their they're he she him her his they've",
        "this": "this that it these those that's it's its there there's here which",
        "people": "people everyone everybody anyone someone person humans nobody somebody folks",
        "absolute": "always never every all none nothing everything completely ever only forever entire any exactly",
        "superlative": "most best biggest worst greatest hardest first least largest fastest last single highest number",
        "comparative": "more less better worse faster bigger harder easier higher smaller than fewer rather stronger "
        "cheaper",
        "negative": "not no don't doesn't isn't can't won't never nobody nothing didn't wasn't aren't wouldn't couldn't "
        "shouldn't cannot without neither nor",
        "contrast": "but however instead yet although though actually turns surprising surprisingly unlike counterintuitive "
        "wrong mistake myth opposite secret truth reality surprised paradox",
        "advice": "should must need have avoid focus try stop start make important key lesson rule advice learn matters "
        "critical essential",
        "cause": "because therefore why reason means cause leads result so if when since unless",
        "thought": "think believe know realize feel understand guess mean thought learned felt knew realized",
        "filler": "um uh yeah okay like kind sort basically right stuff gonna literally whatever mean guess well actually "
        "maybe probably",
        "feeling": "love hate fear afraid scared amazing terrible crazy insane pain hard fail failure happy great success "
        "win lose lost die dead fire fired wild incredible powerful dangerous risk hurt trap brutal obsessed proud",
        "number": "million billion thousand hundred percent one two three four five ten twenty half double years times 10x "
        "dollars year months",
        "future": "will going future next become tomorrow years gonna",
        "past": "was were had did went got came said told started thought became took made",
        "modal": "can could would may might will shall",
        "asking": "what how why who where when which",
        "being": "is are be am being been",
        "auxiliary": "do does did have has had",
        "article": "the a an",
        "preposition": "of in to for on with at by from about into through over between",
        "joining": "and or so then also",
        "world": "world life human career company companies product business market technology ai money time work job",
    }.items()
}

OPENERS: Final[dict[str, frozenset[str]]] = {  # the first word of a sentence
    name: _set(words)
    for name, words in {
        "so": "so and but or because then",
        "i": "i i'm i've i'd",
        "you": "you you're if when",
        "it": "it it's that that's this they he she there which",
        "yes": "yeah yes no okay right well oh great awesome totally",
        "the": "the a an",
        "we": "we we're",
        "what": "what how why who where do is are",
    }.items()
}

REACTION: Final = _set(  # how a host takes what was good
    "wow love amazing fascinating powerful interesting incredible awesome profound hilarious funny wild insane great "
    "beautiful brilliant exactly totally absolutely true laugh crazy cool fantastic"
)
INVITATION: Final = _set("why biggest most hardest contrarian lesson lessons advice mistake mistakes mean")  # of an idea
