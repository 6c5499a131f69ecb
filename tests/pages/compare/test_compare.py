"""The Compare page: words first, counts that add up, and each mark that was fixed or broken."""

import shutil
from collections.abc import Sequence
from dataclasses import replace

import pytest

from engine.inspection import comparing
from storage import home
from storage.database.connection import Database
from storage.journal import annotations
from storage.outcomes import Compared, Outcome
from storage.runs import compared
from storage.serving import versions
from storage.types import Document, Run, Span, Split, Stage
from tests.engine.inspection.finished import reported
from tests.pages import walked
from tests.pages.conftest import Open, button, labels, plain, said

NAMES = ("LOC", "MISC", "ORG", "PER")


@pytest.fixture
def pair(db: Database, sample: int) -> tuple[Run, Run]:
    """Two runs on the sample's test documents: the second finds six marks that the first missed.

    It misses two others; one label was mended in between.
    """
    documents = [each for each in annotations.current(db, sample, Split.TEST) if each.spans]
    places = [(each.id, span) for each in documents for span in each.spans]
    first = _found(documents, places[:6])
    second = _found(documents, places[10:12])
    a = reported(db, sample, documents, first, NAMES, epochs=4)
    mended = replace(documents[-1], spans=documents[-1].spans[1:])
    b = reported(db, sample, [*documents[:-1], mended], second, NAMES, epochs=8)
    return a, b


def _found(
    documents: Sequence[Document], missed: Sequence[tuple[int, Span]]
) -> dict[int, list[Span]]:
    return {
        each.id: [span for span in each.spans if (each.id, span) not in missed]
        for each in documents
    }


def test_fixed_less_broken_is_the_change_in_right_marks(
    open_page: Open, pair: tuple[Run, Run]
) -> None:
    app = open_page("compare")
    assert (app.query_params["a"], app.query_params["b"]) == tuple(str(run.id) for run in pair)
    words = said(app)
    assert "between Run 1 and Run 2: F1" in words or "than Run 1: F1" in words
    tiles = {each.label: each for each in app.metric}
    assert (tiles["Fixed"].value, tiles["Broken"].value) == ("6", "2")
    assert tiles["Right in Run 2"].delta == "+4 = 6 fixed − 2 broken"
    assert len(walked.rows(app)) == 2
    app.query_params["show"] = "fixed"
    reasons = {row["reason"] for row in walked.rows(app.run())}
    assert reasons == {"Run 1 saw nothing; Run 2 was right."}


def test_the_queue_of_a_list_has_its_documents(db: Database, pair: tuple[Run, Run]) -> None:
    a, b = pair
    found = comparing.compare(a, b)
    for outcome in Outcome:
        expected = {each.document for each in found.comparison.those(outcome)}
        asked = Compared(a.id, b.id, "test", outcome)
        assert set(compared.documents(db, asked)) == expected


def test_a_label_narrows_the_lists(open_page: Open, pair: tuple[Run, Run]) -> None:
    app = open_page("compare", show="fixed")
    (box,) = [each for each in app.selectbox if each.label == "Label"]
    every, *each = (int(option.rpartition(" ")[2]) for option in box.options)
    assert every == sum(each) == 6
    box.select(box.options[1]).run()
    assert len(walked.rows(app)) == each[0]
    assert app.query_params["label"] == box.options[1].partition(":")[0]


def test_what_the_runs_were_given_is_told(open_page: Open, pair: tuple[Run, Run]) -> None:
    app = open_page("compare", show="settings")
    (table,) = [each.value for each in app.dataframe if "setting" in each.value]
    assert table.to_numpy().tolist() == [["Epochs", "4", "8"]]
    app.query_params["show"] = "data"
    assert "The marks of 1 document changed." in said(app.run())
    assert "Open" in labels(app)
    (box,) = [each for each in app.selectbox if each.label == "Label"]
    assert len(box.options) == 2
    box.select(box.options[1]).run()
    assert "Open" in labels(app)


def test_swapped_and_broken_and_one_run_twice(open_page: Open, pair: tuple[Run, Run]) -> None:
    a, b = pair
    app = open_page("compare")
    button(app, "Swap").click().run()
    assert {each.label: each.value for each in app.metric}["Fixed"] == "2"
    assert "Run 2 is the newer of the two" in said(app)
    app = open_page("compare", a=str(a.id), b=str(a.id))
    assert "choose two runs" in plain(app.error[0].value)
    shutil.rmtree(home.run_folder(b.folder))
    app = open_page("compare", a=str(a.id), b=str(b.id))
    assert "is missing" in plain(app.error[0].value)


def test_the_pickers_say_which_version_is_live(
    open_page: Open, db: Database, pair: tuple[Run, Run]
) -> None:
    versions.promote(db, pair[0].id, Stage.LIVE, "0" * 64)
    for box in open_page("compare").selectbox[:2]:
        assert [" · live · " in each for each in box.options] == [False, True]


def test_few_documents_are_warned_of(open_page: Open, db: Database, sample: int) -> None:
    documents = list(annotations.current(db, sample, Split.TEST))[:3]
    for _ in range(2):
        reported(db, sample, documents, {}, NAMES)
    assert "Only 3 documents: an interval over so few says little." in said(open_page("compare"))


def test_one_run_alone_is_not_compared(open_page: Open, db: Database, sample: int) -> None:
    reported(db, sample, list(annotations.current(db, sample, Split.TEST)), {}, NAMES)
    assert "one has finished yet" in open_page("compare").info[0].value
