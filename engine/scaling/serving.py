"""A project's model served by Ray Serve: replicas on a cluster, the application of each the same.

Every machine that has a replica, and the head, listens to the service's address. A replica that
dies is started again by Ray; what it was at is answered by an error then, and what comes goes to
the others meanwhile. A version that goes live is loaded by every replica beside the one before
(see ``engine.serving.running.replica``), so that Ray has nothing to replace.
"""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from engine.scaling import connecting
from engine.serving.running import replica, supervisor
from engine.serving.running.orders import Service
from storage.errors import RefusedError, TrainingError

NAMESPACE = "whetstone"
# Seconds in which a replica that is to end answers what it has.
GRACE = 30


def serve(service: Service, address: str, replicas: int, ready: Callable[[Service], None]) -> None:
    """Serve with so many replicas until a signal asks to end; what is accepted is answered then.

    ``ready`` is told once they answer, and at which port. Raises TrainingError where there is no
    such cluster, RefusedError where it serves something else.
    """
    ended = threading.Event()
    with connecting.connected(address, replicas, "serve"):
        # Not before: whoever connects to Ray has signals handled by Ray.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: ended.set())
        with _deployed(service, replicas) as there:
            ready(there)
            ended.wait()


@contextmanager
def _deployed(service: Service, replicas: int) -> Iterator[Service]:
    import ray
    from ray import serve

    logging.getLogger("ray.serve").setLevel(logging.ERROR)
    name = f"whetstone-{service.project_id}"
    _clear(name)
    # Ray would take a port at which somebody else listens, too.
    with supervisor.listen(service.host, service.port) as listening:
        chosen = replace(service, port=listening.getsockname()[1])
    counts = ray.remote(replica.Counts).options(
        name=name, namespace=NAMESPACE, num_cpus=0, lifetime="detached", get_if_exists=True
    )
    counting = counts.remote()
    try:
        _run(chosen, name, replicas)
        yield chosen
    finally:
        serve.delete(name)
        serve.shutdown()
        ray.kill(counting)


def _run(service: Service, name: str, replicas: int) -> None:
    """Wait until all replicas answer; raises TrainingError where they do not."""
    from ray import serve

    try:
        where = {"host": service.host, "port": service.port}
        serve.start(proxy_location="EveryNode", http_options=where)
        serve.run(_application(service, name, replicas), name=name, route_prefix="/")
    except RuntimeError as problem:
        raise TrainingError(
            f"Ray Serve could not start the service ({' '.join(str(problem).split())[:300]}): "
            "check that the cluster sees this checkout and the home, and has a core for each "
            "replica."
        ) from problem


def _clear(name: str) -> None:
    """End what an earlier start of this service left, whose process was killed.

    Raises RefusedError where the cluster serves something else.
    """
    from ray import serve

    known = set(serve.status().applications)
    if others := known - {name}:
        raise RefusedError(
            f"This cluster serves {', '.join(sorted(others))} by Ray Serve already: end that, or "
            "take another cluster."
        )
    if known:
        serve.shutdown()


def _application(service: Service, name: str, replicas: int) -> Any:
    """Return what Ray Serve deploys: replicas that make the application when they start."""
    from ray import serve

    where: Mapping[str, str] = replica.place()

    def application() -> Any:
        return replica.application(service, where, replicas, exchanging(name))

    options: dict[str, Any] = {
        "name": "models",
        "num_replicas": replicas,
        "ray_actor_options": {"num_cpus": 1, "runtime_env": {"env_vars": connecting.variables()}},
        # Who comes while too much waits is told so by the application itself.
        "max_ongoing_requests": 2 * service.waiting,
        "max_queued_requests": service.waiting,
        "graceful_shutdown_timeout_s": GRACE,
    }
    return serve.deployment(serve.ingress(application)()).options(**options).bind()


def exchanging(name: str) -> replica.Exchange:
    """Return how a replica, in its process, hears what the others have counted."""
    import ray
    from ray import serve

    own = serve.get_replica_context().replica_id.unique_id
    counts = ray.get_actor(name, NAMESPACE)

    def exchange(counted: Any) -> Any:
        try:
            return ray.get(counts.exchange.remote(own, counted))
        except ray.exceptions.RayError as problem:
            raise TrainingError(
                f"What other replicas count cannot be asked: {problem}"
            ) from problem

    return exchange
