"""API keys: shown once, kept as a hash, taken back."""

import pytest
from sqlalchemy import select

from storage.corpus import projects
from storage.engines.schema import ApiKeyRow
from storage.errors import InputError, NotFoundError
from storage.serving import keys


def test_a_secret_opens_until_it_is_revoked_and_is_never_stored(db, project):
    made, secret = keys.issue(db, project.id, "shop")
    assert keys.find(db, secret) == made and secret.startswith(made.start)
    assert keys.find(db, secret[:-1]) is keys.find(db, "wst_\ud800") is keys.find(db, "") is None
    with db.read() as session:
        row = session.scalars(select(ApiKeyRow)).one()
        stored = [str(getattr(row, column.key)) for column in ApiKeyRow.__table__.columns]
    assert not any(secret in value for value in stored)
    keys.mark_used(db, [made.id])
    assert keys.list_keys(db, project.id)[0].used_at and keys.are_kept(db, project.id)
    keys.revoke(db, made.id)
    assert keys.find(db, secret) is None and not keys.are_kept(db, project.id)
    assert keys.list_keys(db, project.id)[0].revoked_at


def test_keys_go_with_their_project(db, project):
    _, secret = keys.issue(db, project.id, "shop")
    projects.delete_project(db, project.id)
    assert keys.find(db, secret) is None


def test_a_key_has_a_name_and_is_there(db, project):
    with pytest.raises(InputError):
        keys.issue(db, project.id, " ")
    with pytest.raises(NotFoundError):
        keys.revoke(db, 9)
