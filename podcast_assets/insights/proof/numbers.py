"""Which numbers a text states, as values: "fifty percent" is "50 %", "half a million" is "500,000".

Belongs here: digits as every language writes them, and English words. Does not belong here: where the numbers of a claim
have to stand (``prove``). A number that may be read in two ways (``1.500``, ``3m``, ``'90s``) has both values, and two
numbers are the same where they share one. "One", "first" and their like are mostly no numbers: they prove, but need no
proof.
"""

import dataclasses
import itertools
import math
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

FIGURES, HUNDRED, THOUSANDS = 10, 100, 3  # below the first a number is one figure; the last is how many make a thousand

_SMALL = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
SMALL = {word: value for value, word in enumerate(_SMALL)}
TENS = {word: FIGURES * value for value, word in enumerate(_TENS, 2)}
SCALES = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
SIGNS = {"k": 1e3, "m": 1e6, "mn": 1e6, "b": 1e9, "bn": 1e9, "t": 1e12} | SCALES
ORDINALS = {
    **{f"{word}th": value for word, value in SMALL.items()},
    **{f"{word[:-1]}ieth": value for word, value in TENS.items()},
    **{"first": 1, "second": 2, "third": 3, "fifth": 5, "eighth": 8, "ninth": 9, "twelfth": 12},
}
DECADES = {f"{word[:-1]}ies": value for word, value in TENS.items()}
PARTS = {"half": 2, "halves": 2, "third": 3, "thirds": 3, "quarter": 4, "quarters": 4, "fifth": 5, "fifths": 5, "tenth": 10}
COUNTS = {"both": 2, "couple": 2, "pair": 2, "twice": 2, "double": 2, "doubled": 2, "triple": 3, "tripled": 3, "dozen": 12}
COUNTS |= {"once": 1, "single": 1, "tenfold": 10, "decade": 10}
SURE = frozenset({"double", "doubled", "triple", "tripled", "tenfold"})
COMMON = (frozenset({"zero", "one", "first", "second", "third"}) | PARTS.keys() | COUNTS.keys()) - SURE
REFERRING = frozenset({"the", "these", "those", "between"})  # "the two" were named before

NUMERAL = r"(?<!\d)\d{1,3}(?:[.,'’ \u00a0\u202f]\d{3})+(?:[.,]\d+)?(?!\d)|\d+(?:[.,]\d+)?"
DIGITS = re.compile(
    rf"(?P<named>[^\W\d_]-?)?(?P<short>['’])?(?P<numeral>{NUMERAL})"
    r"(?:(?P<decades>['’]?s)\b|(?P<percent>\s?(?:%|percent\b|per cent\b))|"
    r"[ \u00a0-]?(?P<scale>(?i:hundred|thousand|million|billion|trillion|mn|bn|k|m|b|t))\b|"
    r"(?:st|nd|rd|th|x)\b|(?P<glued>[^\W\d_]))?"
)
WORD = re.compile(r"[^\W\d_]+")
JOINED = re.compile(r"[\s-]+")
RANGE = re.compile(r"\s*(?:to|or|and|-|–)\s*")


@dataclasses.dataclass(frozen=True)
class Number:
    """A number as it is written, where, and what it may mean; ``is_sure`` if it is nothing but a number."""

    text: str
    start: int
    end: int
    values: frozenset[float]
    is_sure: bool


def numbers_in(text: str, *, english: bool = True) -> list[Number]:
    """All numbers of a text in their order; those in words where it is English."""
    digits = list(_digits(text))
    taken = {place for number in digits for place in range(number.start, number.end)}
    words = [number for number in _words(text) if number.start not in taken] if english else []
    return sorted([*digits, *words], key=lambda number: number.start)


def values_in(text: str, *, english: bool = True) -> frozenset[float]:
    """Every value that a text states; of a range ("3 to 5 million") both ends, beside 98.6 also the whole 98 and 99."""
    found = numbers_in(text, english=english)
    values = {value for number in found for value in number.values}
    for one, other in itertools.pairwise(found):
        scale = next((SCALES[word] for word in WORD.findall(other.text.lower()) if word in SCALES), None)
        if scale and RANGE.fullmatch(text, one.end, other.start):
            values |= {value * scale for value in one.values}
    fractions = [value for value in values if value >= FIGURES and value % 1]
    return frozenset(values).union(map(math.floor, fractions), map(math.ceil, fractions))


def _digits(text: str) -> Iterator[Number]:
    for match in DIGITS.finditer(text):
        values = set(_readings(match["numeral"]))
        if match["percent"]:
            values |= {value / 100 for value in values}
        if match["decades"] or match["short"]:
            values |= {century + value for value in values if value < HUNDRED for century in (1900, 2000)}
        if match["scale"]:
            scale = SIGNS[match["scale"].lower()]
            scaled = {value * scale for value in values}
            values = scaled if match["scale"].lower() in SCALES or match["scale"] == "k" else scaled | values
        start = match.start("short") if match["short"] else match.start("numeral")
        yield Number(
            text[start : match.end()].strip(),
            start,
            match.end(),
            _rounded(values),
            is_sure=not (match["named"] or match["glued"]),
        )


