"""The service as an ASGI application: whoever has models makes one with ``build``.

``python -m engine serve`` runs it in a process of its own, Ray Serve on a cluster; neither torch
nor a database is needed here. Whose models they are, who is let in and what is kept of what is
asked comes from outside.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any

from pydantic import TypeAdapter
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route

from engine.serving.asking.examples import TEXT, question
from engine.serving.asking.questions import (
    Answer,
    AnswerError,
    Description,
    FullError,
    Models,
    Question,
)
from engine.serving.http import label_studio, leaving, openapi, page, reading
from engine.serving.http.doors import Door, Open
from engine.serving.http.limits import Limits
from engine.serving.http.metrics import CONTENT_TYPE, Metrics
from engine.serving.http.reading import Rejection
from engine.serving.http.schemas import Ask
from engine.system.pace import Pace

log = logging.getLogger("whetstone.serving")
Hear = Callable[[Description, Sequence[Question], Sequence[Answer]], None]
Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]
Answering = Callable[[Request], Awaitable[dict[str, Any]]]
BODY = TypeAdapter(dict[str, Any])


def build(
    models: Models,
    *,
    door: Door = Open(),
    limits: Limits = Limits(),
    metrics: Metrics | None = None,
    hear: Hear = lambda model, asked, answers: None,
    lifespan: Lifespan | None = None,
    middleware: Sequence[Middleware] = (),
) -> Starlette:
    """Return the application.

    ``door`` says who is let in; ``hear`` is told of everything that was answered, and must return
    at once; ``lifespan`` starts and ends what the models need, where nobody else does.
    """
    service = _Service(models, door, limits, metrics or Metrics(), hear)
    return Starlette(
        routes=[
            Route("/predict", service.predict, methods=["POST"]),
            Route("/healthz", service.health),
            Route("/metrics", service.measure),
            Route("/openapi.json", service.describe),
            Route("/docs", service.explain),
            Mount(label_studio.PREFIX, routes=_for_label_studio(service)),
        ],
        exception_handlers={Rejection: _reject, 404: _not_found, 405: _not_so, 500: _failed},
        middleware=middleware,
        lifespan=lifespan,
    )


def _for_label_studio(service: _Service) -> list[Route]:
    return [
        Route("/health", service.connect),
        Route("/setup", service.connect, methods=["POST"]),
        Route("/predict", service.predict_tasks, methods=["POST"]),
        Route("/webhook", service.hear_of, methods=["POST"]),
    ]


class _Service:
    def __init__(
        self, models: Models, door: Door, limits: Limits, metrics: Metrics, hear: Hear
    ) -> None:
        self._models, self._door, self._limits, self._hear = models, door, limits, hear
        self._metrics = metrics
        self._pace = Pace(limits.per_second, limits.at_once)
        metrics.watch(models.waiting)

    async def predict(self, request: Request) -> Response:
        """Answer what is asked, or say why not."""
        return await self._counted(self._predicted, request)

    async def predict_tasks(self, request: Request) -> Response:
        """Answer what Label Studio asks, likewise."""
        return await self._counted(self._predicted_tasks, label_studio.with_key(request))

    async def _counted(self, answer: Answering, request: Request) -> Response:
        started, status = time.perf_counter(), "500"
        try:
            who = await self._enter(request)
            if wait := self._pace.wait(who):
                raise Rejection(429, "Too many requests: wait a moment.", _after(wait))
            body = await answer(request)
            status = "200"
            return _json(body)
        except Rejection as rejection:
            status = str(rejection.status)
            raise
        finally:
            self._metrics.requests.labels(status).inc()
            self._metrics.seconds.observe(time.perf_counter() - started)

    async def _predicted(self, request: Request) -> dict:
        ask = await reading.read(request, self._limits, Ask)
        asked = reading.questions(ask, self._limits)
        model, answers = await self._asked(request, asked)
        return reading.told(model, asked, answers, ask.offsets)

    async def _predicted_tasks(self, request: Request) -> dict:
        given = await reading.read(request, self._limits, label_studio.Tasks)
        model = self._ready()
        where = label_studio.place(given.label_config, model.task)
        found = label_studio.questions(given.tasks, where, self._limits)
        asked = [question for question in found if question]
        if asked:
            model, answers = await self._asked(request, asked)
        left = iter(answers if asked else ())
        told = [(question, next(left) if question else None) for question in found]
        return {"results": [label_studio.prediction(model, *each, where) for each in told]}

    async def _asked(
        self, request: Request, asked: Sequence[Question]
    ) -> tuple[Description, list[Answer]]:
        answering = self._models.answer(asked, partial(reading.fits, asked))
        try:
            model, answers = await leaving.unless_gone(request, answering)
        except FullError as error:
            raise Rejection(429, str(error), _after(error.seconds)) from error
        except AnswerError as error:
            raise Rejection(503, str(error), _after(1.0)) from error
        self._metrics.texts.labels(model.run).inc(len(asked))
        self._hear(model, asked, answers)
        return model, answers

    def _ready(self) -> Description:
        """Return the model that answers; raises Rejection while there is none."""
        model: Description | None = self._models.state()["model"]
        if model is None:
            raise Rejection(503, "No model answers yet: wait a moment.", _after(1.0))
        return model

    async def connect(self, request: Request) -> Response:
        """Let Label Studio see that a model is here, and tell what it is called."""
        await self._enter(label_studio.with_key(request))
        model = self._ready()
        return _json(label_studio.greeting(model))

    async def hear_of(self, request: Request) -> Response:
        """Take note of what happens in Label Studio: here it is for nothing."""
        await self._enter(label_studio.with_key(request))
        return _json({"status": "ok"})

    async def health(self, request: Request) -> Response:
        """Say how the service is; 503 while no model answers."""
        state = dict(self._models.state())
        model = state["model"]
        state |= {"model": model and reading.who(model), "waiting": self._models.waiting()}
        return _json(state, 200 if model else 503)

    async def measure(self, request: Request) -> Response:
        """Return what is counted."""
        await self._enter(request)
        return Response(self._metrics.text(), media_type=CONTENT_TYPE)

    async def describe(self, request: Request) -> Response:
        """Return what can be asked, as OpenAPI has it."""
        return _json(openapi.describe(self._limits))

    async def explain(self, request: Request) -> Response:
        """Show the same to people."""
        model: Description | None = self._models.state()["model"]
        asked = question(model.task) if model else {"text": TEXT}
        return HTMLResponse(page.show(self._limits, asked), headers=page.HEADERS)

    async def _enter(self, request: Request) -> str:
        """Return who asks; raises Rejection."""
        try:
            return await self._door.enter(request)
        except PermissionError as error:
            raise Rejection(401, str(error), {"WWW-Authenticate": "Bearer"}) from error
        except AnswerError as error:
            raise Rejection(503, str(error), _after(1.0)) from error


def _json(body: dict, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(BODY.dump_json(body), status, headers, media_type="application/json")


def _after(seconds: float) -> dict[str, str]:
    return {"Retry-After": str(max(1, math.ceil(seconds)))}


async def _reject(request: Request, error: Exception) -> Response:
    assert isinstance(error, Rejection)
    return _json({"error": str(error)}, error.status, dict(error.headers or {}))


async def _not_found(request: Request, error: Exception) -> Response:
    return _json({"error": "There is nothing at this address: see /docs."}, 404)


async def _not_so(request: Request, error: Exception) -> Response:
    # Which ways there are is in its header Allow.
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    return _json({"error": "Ask in another way here: see /docs."}, 405, headers)


async def _failed(request: Request, error: Exception) -> Response:
    # The trace is in the log.
    return _json({"error": "The service failed at this request: its log says why."}, 500)
