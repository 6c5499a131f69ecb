"""An address can hold anything: a page then says so calmly, or shows what it would have shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import streamlit as st

from pages.widgets.common import address
from storage.database.connection import Database
from storage.runs import reports
from storage.types import Run, RunState
from tests.pages.conftest import REPORT, Open, plain
from tests.pages.test_pages import TITLES

STRANGE = [
    *("", "0", "-1", "+1", " 1", "1_0", "1.5", "x", "\0", "1\0", "٣", "²", "<b>", "\ud7ff"),
    *("9" * 5_000, "-" + "9" * 5_000, "٣" * 5_000, "0" * 5_000 + "1"),
    *(str(2**63), str(2**64)),
]
NAMES = ["project", "document", "run", "start", "end"]
OTHERS = ["queue", "search", "split", "gold", "predicted", "only", "section", "view", "what"]
PARAMETERS = [*NAMES, *OTHERS]
VALUES: list[str | list[str]] = [*STRANGE, str(2**63 - 1), "999", ["1", "9" * 5_000]]


def mixed(page: int) -> Iterator[list[str | list[str]]]:
    """Yield a value for each parameter, four times: over the pages each parameter has them all."""
    count = len(VALUES)
    for turn in range(0, count, -(-count // 4)):
        yield [VALUES[(page + turn + at) % count] for at in range(len(PARAMETERS))]


def test_the_mixtures_of_all_pages_give_every_parameter_every_value() -> None:
    given = {
        (parameter, str(value))
        for page in range(len(TITLES))
        for values in mixed(page)
        for parameter, value in zip(PARAMETERS, values, strict=True)
    }
    assert len(given) == len(PARAMETERS) * len(set(map(str, VALUES)))


@pytest.mark.parametrize(
    "whole",
    [pytest.param(False, id="mixed"), pytest.param(True, id="each", marks=pytest.mark.long)],
)
@pytest.mark.parametrize("name", TITLES)
def test_no_parameter_breaks_a_page(
    open_page: Open, db: Database, make_run: Callable[..., Run], name: str, whole: bool
) -> None:
    run = make_run(RunState.DONE)
    reports.store_report(db, run.id, REPORT, {})
    app = open_page(name)
    same = ([value] * len(PARAMETERS) for value in VALUES)
    for values in same if whole else mixed(list(TITLES).index(name)):
        for parameter, value in zip(PARAMETERS, values, strict=True):
            app.query_params[parameter] = value
        app.run()
        assert not app.exception, ([value[:20] for value in values], app.exception)
        assert [title.value for title in app.title] == [TITLES[name]]


@pytest.mark.parametrize("value", STRANGE)
def test_what_is_no_id_names_nothing(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setattr(st, "query_params", {"run": value})
    assert address.read_id("run") is None


def test_an_id_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "query_params", {"run": "7", "last": str(2**63 - 1), "start": "0"})
    assert address.read_id("run") == 7
    assert address.read_id("last") == 2**63 - 1
    assert address.read_number("start") == 0
    assert address.read_id("missing") is None


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("9" * 5_000, "The run in the address has no report in this project"),
        ("999", "Run 999 has no report in this project"),
    ],
)
def test_a_run_without_a_report_is_a_sentence(
    open_page: Open, db: Database, make_run: Callable[..., Run], asked: str, words: str
) -> None:
    reports.store_report(db, make_run(RunState.DONE).id, REPORT, {})
    app = open_page("report")
    app.query_params["run"] = asked
    app.run()
    assert words in app.warning[0].value


@pytest.mark.parametrize(("asked", "finished"), [(True, 1), (True, 0), (False, 0)])
def test_the_report_of_a_run_that_failed_is_why(
    open_page: Open, db: Database, make_run: Callable[..., Run], asked: bool, finished: int
) -> None:
    for _ in range(finished):
        reports.store_report(db, make_run(RunState.DONE).id, REPORT, {})
    run = make_run(RunState.FAILED, "The file a/report.json is missing.")
    app = open_page("report")
    if asked:
        app.query_params["run"] = str(run.id)
        app.run()
    assert "a/report.json is missing" in plain(app.error[0].value)
