"""The template language by tables, and its promise by chance: two numbers never share a text, padding never cuts."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.problems import Conflict, Refused
from app.series.scheme import Place, Scheme, start_of, usual_reset
from app.series.template import LONGEST_TEMPLATE, Names, file_name, parse, usual
from sunat.numbering import MAX_NUMBER

DAY = date(2026, 3, 7)


def written(template: str, number: int = 1, *, day: date = DAY, padding: int = 0, **names: str) -> str:
    return parse(template).render(number, day, Names(**names), padding=padding)


@pytest.mark.parametrize(("template", "padding", "names", "numbers", "texts"), [
    ("{PREFIX}{NUM}{SUFFIX}", 6, {}, (1, 2), ("000001", "000002")),
    ("{PREFIX}{NUM}{SUFFIX}", 5, {"prefix": "SAMPLE-ES-"}, (1, 12), ("SAMPLE-ES-00001", "SAMPLE-ES-00012")),
    ("{PREFIX}{NUM}{SUFFIX}", 4, {"suffix": "-2024"}, (1, 9999), ("0001-2024", "9999-2024")),
])
def test_inv_03_inv_04_prefix_padded_number_suffix(
    template: str, padding: int, names: dict[str, str], numbers: tuple[int, ...], texts: tuple[str, ...]
) -> None:
    assert tuple(written(template, number, padding=padding, **names) for number in numbers) == texts


def test_inv_02_code_and_description_never_show_unless_the_format_says_code() -> None:
    assert written(usual("NEVER"), code="SECRET") == "1"
    assert written("{CODE}/{NUM}", code="VENTAS") == "VENTAS/1"


@pytest.mark.parametrize(("template", "number", "text"), [
    ("{YEAR}-{SEQ4}", 523, "2026-0523"),
    ("FRIHET-{YEAR}-{SEQ4}", 51, "FRIHET-2026-0051"),
    ("{YEAR}/{MONTH}/{SEQ3}", 7, "2026/03/007"),
    ("T-{SEQ5}", 7, "T-00007"),
    ("A{YEAR}{MONTH}-{SEQ3}", 1234, "A202603-1234"),
])
def test_fri_07_patterns(template: str, number: int, text: str) -> None:
    assert written(template, number) == text


@pytest.mark.parametrize(("template", "text"), [
    ("{CODIGO}-{YYYY}-{NUM:4}", "FAC-2026-0042"),
    ("{CODIGO}{YY}{MM}/{NUM:3}", "FAC2603/042"),
    ("{NUM}", "42"),
])
def test_bee_03_examples_render(template: str, text: str) -> None:
    assert written(template, 42, code="FAC") == text


@pytest.mark.parametrize("template", [
    "", "{YEAR}", "FAC-2026", "{num}", "{Num:3}", "{codigo}-{NUM}", "{FOO}-{NUM}", "{NUM:0}", "{NUM:13}", "{NUM:}",
    "{NUM:3", "NUM}", "{}{NUM}", "{NUM}{NUM}", "{SEQ6}", "{SEQ3:2}", "{YEAR:2}{NUM}", "{NUM} x", "{NUM}\n", "Ñ{NUM}",
    "{NUM}\\", "{NUM}:", "{{NUM}}", "{NUM:٣}", "a" * (LONGEST_TEMPLATE - 4) + "{NUM}",
])
def test_bee_04_a_format_without_its_number_or_with_unknown_variables_is_refused(template: str) -> None:
    with pytest.raises(Refused) as refusal:
        parse(template)
    assert refusal.value.code == "FORMAT"


def test_bee_02_a_format_has_255_characters_at_most() -> None:
    assert len(parse("a" * (LONGEST_TEMPLATE - 5) + "{NUM}").parts) == 2
    with pytest.raises(Refused, match="FORMAT_LONG"):
        Scheme(names=Names(), template="a" * (LONGEST_TEMPLATE - 5) + "{NUM}")


@pytest.mark.parametrize(("template", "allowed"), [
    ("{NUM}", ["NEVER"]), ("{YEAR}{NUM}", ["NEVER", "ANNUAL"]), ("{YY}{NUM}", ["NEVER", "ANNUAL"]),
    ("{MONTH}-{NUM}", ["NEVER"]), ("{YEAR}{MONTH}{NUM}", ["NEVER", "ANNUAL", "MONTHLY"]),
    ("{YY}{MM}{DAY}{NUM}", ["NEVER", "ANNUAL", "MONTHLY", "DAILY"]),
])
def test_bee_11_a_reset_needs_its_date_in_the_format(template: str, allowed: list[str]) -> None:
    for reset in ("NEVER", "ANNUAL", "MONTHLY", "DAILY"):
        if reset in allowed:
            assert Scheme(names=Names(), template=template, reset=reset).reset == reset
        else:
            with pytest.raises(Refused, match="FORMAT_RESET"):
                Scheme(names=Names(), template=template, reset=reset)


def test_bee_05_the_reset_is_annual_where_the_format_has_a_year() -> None:
    assert [usual_reset(text) for text in ("{YYYY}-{NUM}", "{YY}{MM}{NUM}", "{NUM}", "")] == [
        "ANNUAL", "ANNUAL", "NEVER", "NEVER",
    ]


@pytest.mark.parametrize(("options", "texts"), [
    ({"reset": "ANNUAL", "padding": 5, "prefix": "INV-"}, ("INV-2026-00001", "INV-2026-00002")),
    ({"reset": "NEVER", "padding": 5, "prefix": "INV-"}, ("INV-00001", "INV-00002")),
    ({"reset": "ANNUAL", "padding": 4}, ("2026-0001", "2026-0002")),
    ({"reset": "ANNUAL", "padding": 0, "prefix": "F"}, ("F2026-1", "F2026-2")),
    ({"reset": "NEVER", "padding": 6, "prefix": "ACME-", "start": 500}, ("ACME-000500", "ACME-000501")),
])
def test_opt_01_opt_02_configurations(options: dict[str, Any], texts: tuple[str, str]) -> None:
    start = options.get("start", 1)
    scheme = Scheme(
        names=Names(prefix=options.get("prefix", "")), reset=options["reset"], padding=options["padding"],
        overflow="grow",
    )
    place = Place(last_number=start - 1)
    for text in texts:
        place = scheme.following(place, DAY)
        assert scheme.text(place.last_number, DAY) == text


def test_opt_06_padding_never_cuts_and_inv_19_stop_never_grows() -> None:
    growing = Scheme(names=Names(), padding=5, overflow="grow")
    assert growing.text(100_000, DAY) == "100000"
    assert growing.following(Place(last_number=99_999), DAY).last_number == 100_000
    for padding, last in ((3, 999), (6, 999_999), (12, MAX_NUMBER), (0, MAX_NUMBER)):
        stopping = Scheme(names=Names(), padding=padding)
        assert stopping.capacity == last
        assert stopping.following(Place(last_number=last - 1), DAY).last_number == last
        with pytest.raises(Conflict, match="SERIES_EXHAUSTED"):
            stopping.following(Place(last_number=last), DAY)


def test_fri_10_opt_04_a_counter_starts_anew_with_the_first_number_of_the_year_whenever_that_is() -> None:
    scheme = Scheme(names=Names(), template="{YEAR}-{SEQ4}", reset="ANNUAL")
    place = scheme.following(Place(period="2025-01-01", last_number=522), date(2025, 12, 31))
    assert scheme.text(place.last_number, date(2025, 12, 31)) == "2025-0523"
    for first in (date(2026, 1, 1), date(2026, 7, 28), date(2031, 2, 1)):
        assert scheme.following(place, first) == Place(period=f"{first.year}-01-01", last_number=1)
    with pytest.raises(Conflict, match="PERIOD_CLOSED"):
        scheme.following(Place(period="2026-01-01", last_number=1), date(2025, 12, 31))


def test_opt_05_without_reset_one_sequence_grows() -> None:
    scheme = Scheme(names=Names(), template="{YEAR}-{NUM}")
    assert scheme.following(Place(last_number=41), date(2030, 1, 1)) == Place(last_number=42)


def test_the_first_period_begins_at_the_start_number() -> None:
    scheme = Scheme(names=Names(), reset="ANNUAL")
    assert scheme.following(Place(last_number=100), DAY) == Place(period="2026-01-01", last_number=101)


@pytest.mark.parametrize(("former", "reset", "period"), [
    (Place(last_number=50), "ANNUAL", "2026-01-01"),
    (Place(period="2026-01-01", last_number=50), "MONTHLY", "2026-03-01"),
    (Place(period="2026-03-01", last_number=50), "ANNUAL", "2026-03-01"),
    (Place(period="2026-03-01", last_number=50), "NEVER", "2026-03-01"),
])
def test_fri_11_a_changed_reset_lets_the_counter_go_on(former: Place, reset: str, period: str) -> None:
    scheme = Scheme(names=Names(), reset=reset)
    place = scheme.changed_from(former, DAY)
    assert place == Place(period=period, last_number=50)
    assert scheme.following(place, DAY).last_number == 51


def test_opt_10_a_file_is_called_what_every_system_takes() -> None:
    assert [file_name(text) for text in ("A/2026-1", "..", 'a\\b:c*?"<>|', "F-1")] == [
        "A-2026-1", "-", "a-b-c------", "F-1",
    ]


AFFIX = st.text("AZaz09/_.-", max_size=8)
TEMPLATES = st.lists(
    st.sampled_from(["{CODE}", "{PREFIX}", "{SUFFIX}", "{YEAR}", "{YY}", "{MONTH}", "{DAY}", "-", "/", "x", "7"]),
    max_size=6,
).flatmap(
    lambda parts: st.tuples(st.integers(0, len(parts)), st.sampled_from(["{NUM}", "{NUM:1}", "{NUM:8}", "{SEQ4}"])).map(
        lambda at: "".join([*parts[: at[0]], at[1], *parts[at[0]:]])
    )
)
NUMBERS = st.integers(1, MAX_NUMBER)


@given(TEMPLATES, AFFIX, AFFIX, st.integers(0, 12), NUMBERS, NUMBERS, st.dates(date(1990, 1, 1), date(2199, 12, 31)))
def test_two_numbers_of_a_day_never_share_a_text(
    template: str, prefix: str, suffix: str, padding: int, one: int, other: int, day: date
) -> None:
    read = parse(template)
    names = Names(code="C-1", prefix=prefix, suffix=suffix)
    texts = [read.render(number, day, names, padding=padding) for number in (one, other)]
    assert (texts[0] == texts[1]) == (one == other)
    assert str(one) in texts[0]


@given(st.text(max_size=30))
def test_whatever_is_written_is_read_or_refused(text: str) -> None:
    try:
        read = parse(text)
    except Refused:
        return
    assert re.search(r"\{(NUM|SEQ)", text)
    assert "NUM" in read.variables


@given(
    st.sampled_from(["NEVER", "ANNUAL", "MONTHLY", "DAILY"]), st.lists(st.integers(0, 45), min_size=2, max_size=30),
    st.integers(1, 500),
)
def test_numbers_of_a_period_run_without_a_hole(reset: str, steps: list[int], start: int) -> None:
    scheme = Scheme(names=Names(), reset=reset)
    place, day, places = Place(last_number=start - 1), DAY, []
    for step in steps:
        day += timedelta(days=step)
        place = scheme.following(place, day)
        places.append(place)
        assert place.period == start_of(reset, day)
    for former, later in pairwise(places):
        expected = former.last_number + 1 if former.period == later.period else 1
        assert later.last_number == expected
    assert places[0].last_number == start
