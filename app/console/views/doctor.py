"""The doctor's page: what this machine knows at once, and on request what SUNAT says."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for

from app import doctor as doctors
from app.console import jobs, trail, works
from app.console.forms import Form
from app.console.gate import OWNERS, page, visit
from app.console.showing import show
from app.console.views.books import DOCTOR
from app.console.words import t
from app.http import office


@page("/setup/doctor", roles=OWNERS, methods=("GET", "POST"))
def doctor() -> Any:
    """Everything that can be known without asking anybody; posted, SUNAT is asked too."""
    services, who = office(), visit()
    if request.method == "POST":
        work_id = works.begin(
            services, who.account_id, DOCTOR, t("doctor.examined"), jobs.doctor_job(services, who.account_id)
        )
        with services.database.write() as session:
            trail.note(session, services, who, "examine", "doctor", request.remote_addr or "")
        return redirect(url_for("console.work", work_id=work_id), 303)
    found = doctors.examine(services, account_id=who.account_id, ask=False)
    return show("doctor.html", examined=found.body(), form=Form())
