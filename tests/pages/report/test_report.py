"""The Report page: words first, then tables whose every number opens as many rows."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from engine.evaluation.confusion import Confusion
from engine.evaluation.figures import of_labels
from engine.runner import models as having_models
from engine.runs import snapshot
from engine.tasks.spans.metrics.levels import to_levels
from pages.widgets.common import run_picker
from pages.widgets.parts import lists
from pages.widgets.parts import table as heat
from storage import home
from storage.cells import ANY, MISSED, SPURIOUS, Cell, Only
from storage.corpus import projects
from storage.database.connection import Database
from storage.journal import annotations
from storage.runs import reports, runs
from storage.types import Run, RunState, Split, Status
from tests.pages import reported, walked
from tests.pages.conftest import REPORT, Open, button, labels, plain, said
from tests.pages.report.conftest import Report


def test_the_report_begins_with_a_sentence_that_names_the_weakest_label(
    open_page: Open, scored: Run, db: Database
) -> None:
    support = of_labels(reports.get_report(db, scored.id)["test"])["PER"]["support"]
    words = said(open_page("report"))
    assert f"PER is weakest: of {support} spans, 4 were taken for ORG." in words


def test_a_report_without_errors_says_so(
    open_page: Open, db: Database, make_run: Callable[..., Run]
) -> None:
    reports.store_report(db, make_run(RunState.DONE).id, REPORT, {})
    assert "Nothing went wrong on the test documents" in said(open_page("report"))


def test_the_report_says_whether_seqeval_agrees_and_where_it_does_not(
    open_page: Open, db: Database, make_run: Callable[..., Run]
) -> None:
    run = make_run(RunState.DONE).id
    reports.store_report(db, run, REPORT, {})
    assert "seqeval" not in said(open_page("report")), "a report of before was not shown to it"
    micro = {"precision": 0.7, "recall": 0.7, "f1": 0.724, "support": 20}
    agreed = {"version": "1.2.2", "unfit": 0, "micro": micro, "differences": []}
    for checked, words in (
        (agreed, "Agrees with seqeval."),
        (
            agreed
            | {"differences": [{"label": "PER", "figure": "f1", "ours": 0.75, "theirs": 0.5}]},
            "Does not agree with seqeval: f1 of PER is 0.5 there, 0.75 here.",
        ),
    ):
        test = {**REPORT["test"], "seqeval": checked}
        reports.store_report(db, run, {**REPORT, "test": test}, {})
        (line,) = [each for each in open_page("report").caption if "seqeval" in each.value]
        assert plain(line.value) == words
        assert "F1 0.724 over 20 spans" in line.help


def test_the_worst_mistake_is_open_from_the_start_and_a_click_on_a_cell_opens_its_rows(
    page: Report,
) -> None:
    assert page.open == ("PER → ORG: 4 spans", 4)
    assert page.part == {"gold": "PER", "predicted": "ORG"}
    page.choose("LOC", MISSED)
    assert page.open == ("LOC → (missed): 3 spans", 3)
    assert page.part == {"gold": "LOC", "predicted": MISSED}
    page.again()
    assert page.open == ("LOC → (missed): 3 spans", 3), "and it stays open"
    page.choose("LOC", "PER")
    assert page.open == ("LOC → PER: 0 spans", 0)
    assert "this did not happen" in said(page.app)


@pytest.mark.parametrize(
    ("view", "table", "place", "column", "opened"),
    [
        ("Mistakes", "mistakes", 1, "count", ("LOC → (missed): 3 spans", 3)),
        ("Labels", "labels", 1, "precision", ("anything → MISC: 21 spans", 20)),
        ("Tokens", "tokens-averages", 2, "f1", ("All errors: 7 spans", 7)),
        *(
            pytest.param(*each, marks=pytest.mark.long)
            for each in (
                ("Labels", "labels", 0, "errors", ("Errors of LOC: 3 spans", 3)),
                ("Labels", "labels", 3, "f1", ("Errors of PER: 4 spans", 4)),
                ("Labels", "labels", 3, "support", ("PER → anything: 43 spans", 20)),
                ("Labels", "labels-averages", 0, "errors", ("All errors: 7 spans", 7)),
                ("Tokens", "tokens", 0, "support", ("Errors of LOC: 3 spans", 3)),
            )
        ),
    ],
)
def test_every_row_of_every_table_opens_its_sentences(
    page: Report, view: str, table: str, place: int, column: str, opened: tuple[str, int]
) -> None:
    page.show(view).click(table, cells=[[place, column]])
    assert page.open == opened


def test_every_whole_number_of_a_row_of_labels_is_the_number_of_spans_it_opens(
    page: Report, scored: Run, db: Database
) -> None:
    scores = reports.get_report(db, scored.id)["test"]
    views = lists.of(scores, scored, "test")
    for table in (*views["Labels"].tables, *views["Mistakes"].tables):
        for row in table.rows:
            counts = {name: n for name, n in row.figures.items() if isinstance(n, int)}
            opened = {name: reports.count_cell(db, row.part(name)) for name in counts}
            assert opened == counts


def test_the_address_opens_a_part_that_is_there_and_a_view_of_an_older_version(
    page: Report,
) -> None:
    page.app.query_params.update({"gold": "nobody", "predicted": "<b>", "only": "x"})
    assert page.again().open == ("PER → ORG: 4 spans", 4)
    page.app.query_params.update({"gold": "LOC", "only": "errors", "predicted": ""})
    assert page.again().open == ("Errors of LOC: 3 spans", 3)
    assert page.part == {"gold": "LOC", "only": "errors"}
    page.app.query_params["view"] = "Entities"
    page.again().choose("LOC", MISSED)
    assert page.open == ("LOC → (missed): 3 spans", 3)


@pytest.mark.long
def test_a_part_can_be_opened_by_name_and_the_same_cell_be_clicked_again(page: Report) -> None:
    page.choose("LOC", MISSED)
    page.app.selectbox(key="part-gold").select("PER")
    page.app.selectbox(key="part-predicted").select("ORG")
    assert page.again().open == ("PER → ORG: 4 spans", 4)
    assert page.choose("LOC", MISSED).open == ("LOC → (missed): 3 spans", 3)


def test_a_row_a_column_and_a_confusion_beside_the_table_open_what_they_count(page: Report) -> None:
    assert page.choose("LOC", ANY).open == ("LOC → anything: 65 spans", 20)
    assert page.choose(ANY, MISSED).open == ("anything → (missed): 3 spans", 3)
    assert page.choose(ANY, "ORG").part == {"predicted": "ORG"}
    button(page.app, "PER → ORG: 4").click()
    assert page.again().open == ("PER → ORG: 4 spans", 4)
    # The sentence on the weakest label leads to its errors.
    button(page.app, "Open these 4").click()
    assert page.again().open == ("Errors of PER: 4 spans", 4)


def test_the_open_cells_are_marked() -> None:
    table = Confusion(["LOC", "PER"], [[5, 1, 0], [3, 9, 2], [0, 1, 0]], [5, 8])

    def marked(*part: Any) -> set[tuple[str, str]]:
        cells = heat.marked(table, Cell(1, "test", *part))
        return {(table.rows[row], table.columns[column]) for row, column in cells}

    assert marked("PER", "LOC") == {("PER", "LOC")}
    assert marked(SPURIOUS, "LOC") == {(SPURIOUS, "LOC")}, "also an empty one"
    assert marked("PER", "PER", Only.BORDERS) == {("PER", "PER")}
    assert marked("LOC") == {("LOC", "LOC"), ("LOC", "PER")}
    assert marked("LOC", ANY, Only.ERRORS) == {("LOC", "PER"), ("PER", "LOC")}


def test_every_label_is_in_the_table_in_each_of_its_orders() -> None:
    names = [f"L{n:03}" for n in range(150)]
    counts = [[0] * 151 for _ in range(151)]
    counts[149][3] = 7
    data = heat.describe(Confusion(names, counts, [0] * 150), Cell(1, "test", names[149], names[3]))
    orders = dict(data["orders"])
    assert all(sorted(order) == list(range(150)) for order in orders.values())
    assert orders[heat.TOGETHER][:2] == orders[heat.ERRORS][:2] == [3, 149]
    assert (data["order"], data["marked"]) == (heat.TOGETHER, [(149, 3)])


def test_train_again_queues_a_run_with_the_same_settings(
    page: Report, scored: Run, db: Database
) -> None:
    button(page.app, "Train again").click()
    page.again()
    assert [title.value for title in page.app.title] == ["Train"]
    new = runs.list_runs(db)[0]
    assert (new.id != scored.id, new.settings, new.state) == (True, scored.settings, "queued")


def test_train_again_says_what_is_new_to_learn(
    open_page: Open, scored: Run, db: Database, sample: int
) -> None:
    runs.mark_frozen(db, scored.id)
    snapshot.write(
        home.run_folder(scored.folder), annotations.current(db, sample, statuses=(Status.DONE,))
    )
    assert button(open_page("report"), "Train again").help.startswith("Nothing is new.")
    document = next(d for d in annotations.current(db, sample, Split.TEST) if d.spans)
    edit = {"seq": 1, "base_revision": 0, "kind": "remove", "id": document.spans[0].id}
    annotations.apply_operations(db, sample, document.id, "ada", "tab", [edit])
    words = button(open_page("report"), "Train again").help
    assert words.startswith("1 sentence was mended since this run.")


def test_figures_are_each_shown_under_its_own_name_and_explained_one_hover_away(
    page: Report, scored: Run, db: Database
) -> None:
    helps = {metric.label: metric.help for metric in page.app.metric}
    assert {"Entity F1", "Precision", "Recall", "Support", "Token accuracy"} == set(helps)
    assert all(helps.values())
    found = to_levels(reports.get_report(db, scored.id)["test"])
    figures = {metric.label: metric.value for metric in page.app.metric}
    f1, *interval = figures["Entity F1"].split(" ", 1)
    assert f1 == f"{found['entity']['micro']['f1']:.3f}"
    assert re.fullmatch(r"\[0\.\d\d, [01]\.\d\d\]", " ".join(interval))
    assert figures["Token accuracy"] == f"{found['token']['accuracy']:.3f}"
    assert figures["Entity F1"] != figures["Token accuracy"]


def looked_at(page: Report) -> tuple[int, int]:
    """How many rows of the open part lie in sentences that were looked at, of how many."""
    counts = walked.sent(page.app)["counts"]
    return counts["seen"], counts["total"]


def way_back(app: AppTest) -> tuple[str, dict[str, str]]:
    """Return what the link back to the report says, and the part that it names."""
    (found,) = [link.proto for link in app.get("page_link") if link.proto.page == "report"]
    query = parse_qs(found.query_string)
    return plain(found.label), {name: value for name, (value,) in query.items()}


def test_a_sentence_is_one_click_from_the_tagger_which_leads_back_to_the_very_cell(
    page: Report, scored: Run, open_page: Open
) -> None:
    assert looked_at(page) == (0, 4)
    page.mend()
    assert [title.value for title in page.app.title] == ["Tag"]
    cell = {"run": str(scored.id), "split": "test", "gold": "PER", "predicted": "ORG"}
    assert way_back(page.app) == ("Back to the report: 1 of 4 looked at", cell)
    page.app.switch_page("report.py").run()
    assert page.open == ("PER → ORG: 4 spans", 4)
    assert looked_at(page) == (1, 4)
    # It is known tomorrow, and was not from another cell.
    later = Report(open_page("report", run=str(scored.id)), scored)
    assert looked_at(later) == (1, 4)
    later.choose("PER", "PER")
    assert looked_at(later) == (0, 39)


def test_no_way_back_where_one_came_from_nowhere(open_page: Open, scored: Run) -> None:
    links = [link.proto for link in open_page("tag").get("page_link")]
    assert [link.label for link in links if link.page == "report"] == ["Run 1 is done: F1 0.97"]


def test_runs_are_named_by_their_number_in_the_project(
    open_page: Open, db: Database, sample: int, make_run: Callable[..., Run]
) -> None:
    other = projects.create_project(db, "Letters").id
    runs.set_state(db, runs.create_run(db, other, {}).id, RunState.CANCELLED)
    run = make_run(RunState.DONE, recipe="quick")
    runs.set_note(db, run.id, "with *names*")
    reported.store(db, sample, run.id)
    app = open_page("report")
    (title,) = next(box.options for box in app.selectbox if box.label == "Run")
    assert re.fullmatch(r"Run 1 · \d{4}-\d\d-\d\d \d\d:\d\d · quick · with \*names\*", title)


def test_a_run_whose_report_is_gone_says_so_and_can_be_trained_again(
    open_page: Open, make_run: Callable[..., Run]
) -> None:
    make_run(RunState.DONE)
    app = open_page("report")
    assert [error.value for error in app.error] == [
        "This run left no report that could be read: train again."
    ]
    assert "Train again" in labels(app)


def test_a_run_that_is_too_old_to_be_offered_is_opened_by_its_address(
    open_page: Open, db: Database, make_run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [make_run(RunState.DONE) for _ in range(3)]
    for run in made:
        reports.store_report(db, run.id, REPORT, {})
    monkeypatch.setattr(run_picker, "having_models", partial(having_models, most=2))
    assert len(open_page("report").selectbox[0].options) == 2
    old = open_page("report", run=str(made[0].id))
    assert old.selectbox[0].value == made[0].id and not old.warning
    assert open_page("report", run="999").warning
