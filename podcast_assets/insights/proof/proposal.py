"""What is to be proven: an insight as a language model proposes it, and what the episode says about itself.

Nothing here is trusted: a model wrote the one, a stranger's feed the other.
"""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Proposal:
    """An insight as a model gave it, word for word."""

    quote: str
    claim: str
    body: str
    speaker: str | None
    kind: str
    topics: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Source:
    """The episode's own text, as plain text: its title, its show's, its notes; ``language`` is a tag such as ``en-GB``."""

    title: str
    show: str
    notes: str
    language: str | None

    @property
    def text(self) -> str:
        """All of it."""
        return f"{self.title}\n{self.show}\n{self.notes}"
