"""What a GPU is told once and does again as one command: CUDA graphs.

A step of a small batch is some thousand kernels of a few microseconds. A CPU that starts each of
them takes ten times as long as the GPU that computes them; a graph starts all of them at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import torch

T = TypeVar("T")


class Graphs:
    """Records beside the default stream, into one pool of memory: one graph runs at a time."""

    def __init__(self) -> None:
        self._stream, self._pool = torch.cuda.Stream(), torch.cuda.graph_pool_handle()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Do inside the block where graphs are recorded what makes it ready for that."""
        self._stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self._stream):
            yield
        torch.cuda.current_stream().wait_stream(self._stream)

    def capture(self, work: Callable[[], T]) -> Callable[[], T]:
        """Record what a function has the GPU do; return what has it done again.

        The tensors that the function returned are written over each time. Raises RuntimeError
        where memory runs out, or the function waits for the GPU.
        """
        graph = torch.cuda.CUDAGraph()
        with self.aside():
            # Other threads may go on using the GPU.
            graph.capture_begin(self._pool, capture_error_mode="thread_local")
            try:
                found = work()
            finally:
                graph.capture_end()

        def replay() -> T:
            graph.replay()
            return found

        return replay

    def recover(self) -> None:
        """Record nothing after a failure: else torch's generator still takes it for going on."""
        self._pool = torch.cuda.graph_pool_handle()
        self.capture(lambda: None)
