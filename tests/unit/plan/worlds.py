"""Small configurations that tests ask about."""

from dataclasses import replace
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


def related(experiments: dict[str, dict[str, Any]], settings: dict[str, str] | None = None) -> config.Config:
    """Make a configuration of one family on SONGS, and datasets that are of it or of each other."""
    complete = {
        name: {"dataset": "SONGS", "seeds": [1], "fact": "class", "dim": 3, "validation": "file", **options}
        for name, options in experiments.items()
    }
    shared = {"kind": "table", "task": "multilabel", "audio": {"shards": 2}}
    songs = {**shared, "settings": settings or {"a": "bow", "b": "w2v", "c": "patches_1_15"}}
    known = {
        "SONGS": songs,
        "OTHERS": songs,
        "ALBUMS": {**songs, "albums_of": "SONGS"},
        "VIEW": {**songs, "kind": "view", "view_of": "SONGS"},
        "VIEW-OF-ALBUMS": {**songs, "kind": "view", "view_of": "ALBUMS"},
        "ALBUMS-OF-VIEW": {**songs, "albums_of": "VIEW"},
    }
    return config.Config({}, known, {}, {"family": {"title": "", "experiments": complete}}, {})


def folded() -> config.Config:
    """SONGS in two folds, and a fusion of the layer of one of its models with its own patches and vectors."""
    whole = related(
        {
            "text": {"inputs": ["a"], "output": "sigmoid"},
            "fusion": {"inputs": ["layer", "c", "own"], "output": "sigmoid"},
            "elsewhere": {"inputs": ["a"], "output": "sigmoid", "dataset": "OTHERS"},
        },
        {"a": "bow", "c": "patches_1_15", "own": "rhythm", "layer": "text-pred_dense1", "far": "elsewhere-pred_dense1"},
    )
    section = whole.datasets["SONGS"]
    folds = {f"SONGS.{k}": {**section, "kind": "fold", "fold_of": "SONGS", "fold": k} for k in (1, 2)}
    return replace(whole, datasets={**whole.datasets, "SONGS": {**section, "folds": 2}, **folds})
