"""What models are asked: a file a prompt beside this module, its version in the first line.

A version is raised with every change of the text: it is in the key of each reply that is kept, and in each row. Whatever
comes from outside stands between two lines that its author cannot have known, since they are made of all of it.
"""

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from pathlib import Path

from podcast_assets.hashing import sha256
from podcast_assets.text import one_line

HEADER = "Version: "


@dataclasses.dataclass(frozen=True)
class Prompt:
    """A prompt's text, with ``{names}`` to fill in, and its version as rows show it (``extract-1``)."""

    version: str
    text: str


@functools.cache
def prompt(name: str) -> Prompt:
    """The prompt of this name."""
    first, _, text = (Path(__file__).parent / f"{name}.md").read_text(encoding="utf-8").partition("\n")
    return Prompt(f"{name}-{first.removeprefix(HEADER)}", text.strip())


def asked(name: str, data: Sequence[str], **fields: object) -> tuple[str, str]:
    """The two messages of a question: the prompt, and the fenced data (a text a line)."""
    lines = [one_line(line) for line in data]
    mark = sha256("\n".join(lines))[:12]
    opening, closing = f"<data {mark}>", f"</data {mark}>"
    system = prompt(name).text.format_map({"open": opening, "close": closing, **fields})
    return system, "\n".join([opening, *lines, closing])


def described(texts: Mapping[str, str | None], longest: int) -> list[str]:
    """Lines that say what an episode is about, each at most ``longest`` characters; those without a text are left out."""
    return [f"{name}: {one_line(text, longest)}" for name, text in texts.items() if text and text.strip()]
