"""Rows by the million, made by the server itself: what a project of so many documents has.

Everybody has an account, the first is an admin's, and of the others every tenth a reviewer's.
Texts are short and unlike each other. Of a hundred documents 80 are for training; 35 came labelled
from a file, people labelled ten, two by two people. Every document has a model's suggestion and
score. Of ten runs seven are trainings with a report.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace

import psycopg

from engine.configuration.settings import Settings
from storage.accounts import accounts
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.permissions import Role
from storage.runs import reports, runs
from storage.types import Document, Split, Status
from tests.engine import tiny
from tests.pages import reported

AT = "2026-11-28T10:00:00.000+00:00"
LABELS = ("PER", "LOC", *(f"KIND{number}" for number in range(18)))
# Whose account is an admin's.
FIRST = "person0"
# Matches of the newest report stand for its whole test split; older ones keep so many.
MATCHES = 200
CHUNK = 1_000_000


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is."""

    documents: int
    runs: int
    annotators: int


def build(db: Database, url: str, size: Size) -> int:
    """Fill an empty database of the server and return the project's id."""
    project = projects.create_project(db, "Large").id
    projects.add_labels(db, project, list(LABELS))
    report = _report(db)
    _add_people(db, size.annotators)
    with psycopg.connect(url, autocommit=True) as connection:
        # Nobody waits for these rows, and all that they name is there.
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET synchronous_commit = off")
        _fill(connection, project, size, report)
        connection.execute("VACUUM ANALYZE")
    return project


def _add_people(db: Database, number: int) -> None:
    """Make accounts of people whom a provider vouches for: hashing passwords is not asked about."""
    accounts.add(db, FIRST, Role.ADMIN)
    for place in range(1, number):
        role = Role.ANNOTATOR if place % 10 else Role.REVIEWER
        accounts.add(db, f"person{place}", role)


def _report(db: Database) -> str:
    """Return a report as a run leaves one, of a project of forty documents."""
    small = projects.create_project(db, "Small").id
    given = [*tiny.corpus(40), *tiny.corpus(40, 1, split=Split.TEST)]
    documents.add_documents(db, small, [_done(each) for each in given], "ada")
    run = runs.create_run(db, small, {})
    reported.store(db, small, run.id)
    return json.dumps(reports.get_report(db, run.id))


def _done(document: Document) -> Document:
    return replace(document, status=Status.DONE)


def _fill(connection: psycopg.Connection, project: int, size: Size, report: str) -> None:
    values = {"project": project, "people": size.annotators, "at": AT, "report": report}
    values |= {"settings": json.dumps({"base": "bundled", **asdict(Settings())})}
    values |= {"matches": MATCHES, "runs": size.runs}
    for table, column in (
        ("documents", "document"),
        ("annotations", "annotation"),
        ("runs", "run"),
    ):
        row = connection.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()
        values[f"before_{column}"] = row[0] if row else 0
    for first in range(1, size.documents + 1, CHUNK):
        values |= {"first": first, "last": min(first + CHUNK - 1, size.documents)}
        for statement in PER_DOCUMENT:
            connection.execute(_with(statement, values))
    values |= {"first": 1, "last": size.documents}
    for statement in (*PER_RUN, *TOGETHER):
        connection.execute(_with(statement, values))
    for table in SERIAL:
        connection.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
        )


def _with(statement: str, values: dict) -> str:
    """Put the values into a statement; the server makes a plan of its own for each chunk."""
    for name, value in values.items():
        quoted = str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"
        statement = statement.replace(f"${name}$", quoted)
    return statement


