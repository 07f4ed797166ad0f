"""The office for any WSGI server; ``chasqui serve`` also runs the delivery engine, which this alone does not."""

from app.factory import from_environment

application = from_environment()
