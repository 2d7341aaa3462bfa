"""The configuration: one file of defaults, folders of datasets, of experiment families, of published figures.

Every file is checked against a schema that refuses unknown keys at every level. An experiment inherits the
defaults of config.yaml, then what it `extends`, then says what is its own.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tartarus.base.documents import oddity, read_yaml
from tartarus.base.errors import TartarusError, suggestion
from tartarus.plan import datasets
from tartarus.plan import names as file_names
from tartarus.plan.addresses import expect_address
from tartarus.plan.inheritance import Inheritance, merged
from tartarus.plan.origins import Origins, Place, look_up
from tartarus.plan.references import is_brought, with_references
from tartarus.plan.schemas import fault_of, schema, validate

Section = dict[str, Any]


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
    _expect_defaults(values, origins)
    described = dict(_read_folder(folder, "datasets", "dataset", values, origins))
    _expect_addresses(values, described, origins)
    archives = {name: section for name, section in described.items() if section["kind"] == "archive"}
    known = datasets.resolved(described, _shared(values), folder, origins)
    families = _families(folder, values, known, origins)
    file_names.refuse_odd(folder / "datasets", "dataset", [*known, *archives])
    file_names.refuse_odd(folder / "experiments", "family", [*families], more="_")
    file_names.refuse_taken(folder / "experiments", families)
    datasets.refuse_impossible(known, origins)
    config = Config(dict(values), known, archives, families, _published(folder, families, origins))
    _check_references(config, origins)
    return config


def _expect_defaults(values: Mapping[str, Any], origins: Origins) -> None:
    """Refuse a config.yaml that lacks a default of datasets, or in which one of experiments cannot be."""
    for section, options in schema("dataset")["$defs"]["shared"]["properties"].items():
        for key in options.get("properties", {}):
            if key not in values[section]:
                source = origins.of((section,), values[section])
                raise TartarusError(f"{source}: the key '{key}' is missing; write its default there")
    _expect(values["experiment"], "experiments", origins, at=("experiment",), part="entry")


def _families(
    folder: Path, values: Mapping[str, Any], known: Mapping[str, Section], origins: Origins
) -> dict[str, Section]:
    """Read the families, and give every experiment what it inherits; `known` are the datasets."""
    raw = dict(_read_folder(folder, "experiments", "experiments", values, origins))
    tasks = {name: str(section["task"]) for name, section in known.items()}
    inheritance = Inheritance(raw, values["experiment"], origins, tasks)
    return {
        name: {
            "title": family["title"],
            "experiments": with_references(inheritance.of_family(name), values["experiment"]),
        }
        for name, family in raw.items()
    }


def _published(folder: Path, families: Mapping[str, Section], origins: Origins) -> dict[str, Section]:
    """Read the figures of papers."""
    found = dict(_read_folder(folder, "published", "published", {}, origins))
    for name in found:
        if name not in families:
            raise TartarusError(f"{folder}/published/{name}.yaml: no family '{name}'; {suggestion(name, families)}")
    return found


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
            datasets.expect_features(
                section.get("features", {}), config.dataset(section["dataset"]), f"{source}: features"
            )
            # The output of a layer is named by experiment and dataset alone, so these must be unique.
            owner = owners.setdefault((name, section["dataset"]), family)
            if owner != family and not is_brought(name, section):
                raise TartarusError(
                    f"{source}: the family '{owner}' has an experiment of this name on "
                    f"{section['dataset']} already; give one of them another name"
                )
