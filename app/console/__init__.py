"""The console: pages for the people of an account, in Spanish and English, on a telephone as on a desk (``/console``).

==============  ==================================================================================
``views``       the pages, one module for each part of the console
``today``       what happened today, and what to do
``charts``      figures as drawings (SVG), told in words as well
``vouchers``    looking for vouchers, and what is told of one
``issuing``     the form of a sale and the request it stands for
``calling``     orders and look-ups: the API's own, asked within this process
``forms``       what was typed, what is wrong with it and where, the key that makes a double click one order
``gate``        who may open which page; the check of what is posted; errors as pages
``sessions``    signed-in browsers, and what was typed when a session had expired
``trail``       who did what, when and from where
``showing``     pages out of templates: words, amounts, dates and instants in Lima
``words``       all texts, Spanish and English
``pages``       the templates                             ``files``  one style and one script
==============  ==================================================================================

The console orders nothing by itself: it asks the API within the process (`calling`), as the person who signed in, so
that what holds for programs holds for people. Its own queries only read. Pages work without the script, which keeps
them fresh. Bootstrap's style comes out of the wheel of Bootstrap-Flask; nothing is fetched from elsewhere.
"""

from __future__ import annotations

from flask import Flask

from app.console import views
from app.console.gate import blueprint

__all__ = ["install"]


def install(app: Flask) -> None:
    """Adds the console to an application. It is for people: the API's description has nothing of it."""
    views.load()
    app.register_blueprint(blueprint)
