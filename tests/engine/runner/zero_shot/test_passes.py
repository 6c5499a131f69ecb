"""A run that asks the zero-shot model: real workers, a real server, suggestions in the database."""

from __future__ import annotations

import stat
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from engine.launchers import processes
from engine.runner import delete_project
from engine.runner.zero_shot import choice, passes
from engine.zero_shot import cache, keys
from engine.zero_shot.ledger import Amounts
from engine.zero_shot.model import ENDPOINT, GLINER, ZeroShotModel
from storage import home, permissions
from storage.coaching import makers
from storage.corpus import documents, projects
from storage.database import settings
from storage.database.connection import Database
from storage.errors import ForbiddenError, InputError, RefusedError
from storage.permissions import Person, Role
from storage.runs import reports, runs, suggestions
from storage.runs.suggestions import Said
from storage.types import (
    Document,
    DocumentScore,
    Project,
    Run,
    RunKind,
    RunState,
    Source,
    Span,
    Task,
)
from tests.engine.runner.conftest import Bench
from tests.engine.zero_shot import server
from tests.engine.zero_shot.server import Handler, serving

TEXTS = ("Ada slept .", "then Kurt met Emmy .", "nothing happened .")


def name(db: Database, url: str, key: str | None = None, **values: Any) -> ZeroShotModel:
    model = ZeroShotModel(ENDPOINT, url, "tiny", **values)
    choice.choose(db, model, key)
    return model


@pytest.fixture
def todo(bench: Bench) -> list[int]:
    """Documents that are to do, beside forty that are done."""
    documents.add_documents(bench.db, bench.project, [Document(text) for text in TEXTS], "ada")
    return documents.list_ids(bench.db, bench.project)[-3:]


def said_of(db: Database, id: int) -> list[tuple[str, str]]:
    text = documents.get_document(db, id).text
    found = suggestions.of_document(db, id)
    return [(text[span.start : span.end], span.label) for span in found.spans] if found else []


def other(bench: Bench, kind: str, id: int) -> Run:
    """A run of another kind, which has suggested something for a document."""
    run = runs.create_run(bench.db, bench.project, {}, kind)
    runs.set_state(bench.db, run.id, RunState.DONE)
    spans = (Span(0, 3, "place", source=Source.MODEL, score=0.9),)
    score = DocumentScore(id, None, None, None, None)
    suggestions.put(bench.db, run.id, [Said(score, spans)])
    return run


def test_it_suggests_for_what_is_to_do_and_says_what_that_cost(
    bench: Bench, todo: list[int]
) -> None:
    trained = other(bench, RunKind.TRAINING, todo[2])
    with serving(server.says(server.names)) as local:
        name(bench.db, local.url, key="sk-1")
        run = passes.suggest(bench.db, bench.project)
        assert passes.suggest(bench.db, bench.project).id == run.id, "it waits already"
        run = bench.finish(run)
    assert (run.state, run.title) == (RunState.DONE, f"Zero-shot pass {run.id}"), run.message
    assert said_of(bench.db, todo[0]) == [("Ada", "person")]
    found = suggestions.of_document(bench.db, todo[1])
    assert said_of(bench.db, todo[1]) == [("Kurt", "person"), ("Emmy", "person")]
    assert (found.run, found.kind) == (run.id, RunKind.ZERO_SHOT)
    assert makers.names(bench.db, [found.run]) == {found.run: "zero-shot tiny"}
    assert len(local.asked) == 2
    assert set(local.keys) == {"Bearer sk-1"}
    # What a trained model said stays, and so does everything that a person has finished.
    assert suggestions.of_document(bench.db, todo[2]).run == trained.id
    assert suggestions.newest_run(bench.db, bench.project) == trained.id
    done = [id for id in documents.list_ids(bench.db, bench.project) if id not in todo]
    assert suggestions.of_documents(bench.db, done) == {}
    report = reports.get_report(bench.db, run.id)
    wanted = {"suggested": 2, "requests": 2, "tokens": 20, "documents": 2, "unanswered": 0}
    assert {name: report[name] for name in wanted} == wanted
    # Examples that people labelled are shown, of every label.
    roles = [message["role"] for message in local.asked[0]["messages"]]
    assert roles == ["system", *["user", "assistant"] * 5, "user"]
    # What was answered quotes the texts: it goes with the project.
    assert b"Kurt" in kept_answers()
    delete_project(bench.db, bench.project)
    assert b"Kurt" not in kept_answers()
    with closing(cache.Cache(home.folder() / cache.FILE)) as answers:
        assert answers.spent(cache.name_of(settings.identity(bench.db), run.id)) == Amounts()


