"""The page a paper names: one for each environment, and none where nobody else could open it."""

from __future__ import annotations

import pytest

from app.imprint.addresses import receiver_page


@pytest.mark.parametrize(("public_url", "environment", "page"), [
    ("https://e.example.pe", "live", "https://e.example.pe/v"),
    ("https://e.example.pe/api/", "beta", "https://e.example.pe/api/v/beta"),
    ("http://10.0.0.7:8000", "sandbox", "http://10.0.0.7:8000/v/sandbox"),
    ("http://127.0.0.1:8000", "live", ""), ("http://localhost:8000", "live", ""), ("http://[::1]/", "live", ""),
])
def test_the_page_of_an_environment(public_url: str, environment: str, page: str) -> None:
    assert receiver_page(public_url, environment) == page
