"""What is measured, and how: ratios of two things done side by side in one run, as medians of several."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Figure:
    """What a benchmark found: a line that tells all, and the one value that has a limit."""

    name: str
    line: str
    value: float
    limit: float

    @property
    def is_above(self) -> bool:
        """Whether the value is above its limit."""
        return self.value > self.limit
