"""The tagger's keys: its commands, how a key is written, and which keys are taken.

The commands and their own keys stand in one file, which the tagger reads too. A key may mean one
thing where parts of a text are labelled, another where whole documents are, and another in the walk
through a list of places: each is a room of its own, and some commands are shared by the first two.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from engine import tasks
from pages.routes import assets
from storage.errors import InputError
from storage.types import Project

NAMED = {
    **{name.lower(): name for name in ("Enter", "Backspace", "Delete", "Escape", "Tab", "Insert")},
    **{name.lower(): name for name in ("Home", "End", "PageUp", "PageDown")},
    **{f"arrow{side.lower()}": f"Arrow{side}" for side in ("Left", "Right", "Up", "Down")},
    **{side.lower(): f"Arrow{side}" for side in ("Left", "Right", "Up", "Down")},
    **{f"f{number}": f"F{number}" for number in range(1, 13)},
    **{"←": "ArrowLeft", "→": "ArrowRight", "↑": "ArrowUp", "↓": "ArrowDown"},
    **{"esc": "Escape", "del": "Delete", "return": "Enter", "space": " ", " ": " "},
}
MODIFIERS = {"ctrl": "Ctrl", "control": "Ctrl", "cmd": "Ctrl", "alt": "Alt", "shift": "Shift"}
# New window, new tab, close: browsers give these to no page.
KEPT_BY_BROWSERS = {"Ctrl+n", "Ctrl+t", "Ctrl+w", "Ctrl+Shift+n", "Ctrl+Shift+t", "Ctrl+Shift+w"}
CAPS = {" ": "Space", "Escape": "Esc", "ArrowLeft": "←", "ArrowRight": "→"}
CAPS |= {"ArrowUp": "↑", "ArrowDown": "↓"}
# Beside the tagger of spans: where documents as a whole are labelled, and where people decide
# about one place after the other.
ROOMS = {"whole": "On whole documents", "walk": "In a list", "match": "On Match"}
ROOMS |= {"candidates": "Among candidates", "adjudicating": "On Adjudicate"}
_SHARED = frozenset(("", "whole"))


@dataclass(frozen=True, slots=True)
class Command:
    """What can be done by a key: in the tagger, or where ``room`` says."""

    name: str
    keys: tuple[str, ...]
    help: str
    room: str = ""
    shared: bool = False
    """Spans and whole documents are labelled with it."""

    @property
    def rooms(self) -> frozenset[str]:
        """Where it can be done; "" is the tagger of spans."""
        return _SHARED if self.shared else frozenset((self.room,))

    @property
    def title(self) -> str:
        """What it does, and where that is not the tagger."""
        return f"{ROOMS[self.room]}: {self.help}" if self.room else self.help


@cache
def commands() -> tuple[Command, ...]:
    """Return the commands in the order in which the help lists them."""
    rows = json.loads((assets.FOLDER / "keys" / "commands.json").read_text("utf-8"))
    return tuple(
        Command(
            row["name"],
            tuple(row["keys"]),
            row["help"],
            row.get("room", ""),
            row.get("shared", False),
        )
        for row in rows
    )


def bound(chosen: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return the keys of each command, with those chosen in the place of its own; "" is none."""
    return {
        command.name: tuple(filter(None, [chosen[command.name]]))
        if command.name in chosen
        else command.keys
        for command in commands()
    }


def cap(key: str) -> str:
    """Return a key as it is printed on a keyboard."""
    *modifiers, last = _split(key)
    return " ".join([*modifiers, CAPS.get(last, last.upper() if len(last) == 1 else last)])


def parse(text: str) -> str:
    """Return a key as the tagger writes it; raises InputError for what is not one."""
    *before, last = _split(re.sub(r"\s*\+\s*(?=.)", "+", text.strip() or text))
    modifiers = {MODIFIERS.get(part.lower()) for part in before}
    key = NAMED.get(last.lower()) or last
    if None in modifiers or not (last.lower() in NAMED or re.fullmatch(r"[!-~]", key)):
        raise InputError(
            f"“{text}” is not a key: write a letter or a sign, or a name like Enter, F2 or Left, "
            "after Ctrl+, Alt+ or Shift+ where these belong to it."
        )
    if key.isdigit() and "Ctrl" not in modifiers and "Alt" not in modifiers:
        raise InputError("The digits belong to the labels: choose another key.")
    return _write(modifiers, key)


def _write(modifiers: set[str | None], key: str) -> str:
    if {"Ctrl", "Alt"} <= modifiers:
        raise InputError("Ctrl and Alt together type signs on many keyboards: choose one of them.")
    if "Shift" in modifiers and len(key) == 1 and not key.isalpha() and key != " ":
        raise InputError("Write the sign that the key types together with Shift, without Shift.")
    order = [name for name in ("Ctrl", "Alt", "Shift") if name in modifiers]
    written = "+".join([*order, key.lower() if len(key) == 1 else key])
    if written in KEPT_BY_BROWSERS:
        raise InputError(f"Browsers keep {cap(written)} for themselves: choose another key.")
    return written


def _split(key: str) -> list[str]:
    """Split at the plus signs; the last one may be the key itself."""
    return re.split(r"(?<=.)\+(?=.)", key)


def check(name: str, key: str, chosen: Mapping[str, str], projects: Iterable[Project]) -> None:
    """Raise InputError where a key has another meaning there: a command's, or a label's."""
    rooms = next(command.rooms for command in commands() if command.name == name)
    if other := owner(key, {**chosen, name: ""}, rooms):
        raise InputError(f"{cap(key)} already means “{other.help}”: give that another key first.")
    # In a list no key labels anything.
    for project in projects if rooms & _SHARED else ():
        for label in project.labels:
            if label.key and of_label(label.key) == key:
                raise InputError(
                    f"{cap(key)} is the key of the label “{label.name}” in the project "
                    f"“{project.name}”: labels come first, so choose another key."
                )


def of_label(key: str) -> str:
    """Return a label's key as a command's is written: "J" is "Shift+j"."""
    return f"Shift+{key.lower()}" if key.isupper() else key


def owner(key: str, chosen: Mapping[str, str], rooms: Collection[str] = ("",)) -> Command | None:
    """Return a command that a key means in one of some rooms, if any."""
    keys = bound(chosen)
    here = (command for command in commands() if not command.rooms.isdisjoint(rooms))
    return next((command for command in here if key in keys[command.name]), None)


def shadowed(chosen: Mapping[str, str], projects: Iterable[Project]) -> list[str]:
    """Say which commands cannot be reached in which project, for a label has their key."""
    return [
        f"In {project.name} the label {label.name} has the key {cap(label.key)}: it does not "
        f"mean “{command.help}” there."
        for project in projects
        for label in project.labels
        if label.key and (command := owner(of_label(label.key), chosen, _room_of(project)))
    ]


def _room_of(project: Project) -> tuple[str]:
    """Return the room in which a project's documents are labelled."""
    mode = tasks.get(project.task).tagger
    return (mode if mode in ROOMS else "",)
