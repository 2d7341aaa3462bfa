"""The configuration: one file of defaults, folders of datasets, of experiment families, of published figures.

Every file is checked against a schema that refuses unknown keys at every level. An experiment inherits the
defaults of config.yaml, then what it `extends`, then says what is its own.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tartarus.base.documents import oddity, read_yaml
from tartarus.base.errors import TartarusError, suggestion
from tartarus.plan import names as file_names
from tartarus.plan.addresses import expect_address
from tartarus.plan.inheritance import Inheritance, merged
from tartarus.plan.kinds import DATASET_KINDS
from tartarus.plan.origins import Origins, Place, look_up
from tartarus.plan.pretrained import refuse_two_of_a_name, refuse_unknown
from tartarus.plan.references import is_brought, with_references
from tartarus.plan.schemas import fault_of, schema, validate

Section = dict[str, Any]

# What depends on the task: a view may say otherwise.
OF_TASKS = ("plays", "als")


def unknown_number(dataset: str) -> int:
    """Ask for what tells how many classes a dataset has; without tables nothing does."""
    raise TartarusError(f"how many classes {dataset} has is not known here; write dim into its experiments")


@dataclass(frozen=True)
class Config:
    """All that the configuration says, checked and with every inheritance resolved.

    Attributes
    ----------
    values : dict
        config.yaml with the overlay of the command line.
    datasets : dict
        Name to section; the shared sections (audio, patches, bow, als, ...) hold the defaults already. A dataset
        that an archive holds tells the name of its archive, and has its kind.
    archives : dict
        Name to section, of the published archives.
    families : dict
        Name to family: ``title`` and ``experiments``, name to what it says and inherits.
    published : dict
        Family to the figures of its paper: ``source`` and ``rows``, name of a result to its figures.
    count_classes : callable
        Tells how many classes a dataset has: of many, only their tables know.
    """

    values: Section
    datasets: dict[str, Section]
    archives: dict[str, Section]
    families: dict[str, Section]
    published: dict[str, Section]
    count_classes: Callable[[str], int] = unknown_number

    def dataset(self, name: str) -> Section:
        """Look up a dataset; TartarusError lists the known ones."""
        return _look_up(name, self.datasets, "dataset", "config/datasets")

    def archive(self, name: str) -> Section:
        """Look up an archive; TartarusError lists the known ones."""
        return _look_up(name, self.archives, "archive", "config/datasets")

    def family(self, name: str) -> Section:
        """Look up a family of experiments; TartarusError lists the known ones."""
        return _look_up(name, self.families, "family", "config/experiments")


def _look_up(name: str, known: Mapping[str, Section], kind: str, folder: str) -> Section:
    if name not in known:
        raise TartarusError(f"no {kind} '{name}' in {folder}; {suggestion(name, known)}")
    return known[name]


def ordered(value: Any) -> Any:
    """Sort the keys of mappings, at every level, so that their order in a file means nothing."""
    if isinstance(value, Mapping):
        return {key: ordered(value[key]) for key in sorted(value)}
    return [ordered(entry) for entry in value] if isinstance(value, list | tuple) else value


def load(values: Mapping[str, Any], folder: str | Path = "config", *, overlays: Iterable[str | Path] = ()) -> Config:
    """Read datasets and experiments of a folder and check the whole configuration.

    Parameters
    ----------
    values : mapping
        config.yaml as read, with the overlay of the command line. Its keys `datasets` and `experiments`
        are laid over the files of those folders.
    folder : str or Path
        The folder that holds datasets/ and experiments/.
    overlays : iterable of str or Path
        The files that were laid over config.yaml, the later over the earlier; for messages.

    Returns
    -------
    Config
        Checked and resolved.

    Raises
    ------
    TartarusError
        For anything that is wrong in any file, naming file and key.
    """
    folder = Path(folder)
    # What `values` holds was read by Snakemake, which lets a key stand twice, and takes what is no text or number.
    origins = Origins(folder, overlays)
    _refuse_oddities(values, origins)
    _expect(values, "config", origins)
    _expect(_shared(values), "dataset", origins, part="shared")
    for section, options in schema("dataset")["$defs"]["shared"]["properties"].items():
        for key in options.get("properties", {}):
            if key not in values[section]:
                source = origins.of((section,), values[section])
                raise TartarusError(f"{source}: the key '{key}' is missing; write its default there")
    _expect(values["experiment"], "experiments", origins, at=("experiment",), part="entry")
    described = dict(_read_folder(folder, "datasets", "dataset", values, origins))
    _expect_addresses(values, described, origins)
    archives = {name: section for name, section in described.items() if section["kind"] == "archive"}
    datasets = {
        name: merged({"settings": {}, **_shared(values)}, section) for name, section in _datasets(described, folder)
    }
    for name, section in described.items():
        if section["kind"] == "view":
            datasets[name] = _like_the_whole(section, datasets, origins.of_entry("datasets", name))
    datasets |= _folds_of(datasets, origins)
    raw = dict(_read_folder(folder, "experiments", "experiments", values, origins))
    tasks = {name: str(section["task"]) for name, section in datasets.items()}
    inheritance = Inheritance(raw, values["experiment"], origins, tasks)
    families = {
        name: {
            "title": family["title"],
            "experiments": with_references(inheritance.of_family(name), values["experiment"]),
        }
        for name, family in raw.items()
    }
    _refuse_odd_names(folder / "datasets", "dataset", [*datasets, *archives], "")
    _refuse_odd_names(folder / "experiments", "family", [*families], "_")
    for taken in file_names.TAKEN:
        if taken in families:
            raise TartarusError(
                f"{folder}/experiments/{taken}.yaml: results/{taken} is for what models are used for; give the "
                f"family another name"
            )
    for name, section in datasets.items():
        source = origins.of_entry("datasets", str(section.get("archive", section.get("fold_of", name))))
        _refuse_bins_beyond_nyquist(section["audio"], source)
        _refuse_unknown_tracks(name, datasets, source)
        _refuse_odd_shares(section.get("shares", {}), source)
        _expect_features(section["settings"], section, f"{source}: settings")
    refuse_two_of_a_name(datasets)
    published = dict(_read_folder(folder, "published", "published", {}, origins))
    for name in published:
        if name not in families:
            raise TartarusError(f"{folder}/published/{name}.yaml: no family '{name}'; {suggestion(name, families)}")
    config = Config(dict(values), datasets, archives, families, published)
    _check_references(config, origins)
    return config


def _refuse_oddities(values: Mapping[str, Any], origins: Origins) -> None:
    odd = oddity(values)
    if odd:
        place, what = odd
        found = look_up(values, place)
        # Only numbers can come from --config; and what is no text in YAML 1.1 is one to `origins`.
        source = origins.of(place, found) if isinstance(found, int | float) else origins.of(place)
        raise TartarusError(f"{source}: {what}")


def _expect(value: Any, schema_name: str, origins: Origins, *, at: Place = (), part: str | None = None) -> None:
    """Check a value that stands `at` a place of the whole configuration; see `validate`."""
    fault = fault_of(value, schema_name, part=part)
    if fault:
        source = origins.of((*at, *fault.place), look_up(value, fault.place), untold=fault.untold)
        raise TartarusError(f"{source}: {fault.message}")


def _expect_addresses(values: Mapping[str, Any], described: Mapping[str, Section], origins: Origins) -> None:
    addresses: dict[tuple[str, ...], str] = {("archives", "api"): values["archives"]["api"]}
    addresses |= {("datasets", name, "url"): its["url"] for name, its in described.items() if "url" in its}
    sections: dict[tuple[str, ...], Mapping[str, Any]] = {(): values}
    sections |= {("datasets", name): its for name, its in described.items()}
    addresses |= {
        (*place, "pretrained", name, "url"): network["url"]
        for place, section in sections.items()
        for name, network in section.get("pretrained", {}).items()
        if "url" in network
    }
    for place, address in addresses.items():
        expect_address(address, plain_http=values["fetch"]["plain_http"], source=origins.of(place, address))


def _refuse_odd_names(folder: Path, kind: str, names: Iterable[str], more: str) -> None:
    """Refuse names that file names or Snakemake's patterns cannot hold; `more` is what they may hold besides."""
    for name in names:
        if not re.fullmatch(rf"[A-Za-z0-9][A-Za-z0-9.{more}-]*", name):
            also = ", underscores" if more else ""
            raise TartarusError(
                f"{folder}: '{name}': the name of a {kind} holds letters, digits{also}, dots and hyphens only, a "
                f"letter or digit first; rename the file"
            )


