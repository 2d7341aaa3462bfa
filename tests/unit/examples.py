"""A result file as it should be."""

from typing import Any

RESULT: dict[str, Any] = {
    "family": "demo",
    "experiment": "dummy_multimodal",
    "settings": ["audio", "bow"],
    "dataset": "DEMO",
    "task": "multiclass",
    "items": {"train": 70, "val": 24, "test": 46, "left_out": {"missing": 3, "undecodable": 1}, "noted": {"silent": 2}},
    "classes": 4,
    "parameters": 1234567,
    "seeds": [1, 2],
    "measures": {
        "accuracy": {"mean": 0.75, "sd": 0.05, "ci95": [0.625, 0.875], "per_seed": [0.7, 0.8], "published": 0.8},
        "f1_macro": {"mean": 0.5, "sd": None, "ci95": [0.25, 0.75], "per_seed": [0.5]},
    },
    "per_class": [{"class": "rock", "support": 10, "precision": 1.0, "recall": 0.5, "f1": None}],
    "undefined_classes": 0,
    "confusion": [[1, 0], [0, 1]],
    "provenance": {"settings": {}, "inputs": {"a": "0" * 64}, "versions": {"numpy": "2"}, "code": "abc"},
}
