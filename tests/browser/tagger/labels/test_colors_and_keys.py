"""Colours stay readable in any theme, and keys mean the same on every keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page

from tests.browser.modules import run

pytestmark = pytest.mark.browser


THEMES = [
    {"background": [255, 255, 255], "text": [49, 51, 63]},
    {"background": [14, 17, 23], "text": [250, 250, 250]},
]


@pytest.mark.parametrize("theme", THEMES, ids=["light", "dark"])
@pytest.mark.parametrize(
    "color", ["#ffff00", "#000000", "#ffffff", "#1d4ed8", "#f0f", "", "url(x)", "red;--x:y"]
)
def test_any_label_colour_stays_readable(site: Page, theme, color) -> None:
    body = """const [color, theme] = given;
        const shades = m.shade(color, theme);
        const {tint, ink, line} = Object.fromEntries(
            Object.entries(shades).map(([name, css]) => [name, m.parseColor(css)]));
        const contrasts = [[theme.text, tint], [ink, tint], [line, theme.background]];
        return [shades, contrasts.map(([a, b]) => m.contrast(a, b))]"""
    shades, (text, ink, line) = run(site, "labels/colors", body, [color, theme])
    assert text >= 4.5 and ink >= 4.5 and line >= 3
    assert all(re.fullmatch(r"rgb\(\d+, \d+, \d+\)", shade) for shade in shades.values())


@pytest.mark.parametrize(
    ("event", "command"),
    [
        ({"key": "1", "code": "Digit1"}, {"label": 0}),
        ({"key": "&", "code": "Digit1"}, {"label": 0}),
        ({"key": "1", "code": "Digit1", "shiftKey": True}, {"label": 0}),
        ({"key": "!", "code": "Digit1", "shiftKey": True}, None),
        ({"key": "9", "code": "Digit9"}, None),
        ({"key": "1", "code": "Numpad1"}, {"label": 0}),
        ({"key": "1", "code": "Digit1", "altKey": True}, None),
        ({"key": "j", "code": "KeyJ"}, "nextToken"),
        ({"key": "о", "code": "KeyJ"}, "nextToken"),
        ({"key": "J", "code": "KeyJ", "shiftKey": True}, "grow"),
        ({"key": "z", "code": "KeyY", "ctrlKey": True}, "undo"),
        ({"key": "я", "code": "KeyZ", "ctrlKey": True}, "undo"),
        ({"key": "Z", "code": "KeyZ", "ctrlKey": True, "shiftKey": True}, "redo"),
        ({"key": "y", "code": "KeyY", "metaKey": True}, "redo"),
        ({"key": "s", "code": "KeyS"}, "skip"),
        ({"key": "s", "code": "KeyS", "ctrlKey": True}, None),
        ({"key": "?", "code": "Slash", "shiftKey": True}, "help"),
        ({"key": "{", "code": "Digit7", "altGraph": True}, "endBack"),
        ({"key": "Tab", "shiftKey": True}, "lastSpan"),
        ({"key": "ArrowRight"}, "next"),
        ({"key": "ArrowRight", "shiftKey": True}, None),
        ({"key": "[", "code": "BracketLeft", "altKey": True}, "startBackSign"),
        ({"key": "“", "code": "BracketLeft", "altKey": True}, "startBackSign"),
        ({"key": "ü", "code": "BracketLeft", "altKey": True, "ctrlKey": True}, "startBackSign"),
        ({"key": "”", "code": "BracketLeft", "altKey": True, "shiftKey": True}, "endBackSign"),
        ({"key": "}", "code": "BracketRight", "altKey": True, "shiftKey": True}, "endOnSign"),
        ({"key": "/", "code": "Digit7", "shiftKey": True}, "palette"),
        ({"key": "/", "code": "NumpadDivide"}, "palette"),
        ({"key": "q", "code": "KeyQ"}, None),
        ({"key": "Enter", "isComposing": True}, None),
        ({"key": "Process", "code": "Digit1", "keyCode": 229}, None),
    ],
)
def test_keys_mean_the_same_on_every_keyboard(site: Page, event, command) -> None:
    body = """const {altGraph, ...event} = given;
        const labels = [{name: "PER", key: "1"}, {name: "ORG", key: "2"}];
        const {COMMANDS: {spans: COMMANDS}} = await import("/keys/commands.js");
        const pressed = {code: "", ...event, getModifierState: () => Boolean(altGraph)};
        return m.readKey(pressed, labels, m.bindKeys(COMMANDS))"""
    assert run(site, "keys/keys", body, event) == command


def test_a_chosen_key_wins_over_what_it_meant_before(site: Page) -> None:
    body = """const {COMMANDS: {spans: COMMANDS}} = await import("/keys/commands.js");
        const {commands, keys} = m.bindKeys(COMMANDS, {done: "j", skip: ""});
        return [commands.get("j"), commands.get("s") ?? null, keys.get("done"), keys.get("skip")]"""
    assert run(site, "keys/keys", body) == ["done", None, ["j"], []]
