"""An insight as a judge reads it: the idea and what carries it, and nothing that would tell whose it is.

The show is left out on purpose: a judge who knows the name favours the famous.
"""

import dataclasses

from podcast_assets.llm.prompts import described

LONGEST = 600  # characters of a text


@dataclasses.dataclass(frozen=True)
class Shown:
    """An insight's identity and texts; any text may be missing."""

    insight_id: str
    claim: str | None
    body: str | None
    quote: str | None

    def lines(self, heading: str) -> list[str]:
        """Its lines under a heading such as ``3``; the speaker's words stand in where there is no body."""
        told = {"Body": self.body} if self.body and self.body.strip() else {"Quote": self.quote}
        return described({f"{heading}. Claim": self.claim or "(none)", **told}, LONGEST)
