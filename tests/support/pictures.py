"""Pictures of our own: good ones, and those that a logo must not be."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

from PIL import Image, ImageDraw

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 60"><title>Tienda</title><defs>'
    '<linearGradient id="g"><stop offset="0" stop-color="#0B6E4F"/><stop offset="1" stop-color="#74C69D"/>'
    '</linearGradient></defs><!-- una hoja --><rect width="120" height="60" rx="8" fill="url(#g)"/>'
    '<path d="M20 45 Q60 5 100 45 Q60 55 20 45 Z" fill="#fff"/></svg>'
)


def raster(form: str = "PNG", size: tuple[int, int] = (120, 60)) -> bytes:
    """A picture of a leaf as PNG or JPEG."""
    image = Image.new("RGB", size, "#0B6E4F")
    ImageDraw.Draw(image).ellipse((size[0] // 6, size[1] // 6, size[0] * 5 // 6, size[1] * 5 // 6), fill="#FFFFFF")
    out = BytesIO()
    image.save(out, form)
    return out.getvalue()


def svg(inside: str, *, head: str = "", attributes: str = 'width="10" height="10"') -> bytes:
    """An SVG with something in it."""
    return (
        f'{head}<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" {attributes}>'
        f"{inside}</svg>"
    ).encode()


def bomb() -> bytes:
    """A PNG of some hundred bytes that says it is 60,000 pixels wide and high."""
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 10_000)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )
