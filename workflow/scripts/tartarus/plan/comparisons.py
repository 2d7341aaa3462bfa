"""What is compared with what: families of this configuration, and folders of results that were made elsewhere."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tartarus.base.errors import TartarusError
from tartarus.plan import names
from tartarus.plan.request import Request


@dataclass(frozen=True)
class Side:
    """One side of a comparison.

    Attributes
    ----------
    name : str
        The family, or the folder as it was given.
    results : list of str
        Result files.
    samples : list of str
        Those that there are of the files with the bootstrap samples of the results.
    """

    name: str
    results: list[str]
    samples: list[str]


def sides(
    entries: Sequence[str] | str, families: Sequence[str], built: Callable[[str], Sequence[Request]]
) -> list[Side]:
    """Tell what is compared.

    Parameters
    ----------
    entries : sequence of str, or str
        Names of families, or folders ``.../results/<family>``; in one text, parted by commas. The first is what the
        others are compared with.
    families : sequence of str
        Those of the configuration.
    built : callable
        Gives the requests of a family that can be built.

    Raises
    ------
    TartarusError
        If there are fewer than two, or one is neither a family nor a folder of results.
    """
    wanted = [entry.strip() for entry in entries.split(",")] if isinstance(entries, str) else list(entries)
    if len(wanted) < 2 or len(set(wanted)) < len(wanted):
        raise TartarusError(
            f"compare: {', '.join(wanted) or 'nothing'}; write at least two families or folders of results, none "
            f"twice: --config compare=demo,/elsewhere/results/demo"
        )
    return [_family(entry, built(entry)) if entry in families else _folder(entry, families) for entry in wanted]


def _family(name: str, requests: Sequence[Request]) -> Side:
    samples = [names.SAMPLES.format(family=name, model=request.name) for request in requests]
    return Side(name, [request.result() for request in requests], samples)


def _folder(entry: str, families: Sequence[str]) -> Side:
    folder = Path(entry)
    results = sorted(folder.glob("*.json"))
    if not results:
        raise TartarusError(
            f"compare: {entry}: neither a family nor a folder with result files; the families are "
            f"{', '.join(families)}; a folder is written with its path, such as ../before/results/demo"
        )
    # Where a run has put them beside its results: <somewhere>/results/<family>, <somewhere>/data/predictions/<family>.
    beside = folder.resolve().parents[1] / "data/predictions" / folder.resolve().name
    samples = [beside / path.stem / "bootstrap.npz" for path in results]
    return Side(entry, [str(path) for path in results], [str(path) for path in samples if path.is_file()])
