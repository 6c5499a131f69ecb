"""What can be asked, as OpenAPI 3.1 tells it to programs."""

from __future__ import annotations

from typing import Any

from engine.serving.http.limits import Limits
from engine.serving.http.schemas import schemas

TITLE = "Whetstone"
REFUSALS = {
    400: "The request is no valid JSON.",
    401: "There is no key, or one that is not valid: send `Authorization: Bearer KEY`.",
    403: "A page of another site asks, or the service is called by a name that is not its own.",
    409: "The model has no catalogue, and a query was sent.",
    413: "The request, a text or their number is too large.",
    415: "The request says not to be JSON.",
    422: "A field is missing, or has a wrong type or value.",
    429: "Too much is asked: come again after `Retry-After` seconds.",
    503: "The model did not answer: ask again.",
}


def describe(limits: Limits) -> dict[str, Any]:
    """Return the document at /openapi.json."""
    return {
        "openapi": "3.1.0",
        "info": {"title": TITLE, "version": "1", "description": _about(limits)},
        "paths": {
            "/predict": {"post": _predict()},
            "/healthz": {
                "get": _get("How the service is.", _ref("Health"), {503: "No model yet."})
            },
            "/metrics": {
                "get": {
                    "summary": "Counters for Prometheus.",
                    "responses": {
                        "200": {"description": "Text.", "content": {"text/plain": {}}},
                        "401": _json(REFUSALS[401], _ref("Problem")),
                    },
                }
            },
        },
        "components": {
            "schemas": schemas(),
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
        # A project without keys asks for none.
        "security": [{}, {"key": []}],
    }


def _about(limits: Limits) -> str:
    return (
        f"At most {limits.body:,} bytes, {limits.texts:,} texts at once and {limits.length:,} "
        f"characters in a text; {limits.per_second:,.0f} requests a second of one key."
    )


def _predict() -> dict[str, Any]:
    return {
        "summary": "Ask the model about texts, pairs of texts or queries.",
        "requestBody": {"required": True, "content": {"application/json": {"schema": _ref("Ask")}}},
        "responses": {"200": _json("The answers.", _ref("Told")), **_refusals(REFUSALS)},
    }


def _get(summary: str, schema: dict[str, Any], refusals: dict[int, str]) -> dict[str, Any]:
    failing = {str(status): _json(said, schema) for status, said in refusals.items()}
    return {"summary": summary, "responses": {"200": _json(summary, schema), **failing}}


def _refusals(known: dict[int, str]) -> dict[str, Any]:
    return {str(status): _json(said, _ref("Problem")) for status, said in known.items()}


def _json(said: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": said, "content": {"application/json": {"schema": schema}}}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}
