"""What is wrong with a value, in one line: the key as the file has it, and what is expected.

An unknown key names the nearest valid one, so that a typing mistake never turns into a default.
"""

import difflib
from typing import Any

import pydantic

from podcast_assets.config.keys import Config, EmailConfig, Section, shown

# Where pydantic speaks of Python's types.
_IN_TOML = {"tuple_type": "expected a list", "model_type": "expected a section, with keys of its own"}


def explained(error: Any) -> str:
    """One line for one of pydantic's errors: the key as the file has it, what is wrong, what is expected."""
    location = [str(part) for part in error["loc"]]
    if error["type"] == "extra_forbidden":
        *sections, name = location
        valid = _keys_of(sections)
        nearest = difflib.get_close_matches(name, valid, n=1, cutoff=0.4)
        hint = f"did you mean {nearest[0]!r}?" if nearest else f"valid keys: {', '.join(valid)}"
        return f"{_key(location)}: unknown key; {hint}"
    message = str(error["msg"])
    if error["type"] == "value_error":  # one of our own validators
        return f"{_key(location)}: {message.removeprefix('Value error, ')}"
    expected = _IN_TOML.get(error["type"], message[0].lower() + message[1:])
    return f"{_key(location)}: {expected} (found {shown(error['input'])})"


def _key(location: list[str]) -> str:
    """``["feeds", "urls", "0"]`` as ``[feeds] urls.0``; a key of the top level as itself."""
    head, *rest = location or ["(file)"]
    return f"[{head}] {'.'.join(rest)}" if rest else (f"[{head}]" if head in _sections() else head)


def _sections() -> set[str]:
    return {name for name, field in Config.model_fields.items() if isinstance(field.default, Section)}


def _keys_of(sections: list[str]) -> list[str]:
    model: type[pydantic.BaseModel] = Config
    for part in sections:
        if part.isdigit():
            continue
        field = model.model_fields[part]
        model = EmailConfig if part == "email" else type(field.default)
    return list(model.model_fields)
