"""What this stage asks models: the prompts that lie beside this module."""

from pathlib import Path
from typing import Final

from podcast_assets.llm.prompts import Prompt, read_prompt

EXTRACT: Final[Prompt] = read_prompt(Path(__file__).parent / "extract.md")
GRADE: Final[Prompt] = read_prompt(Path(__file__).parent / "grade.md")
