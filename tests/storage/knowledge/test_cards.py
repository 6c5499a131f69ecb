"""What is asked once for cards: kept as answered, refused where the hub would not read it."""

from dataclasses import replace

import pytest

from storage.archives import restoring, writing
from storage.errors import ForbiddenError, InputError
from storage.knowledge import cards
from storage.knowledge.cards import Answers
from storage.permissions import Person, Role, acting_as

GIVEN = Answers("other", "For us alone", "en; ZH zh", "To find names.", "", "A paper", "Names")


def test_answers_are_kept_and_go_along_with_the_project(db, project, tmp_path):
    assert cards.answers(db, project.id) == Answers()
    assert cards.answer(db, project.id, replace(GIVEN, source=" A paper ")) == GIVEN
    assert cards.answers(db, project.id) == GIVEN and GIVEN.languages == ["en", "zh"]
    writing.write(db, project.id, tmp_path / "x.zip")
    assert cards.answers(db, restoring.restore(db, tmp_path / "x.zip").id) == GIVEN


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"licence": "mine"}, "No licence is called 'mine'"),
        ({"licence_name": ""}, "Say what the licence is called"),
        ({"language": "en, English"}, "'english' is no code of a language"),
        ({"source": "a" * 4001}, "4,001 characters"),
        ({"personal": "a\0b"}, "NUL"),
    ],
)
def test_what_the_hub_would_not_read_is_refused(db, project, changes, why):
    with pytest.raises(InputError, match=why):
        cards.answer(db, project.id, replace(GIVEN, **changes))
    assert cards.answers(db, project.id) == Answers()


def test_only_who_manages_a_project_answers_for_it(db, project):
    with acting_as(Person("eve", Role.REVIEWER)), pytest.raises(ForbiddenError):
        cards.answer(db, project.id, GIVEN)
