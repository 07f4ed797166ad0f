"""The figures of the queue, asked of the database when somebody looks: deliveries by state, the oldest that is due."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select

from app.delivery.due import TAKEABLE
from app.delivery.models import BreakerRecord, IssuerHoldRecord
from app.http import Office
from app.ledger.lifecycle import DeliveryState, Phase
from app.ledger.models import DeliveryRecord
from app.ledger.pulses import ROUND, latest

_ALARMED = (DeliveryRecord.alarms > 0) & (DeliveryRecord.state != str(DeliveryState.DONE))
_FOREIGN = DeliveryRecord.phase == str(Phase.FOREIGN)


class QueueFigures(Collector):
    """Deliveries by state, the oldest one due, alarms, holds and breakers; the same from every process."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def collect(self) -> Iterable[Metric]:
        """The figures as they are now."""
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
        with self._office.database.read() as session:
            counted = (
                ("chasqui_delivery_alarms", "Deliveries not done that have gone off an alarm", _ALARMED),
                ("chasqui_delivery_foreign", "Numbers that SUNAT holds for somebody else", _FOREIGN),
            )
            for name, words, condition in counted:
                total = session.scalar(select(func.count()).select_from(DeliveryRecord).where(condition)) or 0
                yield GaugeMetricFamily(name, words, total)
            held = session.scalar(select(func.count()).select_from(IssuerHoldRecord)) or 0
            shut = session.scalar(select(func.count()).select_from(BreakerRecord)) or 0
            pulse = latest(session, ROUND)
        yield GaugeMetricFamily("chasqui_delivery_held_issuers", "Issuers whose sending is stopped", held)
        yield GaugeMetricFamily("chasqui_delivery_breakers", "Addresses left alone for a while", shut)
        waited = max(0.0, (now - oldest).total_seconds()) if oldest is not None else 0.0
        yield GaugeMetricFamily("chasqui_delivery_oldest_due_seconds", "How long the oldest due one waits", waited)

        if pulse is not None:
            silent = max(0.0, (now - pulse.at).total_seconds())
            yield GaugeMetricFamily("chasqui_delivery_last_round_seconds", "How long ago anybody delivered", silent)

    def describe(self) -> Iterable[Metric]:
        """Nothing yet: registering must not ask the database."""
        return ()
