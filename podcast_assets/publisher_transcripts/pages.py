"""A page of HTML as the lines that a reader sees, and whether it looks like something else than a transcript.

Belongs here: which parts of a page are talk, where its lines end. Does not belong here: who says what in a line, and when
(``prose``): what the namespace's form marks up (``<cite>``, ``<time>``) is written into the lines as plain text has it. The
standard library's parser does the reading. What it is slow at (comments, scripts and tags that nobody closes, tags of
megabytes) is taken out before, so that no page takes longer than its length explains.
"""

import dataclasses
import re
from html.parser import HTMLParser

from podcast_assets.publisher_transcripts.prose import CLOCK, Line
from podcast_assets.text import one_line

ENOUGH_CHARACTERS = 1000  # a part of a page that calls itself the transcript is taken for it from this length on
MOST_LINKED = 0.5  # where more of the text than this leads elsewhere, the page is there to lead elsewhere
FEW_CHARACTERS = 3000  # a page with more is not there to refuse something
LONGEST_TAG = 5000  # longer ones hold pictures

_FIRST_TAG = re.compile(r"<([A-Za-z][A-Za-z0-9:]*)")
_HUGE_TAG = re.compile(rf"<[^<>]{{{LONGEST_TAG},}}>|<[!?][^<>]*>")
_NO_TAG = re.compile(r"<(?!/?[A-Za-z][^<>]*>)")
_UNSAID = ("script", "style")  # their content is no markup
# fmt: off
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BLOCKS = _HEADINGS | frozenset({
    "address", "article", "aside", "blockquote", "body", "br", "dd", "div", "dl", "dt", "fieldset", "figcaption", "figure",
    "footer", "form", "header", "hr", "html", "li", "main", "nav", "ol", "option", "p", "pre", "section", "table", "tbody",
    "td", "th", "thead", "tr", "ul",
})
_LEFT_OUT = frozenset({
    "aside", "button", "dialog", "footer", "header", "iframe", "nav", "noscript", "select", "svg", "template", "textarea",
})
_BEGINNINGS = frozenset({"body", "main", "article"})  # what was left out and never closed has ended here
_WATCHED = _LEFT_OUT | {"a", "main", "article", "title", "cite", "dt"}
_HTML = _BLOCKS | _WATCHED | frozenset({
    "b", "em", "font", "head", "i", "link", "meta", "script", "small", "span", "strong", "style", "time", "u",
})
# fmt: on
_REFUSALS = re.compile(
    r"\b(?:40[0-9]|50[0-9]|not found|access denied|forbidden|sign ?in|log ?in|register|just a moment|attention required|"
    r"captcha|are you (?:a )?(?:human|robot)|(?:server )?error|unavailable)\b",
    re.IGNORECASE,
)


@dataclasses.dataclass(frozen=True)
class Page:
    """The lines of a page (an empty one ends a paragraph), and why it is no transcript if its lines do not prove it one."""

    lines: list[Line]
    objection: str | None


def is_html(text: str) -> bool:
    """Whether a document that starts with a tag is HTML, not some other XML (a feed, an answer of a storage service)."""
    found = _FIRST_TAG.search(text)
    return bool(found and found[1].lower() in _HTML)


def read(text: str) -> Page:
    """What a page says: the part that calls itself the transcript, else its main part, else all but navigation and forms."""
    text = _without(text, "<!--", "-->")
    for name in _UNSAID:
        text = _without(text, f"<{name}", f"</{name}")
    reader = _Reader()
    reader.feed(_NO_TAG.sub("&lt;", _HUGE_TAG.sub(" ", text)))
    reader.close()
    reader.end_line()
    for wanted in (2, 1):
        found = [line for rank, line in reader.ranked if rank >= wanted]
        if sum(len(line.text) for line in found) >= ENOUGH_CHARACTERS:
            return Page(found, reader.objection())
    return Page([line for _, line in reader.ranked], reader.objection())


