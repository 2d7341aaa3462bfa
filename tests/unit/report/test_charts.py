"""Charts as files: pictures, numbers and descriptions; the same bytes for the same data."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from tartarus.base.errors import TartarusError
from tartarus.items import tables
from tartarus.report import charts

HOSTILE = '</script><script>alert("x")</script> & \u202eright to left\u202c \u2028'


def chart(name: str = "a", value: float = 1.0) -> charts.Chart:
    rows = [{"name": name, "value": value}, {"name": "b", "value": 2.0}]
    encoding = {
        "x": {"field": "value", "type": "quantitative"},
        "y": {"field": "name", "type": "nominal"},
        "tooltip": charts.tooltip("name", "value#"),
    }
    return charts.Chart("Names", "Two bars.", rows, [{"mark": "bar", "encoding": encoding}])


def saved(folder: Path, what: charts.Chart) -> dict[str, Path]:
    folder.mkdir()
    paths = {kind: folder / f"x.{kind}" for kind in ("png", "svg", "tsv", "spec")}
    charts.save(what, **paths)
    return paths


def test_a_chart_is_written_as_two_pictures_a_table_and_what_a_page_draws(tmp_path: Path) -> None:
    paths = saved(tmp_path / "one", chart())
    assert paths["png"].read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    texts = [element.text for element in ET.parse(paths["svg"]).iter() if element.tag.endswith("text")]  # noqa: S314
    assert {"Names", "a", "b"} <= set(texts)
    assert tables.read_rows(paths["tsv"]) == [{"name": "a", "value": "1.0"}, {"name": "b", "value": "2.0"}]
    assert charts.read(paths["spec"]) == chart()


def test_the_same_data_give_the_same_bytes_and_others_others(tmp_path: Path) -> None:
    one, two, other = (saved(tmp_path / str(number), chart(value=3.0 + (number == 2))) for number in range(3))
    for kind, path in one.items():
        assert path.read_bytes() == two[kind].read_bytes() != other[kind].read_bytes(), kind


def test_names_may_hold_anything(tmp_path: Path) -> None:
    paths = saved(tmp_path / "one", chart(HOSTILE + "x" * 300))
    tree = ET.parse(paths["svg"])  # noqa: S314 (well-formed)
    assert not [element for element in tree.iter() if element.tag.endswith("script")]
    assert charts.read(paths["spec"]).rows[0]["name"] == HOSTILE + "x" * 300


@pytest.mark.parametrize("text", ["{", json.dumps({"title": "x"}), json.dumps([1])])
def test_a_damaged_description_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text, encoding="utf-8")
    with pytest.raises(TartarusError, match=r"x\.json.*delete"):
        charts.read(tmp_path / "x.json")
