"""The event log: what the engines wrote, kept in chunks."""

from __future__ import annotations

import numpy as np

from retsim.state import EVENT, Records
from retsim.world import World

CHUNK = 1 << 16


class EventLog:
    """Collects the chunks that threads fill."""

    def __init__(self, wanted: bool) -> None:
        self.wanted = wanted
        self.chunks: list[Records] = []

    def sheet(self) -> Records:
        """An empty chunk; of no length where no log is wanted."""
        return np.zeros(CHUNK if self.wanted else 0, EVENT)

    def keep(self, world: World) -> None:
        """Take over what one thread wrote and let it start again."""
        if self.wanted and world.written:
            self.chunks.append(world.take_log())

    def events(self) -> Records:
        """All events by time, then customer, then the order in which they happened to that customer."""
        if not self.chunks:
            return np.zeros(0, EVENT)
        joined = np.concatenate(self.chunks)
        return joined[np.lexsort((joined["customer"], joined["time"]))]
