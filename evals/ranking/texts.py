"""The texts of the planted corpora: insights as people word them. Nothing of them was ever said on a show.

``texts.jsonl`` has topics with three ideas each. An idea is argued in four cases: the same point by other examples. The
first case is there in three tellings: the same example and facts as another person would put them. Some texts share their
tone across topics ("Most people think ... In truth ..."), which must not be taken for likeness. What fills the days in
between is put together here: sentences of ``frames.jsonl`` on each of ``subjects.jsonl``, which no topic has, in the same
tones. Facts in them are as reliable as small talk.
"""

import dataclasses
import json
import math
import random
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Literal

FOLDER = Path(__file__).parent
NAMES = """
    Anna Berg, Bruno Salvi, Chidi Eze, Dora Klein, Emil Novak, Fatma Kaya, Georg Lund, Hina Mori, Igor Petrov, Julia Costa,
    Kofi Mensah, Laura Vega, Mats Dahl, Nadia Rahman, Otto Frey, Priya Shah, Quentin Roux, Rosa Diaz, Stefan Wirth, Thuy Pham
"""

SENTENCE = re.compile(r"(?<=[.?!]) ")
SHORTEST = 30  # words of a body

Half = Literal["all", "dev", "held-out"]


@dataclasses.dataclass(frozen=True)
class Text:
    """An insight's words; ``case`` counts within the idea, which belongs to one topic, and ``telling`` within the case."""

    topic: str
    idea: str
    case: int
    telling: int
    claim: str
    body: str

    @property
    def words(self) -> str:
        """As it is read."""
        return f"{self.claim}. {self.body}"


@cache
def written(half: Half = "all") -> tuple[Text, ...]:
    """The written texts, by topic, idea, case and telling; of a half: those of every second topic.

    Whoever chooses a threshold by these texts looks at "dev" alone.
    """
    texts = [Text(**row) for row in _rows("texts.jsonl")]
    topics = list(dict.fromkeys(text.topic for text in texts))
    chosen = {"all": topics, "dev": topics[::2], "held-out": topics[1::2]}[half]
    return tuple(text for text in texts if text.topic in chosen)


def tellings(half: Half = "all") -> tuple[Text, ...]:
    """Of every idea its first case, in all tellings."""
    return tuple(text for text in written(half) if text.case == 1)


def cases(half: Half = "all") -> tuple[Text, ...]:
    """Of every idea all cases, in one telling."""
    return tuple(text for text in written(half) if text.telling == 1)


@cache
def fillers() -> tuple[Text, ...]:
    """What is said well and says little, in a fixed order of chance; each is an idea of its own.

    Forty in a row share neither subject nor claim, and a body has its sentences from several frames: else all texts of a
    frame would be near-copies of each other, and every measure would be right to say so.
    """
    order = random.Random(0)
    names = [name.strip() for name in NAMES.split(",")]
    subjects, frames = list(_rows("subjects.jsonl")), list(_rows("frames.jsonl"))
    order.shuffle(subjects)
    order.shuffle(frames)
    round_length = math.lcm(len(subjects), len(frames))  # after which the same pairs would come again
    found = []
    for number in range(len(subjects) * len(frames)):
        subject = subjects[(number + number // round_length) % len(subjects)]
        frame = frames[number % len(frames)]
        values = {**subject, "name": order.choice(names), "number": str(order.randint(11, 95))}
        values |= {key.capitalize(): value[0].upper() + value[1:] for key, value in values.items()}
        sentences = [SENTENCE.split(frame["body"])[0]]
        for other in order.sample(frames, len(frames)):
            if sum(len(sentence.format(**values).split()) for sentence in sentences) >= SHORTEST:
                break
            if other is not frame:
                sentences.append(order.choice(SENTENCE.split(other["body"])[1:]))
        claim, body = frame["claim"].format(**values), " ".join(sentences).format(**values)
        found.append(Text(subject["thing"], f"{subject['thing']}: {frame['claim']}", 1, 1, claim, body))
    return tuple(found)


def _rows(name: str) -> Iterator[dict[str, Any]]:
    with (FOLDER / name).open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)
