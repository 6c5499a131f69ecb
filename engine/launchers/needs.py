"""What a run asks of a cluster: threads, GPUs and the variables that bit-equal results need."""

from __future__ import annotations

from dataclasses import replace

from engine.launchers.base import Cluster
from engine.runs.spec import RunSpec
from engine.system import environment


def fixed(asked: RunSpec) -> RunSpec:
    """Fix the number of threads, which Ray reserves: "all cores" are those of this computer."""
    settings = asked.settings
    share = max(1, environment.cores() // settings.processes)
    threads = int(asked.environment.get("threads") or settings.threads or share)
    return replace(asked, settings=replace(settings, threads=threads))


def wants_gpu(asked: RunSpec, cluster: Cluster) -> bool:
    """Tell whether each process of the run needs a GPU."""
    device = asked.settings.device
    return device == "cuda" or (device == "auto" and cluster.gpu)


def variables(asked: RunSpec) -> dict[str, str]:
    """Return what bit-equal results need: Ray sets its own number of threads otherwise."""
    threads = str(asked.settings.threads)
    found = {**environment.FIXED, "OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads}
    if capability := asked.environment.get("cpu_capability"):
        found["ATEN_CPU_CAPABILITY"] = str(capability).lower()
    return {**found, "PYTHONUNBUFFERED": "1"}
