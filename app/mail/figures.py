"""What operators watch of mail: how much waits, how much failed, and whether the server takes any."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select

from app.http import Office
from app.mail.models import FAILED, SENT, WAITING, MailDoorRecord, MailRecord


class MailFigures(Collector):
    """Mails by state, and whether the way to the server is shut; the same from every process."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def collect(self) -> Iterable[Metric]:
        """The figures as they are now."""
        with self._office.database.read() as session:
            rows = session.execute(select(MailRecord.state, func.count()).group_by(MailRecord.state))
            numbers = {row[0]: row[1] for row in rows}
            shut = session.scalar(select(func.count()).select_from(MailDoorRecord)) or 0
        states = GaugeMetricFamily("chasqui_mails", "Mails to receivers by state", labels=["state"])
        for state in (WAITING, SENT, FAILED):
            states.add_metric([state], numbers.get(state, 0))
        yield states
        yield GaugeMetricFamily("chasqui_mail_stopped", "Whether the mail server takes nothing of ours", shut)

    def describe(self) -> Iterable[Metric]:
        """Nothing yet: registering must not ask the database."""
        return ()
