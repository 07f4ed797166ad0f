"""Faults of what stands before the authority: proxies, balancers, throttles and their HTML."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta
from email.utils import format_datetime
from typing import Final

from sunat.sandbox.exchange import Outcome
from sunat.sandbox.faults.scene import EVERYTHING, HTML, SENDING, Act, Mode, Scene, typed

_QUICK: Final = 15
_WINDOW: Final = timedelta(seconds=10)
_TITLES: Final = {
    301: "Moved Permanently", 401: "Authorization Required", 403: "Forbidden", 404: "Not Found",
    429: "Too Many Requests", 500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable",
    504: "Gateway Timeout",
}


def html(status: int, title: str = "", *headers: tuple[str, str]) -> Outcome:
    """A page as proxies write them."""
    words = title or f"{status} {_TITLES[status]}"
    page = (
        f"<html>\r\n<head><title>{words}</title></head>\r\n<body>\r\n<center><h1>{words}</h1></center>\r\n"
        "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    )
    return Outcome(status=status, headers=(("Content-Type", HTML), *headers), body=page.encode())


def _page(status: int, *headers: tuple[str, str], works: bool = False) -> Act:
    def act(scene: Scene) -> Outcome:
        if works:
            scene.served()
        return html(status, "", *headers)

    return act


def _empty(*, works: bool) -> Act:
    def act(scene: Scene) -> Outcome:
        if works:
            scene.served()
        return Outcome(status=200, headers=(("Content-Type", "text/xml; charset=utf-8"),))

    return act


def _throttle(scene: Scene) -> Outcome:
    """Serves the first calls of an address; then a page that never changes, until the pause is over."""
    if scene.house.hurries(scene.asked.peer, calls=_QUICK, within=_WINDOW, pause=timedelta(seconds=scene.seconds)):
        return html(500)
    return scene.served()


def _clock(sign: int) -> Act:
    def act(scene: Scene) -> Outcome:
        outcome = scene.served()
        shown = (scene.now + timedelta(seconds=sign * scene.seconds)).astimezone(UTC)
        return replace(outcome, headers=(*outcome.headers, ("Date", format_datetime(shown, usegmt=True))))

    return act


def _yesterday(scene: Scene) -> Outcome:
    return scene.work(scene.now - timedelta(seconds=scene.seconds))


def _marked(scene: Scene) -> Outcome:
    outcome = scene.served()
    return replace(outcome, body=b"\xef\xbb\xbf" + outcome.body)


PAGES: Final = (
    Mode(
        name="http-301", operations=EVERYTHING, works=False, act=_page(301, ("Location", "/mantenimiento.html")),
        es="Redirección a una página", en="A redirection to a page",
    ),
    Mode(
        name="http-401", operations=EVERYTHING, works=False, act=_page(401),
        es="401 en HTML bajo carga, con credenciales buenas", en="401 in HTML under load, the credentials being good",
    ),
    Mode(
        name="http-403", operations=EVERYTHING, works=False, act=_page(403), es="403 en HTML", en="403 in HTML",
    ),
    Mode(
        name="http-404", operations=EVERYTHING, works=False, act=_page(404),
        es="404 en HTML: el servicio no está donde estaba", en="404 in HTML: the service is not where it was",
    ),
    Mode(
        name="http-429", operations=EVERYTHING, works=False, act=_page(429, ("Retry-After", "60")),
        es="429 con Retry-After", en="429 with Retry-After",
    ),
    Mode(
        name="http-500", operations=EVERYTHING, works=False, act=_page(500),
        es="500 en HTML, sin proceso", en="500 in HTML, nothing served",
    ),
    Mode(
        name="http-500-after-work", operations=EVERYTHING, works=True, act=_page(500, works=True),
        es="500 en HTML después de procesar", en="500 in HTML after serving the call",
    ),
    Mode(
        name="http-502", operations=EVERYTHING, works=False, act=_page(502),
        es="502 en HTML, sin proceso: cuatro de diez en un mal día",
        en="502 in HTML, nothing served: four in ten on a bad day",
    ),
    Mode(
        name="http-502-after-work", operations=EVERYTHING, works=True, act=_page(502, works=True),
        es="502 en HTML después de procesar", en="502 in HTML after serving the call",
    ),
    Mode(
        name="http-503", operations=EVERYTHING, works=False, act=_page(503),
        es="503 en HTML: mantenimiento", en="503 in HTML: maintenance",
    ),
    Mode(
        name="http-504-after-work", operations=EVERYTHING, works=True, act=_page(504, works=True),
        es="504 en HTML después de procesar: el balanceador no esperó",
        en="504 in HTML after serving the call: the balancer did not wait",
    ),
    Mode(
        name="empty-200", operations=EVERYTHING, works=False, act=_empty(works=False),
        es="200 sin un byte, sin proceso", en="200 without a byte, nothing served",
    ),
    Mode(
        name="empty-200-after-work", operations=EVERYTHING, works=True, act=_empty(works=True),
        es="200 sin un byte después de procesar", en="200 without a byte after serving the call",
    ),
    Mode(
        name="html-200", operations=EVERYTHING, works=False,
        act=lambda scene: html(200, "Servicio en mantenimiento"),
        es="200 con una página de mantenimiento", en="200 with a maintenance page",
    ),
    Mode(
        name="throttle", operations=EVERYTHING, works=False, act=_throttle, seconds=90,
        es="Tras quince llamadas seguidas de una dirección, un 500 fijo por minuto y medio y sin Retry-After",
        en="After fifteen quick calls of one address, a static 500 for a minute and a half, without Retry-After",
    ),
    Mode(
        name="wrong-type", operations=EVERYTHING, works=True, sound=True,
        act=lambda scene: typed(scene.served(), HTML),
        es="La respuesta correcta dicha text/html", en="The right answer called text/html",
    ),
    Mode(
        name="byte-order-mark", operations=EVERYTHING, works=True, act=_marked, sound=True,
        es="La respuesta correcta con una marca de orden de bytes delante",
        en="The right answer behind a byte order mark",
    ),
    Mode(
        name="clock-ahead", operations=EVERYTHING, works=True, act=_clock(1), sound=True, seconds=600,
        es="La cabecera Date va diez minutos adelantada", en="The Date header is ten minutes ahead",
    ),
    Mode(
        name="clock-behind", operations=EVERYTHING, works=True, act=_clock(-1), sound=True, seconds=600,
        es="La cabecera Date va diez minutos atrasada", en="The Date header is ten minutes behind",
    ),
    Mode(
        name="late-calendar", operations=SENDING, works=True, act=_yesterday, sound=True, seconds=1800,
        es="El día de SUNAT cambia media hora tarde: lo recién emitido tras medianoche le parece futuro",
        en="SUNAT's day changes half an hour late: what is issued right after midnight is in its future",
    ),
)
