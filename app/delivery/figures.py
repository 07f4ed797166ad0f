"""The figures of the queue, asked of the database when somebody looks: deliveries by state, the oldest that is due."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select

from app.delivery.due import TAKEABLE
from app.http import Office
from app.ledger.lifecycle import DeliveryState
from app.ledger.models import DeliveryRecord


class QueueFigures(Collector):
    """``chasqui_deliveries`` by state and ``chasqui_delivery_oldest_due_seconds``; the same from every process."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def collect(self) -> Iterable[Metric]:
        """Both figures as they are now."""
        now = self._office.clock.now()
        with self._office.database.read() as session:
            rows = session.execute(select(DeliveryRecord.state, func.count()).group_by(DeliveryRecord.state))
            numbers = {row[0]: row[1] for row in rows}
            oldest = session.scalar(
                select(func.min(DeliveryRecord.next_at)).where(
                    DeliveryRecord.state.in_([str(state) for state in TAKEABLE])
                )
            )
        states = GaugeMetricFamily("chasqui_deliveries", "Deliveries by state", labels=["state"])
        for state in DeliveryState:
            states.add_metric([str(state)], numbers.get(str(state), 0))
        yield states
        waited = max(0.0, (now - oldest).total_seconds()) if oldest is not None else 0.0
        yield GaugeMetricFamily("chasqui_delivery_oldest_due_seconds", "How long the oldest due one waits", waited)

    def describe(self) -> Iterable[Metric]:
        """Nothing yet: registering must not ask the database."""
        return ()
