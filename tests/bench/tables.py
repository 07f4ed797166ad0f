"""The figures for people: plain text, one table a subject."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any


def text(result: dict[str, Any]) -> str:
    """The whole result as text."""
    machine = result["machine"]
    load = f"load {machine['load_before']} before and {machine['load_after']} after"
    parts = [
        f"{machine['processor']}, {machine['cores']} cores, Python {machine['python']}, {load}; {result['seconds']} s"
    ]
    if "building" in result:
        parts.append("\n".join(_building(result["building"])))
    if "judging" in result:
        parts.append("\n".join(_judging(result["judging"])))
    if "issuing" in result:
        parts.append("\n".join(_issuing(result["issuing"])))
    if "hot" in result:
        parts.append("\n".join(_hot(result["hot"])))
    if "printing" in result:
        parts.append("\n".join(_printing(result["printing"])))
    if "books" in result:
        parts.append("\n".join(_books(result["books"])))
    if "delivering" in result:
        parts.append("\n".join(_delivering(result["delivering"])))
    if "console" in result:
        parts.append("\n".join(_console(result["console"])))
    parts += ["\n".join(_profile(found)) for found in result.get("profiles", ())]
    return "\n\n".join(parts) + "\n"


def _delivering(found: dict[str, Any]) -> Iterator[str]:
    yield f"Delivering; the most is slots over the {found['answer_seconds']} s that SUNAT takes to answer"
    yield from _table(
        ("processes x attempts at once", "vouchers/s", "the most", "ratio"),
        [
            (name, str(crews["per_second"]), str(crews["most_per_second"]), str(crews["ratio"]))
            for name, crews in found["crews"].items()
        ],
    )
    for kind, lengths in found["line"].items():
        told = ", ".join(f"{look['ms']} ms with {length} queued" for length, look in lengths.items())
        yield f"{kind}: one look at whose turn it is: {told}"


def _building(found: dict[str, Any]) -> Iterator[str]:
    sizes = found["sizes"]
    yield f"Build and sign on one core; x is {found['floor']} of the same round"
    yield from _table(
        ("ms and x for", *(f"{lines} line{'s' * (lines != '1')}" for lines in sizes)),
        [
            (step, *(_cost(size["steps"][step]) for size in sizes.values()))
            for step in next(iter(sizes.values()))["steps"]
        ],
    )
    for lines, aim in found["aims"].items():
        met = "met" if aim["measured"] <= aim["most"] else "NOT met"
        yield f"aim for {lines}: {aim['most']} signatures from document to signed bytes, {aim['measured']} taken: {met}"


def _judging(found: dict[str, Any]) -> Iterator[str]:
    sizes = found["sizes"]
    yield f"Checking a factura against every rule; x is {found['floor']} in the same round"
    yield from _table(
        ("ms and x for", *(f"{lines} line{'s' * (lines != '1')}" for lines in sizes)),
        [
            (step, *(_cost(size["steps"][step]) for size in sizes.values()))
            for step in next(iter(sizes.values()))["steps"]
        ],
    )
    for lines, aim in found["aims"].items():
        met = "met" if aim["measured_ms"] <= aim["most_ms"] else "NOT met"
        yield f"aim for {lines} lines: {aim['most_ms']} ms, {aim['measured_ms']} taken at best: {met}"


def _printing(found: dict[str, Any]) -> Iterator[str]:
    yield f"Papers on one core, by lines; x is {found['floor']}, and how many plain pages of reportlab's it is"
    sizes = found["sizes"]
    yield from _table(("", *(f"{size} lines: ms, x, pages" for size in sizes)), [
        (step, *(f"{_cost(taken[step])} {taken[step]['plain']:.1f}" for taken in sizes.values()))
        for step in next(iter(sizes.values()))
    ])


def _books(found: dict[str, Any]) -> Iterator[str]:
    yield f"The book of a month of {found['rows']} vouchers on one core; x is {found['floor']}"
    yield from _table(("", "ms and x"), [(step, _cost(cost)) for step, cost in found["steps"].items()])
    entered = found["sales"]
    yield f"register of sales from signed XML: {entered['ms'] / entered['vouchers']:.2f} ms a voucher"


def _console(found: dict[str, Any]) -> Iterator[str]:
    yield f"Pages of the console with {found['rows']} vouchers, on the server; x is {found['floor']}"
    pages = [
        (dialect, path, page) for dialect, by_path in found["databases"].items() for path, page in by_path.items()
    ]
    yield from _table(("", "ms and x", "at best"), [
        (f"{dialect} {path}", _cost(page["full"]), f"{page['full']['low_ms']:.1f}") for dialect, path, page in pages
    ])
    slowest = max(page["full"]["low_ms"] for _, _, page in pages)
    met = "met" if slowest <= found["aim_ms"] else "NOT met"
    yield f"aim: {found['aim_ms']} ms a page, the slowest takes {slowest:.1f} at best: {met}"


def _issuing(found: dict[str, Any]) -> Iterator[str]:
    yield f"Issuing over HTTP, vouchers of {found['lines']} line(s); x is {found['floor']} in the same round"
    rows: list[tuple[str, ...]] = []
    for dialect, clients in found["databases"].items():
        for count, measured in clients["clients"].items():
            rows.append((f"{dialect}, {count} clients: floor", f"{measured['floor_per_second']:.0f}", "1.000x"))
            for name, case in measured["cases"].items():
                cores, cost = case["cores"], case["processor_ms"]
                ours = cores["server"] + cores.get("database", 0)
                rows.append((
                    f"  {name}", f"{case['per_second']:.0f}", f"{case['ratio']:.3f}x", f"{case['p50_ms']:.1f}",
                    f"{case['p99_ms']:.1f}", f"{cost['server']:.2f}", f"{cost.get('database', 0):.2f}",
                    f"{cost['client']:.2f}", f"{ours:.2f}", f"{cores['client']:.2f}",
                    f"{max(0.0, cores['machine'] - ours - cores['client']):.2f}", _locked(case["locks"]),
                ))
    head = (
        "", "a second", "x", "p50 ms", "p99 ms", "server ms", "database ms", "client ms", "cores: ours",
        "client's", "others'", "samples with lock",
    )
    yield from _table(head, [(*row, *([""] * (len(head) - len(row)))) for row in rows])
    if aim := found["aim"]:
        yield (
            f"aim for PostgreSQL, 32 clients, 100 series: all cores busy ({aim['cores_in_use']} of {aim['cores']}), no "
            f"session waiting for a lock ({aim['samples_with_lock']} of {aim['samples']} samples)"
        )


def _hot(found: dict[str, Any]) -> Iterator[str]:
    yield f"A hot series under {found['threads']} threads or clients; a floor row is {found['floor']}"
    head = (
        "", "a second", "of 100 series", "of groups of one", "of the rows", "of bare signatures", "p50 ms", "p99 ms",
        "p99/p50", "a commit", "cores: ours", "database's", "others'",
    )
    rows: list[tuple[str, ...]] = []
    for place, measured in found["places"].items():
        rows.append((place,))
        for floor, name in (("floor", "rows"), ("signatures", "bare RSA-2048 signatures, all cores")):
            if per_second := measured.get(f"{floor}_per_second"):
                rows.append((f"  {name}", f"{per_second:.0f}"))
        for name, case in measured["cases"].items():
            cores = case.get("cores", {})
            rows.append((
                f"  {name}", f"{case['per_second']:.0f}", f"{case['of_many']:.2f}x", f"{case['of_alone']:.2f}x",
                _number(case.get("of_floor"), "x"),
                _number(case.get("of_signatures"), "x"), f"{case['p50_ms']:.1f}", f"{case['p99_ms']:.1f}",
                f"{case['tail']:.1f}", _number(case.get("per_commit")),
                *(_number(cores.get(tree)) for tree in ("ours", "database", "others")),
            ))
    yield from _table(head, [(*row, *([""] * (len(head) - len(row)))) for row in rows])
    for aim in found["aims"]:
        yield f"{aim['what']}: {aim['measured']:.2f}{_judged(aim)}"


def _judged(aim: dict[str, Any]) -> str:
    if "least" in aim:
        return f" (aim: at least {aim['least']}): {'met' if aim['measured'] >= aim['least'] else 'NOT met'}"
    if "most" in aim:
        return f" (aim: at most {aim['most']}): {'met' if aim['measured'] <= aim['most'] else 'NOT met'}"
    return ""


def _number(value: float | None, unit: str = "") -> str:
    return "-" if value is None else f"{value:.2f}{unit}"


def _profile(found: dict[str, Any]) -> Iterator[str]:
    yield (
        f"One request on {found['dialect']}, {found['lines']} line(s): {found['ms']} ms, of which processor "
        f"{found['processor_ms']} ms, {found['statements']} statements; shares by cProfile"
    )
    yield from _table(
        ("step", "share", "ms"), [("  " * row["depth"] + row["label"], *_shared(row)) for row in found["steps"]]
    )
    yield ""
    own = [(row["label"], *_shared(row)) for row in found["libraries"]]
    yield from _table(("library, own time", "share", "ms"), own)


def _locked(locks: dict[str, Any] | None) -> str:
    return f"{locks['samples_with_lock']} of {locks['samples']}" if locks else "-"


def _cost(step: dict[str, Any]) -> str:
    return f"{step['ms']:8.3f} {step['ratio']:7.2f}x"


def _shared(row: dict[str, Any]) -> tuple[str, str]:
    return f"{row['share']:.1%}", f"{row['ms']:.3f}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    for row in (head, *rows):
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        yield "  ".join(cells).rstrip()
