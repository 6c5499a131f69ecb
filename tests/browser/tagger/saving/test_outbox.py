"""No edit is lost: kept before it is sent, sent in order, gone only when acknowledged."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page

from tests.browser.modules import run

pytestmark = pytest.mark.browser


WORLD = """
    class Storage {
        constructor(limit = 1e9) { this.limit = limit; }
        getItem(key) { return this[key]; }
        removeItem(key) { delete this[key]; }
        setItem(key, value) {
            if (this.keys().length >= this.limit) throw new Error("full");
            this[key] = value;
        }
        keys() { return Object.keys(this).filter((key) => key.startsWith("whetstone:op:")); }
    }
    const place = {token: "t", document: 7, endpoint: "/api/edits"};
    const sent = [];
    let answer = () => ({status: 0, body: null});
    const saves = ({operations}) => ({status: 200, body: {
        results: operations.map(({seq}) => ({seq, status: "saved"})), state: {revision: 9}}});
    const send = async (endpoint, batch) => {
        sent.push(batch.operations.map(({seq, base_revision, kind}) => [seq, base_revision, kind]));
        return answer(batch);
    };
    const open = (storage, on = {}) =>
        new m.Outbox({storage, send, on, claim: (client, take) => take()});
    const settle = () => new Promise((resolve) => setTimeout(resolve, 20));
