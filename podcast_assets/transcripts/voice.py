"""Where somebody speaks: the voice detector that comes with faster-whisper, and the stretches that it finds.

Belongs here: how likely each window is speech, and what that makes a stretch of speech. Does not belong here: which
stretches a model is given together (``sound``).

The library's own function asks for 10,000 windows at once, which takes 400 MB, and starts anew with each call. Here windows
are asked for as they come, with the detector's memory of those before: quicker by a fifth, and alike however a file is cut.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from podcast_assets.transcripts.decode import Samples

    Chances = npt.NDArray[np.float32]  # of speech, a window each

Windows = tuple[int, int]  # the first, and the first that is not meant

WINDOW = 512  # samples, 32 ms: the detector's
CONTEXT = 64  # samples before a window, which it sees too
STARTS, STAYS = 0.5, 0.35  # the chance at which speech begins, and below which it ends
BREATH = 5  # windows: a pause this long is good enough to cut at
MARGIN = 12  # windows before and after speech: words begin and end more softly than the detector hears


class Detector:
    """Listens to a file from its start to its end."""

    def __init__(self) -> None:
        import numpy as np
        from faster_whisper.vad import get_vad_model

        self._session = get_vad_model().session
        self._h, self._c = np.zeros((2, 1, 1, 128), np.float32)
        self._context = np.zeros(CONTEXT, np.float32)

    def hear(self, samples: "Samples") -> "Chances":
        """The chance of speech in each window of the samples after those heard before; the last may be a part of one."""
        import numpy as np

        heard = np.concatenate([self._context, samples, np.zeros(-len(samples) % WINDOW, np.float32)])
        windows = np.lib.stride_tricks.sliding_window_view(heard, CONTEXT + WINDOW)[::WINDOW]
        chances: Chances
        chances, self._h, self._c = self._session.run(None, {"input": windows.copy(), "h": self._h, "c": self._c})
        self._context = heard[-CONTEXT:]
        return chances


def speech(chances: "Chances") -> "npt.NDArray[np.bool_]":
    """Whether somebody speaks, for each window."""
    import numpy as np

    spoken, speaking = np.zeros(len(chances), bool), False
    for window, chance in enumerate(chances.tolist()):
        spoken[window] = speaking = chance >= (STAYS if speaking else STARTS)
    return spoken


def stretches(chances: "Chances", longest: int) -> list[Windows]:
    """The stretches of speech between pauses, with margins, in order; none has more than ``longest`` windows."""
    import numpy as np

    edges = np.flatnonzero(np.diff(speech(chances), prepend=False, append=False)).tolist()
    between_pauses = list[Windows]()
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        goes_on = between_pauses and start - between_pauses[-1][1] < BREATH
        between_pauses.append((between_pauses.pop()[0] if goes_on else start, end))
    pieces = [piece for run in between_pauses for piece in _cut(*run, chances, longest - 2 * MARGIN)]
    return _with_margins(pieces, len(chances))


def _cut(start: int, end: int, chances: "Chances", longest: int) -> Iterator[Windows]:
    """Who speaks on and on is cut where speech is least likely, in the later half of what is allowed."""
    while end - start > longest:
        middle = start + longest // 2
        least = middle + int(chances[middle : start + longest].argmin())
        yield start, least
        start = least
    yield start, end


def _with_margins(pieces: list[Windows], count: int) -> list[Windows]:
    """A pause that is too short for two margins is halved."""
    befores = [-2 * MARGIN, *(end for _, end in pieces)]
    afters = [*(start for start, _ in pieces[1:]), count + 2 * MARGIN]
    return [
        (max(0, start - min(MARGIN, (start - before) // 2)), min(count, end + min(MARGIN, (after - end) // 2)))
        for before, (start, end), after in zip(befores, pieces, afters, strict=False)
    ]
