"""A process that scans bodies: ``python -m podcast_assets.feeds.worker``, started and ended by ``workers``.

It reads questions from its standard input and writes answers to its standard output, each a pickle with its length before it
(8 bytes, the most significant first), until its input ends. What it imports is kept small: it is started in the middle of a
poll.
"""

import contextlib
import os
import pickle
import resource
import signal
import sys
from collections.abc import Sequence

from podcast_assets.feeds import garbage
from podcast_assets.feeds.scan import Body, Scanned, Trouble, scan
from podcast_assets.feeds.sightings import Conditions

NICENESS = 5  # fetching comes first: it is what the rest waits for
MOST_MEMORY = 1_500_000_000  # bytes of addresses; the largest feed that is let through takes a third


def scan_all(bodies: Sequence[Body], conditions: Conditions) -> list[Scanned | Trouble]:
    """Scans several bodies, one after the other."""
    return [scan(body, conditions) for body in bodies]


def main() -> None:
    """Answers until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started us, and ends our input
    os.nice(NICENESS)
    with contextlib.suppress(ValueError, OSError):  # a system that knows no such limit
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    questions, answers = sys.stdin.buffer, sys.stdout.buffer
    with garbage.looked_for_seldom(), contextlib.suppress(BrokenPipeError):  # whoever asked was killed
        while head := questions.read(8):
            bodies, conditions = pickle.loads(questions.read(int.from_bytes(head, "big")))  # noqa: S301 - of our own parent
            answer = pickle.dumps(scan_all(bodies, conditions), pickle.HIGHEST_PROTOCOL)
            answers.write(len(answer).to_bytes(8, "big") + answer)
            answers.flush()


if __name__ == "__main__":
    main()
