"""Suggestions travel with the names of all who made them."""

from pages.coaching import coach
from storage.coaching import coach_run, word_lists
from storage.corpus import projects
from storage.database.connection import Database
from storage.runs.suggestions import Suggestions
from storage.types import RunKind, Span


def test_marks_of_several_makers_are_each_in_their_makers_name(db: Database) -> None:
    project = projects.create_project(db, "News").id
    run = coach_run.ensure(db, project)
    kept = word_lists.keep(db, project, "Names <b>", [("Ada", "PER")]).run
    spans = Span(0, 3, "PER", score=0.9), Span(8, 11, "PER", score=0.5)
    found = {
        1: Suggestions(run, spans, kind=RunKind.COACH, revision=7, by=(kept, run)),
        2: Suggestions(kept, spans[:1], kind=RunKind.WORD_LIST),
    }
    told = coach.described(found)
    names = {
        id: [each["maker"], *(span.get("maker") for span in each["spans"])]
        for id, each in told.items()
    }
    assert names == {
        1: ["coach, revision 7", "word list Names <b>", "coach, revision 7"],
        2: ["word list Names <b>", None],
    }
