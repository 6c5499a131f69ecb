"""The tagger's modules are fetched once; where they do not come, the page says so."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.expecting import expect
from tests.browser.modules import run
from tests.browser.tagging import Tagger

pytestmark = pytest.mark.browser
ADA = "Ada Lovelace met Charles Babbage in London in June 1833."
SCRIPT = {"Content-Type": "text/javascript"}
# A tagger that writes down what is done to it.
FAKE = """globalThis.log = [];
export default ({data}) => { log.push(`shown ${data.n}`); return () => log.push("left"); };"""


@pytest.mark.long
def test_modules_that_do_not_come_are_asked_for_again(bench, visitor) -> None:
    desk = bench(ADA)
    context = visitor.context()
    # One that others need: the browser then remembers a failure for the first one, too.
    context.route("**/0/document/offsets.js", lambda route: route.abort("internetdisconnected"))
    page = visitor.open(f"{desk.server.url}/?project={desk.project}", context)
    complaint = page.get_by_role("alert").filter(has_text="could not be loaded")
    complaint.wait_for()
    page.get_by_role("button", name="Try again").click()
    tagger = Tagger(page).wait()
    expect(complaint).to_have_count(0)
    tagger.label("London", "3")
    tagger.expect_saved()
    assert desk.stored() == ["London, LOC"]


def test_a_tagger_that_goes_before_its_modules_come_is_never_shown(site: Page) -> None:
    site.route("**/gone/0/tagger.js", lambda route: route.fulfill(body=FAKE, headers=SCRIPT))
    body = """const parentElement = document.createElement("div");
        const leave = m.default({parentElement, data: {modules: "/gone/", n: 1}});
        leave();
        await import("/gone/0/tagger.js");
        await new Promise((done) => setTimeout(done, 20));
        const before = [...log];
        const stay = m.default({parentElement, data: {modules: "/gone/", n: 2}});
        await new Promise((done) => setTimeout(done, 20));
        stay();
        return [before, log];"""
    assert run(site, "loader", body) == [[], ["shown 2", "left"]]


def test_what_the_page_sends_meanwhile_is_shown_once_and_newest(site: Page) -> None:
    site.route("**/late/0/tagger.js", lambda route: route.fulfill(body=FAKE, headers=SCRIPT))
    site.reload()
    body = """const parentElement = document.createElement("div");
        const send = (n) => m.default({parentElement, data: {modules: "/late/", n}});
        send(1);
        send(2);
        await import("/late/0/tagger.js");
        await new Promise((done) => setTimeout(done, 20));
        send(3)();
        return log;"""
    assert run(site, "loader", body) == ["shown 2", "shown 3", "left"]


def test_a_wish_that_a_restarted_server_did_not_hear_is_repeated_once(site: Page) -> None:
    body = """const asked = [];
        const pager = new m.Pager(() => {});
        const setStateValue = (name, {document}) => asked.push(document);
        const send = (id) => {
            pager.receive({data: {queue: {ids: [1, 2, 3]}, document: {id}}, setStateValue}); };
        [1, 1].forEach(send);
        pager.turn(1);
        [1, 1].forEach(send);
        pager.settle();
        [2, 2].forEach(send);
        return asked;"""
    assert run(site, "queue/pager", body) == [2, 2]
