"""``python -m app.cli``: the console script for whoever starts it without its file."""

from __future__ import annotations

from app.cli import main

if __name__ == "__main__":
    main()
