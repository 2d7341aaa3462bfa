"""A file that an archive is to hold: what is known of it before it is seen."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Expected:
    """A file that an archive is to hold.

    Attributes
    ----------
    path : str
        Where it goes.
    kind : str
        A key of `tartarus.plan.archives.PATTERNS`.
    dataset : str
        Which dataset it is of.
    set : str
        train, val or test; empty if it is of all.
    columns : tuple of int
        The shape of a row, as far as it is known; empty if it is not. Of factors of classes, of all rows.
    values : str
        For targets: ``one`` (a single class), ``many`` (any number of classes), ``real``.
    """

    path: str
    kind: str
    dataset: str
    set: str = ""
    columns: tuple[int, ...] = ()
    values: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """List the names that it may have in the archive."""
        name = self.path.rsplit("/", 1)[1]
        return (name.removesuffix(".npz") + ".npy", name) if self.kind == "features" else (name,)
