"""Duplicates of a project: by the page's process, and by the command."""

import json

import pytest

from engine.commands import main
from engine.inspection import duplicates
from engine.transfers.duplicates import Search
from engine.transfers.state import Phase, State, StoppedError
from storage.corpus import documents, projects, staging
from storage.database.connection import Database
from storage.types import Document, Split, Task


@pytest.fixture
def made(db: Database) -> int:
    project = projects.create_project(db, "Twins").id
    texts = ("Ada met Bob.", Split.TRAIN), ("ada met bob", Split.TEST), ("Eve", None)
    documents.add_documents(
        db, project, (Document(text, (), split=split) for text, split in texts), "ada"
    )
    return project


def test_the_command_says_what_is_where(db: Database, made: int, capsys) -> None:
    assert main(["duplicates", "--project", "Twins", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["documents"], found["total"], found["across"], found["more"]) == (3, 1, 1, 1)
    first, second, _ = documents.list_ids(db, made)
    assert found["groups"][0]["members"] == [first, second]
    assert main(["duplicates", "--project", "Twins"]) == 0
    assert "the same but for case, signs and digits in train and test" in capsys.readouterr().out


def test_what_is_staged_is_compared_with_itself_and_with_what_is_there(
    db: Database, made: int
) -> None:
    long = "the ferry from Oslo to Kiel was late again and nobody said why it had to wait so long"
    texts = "ADA met Bob", long, f"{long} today", "Eve", "Something else"
    stage = staging.staged(Document(text, (), split=Split.DEV) for text in texts)
    found = duplicates.near_stage(db, made, stage)
    groups = {group.members: group for group in found.groups}
    # "Eve" is the same as the project's, which is told as a duplicate anyway.
    first, second, _ = documents.list_ids(db, made)
    assert groups.keys() == {(-1, first, second), (-3, -2)}
    assert groups[-1, first, second].where == "train, dev and test"
    assert (found.total, found.across) == (2, 1)
    assert duplicates.near_stage(db, None, stage).total == 1


def test_of_pairs_both_texts_count(db: Database) -> None:
    project = projects.create_project(db, "Pairs", Task.PAIRS).id
    seconds = ("yes it is", "no it is not", "Yes, it is!")
    documents.add_documents(
        db, project, (Document("Is it?", (), second_text=second) for second in seconds), "ada"
    )
    one, _, three = documents.list_ids(db, project)
    (group,) = duplicates.of_project(db, project).groups
    assert group.members == (one, three)


def test_a_search_tells_how_far_it_is_and_can_be_ended(made: int) -> None:
    class Ending:
        def __init__(self) -> None:
            self.told: list[State] = []

        def tell(self, state: State) -> None:
            self.told.append(state)
            raise StoppedError

        def wait(self) -> None:
            raise AssertionError("nothing is asked")

    link = Ending()
    with pytest.raises(StoppedError):
        Search(made).carry_out(link)
    assert link.told == [State(Phase.READING, of_documents=3)]
