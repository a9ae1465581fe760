"""What a speech model says that nobody said: phrases in a loop, and words where no one speaks.

Belongs here: telling it from what people do say, by the words, their times and how sure the model was; and how much of the
voice has text in the end. Pure. Does not belong here: asking the model (``recognise``), finding voices (``sound``).

Cutting what was said is worse than keeping what was not: a bound stands where people do not come. Measured on the
transcripts of 291 real episodes, 4.2 million words: the rules of loops cut 30 words, in two of them, and both places are
loops of the machine that wrote those captions ("Bye." 17 times over the closing music); of 56,529 stretches of 75 words none
compresses better than LOOPING.
"""

import dataclasses
import itertools
import re
import statistics
import zlib
from collections.abc import Iterator, Sequence

from podcast_assets.speech import Word

LEAST_TIMES, LEAST_WORDS = 4, 16  # a loop: a phrase so many times on end, in so many words. "No, no, no, no" is none
LONGEST_PHRASE = 30  # words of a phrase that loops
LEAST_TO_TELL = 40  # words below which a text may well repeat itself
LOOPING = 2.4  # text that compresses better repeats itself; this bound and the next two are Whisper's own
UNSURE = -1.0  # a mean log probability of a token below this is a guess
NO_SPEECH = 0.6  # above this probability that nobody speaks, a guess is an invention
HARDLY_S = 1.0  # a window as short as this is hardly a voice: a cough, a beat of music
MOST_WORDS, WITHIN_S = 8, 1.0  # nobody says as many words in so little time; fast talkers say five or six
ALONE_S = 3.0  # words with nothing this long before and after them stand alone
DOUBTFUL = 0.5  # a mean probability of a word below this says nothing
ROOM_S = 5.0  # in more voice than this, two words of farewell explain nothing
PAUSE_S = 2.0  # a voice without text for longer than this was not understood
LONGEST_WORD_S = 2.0  # where a model draws out a word for longer, it hears none

# What models write over music and silence, having learned from films that ended so.
SIGN_OFFS = frozenset(
    {
        "you", "bye", "bye bye", "goodbye", "thanks", "thank you", "thank you very much", "thank you so much",
        "thanks for watching", "thank you for watching", "thank you so much for watching", "thanks for listening",
        "thank you for listening", "please subscribe", "like and subscribe", "please like and subscribe",
        "subscribe to my channel", "please subscribe to my channel", "dont forget to like and subscribe",
        "see you next time", "see you in the next video", "ill see you in the next video", "to be continued", "merci",
        "merci davoir regardé cette vidéo", "vielen dank", "vielen dank fürs zuschauen", "bis zum nächsten mal", "gracias",
        "gracias por ver", "gracias por ver el video", "suscríbete al canal", "obrigado", "obrigado por assistir", "grazie",
        "grazie per aver guardato il video", "ご視聴ありがとうございました", "谢谢观看", "謝謝觀看",
        "시청해주셔서 감사합니다", "спасибо за просмотр", "продолжение следует",
    }
)  # fmt: skip
# Who made the subtitles: nobody says that in a podcast.
CREDITS = re.compile(
    r".*amara\s?org|subtitles by|subtitled by|untertitel(ung)? (der|des|im auftrag)"
    r"|sous titr(es|age) (réalisés|société|st |par)|subtítulos (realizados|por)|sottotitoli (creati|a cura)|legendas pela"
    r"|ondertitel(s|ing) (ingediend|tv)|字幕(by|志愿者|由)|субтитры (сделал|делал|создавал|подогнал)|редактор субтитров"
)
SENTENCES = re.compile(r"[.!?…\u3002\uff01\uff1f]+(?=\s|$)")
APOSTROPHES = re.compile("['’]")
WORDS = re.compile(r"[^\W_]+")


@dataclasses.dataclass(frozen=True)
class Guess(Word):
    """A word that a model heard, and how sure it is of it (0 to 1)."""

    probability: float = 1.0


@dataclasses.dataclass(frozen=True)
class Window:
    """A stretch of voice and what a model heard in it. Times in seconds from the start of the audio.

    ``voice_s``: for how long somebody speaks in it; ``log_probability``: the mean of a token's, a natural logarithm;
    ``no_speech``: the probability, says the model, that nobody speaks at all.
    """

    start_s: float
    end_s: float
    voice_s: float
    words: tuple[Guess, ...] = ()
    log_probability: float = 0.0
    no_speech: float = 0.0


@dataclasses.dataclass(frozen=True)
class Account:
    """The words that stand, for how many seconds of the voice they account, and how many were cut for which reason."""

    words: list[Guess]
    covered_s: float
    cut_loops: int
    cut_invented: int


def account(windows: Sequence[Window]) -> Account:
    """What stands of an episode's windows, in their order; a loop is found across them too."""
    possible = [without_invented(window) for window in windows]
    single = set(map(id, without_loops([word for window in possible for word in window.words])))
    said = [_only(window, [word for word in window.words if id(word) in single]) for window in possible]
    said = [_only(window, []) if is_looping(window.words) else window for window in said]
    heard, true, left = (sum(len(window.words) for window in stage) for stage in (windows, possible, said))
    words = [word for window in said for word in window.words]
    return Account(words, sum(map(covered_s, said)), true - left, heard - true)


