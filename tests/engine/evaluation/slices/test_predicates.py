"""What is said of a text by its characters, in any script."""

import pytest

from engine.evaluation.slices import predicates

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
SAID = [
    ("has_digit", ["Boeing 747", "٣ أبريل", "२०२०", "第4回", "５"], ["四", "x²", "½", "", "Ⅳ"]),
    (
        "has_emoji",
        ["ok 👍🏽", FAMILY, "🇩🇪", "1️⃣", "I ❤ NY", "⚡", "™️", "🏴‍☠️"],
        ["1", "#", "™", "©", "→", "★", "王", "é", "", "\u200d"],
    ),
    (
        "has_address",
        ["see https://a.org", "www.a.org", "Mail: a.b@c-d.org", "HTTP://X"],
        ["a.org", "@ada", "3.5", ""],
    ),
    (
        "has_hashtag",
        ["#cats", "so (#ÉtéInde)", "#café2", "＃東京"],
        ["#1", "C#", "a#b", "&#39;", ""],
    ),
    ("has_mention", ["@ada hi", ".. (@ada)", "＠東京"], ["a@b.org", "@", "5 @ 3", ""]),
    ("all_capitals", ["NATO", "U.S.", "ÄÖ 5", "МИД", "AT&T"], ["Nato", "A", "王五", "42", ""]),
    ("no_capital", ["iphone", "straße 5", "я", "ii"], ["iPhone", "王五", "42", ""]),
    (
        "joined",
        ["Jean-Luc", "AT&T", "O'Neill", "O’Neill", "a.b", "and/or"],
        ["- x", "Ada.", "x -y", "Ada Love", ""],
    ),
    (
        "foreign",
        ["王五", "Ivan Иванов", "αβ", "서울"],
        ["Łódź", "5 €", "👍", "ﬁ", "1ª", ""],
    ),
]


@pytest.mark.parametrize(
    ("name", "text", "answer"),
    [
        (name, text, answer)
        for name, yes, no in SAID
        for texts, answer in ((yes, True), (no, False))
        for text in texts
    ],
)
def test_a_text_is_told_by_its_characters(name: str, text: str, answer: bool) -> None:
    assert getattr(predicates, name)(text) is answer
