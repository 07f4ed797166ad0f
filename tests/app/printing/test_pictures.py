"""Logos: what is taken, what is refused and why, and that a taken one is drawn."""

from __future__ import annotations

import pytest

from app.printing import Brand, to_pdf
from app.printing.pictures import MAX_BYTES, BadPicture, Picture, picture
from app.printing.typesetting import drawable
from tests.support.papers import printout
from tests.support.pictures import SVG, bomb, raster, svg

USES = '<defs><g id="a"><rect width="1" height="1"/></g></defs>' + '<use href="#a"/>' * 3


def looked_at(content: bytes) -> Picture:
    return picture(content, draws=drawable)


@pytest.mark.parametrize(("content", "media", "size"), [
    (raster("PNG"), "image/png", (120, 60)), (raster("JPEG"), "image/jpeg", (120, 60)),
    (SVG.encode(), "image/svg+xml", (120, 60)), (svg("<path d='M0 0L5 5'/>"), "image/svg+xml", (10, 10)),
    (svg("<path d='M0 0L5 5'/>", attributes='width="2.5cm" height="10mm"'), "image/svg+xml", (2.5, 10)),
])
def test_a_picture_is_what_its_bytes_are_and_stands_on_every_paper(
    content: bytes, media: str, size: tuple[float, float]
) -> None:
    found = looked_at(content)
    assert (found.media, (found.width, found.height)) == (media, size)
    plain, branded = (printout("invoice/cash", brand=Brand(name="X", logo=logo)) for logo in (None, found))
    for paper in ("a4", "58mm"):
        made = to_pdf(branded, paper)
        assert made == to_pdf(branded, paper)
        assert b"<pdfaid:part>2</pdfaid:part>" in made
        assert made != to_pdf(plain, paper)


@pytest.mark.parametrize(("content", "reason"), [
    (b"", "empty"), (b"GIF89a" + b"\0" * 50, "no PNG"), (b"<html/>", "no PNG"), (b"\x89PNG\r\n\x1a\n", "size"),
    (b"\xff\xd8\xff\xe0" + b"\0" * 40, "size"), (raster("PNG")[:200], "cannot be drawn"), (bomb(), "60000 x 60000"),
    (b"\x89PNG" + b"\0" * MAX_BYTES, "bytes"), (raster("JPEG")[:300], "damaged"), (raster("PNG")[:-20], "damaged"),
    (svg("<script>alert(1)</script>"), "<script>"), (svg('<rect onload="x()" width="1"/>'), "onload"),
    (svg('<image href="http://example.com/x.png"/>'), "<image>"),
    (svg('<image href="data:image/png;base64,AA"/>'), "<image>"),
    (svg("<foreignObject><body/></foreignObject>"), "<foreignObject>"), (svg(USES), "<use>"),
    (svg("<style>@import url(http://example.com)</style>"), "<style>"), (svg("<text>hola</text>"), "<text>"),
    (svg('<rect fill="url(http://example.com/x#g)"/>'), "fill="), (svg('<rect style="fill:url(//x/y)"/>'), "style="),
    (svg('<a xlink:href="javascript:x"><rect/></a>'), "<a>"), (svg("<filter/>"), "<filter>"),
    (svg('<linearGradient xlink:href="http://x/y#z"/>'), "href="), (svg("<rect/>" * 3000), "3001"),
    (svg('<x:rect xmlns:x="urn:other"/>'), "<rect>"), (svg("<rect/>", head="<!DOCTYPE svg>"), "readable"),
    (svg("&a;", head='<!DOCTYPE svg [<!ENTITY a "b">]>'), "readable"), (svg("<rect/>", attributes=""), "size"),
    (svg("<?xml-stylesheet href='x'?><rect/>"), "<?"), (svg("<rect/>", attributes='width="0" height="0"'), "size"),
])
def test_what_is_no_plain_picture_is_refused_with_its_reason(content: bytes, reason: str) -> None:
    with pytest.raises(BadPicture, match=r".+") as caught:
        looked_at(content)
    assert reason in caught.value.en
    assert caught.value.es
