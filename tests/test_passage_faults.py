"""Why a passage is no insight: it does not stand alone, or says nothing of the matter."""

import pytest

from podcast_assets.insights.extractive.faults import fault_of
from tests.talks import sentences


def fault(text: str) -> str | None:
    return fault_of(sentences(text))


IDEA = "Wooden nails hold longer than iron ones in oak, because iron and oak destroy each other."


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (IDEA, None),
        (f"Welcome back to Salt and Timber. {IDEA}", "greeting or housekeeping"),
        (f"{IDEA} Thank you so much for coming on the show.", "greeting or housekeeping"),
        (f"{IDEA} Rate and review the show, it helps.", "greeting or housekeeping"),
        (f"Happy new year to both of you. {IDEA}", "greeting or housekeeping"),
        (f"It destroys the oak. {IDEA}", "opens with a reference to what was said before"),
        (f"So, well, they never asked the carpenter. {IDEA}", "opens with a reference to what was said before"),
        (f"And because these beams were wet, nobody came. {IDEA}", "opens with a reference to what was said before"),
        (f"{IDEA} Builders [inaudible 00:12:44] before the timber.", "words are missing"),
        (f"{IDEA} Builders (crosstalk) before the timber.", "words are missing"),
        (f"{IDEA} Builders choose the fastener after the", "breaks off"),
        (f"Slightly frightening. {IDEA}", "starts or ends with a mere reaction"),
        (f"{IDEA} I know.", "starts or ends with a mere reaction"),
        (f"Why do wooden nails hold longer? {IDEA}", "a question"),
        (f"{IDEA} Would you build with wooden nails?", "a question"),
        (f"In the winter, they never paint the beams. {IDEA}", "opens with a link to what was said before"),
        (f"The second reason is the salt of the sea. {IDEA}", "opens with a link to what was said before"),
        (f"For example, the bridge of Veldhaven rotted. {IDEA}", "opens with a link to what was said before"),
        (f"Builders choose these nails after the timber. {IDEA}", "points at what was said before"),
        (f"Builders regret those kinds of nails early. {IDEA}", "points at what was said before"),
        (f"Builders like the same nails too, and pay more. {IDEA}", "points at what was said before"),
        (f"Builders buy fewer iron nails these days. {IDEA}", None),
        (f"Builders have this old belief. {IDEA}", None),
        (f"Instead of iron nails, builders take wooden ones. {IDEA}", None),
        (f'Nobody asks the carpenters for advice." {IDEA}', "starts or ends inside a quotation"),
        (f'"Nobody asks us," the carpenters told her. {IDEA}', None),
        (f"As you mentioned, carpenters know this. {IDEA}", "talk about the conversation"),
        (f"{IDEA} Let me ask Mara about her boat.", "talk about the conversation"),
    ],
)
def test_what_is_no_idea_has_a_reason(text: str, reason: str | None) -> None:
    assert fault(text) == reason


def test_words_without_any_mark_do_not_break_off() -> None:
    """Automatic captions without punctuation would give nothing at all."""
    assert fault("wooden nails hold longer than iron ones in oak because iron and oak destroy each other") is None
