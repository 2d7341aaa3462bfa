"""Plain methods that a family gets without asking: whoever learns from sound sees what plain methods make of it.

A template brings them by `references`: `vectors` are what they learn from, `methods` which there are. Each method is an
experiment of its own, named after it, with a result for each of the vectors: ``svm-rbf_descriptors``. With `joined`
they learn from what the experiment itself learns from, all inputs joined: ``svm-rbf-fusion_audio_text``.
"""

from collections.abc import Mapping
from typing import Any

Section = dict[str, Any]

# What a plain method takes over from the experiment that brings it. How that one is trained does not concern it.
TAKEN_OVER = ("dataset", "features", "fact", "dim", "output", "loss", "validation", "evaluation", "threads")


def with_references(experiments: Mapping[str, Section], defaults: Section) -> dict[str, Section]:
    """Add the plain methods that the experiments of a family bring; what they bring is taken out of them.

    Parameters
    ----------
    experiments : mapping
        Name to what it says and inherits, in the order of the file.
    defaults : dict
        What every experiment starts from.

    Returns
    -------
    dict
        These, then the plain methods. One that several bring has the vectors of all of them. On a second dataset its
        name ends in that; of joined inputs, in the name of the experiment whose they are. What the family calls so
        itself stays as it is.
    """
    found = {name: {**options} for name, options in experiments.items()}
    brought: dict[str, Section] = {}
    first = ""
    for experiment, options in found.items():
        asked, dataset = options.pop("references", {}), str(options.get("dataset", ""))
        first = first or (dataset if asked else "")
        vectors = [[name] for name in asked.get("vectors", [])]
        for method in asked.get("methods", []) if vectors else []:
            name = method if dataset == first else f"{method}-{dataset}"
            if name not in found:
                entry = brought.setdefault(name, _entry(options, method, defaults, {"inputs": 1, "settings": []}))
                entry["settings"] += [each for each in vectors if each not in entry["settings"]]
        for method in asked.get("methods", []) if asked.get("joined") else []:
            name = f"{method}-{experiment}"
            if name not in found and method != "most-frequent":  # which looks at no input
                joined = {key: value for key, value in options.items() if key in ("inputs", "settings")}
                brought[name] = _entry(options, method, defaults, joined)
    return {**found, **brought}


def _entry(options: Section, method: str, defaults: Section, learns_from: Section) -> Section:
    """Describe a plain method on the dataset, and with the targets, of the experiment that brings it."""
    taken = {key: options[key] for key in TAKEN_OVER if key in options}
    network = {"name": "reference", "method": method}
    if "evaluation" in taken:  # it has no seeds whose scores have a mean
        taken["evaluation"] = {key: value for key, value in taken["evaluation"].items() if key != "ensemble"}
    return {**defaults, **taken, **learns_from, "network": network, "seeds": options["seeds"][:1]}


def is_brought(name: str, options: Section) -> bool:
    """Tell whether an experiment is a plain method named after itself: of these several families may have the same."""
    method = options["network"].get("method")
    return bool(method) and name in (method, f"{method}-{options['dataset']}")