SERIAL = ("documents", "annotations", "spans", "journal", "steps", "runs", "metrics", "matches")
NAMES = "(ARRAY['Ada','Grace','Alan','Emmy','Kurt','Sofia','Leonhard'])[1 + g % 7]"
PLACES = "(ARRAY['Paris','Ulm','Oslo','Rome','Kyoto'])[1 + g % 5]"
LABEL = "(SELECT array_agg(id ORDER BY id) FROM labels WHERE project_id = $project$)"
EACH = "generate_series($first$::bigint, $last$) g"
# The newest looked through all documents.
TRAINS = "(r % 10 BETWEEN 1 AND 7 OR r = $runs$)"
# The annotator of a document that somebody labelled.
WHO = "'person' || (g / 10) % $people$"
PER_DOCUMENT = (
    f"""
    INSERT INTO documents (id, project_id, position, name, split, group_name, text_hash,
                           imported_at, layout, text, date)
    SELECT $before_document$ + g, $project$, g, 'corpus.txt:' || g,
           CASE g % 10 WHEN 8 THEN 'dev' WHEN 9 THEN 'test' ELSE 'train' END, '',
           md5(g::text), $at$, '{{}}',
           {NAMES} || ' went to ' || {PLACES} || ' on day ' || g || ' .', ''
    FROM {EACH}""",
    f"""
    INSERT INTO token_boundaries (document_id, boundaries)
    SELECT $before_document$ + g, json_build_array(0, a, a + 1, a + 5, a + 6, a + 8, a + 9,
           a + 9 + b, a + 10 + b, a + 12 + b, a + 13 + b, a + 16 + b, a + 17 + b,
           a + 17 + b + c, a + 18 + b + c, a + 19 + b + c)
    FROM (SELECT g, length({NAMES}) a, length({PLACES}) b, length(g::text) c FROM {EACH}) w""",
    f"""
    INSERT INTO annotations (id, document_id, annotator, status, revision, is_current, flagged,
                             comment, updated_at)
    SELECT $before_annotation$ + 2 * g, $before_document$ + g,
           CASE WHEN g % 100 < 10 THEN {WHO} ELSE 'file' END,
           CASE WHEN g % 100 = 0 THEN 'skipped' ELSE 'done' END, 2, true, g % 1000 = 0, '', $at$
    FROM {EACH} WHERE g % 100 < 45""",
    f"""
    INSERT INTO annotations (id, document_id, annotator, status, revision, is_current, flagged,
                             comment, updated_at)
    SELECT $before_annotation$ + 2 * g + 1, $before_document$ + g,
           'person' || (g / 10 + 1) % $people$, 'done', 2, false, false, '', $at$
    FROM {EACH} WHERE g % 100 < 2""",
    f"""
    INSERT INTO spans (annotation_id, uid, start, "end", label_id, source)
    SELECT $before_annotation$ + 2 * g, 'n' || g, 0, length({NAMES}),
           {LABEL}[1 + CASE WHEN g % 50 = 0 THEN 2 + g % 18 ELSE 0 END],
           CASE WHEN g % 100 < 10 THEN 'person' ELSE 'import' END
    FROM {EACH} WHERE g % 100 < 45 AND g % 100 > 2""",
    f"""
    INSERT INTO spans (annotation_id, uid, start, "end", label_id, source)
    SELECT $before_annotation$ + 2 * g, 'p' || g, length({NAMES}) + 9,
           length({NAMES}) + 9 + length({PLACES}), {LABEL}[2],
           CASE WHEN g % 100 < 10 THEN 'person' ELSE 'import' END
    FROM {EACH} WHERE g % 100 < 45 AND g % 100 > 2 AND g % 3 > 0""",
    f"""
    INSERT INTO spans (annotation_id, uid, start, "end", label_id, source)
    SELECT $before_annotation$ + 2 * g + 1, 'n' || g, 0, length({NAMES}), {LABEL}[1 + g % 3],
           'person'
    FROM {EACH} WHERE g % 100 < 2""",
    f"""
    INSERT INTO journal (id, project_id, document_id, annotator, client, seq, base_revision,
                         revision, kind, operation, inverse, created_at)
    SELECT 2 * g + s, $project$, $before_document$ + g, {WHO}, 'c' || (g / 10) % $people$,
           2 * g + s, s, s + 1, 'status', '{{"kind": "status", "status": "done"}}',
           '{{"kind": "status", "status": "untouched"}}',
           to_char(timestamp '2026-01-01' + g * interval '1 minute' / 40,
                   'YYYY-MM-DD"T"HH24:MI:SS.MS"+00:00"')
    FROM {EACH}, generate_series(0, 1) s WHERE g % 100 < 10""",
    f"""
    INSERT INTO steps (project_id, annotator, document_id, op, first, turn, n, journal_id, state)
    SELECT $project$, {WHO}, $before_document$ + g, 'c' || (g / 10) % $people$ || ':' || 2 * g,
           'c' || (g / 10) % $people$ || ':' || 2 * g, '', g, 2 * g + 1, 'done'
    FROM {EACH} WHERE g % 100 < 10""",
    f"""
    INSERT INTO suggestions (run_id, document_id, start, "end", label, score, rank)
    SELECT $before_run$ + $runs$, $before_document$ + g, 0, length({NAMES}),
           CASE WHEN g % 20 = 0 THEN 'LOC' ELSE 'PER' END, (g * 7919 % 1000) / 1000.0, 0
    FROM {EACH}""",
    f"""
    INSERT INTO document_scores (document_id, run_id, entropy, confidence, margin, novelty)
    SELECT $before_document$ + g, $before_run$ + $runs$, (g * 7919 % 9973) / 9973.0,
           (g * 104729 % 9973) / 9973.0, (g * 1299709 % 9973) / 9973.0, (g * 31 % 997) / 997.0
    FROM {EACH}""",
)
PER_RUN = (
    f"""
    INSERT INTO runs (id, project_id, state, attempt, settings, progress, message, created_at,
                      started_at, finished_at, boot_id, cancel_requested, events_offset, number,
                      folder, kind, model_of)
    SELECT $before_run$ + r, $project$, 'done', 1, $settings$, '{{"step": 90, "steps": 90}}', '',
           $at$, $at$, $at$, '', false, 9000, CASE WHEN {TRAINS} THEN r END,
           'large-' || r,
           CASE WHEN {TRAINS} THEN 'training' ELSE 'suggestion pass' END,
           CASE r % 10 WHEN 8 THEN $before_run$ + r - 1 WHEN 9 THEN $before_run$ + r - 2
                WHEN 0 THEN CASE WHEN r < $runs$ THEN $before_run$ + r - 3 END END
    FROM generate_series(1, $runs$) r""",
    """
    UPDATE projects SET last_run = $runs$ WHERE id = $project$""",
    """
    UPDATE runs SET journal_id = (SELECT max(id) FROM journal) WHERE project_id = $project$""",
    f"""
    INSERT INTO metrics (run_id, epoch, event)
    SELECT $before_run$ + r, e, json_build_object('event', 'epoch', 'epoch', e, 'loss', 0.1,
           'dev', json_build_object('f1', 0.7))
    FROM generate_series(1, $runs$) r, generate_series(1, 5) e WHERE {TRAINS}""",
    f"""
    INSERT INTO reports (run_id, report, stored_at)
    SELECT $before_run$ + r, $report$, $at$ 
    FROM generate_series(1, $runs$) r WHERE {TRAINS}""",
    f"""
    INSERT INTO matches (run_id, document_id, split, kind, gold_start, gold_end, gold_label,
                         predicted_start, predicted_end, predicted_label, predicted_score, error,
                         length, document_length, seen)
    SELECT $before_run$ + r, $before_document$ + 9 + 10 * (m % ($last$ / 10 - 1)), 'test', 'exact',
           0, 3, 'PER', 0, 3, 'PER', 0.9, '', 1, 8, true
    FROM generate_series(1, $runs$) r, generate_series(1, $matches$) m
    WHERE {TRAINS} AND r <= $runs$ - 10""",
    """
    INSERT INTO matches (run_id, document_id, split, kind, gold_start, gold_end, gold_label,
                         predicted_start, predicted_end, predicted_label, predicted_score, error,
                         length, document_length, seen)
    SELECT (SELECT max(id) FROM runs WHERE number IS NOT NULL AND project_id = $project$),
           $before_document$ + g, 'test',
           CASE g % 20 WHEN 9 THEN 'missed' ELSE 'exact' END, 0, 3, 'PER',
           CASE g % 20 WHEN 9 THEN NULL ELSE 0 END, CASE g % 20 WHEN 9 THEN NULL ELSE 3 END,
           CASE g % 20 WHEN 9 THEN NULL ELSE 'PER' END, CASE g % 20 WHEN 9 THEN NULL ELSE 0.9 END,
           CASE g % 20 WHEN 9 THEN 'missed' ELSE '' END, 1, 8, true
    FROM generate_series(9::bigint, $last$, 10) g""",
)
TOGETHER = (
    f"""
    INSERT INTO assignments (document_id, annotator, project_id, given_at)
    SELECT $before_document$ + g, {WHO}, $project$, $at$ FROM {EACH} WHERE g % 100 < 5""",
    f"""
    INSERT INTO threads (project_id, kind, document_id, quote, created_by, created_at)
    SELECT $project$, 'document', $before_document$ + g, 'Ada', {WHO}, $at$
    FROM {EACH} WHERE g % 1000 = 1""",
    """
    INSERT INTO comments (thread_id, author, text, created_at)
    SELECT id, created_by, 'Is this one right?', $at$ FROM threads WHERE project_id = $project$""",
    """
    INSERT INTO notebook_entries (project_id, state, goal, about, done, opened_by, opened_at,
                                  closed_at, run_id, closed_run_id, lesson, lesson_by)
    SELECT $project$, 'done', 'Better PER', '{}', '[]', 'person1', $at$, $at$,
           $before_run$ + 10 * r + 1, $before_run$ + 10 * r + 2, '', ''
    FROM generate_series(1, $runs$ / 40) r""",
)
