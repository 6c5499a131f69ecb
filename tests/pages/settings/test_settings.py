"""Settings: the keys of the tagger; where new runs train, and whether a cluster can be used."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.launchers import Cluster
from engine.runner import launching
from pages.widgets.tag import key_editor, keymap
from storage.corpus import projects
from storage.database import settings
from storage.database.connection import Database
from storage.errors import InputError
from tests.pages.conftest import Open, plain


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
    assert "/mnt/shared" in plain(app.error[0].value)
    assert launching.chosen(db) == "local"


def test_a_test_says_that_nobody_answers(open_page: Open, db: Database) -> None:
    app = open_page("settings")
    choose_ray(app, "http://127.0.0.1:9")
    press(app, "Test connection")
    assert "cannot be used" in app.error[0].value
    assert launching.chosen(db) == "local", "a test saves nothing"


def choose_key(app, command: str, key: str) -> None:
    meant = next(each for each in keymap.commands() if each.name == command)
    if app.selectbox(key="key-command").value != meant:
        app.selectbox(key="key-command").set_value(meant).run()
    next(field for field in app.text_input if field.label == "Key").input(key)
    press(app, "Save key")


def test_a_key_is_changed_and_one_or_all_are_reset(open_page: Open, db: Database) -> None:
    app = open_page("settings")
    choose_key(app, "done", "ctrl + enter")
    choose_key(app, "grow", "Shift+L")
    choose_key(app, "skip", "")
    assert key_editor.chosen() == {"done": "Ctrl+Enter", "grow": "Shift+l", "skip": ""}
    rows = {row["What it does"]: row["Key"] for row in app.dataframe[0].value.to_dict("records")}
    assert rows["Mark done and open the next document"] == "Ctrl Enter"
    assert rows["Skip and open the next document"] == "none"
    press(app, "Reset this key")
    assert key_editor.chosen() == {"done": "Ctrl+Enter", "grow": "Shift+l"}
    choose_key(app, "grow", "shift+j")
    assert key_editor.chosen() == {"done": "Ctrl+Enter"}, "what is as at first is not kept"
    press(app, "Reset all keys")
    assert settings.get(db, "keys") == {}


@pytest.mark.long
def test_a_key_that_means_something_else_is_refused(open_page: Open, db: Database) -> None:
    project = projects.create_project(db, "letters")
    (label,) = projects.add_labels(db, project.id, ["PER"])
    projects.update_label(db, replace(label, key="p"))
    app = open_page("settings")
    for key, said in {
        "J": "already means “Select the next word”",
        "p": "key of the label “PER” in the project “letters”",
        "7": "digits belong to the labels",
        "ctrl+w": "Browsers keep Ctrl W",
        "Shift+/": "without Shift",
        "hold J": "is not a key",
    }.items():
        choose_key(app, "done", key)
        assert said in app.error[0].value.replace("\\", ""), key
    assert key_editor.chosen() == {}


def test_a_key_may_mean_one_thing_in_the_tagger_and_another_in_a_list(
    open_page: Open, db: Database
) -> None:
    app = open_page("settings")
    choose_key(app, "walkAccept", "y")
    assert key_editor.chosen() == {"walkAccept": "y"}
    choose_key(app, "walkKeep", "y")
    assert "already means “Accept the prediction”" in app.error[0].value


def test_a_command_whose_key_a_label_took_is_named(open_page: Open, db: Database) -> None:
    project = projects.create_project(db, "letters")
    (label,) = projects.add_labels(db, project.id, ["PER"])
    assert not open_page("settings").warning
    projects.update_label(db, replace(label, key="j"))
    assert "Select the next word" in open_page("settings").warning[0].value


@pytest.mark.long
def test_a_key_freed_by_another_change_can_be_reset_only_once_it_is_free_again(
    open_page: Open,
) -> None:
    app = open_page("settings")
    choose_key(app, "done", "F2")
    choose_key(app, "skip", "Enter")
    app.selectbox(key="key-command").set_value(keymap.commands()[0]).run()
    done = next(each for each in keymap.commands() if each.name == "done")
    app.selectbox(key="key-command").set_value(done).run()
    press(app, "Reset this key")
    assert "already means" in app.error[0].value
    assert key_editor.chosen() == {"done": "F2", "skip": "Enter"}


@pytest.mark.parametrize(
    ("typed", "key"),
    [("j", "j"), ("J", "j"), ("←", "ArrowLeft"), ("ALT + {", "Alt+{"), ("Ctrl++", "Ctrl++")]
    + [("shift + tab", "Shift+Tab"), ("Space", " "), ("+", "+"), ("cmd+shift+z", "Ctrl+Shift+z")],
)
def test_keys_are_taken_as_people_write_them(typed: str, key: str) -> None:
    assert keymap.parse(typed) == key
    assert keymap.parse(keymap.cap(key).replace(" ", "+")) == key


@pytest.mark.parametrize("typed", ["", "Shift", "é", "Ctrl+Alt+k", "F13", "j+k", "3", "Shift+3"])
def test_what_is_no_key_is_refused(typed: str) -> None:
    with pytest.raises(InputError):
        keymap.parse(typed)


def test_no_two_commands_have_the_same_key_at_first() -> None:
    keys = [
        (room, key)
        for command in keymap.commands()
        for room in command.rooms
        for key in command.keys
    ]
    assert len(keys) == len(set(keys)) > 30
    assert [(room, keymap.parse(key)) for room, key in keys] == keys
