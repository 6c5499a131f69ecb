"""Settings: where new runs train, and whether the cluster named there can be used."""

from __future__ import annotations

from engine.launchers import Cluster
from engine.runner import launching
from storage.database import Database
from tests.pages.conftest import Open


def press(app, label: str) -> None:
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception


def choose_ray(app, address: str, storage: str = "") -> None:
    app.radio(key="launcher-choice").set_value("ray").run()
    fields = {field.label: field for field in app.text_input}
    fields["Cluster address"].input(address)
    fields["Shared storage"].input(storage)


def save(app) -> None:
    app.button(key="save-launcher").click().run()
    assert not app.exception


def test_runs_train_on_this_computer_unless_a_cluster_is_saved(
    open_page: Open, db: Database
) -> None:
    app = open_page("settings")
    assert app.radio(key="launcher-choice").value == launching.chosen(db) == "local"
    assert not any(field.label == "Cluster address" for field in app.text_input)
    choose_ray(app, "http://head:8265", "s3://bucket/runs")
    app.checkbox[0].check()
    save(app)
    assert launching.chosen(db) == "ray"
    assert launching.cluster(db) == Cluster("http://head:8265", "s3://bucket/runs", gpu=True)
    app = open_page("settings")
    assert {f.label: f.value for f in app.text_input}["Cluster address"] == "http://head:8265"
    app.radio(key="launcher-choice").set_value("local").run()
    save(app)
    assert launching.chosen(db) == "local"
    assert launching.cluster(db).address == "http://head:8265", "the address is kept"


def test_what_is_no_address_is_not_saved(open_page: Open, db: Database) -> None:
    app = open_page("settings")
    choose_ray(app, "head:8265")
    save(app)
    assert "no address of a Ray cluster" in app.error[0].value
    choose_ray(app, "http://head:8265", "/mnt/shared")
    save(app)
    assert "/mnt/shared" in app.error[0].value
    assert launching.chosen(db) == "local"


def test_a_test_says_that_nobody_answers(open_page: Open, db: Database) -> None:
    app = open_page("settings")
    choose_ray(app, "http://127.0.0.1:9")
    press(app, "Test connection")
    assert "cannot be used" in app.error[0].value
    assert launching.chosen(db) == "local", "a test saves nothing"
