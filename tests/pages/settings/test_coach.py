"""Settings: the coach of a project, how sure it must be, how its suggestions did, what it keeps."""

from __future__ import annotations

from pathlib import Path

from storage import home as homes
from storage.coaching import choices, coach_run, outcomes
from storage.coaching.choices import Choices
from storage.coaching.outcomes import Outcome
from storage.corpus import documents
from storage.database.connection import Database
from storage.runs import runs
from tests.pages.conftest import Open, plain


def test_it_is_switched_off_and_told_from_when_on_it_speaks(
    open_page: Open, db: Database, sample: int
) -> None:
    app = open_page("settings")
    app.button_group(key=f"coach-own-{sample}").set_value(False).run()
    app.slider(key=f"coach-threshold-{sample}").set_value(0.7).run()
    assert choices.of(db, sample) == Choices(on=True, threshold=0.7)
    app.toggle(key=f"coach-on-{sample}").set_value(False).run()
    app.toggle(key=f"coach-drags-{sample}").set_value(False).run()
    assert not app.exception
    assert choices.of(db, sample) == Choices(on=False, threshold=0.7, labels_drags=False)


def test_it_is_counted_by_maker_what_people_kept(
    open_page: Open, db: Database, sample: int
) -> None:
    first, second = documents.list_ids(db, sample)[:2]
    coached, trained = coach_run.ensure(db, sample), runs.create_run(db, sample, {}).id
    kept = ((0.9, True), (0.8, True), (0.4, False))
    outcomes.put(db, [Outcome(first, coached, 3, kept, added=4)])
    outcomes.put(db, [Outcome(second, trained, None, kept[2:])])
    table = next(each for each in open_page("settings").table if "Suggested by" in each.value)
    rows = table.value.astype(str).to_numpy().tolist()
    assert [[plain(cell) for cell in row] for row in rows] == [
        ["coach", "1", "2", "1", "4"],
        ["run 1", "1", "0", "1", "0"],
    ]


def test_what_it_keeps_is_deleted(open_page: Open, db: Database, sample: int, home: Path) -> None:
    folder = homes.folder() / "coach" / "states"
    folder.mkdir(parents=True)
    (folder / "1.rows").write_bytes(bytes(3_000_000))
    app = open_page("settings")
    assert any("3 MB" in each.value for each in app.caption)
    next(each for each in app.button if each.label == "Delete what it keeps").click().run()
    assert not app.exception and not folder.parent.exists()