def kept_answers() -> bytes:
    """Return all that the files of answers hold."""
    files = home.folder().glob(f"{cache.FILE}*")
    return b"".join(path.read_bytes() for path in files)


def test_another_run_asks_only_what_is_new_and_a_trained_model_takes_its_place(
    bench: Bench, todo: list[int]
) -> None:
    with serving(server.says(server.names)) as local:
        name(bench.db, local.url, documents=1)
        first = bench.finish(passes.suggest(bench.db, bench.project))
        assert (len(local.asked), said_of(bench.db, todo[1])) == (1, [])
        second = bench.finish(passes.again(bench.db, first))
        assert [asked["messages"][-1]["content"] for asked in local.asked] == [
            f"Text:\n{TEXTS[0]}",
            f"Text:\n{TEXTS[1]}",
        ]
    assert "The budget of 1 documents is spent" not in second.message
    assert {suggestions.of_document(bench.db, id).run for id in todo[:2]} == {second.id}
    trained = other(bench, RunKind.TRAINING, todo[0])
    assert suggestions.of_document(bench.db, todo[0]).run == trained.id
    everything = [DocumentScore(id, 0.1, 0.1, 0.1, 0.1) for id in todo]
    suggestions.store(bench.db, trained.id, [], everything)
    assert {suggestions.of_document(bench.db, id).run for id in todo} == {trained.id}


def test_a_killed_run_goes_on_where_it_stopped_and_spends_no_more_than_its_budget(
    bench: Bench, todo: list[int]
) -> None:
    documents.add_documents(
        bench.db, bench.project, [Document(f"Ada {number}") for number in range(8)], "ada"
    )
    late = [False]

    def behave(handler: Handler, asked: Mapping) -> None:
        if len(local.asked) > 4 and not late[0]:
            time.sleep(1.5)
        server.says(server.names)(handler, asked)

    with serving(behave) as local:
        name(bench.db, local.url, at_once=1, documents=7)
        run = passes.suggest(bench.db, bench.project)
        begun = bench.step_until(run, lambda _: len(local.asked) == 5)

        processes.kill(bench.process(begun))
        late[0] = True
        run = bench.finish(run)
        assert (run.state, run.attempt) == (RunState.DONE, 2), run.message
        # The one that was under way when it was killed was paid for, and got no answer.
        assert len(local.asked) == 7
        report = reports.get_report(bench.db, run.id)
        assert (report["suggested"], report["known"], report["documents"]) == (6, 4, 7)
        assert run.message.endswith("The budget of 7 documents is spent.")


def test_whoever_cancels_waits_two_seconds_at_most_and_what_was_answered_is_kept(
    bench: Bench, todo: list[int]
) -> None:
    def behave(handler: Handler, asked: Mapping) -> None:
        time.sleep(20 if "Kurt" in asked["messages"][-1]["content"] else 0)
        server.says(server.names)(handler, asked)

    with serving(behave) as local:
        name(bench.db, local.url)
        run = passes.suggest(bench.db, bench.project)
        bench.step_until(run, lambda _: len(local.asked) == 3)
        started = time.monotonic()
        runs.request_cancel(bench.db, run.id)
        run = bench.finish(run)
        assert time.monotonic() - started < 4, "two seconds, on a machine that others share"
    assert run.state is RunState.CANCELLED
    assert suggestions.of_documents(bench.db, todo) == {}


