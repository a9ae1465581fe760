"""Many episodes, some of which fail: when that is a row with a reason, and when the stage itself has failed."""

from collections import Counter
from collections.abc import Sequence

from podcast_assets.errors import TooManyFailuresError

FEW = 5  # below this many, one bad feed would look like a broken network


def check_failures(stage: str, outcomes: Sequence[tuple[str, str | None]]) -> None:
    """Fails the stage where more than half of at least five rows, and of the places they depend on, failed.

    Then the cause is not the input but the machine or the network. One dead host is that host's trouble, however many
    episodes it has.

    Args:
        stage: the asset's name, for the message.
        outcomes: for each row that was tried, what it depended on (a host, a file), and why it failed or None.

    Raises:
        TooManyFailuresError: with the most frequent reasons.
    """
    reasons = Counter(reason for _, reason in outcomes if reason is not None)
    failed, total = sum(reasons.values()), len(outcomes)
    places = {place for place, _ in outcomes}
    dead = places - {place for place, reason in outcomes if reason is None}
    if total >= FEW and failed * 2 > total and len(dead) > 1 and len(dead) * 2 > len(places):
        worst = "; ".join(f"{count} x {reason}" for reason, count in reasons.most_common(3))
        raise TooManyFailuresError(
            f"{stage}: {failed} of {total} failed ({worst}); nothing is lost: mend the cause and run the day again"
        )
