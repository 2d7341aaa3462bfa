"""The table of a family's page."""

from tartarus.report import page_table, tabulate

from tests.unit.report.small_pages import plain, result


def test_plain_methods_and_what_there_is_to_compare_with_stand_apart() -> None:
    chance = result("ranked", 0.5)
    chance["measures"]["accuracy"]["chance"] = 0.1
    paper = {"source": "a paper", "rows": {"lacking": {"figures": {"accuracy": 0.9}, "not_built": "no sound"}}}
    results = [result("net", 0.6), plain("svm", 0.7), chance]
    measures, bodies = page_table.arranged(results, tabulate.rows(results, paper=paper))
    assert measures == ["accuracy"]
    assert [(title, [line["name"] for line in lines]) for title, lines in bodies] == [
        ("Networks", ["net", "ranked"]),
        ("Plain methods", ["svm"]),
        ("To compare with", ["chance"]),
        ("Not made", ["lacking"]),
    ]
    cells = {line["name"]: line["cells"]["accuracy"] for _, lines in bodies for line in lines}
    assert {name: cell["mean"] for name, cell in cells.items()} == {
        "net": 0.6, "ranked": 0.5, "svm": 0.7, "chance": 0.1, "lacking": None
    }  # fmt: skip
    assert [name for name, cell in cells.items() if cell["best"]] == ["svm"]
    assert cells["lacking"]["published"] == 0.9


def test_the_lowest_median_rank_is_the_best() -> None:
    results = [result("one"), result("two")]
    for number, one in enumerate(results):
        found = {"mean": 3.0 + number, "sd": None, "ci95": None, "per_seed": [3.0 + number]}
        one["measures"] = {"median_rank_first_to_second": found}
    _, ((_, lines),) = page_table.arranged(results, tabulate.rows(results))
    assert [line["cells"]["median_rank_first_to_second"]["best"] for line in lines] == [True, False]
