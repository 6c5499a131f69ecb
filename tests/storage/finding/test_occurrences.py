"""Where a string may stand: no document is left out in which it is found."""

from hypothesis import example, given
from hypothesis import strategies as st

from engine.corpus import phrase_matcher
from storage.finding import occurrences
from storage.folding import fold_document
from tests.storage.conftest import sentence, stored

LETTERS = st.text(
    st.sampled_from("aAiIİıßsSéÉe\u0301\u0307\u0345ᾳαǰŉ ΣσςÅ\u30ac\u30ab\u3099각ᄀ\u1161\u11a8.-"),
    max_size=7,
)


@example("x", "İ", "y", False, False)
@example("", "\u0345\u0301", "", False, True)
@example("e", "ᾳ\u0301i", "", False, True)
@given(LETTERS, LETTERS, LETTERS, st.booleans(), st.booleans())
def test_a_string_that_is_found_is_in_the_folded_text(before, needle, after, case, other) -> None:
    text = before + (needle.swapcase() if other else needle) + after
    if phrase_matcher.find(text, needle, whole_words=False, match_case=case):
        folded = fold_document(text, "name")
        ways = occurrences.folded_parts(needle, case)
        assert any(all(part in folded for part in way) for way in ways)


def test_the_documents_come_in_order_with_the_work_on_them(db, project) -> None:
    one, _, three = stored(
        db, project, sentence("Istanbul"), sentence("Ankara"), sentence("in İSTANBUL")
    )
    found = occurrences.candidates(db, project.id, "ada", "istanbul", match_case=False)
    assert [each.id for each in found] == [one, three]
    exact = occurrences.candidates(db, project.id, "ada", "Ankara")
    assert [(each.text, each.state.status) for each in exact] == [("Ankara", "untouched")]
    assert list(occurrences.candidates(db, project.id, "ada", "a\0b")) == []


def test_only_what_holds_a_string_is_read_and_of_many_the_first(db, project) -> None:
    ids = stored(db, project, *(sentence(f"Ada {n} Adam") for n in range(4)))
    whole = occurrences.candidates(
        db, project.id, "ada", "Ada", holds=lambda text: "1" in text or "3" in text, most=3
    )
    assert [each.id for each in whole] == [ids[1]]
    assert occurrences.count_candidates(db, project.id, "Adam") == 4
