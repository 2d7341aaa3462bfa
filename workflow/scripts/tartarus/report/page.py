"""The page of a family: all of its results in one file that needs no network, for people who look, listen and compare.

What is filled into the page is escaped: titles, ids and labels may hold anything. The same results give the same bytes.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from tartarus.items import tables
from tartarus.items.statuses import UNPLAYED
from tartarus.plan.schemas import Section
from tartarus.report import charts, page_table, templates
from tartarus.report.naming import Result, name_of

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
    measures, bodies = page_table.arranged(results, rows)
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
        "not_made": [(line["name"], line["note"]) for line in dict(bodies).get(page_table.NOT_MADE, ())],
        "pictures": [{"alt": _seen(path), "data": templates.embedded(path)} for path in pictures],
        "sources": sources,
        "published_sources": sorted({its["published_source"] for its in results if "published_source" in its}),
        "versions": ", ".join(f"{name} {number}" for name, number in sorted(versions.items())),
        "provenance": [_provenance(result) for result in results],
        "command": command,
        "embed": embed,
        "citations": citations,
        "maps": maps,
        "shown": shown,
        "shown_models": [name for name in map(name_of, results) if name in (shown or {}).get("models", {})],
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
    return templates.fill("index.html", page, data=templates.in_script(data), bundle=templates.scripts_of_vega())


def write_table(page: Section) -> str:
    """Write the table alone, as a page of its own."""
    return templates.fill("index.html", page, only_table=True)


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
    return {"name": name_of(result), **{set_: counts[set_] for set_ in ("train", "val", "test")}, **told}


def _provenance(result: Result) -> Section:
    from_ = result["provenance"]
    return {
        "name": name_of(result),
        "seeds": ", ".join(map(str, result["seeds"])),
        "code": from_["code"],
        "settings": json.dumps(from_["settings"], indent=1, sort_keys=True, ensure_ascii=False),
        "inputs": len(from_["inputs"]),
    }
