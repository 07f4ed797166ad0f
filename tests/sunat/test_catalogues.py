"""The catalogues: what they say, how they are looked up, and that they have not drifted from the published facts."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from sunat.catalogues import UBIGEO, Catalogue, Entry, catalogue, catalogue_codes, generate, ours
from sunat.catalogues.ranges import CodeRanges
from sunat.errors import FormatError
from tests.support.shared import shared_path


def attributes(number: str, name: str) -> dict[str, str]:
    return {entry.code: entry.attributes[name] for entry in catalogue(number)}


class TestLookUp:
    def test_a_code_gives_its_entry(self) -> None:
        entry = catalogue("07")["10"]
        assert (entry.code, entry.description) == ("10", "Gravado - Operación Onerosa")

    def test_membership_is_of_whole_codes_only(self) -> None:
        listed = catalogue("07")
        assert "10" in listed
        assert all(wrong not in listed for wrong in ("1", "010", "10 ", "", None, 10))

    def test_an_unknown_code_names_the_list_and_what_it_offers(self) -> None:
        with pytest.raises(FormatError, match=r"'9' is not a code of catalogue 18 \(.*transporte\): 01, 02"):
            catalogue("18")["9"]

    def test_a_long_list_is_not_recited(self) -> None:
        with pytest.raises(FormatError) as caught:
            catalogue("03")["NOPE"]
        assert len(str(caught.value)) < 120

    def test_get_gives_none_for_an_unknown_code(self) -> None:
        assert catalogue("06").get("Z") is None
        assert catalogue("06").get("6") == catalogue("06")["6"]

    @pytest.mark.parametrize("number", catalogue_codes())
    def test_iteration_is_in_code_order_and_agrees_with_the_rest(self, number: str) -> None:
        listed = catalogue(number)
        codes = [entry.code for entry in listed]
        assert codes == sorted(set(codes))
        assert len(codes) == len(listed) > 0
        assert listed.code == number

    def test_a_catalogue_is_read_once(self) -> None:
        assert catalogue("07") is catalogue("07")

    @pytest.mark.parametrize("number", ["", "7", "98", "../07", "07.csv", "07\n", "25.9", "DATA"])
    def test_an_unknown_catalogue_is_refused(self, number: str) -> None:
        with pytest.raises(FormatError, match="no catalogue"):
            catalogue(number)

    def test_a_flag_is_a_truth_value(self) -> None:
        types = catalogue("51")
        assert types["0112"].flag("factura")
        assert not types["0112"].flag("boleta")

    def test_entries_cannot_be_changed(self) -> None:
        listed = catalogue("05")
        with pytest.raises(TypeError):
            listed.entries["1000"] = Entry(code="1000", description="")  # type: ignore[index]
        with pytest.raises(TypeError):
            listed["1000"].attributes["name"] = "VAT"  # type: ignore[index]


class TestEveryCatalogue:
    def test_all_of_annex_8_are_there(self) -> None:
        numbers = {f"{number:02d}" for number in (*range(1, 28), *range(51, 66))}
        assert set(catalogue_codes()) == numbers | {"25.2", "25.3", "62A", "D-37"}

    @pytest.mark.parametrize("number", catalogue_codes())
    def test_says_whence_it_is(self, number: str) -> None:
        listed: Catalogue = catalogue(number)
        assert listed.name
        assert listed.source.startswith("SUNAT")
        assert listed.updated in {"2022-10-20", "2023", "2026-02-12", "2026-08-26"}

    @pytest.mark.parametrize("number", sorted(set(catalogue_codes()) - {"25"}))
    def test_descriptions_are_short_and_clean(self, number: str) -> None:
        for entry in catalogue(number):
            text = entry.description
            assert 0 < len(text) <= 100, entry
            assert text == " ".join(text.split()), entry
            assert not set(text) & set("“”–;"), entry


class TestFacts:
    """Single facts that the program or its users rely on, and the corrections of August 2026."""

    def test_tributes(self) -> None:
        rows = {
            entry.code: (entry.attributes["name"], entry.attributes["international_code"]) for entry in catalogue("05")
        }
        assert rows == {
            "1000": ("IGV", "VAT"), "1016": ("IVAP", "VAT"), "2000": ("ISC", "EXC"), "3000": ("IR", "TOX"),
            "7152": ("ICBPER", "OTH"), "9995": ("EXP", "FRE"), "9996": ("GRA", "FRE"), "9997": ("EXO", "VAT"),
            "9998": ("INA", "FRE"), "9999": ("OTROS", "OTH"),
        }

    def test_affectations(self) -> None:
        tribute, group, onerous = (attributes("07", name) for name in ("tribute", "group", "onerous"))
        free = {"11", "12", "13", "14", "15", "16", "21", "31", "32", "33", "34", "35", "36", "37"}
        assert {code for code, value in onerous.items() if value == "no"} == free
        assert {code for code, value in onerous.items() if value == "either"} == {"17", "40"}
        assert {code: tribute[code] for code in tribute if code not in free} == {
            "10": "1000", "17": "1016", "20": "9997", "30": "9998", "40": "9995",
        }
        assert {tribute[code] for code in free} == {"9996"}
        assert {code for code, value in attributes("07", "free_tribute").items() if value} == free | {"17", "40"}
        assert [group[code] for code in ("10", "16", "17", "21", "37", "40")] == [
            "taxed", "taxed", "ivap", "exempt", "unaffected", "export",
        ]

    def test_debit_notes_know_penalties_and_summaries_know_kinds_of_gratuities(self) -> None:
        assert catalogue("10")["13"].description == "Penalidades"
        assert {"06", "07", "08", "09"} < {entry.code for entry in catalogue("11")}

    def test_credit_note_reasons_reach_13(self) -> None:
        assert [entry.code for entry in catalogue("09")] == [f"{number:02d}" for number in range(1, 14)]

    def test_operation_types_by_voucher(self) -> None:
        types = catalogue("51")
        assert {entry.code for entry in types if entry.flag("factura") and not entry.flag("boleta")} == {
            "0112", "0202", "0205", "2002", "2106",
        }
        assert {entry.code for entry in types if entry.flag("boleta") and not entry.flag("factura")} == {"0113", "2105"}
        assert {entry.code for entry in types if entry.flag("liquidacion")} == {"0501", "0502", "0503"}
        assert {entry.code for entry in types if entry.flag("export")} == {"0200", *(f"020{n}" for n in range(1, 9))}

    def test_charges_and_discounts(self) -> None:
        level, kind, base = (attributes("53", name) for name in ("level", "kind", "affects_base"))
        assert {code for code, value in level.items() if value == "line"} == {"00", "01", "07", "47", "48", "54"}
        assert {code for code, value in base.items() if value == "yes"} == {"00", "02", "04", "47", "49"}
        assert {code for code, value in kind.items() if value == "charge"} == {
            "45", "46", "47", "48", "49", "50", "51", "52", "53", "54",
        }

    def test_legends_with_a_fixed_text_are_that_text(self) -> None:
        legends = catalogue("52")
        assert legends["2006"].description == "Operación sujeta a detracción"
        assert {entry.code for entry in legends if not entry.flag("fixed")} == {"1000", "2012"}

    def test_rates_are_plain_numbers(self) -> None:
        assert attributes("22", "rate") == {"01": "2", "02": "1", "03": "0.5"}
        assert attributes("23", "rate") == {"01": "3", "02": "6"}

    def test_ports_and_airports_lie_in_known_districts(self) -> None:
        places = [*attributes("63", "ubigeo").values(), *attributes("64", "ubigeo").values()]
        assert len(places) == 52
        assert all(place in catalogue(UBIGEO) for place in places)

    def test_ubigeo(self) -> None:
        lima = catalogue(UBIGEO)["150101"]
        assert (lima.description, *lima.attributes.values()) == ("LIMA", "LIMA", "LIMA")
        assert len(catalogue(UBIGEO)) == 1884


class TestProducts:
    def test_membership_is_exact(self) -> None:
        products = catalogue("25")
        assert len(products) == 53_316
        assert "10101501" in products
        assert "10101503" not in products
        assert all(wrong not in products for wrong in ("", "1010150", "101015010", "1010150A", "١٠١٠١٥٠١", 10101501))

    def test_a_product_has_no_description(self) -> None:
        assert catalogue("25")["10101501"] == Entry(code="10101501", description="")
        with pytest.raises(FormatError, match="catalogue 25"):
            catalogue("25")["10101503"]

    def test_ranges_refuse_what_is_no_product_code(self) -> None:
        with pytest.raises(ValueError, match="eight digits"):
            CodeRanges.of(["10101500", "1010150"])


class TestNoDrift:
    """Where the published facts are at hand: our files are what they make, and they are all of them."""

    def test_our_files_are_what_the_generator_writes(self) -> None:
        made = generate.build(shared_path("sunat"))
        kept = {file.name: file.read_text(encoding="utf-8") for file in generate.DATA.iterdir()}
        assert kept.keys() == made.keys()
        assert [name for name in made if made[name] != kept[name]] == []

    def test_every_published_code_is_ours_and_no_other(self) -> None:
        published: dict[str, set[str]] = {}
        with shared_path("sunat", "catalogues", "all.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter=";"):
                published.setdefault(row["catalogue"], set()).add(row["code"])
        published |= {
            "13": set(column(shared_path("sunat", "ubigeo.csv"))),
            "25": set(column(shared_path("sunat", "catalogues", "25_codes.csv"))),
        }
        ours_now = {number: {entry.code for entry in catalogue(number)} for number in catalogue_codes()}
        assert ours_now == published

    def test_descriptions_differ_only_where_we_say_so(self) -> None:
        for file in sorted(shared_path("sunat", "catalogues").glob("*.json")):
            facts = json.loads(file.read_text(encoding="utf-8"))
            listed = catalogue(facts["catalogue"])
            for item in facts["items"]:
                if (listed.code, item["code"]) not in ours.DESCRIPTIONS:
                    assert letters(listed[item["code"]].description) == letters(item["description"])

    def test_the_generator_refuses_wording_for_a_code_that_is_gone(self, tmp_path: Path) -> None:
        folder = tmp_path / "catalogues"
        folder.mkdir()
        for file in shared_path("sunat", "catalogues").iterdir():
            (folder / file.name).write_bytes(file.read_bytes())
        facts = json.loads((folder / "08.json").read_text(encoding="utf-8"))
        facts["items"] = facts["items"][1:]
        (folder / "08.json").write_text(json.dumps(facts), encoding="utf-8")
        with pytest.raises(ValueError, match=r"catalogue 08 does not have: \['01'\]"):
            generate.build(tmp_path)

    def test_writing_removes_what_is_no_longer_made(self, tmp_path: Path) -> None:
        (tmp_path / "99.csv").write_text("old", encoding="utf-8")
        assert generate.write(shared_path("sunat"), tmp_path) == len(catalogue_codes())
        assert {file.name for file in tmp_path.iterdir()} == {f"{number}.csv" for number in catalogue_codes()}


def column(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.partition(";")[0] for line in lines[1:]]


def letters(text: str) -> str:
    kept = "".join(letter for letter in text.lower() if letter.isalnum())
    return kept.removeprefix("leyenda")
