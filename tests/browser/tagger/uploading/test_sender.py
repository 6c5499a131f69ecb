"""The sender gets every byte to the server, whatever becomes of the connection."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.modules import run

pytestmark = pytest.mark.browser

# A server in JavaScript: `trouble` may answer instead of it.
WORLD = """
    const stored = new Map();
    const calls = [];
    let batch = "b1", trouble = () => null, next = 1;
    const reply = (status, body) => ({status, json: async () => body});
    const fetch = async (route, {headers, body}) => {
        calls.push(route);
        const bad = trouble(route, headers);
        if (bad) return bad;
        if (route === "send") {
            if (headers["X-Whetstone-Batch"] !== batch) return reply(404, {error: "gone"});
            const n = headers["X-Whetstone-File"], held = stored.get(n) ?? "";
            if (Number(headers["X-Whetstone-Offset"]) !== held.length) {
                return reply(409, {received: held.length});
            }
            stored.set(n, held + await body.text());
            return reply(200, {received: stored.get(n).length});
        }
        const asked = JSON.parse(body);
        if (route === "begin") {
            if (asked.batch && asked.batch !== batch) return reply(404, {error: "gone"});
            return reply(200, {batch, free: 9, files: asked.files.map(() => next++)});
        }
        return reply(200, {free: 9, files: []});
    };
    const sender = new m.Sender(fetch, () => 0);
    const routes = {begin: "begin", send: "send", list: "list", remove: "remove"};
    sender.receive({token: "t", routes});
    const file = (name, text) => ({path: name, file: new File([text], name)});
    const idle = async () => { while (sender.busy) await new Promise((go) => setTimeout(go, 5)); };
    const all = () => Object.fromEntries(stored);
"""


def test_several_files_arrive_whole_and_empty_ones_at_once(site: Page) -> None:
    body = """
        await sender.add([file("a", "one"), file("d/b", "two"), file("c", "")]);
        await sender.add([file("e", "three")]);
        await idle();
        return [all(), sender.files.map(({state}) => state)];
    """
    stored, states = run(site, "uploading/sender", WORLD + body)
    assert stored == {"1": "one", "2": "two", "4": "three"}
    assert states == ["done"] * 4


def test_lost_answers_and_a_full_server_are_only_waited_out(site: Page) -> None:
    body = """
        const troubles = [null, reply(503, {error: "full"}), "lost"];
        trouble = (route) => {
            if (route !== "send") return null;
            const next = troubles.pop();
            if (next === "lost") throw new TypeError("network");
            return next;
        };
        await sender.add([file("a", "one")]);
        await idle();
        return [all(), calls.filter((route) => route === "send").length, sender.files[0].trouble];
    """
    assert run(site, "uploading/sender", WORLD + body) == [{"1": "one"}, 3, ""]


def test_a_server_that_began_anew_gets_everything_again(site: Page) -> None:
    body = """
        await sender.add([file("a", "one")]);
        await idle();
        batch = "b2";
        stored.clear();
        await sender.add([file("b", "two")]);
        await idle();
        return [all(), sender.batch];
    """
    stored, batch = run(site, "uploading/sender", WORLD + body)
    assert (sorted(stored.values()), batch) == (["one", "two"], "b2")


def test_what_is_refused_says_why_and_what_is_removed_is_sent_no_more(site: Page) -> None:
    body = """
        const no = () => reply(400, {error: "No."});
        trouble = (_, headers) => headers["X-Whetstone-File"] === "1" ? no() : null;
        await sender.add([file("a", "one"), file("b", "two")]);
        await idle();
        const states = sender.files.map(({state, trouble}) => [state, trouble ?? ""]);
        await sender.remove([sender.files[0]]);
        trouble = () => reply(400, {error: "Too large."});
        await sender.add([file("c", "x")]);
        return [states, sender.files.map(({name}) => name), sender.problem];
    """
    states, names, problem = run(site, "uploading/sender", WORLD + body)
    assert states == [["failed", "No."], ["done", ""]]
    assert (names, problem) == (["b"], "Too large.")


def test_sizes_times_and_folders_are_said_as_people_do(site: Page) -> None:
    body = """return [
        [0, 999, 1000, 1234567, 40e9].map(m.size), [0.2, 75, 3725].map(m.left),
        m.grouped([{name: "f/a"}, {name: "b"}, {name: "f/c"}]).map((g) => [g.name, g.files.length]),
    ];"""
    sizes, times, groups = run(site, "uploading/words", body)
    assert sizes == ["0 B", "999 B", "1.0 kB", "1.2 MB", "40 GB"]
    assert times == ["0:01 left", "1:15 left", "1:02:05 left"]
    assert groups == [["f", 2], ["b", 1]]
