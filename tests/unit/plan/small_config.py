"""A configuration of one family on one dataset, as the tests of configurations change it."""

import copy
from typing import Any

import yaml

from tests.paths import SHIPPED

VALUES: dict[str, Any] = {
    "mirror": None,
    "fetch": {"plain_http": False, "gigabytes": 1, "hours": 24},
    "archives": {"api": "https://example.org/api", "unpack": {"gigabytes": 1, "files": 10, "ratio": 5}},
    "default_family": "first",
    "seed": 1,
    "bootstrap": {"samples": 10, "by": "group"},
    "tags": {"trim": 0.15, "hop": 0.5, "top": 5, "threshold": "learned", "timeline": False},
    "max_missing": 0.05,
    "device": "cpu",
    "tensorboard": False,
    "compare": [],
    **{
        key: yaml.safe_load((SHIPPED / "config.yaml").read_text())[key]
        for key in (
            "resources",
            "listeners",
            "neighbours",
            "report",
            "deform",
            "audio",
            "patches",
            "pictures",
            "bow",
            "sem",
            "w2v",
            "pretrained",
            "plays",
            "als",
        )
    },
    "experiment": {
        "seeds": [1, 2],
        "seeds_per_job": 2,
        "threads": 1,
        "precision": "float32",
        "fact": "class",
        "validation": "file",
        "optimizer": {"name": "adam", "learning_rate": 0.001},
        "batch_size": 32,
        "epochs": 100,
        "patience": 4,
    },
}
DATASET: dict[str, Any] = {
    "title": "Songs",
    "kind": "table",
    "task": "multiclass",
    "settings": {"bow": "bow"},
    "bow": {"words": 50},
}
BASE: dict[str, Any] = {
    "dataset": "SONGS",
    "inputs": ["bow"],
    "dim": 3,
    "output": "softmax",
    "loss": "categorical_crossentropy",
    "network": {"name": "mlp", "dense": [8], "dropout": 0.5},
}
ARCHIVE: dict[str, Any] = {
    "title": "Songs",
    "kind": "archive",
    "citation": "Somebody",
    "doi": "10.5281/zenodo.1",
    "licence": "CC0",
    "holds": "songs",
    "records": [1],
    "datasets": {"SONGS": {"task": "multilabel", "classes": 5, "settings": {"bow": "bow"}}},
}


def changed(base: dict[str, Any], *place: str, **own: Any) -> dict[str, Any]:
    """Copy a mapping and add keys at a place within."""
    result = copy.deepcopy(base)
    inner = result
    for key in place:
        inner = inner[key]
    inner.update(own)
    return result
