"""Which names a text gives, and whether the episode knows them.

Belongs here: what is a name, and when two spellings are one. Does not belong here: numbers, and where names may stand
(``prove``). A name is a capitalised word that does not open a sentence, an acronym, a word with capitals inside, or the name
of a web site. Speech recognition spells names as it likes, so nearly the same letters are enough; a short one has to be
right. In languages that write every noun with a capital, plain capitalised words say nothing and are left alone.
"""

import dataclasses
import re
from collections.abc import Iterable, Iterator, Set

from rapidfuzz import fuzz, process

from podcast_assets.insights.proof.transcript import WORD, key, keys_of
from podcast_assets.speech import split_sentences

NOUNS_IN_CAPITALS = frozenset({"de", "lb"})  # languages
ALIKE = 80.0  # per cent of the letters of a name that was misheard
TOGETHER = 85.0  # the same of a whole name
SURE_LETTERS = 5  # so many letters may be misheard, or stand for a word that has more of them; fewer may not
SHORTEST_ACRONYM = 3  # letters that are looked for as the initials of words near the quote
FEWEST_CAPITALS = 0.02  # of the different words of a transcript: with fewer, it is written in small letters
TITLE_CASE = 0.7  # of the longer words of a text: then its capitals tell no names

_TOKEN = re.compile(r"(?<!\w)[^\W\d_]\w*(?:[.&]\w+)*(?:['’]\w+)?\.?")
_OPENING = re.compile(r"(?:^|[.!?…:;]\s*|[\"“„«(\[]|\s[–—-]\s*)$")  # what comes before a word that has a capital anyway
_SITE = re.compile(r"\w+(?:\.\w+)*\.[a-z]{2,10}")
_INSIDE = re.compile(r"[^\W\d_]*[a-z\d][A-Z]\w*|[A-Z]{2,}\w*|[A-Z]\d\w*")  # OpenAI, NASA, H100
_FULL = re.compile(r"[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)+")
_OWNER = re.compile(r"['’]s?$")

COMMON = frozenset(
    keys_of(
        """
        I I'm I've I'd I'll Mr Mrs M Dr Prof CEO CTO CFO COO PhD MBA TV PC OK AM PM BC AD II III IV
        Internet Web Earth God Monday Tuesday Wednesday Thursday Friday Saturday Sunday Christmas Easter Western Eastern
        January February March April May June July August September October November December
        English Spanish French German Italian Portuguese Dutch Chinese Mandarin Japanese Korean Hindi Arabic Russian Latin
        Greek Turkish Polish Swedish Danish Norwegian Finnish Hebrew
        """
    )
)
SAME = tuple(  # what goes by several names
    frozenset(names.split())
    for names in (
        "us usa america american americans united states", "uk britain british united kingdom", "eu europe european union",
        "un united nations", "ai artificial", "dutch netherlands holland", "french france", "danish denmark",
        "swiss switzerland", "welsh wales", "gb gigabyte gigabytes", "kwh kilowatt kilowatts",
        "mw megawatt megawatts", "gw gigawatt gigawatts",
    )
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Name:
    """A word of a name as it is written; ``is_sure`` where its form shows that it is one (``OpenAI``, ``NASA``)."""

    text: str
    is_sure: bool


def names_in(text: str, language: str | None) -> Iterator[Name]:
    """The words of a text that are of a name, but for common ones; ``language`` is two letters."""
    plain = language not in NOUNS_IN_CAPITALS and not _is_title_case(text)
    for sentence in split_sentences(text):
        for match in _TOKEN.finditer(sentence):
            word = match[0] if re.fullmatch(r"(?:\w\.)+\w?", match[0]) else match[0].rstrip(".")
            opens = bool(_OPENING.search(sentence[: match.start()]))
            bare = _OWNER.sub("", word)
            is_sure = bool(_INSIDE.match(bare.replace(".", ""))) or bool(_SITE.fullmatch(bare))
            if key(bare.replace(".", "").removesuffix("s")) not in COMMON and (
                is_sure or (plain and word[0].isupper() and not opens)
            ):
                yield Name(bare, is_sure)


def full_names_in(text: str, language: str | None) -> Iterator[str]:
    """The names of a text that have more than one word, each as it is written."""
    known = {name.text for name in names_in(text, language)}
    for match in _FULL.finditer(text):
        words = [_OWNER.sub("", word) for word in match[0].split()]
        if len(words) > 1 and all(word in known for word in words):
            yield " ".join(words)


def _is_title_case(text: str) -> bool:
    words = [word for word in _TOKEN.findall(text)[1:] if len(word) >= SURE_LETTERS - 1]
    return len(words) > 1 and sum(word[0].isupper() for word in words) >= TITLE_CASE * len(words)


@dataclasses.dataclass(frozen=True)
class Known:
    """The words that an episode knows: those of its transcript, its speakers' names, what it says about itself.

    ``capitals`` are those that are written with one; where hardly any is, nobody cared for capitals, and all of them.
    """

    words: Set[str]
    capitals: frozenset[str]
    spaced: str  # all words in order, with a space around each

    @staticmethod
    def of(texts: Iterable[str]) -> "Known":
        """Of these texts."""
        written = WORD.findall("\n".join(texts))
        words = [key(word) for word in written]
        capitals = {known for word, known in zip(written, words, strict=True) if word[0].isupper()}
        if len(capitals) < FEWEST_CAPITALS * len(set(words)):
            capitals = set(words)
        long = frozenset(word for word in capitals if len(word) >= SURE_LETTERS - 1)
        owners = {key(_OWNER.sub("", word)) for word in written if "'" in word or "’" in word}
        return Known(owners.union(words), long, f" {' '.join(words)} ")

    def has_together(self, name: str) -> bool:
        """Whether the words of a name stand together somewhere, nearly so spelt: two halves of two names are no name."""
        words = keys_of(name)
        if len(words) < 2 or any(known.issuperset(words) and not self.words.isdisjoint(known) for known in SAME):  # noqa: PLR2004
            return True
        sought = " ".join(words)
        return fuzz.partial_ratio(f" {sought} ", self.spaced) >= TOGETHER

    def has(self, name: str, near: str) -> bool:
        """Whether a word of a name is known, be it spelt or formed a little differently, or ``near`` in its initials."""
        word = key(re.sub(r"[.&]", "", name))
        if word in self.words or re.search(" " + " ?".join(word) + " ", self.spaced):  # "open ai", "l l m"
            return True
        if any(word in names and not self.words.isdisjoint(names) for names in SAME):
            return True
        if len(word) >= SURE_LETTERS and (
            process.extractOne(word, self.capitals, scorer=fuzz.ratio, score_cutoff=ALIKE)
            or any(_is_derived(word, other) for other in self.capitals)
        ):
            return True
        singular = word[:-1] if name[-1:] == "s" and name[:-1].isupper() else word
        initials = "".join(other[0] for other in keys_of(near))
        is_short_for = len(singular) >= SHORTEST_ACRONYM and name[:2].isupper() and singular in initials
        return singular in self.words or is_short_for


def _is_derived(word: str, other: str) -> bool:
    """Whether one is formed of the other: China and Chinese, Canada and Canadian."""
    shorter, longer = sorted((word, other), key=len)
    return len(longer) - len(shorter) <= SURE_LETTERS - 1 and longer.startswith(
        shorter[: max(SURE_LETTERS - 1, len(shorter) - 1)]
    )
