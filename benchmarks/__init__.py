"""What is measured, and how: ratios of two things done side by side in one run, as medians of several."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Figure:
    """What a benchmark found: a line that tells all, and the one value that has a limit (the largest, or the smallest)."""

    name: str
    line: str
    value: float
    limit: float
    at_least: bool = False

    @property
    def is_missed(self) -> bool:
        """Whether the value is on the wrong side of its limit."""
        return self.value < self.limit if self.at_least else self.value > self.limit
