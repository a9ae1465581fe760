"""Many episodes, some of which fail: when that is a row with a reason, and when the stage itself has failed."""

from collections import Counter
from collections.abc import Iterable

from podcast_assets.errors import TooManyFailuresError

FEW = 5  # below this many, one bad feed would look like a broken network


def check_failures(stage: str, failures: Iterable[str], total: int) -> None:
    """Fails the stage where more than half of at least five rows failed: then the cause is not the input.

    Args:
        stage: the asset's name, for the message.
        failures: the reason of each failed row.
        total: how many rows were tried.

    Raises:
        TooManyFailuresError: with the most frequent reasons.
    """
    reasons = Counter(failures)
    failed = sum(reasons.values())
    if total >= FEW and failed * 2 > total:
        worst = "; ".join(f"{count} x {reason}" for reason, count in reasons.most_common(3))
        raise TooManyFailuresError(
            f"{stage}: {failed} of {total} failed ({worst}); nothing is lost: mend the cause and run the day again"
        )
