"""What is cut from a talk before insights are sought: sponsor reads, housekeeping, and nothing that an idea needs."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podcast_assets.insights.chatter.cut import Cut
from podcast_assets.insights.chatter.sift import cuts_of, sift
from podcast_assets.insights.extractive.extract import extract
from podcast_assets.insights.talk import Sentence, sentences_of, turns_of
from tests.talks import CUES, DAY, READ, TALK, WORD_S, accepted, by_sentence, found, monologue, sentences


def cut_places(talk: Sequence[Sentence]) -> set[int]:
    """The indices of the sentences that are cut as sponsor reads."""
    return {i for cut in cuts_of(talk) if cut.kind == "sponsor read" for i in range(cut.first, cut.last + 1)}


def test_the_read_that_the_tests_hide_would_be_an_insight() -> None:
    """Without this, the tests below prove nothing."""
    assert "kettle" in " ".join(row["quote"] for row in accepted(found(by_sentence([*TALK, ("Mara", READ)]))))


@pytest.mark.parametrize("cue", CUES)
@pytest.mark.parametrize("before", [True, False])
def test_no_word_of_a_sponsor_read_is_accepted(cue: str, before: bool) -> None:
    read = f"{cue} {READ}" if before else f"{READ} {cue}"
    extraction = found(by_sentence([*TALK[:3], ("Ad", read), *TALK[3:]]))
    rows = accepted(extraction)
    assert len(rows) >= 3
    assert "kettle" not in " ".join(row["quote"] for row in rows).lower()
    assert extraction.sponsor_s == pytest.approx(len(read.split()) * WORD_S, abs=0.01)
    assert any((row["reject_reason"] or "").startswith("sponsor read: ") for row in extraction.rows)


def test_a_read_inside_a_long_turn_is_cut_between_its_first_and_its_last_cue() -> None:
    idea = " ".join(text for _, text in (TALK[2], TALK[4], TALK[6]))
    rows = accepted(
        found(monologue(idea, CUES[0], READ, "It is kind to wrists. It suits small kitchens.", CUES[4], idea[::1]))
    )
    assert rows
    assert "kettle" not in " ".join(row["quote"] for row in rows)


def test_a_brand_that_is_named_far_from_the_cue_is_part_of_the_read() -> None:
    idea = " ".join(text for _, text in (TALK[2], TALK[4], TALK[6]))
    far = (
        "Owners of a Brightspoon save more than 30 percent of their tea, because nothing boils over in half the usual time."
    )
    filler = "Small kitchens are calm. Wrists stay calm too. Cups stay warm. Nobody minds the steam. Guests like the colour."
    talk = monologue(idea, CUES[0], filler, far, idea)
    cut = cut_places(sentences_of(turns_of(talk)))
    said = [sentence.text for sentence in sentences_of(turns_of(talk))]
    assert said.index(far) in cut
    assert said.index("Cups stay warm.") in cut, "what lies between two signs of one read belongs to it"


@pytest.mark.parametrize(
    "text",
    [
        "A free trial teaches a company less than it hopes, because users of a free trial have decided nothing yet.",
        "The dot com bubble burst in 2000, and half of its companies were gone within three years.",
        "Theories that are supported by evidence still fail when the evidence comes from one laboratory.",
        "Investors rarely get their money back from a bridge, which is why states build more of them than firms.",
        "Engineers who work with code read it ten times more often than they write it.",
    ],
)
def test_words_that_sponsors_and_business_share_do_not_make_a_read(text: str) -> None:
    """A show about prices or software loses its best minutes."""
    idea = " ".join(text for _, text in (TALK[2], TALK[4], TALK[6]))
    assert cut_places(sentences(f"{idea} {text} {text} {idea}")) == set()
    assert cut_places(sentences(f"{idea} {text} {CUES[4]} {idea}")), "the talk is long enough for a cut"


def test_where_sponsor_cues_are_everywhere_half_of_the_talk_is_left() -> None:
    """A show about advertising gives no insight at all, or nobody hears why its advertising was left in."""
    talk = [(speaker, f"This episode is sponsored by rain. {text}") for speaker, text in TALK]
    extraction = found(by_sentence(talk))
    assert 0 < extraction.sponsor_s <= sum(len(text.split()) for _, text in talk) * WORD_S / 2
    assert accepted(extraction)
    assert (extraction.remark or "").startswith(
        "not cut, as more than half of the episode would go: it says 'this episode is"
    )


def test_what_others_say_before_between_and_after_the_reads_is_not_cut() -> None:
    read = ("Ad", CUES[0])
    talk = sentences_of(turns_of(by_sentence([TALK[2], read, TALK[4], read, TALK[2]])))
    assert {talk[i].turn for i in cut_places(talk)} == {1, 3}


# --- By chapters, by voices, in other languages -----------------------------------------------------------------------

IDEAS = [TALK[2], TALK[4], TALK[6]]


def said_in(talk: Sequence[Sentence], cuts: Sequence[Cut]) -> str:
    return " ".join(sentence.text for cut in cuts for sentence in talk[cut.first : cut.last + 1])


@pytest.mark.parametrize(
    "title", ["Sponsor", "Ad", "Ad break", "Werbung", "Sponsor: Brightspoon", "Thanks to our sponsors", "Ad #2", "Publicité"]
)
def test_a_chapter_of_advertising_is_cut_to_the_second(title: str) -> None:
    """A read without any cue, which the publisher himself marked, becomes an insight."""
    segments = by_sentence([*IDEAS, ("Mara", READ), *IDEAS])
    start_s = sum(len(text.split()) for _, text in IDEAS) * WORD_S
    end_s = start_s + len(READ.split()) * WORD_S
    chapters: list[dict[str, Any]] = [
        {"start_s": 0.0, "title": "Wells"},
        {"start_s": end_s, "title": None},
        {"start_s": start_s, "title": title},
    ]
    talk = sentences_of(turns_of(segments))
    (cut,) = cuts_of(talk, chapters)
    assert said_in(talk, [cut]) == READ
    assert (cut.kind, cut.ground) == ("sponsor read", f"chapter '{title}'")
    rows = extract(DAY, "e", segments, chapters).rows
    assert "kettle" not in " ".join(row["quote"] for row in rows if row["status"] == "accepted")


@pytest.mark.parametrize(
    "chapter",
    [
        {"start_s": 40.0, "title": "Ads: how they are paid for"},
        {"start_s": 40.0, "title": "Sponsors and mentors in a career"},
        {"start_s": 40.0, "title": "Advertising in the age of sail"},
        {"start_s": None, "title": "Sponsor"},
        {"start_s": 900.0, "title": "Sponsor"},
        {"start_s": 40.0, "title": None},
    ],
)
def test_a_chapter_about_something_else_or_nowhere_cuts_nothing(chapter: dict[str, Any]) -> None:
    assert cuts_of(sentences_of(turns_of(by_sentence([*IDEAS, *IDEAS]))), [chapter]) == []


def test_a_chapter_of_advertising_that_nobody_ended_is_not_believed() -> None:
    """The rest of the talk is cut, because the publisher marked no chapter after the advert."""
    talk = sentences_of(turns_of(by_sentence([*IDEAS * 6, ("Mara", "Now then."), *IDEAS * 7])))
    start_s = next(sentence.start_s for sentence in talk if sentence.text == "Now then.")
    assert talk[-1].end_s - start_s > 360
    assert cuts_of(talk, [{"start_s": start_s, "title": "Ad"}]) == []


def test_a_voice_that_is_heard_for_seconds_and_sells_is_cut_whole() -> None:
    """A recorded advert says the brand's best sentences in turns that hold no cue."""
    advert = [("Ad", READ), ("Mara", "Oh."), ("Ad", "Brightspoon gives you a free trial, and 20 percent off.")]
    talk = sentences_of(turns_of(by_sentence([*IDEAS, *advert, *IDEAS])))
    cuts = cuts_of(talk)
    assert {talk[i].speaker for cut in cuts for i in range(cut.first, cut.last + 1)} == {"Ad"}
    assert READ in said_in(talk, cuts)
    assert "a voice of 20 s that sells" in {cut.ground for cut in cuts}


