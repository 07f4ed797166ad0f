"""Logos, looked at before they are trusted.

A picture is PNG, JPEG or SVG by its bytes, whatever it is called. Sizes are read from its head before anything unpacks
it, then it is drawn once by the typesetter itself. An SVG may only hold shapes, paths and gradients: no script, no
style sheet, no text, no picture, no reference that leaves it.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from sunat import xml
from sunat.errors import XmlError

MAX_BYTES: Final = 300 * 1024
MAX_SIDE: Final = 3000
"""Pixels of a side of a PNG or JPEG."""
MAX_PIXELS: Final = 4_000_000
MAX_NODES: Final = 2000
"""Elements of an SVG."""

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG: Final = b"\xff\xd8\xff"
_SVG: Final = "http://www.w3.org/2000/svg"
_LINK: Final = "{http://www.w3.org/1999/xlink}href"
_SHAPES: Final = frozenset({
    "svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "defs", "clipPath",
    "linearGradient", "radialGradient", "stop", "title", "desc",
})
_POINTERS: Final = frozenset({"linearGradient", "radialGradient"})
"""What may borrow from another element of the same picture, by href="#id"."""
_OUTSIDE: Final = re.compile(r"url\(\s*['\"]?(?!#)|@|\\|expression|javascript:|data:|https?:", re.IGNORECASE)
_LENGTH: Final = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,6})?)(?:px|pt|mm|cm|in)?")


class BadPicture(Exception):
    """A picture that cannot be a logo; ``es`` and ``en`` say why."""

    def __init__(self, es: str, en: str) -> None:
        self.es, self.en = es, en
        super().__init__(en)


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A logo that was looked at: its media type, its size (pixels, or units of the SVG), and it as an SVG drawing."""

    media: str
    width: float
    height: float
    drawing: str


class _Size(NamedTuple):
    width: float
    height: float


def picture(content: bytes, *, draws: Callable[[bytes, str, str], bool]) -> Picture:
    """The picture in some bytes. Raises BadPicture.

    ``draws`` tells whether bytes of a media type, and the drawing made of them, can really be drawn.
    """
    if not content:
        raise BadPicture("El logo está vacío", "The logo is empty")
    if len(content) > MAX_BYTES:
        raise BadPicture(
            f"El logo pesa {len(content)} bytes; el máximo es {MAX_BYTES}",
            f"The logo has {len(content)} bytes; the most is {MAX_BYTES}",
        )
    if content.startswith(_PNG):
        found = _raster(content, "image/png", _png_size(content))
    elif content.startswith(_JPEG):
        found = _raster(content, "image/jpeg", _jpeg_size(content))
    else:
        found = _vector(content)
    if not draws(content, found.media, found.drawing):
        raise BadPicture("El logo está dañado: no se puede dibujar", "The logo is damaged: it cannot be drawn")
    return found


def _raster(content: bytes, media: str, size: _Size | None) -> Picture:
    if size is None or not size.width or not size.height:
        raise BadPicture("El logo está dañado: no dice su tamaño", "The logo is damaged: it does not tell its size")
    width, height = int(size.width), int(size.height)
    if max(size) > MAX_SIDE or width * height > MAX_PIXELS:
        raise BadPicture(
            f"El logo mide {width} x {height} puntos; el máximo es {MAX_SIDE} por lado y {MAX_PIXELS} en total",
            f"The logo is {width} x {height} pixels; the most is {MAX_SIDE} a side and {MAX_PIXELS} in all",
        )
    data = b64encode(content).decode()
    return Picture(media=media, width=width, height=height, drawing=(
        f'<svg xmlns="{_SVG}" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f'<image width="{width}" height="{height}" href="data:{media};base64,{data}"/></svg>'
    ))


def _png_size(content: bytes) -> _Size | None:
    """Width and height from IHDR, which comes first (PNG, 11.2.2)."""
    if content[12:16] != b"IHDR" or len(content) < 33:
        return None
    return _Size(int.from_bytes(content[16:20]), int.from_bytes(content[20:24]))


def _jpeg_size(content: bytes) -> _Size | None:
    """Width and height from the frame's head (ITU-T T.81, B.2.2)."""
    at = 2
    while at + 9 < len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return _Size(int.from_bytes(content[at + 7 : at + 9]), int.from_bytes(content[at + 5 : at + 7]))
        at += 2 + int.from_bytes(content[at + 2 : at + 4])
    return None


def _vector(content: bytes) -> Picture:
    try:
        root = xml.parse(content, max_bytes=MAX_BYTES)
    except XmlError as error:
        raise BadPicture(
            "El logo no es PNG, JPEG ni SVG legible", "The logo is no PNG, JPEG or readable SVG"
        ) from error
    if root.tag != f"{{{_SVG}}}svg":
        raise BadPicture("El logo no es PNG, JPEG ni SVG", "The logo is no PNG, JPEG or SVG")
    reason = next(_refused(root), None)
    if reason is not None:
        raise BadPicture(
            f"El SVG del logo lleva {reason}; solo se admiten formas, trazos y degradados",
            f"The logo's SVG has {reason}; only shapes, paths and gradients are taken",
        )
    size = _vector_size(root)
    if size is None:
        raise BadPicture("El SVG del logo no dice su tamaño", "The logo's SVG does not tell its size")
    return Picture(
        media="image/svg+xml", width=size.width, height=size.height,
        drawing=xml.serialise(root).decode().partition("?>")[2].lstrip(),
    )


def _refused(root: xml.Element) -> Iterator[str]:
    """What makes an SVG more than a drawing. Comments are harmless; instructions to a program (``<?``) are not."""
    if any(True for _ in root.iter(xml.INSTRUCTION)):
        yield "<?...?>"
    nodes = list(root.iter("*"))
    if len(nodes) > MAX_NODES:
        yield f"{len(nodes)} (> {MAX_NODES}) elementos"
    for node in nodes:
        namespace, _, local = str(node.tag).rpartition("}")
        if namespace[1:] != _SVG or local not in _SHAPES:
            yield f"<{local[:40]}>"
        for name, value in node.attrib.items():
            said = str(value)
            if str(name).lower().startswith("on") or _OUTSIDE.search(said):
                yield f"{str(name).rpartition('}')[2][:40]}={said[:40]!r}"
            if str(name) in ("href", _LINK) and (local not in _POINTERS or not said.startswith("#")):
                yield f"href={said[:40]!r}"


def _vector_size(root: xml.Element) -> _Size | None:
    sides = [_LENGTH.fullmatch(str(root.get(name, "")).strip()) for name in ("width", "height")]
    if sides[0] is not None and sides[1] is not None:
        size = _Size(float(sides[0][1]), float(sides[1][1]))
    else:
        box = re.split(r"[\s,]+", str(root.get("viewBox", "")).strip())
        lengths = [_LENGTH.fullmatch(part) for part in box[2:4]]
        if len(box) != 4 or lengths[0] is None or lengths[1] is None:
            return None
        size = _Size(float(lengths[0][1]), float(lengths[1][1]))
    return size if size.width and size.height else None
