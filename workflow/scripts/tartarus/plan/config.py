"""The configuration: one file of defaults, folders of datasets, of experiment families, of published figures.

Every file is checked against a schema that refuses unknown keys at every level. An experiment inherits the
defaults of config.yaml, then what it `extends`, then says what is its own.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, relevance
from tartarus.base.errors import TartarusError, suggestion
from tartarus.base.files import read_text
from tartarus.plan import network_options
from tartarus.plan.addresses import expect_address
from tartarus.plan.kinds import DATASET_KINDS

SCHEMAS = Path(__file__).parents[3] / "schemas"

Section = dict[str, Any]


@dataclass(frozen=True)
class Config:
    """All that the configuration says, checked and with every inheritance resolved.

    Attributes
    ----------
    values : dict
        config.yaml with the overlay of the command line.
    datasets : dict
        Name to section; the shared sections (audio, patches, bow, w2v, ...) hold the defaults already. A dataset
        that an archive holds tells the name of its archive, and has its kind.
    archives : dict
        Name to section, of the published archives.
    families : dict
        Name to family: ``title`` and ``experiments``, name to what it says and inherits.
    published : dict
        Family to the figures of its paper: ``source`` and ``rows``, name of a result to its figures.
    """

    values: Section
    datasets: dict[str, Section]
    archives: dict[str, Section]
    families: dict[str, Section]
    published: dict[str, Section]

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


class _Loader(yaml.SafeLoader):
    """YAML in which a key that stands twice is an error and not an overwriting."""

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        node = super().compose_mapping_node(anchor)
        seen = set()
        for key, _ in node.value:
            if key.value in seen:
                raise TartarusError(f"line {key.start_mark.line + 1}: the key '{key.value}' stands twice")
            seen.add(key.value)
        return node


def read_yaml(path: str | Path) -> Section:
    """Read a YAML file that holds a mapping.

    Raises
    ------
    TartarusError
        If it is no YAML, no mapping, or has a key twice; the message names file and line.
    """
    try:
        value = yaml.load(read_text(path), Loader=_Loader)  # noqa: S506 (a SafeLoader)
    except TartarusError as error:
        raise TartarusError(f"{path}: {error}") from None
    except yaml.YAMLError as error:
        raise TartarusError(f"{path}: not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(value, dict):
        raise TartarusError(f"{path}: expected keys and values, found {type(value).__name__}")
    return value


@cache
def schema(name: str) -> Section:
    """Read workflow/schemas/<name>.schema.yaml, and fill in what others know: the networks and their options."""
    whole = read_yaml(SCHEMAS / f"{name}.schema.yaml")
    if name == "experiments":
        networks = network_options.schemas()
        # A template may say a part of it, and another the name: here any option of any network will do.
        every: Section = {option: {} for network in networks.values() for option in network["properties"]}
        whole["$defs"]["network"]["properties"] = {**every, "name": {"enum": list(networks)}}
        whole["$defs"].update(networks)
    return whole


def validate(value: Any, schema_name: str, *, part: str | None = None, source: str) -> None:
    """Check a value against a schema.

    Parameters
    ----------
    value : object
        What was read.
    schema_name : str
        Which schema of workflow/schemas.
    part : str, optional
        A definition within the schema (``$defs``) instead of the whole.
    source : str
        The file, and where in it; for the message.

    Raises
    ------
    TartarusError
        Naming source and key, what is wrong, and for an unknown word the nearest known one.
    """
    whole = schema(schema_name)
    wanted = {"$ref": f"#/$defs/{part}", "$defs": whole["$defs"]} if part else whole
    errors = sorted(Draft202012Validator(wanted).iter_errors(value), key=relevance)
    if errors:
        raise TartarusError(f"{source}: {_explain(errors[-1])}")


def _explain(error: ValidationError) -> str:
    instance: Any = error.instance
    where = "".join(f"{key}: " for key in error.absolute_path)
    if error.validator == "additionalProperties" and isinstance(error.schema, dict):
        known = error.schema.get("properties", {})
        unknown = sorted(str(key) for key in instance if key not in known)
        return f"{where}unknown key '{unknown[0]}'; {suggestion(unknown[0], known)}"
    if error.validator == "enum" and isinstance(error.validator_value, list):
        return f"{where}'{error.instance}'; {suggestion(str(error.instance), map(str, error.validator_value))}"
    if error.validator == "pattern" and isinstance(error.schema, dict) and "description" in error.schema:
        return f"{where}'{error.instance}' is not {error.schema['description']}"
    return f"{where}{error.message}"


def merged(base: Mapping[str, Any], own: Mapping[str, Any]) -> Section:
    """Lay `own` over `base`, key by key; mappings are merged, everything else is replaced.

    A mapping with a `name` of its own that differs from the base's describes another thing (another
    network, another optimiser): it replaces the base's mapping whole.
    """
    result = dict(base)
    for key, value in own.items():
        former = result.get(key)
        same = isinstance(value, Mapping) and isinstance(former, Mapping)
        if same and value.get("name", former.get("name")) == former.get("name"):  # type: ignore[union-attr]
            result[key] = merged(former, value)  # type: ignore[arg-type]
        else:
            result[key] = value
    return result


def ordered(value: Any) -> Any:
    """Sort the keys of mappings, at every level, so that their order in a file means nothing."""
    if isinstance(value, Mapping):
        return {key: ordered(value[key]) for key in sorted(value)}
    return [ordered(entry) for entry in value] if isinstance(value, list | tuple) else value


def load(values: Mapping[str, Any], folder: str | Path = "config") -> Config:
    """Read datasets and experiments of a folder and check the whole configuration.

    Parameters
    ----------
    values : mapping
        config.yaml as read, with the overlay of the command line. Its keys `datasets` and `experiments`
        are laid over the files of those folders.
    folder : str or Path
        The folder that holds datasets/ and experiments/.

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
    source = str(folder / "config.yaml")
    # What `values` holds was read by Snakemake, which lets a key stand twice.
    if Path(source).is_file():
        read_yaml(Path(source))
    validate(values, "config", source=source)
    validate(_shared(values), "dataset", part="shared", source=source)
    for section, options in schema("dataset")["$defs"]["shared"]["properties"].items():
        for key in options.get("properties", {}):
            if key not in values[section]:
                raise TartarusError(f"{source}: {section}: the key '{key}' is missing; write its default there")
    validate(values["experiment"], "experiments", part="entry", source=f"{source}: experiment")
    described = dict(_read_folder(folder, "datasets", "dataset", values))
    plain_http = values["fetch"]["plain_http"]
    expect_address(values["archives"]["api"], plain_http=plain_http, source=f"{source}: archives: api")
    for name, section in described.items():
        if "url" in section:
            expect_address(section["url"], plain_http=plain_http, source=f"{folder}/datasets/{name}.yaml: url")
    archives = {name: section for name, section in described.items() if section["kind"] == "archive"}
    datasets = {name: merged(_shared(values), section) for name, section in _datasets(described, folder)}
    raw = dict(_read_folder(folder, "experiments", "experiments", values))
    families = {
        name: {"title": family["title"], "experiments": _resolve_family(name, raw, values, folder)}
        for name, family in raw.items()
    }
    for name, section in datasets.items():
        if not re.fullmatch(r"[A-Za-z0-9.-]+", name):
            raise TartarusError(
                f"{folder}/datasets: '{name}': the name of a dataset holds letters, digits, dots and hyphens only; "
                f"rename the file"
            )
        file = section.get("archive", name)
        _refuse_bins_beyond_nyquist(section["audio"], f"{folder}/datasets/{file}.yaml")
        _refuse_unknown_tracks(name, datasets, f"{folder}/datasets/{file}.yaml")
    published = dict(_read_folder(folder, "published", "published", {}))
    for name in published:
        if name not in families:
            raise TartarusError(f"{folder}/published/{name}.yaml: no family '{name}'; {suggestion(name, families)}")
    config = Config(dict(values), datasets, archives, families, published)
    _check_references(config, folder)
    return config


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
    """Refuse a constant-Q transform whose highest bin is above half the sample rate; the lowest is C1."""
    highest = 32.703 * 2 ** ((audio["bins"] - 1) / audio["bins_per_octave"])
    if audio["type"] == "cqt" and highest >= audio["sample_rate"] / 2:
        raise TartarusError(
            f"{source}: audio: the highest of {audio['bins']} bins is at {highest:.0f} Hz, above half the sample "
            f"rate of {audio['sample_rate']} Hz; lower bins or raise sample_rate"
        )


def _refuse_unknown_tracks(name: str, datasets: Mapping[str, Section], source: str) -> None:
    """Refuse albums of a dataset that there is not, or that has no table of items to name them."""
    section = datasets[name]
    tracks = section.get("albums_of")
    if tracks is None:
        return
    if tracks not in datasets:
        raise TartarusError(f"{source}: albums_of: no dataset '{tracks}'; {suggestion(tracks, datasets)}")
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


def spectral_keys(type_: str) -> list[str]:
    """List the keys of the section audio that spectrograms of a type depend on, as the schema says."""
    keys = schema("dataset")["$defs"]["shared"]["properties"]["audio"]["properties"]
    return [key for key, rule in keys.items() if type_ in rule.get("spectrograms", ())]


def _shared(values: Mapping[str, Any]) -> Section:
    sections = schema("dataset")["$defs"]["shared"]["properties"]
    return {key: values[key] for key in sections}


def _read_folder(folder: Path, sub: str, schema_name: str, values: Mapping[str, Any]) -> Iterator[tuple[str, Section]]:
    overlays = dict(values.get(sub, {}))
    for path in sorted((folder / sub).glob("*.yaml")):
        section = merged(read_yaml(path), overlays.pop(path.stem, {}))
        validate(section, schema_name, source=str(path))
        yield path.stem, section
    for name, section in overlays.items():
        validate(section, schema_name, source=f"the overlay, {sub}: {name}")
        yield name, section


