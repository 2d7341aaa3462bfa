"""Datasets by the loaders of mirdata [1]_: their items as a table, their files checked, their citation and licence.

The files lie in the dataset's folder, as the loader wants them. mirdata is no requirement of Tartarus: it is imported
only here, and only when a table is made.

.. [1] Bittner, Fuentes, Rubinstein, Jansson, Choi, Kell: mirdata: Software for reproducible usage of datasets.
   ISMIR 2019
"""

import os
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tartarus.base.documents import read_json
from tartarus.base.errors import TartarusError, suggestion
from tartarus.base.files import write_json
from tartarus.base.lists import shortened
from tartarus.base.logs import log
from tartarus.items.tables import write_rows
from tartarus.plan import names
from tartarus.plan.kinds import SETS

# What the YAML of such a dataset says of how its table is made.
OPTIONS = ("attributes", "index", "loader", "sets", "version")
_FILES = ("audio", "image", "text")
_PATHS = {"audio": "audio_path"}  # where the YAML does not say which attribute it is

Section = Mapping[str, Any]


def options_of(section: Section) -> dict[str, Any]:
    """Take from a dataset's section what its table is made with."""
    return {key: section[key] for key in OPTIONS if key in section}


def refuse_unmade(dataset: str, section: Section) -> None:
    """Stop if the table of a dataset is not made yet, or was made with other options.

    Jobs are planned with the table: it has to be there before.

    Raises
    ------
    TartarusError
        With the command that makes it.
    """
    table, source = names.ITEMS.format(dataset=dataset), names.SOURCE.format(dataset=dataset)
    remedy = f"make it first: snakemake --cores 1 {table}"
    if not Path(table).is_file() or not Path(source).is_file():
        raise TartarusError(f"{table}: not made yet by mirdata's loader {section['loader']}; {remedy}")
    found = read_json(source, what="what mirdata told", remedy=remedy)
    if not isinstance(found, dict) or found.get("made_with") != options_of(section):
        raise TartarusError(f"{table}: made with other options than config/datasets/{dataset}.yaml says; {remedy}")


def load(folder: str | Path, *, loader: str, version: str = "default", index: str | None = None) -> Any:
    """Open a dataset in a folder.

    Parameters
    ----------
    folder : str or Path
        Where its files are.
    loader, version : str
        As mirdata calls them.
    index : str, optional
        The loader's list of files and their checksums, relative to the folder; else the loader's own, which mirdata
        fetches once.

    Raises
    ------
    TartarusError
        If mirdata is not installed, knows no such loader or version, or has no index.
    """
    try:
        import mirdata
    except ImportError as error:
        raise TartarusError(
            f"{folder}: mirdata is not installed ({error}); .venv/bin/pip install -r requirements-mirdata.lock, or "
            f"snakemake with --sdm conda"
        ) from error
    if loader not in mirdata.list_datasets():
        raise TartarusError(
            f"{folder}: mirdata has no loader '{loader}'; {suggestion(loader, mirdata.list_datasets())}"
        )
    try:
        dataset = mirdata.initialize(loader, data_home=str(folder), version=version)
    except ValueError as error:
        raise TartarusError(f"{folder}: mirdata's loader {loader}: {error}; correct version in the YAML") from error
    if index is not None:
        dataset.index_path = str(Path(folder) / index)
    if not Path(dataset.index_path).is_file():
        if index is not None:
            raise TartarusError(f"{dataset.index_path}: not found; put the index of {loader} there, or delete index")
        log.info("fetching the index of %s", loader)
        try:
            dataset.download(partial_download=["index"])
        except Exception as error:  # whatever its client raises where there is no network
            raise TartarusError(
                f"{folder}: the index of {loader} cannot be fetched ({error}); name a file of yours in the YAML: index"
            ) from error
    return dataset