"""


def outbox(site: Page, body: str):
    return run(site, "saving/outbox", WORLD + body)


def test_an_edit_is_kept_before_it_is_sent_and_until_it_is_acknowledged(site: Page) -> None:
    body = """
        const storage = new Storage(); const box = open(storage); const counts = [];
        answer = (batch) => { counts.push(storage.keys().length); return saves(batch); };
        box.push(box.lane(place), {kind: "add", base_revision: 0});
        await settle();
        return [counts, storage.keys().length, box.summary().waiting]"""
    assert outbox(site, body) == [[1], 0, 0]


def test_edits_go_out_in_order_one_request_at_a_time(site: Page) -> None:
    body = """
        const box = open(new Storage()); const lane = box.lane(place);
        answer = saves;
        for (let n = 0; n < 3; n += 1) box.push(lane, {kind: "add", base_revision: n});
        await settle();
        return sent"""
    assert outbox(site, body) == [[[1, 0, "add"]], [[2, 1, "add"], [3, 2, "add"]]]


def test_a_failed_delivery_is_tried_again_and_says_so(site: Page) -> None:
    body = """
        const box = open(new Storage()); const lane = box.lane(place);
        box.push(lane, {kind: "add", base_revision: 0});
        await settle();
        const {waiting, trouble, savedAt} = box.summary(); const waits = [lane.wait];
        for (let n = 0; n < 5; n += 1) { await box.pump(lane); waits.push(lane.wait); }
        answer = saves;
        box.pumpAll(); await settle();
        return [waiting, trouble, savedAt, waits, box.summary().waiting, box.summary().trouble]"""
    waits = [1000, 2000, 4000, 8000, 10000, 10000]
    assert outbox(site, body) == [1, "offline", None, waits, 0, ""]


def test_what_an_earlier_page_left_is_sent_first_under_its_own_name(site: Page) -> None:
    body = """
        const storage = new Storage(); const gone = open(storage); const clients = [];
        gone.push(gone.lane(place), {kind: "add", base_revision: 0});
        await settle(); clearTimeout(gone.lane(place).timer);
        const box = open(storage);
        answer = (batch) => { clients.push(batch.client); return saves(batch); };
        box.adopt();
        box.push(box.lane(place), {kind: "remove", base_revision: 1});
        await settle();
        return [clients[0] === gone.client, clients[1] === box.client, clients.length,
            storage.keys().length]"""
    assert outbox(site, body) == [True, True, 2, 0]


@pytest.mark.parametrize("pause", ["await settle();", ""], ids=["one by one", "at once"])
@pytest.mark.parametrize("order", [[0, 1], [1, 0]], ids=["in order", "the other way"])
def test_what_two_visits_left_goes_out_in_the_order_in_which_it_was_made(
    site: Page, order, pause
) -> None:
    body = f"""
        const storage = new Storage(); const visits = [];
        for (const base of [0, 1]) {{
            const gone = open(storage);
            gone.push(gone.lane(place), {{kind: `visit ${{base}}`, base_revision: base}});
            await settle(); clearTimeout(gone.lane(place).timer);
            visits.push(gone.client);
        }}
        sent.length = 0; let revision = 0;
        answer = ({{operations: [op]}}) => {{
            const fits = op.base_revision === revision;
            if (fits) revision += 1;
            const results = [{{seq: op.seq, status: fits ? "saved" : "conflict"}}];
            return {{status: fits ? 200 : 409, body: {{results, state: {{revision}}}}}};
        }};
        const takes = new Map();
        const claim = (client, take) => takes.set(client, take);
        const box = new m.Outbox({{storage, send, claim}});
        box.adopt();
        for (const visit of {order}) {{ takes.get(visits[visit])(); {pause} }}
        await settle();
        const bases = sent.slice(-2).map(([[, base]]) => base);
        return [bases, storage.keys().length, box.lane(place).halt]"""
    assert outbox(site, body) == [[0, 1], 0, None]


def test_a_conflict_stops_the_lane_until_the_person_chose(site: Page) -> None:
    body = """
        const storage = new Storage(); const box = open(storage); const lane = box.lane(place);
        answer = ({operations}) => ({status: 409, body: {
            results: [{seq: operations[0].seq, status: "conflict"}], state: {revision: 5}}});
        box.push(lane, {kind: "add", base_revision: 0});
        await settle();
        box.push(lane, {kind: "remove", base_revision: 1});
        await settle();
        const stopped = [lane.halt.kind, sent.length, storage.keys().length];
        answer = saves;
        box.reissue(lane, lane.halt.state.revision);
        await settle();
        return [stopped, sent.at(-1), storage.keys().length]"""
    stopped, last, kept = outbox(site, body)
    assert stopped == ["conflict", 1, 2]
    assert last == [[3, 5, "add"], [4, 6, "remove"]]
    assert kept == 0


def test_a_refused_edit_goes_and_those_behind_it_are_issued_anew(site: Page) -> None:
    body = """
        const storage = new Storage(); const reasons = [];
        const box = open(storage, {refused: (lane, reason) => reasons.push(reason)});
        const lane = box.lane(place);
        answer = () => ({status: 0});
        for (let n = 0; n < 3; n += 1) box.push(lane, {kind: `k${n}`, base_revision: n});
        await settle();
        answer = ({operations}) => { answer = saves; return {status: 422, body: {
            results: [{seq: 1, status: "saved"}, {seq: 2, status: "refused", reason: "No."}],
            state: {revision: 1}}}; };
        box.pumpAll(); await settle();
        return [reasons, sent.at(-1), storage.keys().length]"""
    assert outbox(site, body) == [["No."], [[4, 1, "k2"]], 0]


@pytest.mark.parametrize(
    ("later", "trouble"), [("saves", ""), ("nothing", "the server is out of reach")]
)
def test_who_waits_for_the_delivery_is_not_told_of_a_request_of_before(
    site: Page, later, trouble
) -> None:
    body = f"""
        const {{delivered}} = await import("/saving/requests.js");
        const box = open(new Storage()); const lane = box.lane(place);
        const nothing = () => ({{status: 0, body: null}});
        let fail;
        answer = () => new Promise((done) => {{ fail = () => done(nothing()); }});
        box.push(lane, {{kind: "add", base_revision: 0}});
        await settle();
        const told = delivered(box, "t");
        answer = {later}; fail();
        return [await told, sent.length]"""
    told, count = outbox(site, body)
    assert told.startswith(trouble) and bool(told) == bool(trouble)
    assert count == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413])
def test_what_the_server_will_not_take_is_kept_and_not_sent_again(site: Page, status) -> None:
    body = f"""
        const storage = new Storage(); const box = open(storage); const lane = box.lane(place);
        answer = () => ({{status: {status}, body: {{error: "No."}}}});
        box.push(lane, {{kind: "add", base_revision: 0}});
        await settle(); box.pumpAll(); await settle();
        return [sent.length, storage.keys().length, lane.halt.error]"""
    assert outbox(site, body) == [1, 1, "No."]


def test_an_edit_that_storage_cannot_hold_is_sent_all_the_same_and_counted(site: Page) -> None:
    body = """
        const box = open(new Storage(0)); const lane = box.lane(place);
        box.push(lane, {kind: "add", base_revision: 0});
        await settle();
        const {loose} = box.summary();
        answer = saves; box.pumpAll(); await settle();
        return [loose, box.summary().loose, sent.length]"""
    assert outbox(site, body) == [1, 0, 2]


def test_what_is_undone_keeps_its_name_when_edits_are_issued_anew(site: Page) -> None:
    body = """
        const box = open(new Storage()); const lane = box.lane(place); let seen;
        answer = () => ({status: 0});
        const name = box.push(lane, {kind: "add", base_revision: 0});
        box.push(lane, {kind: "remove", base_revision: 1, undoes: name});
        await settle();
        answer = (batch) => { seen = batch.operations; return saves(batch); };
        box.reissue(lane, 5); await settle();
        return [seen[1].undoes === `${box.client}:${seen[0].seq}`, seen[1].undoes !== name]"""
    assert outbox(site, body) == [True, True]


def test_ids_do_not_repeat(site: Page) -> None:
    ids = run(site, "saving/outbox", "return Array.from({length: 1000}, () => m.makeId())")
    assert len(set(ids)) == 1000
    assert all(re.fullmatch("[0-9a-f]{32}", id) for id in ids)


# A token is who edits where, its age and its seal; old ones are answered 401.
AGED = """
    const storage = new Storage(); const heard = []; const asked = [];
    const tokens = [];
    let good = "mine.2.s";
    answer = (batch) => {
        if (batch.stale) { asked.push([batch.token, batch.stale]);
            return renewal(batch); }
        tokens.push(batch.token);
        return batch.token === good ? saves(batch) : {status: 401, body: {error: "Old."}};
    };
    const renewing = async (endpoint, batch) => answer(batch);
    let renewal = () => ({status: 200, body: {token: good}});
    const box = new m.Outbox({storage, send: renewing, claim: (client, take) => take(),
        on: {expired: () => heard.push("expired")}});
    const at = (token, document = 7) => ({token, document, endpoint: "/api/edits"});
