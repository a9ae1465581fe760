"""The telling words of a text, as a row of numbers of fixed width: kept by the million, compared in whole arrays.

Belongs here: which words tell what a text is about, their numbers, and how rare each is. Does not belong here: what follows
from shared words (``measure``).

A word stands as its stem in lower case, so that "builds" and "building" are one; a script without spaces gives pairs of
letters. A term is the CRC-32 of that, with the top bit for a name or a number. How rare a term is comes from a table that is
shipped (``weights``), by the last bits of the number: words that nearly every stretch of talk has are no terms.
"""

import functools
import re
import unicodedata
import zlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from podcast_assets.likeness.weights import RARITY_BITS, weights

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from py_rust_stemmers import SnowballStemmer

WIDTH: Final = 48  # the terms that are kept of a text: one of 100 words has some 45
NAMED: Final = 0x8000_0000  # the bit of a name or a number
BUCKET: Final = (1 << RARITY_BITS) - 1  # the bits by which the table of rarities is asked
COMMON: Final = 45  # a word less rare than this is no term: one stretch of 50 words in ten has it
RARE, SHORT = 160, 3  # a word as rare that has at most so many letters is no term: "und" and "que" are rare in English alone

_WORD = re.compile(r"\d[\d.,]*\d|[^\W_]+(?:['’][^\W_]+)?")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")
_OPENING = re.compile(r"(?:^|[.!?…:]|[\"“„«(])\s*$")  # what comes before a word that has a capital anyway


def terms_of(texts: "Sequence[str]") -> "NDArray[np.uint32]":
    """A row of ``WIDTH`` terms a text, the rarest first, each once; zeros where there are no more."""
    found = np.zeros((len(texts), WIDTH), np.uint32)
    for place, text in enumerate(texts):
        row = np.fromiter(_terms(text), np.uint32)
        row = row[np.lexsort((row, -rarity(row)))][:WIDTH]
        found[place, : len(row)] = row
    return found


def rarity(terms: "NDArray[np.uint32]") -> "NDArray[np.int32]":
    """How rare each term is, from 0 to 255; 0 for no term.

    That is 20 times the logarithm of one in how many stretches of 50 words of talk has it (inverse document frequency,
    Spärck Jones 1972).
    """
    return np.where(terms == 0, 0, weights().rarity[terms & BUCKET].astype(np.int32))


def _terms(text: str) -> Iterator[int]:
    """The terms of a text, each once; a word that is once a name is one."""
    found: dict[int, int] = {}
    for word, is_named in words_of(text):
        number = number_of(word)
        rare = int(weights().rarity[number & BUCKET])
        if rare >= COMMON and (is_named or rare < RARE or len(word) > SHORT or not word.isascii()):
            found[number] = found.get(number, 0) | (NAMED if is_named else 0)
    return iter([number | named for number, named in found.items()])


def words_of(text: str) -> Iterator[tuple[str, bool]]:
    """The words of a text as they are compared, and whether each is a name or a number."""
    text = unicodedata.normalize("NFKC", text)
    for match in _WORD.finditer(text):
        word = match[0].replace("’", "'")
        if word[0].isdigit():
            yield word.replace(",", ""), True
        elif unspaced := _UNSPACED.match(word):
            letters = unspaced[0]
            yield from ((letters[at : at + 2], False) for at in range(max(1, len(letters) - 1)))
        else:
            opens = _OPENING.search(text[max(0, match.start() - 4) : match.start()]) is not None
            yield stem(word.lower()), any(map(str.isupper, word[1:])) or (word[0].isupper() and not opens)


@functools.lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """A word without its ending, as the English Snowball stemmer has it."""
    return str(_stemmer().stem_word(word.split("'", maxsplit=1)[0]))


@functools.lru_cache(maxsize=1 << 16)
def number_of(word: str) -> int:
    """The term of a word that is no name."""
    return zlib.crc32(word.encode()) & ~NAMED or 1


@functools.cache
def _stemmer() -> "SnowballStemmer":
    from py_rust_stemmers import SnowballStemmer

    return SnowballStemmer("english")
