"""Two tabs on one document over a bad network, the real outbox against the real journal.

Any sequence of edits, undos, lost answers, repeated and late requests, reloads and merges ends
in one state that is equal on both sides; and undoing everything restores the start.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page

from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.journal import annotations
from storage.journal.annotations import CONFLICT, REFUSED
from storage.types import Document, Source, Span, Status
from tests.browser.modules import run

pytestmark = pytest.mark.browser
TEXT = "Ada 👩‍🚒 met Bob in 東京, one\r\nday שלום."
START = (Span(0, 3, "PER", "i1", Source.IMPORT), Span(12, 15, "LOC", "i2", Source.MODEL, 0.25))
KINDS = [
    "add",
    "add",
    "add",
    "remove",
    "relabel",
    "move",
    "reject",
    "unreject",
    "confirm",
    "unconfirm",
]

EDIT = st.tuples(
    st.sampled_from([*KINDS, "status", "flag", "comment", "batch", "undo", "undo", "redo"]),
    st.integers(0, 9),
    st.integers(0, 30),
    st.integers(1, 6),
    st.sampled_from(["PER", "LOC"]),
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from([0, 1]),
        st.one_of(
            EDIT,
            st.sampled_from([("send",), ("send",), ("reload",)]),
            st.tuples(st.just("network"), st.sampled_from(["up", "down", "lossy", "twice"])),
            st.tuples(st.just("late"), st.integers(0, 9)),
            st.tuples(st.just("merge"), st.sampled_from(["united", "theirs", "mine"])),
        ),
    ),
    max_size=24,
)

PLAY = """
    const model = await import("/document/annotation.js");
    const {Session} = await import("/editing/session.js");
    const {text, overlaps, document: id, steps} = given;
    const labels = [{name: "PER"}, {name: "LOC"}];
    const page = async () => ({token: "t", endpoint: "e", labels, allow_overlaps: overlaps,
        document: {id, text, tokens: []}, state: (await state(id))});
    class Store {
        getItem(key) { return this[key] ?? null; }
        setItem(key, value) { this[key] = value; }
        removeItem(key) { delete this[key]; }
    }
    const clients = [0, 1].map(() => ({storage: new Store(), network: "up", past: []}));
    const send = (client) => async (endpoint, batch) => {
        const nothing = {status: 0, body: null};
        if (client.network === "down") return nothing;
        client.past.push(batch);
        if (client.network === "twice") await deliver(batch);
        const answer = await deliver(batch);
        return client.network === "lossy" ? nothing : answer;
    };
    const load = async (client) => {
        for (const lane of client.outbox?.lanes.values() ?? []) { lane.gone = true;
            clearTimeout(lane.timer); lane.busy = true; }
        client.outbox = new m.Outbox({storage: client.storage, send: send(client),
            claim: (name, take) => take()});
        client.session = new Session(await page(), client.outbox);
        const {session} = client;
        client.outbox.on = {
            adopted: () => session.derive(),
            taken: (lane, entries) => session.advance(entries),
            saved: (lane, answer) => session.hear(answer),
            refused: (lane, reason, sent) => session.confirm(sent),
        };
        client.outbox.adopt();
        await quiet(client);
    };
    const quiet = async ({session}) => {
        while (session.lane.busy) await new Promise((done) => setTimeout(done));
    };
    const pump = async (client) => { client.outbox.pumpAll(); await quiet(client); };
    const operation = ({state, rules}, [kind, pick, from, size, label], name) => {
        const {offsets} = rules;
        const ids = [...state.spans.keys()].sort(); const own = ids[pick % ids.length] ?? "none";
        const start = from % offsets.length; const end = Math.min(start + size, offsets.length);
        const at = {start, end, quote: offsets.slice(start, end)};
        const add = {kind: "add", span: {id: name, label, ...at}};
        return {
            undo: model.undoing(state), redo: model.redoing(state), add,
            remove: {kind, id: own}, relabel: {kind, id: own, label},
            move: {kind, id: own, ...at},
            reject: {kind, label, ...at}, unreject: {kind, label, ...at},
            confirm: {kind, label, ...at}, unconfirm: {kind, label, ...at},
            flag: {kind, flagged: pick % 2 === 0},
            comment: {kind, comment: ["", "a", "b"][pick % 3]},
            status: {kind, status: ["done", "skipped", "in progress"][pick % 3]},
            batch: {kind, operations: [{kind: "remove", id: own}, add]},
        }[kind];
    };
    const edit = ({session}, choice, name) => {
        const op = operation(session, choice, name);
        try {
            if (op) session.edit(op);
        } catch (error) {
            if (!(error instanceof model.Refusal)) throw error;
        }
    };
    const merge = (client, choice) => {
        const found = client.session.compare();
        if (!found) return;
        const choose = ({united}) => choice === "united" ? united : choice;
        client.session.merge(found, found.differences.map(choose));
    };
    const show = ({spans, rejected, confirmed, ...rest}) => ({...rest,
        rejected: [...rejected].sort(), confirmed: [...confirmed].sort(),
        spans: [...spans.values()].sort((a, b) => a.id < b.id ? -1 : 1)});
    const content = (state) => {
        const {status, flagged, comment, rejected, confirmed, spans} = show(state);
        return {status, flagged, comment, rejected, confirmed, spans};
    };
    const finish = async (client) => {
        client.network = "up";
        for (let round = 0; round < 30; round += 1) {
            await pump(client);
            merge(client, "united");
            if (!client.session.lane.entries.length) return;
        }
        throw new Error("The edits are not delivered: " + JSON.stringify(client.session.lane.halt));
    };
    for (const client of clients) await load(client);
    const begin = content(clients[0].session.state);
    for (const [at, [which, [action, ...more]]] of steps.entries()) {
        const client = clients[which];
        if (action === "send") await pump(client);
        else if (action === "reload") await load(client);
        else if (action === "network") client.network = more[0];
        else if (action === "merge") merge(client, more[0]);
        else if (action === "late") {
            const old = client.past[more[0] % client.past.length];
            if (old) await deliver(old);
        } else edit(client, [action, ...more], `s${at}`);
        await quiet(client);
    }
    for (const client of clients) await finish(client);
    // The last one to send has taken in nothing but answers, and knows everything.
    const said = show(clients[1].session.state);
    const kept = show(model.readState(await state(id)));
    const known = said.revision === kept.revision ? said : null;
    for (const {session} of clients) session.receive(await page());
    const [one, other] = clients.map(({session}) => show(session.state));
    const [{session, outbox}] = clients; const end = content(session.state);
    // What had been taken back already stands behind the end: as many are repeated as undone.
    const walk = async (step, most) => {
        let count = 0;
        for (let op = step(session.state); op && count < most; op = step(session.state)) {
            session.edit(op); await pump(clients[0]); count += 1;
        }
        return [content(session.state), count];
    };
    const [undone, count] = await walk(model.undoing, Infinity);
    const [redone] = await walk(model.redoing, count);
    const last = show(model.readState(await state(id)));
    const left = clients.flatMap(({storage}) => Object.keys(storage));
    return {kept, known, one, other, begin, undone, end, redone, left, last,
        mine: show(session.state)}"""


class Journal:
    """The real storage behind what the page calls the network."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.projects = {}
        for overlaps in (False, True):
            project = projects.create_project(db, f"{overlaps}", allow_overlaps=overlaps).id
            projects.add_labels(db, project, ["PER", "LOC"])
            self.projects[overlaps] = project

    def add(self, overlaps: bool) -> int:
        """Store a fresh document and return its id."""
        self.project = self.projects[overlaps]
        document = Document(TEXT, spans=START, status=Status.DONE)
        documents.add_documents(self.db, self.project, [document], "ada")
        return documents.list_ids(self.db, self.project)[-1]

    def state(self, document: int) -> dict[str, Any]:
        return dict(annotations.open_annotation(self.db, document, "ada").state)

    def deliver(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Answer a request as the save route does."""
        outcome = annotations.apply_operations(
            self.db,
            self.project,
            batch["document"],
            "ada",
            batch["client"],
            batch["operations"],
            batch["lean"],
        )
        status = {CONFLICT: 409, REFUSED: 422}.get(outcome.results[-1]["status"], 200)
        body = {"results": [dict(result) for result in outcome.results], "state": outcome.state}
        return {
            "status": status,
            "body": body | {"revision": outcome.revision, "elsewhere": outcome.elsewhere},
        }


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory, site: Page) -> Iterator[Journal]:
    folder: Path = tmp_path_factory.mktemp("journal")
    db = Database.open(f"sqlite:///{folder / 'whetstone.db'}")
    journal = Journal(db)
    site.expose_function("deliver", journal.deliver)
    site.expose_function("state", journal.state)
    yield journal
    db.close()


@given(steps=STEPS, overlaps=st.booleans())
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_both_sides_end_in_one_state_and_all_of_it_can_be_taken_back(
    site: Page, journal: Journal, steps, overlaps
) -> None:
    given = {"text": TEXT, "overlaps": overlaps, "document": journal.add(overlaps), "steps": steps}
    found = run(site, "saving/outbox", PLAY, given)
    kept = found["kept"]
    assert found["known"] in (None, kept), "acknowledged edits were taken in exactly"
    assert found["one"] == found["other"] == kept
    assert found["undone"] == found["begin"]
    assert found["redone"] == found["end"]
    assert found["mine"] == found["last"]
    assert found["left"] == [], "nothing waits in the browser's storage"
