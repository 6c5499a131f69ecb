"""What is asked and answered over HTTP, as pydantic checks it and OpenAPI tells it.

Nothing is guessed: a field of another name or type is refused, and the reason is one sentence.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.json_schema import models_json_schema

from engine.serving.http.limits import MOST_MATCHES

UTF16 = "utf-16"


class Strict(BaseModel):
    """A form that takes what it names, and nothing else."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Pair(Strict):
    """Two texts that are read together."""

    text: str
    second_text: str


class Ask(Strict):
    """What is asked: one of `text`, `texts`, `pairs`, `query` and `queries`."""

    text: Annotated[str | None, Field(description="A text.")] = None
    second_text: Annotated[
        str | None, Field(description="What is read beside `text`, where the model reads pairs.")
    ] = None
    texts: Annotated[list[str] | None, Field(description="Several texts.")] = None
    pairs: Annotated[list[Pair] | None, Field(description="Several pairs of texts.")] = None
    query: Annotated[
        str | None, Field(description="A text that the project's catalogue may answer.")
    ] = None
    queries: Annotated[list[str] | None, Field(description="Several of these.")] = None
    top: Annotated[int, Field(ge=1, le=MOST_MATCHES, description="Matches for each query.")] = 10
    offsets: Annotated[
        Literal["code points", "utf-16"],
        Field(description="What `start` and `end` count: JavaScript counts in UTF-16."),
    ] = "code points"


class Found(Strict):
    """A span: `text[start:end]` has the label."""

    start: int
    end: int
    label: str
    score: Annotated[float | None, Field(description="How sure the model is, 0 to 1.")]
    text: Annotated[str, Field(description="What stands there.")]


class Given(Strict):
    """A label of the whole text or pair."""

    label: str
    score: Annotated[float | None, Field(description="How probable it is, 0 to 1.")]


class Item(Strict):
    """An item of the catalogue."""

    id: str
    text: str
    score: float
    likeness: Annotated[float, Field(description="The cosine by which it was found.")]
    good: Annotated[bool, Field(description="Whether it is good enough to be given.")]


class Spans(Strict):
    """What the model marks in a text."""

    spans: list[Found]


class Labels(Strict):
    """What the model says of a whole text or pair."""

    labels: list[Given]
    probabilities: dict[str, float]


class Matches(Strict):
    """What answers a query, the best first; `good` of them are good enough."""

    matches: list[Item]
    good: int


class Who(Strict):
    """Which model answered."""

    run: int
    project: str
    task: str
    stage: str
    digest: str
    precision: str


class Told(Strict):
    """The answers, in the order of the texts."""

    model: Who
    results: list[Spans] | list[Labels] | list[Matches]


class Health(Strict):
    """How the service is."""

    state: Annotated[str, Field(description="ready, or loading")]
    model: Who | None
    waiting: Annotated[int, Field(description="Texts that wait for the model.")]
    trouble: Annotated[str, Field(description="Why the newest version does not answer.")] = ""


class Problem(Strict):
    """Why a request is refused."""

    error: str


def explain(error: ValidationError) -> str:
    """Say in one sentence what is wrong with a request."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(map(str, first["loc"]))[:80].encode("unicode_escape").decode()
    if first["type"] == "json_invalid":
        said = first["msg"].removeprefix("Invalid JSON: ")
        return f"The request is no valid JSON ({said}): send an object such as {EXAMPLE}."
    if first["type"] == "extra_forbidden":
        return f"There is no field {place!r}: see /docs for those that there are."
    return f"{place or 'The request'}: {first['msg']}; see /docs."


EXAMPLE = '{"text": "…"}'


def schemas() -> dict[str, Any]:
    """Return the schemas of all forms as OpenAPI has them."""
    forms = (Ask, Told, Health, Problem)
    where = "#/components/schemas/{model}"
    _, found = models_json_schema([(form, "validation") for form in forms], ref_template=where)
    return found["$defs"]