def test_a_guest_who_speaks_for_minutes_about_selling_is_left_alone() -> None:
    about = "A free trial taught us little, and 20 percent off taught us nothing, because buyers had decided before."
    talk = sentences_of(turns_of(by_sentence([*IDEAS, ("Guest", f"{IDEAS[1][1]} " * 4 + about), *IDEAS])))
    cut = said_in(talk, cuts_of(talk))
    assert "timber bridges" not in cut


@pytest.mark.parametrize(
    ("cue", "says"),
    [
        ("Diese Folge wird präsentiert von Brightspoon.", "präsentiert von"),
        ("Mit dem Rabattcode sparst du zehn Euro.", "rabattcode"),
        ("Cet épisode est sponsorisé par Brightspoon.", "sponsorisé par"),
        ("Profitez du code promo avant vendredi.", "code promo"),
        ("Este episodio es presentado por Brightspoon.", "presentado por"),
        ("Usa el código de descuento antes del viernes.", "código de descuento"),
    ],
)
def test_reads_are_found_in_other_languages(cue: str, says: str) -> None:
    talk = sentences_of(turns_of(by_sentence([*IDEAS, ("Ad", cue), *IDEAS])))
    (cut,) = cuts_of(talk)
    assert said_in(talk, [cut]) == cue
    assert says in cut.ground


