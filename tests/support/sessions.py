"""What the tests of the engine share: devices in memory, and sessions that break."""

from __future__ import annotations

from netres import registry
from netres.errors import (
    NetresError,
)
from netres.flow import Operation, Reply, Transport
from netres.model import (
    Config,
    Vlan,
)

MEMORY, FRR = registry.get("memory"), registry.get("frr")
VLANS = Config.of([Vlan(id=20, name="voice"), Vlan(id=30)])


class Breaking:
    """Passes on, but for operations that begin with ``at``: there it raises."""

    def __init__(self, inner: Transport, at: str | tuple[str, ...], error: NetresError) -> None:
        self.inner, self.at, self.error = inner, at, error

    def execute(self, operation: Operation) -> Reply:
        if str(operation).startswith(self.at):
            raise self.error
        return self.inner.execute(operation)

    def close(self) -> None:
        self.inner.close()