def make(folder: str | Path, table: str | Path, source: str | Path, *, options: Section) -> None:
    """Make the table of a dataset, and write down where it is from.

    Parameters
    ----------
    folder : str or Path
        Where the dataset's files are.
    table, source : str or Path
        The files to write: items.tsv, and a JSON of citation, licence, versions, and how many files are missing.
    options : mapping
        As in the dataset's YAML: see `load`; `attributes`, column to the attribute of a track; `sets`, what the
        loader calls a set to train, val or test.

    Raises
    ------
    TartarusError
        See `load`, `check` and `rows`.
    """
    dataset = load(folder, **{key: options[key] for key in ("index", "loader", "version") if key in options})
    missing = check(dataset, folder)
    write_rows(table, rows(dataset, folder, attributes=options["attributes"], sets=options.get("sets", {})))
    write_json(
        source,
        {
            "made_with": dict(options),
            "loader": dataset.name,
            "version": dataset.version,
            "mirdata": version("mirdata"),
            "citation": dataset.bibtex,
            "licence": dataset._license_info,  # mirdata only prints it
            "missing": len(missing),
        },
    )


def check(dataset: Any, folder: str | Path) -> list[str]:
    """Let the loader check all files against the checksums of its index.

    Returns
    -------
    list of str
        The files that are missing, which may be: their items are counted by those who read them.

    Raises
    ------
    TartarusError
        If a file is another than the one of the index.
    """
    missing, invalid = ({*_told(found)} for found in dataset.validate(verbose=False))
    if invalid:
        raise TartarusError(
            f"{folder}: {len(invalid)} of the files are others than those of mirdata's loader {dataset.name}: "
            f"{', '.join(shortened(sorted(invalid)))}; put the right ones there"
        )
    log.info("%s: %d files are missing: %s", dataset.name, len(missing), ", ".join(shortened(sorted(missing))))
    return sorted(missing)


def _told(found: Any) -> list[str]:
    """Flatten what mirdata tells: paths by tracks, by kinds."""
    if isinstance(found, Mapping):
        return [path for inner in found.values() for path in _told(inner)]
    return [str(path) for path in found]


def rows(
    dataset: Any, folder: str | Path, *, attributes: Mapping[str, str], sets: Mapping[str, str]
) -> list[dict[str, str]]:
    """Make the rows of the table of items.

    Parameters
    ----------
    dataset : mirdata.core.Dataset
        The dataset.
    folder : str or Path
        Where its files are.
    attributes : mapping
        Column to the attribute of a track: ``{"labels": "genre", "group": "artist"}``. The sound is `audio_path`,
        if nothing else is said.
    sets : mapping
        What the loader calls a set to train, val or test.

    Returns
    -------
    list of dict
        Sorted by id.

    Raises
    ------
    TartarusError
        If a track has no such attribute, or its value cannot stand in that column.
    """
    wanted = {**_PATHS, **attributes}
    found = []
    for id_ in sorted(dataset.track_ids):
        track = dataset.track(id_)
        row = {"id": id_}
        for column, attribute in wanted.items():
            where = f"{dataset.name}: track '{id_}': {attribute}"
            if not hasattr(track, attribute):
                known = [name for name in dir(track) if not name.startswith("_")]
                raise TartarusError(f"{where}: no such attribute; {suggestion(attribute, known)}")
            row[column] = _cell(column, getattr(track, attribute), folder, sets, where)
        found.append(row)
    if not found:
        raise TartarusError(f"{folder}: mirdata's loader {dataset.name} has no tracks; choose another version")
    return found


def _cell(column: str, value: Any, folder: str | Path, sets: Mapping[str, str], where: str) -> str:
    if value is None:
        return ""
    if column in _FILES:
        path = os.path.relpath(str(value), folder)
        if path.startswith(".."):
            raise TartarusError(f"{where}: {value} is outside the folder {folder}; put it there")
        return path
    words = [value] if isinstance(value, str | int) else value
    if not isinstance(words, Sequence) or not all(isinstance(word, str | int) for word in words):
        raise TartarusError(f"{where}: found {value!r:.60}, expected words; choose another attribute")
    texts = [str(word).strip() for word in words if str(word).strip()]
    if column == "labels":
        for text in texts:
            if "|" in text:
                raise TartarusError(
                    f"{where}: the label {text!r} has a '|', which parts labels; choose another attribute"
                )
        return "|".join(dict.fromkeys(texts))
    if len(texts) > 1:
        raise TartarusError(f"{where}: found {len(texts)} words, expected one; choose another attribute")
    text = "".join(texts)
    if column == "set" and sets.get(text, text) not in SETS:
        raise TartarusError(f"{where}: '{text}' is no set; write under sets: which of {', '.join(SETS)} it is")
    return sets.get(text, text) if column == "set" else text
