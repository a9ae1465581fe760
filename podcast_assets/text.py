"""Text from outside, made fit to be shown: on one line, with nothing in it that cannot be seen. A leaf of the imports."""

import re

# Control characters (those that are white space apart), soft hyphens, zero-width spaces, marks of direction, halves of
# surrogate pairs, signs that only programs read (with the tags of U+E0000, in which whole sentences can be hidden): what
# turns a terminal's state or a line's direction, or is not there at all for its reader.
UNSEEN = re.compile(
    r"[\0-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\ud800-\udfff\U000e0000-\U000e0fff]"
)
MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~&$^]|=(?==)|%(?=%))")


def one_line(text: object, longest: int | None = None) -> str:
    """The text with single spaces for all its white space, without what cannot be seen; at most ``longest`` characters."""
    line = str(text)
    if not (line.isascii() and line.isprintable()) or "  " in line or line[:1] == " " or line[-1:] == " ":
        line = " ".join(UNSEEN.sub("", line).split())
    return line if longest is None or len(line) <= longest else line[: longest - 1] + "…"


def as_markdown(text: str) -> str:
    """Text as Markdown that shows exactly this text, on one line."""
    line = MARKDOWN.sub(r"\\\1", one_line(text))
    line = re.sub(r"(?<=:)//|(?<=www)\.", r"\\\g<0>", line, flags=re.IGNORECASE)  # else many readers make a link of it
    return re.sub(r"^(\d+)([.)])|^([-+=:])", lambda match: (match[1] or "") + "\\" + (match[2] or match[3]), line)


def in_other_words(body: str | None, quote: str | None) -> bool:
    """Whether a body says something in words of its own, so that it is worth reading beside the quote."""
    said, heard = (set(re.findall(r"\w+", (text or "").lower())) for text in (body, quote))
    return not said <= heard
