"""Amounts in words against two readings of Spanish that know nothing of our writer.

One writes slowly: every group of three digits by itself, then the scale words, then the two corrections of grammar by
regular expression. The other reads words back into a number.
"""

from __future__ import annotations

import re
from decimal import Decimal

from hypothesis import example, given
from hypothesis import strategies as st

from sunat.wording import amount_in_words

UNITS = ["CERO", "UNO", "DOS", "TRES", "CUATRO", "CINCO", "SEIS", "SIETE", "OCHO", "NUEVE"]
TEENS = ["DIEZ", "ONCE", "DOCE", "TRECE", "CATORCE", "QUINCE", *(f"DIECI{unit}" for unit in (
    "SÉIS", "SIETE", "OCHO", "NUEVE",
))]
TWENTIES = ["VEINTE", *(f"VEINTI{unit}" for unit in (
    "UNO", "DÓS", "TRÉS", "CUATRO", "CINCO", "SÉIS", "SIETE", "OCHO", "NUEVE",
))]
TENS = ["TREINTA", "CUARENTA", "CINCUENTA", "SESENTA", "SETENTA", "OCHENTA", "NOVENTA"]
HUNDREDS = [
    "CIENTO", "DOSCIENTOS", "TRESCIENTOS", "CUATROCIENTOS", "QUINIENTOS", "SEISCIENTOS", "SETECIENTOS", "OCHOCIENTOS",
    "NOVECIENTOS",
]

VALUES = (
    {word: value for value, word in enumerate([*UNITS, *TEENS, *TWENTIES])}
    | {word: 10 * value for value, word in enumerate(TENS, start=3)}
    | {word: 100 * value for value, word in enumerate(HUNDREDS, start=1)}
    | {"CIEN": 100, "UN": 1, "VEINTIÚN": 21, "Y": 0}
)

wholes = st.one_of(
    st.integers(0, 999_999_999_999),
    st.integers(0, 2_000_000),
    st.builds(lambda groups: int("".join(groups)), st.lists(
        st.sampled_from(["000", "001", "021", "031", "100", "101", "116", "121", "999"]), min_size=1, max_size=4,
    )),
)


@given(wholes, st.integers(0, 99))
@example(0, 0)
@example(21_021_021_021, 21)
@example(1_001_000, 1)
def test_the_writer_agrees_with_the_slow_one(whole: int, fraction: int) -> None:
    amount = Decimal(whole) + Decimal(fraction) / 100
    assert amount_in_words(amount, "PEN") == f"{slowly(whole)} CON {fraction:02d}/100 SOLES"


@given(wholes)
def test_the_words_read_back_as_the_number(whole: int) -> None:
    words, _, rest = amount_in_words(Decimal(whole), "EUR").partition(" CON ")
    assert rest == "00/100 EUROS"
    assert read(words) == whole


@given(st.integers(0, 99_999_999_999_999), st.integers(0, 99_999_999_999_999))
def test_different_amounts_have_different_words(first: int, second: int) -> None:
    texts = {amount_in_words(Decimal(cents).scaleb(-2), "PEN") for cents in (first, second)}
    assert len(texts) == len({first, second})


def slowly(whole: int) -> str:
    groups = f"{whole:012d}"
    parts = []
    for start, scale in ((0, "MIL"), (3, "MILLONES"), (6, "MIL"), (9, "")):
        group = groups[start:start + 3]
        if group != "000":
            parts += [three(group), scale]
        elif scale == "MILLONES" and groups[:3] != "000":
            parts.append(scale)
    text = " ".join(" ".join(parts).split()) or "CERO"
    text = re.sub(r"VEINTIUNO (MIL|MILLONES)\b", r"VEINTIÚN \1", text)
    text = re.sub(r"\bUNO (MIL|MILLONES)\b", r"UN \1", text)
    text = re.sub(r"^UN MILLONES\b", "UN MILLÓN", text)
    # A thousand is not counted: "un mil" loses its number unless a hundred or a ten stands before it.
    return re.sub(r"(^|MILLONES |MILLÓN )UN MIL\b", r"\1MIL", text)


def three(group: str) -> str:
    hundred, rest = int(group[0]), int(group[1:])
    if (hundred, rest) == (1, 0):
        return "CIEN"
    words = [HUNDREDS[hundred - 1]] if hundred else []
    if rest >= 30:
        words.append(TENS[rest // 10 - 3])
        words += ["Y", UNITS[rest % 10]] if rest % 10 else []
    elif rest:
        words.append([*UNITS, *TEENS, *TWENTIES][rest])
    return " ".join(words)


def read(words: str) -> int:
    total = thousands = group = 0
    for word in words.split():
        if word == "MIL":
            thousands, group = (group or 1) * 1000, 0
        elif word in ("MILLÓN", "MILLONES"):
            total, thousands, group = (thousands + group) * 1_000_000, 0, 0
        else:
            group += VALUES[word]
    return total + thousands + group
