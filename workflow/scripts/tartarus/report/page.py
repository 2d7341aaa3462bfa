"""The page of a family: all of its results in one file that needs no network, for people who look, listen and compare.

What is filled into the page is escaped: titles, ids and labels may hold anything. The same results give the same bytes.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2
import vl_convert
from tartarus.evaluation.measures import NAMES
from tartarus.items import tables
from tartarus.items.statuses import UNPLAYED
from tartarus.plan.schemas import Section
from tartarus.report import charts, plots, tabulate

Result = Mapping[str, Any]

# The template, the style and the script of the page, beside the schemas.
FOLDER = Path(__file__).parents[3] / "page"
PARTS = {
    "results": "Results",
    "table": "Intervals",
    "classes": "Classes",
    "confusion": "Confusions",
    "precision-recall": "Precision and recall",
    "learning": "Learning curves",
    "listen": "Listen and look",
    "lists": "Lists",
    "maps": "Maps",
    "left-out": "Items",
    "made": "How it was made",
}
# Rows that are listed of each table of what became of raw files.
MOST_STATUSES = 50
# Kinds of charts, by how the names of their files begin.
KINDS = ("table", "classes", "confusion", "precision-recall", "learning")


def lines_of_table(results: Sequence[Result], rows: Sequence[Mapping[str, str]]) -> tuple[list[str], list[Any]]:
    """Arrange the rows of table.tsv for people.

    Parameters
    ----------
    results : sequence of dict
        Result files.
    rows : sequence of mapping
        Those of table.tsv.

    Returns
    -------
    measures : list of str
        The columns.
    bodies : list of (str, list of dict)
        The parts of the table, each with its title and its lines: networks, then what they are compared with. A line
        has `cells`, measure to figures, None where there is none.
    """
    made = tabulate.by_name(tabulate.with_ensembles(results), tabulate.with_ensembles(results))
    printed = {row["measure"] for row in rows if row["published"]}
    main = tabulate.measure_names(results, main=True)
    measures = [name for name in NAMES if name in printed or name in main]
    bodies: dict[str, dict[str, Section]] = {"Networks": {}, "Plain methods": {}, "To compare with": {}, "Not made": {}}
    for row in rows:
        name = "_".join(filter(None, (row["experiment"], row["settings"])))
        if name in made:
            body = "Plain methods" if plots.method_of(made[name]) == "plain method" else "Networks"
        else:
            body = "To compare with" if row["mean"] else "Not made"
        # Two lines of chance may be beside other results.
        key = name if name in made else f"{name} {row['note'] if body == 'To compare with' else ''}"
        line = bodies[body].setdefault(
            key,
            {
                "name": name,
                "dataset": row["dataset"],
                "parameters": _number(row["parameters"]),
                "tested": row["test_items"],
                "note": "" if name in made else row["note"],
                "cells": dict.fromkeys(measures),
            },
        )
        if row["measure"] in measures:
            line["cells"][row["measure"]] = _cell(row)
    _mark_best([*bodies["Networks"].values(), *bodies["Plain methods"].values()], measures)
    return measures, [(title, [*lines.values()]) for title, lines in bodies.items() if lines]


def _cell(row: Mapping[str, str]) -> Section:
    columns = {
        **{"mean": "mean", "sd": "sd", "low": "ci95_low", "high": "ci95_high", "published": "published"},
        **{"difference": "difference", "beyond": "beyond_reference", "beyond_low": "beyond_ci95_low"},
        "beyond_high": "beyond_ci95_high",
    }
    figures: Section = {name: _number(row[column]) for name, column in columns.items()}
    doubtful = bool(row["note"]) and figures["published"] is not None and figures["mean"] is not None
    return {**figures, "reference": row["best_reference"], "note": row["note"], "doubtful": doubtful, "best": False}


def _mark_best(lines: Sequence[Section], measures: Sequence[str]) -> None:
    for measure in measures:
        lowest = measure.startswith("median_rank")
        for dataset in {line["dataset"] for line in lines}:
            cells = [line["cells"][measure] for line in lines if line["dataset"] == dataset]
            found = [cell["mean"] for cell in cells if cell and cell["mean"] is not None]
            if len(found) > 1:
                best = min(found) if lowest else max(found)
                for cell in cells:
                    if cell and cell["mean"] == best:
                        cell["best"] = True


def statuses(paths: Sequence[str]) -> list[Section]:
    """Tell what became of raw files, but for those of which there is nothing to tell: the first rows of each table."""
    found = []
    for path in paths:
        odd = [row for row in tables.read_rows(path, columns=("id", "status")) if row["status"] not in ("ok", UNPLAYED)]
        if odd:
            shown = [{"detail": "", **row} for row in odd[:MOST_STATUSES]]
            found.append({"path": path, "count": len(odd), "rows": shown, "more": len(odd) - len(shown)})
    return found


def content(
    title: str,
    results: Sequence[Result],
    rows: Sequence[Mapping[str, str]],
    *,
    drawn: Mapping[str, charts.Chart],
    pictures: Sequence[str | Path] = (),
    sources: Sequence[Section] = (),
    told: Sequence[Section] = (),
    shown: Section | None = None,
    lists: Section | None = None,
    maps: Sequence[str] = (),
    command: str = "",
    embed: bool = False,
    citations: Sequence[str] = (),
) -> Section:
    """Arrange what the page says.

    Parameters
    ----------
    title : str
        Of the family.
    results : sequence of dict
        Result files, in the order of the table.
    rows : sequence of mapping
        Those of table.tsv.
    drawn : mapping
        Name of a figure (``confusion_<model>``) to its chart.
    pictures : sequence of str, optional
        Paths of PNG files: pictures that are no charts.
    sources : sequence of dict, optional
        Of each dataset `name`, `title` and, as far as they are known, `citation`, `doi` and `licence`.
    told : sequence of dict, optional
        Of `statuses`.
    shown : dict, optional
        What can be listened to and looked at, as `tartarus.report.shown_items` gives it.
    lists : dict, optional
        Name of a model to what it recommends.
    maps : sequence of str, optional
        The names of pages of maps, in the folder of figures.
    command : str
        What builds all of it again.
    embed : bool
        Whether sound and covers are within the page.
    citations : sequence of str, optional
        How to cite the software, as `citations_of` gives it.
    """
    measures, bodies = lines_of_table(results, rows)
    by_kind = {kind: [name for name in drawn if name.split("_")[0] == kind] for kind in KINDS}
    has = {**by_kind, "listen": shown, "lists": lists, "maps": maps, "results": True, "left-out": True, "made": True}
    datasets = list(dict.fromkeys(result["dataset"] for result in results))
    versions = {name: number for result in results for name, number in result["provenance"]["versions"].items()}
    return {
        "title": title,
        "family": results[0]["family"],
        "asked": _asked(results, datasets),
        "measures": measures,
        "bodies": bodies,
        "parts": [(key, name) for key, name in PARTS.items() if has[key]],
        "charts": by_kind,
        "descriptions": drawn,
        "counts": [_counts(result) for result in results],
        "statuses": told,
        "not_made": _not_made(rows, set(map(tabulate.name_of, tabulate.with_ensembles(results)))),
        "pictures": [{"alt": _seen(path), "data": embedded(path)} for path in pictures],
        "sources": sources,
        "published_sources": sorted({its["published_source"] for its in results if "published_source" in its}),
        "versions": ", ".join(f"{name} {number}" for name, number in sorted(versions.items())),
        "provenance": [_provenance(result) for result in results],
        "command": command,
        "embed": embed,
        "citations": citations,
        "maps": maps,
        "shown": shown,
        "shown_models": list((shown or {}).get("models", {})),
        "lists": lists,
        "list_models": list(lists or {}),
    }


def citations_of(cff: Section) -> list[str]:
    """Write the citations of a CITATION.cff: of the software, then of each reference."""
    return [_citation(one) for one in (cff, *cff.get("references", ()))]


def _citation(one: Section) -> str:
    authors = [author.get("name") or f"{author['given-names']} {author['family-names']}" for author in one["authors"]]
    where = one.get("journal") or one.get("collection-title")
    version = f"Version {one['version']}" if "version" in one else ""
    parts = [", ".join(authors), one["title"], where, version, str(one.get("year", "")), one.get("doi")]
    return ". ".join(part for part in parts if part) + "."


def write(page: Section) -> str:
    """Write the page as HTML."""
    data = {
        # What no panel shows is in the table beside the picture.
        "charts": {
            name: {**asdict(chart), "rows": [row for row in chart.rows if row.get("shown", True)]}
            for name, chart in page["descriptions"].items()
        },
        "config": charts.CONFIG,
        "shown": page["shown"],
        "lists": page["lists"],
    }
    return fill("index.html", page, data=in_script(data), bundle=_scripts_of_vega())


def write_table(page: Section) -> str:
    """Write the table alone, as a page of its own."""
    return fill("index.html", page, only_table=True)


def in_script(value: Any) -> str:
    """Write values as JSON that may stand within a script element: nothing in it ends the element or a line."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def embedded(path: str | Path) -> str:
    """Write a PNG as the address of an image that holds it."""
    return f"data:image/png;base64,{base64.b64encode(Path(path).read_bytes()).decode()}"


