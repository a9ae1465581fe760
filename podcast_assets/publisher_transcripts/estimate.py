"""The times of paragraphs that nobody timed: by the share of the text that comes before them.

Belongs here: guesses, marked as such. Does not belong here: times that a recogniser hears (``transcripts.align``), which are
better wherever the audio can be had.
"""

import itertools
from collections.abc import Sequence

from podcast_assets.publisher_transcripts.prose import Paragraph
from podcast_assets.speech import Segment, split_sentences

CHARACTERS_A_SECOND = 16.6  # with spaces: the median of 291 real episodes in English (a tenth are below 14.6 or above 18.3)


def times_of(paragraphs: Sequence[Paragraph], duration_s: float | None) -> list[Segment]:
    """Segments in the order of the text, whose times never go back.

    A paragraph with a time stays whole and starts there. One without is cut into sentences, which share the time between
    the marks around them by their characters; after the last mark, and where there is none and the episode's length
    (``duration_s``, seconds) is unknown, they take ``CHARACTERS_A_SECOND``.
    """
    pieces = [
        (start_s, paragraph.speaker, text)
        for paragraph in paragraphs
        for start_s, text in (
            [(paragraph.start_s, paragraph.text)]
            if paragraph.start_s is not None
            else [(None, sentence) for sentence in split_sentences(paragraph.text)]
        )
    ]
    starts = _starts([start for start, _, _ in pieces], [len(text) for _, _, text in pieces], duration_s)
    return [
        Segment(start_s, end_s, text, speaker, "estimated" if given is None else "segment")
        for (given, speaker, text), start_s, end_s in zip(pieces, starts, starts[1:], strict=False)
    ]


def _starts(given: Sequence[float | None], lengths: Sequence[int], duration_s: float | None) -> list[float]:
    """The start of each piece, and the end of the last."""
    marks = [(at, start) for at, start in enumerate(given) if start is not None]
    if not marks or marks[0][0] > 0:
        marks.insert(0, (0, 0.0))
    last, last_s = marks[-1]
    end_s = last_s + sum(lengths[last:]) / CHARACTERS_A_SECOND
    if duration_s and duration_s > last_s:
        end_s = min(end_s, duration_s) if last_s else duration_s  # without a mark inside it, the text is all of the episode
    marks.append((len(given), end_s))
    starts: list[float] = []
    for (at, start_s), (following, until_s) in itertools.pairwise(marks):
        characters, before = max(1, sum(lengths[at:following])), 0
        for length in lengths[at:following]:
            starts.append(start_s + (until_s - start_s) * before / characters)
            before += length
    return [*starts, end_s]
