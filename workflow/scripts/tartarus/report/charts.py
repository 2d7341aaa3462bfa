"""Charts, described in Vega-Lite: one description is drawn on a page, where it tells what is pointed at, and as files.

The same data give the same bytes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import vl_convert
from tartarus.base import files
from tartarus.base.documents import read_json
from tartarus.base.errors import REMEDY, telling_damage
from tartarus.items import tables

Row = Mapping[str, Any]
Spec = dict[str, Any]

# Okabe and Ito's colours, which the colour-blind tell apart too; their black and yellow are lost on one background.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#8C8C8C")
PUBLISHED = "#D55E00"
# Text and lines have the colour of what is around them: black in files, light on a dark page.
_INK = {f"{part}Color": "currentColor" for part in ("label", "title", "domain", "tick")}
CONFIG: Spec = {
    "font": "sans-serif",
    "view": {"stroke": None},
    "axis": {**_INK, "grid": True, "gridColor": "currentColor", "gridOpacity": 0.12, "labelFontSize": 12},
    "axisY": {"labelLimit": 320},
    "legend": {"labelColor": "currentColor", "titleColor": "currentColor", "orient": "bottom", "labelLimit": 320},
    "title": {"color": "currentColor", "subtitleColor": "currentColor", "anchor": "start", "fontSize": 13},
    "range": {"category": list(COLOURS)},
}
_BESIDE = 3  # panels in a row of a picture
_WIDTH = 300  # pixels of a panel in a picture


@dataclass(frozen=True)
class Chart:
    """What is drawn, and the numbers that it is drawn from.

    Attributes
    ----------
    title : str
        What it is of.
    description : str
        What is seen, for who cannot see it too.
    rows : sequence of mapping
        Its numbers, all with the same keys: what the table beside the picture holds.
    panels : list of dict
        Vega-Lite of every panel, without data, width and configuration.
    params : list of dict
        What can be chosen on a page; a picture shows what is chosen at first.
    """

    title: str
    description: str
    rows: Sequence[Row]
    panels: list[Spec]
    params: list[Spec] = field(default_factory=list)


def save(chart: Chart, *, png: str | Path, svg: str | Path, tsv: str | Path, spec: str | Path) -> None:
    """Write a chart as two pictures, the table of its numbers, and the description that a page draws it from."""
    whole = picture(chart)
    with files.replacing(png) as part:
        part.write_bytes(vl_convert.vegalite_to_png(whole, scale=2))
    files.write_text(svg, vl_convert.vegalite_to_svg(whole))
    tables.write_rows(tsv, chart.rows, columns=list(chart.rows[0]) if chart.rows else ["nothing"])
    files.write_json(spec, asdict(chart))


def read(path: str | Path) -> Chart:
    """Read the description of a chart; TartarusError if it is damaged."""
    content = read_json(path, what="a chart", remedy=REMEDY)
    with telling_damage(Path(path), "no chart", REMEDY):
        return Chart(**content)


def picture(chart: Chart) -> Spec:
    """Write the Vega-Lite of a picture: all panels beside each other, black on white."""
    panels = [{"width": _WIDTH, **panel} for panel in chart.panels]
    return {
        "title": {"text": chart.title, "fontSize": 16, "offset": 14},
        "background": "white",
        "padding": 10,
        "config": CONFIG,
        "data": {"values": chart.rows},
        **({"params": chart.params} if chart.params else {}),
        "concat": panels,
        "columns": _BESIDE,
    }


def only(**values: Any) -> list[Spec]:
    """Keep the rows in which these fields have these values, or one of a list of values."""
    return [
        {"filter": {"field": name, "oneOf" if isinstance(value, list) else "equal": value}}
        for name, value in values.items()
    ]


def tooltip(*fields: str) -> list[Spec]:
    """Tell these fields of what is pointed at; numbers with three decimals."""
    return [
        {"field": name.rstrip("#"), **({"type": "quantitative", "format": ".3f"} if name.endswith("#") else {})}
        for name in fields
    ]


def in_order(values: Sequence[str]) -> Spec:
    """Keep values on a scale in this order."""
    return {"domain": list(values)}