def is_doubtful(window: Window) -> bool:
    """Whether the window is worth a second listening: a voice without words, a guess, or what would be cut.

    Words after the end of the voice are plainly too many, and say nothing against those before it.
    """
    words = _voiced(window)
    if not words or window.log_probability < UNSURE or is_looping(words):
        return True
    return len(without_loops(without_invented(window).words)) < len(words)


def better(first: Window, second: Window) -> Window:
    """The one of two hearings of a window of which more words stand; of equals the second, which was the more patient."""
    return first if _standing(first) > _standing(second) else second


def _standing(window: Window) -> int:
    return 0 if is_looping(window.words) else len(without_loops(without_invented(window).words))


def covered_s(window: Window) -> float:
    """The seconds of its voice for which there is text: all but what stretches without a word take of it."""
    if not window.words:
        return 0.0
    told_s, wordless_s = window.start_s, 0.0
    words = [(word.start_s, min(word.end_s, word.start_s + LONGEST_WORD_S)) for word in window.words]
    for start_s, end_s in [*words, (window.end_s, window.end_s)]:
        if start_s - told_s > PAUSE_S:
            wordless_s += start_s - told_s
        told_s = max(told_s, end_s)
    return window.voice_s * (1 - wordless_s / (window.end_s - window.start_s))


def is_looping(words: Sequence[Word]) -> bool:
    """Whether a text repeats itself, be it with variations; of a short one nobody can tell."""
    text = "".join(word.text for word in words).encode()
    return len(words) >= LEAST_TO_TELL and len(text) / len(zlib.compress(text)) > LOOPING


def without_loops(words: Sequence[Guess]) -> list[Guess]:
    """The words with each phrase that is said over and over said once."""
    left = [(_spelled(word.text), word) for word in words]
    for length in range(1, LONGEST_PHRASE + 1):
        left = _without_period(left, length)
    return [word for _, word in left]


def _without_period(words: list[tuple[str, Guess]], length: int) -> list[tuple[str, Guess]]:
    """The words with what repeats the ``length`` words before it, often enough to be a loop, left out."""
    left: list[tuple[str, Guess]] = []
    taken = same = 0  # the last ``same`` words before a position stand once more ``length`` words later
    for position in range(len(words) - length + 1):
        following = position + length
        if following < len(words) and words[position][0] == words[following][0]:
            same += 1
            continue
        times = same // length + 1
        if times >= LEAST_TIMES and times * length >= LEAST_WORDS:
            first = position - same
            left += words[taken : first + length]
            taken = first + times * length
        same = 0
    return left + words[taken:]


def without_invented(window: Window) -> Window:
    """The window without the words that nobody can have said."""
    is_guess = window.log_probability < UNSURE
    if is_guess and (window.no_speech > NO_SPEECH or window.end_s - window.start_s <= HARDLY_S):
        return _only(window, [])
    possible = _not_crammed(_voiced(window))
    islands = [island for island, room_s in _islands(window, possible) if not _is_sign_off(window, island, room_s)]
    return _only(window, list(itertools.chain.from_iterable(islands)))


def _voiced(window: Window) -> list[Guess]:
    """The words that begin before the voice ends."""
    return [word for word in window.words if word.start_s < window.end_s]


def _not_crammed(words: list[Guess]) -> list[Guess]:
    """The words without those that come faster than anybody speaks; where a script has no spaces, words are no measure."""
    spaced = [word for word in words if word.text[:1].isspace()]
    crammed: set[int] = set()
    for first, last in zip(range(len(spaced)), range(MOST_WORDS - 1, len(spaced)), strict=False):
        if spaced[last].end_s - spaced[first].start_s < WITHIN_S:
            crammed.update(map(id, spaced[first : last + 1]))
    return [word for word in words if id(word) not in crammed]


def _islands(window: Window, words: list[Guess]) -> Iterator[tuple[list[Guess], float]]:
    """The words in groups that stand alone, each with the seconds from the group before it to the one after it."""
    cuts = [place for place in range(1, len(words)) if words[place].start_s - words[place - 1].end_s >= ALONE_S]
    for start, end in itertools.pairwise([0, *cuts, len(words)]):
        before_s = words[start - 1].end_s if start else window.start_s
        after_s = words[end].start_s if end < len(words) else window.end_s
        yield words[start:end], after_s - before_s


def _is_sign_off(window: Window, words: list[Guess], room_s: float) -> bool:
    """Whether words that stand alone are a farewell that models invent; one that is likely, and fills its time, is not."""
    text = APOSTROPHES.sub("", "".join(word.text for word in words).casefold())
    said = [sentence for part in SENTENCES.split(text) if (sentence := " ".join(WORDS.findall(part)))]
    credit = [sentence for sentence in said if CREDITS.match(sentence)]
    if not said or not SIGN_OFFS.issuperset(set(said).difference(credit)):
        return False
    if credit:
        return True
    is_unlikely = statistics.fmean(word.probability for word in words) < DOUBTFUL or window.no_speech > NO_SPEECH
    return is_unlikely or room_s > ROOM_S * len(said)


def _spelled(text: str) -> str:
    """A word as it compares: without case and punctuation."""
    return "".join(filter(str.isalnum, text.casefold()))


def _only(window: Window, words: list[Guess]) -> Window:
    return dataclasses.replace(window, words=tuple(words))
