"""The processes that train one model together: alone, or under torchrun, Accelerate or Ray.

Each takes its share of every batch; gradients are summed over all, so that a step is the
same, to rounding, as one process would have made it with the whole batch. Whatever the
processes must agree on (memory ran out, a checkpoint is due) goes through ``agree``.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, TypeVar

import torch
from torch import distributed

Item = TypeVar("Item")


class Group:
    """One process's view of the group: its rank, the group's size, and what all do together."""

    def __init__(self, rank: int = 0, size: int = 1) -> None:
        self.rank, self.size = rank, size

    @property
    def leads(self) -> bool:
        """Whether this process evaluates and writes; exactly one does."""
        return self.rank == 0

    def share(self, items: Sequence[Item]) -> Sequence[Item]:
        """Return this process's part of a batch; neighbours in length go to different ones."""
        return items[self.rank :: self.size]

    def agree(self, *flags: bool) -> list[bool]:
        """Return for each flag whether any process raised it."""
        if self.size == 1:
            return list(flags)
        votes = torch.tensor([int(flag) for flag in flags], device=self._device)
        distributed.all_reduce(votes, distributed.ReduceOp.MAX)
        return [bool(vote) for vote in votes.tolist()]

    def sum_gradients(self, parameters: Sequence[torch.nn.Parameter], *more: torch.Tensor) -> None:
        """Add up the gradients, and other tensors, of all processes in place."""
        if self.size == 1:
            return
        asked = self.agree(*(parameter.grad is not None for parameter in parameters))
        for parameter, has in zip(parameters, asked, strict=True):
            if has and parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        for tensor in (*more, *(p.grad for p in parameters if p.grad is not None)):
            distributed.all_reduce(tensor)

    def tell(self, value: Any) -> Any:
        """Return the leader's value in every process."""
        if self.size == 1:
            return value
        values = [value]
        distributed.broadcast_object_list(values, device=self._device)
        return values[0]

    def gather(self, tensor: torch.Tensor) -> list[torch.Tensor]:
        """Return every process's tensor of one shape, by rank."""
        if self.size == 1:
            return [tensor]
        found = [torch.empty_like(tensor, device=self._device) for _ in range(self.size)]
        distributed.all_gather(found, tensor.to(self._device))
        return [item.to(tensor.device) for item in found]

    @property
    def _device(self) -> torch.device:
        nccl = distributed.get_backend() == "nccl"
        return torch.device("cuda", torch.cuda.current_device()) if nccl else torch.device("cpu")


def join(device: torch.device) -> Group:
    """Join the group that the launcher's environment describes; alone without one."""
    if distributed.is_available() and distributed.is_initialized():
        return Group(distributed.get_rank(), distributed.get_world_size())
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        return Group()
    distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    return Group(distributed.get_rank(), distributed.get_world_size())


def leave() -> None:
    """Leave the group, if there is one."""
    if distributed.is_available() and distributed.is_initialized():
        distributed.destroy_process_group()
