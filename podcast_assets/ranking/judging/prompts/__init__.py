"""What this stage asks models: the prompts that lie beside this module."""

from pathlib import Path
from typing import Final

from podcast_assets.llm.prompts import Prompt, read_prompt

COMPARE: Final[Prompt] = read_prompt(Path(__file__).parent / "compare.md")
RELATE: Final[Prompt] = read_prompt(Path(__file__).parent / "relate.md")
