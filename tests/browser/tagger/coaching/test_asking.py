"""Whatever the order in which answers come: a document has what was learned before it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.modules import run

pytestmark = pytest.mark.browser


def test_an_answer_about_the_document_before_does_not_end_the_wait(site: Page) -> None:
    body = """
        const coach = (entry) => ({on: true, phase: "waiting", entry, mended: 0, changed: 0});
        const asked = [], drawn = [];
        const editor = {
            session: {document: {id: 1}, lane: {scope: ""}}, aheadIds: [], pager: {coming: []},
            outbox: {lanes: new Map()}, renderer: {view: {showCoach() {}}}, render() {}, tell() {},
            changes: (said) => said ? 1 : 0, redraw: (said) => drawn.push(said), exchange() {},
            requester: {ask: (kind, question) => new Promise((answer) => {
                asked.push([question.document, () => answer({status: 200, body: {
                    coach: coach(2), told: true,
                    suggestions: {[question.document]: `for ${question.document}`}}})]);
            })},
        };
        const fresh = new m.Freshness(editor);
        fresh.sift({project: 1, coach: coach(1), suggestions: null}, true);
        // The answer that finished the first document is stored; what is new is asked about it.
        fresh.stored(2, true);
        // The page opens the second one, as it was before the coach had learned the first.
        editor.session.document = {id: 2};
        fresh.sift({project: 1, coach: coach(1), suggestions: null}, true);
        const said = [];
        for (let n = 0; n < asked.length; n += 1) {
            said.push(asked[n][0]);
            asked[n][1]();
            await new Promise((resolve) => setTimeout(resolve, 150));
        }
        fresh.close();
        return [said, drawn]"""
    assert run(site, "coaching/freshness", body) == [[1, 2], ["for 2"]]


def test_as_long_as_the_coach_reads_it_is_looked_at_and_more_and_more_seldom(site: Page) -> None:
    body = """
        const later = globalThis.setTimeout, waits = [];
        globalThis.setTimeout = (act, wait) => (waits.push(wait), later(act));
        const coach = () => ({on: true, phase: waits.length < 90 ? "reading" : "waiting",
                              documents: waits.length, entry: 1, mended: 0, changed: 0});
        const editor = {
            session: {document: {id: 1}, lane: {scope: ""}}, aheadIds: [], pager: {coming: []},
            outbox: {lanes: new Map()}, render() {}, tell() {}, changes: () => 0, redraw() {},
            renderer: {view: {showCoach: ({documents}) => editor.shown = documents}}, exchange() {},
            requester: {ask: async () => ({status: 200, body: {coach: coach()}})},
        };
        const fresh = new m.Freshness(editor);
        fresh.sift({project: 1, coach: coach(), suggestions: null}, true);
        // It has been looked at as often as it was read, and is then left alone.
        for (let left = 200; left && waits.length < 90; left -= 1)
            await new Promise((resolve) => later(resolve, 10));
        await new Promise((resolve) => later(resolve, 50));
        fresh.close();
        globalThis.setTimeout = later;
        return [waits.length, Math.max(...waits.slice(0, 80)), waits[80], editor.shown]"""
    assert run(site, "coaching/freshness", body) == [90, 1500, 10000, 90]