"""


def test_edits_under_an_old_token_wait_for_the_pages_new_one(site: Page) -> None:
    body = """
        box.trust("mine.1.s", "/api/token");
        box.push(box.lane(at("mine.1.s")), {kind: "add", base_revision: 0});
        await settle();
        const before = [box.summary().waiting, box.summary().halted.length, storage.keys().length];
        box.trust(good, "/api/token"); await settle();
        return [heard, before, tokens, storage.keys().length, box.lanes.size, asked]"""
    expected = [["expired"], [1, 0, 1], ["mine.1.s", "mine.2.s"], 0, 1, []]
    assert outbox(site, AGED + body) == expected


def test_an_old_token_that_is_refused_again_before_the_page_has_run_is_no_end(site: Page) -> None:
    body = """
        box.trust("mine.1.s", "/api/token");
        box.push(box.lane(at("mine.1.s")), {kind: "add", base_revision: 0});
        await settle(); box.pumpAll(); await settle();
        const before = [[...heard], box.summary().waiting, box.summary().halted.length];
        box.trust(good, "/api/token"); await settle();
        return [before, tokens, storage.keys().length]"""
    before = [["expired", "expired"], 1, 0]
    assert outbox(site, AGED + body) == [before, ["mine.1.s", "mine.1.s", "mine.2.s"], 0]


def test_a_page_that_never_gives_out_a_new_token_is_not_waited_for_for_ever(site: Page) -> None:
    body = """
        box.trust("mine.1.s", "/api/token");
        box.push(box.lane(at("mine.1.s")), {kind: "add", base_revision: 0});
        for (let n = 0; n < 9; n += 1) { await settle(); box.pumpAll(); }
        const [lane] = box.summary().halted;
        return [lane.halt.kind, storage.keys().length, tokens.length]"""
    assert outbox(site, AGED + body) == ["denied", 1, 6]


def test_edits_of_another_project_get_a_new_token_from_the_server(site: Page) -> None:
    body = """
        good = "other.2.s";
        box.trust("mine.1.s", "/api/token");
        box.push(box.lane(at("other.1.s")), {kind: "add", base_revision: 0});
        await settle();
        return [tokens, asked, storage.keys().length, heard]"""
    expected = [["other.1.s", "other.2.s"], [["mine.1.s", "other.1.s"]], 0, []]
    assert outbox(site, AGED + body) == expected


def test_edits_of_another_whetstone_are_kept_and_left_to_the_person(site: Page) -> None:
    body = """
        good = "other.2.s"; renewal = () => ({status: 401, body: {error: "Not valid."}});
        box.trust("mine.1.s", "/api/token");
        box.push(box.lane(at("other.1.s")), {kind: "add", base_revision: 0});
        await settle();
        const [lane] = box.summary().halted;
        return [lane.halt.kind, storage.keys().length, tokens.length, asked.length]"""
    assert outbox(site, AGED + body) == ["denied", 1, 1, 1]


def test_a_new_token_that_is_refused_too_is_not_asked_for_again_and_again(site: Page) -> None:
    body = """
        good = "never";
        box.trust("mine.1.s", "/api/token");
        box.push(box.lane(at("mine.1.s")), {kind: "add", base_revision: 0});
        await settle();
        for (const n of [2, 3, 4]) { box.trust(`mine.${n}.s`, "/api/token"); await settle(); }
        const [lane] = box.summary().halted;
        return [heard, tokens, lane.halt.kind, storage.keys().length]"""
    assert outbox(site, AGED + body) == [["expired"], ["mine.1.s", "mine.2.s"], "denied", 1]


def test_what_is_kept_since_0_3_is_found_under_its_present_name(site: Page) -> None:
    body = """
        const old = new Storage();
        old["whetstone:draft:7|who.seal"] = "a thought"; old["whetstone:base:7|who.seal"] = "{}";
        old["whetstone:draft:8|who"] = "newer"; old["whetstone:op:c:7:1"] = "{}";
        open(old);
        return Object.keys(old).filter((key) => key.includes(":")).sort()"""
    assert outbox(site, body) == [
        "whetstone:base:7|who",
        "whetstone:draft:7|who",
        "whetstone:draft:8|who",
        "whetstone:op:c:7:1",
    ]
