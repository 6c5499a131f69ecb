"""What scripts read: each command's JSON keeps the keys, types and values of earlier versions.

Further keys may come; none goes, none changes its type. Values are held to where nothing was
learned or timed; sentences for people may be said better.
"""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from engine.commands import app
from tests.engine import tiny
from tests.engine.commands.recorded import calls

pytestmark = pytest.mark.usefixtures("forking")
RECORDED = Path(calls.__file__).parent
HOMES = Path(__file__).resolve().parents[2] / "fixtures" / "homes"
VERSIONS = sorted(path.stem for path in RECORDED.glob("*.json"))
FOR_PEOPLE = ("message", "error")
UNFORESEEN = "the trace is in"


@pytest.fixture(params=VERSIONS)
def recorded(request: pytest.FixtureRequest, home: Path, monkeypatch: pytest.MonkeyPatch) -> dict:
    """The answers of a version, in the folder where its home lies now."""
    with tarfile.open(HOMES / f"{request.param}.tar.xz") as archive:
        archive.extractall(home.parent, filter="data")
    monkeypatch.chdir(home.parent)
    calls.prepare()
    return json.loads((RECORDED / f"{request.param}.json").read_text(encoding="utf-8"))


def changes(before: Any, now: Any, values: bool, at: str = "") -> list[str]:
    """List what is not in an answer as it was."""
    if isinstance(before, dict) and isinstance(now, dict):
        gone = [f"{at}/{name} is gone" for name in before.keys() - now.keys()]
        both = sorted(before.keys() & now.keys())
        deep = (
            changes(before[name], now[name], values and name not in FOR_PEOPLE, f"{at}/{name}")
            for name in both
        )
        return gone + [change for found in deep for change in found]
    if type(before) is not type(now):
        # What was not there and is now, or the other way round, is a value, too.
        loose = not values and None in (before, now)
        return [] if loose else [f"{at} was {before!r}, is {now!r}"]
    if isinstance(before, list):
        wrong = len(before) != len(now) if values else bool(before) != bool(now)
        counted = [f"{at} had {len(before)} items, has {len(now)}"] if wrong else []
        pairs = enumerate(zip(before, now, strict=False))
        deep = (changes(*pair, values, f"{at}/{n}") for n, pair in pairs)
        return counted + [change for found in deep for change in found]
    return [f"{at} was {before!r}, is {now!r}"] if values and before != now else []


def check(recorded: dict, asked: tuple[calls.Call, ...]) -> None:
    """Make the calls, all of them, and list everything that is not as it was."""
    found = []
    for each in asked:
        before, now = recorded[each.name], calls.answer(each)
        if UNFORESEEN in now["answer"].get("error", ""):
            found.append(f"{each.name}: {now['answer']['error']}")
        if before["code"] != now["code"]:
            found.append(f"{each.name}: ends with {now['code']}: {now['answer']}")
        else:
            found += [f"{each.name}: {what}" for what in changes(before, now, each.values)]
    assert not found, "\n".join(found)


def test_everything_recorded_is_asked_again(recorded: dict) -> None:
    asked = (*calls.READING, *calls.TRAINING, *calls.LONG, *calls.WRITING)
    assert [each.name for each in asked] == list(recorded)
    asked_of = {each.arguments[0] for each in asked}
    assert asked_of | calls.NEWER >= {command.name for command in app.registered_commands}


def test_what_commands_read_is_answered_as_before(recorded: dict) -> None:
    check(recorded, calls.READING)


def test_what_commands_write_is_answered_as_before(recorded: dict) -> None:
    check(recorded, calls.WRITING)


def test_a_training_answers_as_before(recorded: dict) -> None:
    tiny.save_base(Path("base"))
    check(recorded, (calls.CANCEL, *calls.TRAINING))


@pytest.mark.long
def test_suggestions_and_a_search_answer_as_before(recorded: dict) -> None:
    tiny.save_base(Path("base"))
    check(recorded, (calls.CANCEL, *calls.LONG))


def test_a_change_is_found() -> None:
    before = {"a": 1, "b": [{"c": 0.5}], "message": "Good."}
    assert changes(before, {**before, "new": 2, "message": "Fine."}, True) == []
    assert changes(before, {"a": 1, "message": "Good."}, False) == ["/b is gone"]
    assert changes(before, {**before, "b": [{"c": "0.5"}]}, False) == ["/b/0/c was 0.5, is '0.5'"]
    assert changes(before, {**before, "b": []}, False) == ["/b had 1 items, has 0"]
    assert changes(before, {**before, "a": 2}, True) == ["/a was 1, is 2"]
    assert changes(before, {**before, "a": 2}, False) == []
