"""Who speaks: labels at the start of lines, names made clean, the spellings of one person brought together. A leaf.

Belongs here: what a name looks like, and when two names are one person's. Does not belong here: which line or cue a label
governs (``cues``, ``prose`` of ``publisher_transcripts``). An insight is shown with its speaker's name, so a wrong name is
worse than none: what numbers a speaker (``SPEAKER_00``) or only says the part that somebody plays (``Host``) is no name, for
it tells a reader nothing and two hosts share it; and two names are one person's only where nothing else fits.
"""

import html
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from podcast_assets.text import UNSEEN, one_line

LONGEST_NAME_WORDS = 5
LONGEST_NAME = 80  # characters; what is longer is a sentence in the wrong field
LONGEST_ACRONYM = 4  # a longer word in capitals is a name that is shouted

_LABEL = re.compile(r"(?:>>+\s*)?([^\W\d_][^:\uff1a?!;\"<>]{0,39})(?::(?:\s+|$)|\uff1a\s*)")  # uff1a: a wide colon
_NO_NAME = re.compile(r"(?:unknown|unidentified)?[ _-]*(?:speaker|spk|spkr)?[ _#-]*(?:\d+|[A-Z])?", re.IGNORECASE)
_ROLES = (
    "(?:co[- ]?)?host|(?:special )?guest|interview(?:er|ee)|moderator|narrator|announcer|presenter|panelist|panellist|"
    "participant|caller|audience(?: member)?|voice ?over|(?:fe)?male(?: speaker| voice)?|(?:wo)?man|music|advertisement"
)
_ROLE = re.compile(rf"(?:the )?(?:{_ROLES})(?:[ _#-]*\d+|[ _#-][A-Z])?", re.IGNORECASE)
_BESIDE = re.compile(rf"[(\[{{][^()\[\]{{}}]*[)\]}}]|[,/–—-]\s*(?:{_ROLES})\s*$", re.IGNORECASE)  # "(host)", ", guest"
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_EDGES = ' \t:\uff1a;,>*_#|–—-()[]{}"“”'


def label(line: str) -> re.Match[str] | None:
    """The label (``Name: ``) that a line starts with; the name is group 1. None where it does not look like a name."""
    found = _LABEL.match(line)
    return found if found and is_like_a_name(found[1]) else None


def is_like_a_name(text: str) -> bool:
    """Whether the text may be a name: few words, the first and the last of them not in small letters."""
    words = text.split()
    return 0 < len(words) <= LONGEST_NAME_WORDS and not words[0][0].islower() and not words[-1][0].islower()


def recurring(names: Iterable[str | None]) -> frozenset[str]:
    """What labels name more than once: a name recurs, the beginning of a sentence does not."""
    return frozenset(name for name, count in Counter(names).items() if name and count > 1)


def names_of(labels: Iterable[str | None]) -> dict[str | None, str | None]:
    """The name of the person that each label of an episode means, None where it names nobody.

    Names that differ in capitals, spaces and dots are one. A first name alone (``Jane``) and one with an initial
    (``Jane D.``) are the full name that they are the start of, where there is exactly one such.
    """
    counts = Counter(labels)
    clean = {given: _clean(given or "") for given in counts}
    spellings: dict[str, Counter[str]] = {}
    for given, count in counts.items():
        if name := clean[given]:
            spellings.setdefault(_key(name), Counter())[name] += count
    shown = {key: _best(found) for key, found in spellings.items()}
    full = [key for key in shown if " " in key and not _has_initial(key)]
    for key in shown.keys() - set(full):
        meant = [other for other in full if _is_start(key.split(), other.split())]
        if len(meant) == 1:
            shown[key] = shown[meant[0]]
    return {given: shown[_key(name)] if name else None for given, name in clean.items()}


def _clean(given: str) -> str | None:
    text = one_line(UNSEEN.sub("", _TAG.sub("", html.unescape(given))))
    if _ROLE.fullmatch(text.strip(_EDGES)) or _NO_NAME.fullmatch(text.strip(_EDGES)):
        return None
    bare = one_line(_BESIDE.sub(" ", text)).strip(_EDGES) or text.strip(_EDGES)  # "[Jane Doe]" is all in brackets
    if _ROLE.fullmatch(bare) or _NO_NAME.fullmatch(bare) or len(bare) > LONGEST_NAME:
        return None
    return bare


def _key(name: str) -> str:
    return " ".join(name.replace(".", ". ").casefold().replace(".", "").split())


def _best(spellings: Counter[str]) -> str:
    """The spelling that is shown: the most frequent of those that do not shout, or what it shouts in small letters."""
    quiet = {name: count for name, count in spellings.items() if not name.isupper()} or spellings
    name = min(quiet, key=lambda name: (-quiet[name], name))
    if name.isupper() and (" " in name or len(name) > LONGEST_ACRONYM):
        return name.title()
    return name


def _has_initial(key: str) -> bool:
    return len(key.rsplit(maxsplit=1)[-1]) == 1


def _is_start(short: Sequence[str], name: Sequence[str]) -> bool:
    """Whether ``jane`` or ``jane d`` may stand for the whole name."""
    if len(short) == 1:
        return short[0] == name[0]
    return short[:-1] == name[:-1] and name[-1].startswith(short[-1])
