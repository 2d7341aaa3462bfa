"""Small configurations that tests ask about."""

from typing import Any

from tartarus.plan import config

WHOLE = {
    "network": {"name": "mlp"},
    "seeds": [1, 2, 3],
    "seeds_per_job": 3,
    "fact": "class",
    "dim": 3,
    "validation": "file",
    "inputs": 1,
}


def world(experiments: dict[str, dict[str, Any]], names: dict[str, str], **dataset: Any) -> config.Config:
    """Make a configuration of one family on one dataset of one's own."""
    complete = {name: {**WHOLE, "dataset": "SONGS", **options} for name, options in experiments.items()}
    songs = {"kind": "table", "task": "multiclass", "audio": {"shards": 1, "type": "cqt"}, "settings": names, **dataset}
    return config.Config({"seed": 1}, {"SONGS": songs}, {}, {"mine": {"title": "", "experiments": complete}}, {})
