"""Claims and bodies: the speaker's own words, which read well without the talk around them."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from podcast_assets.insights.extractive.clauses import MOST_WORDS
from podcast_assets.insights.extractive.headline import claim_of, title_fault
from podcast_assets.insights.extractive.wording import body_of
from tests.talks import is_subsequence, words_of


@pytest.mark.parametrize(
    ("passage", "claim"),
    [
        # The belief that the speaker contradicts is not the claim.
        (
            ["People think that iron nails last for ever in oak, but iron and oak destroy each other."],
            "Iron and oak destroy each other",
        ),
        (
            ["A deeper harbour sounds like progress to most of the owners of ships, but the salt comes with it."],
            "The salt comes with it",
        ),
        (["Deeper harbours sound like progress, but salt comes with them."], None),
        # A condition is no clause without which the rest stays true.
        (
            ["Oak beams hold for a century if nobody lets the rain in."],
            "Oak beams hold for a century if nobody lets the rain in",
        ),
        # An "and" inside a list or between names is no boundary.
        (
            ["In 1994 Mara Lind and Oskar Berg measured sixty bridges, and most of them were rotten from below."],
            "Most of them were rotten from below",
        ),
        (
            [
                "The port kept its cranes, its pilots, its dark, narrow quays, and most of its debts after the last ship "
                "had gone."
            ],
            "The port kept its cranes, its pilots, its dark, narrow quays…",
        ),
        # What leads to a main clause is none; with it, the sentence is whole.
        (["When nobody looks after the beams.", "Rain is patient."], "When nobody looks after the beams. Rain is patient"),
        (["When nobody looks after the beams, the bridge goes."], None),
        # What somebody found is the claim, not that they found it.
        (
            ["A survey of two hundred wharves around the northern sea found that dry beams outlive strong ones."],
            "Dry beams outlive strong ones",
        ),
        (["Well, you know, dry beams outlive strong ones."], "Dry beams outlive strong ones"),
        (["“Dry beams outlive strong ones."], "Dry beams outlive strong ones"),
        # A main clause stands without the phrase before it.
        (
            ["During the long winters of the northern coast and its islands, dry beams outlive strong ones."],
            "Dry beams outlive strong ones",
        ),
        # A main clause that a condition governs is not taken without it; nor is a part of a list of them.
        (
            [
                "At sea, if the beams stay dry through the winter, the bridge holds for a century, builders sleep well, and "
                "nobody asks for money."
            ],
            "At sea, if the beams stay dry through the winter, the bridge…",
        ),
        # What only announces the claim, or only answers, is no part of it.
        (["The problem is that oak rots from below."], "Oak rots from below"),
        (
            ["Frankly, the oak of this coast rots from below within a few years, so, yeah, dry beams outlive strong ones."],
            "Dry beams outlive strong ones",
        ),
        # "No one" is not "one", and "so many" is not an opening.
        (["No one ever replaced the lowest beams."], "No one ever replaced the lowest beams"),
        (["So many bridges rot from below."], "So many bridges rot from below"),
        # A verb of the main clause, not of what hangs on it, and no story without its subject.
        (["A harbour that nobody ever dredged.", "Deep channels bring salt."], "Deep channels bring salt"),
        (["Never painted the beams again.", "Dry beams outlive strong ones."], "Dry beams outlive strong ones"),
        # The conclusion rather than the anecdote.
        (["Oskar went to Veldhaven in 2014.", "Dry beams make better bridges than strong ones."], None),
    ],
)
def test_a_claim_is_a_clause_that_can_be_read_as_a_title(passage: list[str], claim: str | None) -> None:
    assert claim_of(passage) == (claim or passage[-1].rstrip("."))


@pytest.mark.parametrize(
    ("passage", "claim"),
    [
        (
            [
                "Carpenters of the islands who were taught by their grandmothers choose every single nail after they have "
                "seen the oak."
            ],
            "Carpenters of the islands who were taught by their grandmothers choose…",
        ),
        (["Is oak the better wood?", "Oak!"], "Is oak the better wood? Oak!"),
        (["word " * 30], "Word word word word word word word word word word word word…"),
        (["船" * 400], "船" * 110 + "…"),
    ],
)
def test_without_a_clause_of_that_length_the_title_is_the_beginning_with_an_ellipsis(passage: list[str], claim: str) -> None:
    assert claim_of(passage) == claim


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("So, and, you know, iron rusts.", "Iron rusts."),
        ("I think that iron, um, rusts.", "Iron rusts."),
        ("Noise is no signal.", "Noise is no signal."),
        ("\ufb01sh do not rust.", "\ufb01sh do not rust."),  # a letter whose capital is two others
        ("Iron rusts, in fact, and oak rots.", "Iron rusts, and oak rots."),
        ("", ""),
        ("No one paints the beams.", "No one paints the beams."),
        ("No, the beams stay wet.", "The beams stay wet."),
        (
            "So many bridges rot. And, well, the the beams, I I think, are are wet.",
            "So many bridges rot. And, well, the beams, I think, are wet.",
        ),
        (
            "It's it's the salt, right? Yeah. Exactly. Salt comes in, you know, with the tide.",
            "It's the salt. Salt comes in, with the tide.",
        ),
        ("The salt comes in, right? And it stays, doesn't it?", "The salt comes in. And it stays."),
        ("If nobody, if nobody looks, the bridge goes.", "If nobody looks, the bridge goes."),
        (
            "We- we have to have to wait, and he had had enough of that that day.",
            "We have to have to wait, and he had had enough of that that day.",
        ),
        ("Because iron rusts.", "Iron rusts."),
        ("Because iron rusts, oak rots.", "Because iron rusts, oak rots."),
    ],
)
def test_the_body_is_the_quote_without_what_only_links_it_to_the_talk(text: str, body: str) -> None:
    assert body_of(text) == body


VOCABULARY = (
    "the a oak iron nails bridges rot because but and if when which so people think found that is are never 40 percent you "
    "know um, it they in 2014 however, means stronger than water; salt: — “deep” don't I my 船 é 🙂 builders' should"
)
WORDS = st.sampled_from(VOCABULARY.split())
PROSE = st.lists(WORDS, min_size=1, max_size=45).map(" ".join)
PASSAGES = st.lists(st.tuples(PROSE, st.sampled_from([".", "?", "!", "…", '."', ""])).map("".join), min_size=1, max_size=5)


@settings(max_examples=300, deadline=None)
@example(['0"0'])
@given(PASSAGES | st.lists(st.text(max_size=80), min_size=1, max_size=4))
def test_claims_and_bodies_are_made_of_the_passage_s_own_words_in_their_order(passage: list[str]) -> None:
    """A title that nobody said is put into a speaker's mouth, is longer than 12 words, or is empty."""
    quote = " ".join(passage)
    claim, body = claim_of(passage), body_of(quote)
    assert len(claim.split()) <= MOST_WORDS
    assert is_subsequence(words_of(body), words_of(quote))
    said = words_of(claim)
    if claim.endswith("…") and len(claim) > 100:
        said = said[:-1]  # a very long word may be cut
    assert is_subsequence(said, words_of(quote))
    assert claim or not words_of(body)


@pytest.mark.parametrize(
    ("passage", "fault"),
    [
        (["Dry beams outlive strong ones, because oak rots from below in every harbour of this coast."], None),
        (["It is huge.", "You have it and we have it, and that is what it is to them."], "no clause of it makes a title"),
        (["Das Holz hält länger als das Eisen, weil beide sich zerstören."], None),  # cannot be told
    ],
)
def test_a_passage_of_which_no_clause_holds_an_idea_is_refused(passage: list[str], fault: str | None) -> None:
    """The digest's headline is "You have it", or a German show gives nothing."""
    assert title_fault(passage) == fault


DECISIVE = {"not", "never", "nobody", "if", "unless", "only", "most", "40", "2014", "don't", "cannot"}


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from([*VOCABULARY.split(), *DECISIVE, "I", "well,", "no,", "right,", "never,", "only,", "so"]),
        min_size=1,
        max_size=40,
    )
)
def test_a_body_keeps_every_negation_number_and_condition(words: list[str]) -> None:
    """What a speaker denied is put into their mouth."""
    sentence = " ".join(words) + "."
    said, kept = words_of(sentence), words_of(body_of(sentence))
    assert {word for word in said if word in DECISIVE} == {word for word in kept if word in DECISIVE}
