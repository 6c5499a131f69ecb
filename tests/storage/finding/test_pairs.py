"""Pairs are found by either text, and their rows have both."""

from storage.corpus import documents, projects
from storage.finding import search
from storage.finding.search import Search
from storage.types import Document


def test_a_search_looks_into_both_texts(db):
    made = projects.create_project(db, "Answers", "pairs")
    given = [Document("Where is it?", second_text="In Göteborg."), Document("Why?", second_text="")]
    documents.add_documents(db, made.id, given, "ada")
    (row,) = search.rows(db, made.id, Search(text="GÖTEBORG"))
    assert (row.text, row.second_text) == ("Where is it?", "In Göteborg.")
    (row,) = search.rows(db, made.id, Search(text="where"))
    assert row.second_text == "In Göteborg."