def _readings(numeral: str) -> Iterator[float]:
    """What a numeral may mean: a point or a comma marks thousands or a fraction."""
    marks = [sign for sign in numeral if not sign.isdigit()]
    if not marks:
        yield float(numeral)
        return
    whole, fraction = numeral.rsplit(marks[-1], 1)
    if len(fraction) == THOUSANDS and len(set(marks)) == 1:
        yield float(re.sub(r"\D", "", numeral))
    if marks.count(marks[-1]) == 1 and marks[-1] in ".,":
        yield float(re.sub(r"\D", "", whole) + "." + fraction)


def _words(text: str) -> Iterator[Number]:
    """Numbers in English words; of a run of words that follow each other one, or several ("two, three")."""
    tokens = [_Token(match[0].lower(), match.start(), match.end()) for match in WORD.finditer(text)]
    at = 0
    while at < len(tokens):
        word = tokens[at].word
        first, last, values, is_sure = at, at, set[float](), word not in COMMON
        if word in SMALL or word in TENS or word in SCALES or _is_half_of_a_scale(tokens, at):
            last, value = _phrase(tokens, at, text)
            values = {value}
            following = tokens[last + 1].word if _follows(tokens, last + 1, text) else ""
            if following in PARTS and last == at and word != "one":  # three quarters
                last, share = last + 1, value / PARTS[following]
                values = {share, round(share, 2), 100 * share, round(100 * share), math.floor(100 * share)}
            elif following in ORDINALS and value % 10 == 0 and ORDINALS[following] < FIGURES:  # twenty-first
                last, values = last + 1, {value, value + ORDINALS[following]}
            elif last == at:
                is_sure = word not in COMMON | SCALES.keys() and not (
                    word == "two" and at > 0 and tokens[at - 1].word in REFERRING
                )
            else:
                is_sure = True
        elif word in PARTS or word in COUNTS or word in ORDINALS or word in DECADES:
            values = {float(table[word]) for table in (COUNTS, ORDINALS, DECADES) if word in table}
            values |= {1 / PARTS[word], round(1 / PARTS[word], 2)} if word in PARTS else set()
            values |= {1900 + DECADES[word]} if word in DECADES else set()
        if values:
            start, end = tokens[first].start, tokens[last].end
            yield Number(text[start:end], start, end, _rounded(values), is_sure)
        at = last + 1


class _Token(NamedTuple):
    word: str
    start: int
    end: int


def _follows(tokens: Sequence[_Token], at: int, text: str) -> bool:
    """Whether nothing but a space or a hyphen is between a word and the one before it."""
    return at < len(tokens) and bool(JOINED.fullmatch(text, tokens[at - 1].end, tokens[at].start))


def _is_half_of_a_scale(tokens: Sequence[_Token], at: int) -> bool:
    """Whether "half" begins a number such as "half a million"."""
    words = [token.word for token in tokens[at : at + 3]]
    return words[:2] == ["half", "a"] and words[-1] in SCALES


def _phrase(tokens: Sequence[_Token], first: int, text: str) -> tuple[int, float]:
    """The last word of the number that starts with a word, and its value."""
    total, current, last, at = 0.0, 0.0, first, first
    is_year = False
    while at == first or _follows(tokens, at, text):
        word = tokens[at].word
        following = tokens[at + 1].word if at + 1 < len(tokens) else ""
        if word == "half" and (at == first or tokens[at - 1].word == "a"):
            current += 0.5
        elif word == "hundred":
            current = (current or 1) * HUNDRED
        elif word in SCALES:
            total, current = total + (current or 1) * SCALES[word], 0.0
        elif word == "point" and SMALL.get(following, FIGURES) < FIGURES:
            figures = [str(SMALL[token.word]) for token in itertools.takewhile(_is_figure, tokens[at + 1 :])]
            current += float("0." + "".join(figures))
            at += len(figures)
        elif word in SMALL or word in TENS:
            value = SMALL.get(word, TENS.get(word, 0))
            if not _has_room(current, value):
                if is_year or total or not FIGURES <= current < HUNDRED or value < FIGURES:  # "nineteen ninety" is a year
                    break
                current, is_year = current * HUNDRED, True
            current += value
        elif _is_link(word, following, tokens[at - 1].word, total, current):
            at += 1
            continue
        else:
            break
        last = at
        at += 1
    return last, total + current


def _is_link(word: str, following: str, before: str, total: float, current: float) -> bool:
    """Whether a number goes on after this word: "a hundred and five", "two and a half", "half a million"."""
    if word == "and":
        return following == "a" or (bool(total or current) and current % HUNDRED == 0)
    return word == "a" and (following == "half" or before == "half")


def _is_figure(token: _Token) -> bool:
    return SMALL.get(token.word, FIGURES) < FIGURES


def _has_room(current: float, value: float) -> bool:
    """Whether a number goes on with one below a hundred: after hundreds, and after tens with a figure."""
    return current % HUNDRED == 0 or (current % HUNDRED in TENS.values() and value < FIGURES)


def _rounded(values: set[float]) -> frozenset[float]:
    return frozenset(float(f"{value:.12g}") for value in values if math.isfinite(value))  # hundreds of digits are no number
