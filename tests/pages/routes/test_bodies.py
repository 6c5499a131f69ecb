"""What a request says, as far as it comes."""

from __future__ import annotations

import asyncio

import pytest
from starlette.requests import Request

from pages.routes.bodies import Rejection, read_fields


def test_who_leaves_before_the_end_is_turned_away_as_any_bad_request() -> None:
    coming = iter([{"type": "http.request", "body": b'{"a', "more_body": True}])

    async def receive():
        return next(coming, {"type": "http.disconnect"})

    headers = [(b"content-type", b"application/json")]
    request = Request({"type": "http", "method": "POST", "headers": headers}, receive)
    with pytest.raises(Rejection) as refused:
        asyncio.run(read_fields(request))
    assert refused.value.status == 400
