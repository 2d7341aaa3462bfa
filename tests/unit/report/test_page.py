"""The page of a family: what it says, and that whatever is filled in does no harm."""

import base64
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from tartarus.report import charts, family_charts, model_charts, page, tabulate

from tests.paths import ROOT
from tests.unit.report.small_pages import HOSTILE, plain, result


def content(results: list[dict[str, Any]], title: str = "Small world", **more: Any) -> dict[str, Any]:
    drawn = {"table": family_charts.intervals(results, title)}
    return page.content(title, results, tabulate.rows(results), drawn=drawn, **more)


class Reader(HTMLParser):
    """Collects what a browser would see: elements with their attributes, and text outside of scripts and styles."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text, self.open = "", ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.open = tag if tag in ("script", "style") else ""

    def handle_endtag(self, tag: str) -> None:
        self.open = ""

    def handle_data(self, data: str) -> None:
        self.text += "" if self.open else data


@pytest.fixture(scope="module")
def harmless() -> list[str]:
    """The elements of a page in which nothing is hostile."""
    return [tag for tag, _ in Reader(page.write(content([result("plain")]))).elements]


# --- What does no harm -----------------------------------------------------------------------------------


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_titles_names_and_labels_may_hold_anything(text: str, harmless: list[str]) -> None:
    hostile = result(text, dataset=text, seeds=[1])
    hostile["per_class"][0]["class"] = text
    sources = [{"name": text, "title": text, "citation": text, "doi": text, "licence": text}]
    seen = Reader(page.write(content([hostile], text, sources=sources)))
    assert text in seen.text
    # No element is there but those of the template, and no attribute that runs something.
    new = {"dd", "dt", "bdi", "wbr"}
    assert [tag for tag, _ in seen.elements if tag not in new] == [tag for tag in harmless if tag not in new]
    assert not [name for _, attributes in seen.elements for name in attributes if name.startswith("on")]


def test_the_page_asks_for_nothing() -> None:
    sent = ("src", "href", "data", "action", "poster", "srcset")
    elements = Reader(page.write(content([result()]))).elements
    addresses = [value for _, attributes in elements for name, value in attributes.items() if name in sent]
    assert [address for address in addresses if re.match(r"(https?:)?//", address or "")] == []
    (policy,) = [attributes["content"] for _, attributes in elements if "http-equiv" in attributes]
    assert policy.startswith("default-src 'none';")
    assert "http" not in policy


def test_the_same_results_give_the_same_bytes() -> None:
    assert page.write(content([result()])) == page.write(content([result()]))
    assert page.write(content([result()])) != page.write(content([result(mean=0.6)]))


# --- What it says ----------------------------------------------------------------------------------------


def test_the_page_tells_figures_items_sources_and_how_to_build_it_again() -> None:
    source = {"name": "DEMO", "title": "A small world", "citation": "Somebody 1999", "licence": "MIT"}
    text = Reader(page.write(content([result()], sources=[source], command="snakemake --cores all mine"))).text
    told = re.sub(r"\s+", " ", text)
    for expected in ("0.500 ± 0.100", "[0.250, 0.750]", "3 missing, 1 undecodable", "2 silent", "Somebody 1999", "MIT",
                     "snakemake --cores all mine", "numpy 2"):  # fmt: skip
        assert expected in told


def test_the_page_tells_how_to_cite_and_whether_sound_is_within_it() -> None:
    citations = page.citations_of(yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8")))
    assert citations[0] == "The Tartarus developers. Tartarus. Version 1.0.0."
    shown = {"models": {}, "items": {}}
    for embed, said in ((True, "are within this page."), (False, "are read from where they lie beside this page.")):
        text = Reader(page.write(content([result()], shown=shown, embed=embed, citations=citations))).text
        assert f"Sound and pictures {said}" in text
        assert all(citation in text for citation in citations)
    assert "Transactions of the International Society for Music Information Retrieval. 2018. 10.5334" in citations[3]


def test_the_table_alone_has_the_same_lines() -> None:
    html = page.write_table(content([result("net"), plain("svm", 0.7)]))
    assert "vegaEmbed = vegaEmbed" not in html
    assert len(html) < 100_000
    rows = [attributes for tag, attributes in Reader(html).elements if tag == "th" and attributes.get("scope") == "row"]
    assert [row["data-value"] for row in rows] == ["net", "svm"]


def test_of_raw_files_that_were_lost_the_first_are_told(tmp_path: Path) -> None:
    path = tmp_path / "tracks.tsv"
    lines = ["id\tstatus\tdetail", "a\tok\t", *(f"b{number}\tmissing\tno file" for number in range(60))]
    path.write_text("\n".join(lines), encoding="utf-8")
    (told,) = page.statuses([str(path)])
    assert (told["count"], len(told["rows"]), told["more"]) == (60, 50, 10)
    assert told["rows"][0] == {"id": "b0", "status": "missing", "detail": "no file"}
    text = Reader(page.write(content([result()], told=[told]))).text
    assert "10 more in the file." in text
    (tmp_path / "fine.tsv").write_text("id\tstatus\na\tok\n", encoding="utf-8")
    assert page.statuses([str(tmp_path / "fine.tsv")]) == []


def test_a_picture_is_within_the_page(tmp_path: Path) -> None:
    (tmp_path / "spectrograms_DEMO.png").write_bytes(b"\x89PNG")
    elements = Reader(page.write(content([result()], pictures=[tmp_path / "spectrograms_DEMO.png"]))).elements
    (image,) = [attributes for tag, attributes in elements if tag == "img"]
    assert base64.b64decode(str(image["src"]).removeprefix("data:image/png;base64,")) == b"\x89PNG"
    assert image["alt"] == "The spectrogram of one training track of each class of DEMO."


def test_a_large_family_stays_small() -> None:
    # 250 classes, 12 networks with 3 seeds of 100 epochs.
    results, drawn = [], {}
    for number in range(12):
        one = result(f"network-{number}", number / 20, seeds=[1, 2, 3])
        one["per_class"] = [
            {"class": f"class {place}", "support": place, "precision": 0.123456, "recall": 0.654321, "f1": 0.5}
            for place in range(250)
        ]
        results.append(one)
        rows = [{"epoch": epoch, "loss": 0.123456789, "val_loss": 0.987654321} for epoch in range(100)]
        drawn[f"learning_{number}"] = model_charts.learning_curves({f"seed {seed}": rows for seed in range(3)}, "x")
    by_class = family_charts.classes(results, "Classes")
    assert isinstance(by_class, charts.Chart)
    whole = page.content("Large", results, tabulate.rows(results), drawn={**drawn, "classes": by_class})
    assert len(page.write(whole).encode()) < 5_000_000


def test_what_no_panel_shows_is_not_on_the_page() -> None:
    rows = [{"name": "drawn", "shown": True}, {"name": "only in the table", "shown": False}]
    drawn = {"confusion_x": charts.Chart("Confusion", "", rows, [{"mark": "rect"}])}
    html = page.write(page.content("Small", [result()], tabulate.rows([result()]), drawn=drawn))
    assert '"name":"drawn"' in html
    assert "only in the table" not in html
