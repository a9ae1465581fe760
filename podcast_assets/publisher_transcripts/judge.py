"""Whether a document fits its episode, and which of two carries more.

Belongs here: length, language, the order of what transcripts carry. Does not belong here: what a document says
(``formats``), where it comes from (``fetch``), how languages are told apart (``podcast_assets.languages``).
"""

from collections.abc import Sequence

from podcast_assets import speech
from podcast_assets.languages import other_language
from podcast_assets.publisher_transcripts.formats import Format, TranscriptError, talk

MOST_WORDS = 500_000  # some 50 hours of talk, longer than any episode; looking for insights in more would take minutes
MIN_WORDS_PER_MINUTE = 20  # talk has 120 to 200; less than this is a summary, a sample or the show notes
MIN_UNTIMED_WORDS_PER_MINUTE = 60  # without times nothing else shows that a text is that of the whole episode

# Which of words, speakers and times a document carries, in the order of their worth; compared from the left.
Carried = tuple[bool, bool, bool]
MOST_CARRIED: dict[Format, Carried] = {  # in the order in which they are asked for
    "json": (True, True, True),
    "vtt": (True, True, True),
    "srt": (False, True, True),
    "html": (False, True, True),
    "text": (False, True, True),
}


def timing_of(segments: Sequence[speech.Segment]) -> speech.Timing:
    """What the times of a transcript are worth: ``exact`` where all are, ``estimated`` where those of most words are."""
    estimated = speech.count_words(segment for segment in segments if segment.timing == "estimated")
    if estimated * 2 > speech.count_words(segments):
        return "estimated"
    return "exact" if all(segment.timing == "exact" for segment in segments) else "segment"


def carried(segments: Sequence[speech.Segment]) -> Carried:
    """What a transcript carries: times of words, speakers, times at all."""
    timing = timing_of(segments)
    return timing == "exact", any(segment.speaker for segment in segments), timing != "estimated"


def check(segments: Sequence[speech.Segment], duration_s: float | None, language: str | None) -> None:
    """Refuses a transcript that cannot be that of its episode.

    Args:
        segments: of the transcript.
        duration_s: the episode's length in seconds; where it is unknown, that which the transcript itself times counts.
        language: the episode's, as its feed states it.

    Raises:
        TranscriptError: far too short or too long, or in another language.
    """
    words = talk(segments)
    minutes = (duration_s or max(segment.end_s for segment in segments)) / 60
    least = MIN_UNTIMED_WORDS_PER_MINUTE if timing_of(segments) == "estimated" else MIN_WORDS_PER_MINUTE
    if words > MOST_WORDS:
        raise TranscriptError(f"absurdly long: {words} words, no episode has more than {MOST_WORDS}")
    if words < minutes * least:
        raise TranscriptError(f"absurdly short: {speech.count_words(segments)} words for {minutes:.0f} minutes")
    found = other_language(" ".join(segment.text for segment in segments), language)
    if found:
        raise TranscriptError(f"in another language: the text is in {found!r}, the episode in {language!r}")