def _resolve_family(
    family: str, raw: Mapping[str, Section], values: Mapping[str, Any], folder: Path
) -> dict[str, Section]:
    return {
        name: _resolve(f"{family}/{name}", raw, values["experiment"], folder, ()) for name in raw[family]["experiments"]
    }


def _resolve(full: str, raw: Mapping[str, Section], defaults: Section, folder: Path, seen: tuple[str, ...]) -> Section:
    """Resolve the experiment or template `family/name` with all that it extends."""
    family, _, name = full.partition("/")
    file = folder / "experiments" / f"{family}.yaml"
    if full in seen:
        raise TartarusError(f"{file}: {name}: extends itself ({' -> '.join((*seen, full))})")
    if family not in raw:
        raise TartarusError(f"{folder}/experiments: '{seen[-1]}' extends '{full}': {suggestion(family, raw)}")
    entries = raw[family].get("templates", {}) | raw[family]["experiments"]
    if name not in entries:
        raise TartarusError(f"{file}: no entry '{name}' to extend; {suggestion(name, entries)}")
    own = dict(entries[name])
    parents = own.pop("extends", [])
    result = defaults
    for parent in [parents] if isinstance(parents, str) else parents:
        inherited = parent if "/" in parent else f"{family}/{parent}"
        result = merged(result, _resolve(inherited, raw, {}, folder, (*seen, full)))
    return merged(result, own)


def _check_references(config: Config, folder: Path) -> None:
    owners: dict[tuple[str, str], str] = {}
    for family, content in config.families.items():
        for name, section in content["experiments"].items():
            source = f"{folder}/experiments/{family}.yaml: experiments: {name}"
            validate(section, "experiments", part="complete", source=source)
            network = section["network"]
            validate(network, "experiments", part=network["name"], source=f"{source}: network")
            optimizer = section["optimizer"]
            validate(optimizer, "experiments", part=optimizer["name"], source=f"{source}: optimizer")
            if section["dataset"] not in config.datasets:
                hint = suggestion(section["dataset"], config.datasets)
                raise TartarusError(f"{source}: dataset: no dataset '{section['dataset']}'; {hint}")
            # The output of a layer is named by experiment and dataset alone, so these must be unique.
            owner = owners.setdefault((name, section["dataset"]), family)
            if owner != family:
                raise TartarusError(
                    f"{source}: the family '{owner}' has an experiment of this name on "
                    f"{section['dataset']} already; give one of them another name"
                )
