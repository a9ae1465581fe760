"""Looking for garbage less often: Python's collector goes through all young objects after every 700 new ones."""

import contextlib
import gc
from collections.abc import Iterator

SELDOM = 100_000  # objects


@contextlib.contextmanager
def looked_for_seldom() -> Iterator[None]:
    """Looks for it seldom, and not among what is there already. That saves a quarter of the time of a first poll."""
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
