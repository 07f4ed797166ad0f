"""A page of a collection in both forms that clients of the contract read: HAL, and a plain array beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode


def page_body(
    collection: str, items: Sequence[Mapping[str, Any]], *, address: str, filters: Mapping[str, Any], page: int,
    size: int, total: int,
) -> dict[str, Any]:
    """The body of a list.

    ``address`` is the collection's own, without a query; ``filters`` are the query parameters as they came, which the
    links repeat with another ``page``.
    """
    count = max(1, -(-total // size))

    def link(number: int) -> dict[str, str]:
        return {"href": f"{address}?{urlencode({**filters, 'page': number})}"}

    links = {"self": link(page), "first": link(1), "last": link(count)}
    if page < count:
        links["next"] = link(page + 1)
    if page > 1:
        links["prev"] = link(min(page - 1, count))
    return {
        "_links": links, "_embedded": {collection: items}, collection: items, "page_count": count, "page_size": size,
        "total_items": total, "page": page,
    }


def whole_body(collection: str, items: Sequence[Mapping[str, Any]], *, address: str) -> dict[str, Any]:
    """The body of a list that always comes whole, on one page."""
    return page_body(
        collection, items, address=address, filters={}, page=1, size=max(len(items), 1), total=len(items)
    )