def _expect_features(features: Mapping[str, str], dataset: Section, source: str) -> None:
    """Refuse features that by their name cannot be."""
    for setting, name in features.items():
        try:
            refuse_unknown(name, dataset)
        except TartarusError as error:
            raise TartarusError(f"{source}: {setting}: {error}") from None


def _datasets(described: Mapping[str, Section], folder: Path) -> Iterator[tuple[str, Section]]:
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


def _shared(values: Mapping[str, Any]) -> Section:
    sections = schema("dataset")["$defs"]["shared"]["properties"]
    return {key: values[key] for key in sections}


def _read_folder(
    folder: Path, sub: str, schema_name: str, values: Mapping[str, Any], origins: Origins
) -> Iterator[tuple[str, Section]]:
    overlays = dict(values.get(sub, {}))
    files = {path.stem: read_yaml(path) for path in sorted((folder / sub).glob("*.yaml"))}
    for name in [*files, *(name for name in overlays if name not in files)]:
        section = merged(files.get(name, {}), overlays.get(name, {}))
        _expect(section, schema_name, origins, at=(sub, name))
        yield name, section


def _check_references(config: Config, origins: Origins) -> None:
    owners: dict[tuple[str, str], str] = {}
    for family, content in config.families.items():
        for name, section in content["experiments"].items():
            source = f"{origins.of_entry('experiments', family)}: experiments: {name}"
            validate(section, "experiments", part="complete", source=source)
            network = section["network"]
            validate(network, "experiments", part=network["name"], source=f"{source}: network")
            optimizer = section["optimizer"]
            validate(optimizer, "experiments", part=optimizer["name"], source=f"{source}: optimizer")
            if section["dataset"] not in config.datasets:
                hint = suggestion(section["dataset"], config.datasets)
                raise TartarusError(f"{source}: dataset: no dataset '{section['dataset']}'; {hint}")
            _expect_features(section.get("features", {}), config.dataset(section["dataset"]), f"{source}: features")
            # The output of a layer is named by experiment and dataset alone, so these must be unique.
            owner = owners.setdefault((name, section["dataset"]), family)
            if owner != family and not is_brought(name, section):
                raise TartarusError(
                    f"{source}: the family '{owner}' has an experiment of this name on "
                    f"{section['dataset']} already; give one of them another name"
                )
