"""The datasets of a configuration: those with a file, those that archives hold, views and folds; what cannot be."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from tartarus.base.errors import TartarusError, suggestion
from tartarus.plan.inheritance import merged
from tartarus.plan.kinds import DATASET_KINDS
from tartarus.plan.origins import Origins
from tartarus.plan.pretrained import refuse_two_of_a_name, refuse_unknown
from tartarus.plan.schemas import Section, schema

# What depends on the task: a view may say otherwise.
OF_TASKS = ("plays", "als")


def resolved(described: Mapping[str, Section], shared: Section, folder: Path, origins: Origins) -> dict[str, Section]:
    """Make the sections of all datasets.

    Parameters
    ----------
    described : mapping
        The files of config/datasets, by their names.
    shared : dict
        The shared sections of config.yaml: the defaults of every dataset.
    folder : Path
        The folder of the configuration, and `origins`, what is from which file; for messages.

    Returns
    -------
    dict
        Name to section, with the defaults. A view has the features of the whole. Each fold is a dataset too.

    Raises
    ------
    TartarusError
        If a name is there twice, or a view or folds cannot be.
    """
    found = {name: merged({"settings": {}, **shared}, section) for name, section in _every(described, folder)}
    for name, section in described.items():
        if section["kind"] == "view":
            found[name] = _like_the_whole(section, found, origins.of_entry("datasets", name))
    return found | _folds_of(found, origins)


def refuse_impossible(datasets: Mapping[str, Section], origins: Origins) -> None:
    """Refuse sections whose values do not go together.

    Raises
    ------
    TartarusError
        For constant-Q bins beyond half the sample rate, albums of tracks that there are not, shares that do not add up
        to 1, features that cannot be, and two pretrained networks of a name.
    """
    for name, section in datasets.items():
        source = origins.of_entry("datasets", str(section.get("archive", section.get("fold_of", name))))
        _refuse_bins_beyond_nyquist(section["audio"], source)
        _refuse_unknown_tracks(name, datasets, source)
        _refuse_odd_shares(section.get("shares", {}), source)
        expect_features(section["settings"], section, f"{source}: settings")
    refuse_two_of_a_name(datasets)


def _every(described: Mapping[str, Section], folder: Path) -> Iterator[tuple[str, Section]]:
    """Go through the datasets: those with a file of their own, and those that an archive holds."""
    owners: dict[str, str] = {}
    for file, section in described.items():
        held = section["datasets"] if section["kind"] == "archive" else {file: section}
        for name, own in held.items():
            if owners.setdefault(name, file) != file:
                raise TartarusError(
                    f"{folder}/datasets/{file}.yaml: the dataset '{name}' is in {owners[name]}.yaml already; rename one"
                )
            yield name, ({**own, "kind": "archive", "archive": file} if section["kind"] == "archive" else own)


def _like_the_whole(section: Section, datasets: Mapping[str, Section], source: str) -> Section:
    """Give a view the features of the dataset that it is of, and the settings that name them."""
    whole = section["view_of"]
    if whole not in datasets:
        raise TartarusError(f"{source}: view_of: no dataset '{whole}'; {suggestion(whole, datasets)}")
    _refuse_folded(whole, datasets, f"{source}: view_of")
    kinds = [name for name, kind in DATASET_KINDS.items() if kind.has_views]
    if datasets[whole]["kind"] not in kinds:
        raise TartarusError(
            f"{source}: view_of: {whole} is of the kind {datasets[whole]['kind']}; views are of the kinds "
            f"{', '.join(kinds)}"
        )
    shared = schema("dataset")["$defs"]["shared"]["properties"]
    for key in shared:
        if key in section and key not in OF_TASKS:
            raise TartarusError(f"{source}: {key}: a view has the features of {whole}; say it there, or delete it here")
    return merged({key: datasets[whole][key] for key in ("settings", *shared)}, section)


def _folds_of(datasets: Mapping[str, Section], origins: Origins) -> dict[str, Section]:
    """Make a dataset of every fold: the items and features of the whole, in the sets of this fold."""
    found = {}
    for name, section in datasets.items():
        source = origins.of_entry("datasets", name)
        if "folds" in section and section["task"] == "recommendation":
            raise TartarusError(
                f"{source}: folds: the factors of users differ from fold to fold, so that no user's ranking can be put "
                f"together; delete it, or the task: recommendation"
            )
        for fold in range(1, section.get("folds", 0) + 1):
            own = fold_name(name, fold)
            if own in datasets:
                raise TartarusError(f"{source}: folds: '{own}' is a fold of {name}; rename the dataset of this name")
            kept = {key: value for key, value in section.items() if key != "folds"}
            found[own] = {**kept, "kind": "fold", "fold_of": name, "fold": fold}
    return found


def fold_name(dataset: str, fold: int) -> str:
    """Name the dataset of a fold, from 1.

    Examples
    --------
    >>> fold_name("MyMusic", 2)
    'MyMusic.2'
    """
    return f"{dataset}.{fold}"


def expect_features(features: Mapping[str, str], dataset: Section, source: str) -> None:
    """Refuse features that by their name cannot be."""
    for setting, name in features.items():
        try:
            refuse_unknown(name, dataset)
        except TartarusError as error:
            raise TartarusError(f"{source}: {setting}: {error}") from None


def _refuse_bins_beyond_nyquist(audio: Section, source: str) -> None:
    """Refuse a constant-Q transform whose highest bin reaches beyond half the sample rate; the lowest is C1."""
    highest = 32.703 * 2 ** ((audio["bins"] - 1) / audio["bins_per_octave"])
    # Its filter hears what is around it too: half of 1.5 bins of a Fourier transform as long as the filter.
    ratio = 2 ** (2 / audio["bins_per_octave"])
    edge = highest * (1 + 0.7501 * (ratio - 1) / (ratio + 1))
    if audio["type"] == "cqt" and edge >= audio["sample_rate"] / 2:
        raise TartarusError(
            f"{source}: audio: the highest of {audio['bins']} bins, at {highest:.0f} Hz, reaches {edge:.0f} Hz, beyond "
            f"half the sample rate of {audio['sample_rate']} Hz; lower bins or raise sample_rate"
        )


def _refuse_unknown_tracks(name: str, datasets: Mapping[str, Section], source: str) -> None:
    """Refuse albums of a dataset that there is not, or that has no table of items to name them."""
    section = datasets[name]
    tracks = section.get("albums_of")
    if tracks is None:
        return
    if tracks not in datasets:
        raise TartarusError(f"{source}: albums_of: no dataset '{tracks}'; {suggestion(tracks, datasets)}")
    _refuse_folded(tracks, datasets, f"{source}: albums_of")
    kinds = [name for name, kind in DATASET_KINDS.items() if kind.has_albums]
    if section["kind"] != "albums":
        kinds = ["archive"]
    if datasets[tracks]["kind"] not in kinds:
        raise TartarusError(
            f"{source}: albums_of: {tracks} is of the kind {datasets[tracks]['kind']}; the tracks of {name} must be of "
            f"the kind {' or '.join(kinds)}"
        )
    rivals = [other for other, its in datasets.items() if its.get("albums_of") == tracks and other != name]
    if rivals:
        raise TartarusError(f"{source}: albums_of: {rivals[0]} holds the albums of {tracks} already; delete one")


def _refuse_folded(name: str, datasets: Mapping[str, Section], source: str) -> None:
    """Refuse albums and views of a dataset with folds: they would have folds of their own."""
    if "folds" in datasets[name]:
        raise TartarusError(
            f"{source}: {name} has folds; write a table of its own for this dataset, or delete 'folds' there"
        )


def _refuse_odd_shares(shares: Mapping[str, float], source: str) -> None:
    total = sum(shares.values())
    if shares and abs(total - 1) > 1e-6:
        raise TartarusError(f"{source}: shares: train, val and test add up to {total:g}; they must add up to 1")
