"""What models are asked: a file a prompt beside the stage that asks it, its version in the first line.

A version is raised with every change of the text: it is in the key of each reply that is kept, and in each row. Whatever
comes from outside stands between two lines that its author cannot have known, since they are made of all of it.
"""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from podcast_assets.hashing import sha256
from podcast_assets.llm.client import Question
from podcast_assets.text import one_line

HEADER = "Version: "


@dataclasses.dataclass(frozen=True)
class Prompt:
    """A prompt's text, with ``{names}`` to fill in. ``purpose`` is its name, ``version`` as rows show it (``extract-1``)."""

    purpose: str
    version: str
    text: str

    def question(
        self,
        day: dt.date,
        episode_id: str,
        data: Sequence[str],
        schema: dict[str, Any],
        reply_tokens: int,
        **fields: object,
    ) -> Question:
        """The prompt with the fenced data as a question.

        Args:
            day: of what is asked about.
            episode_id: of what is asked about; empty where it is not of one episode.
            data: texts from outside, a line each.
            schema: the JSON schema of the reply.
            reply_tokens: how long the reply may be.
            fields: the other names in the prompt.
        """
        lines = [one_line(line) for line in data]
        mark = sha256("\n".join(lines))[:12]
        opening, closing = f"<data {mark}>", f"</data {mark}>"
        system = self.text.format_map({"open": opening, "close": closing, **fields})
        user = "\n".join([opening, *lines, closing])
        return Question(day, episode_id, self.purpose, self.version, system, user, schema, reply_tokens)


def read_prompt(file: Path) -> Prompt:
    """The prompt in a file, whose name is its purpose."""
    first, _, text = file.read_text(encoding="utf-8").partition("\n")
    return Prompt(file.stem, f"{file.stem}-{first.removeprefix(HEADER)}", text.strip())


def described(texts: Mapping[str, str | None], longest: int) -> list[str]:
    """Lines that say what something is about, each at most ``longest`` characters; those without a text are left out."""
    return [f"{name}: {one_line(text, longest)}" for name, text in texts.items() if text and text.strip()]