def test_a_server_that_is_not_there_fails_the_run_in_a_sentence(
    bench: Bench, todo: list[int]
) -> None:
    with serving(server.says("{}")) as local:
        name(bench.db, local.url)
    choice.choose(bench.db, replace(choice.chosen(bench.db), url="http://127.0.0.1:9/v1"))
    for known in todo[1:]:
        other(bench, RunKind.TRAINING, known)
    run = passes.suggest(bench.db, bench.project)
    run = bench.finish(run)
    message = "Nobody answers at 127.0.0.1:9: start the server, or correct the address."
    assert (run.state, run.message) == (RunState.FAILED, message)
    assert suggestions.of_document(bench.db, todo[0]) is None


def test_a_model_is_off_until_an_admin_names_it_and_its_key_is_for_one_server(
    db: Database, project: int
) -> None:
    assert choice.chosen(db).kind == ""
    with pytest.raises(RefusedError, match="No zero-shot model is named"):
        passes.suggest(db, project)
    model = name(db, "https://one.example/v1", key="sk-1")
    path = home.folder() / keys.FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert keys.key_for(home.folder(), model) == "sk-1"
    # The name of the model may change, the server may not.
    choice.choose(db, replace(model, name="larger"))
    assert choice.has_key(choice.chosen(db))
    choice.choose(db, replace(model, url="https://two.example/v1"))
    assert not choice.has_key(choice.chosen(db)) and not path.exists()
    # A run that was queued before knows its own server, and gets no other one's key.
    choice.choose(db, replace(model, url="https://two.example/v1"), "sk-2")
    assert keys.key_for(home.folder(), model) == ""
    with permissions.acting_as(Person("bob", Role.ANNOTATOR)):
        with pytest.raises(ForbiddenError):
            choice.choose(db, ZeroShotModel())
        with pytest.raises(ForbiddenError):
            passes.suggest(db, project_with_work(db))


def project_with_work(db: Database) -> int:
    made = projects.create_project(db, "more")
    projects.add_labels(db, made.id, ["person"])
    documents.add_documents(db, made.id, [Document("Ada")], "ada")
    return made.id


def test_what_is_in_the_way_is_said_before_anything_is_asked(db: Database, project: int) -> None:
    name(db, "http://127.0.0.1:9/v1")
    with pytest.raises(InputError, match="No document is left"):
        passes.suggest(db, project)
    empty = projects.create_project(db, "empty")
    with pytest.raises(InputError, match="has no labels yet"):
        passes.suggest(db, empty.id)
    kinds = projects.create_project(db, "kinds", Task.CLASSES)
    assert "name an endpoint" in passes.hindrance(kinds, ZeroShotModel(GLINER))
    assert passes.hindrance(kinds, choice.chosen(db)) == ""


@pytest.mark.parametrize("task", [Task.CLASSES, Task.MULTILABEL, Task.PAIRS])
def test_every_task_of_whole_texts_is_suggested_for(bench: Bench, task: Task) -> None:
    project: Project = projects.create_project(bench.db, str(task), task)
    projects.add_labels(bench.db, project.id, ["yes", "no"])
    second = "right" if task is Task.PAIRS else None
    documents.add_documents(bench.db, project.id, [Document("left", second_text=second)], "ada")
    with serving(server.says({"labels": ["yes", "no"]})) as local:
        name(bench.db, local.url)
        run = bench.finish(passes.suggest(bench.db, project.id))
    (id,) = documents.list_ids(bench.db, project.id)
    found = suggestions.of_document(bench.db, id).spans
    wanted = ["no", "yes"] if task is Task.MULTILABEL else ["yes"]
    assert (sorted(span.label for span in found), {span.whole for span in found}) == (
        wanted,
        {True},
    )
    assert "1 overlapping" in run.message or task is Task.MULTILABEL
    assert ("right" in local.asked[0]["messages"][-1]["content"]) == (task is Task.PAIRS)


def test_trying_it_asks_about_a_sentence_of_ours_and_keeps_nothing(db: Database) -> None:
    with serving(server.says(server.names)) as local:
        said = choice.try_out(ZeroShotModel(ENDPOINT, local.url, "tiny"))
        assert said.startswith(
            "It answers. In “Ada Lovelace lived in London.” it finds Ada (person)"
        )
        assert "Ada Lovelace lived" in local.asked[0]["messages"][-1]["content"]
    assert not (home.folder() / cache.FILE).exists()
    assert choice.chosen(db).kind == "", "trying is not choosing"
