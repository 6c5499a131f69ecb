"""Regular expressions: what is found, what is refused in a sentence, what is stopped."""

import pytest

from storage.errors import InputError
from storage.finding import expressions


@pytest.mark.parametrize(
    ("expression", "text", "place"),
    [
        (r"\d{4}", "in ٢٠٢٠ and 2020", (3, 7)),
        (r"\bÜ\w+", "die Übung", (4, 9)),
        ("(?i)könig", "KÖNIG", (0, 5)),
        ("könig", "KÖNIG", (0, 0)),
        (r"\p{Han}{2}", "见王五了", (0, 2)),
        (r"^[A-Z]+$", "NATO", (0, 4)),
    ],
)
def test_words_and_digits_of_every_script_are_known(expression, text, place):
    assert expressions.first(expression, text) == place
    assert expressions.matching(expression, [(7, text)]) == ([7] if place[1] else [])


@pytest.mark.parametrize(
    "expression",
    ["(", "[z-a]", "*a", r"a\1", "a(?=b)", "a{2000}", "((a{999}){999}){999}", r"\pL{1000}", "\\"],
)
def test_what_cannot_be_looked_for_is_told_in_a_sentence(expression):
    with pytest.raises(InputError, match=r"cannot be looked for as .* Correct it, or put"):
        expressions.matching(expression, [])
    assert expressions.first(expression, "a") == (0, 0)


def test_what_takes_too_long_is_stopped():
    hostile = "a" * 60 + "b"
    with pytest.raises(InputError, match="takes too long to look for: make it simpler"):
        expressions.matching("(a|aa)+$", [(1, "a"), (2, hostile)], budget=0.001)
    with pytest.raises(InputError, match="takes too long"):
        expressions.matching("a", [(1, "a")], budget=0.0)