@cache
def _scripts_of_vega() -> str:
    """Bundle the scripts that draw charts; within a script element, nothing may look like its end."""
    bundle = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    return bundle.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def fill(template: str, page: Section, **more: Any) -> str:
    """Fill a template of the folder with what its page says, with the style and the script that all share."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {
        "short": tabulate.short,
        "signed": lambda value: f"{value:+.3f}",
        "thousands": lambda value: "" if value is None else f"{value:,.0f}".replace(",", "\N{NARROW NO-BREAK SPACE}"),
        "link": quote,
    }
    parts = {
        name: (FOLDER / f"page.{kind}").read_text(encoding="utf-8")
        for name, kind in (("style", "css"), ("script", "js"))
    }
    defaults: Section = {"only_table": False, "data": "", "bundle": ""}
    return environment.get_template(template).render(page=page, **{**defaults, **parts, **more})


def _seen(path: str | Path) -> str:
    """Tell what a picture shows, by the name of its file."""
    kind, _, of = Path(path).stem.partition("_")
    if kind == "spectrograms":
        return f"The spectrogram of one training track of each class of {of}."
    return "The rules that lead from raw files to the table, from left to right."


def _asked(results: Sequence[Result], datasets: Sequence[str]) -> str:
    parts = []
    for dataset in datasets:
        own = [result for result in results if result["dataset"] == dataset]
        tasks = ", ".join(dict.fromkeys(result["task"] for result in own))
        most = max(result["items"]["test"] for result in own)
        classes = max(result["classes"] for result in own)
        of = f", {classes} classes" if classes else ""
        parts.append(f"{dataset} ({tasks}{of}, {most} test items): {len(own)} result{'s' if len(own) > 1 else ''}")
    return "; ".join(parts) + "."


def _counts(result: Result) -> Section:
    counts = result["items"]
    told = {
        key: ", ".join(f"{count} {reason}" for reason, count in counts.get(key, {}).items()) or "none"
        for key in ("left_out", "noted")
    }
    return {"name": tabulate.name_of(result), **{set_: counts[set_] for set_ in ("train", "val", "test")}, **told}


def _not_made(rows: Sequence[Mapping[str, str]], made: set[str]) -> list[tuple[str, str]]:
    reasons = {}
    for row in rows:
        name = "_".join(filter(None, (row["experiment"], row["settings"])))
        if name not in made and not row["mean"]:
            reasons[name] = row["note"]
    return list(reasons.items())


def _provenance(result: Result) -> Section:
    from_ = result["provenance"]
    return {
        "name": tabulate.name_of(result),
        "seeds": ", ".join(map(str, result["seeds"])),
        "code": from_["code"],
        "settings": json.dumps(from_["settings"], indent=1, sort_keys=True, ensure_ascii=False),
        "inputs": len(from_["inputs"]),
    }


def _number(text: str) -> float | None:
    return float(text) if text else None
