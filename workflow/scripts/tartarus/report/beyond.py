"""How tables tell the differences to the best plain method."""

from collections.abc import Mapping

from tartarus.evaluation.differences import Difference

# Name of a result to its differences, by measure.
Differences = Mapping[str, Mapping[str, Difference]]

COLUMNS = ("best_reference", "beyond_reference", "beyond_ci95_low", "beyond_ci95_high")
TITLE = "beyond reference"
# The measure whose differences a page shows: the first of these that it has; table.tsv has all.
LEADING = ("accuracy", "roc_auc")


def leading(differences: Differences) -> str | None:
    """Choose the measure whose differences are shown; None if there are none."""
    known = {measure for its in differences.values() for measure in its}
    return next((measure for measure in LEADING if measure in known), None)


def cells(found: Difference | None) -> dict[str, str]:
    """Write the cells of a row of table.tsv."""
    if found is None:
        return {}
    low, high = (f"{value:.4f}" for value in found.ci95) if found.ci95 else ("", "")
    return dict(zip(COLUMNS, (found.reference, f"{found.mean:.4f}", low, high), strict=True))


def cell(found: Difference | None) -> str:
    """Write a cell of a page: +0.034 [-0.010, 0.070]."""
    if found is None:
        return ""
    interval = " [{:.3f}, {:.3f}]".format(*found.ci95) if found.ci95 else ""
    return f"{found.mean:+.3f}{interval}"


def note(differences: Differences) -> list[str]:
    """Explain the column of a page; nothing if there is none."""
    measure = leading(differences)
    if measure is None:
        return []
    best = sorted({its[measure].reference for its in differences.values() if measure in its})
    unpaired = any(its[measure].ci95 is None for its in differences.values() if measure in its)
    return [
        f"{TITLE.capitalize()}: {measure} minus that of the best plain method ({', '.join(best)}) [95 % bootstrap "
        f"interval of the paired difference: both are measured on the same draws of test items or users"
        f"{'; none where the two have other test items' if unpaired else ''}].",
    ]
