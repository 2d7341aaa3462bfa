"""Trained models put to use; for programs of one's own, `use.load("data/models/...")`."""

from typing import Any


def load(path: Any, **options: Any) -> Any:
    """Read a trained model with all that leads to it; see `tartarus.use.library.load`."""
    import importlib

    # By its name, so that who imports another module of this package need not wait for this one.
    return importlib.import_module("tartarus.use.library").load(path, **options)