def _without(text: str, start: str, end: str) -> str:
    """The text without all that lies between the two marks; without an end, what starts there is all that follows."""
    kept, at, low = [], 0, text.lower()
    if len(low) != len(text):  # a few letters have no small form of their length
        low = text
    while (found := low.find(start, at)) >= 0:
        kept.append(text[at:found])
        ended = low.find(end, found + len(start))
        at = low.find(">", ended) + 1 if ended >= 0 else 0
        at = at or len(text)
    return "".join([*kept, text[at:]])


class _Reader(HTMLParser):
    """Collects lines, each with its rank: 2 in the page's transcript, 1 in its main part, 0 elsewhere."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.ranked: list[tuple[int, Line]] = []
        self.title = ""
        self._line: list[str] = []
        self._open: dict[str, int] = {}  # how many elements of a name are open, of those that matter
        self._transcript: list[str] = []  # the names of what is open in the part that calls itself the transcript
        self._named = False  # the line so far is a <cite> and nothing else
        self._heading = False
        self._time_at: int | None = None  # the place in the line where a <time> begins
        self._linked = self._characters = 0
        self._asks_password = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS or (tag == "time" and self._named):
            self.end_line()
        if tag != "br" and self._transcript and tag == self._transcript[0]:
            self._transcript.append(tag)
        elif not self._transcript and tag in {"div", "section", "article", "main", "details"}:
            marks = " ".join(value or "" for name, value in attrs if name in {"id", "class"}).lower()
            self._transcript += [tag] if "transcript" in marks else []
        if tag in _BEGINNINGS:
            self._open = {name: count for name, count in self._open.items() if name not in _LEFT_OUT}
        if tag in _WATCHED:
            self._open[tag] = self._open.get(tag, 0) + 1
        self._heading |= tag in _HEADINGS
        self._asks_password |= tag == "input" and ("type", "password") in attrs
        if tag == "time":
            self._time_at = len(self._line)

    def handle_endtag(self, tag: str) -> None:
        if tag == "cite" and self._open.get(tag):
            self._named = bool(one_line("".join(self._line)))
        if tag == "time" and self._time_at is not None:
            time = "".join(self._line[self._time_at :]).strip()
            self._line[self._time_at :] = [f" [{time}] " if CLOCK.fullmatch(time) else f" {time} "]
            self._time_at = None
        if tag in _BLOCKS:
            self.end_line()
        if self._open.get(tag):
            self._open[tag] -= 1
        if self._transcript and tag == self._transcript[0]:
            self._transcript.pop()

    def handle_data(self, data: str) -> None:
        if self._open.get("title"):
            self.title += data
        elif not any(self._open.get(tag) for tag in _LEFT_OUT):
            if data.strip():
                self._named = False
                self._characters += len(data)
                self._linked += len(data) if self._open.get("a") else 0
            self._line.append(data)

    def end_line(self) -> None:
        """What follows is another line."""
        text = one_line("".join(self._line))
        if text:
            rank = 2 if self._transcript else int(bool(self._open.get("main") or self._open.get("article")))
            name = f"{text.rstrip(':')}:" if self._named or self._open.get("dt") else text
            self.ranked += [(rank, Line(name, is_heading=self._heading)), (rank, Line(""))]
        self._line.clear()
        self._open.pop("dt", None)  # as often as not, nobody closes it
        self._named = self._heading = False
        self._time_at = None

    def objection(self) -> str | None:
        """What the page is more likely than a transcript, by what is in it beside talk."""
        if self._asks_password and self._characters < FEW_CHARACTERS:
            return "a page that asks for a password"
        if _REFUSALS.search(self.title) and self._characters < FEW_CHARACTERS:
            return f"a page with the title {one_line(self.title, 80)!r}"
        if self._linked > MOST_LINKED * self._characters:
            return "a page of links"
        return None