# --- The edges of a read ----------------------------------------------------------------------------------------------


def test_the_talk_right_before_and_right_after_a_read_is_left() -> None:
    """The host's next question, and the guest's last word, go with the advert."""
    before, after = "Beams rot where nobody looks.", "Carpenters know this better than owners."
    idea = " ".join(text for _, text in IDEAS)
    talk = sentences_of(turns_of(monologue(idea, before, CUES[0], READ, "Visit brightspoon dot example.", after, idea)))
    (cut,) = cuts_of(talk)
    assert talk[cut.first].text == CUES[0]
    assert talk[cut.last].text == "Visit brightspoon dot example."
    assert (talk[cut.first - 1].text, talk[cut.last + 1].text) == (before, after)


# --- Housekeeping -----------------------------------------------------------------------------------------------------


def test_greetings_and_goodbyes_are_housekeeping_only_where_they_stand() -> None:
    """Who says in the middle of a talk what one says at its end loses an idea."""
    middle = ("Oskar", "Take care of the lowest beams, and the bridge outlives you.")
    talk = sentences_of(turns_of(by_sentence([TALK[0], *IDEAS * 3, middle, *IDEAS * 3, TALK[7]])))
    cuts = cuts_of(talk)
    assert {cut.kind for cut in cuts} == {"housekeeping"}
    cut = said_in(talk, cuts)
    assert "welcome to Salt and Timber" in cut
    assert "see you next week" in cut
    assert "Take care" not in cut
    assert {cut.ground for cut in cuts} >= {"it says 'welcome to'"}


def test_subscribing_is_housekeeping_to_the_show_alone() -> None:
    plea, idea = "Subscribe to our podcast.", "Owners subscribe to the core plan, and carpenters subscribe to that view."
    talk = sentences_of(turns_of(monologue(IDEAS[0][1], plea, IDEAS[1][1], idea, IDEAS[2][1])))
    assert said_in(talk, cuts_of(talk)) == plea


# --- Never more than half ---------------------------------------------------------------------------------------------

PIECES = st.lists(
    st.tuples(st.sampled_from([None, "Mara", "Oskar", "Ad"]), st.sampled_from([*CUES, READ, *(text for _, text in TALK)])),
    max_size=14,
)
CHAPTERS = st.lists(
    st.fixed_dictionaries(
        {
            "start_s": st.none() | st.floats(0, 400),
            "title": st.none() | st.sampled_from(["Sponsor", "Ad break", "Wells", "Promo"]),
        }
    ),
    max_size=4,
)


@settings(max_examples=150, deadline=None)
@given(PIECES, CHAPTERS)
def test_at_most_half_is_cut_in_order_and_once(pieces: list[tuple[str | None, str]], chapters: list[dict[str, Any]]) -> None:
    """A show that reads like advertising gives nothing at all, or a word is cut twice."""
    talk = sentences_of(turns_of(by_sentence(pieces)))
    cuts, spared = sift(talk, chapters)
    assert cuts == cuts_of(talk, chapters)
    places = [i for cut in cuts for i in range(cut.first, cut.last + 1)]
    assert places == sorted(set(places))
    assert all(0 <= cut.first <= cut.last < len(talk) and cut.ground for cut in [*cuts, *spared])
    assert 2 * sum(talk[i].words for i in places) <= sum(sentence.words for sentence in talk)


def test_what_the_publisher_marked_is_cut_before_what_a_cue_suggests() -> None:
    """Where not all can be cut, the guess is cut and the certain advert stays."""
    said = by_sentence(
        [("Mara", READ), ("Mara", " ".join(["Thanks for listening.", *CUES])), ("Oskar", "Indeed, and no more.")]
    )
    talk = sentences_of(turns_of(said))
    cuts, spared = sift(talk, [{"start_s": 0.0, "title": "Ad"}, {"start_s": len(READ.split()) * WORD_S, "title": "Talk"}])
    assert said_in(talk, cuts).startswith(READ)
    assert spared
