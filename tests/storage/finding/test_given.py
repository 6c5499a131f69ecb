"""Queues that somebody made: walked by their address, with their name and their reason."""

from storage.collaboration import queues as made
from storage.corpus import projects
from storage.finding import queues, reasons
from storage.finding.search import Search
from storage.finding.selection import Order, Selection, parse
from tests.storage.conftest import sentence, stored


def test_a_queue_is_walked_with_its_name_and_its_reason(db, project):
    ids = stored(db, project, *(sentence(f"Text {n}") for n in range(4)))
    queue = made.create_queue(db, project.id, "Again", reason="PER changed.", documents=ids[1:3])
    selection = parse(f"given/{queue.id}")
    assert selection == Selection(Order.GIVEN, given=queue.id) and selection.name.endswith("1")
    found = queues.choose(db, project.id, selection)
    assert (list(found.ids), found.title) == (ids[1:3], "Again")
    assert reasons.why(found, ids[2]) == "PER changed."
    asked = made.create_queue(db, project.id, "Found", search=Search(text="Text 3"))
    found = queues.choose(db, project.id, Selection(Order.GIVEN, given=asked.id))
    assert list(found.ids) == ids[3:]
    assert reasons.why(found, ids[3]) == "From the queue Found."


def test_another_projects_queue_is_not_walked(db, project):
    stored(db, project, sentence("Text"))
    other = projects.create_project(db, "Other")
    (id,) = stored(db, other, sentence("Secret"))
    queue = made.create_queue(db, other.id, "Theirs", reason="Hush", documents=[id])
    found = queues.choose(db, project.id, Selection(Order.GIVEN, given=queue.id))
    assert not found.ids and "no documents any more" in found.when_empty
