"""How much memory a process has taken.

``getrusage`` is no good for it: what a process was started from counts there, too, and tests start theirs from pytest.
"""

import re
from pathlib import Path


def peak_kb() -> int:
    """The most that this process has had in memory at once, in kilobytes."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    assert found
    return int(found[1])
