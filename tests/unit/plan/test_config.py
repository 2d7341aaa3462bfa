"""The configuration: inheritance, and messages that say which file and which key."""

import copy
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from snakemake.utils import update_config
from tartarus.base.documents import read_yaml
from tartarus.base.errors import TartarusError
from tartarus.plan import config, feature_kinds, inheritance, references, schemas

from tests.paths import SHIPPED
from tests.unit.plan.small_config import ARCHIVE, BASE, DATASET, VALUES, changed


def resolved(loaded: config.Config, name: str, family: str = "first") -> dict[str, Any]:
    return loaded.families[family]["experiments"][name]


# --- What is shipped -------------------------------------------------------------------------------------


DEMO = ("DEMO", "DEMO-tags", "DEMO-albums", "DEMO-listeners")


def test_the_shipped_configuration_loads() -> None:
    loaded = config.load(read_yaml(SHIPPED / "config.yaml"), SHIPPED)
    files = {path.stem for path in (SHIPPED / "datasets").glob("*.yaml")}
    assert set(loaded.archives) == {"MuMu", "MSD-A", "MSD-I", "AcousticBrainz"} == files - {*DEMO, "SUPER"}
    assert set(loaded.datasets) == {
        *(*DEMO, "SUPER", "MuMu-albums", "MuMu-tracks", "MSD-A-artists", "MSD-A-songs", "MSD-I"),
        *("allmusic", "discogs", "lastfm", "tagtraum"),
    }
    assert set(loaded.families) == {path.stem for path in (SHIPPED / "experiments").glob("*.yaml")}
    assert set(loaded.published) == {path.stem for path in (SHIPPED / "published").glob("*.yaml")}
    assert loaded.values["default_family"] in loaded.families


@pytest.mark.parametrize("name", ["tags", "listeners", "embeddings", "neighbours"])
def test_folders_of_results_are_no_names_of_families(load: Callable[..., config.Config], name: str) -> None:
    with pytest.raises(TartarusError, match=f"{name}.yaml: results/{name} is for what models are used for"):
        load(**{name: {"title": "Mine", "experiments": {"mine": BASE}}})


def test_every_shipped_key_of_the_shared_sections_reaches_every_dataset() -> None:
    values = read_yaml(SHIPPED / "config.yaml")
    loaded = config.load(values, SHIPPED)
    for dataset in loaded.datasets.values():
        for section in ("audio", "patches", "pictures", "bow", "sem", "w2v", "plays", "als"):
            assert set(dataset[section]) == set(values[section])


def test_config_yaml_names_every_key_that_the_schema_of_its_sections_knows() -> None:
    # A key that the defaults lack would be missing in a job, hours later.
    values = read_yaml(SHIPPED / "config.yaml")
    shared = schemas.schema("dataset")["$defs"]["shared"]["properties"]
    for section in ("audio", "patches", "pictures", "bow", "sem", "w2v", "plays", "als"):
        assert set(values[section]) == set(shared[section]["properties"])


# --- Unknown keys ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "key", "nearest"),
    [
        ((), "sead", "seed"),
        (("bootstrap",), "sample", "samples"),
        (("archives",), "unpak", "unpack"),
        (("archives", "unpack"), "gigabyte", "gigabytes"),
        (("resources",), "training", "train"),
        (("resources", "train"), "megabyte", "megabytes"),
        (("audio",), "samplerate", "sample_rate"),
        (("patches",), "offset", "offsets"),
        (("bow",), "word", "words"),
        (("w2v",), "lenght", "length"),
        (("experiment",), "batchsize", "batch_size"),
        (("experiment", "optimizer"), "learningrate", "learning_rate"),
    ],
)
def test_an_unknown_key_of_config_yaml_is_refused_with_the_nearest(
    load: Callable, tmp_path: Path, place: tuple[str, ...], key: str, nearest: str
) -> None:
    with pytest.raises(TartarusError) as error:
        load(values=changed(VALUES, *place, **{key: 1}))
    message = str(error.value)
    assert message.startswith(str(tmp_path / "config.yaml"))
    assert f"unknown key '{key}'" in message
    assert f"did you mean '{nearest}'?" in message
    assert all(f"{section}: " in message for section in place)


@pytest.mark.parametrize(
    ("place", "key", "nearest"),
    [
        ((), "label_colum", "label_column"),
        ((), "audoi", "audio"),
        (("bow",), "max_feature", "max_features"),
    ],
)
def test_an_unknown_key_of_a_dataset_is_refused_with_the_nearest(
    load: Callable, tmp_path: Path, place: tuple[str, ...], key: str, nearest: str
) -> None:
    with pytest.raises(TartarusError) as error:
        load(dataset=changed(DATASET, *place, **{key: 1}))
    message = str(error.value)
    assert message.startswith(str(tmp_path / "datasets" / "SONGS.yaml"))
    assert f"unknown key '{key}'; did you mean '{nearest}'?" in message


def test_an_unknown_key_of_a_dataset_s_audio_section_names_the_section(load: Callable, tmp_path: Path) -> None:
    with pytest.raises(TartarusError) as error:
        load(dataset={**DATASET, "audio": {"hopp": 512}})
    assert str(error.value).startswith(f"{tmp_path}/datasets/SONGS.yaml: audio: unknown key 'hopp'; did you mean 'hop'")


@pytest.mark.parametrize(
    ("place", "key", "nearest"),
    [
        ((), "epoch", "epochs"),
        (("network",), "dens", "dense"),
        (("optimizer",), "momentm", "momentum"),
    ],
)
def test_an_unknown_key_of_an_experiment_is_refused_with_the_nearest(
    load: Callable, tmp_path: Path, place: tuple[str, ...], key: str, nearest: str
) -> None:
    base = {**BASE, "optimizer": {"learning_rate": 0.1}}
    with pytest.raises(TartarusError) as error:
        load({"base": changed(base, *place, **{key: 1})})
    message = str(error.value)
    assert message.startswith(str(tmp_path / "experiments" / "first.yaml"))
    assert "base: " in message
    assert f"unknown key '{key}'; did you mean '{nearest}'?" in message


def test_an_option_of_another_network_is_refused(load: Callable) -> None:
    with pytest.raises(TartarusError, match=r"first\.yaml: experiments: base: network: unknown key 'filters'; Known"):
        load({"base": changed(BASE, "network", filters=[3])})


def test_an_unknown_key_of_a_family_is_refused(load: Callable) -> None:
    with pytest.raises(TartarusError, match=r"second\.yaml: unknown key 'experiment'; did you mean 'experiments'\?"):
        load(second={"title": "Second", "experiments": {}, "experiment": {}})


def test_an_unknown_word_is_refused_with_the_nearest(load: Callable) -> None:
    with pytest.raises(TartarusError, match=r"network: name: 'textcnn'; did you mean 'text-cnn'\?"):
        load({"base": changed(BASE, "network", name="textcnn")})


def test_a_value_of_the_wrong_kind_names_file_and_key(load: Callable) -> None:
    with pytest.raises(TartarusError, match=r"first\.yaml: experiments: base: dim: 'three' is not of type 'integer'"):
        load({"base": {**BASE, "dim": "three"}})


def test_a_missing_key_names_file_and_key(load: Callable) -> None:
    with pytest.raises(TartarusError, match=r"first\.yaml: experiments: base: 'loss' is a required property"):
        load({"base": {key: value for key, value in BASE.items() if key != "loss"}})


def test_an_original_dataset_must_say_where_its_files_are(load: Callable) -> None:
    with pytest.raises(TartarusError, match=r"SONGS\.yaml: '(url|files)' is a required property"):
        load(dataset={**DATASET, "kind": "original", "classes": ["rock", "pop"]})


def test_a_checksum_that_is_none_is_refused(load: Callable) -> None:
    wrong = {**original("a.mp3"), "files": {"a.mp3": "abc"}}
    with pytest.raises(TartarusError, match=r"SONGS\.yaml: files: a\.mp3: 'abc' is not a SHA-256 of 64"):
        load(dataset=wrong)


def original(path: str) -> dict[str, Any]:
    source = {"url": "https://example.org", "files": {path: "0" * 64}}
    return {**DATASET, "kind": "original", "classes": ["rock", "pop"], **source}


@pytest.mark.parametrize("path", ["../a.mp3", "/a.mp3", ".hidden", "a\\\\b", "{x}.mp3", "a/}"])
def test_a_file_outside_its_dataset_is_refused(load: Callable, path: str) -> None:
    with pytest.raises(TartarusError, match=r"SONGS\.yaml: files: "):
        load(dataset=original(path))


def test_a_file_that_leaves_its_dataset_later_on_is_refused(load: Callable) -> None:
    with pytest.raises(TartarusError, match=r"SONGS\.yaml: files: "):
        load(dataset=original("audio/../../a.mp3"))


def test_a_duplicate_key_of_an_experiment_is_refused_when_the_folder_is_loaded(load: Callable, tmp_path: Path) -> None:
    load()
    (tmp_path / "experiments" / "first.yaml").write_text("title: one\nexperiments: {}\ntitle: two\n")
    with pytest.raises(TartarusError, match=r"first\.yaml: line \d+: the key 'title' stands twice"):
        config.load(VALUES, tmp_path)


# --- Inheritance -----------------------------------------------------------------------------------------


def test_an_experiment_inherits_the_defaults_and_lays_its_own_over_them(load: Callable) -> None:
    loaded = load({"base": {**BASE, "epochs": 7, "optimizer": {"learning_rate": 0.5}}})
    assert resolved(loaded, "base") == {
        **VALUES["experiment"],
        **BASE,
        "epochs": 7,
        "optimizer": {"name": "adam", "learning_rate": 0.5},
    }


def test_an_experiment_extends_another(load: Callable) -> None:
    loaded = load({"base": BASE, "child": {"extends": "base", "dim": 5}})
    assert resolved(loaded, "child") == {**resolved(loaded, "base"), "dim": 5}


def test_of_several_parents_the_later_lie_over_the_earlier(load: Callable) -> None:
    templates = {"one": {**BASE, "epochs": 1, "batch_size": 1}, "two": {"batch_size": 2, "patience": 2}}
    loaded = load({"child": {"extends": ["one", "two"], "patience": 3}}, templates=templates)
    child = resolved(loaded, "child")
    assert (child["epochs"], child["batch_size"], child["patience"]) == (1, 2, 3)
    # The other way round, the first template wins.
    other = resolved(load({"child": {"extends": ["two", "one"]}}, templates=templates), "child")
    assert (other["epochs"], other["batch_size"], other["patience"]) == (1, 1, 2)


def test_a_parent_does_not_bring_the_defaults_over_an_earlier_parent(load: Callable) -> None:
    # Were the defaults resolved with each parent, the second would set `epochs` back to 100.
    loaded = load({"child": {"extends": ["one", "two"]}}, templates={"one": {**BASE, "epochs": 1}, "two": {"dim": 2}})
    assert resolved(loaded, "child")["epochs"] == 1


def test_an_experiment_extends_one_of_another_family(load: Callable) -> None:
    second = {"title": "Second", "experiments": {"child": {"extends": "first/base", "dim": 9}}}
    loaded = load(second=second)
    assert resolved(loaded, "child", "second") == {**resolved(loaded, "base"), "dim": 9}


def test_what_is_inherited_across_families_is_looked_up_in_its_own_family(load: Callable) -> None:
    # Both families have a template `common`; `base` means that of its own.
    second = {
        "title": "Second",
        "templates": {"common": {"dim": 2}},
        "experiments": {"child": {"extends": "first/base"}},
    }
    loaded = load(
        {"base": {**{k: v for k, v in BASE.items() if k != "dim"}, "extends": "common"}},
        templates={"common": {"dim": 1}},
        second=second,
    )
    assert resolved(loaded, "child", "second")["dim"] == 1


def test_templates_are_not_built(load: Callable) -> None:
    loaded = load({"base": {"extends": "common"}}, templates={"common": BASE})
    assert list(loaded.families["first"]["experiments"]) == ["base"]


@pytest.mark.parametrize(
    "experiments",
    [
        {"base": {**BASE, "extends": "base"}},
        {"base": {**BASE, "extends": "other"}, "other": {"extends": "base"}},
        {"base": {**BASE, "extends": "first/base"}},
    ],
)
def test_an_experiment_that_extends_itself_is_refused(load: Callable, experiments: dict[str, Any]) -> None:
    with pytest.raises(TartarusError, match=r"first\.yaml: base: extends itself \(first/base -> .*first/base\)"):
        load(experiments)


def test_an_unknown_parent_is_refused_with_the_nearest(load: Callable) -> None:
    with pytest.raises(TartarusError, match=r"first\.yaml: no entry 'bse' to extend; did you mean 'base'\?"):
        load({"base": BASE, "child": {"extends": "bse"}})


def test_a_parent_in_an_unknown_family_is_refused_with_the_nearest(load: Callable) -> None:
    with pytest.raises(TartarusError, match=r"'first/child' extends 'frst/base': did you mean 'first'\?"):
        load({"base": BASE, "child": {"extends": "frst/base"}})


def test_another_network_replaces_the_options_of_the_former(load: Callable) -> None:
    loaded = load({"base": BASE, "child": {"extends": "base", "network": {"name": "fusion"}}})
    assert resolved(loaded, "child")["network"] == {"name": "fusion"}


def test_the_same_network_keeps_the_options_that_are_not_changed(load: Callable) -> None:
    loaded = load({"base": BASE, "child": {"extends": "base", "network": {"name": "mlp", "dropout": 0.1}}})
    assert resolved(loaded, "child")["network"] == {"name": "mlp", "dense": [8], "dropout": 0.1}
    assert resolved(loaded, "base")["network"]["dropout"] == 0.5


def test_a_dataset_inherits_the_shared_sections(load: Callable) -> None:
    loaded = load(dataset={**DATASET, "audio": {"hop": 512}})
    assert loaded.dataset("SONGS")["audio"] == {**VALUES["audio"], "hop": 512}
    assert loaded.dataset("SONGS")["bow"] == {**VALUES["bow"], "words": 50}
    assert loaded.dataset("SONGS")["w2v"] == VALUES["w2v"]


def test_the_overlay_of_the_command_line_lies_over_the_files(load: Callable) -> None:
    overlay = {
        "datasets": {"SONGS": {"bow": {"words": 7}}, "NEW": {**DATASET, "title": "New"}},
        "experiments": {"first": {"experiments": {"base": {"epochs": 2}}}},
    }
    loaded = load(values={**VALUES, **overlay})
    assert loaded.dataset("SONGS")["bow"]["words"] == 7
    assert loaded.dataset("NEW")["title"] == "New"
    assert resolved(loaded, "base")["epochs"] == 2


@pytest.mark.parametrize("key", ["datasets", "experiments"])
def test_an_overlay_that_is_no_mapping_is_refused(load: Callable, key: str) -> None:
    name = {"datasets": "SONGS", "experiments": "first"}[key]
    with pytest.raises(TartarusError, match=name):
        load(values={**VALUES, key: {name: None}})


def test_entries_that_extend_one_another_twice_are_resolved_once_each(load: Callable) -> None:
    # Else 2^200 times: the test would not end.
    templates = {"t0": BASE} | {
        f"t{level}": {"extends": [f"t{level - 1}"] * 2, "epochs": level} for level in range(1, 40)
    }
    loaded = load({"base": {"extends": ["t39"] * 200}}, templates=templates)
    assert resolved(loaded, "base") == {**VALUES["experiment"], **BASE, "epochs": 39}


def test_entries_that_extend_too_many_in_a_row_are_refused(load: Callable) -> None:
    templates = {"t0": BASE} | {f"t{level}": {"extends": f"t{level - 1}"} for level in range(1, 2000)}
    with pytest.raises(TartarusError, match=r"first\.yaml: t1950: first/base extends more than 50 entries in a row"):
        load({"base": {"extends": "t1999"}}, templates=templates)


# --- Which file a wrong value is from ----------------------------------------------------------------------------


@pytest.fixture
def laid(load: Callable, tmp_path: Path) -> Callable[..., str]:
    """Lay overlays over config.yaml as Snakemake does, and give the message; some came from --config."""

    def refused(*overlays: dict[str, Any], **given: Any) -> str:
        load()
        (tmp_path / "config.yaml").write_text(yaml.safe_dump(VALUES))
        values, files = copy.deepcopy(VALUES), []
        for number, overlay in enumerate(overlays):
            files.append(tmp_path / f"overlay{number}.yaml")
            files[-1].write_text(yaml.safe_dump(overlay))
        for overlay in (*overlays, given):
            update_config(values, copy.deepcopy(overlay))
        with pytest.raises(TartarusError) as error:
            config.load(values, tmp_path, overlays=files)
        return str(error.value).replace(f"{tmp_path}/", "")

    return refused


@pytest.mark.parametrize(
    ("overlays", "told"),
    [
        ([{"sede": 1}], "overlay0.yaml: unknown key 'sede'"),
        ([{"seed": -1}], "overlay0.yaml: seed: -1 is less than"),
        ([{"seed": 2}, {"seed": -1}], "overlay1.yaml: seed: -1"),
        ([{"seed": -1}, {"audio": {"hop": 5}}], "overlay0.yaml: seed: -1"),
        ([{"audio": {"hop": 0}}], "overlay0.yaml: audio: hop: 0"),
        ([{"audio": {"hopp": 0}}], "overlay0.yaml: audio: unknown key 'hopp'"),
        ([{"experiment": {"seeds": [1, -2]}}], "overlay0.yaml: experiment: seeds: 1: -2"),
        ([{"archives": {"api": "ftp://x"}}], "overlay0.yaml: archives: api: not an address"),
        ([{"datasets": {"SONGS": {"bow": {"words": 0}}}}], "overlay0.yaml: datasets: SONGS: bow: words: 0"),
        ([{"datasets": {"NEW": {"title": "New"}}}], "overlay0.yaml: datasets: NEW: "),
        ([{"datasets": {"SONGS": {"settings": {"a_b": "bow"}}}}], "overlay0.yaml: datasets: SONGS: settings: 'a_b'"),
        ([{"experiments": {"first": {"experiments": {"base": {"dim": 0}}}}}],
         "overlay0.yaml: experiments: first: experiments: base: dim: 0"),
        ([{"experiments": {"first": {"experiments": {"base": {"dataset": "SONG"}}}}}],
         "experiments/first.yaml with overlay0.yaml: experiments: base: dataset: no dataset 'SONG'"),
        ([{"experiments": {"new": {"title": "New", "experiments": {"x": {**BASE, "dataset": "SONG"}}}}}],
         "overlay0.yaml: experiments: x: dataset: no dataset 'SONG'"),
    ],
)  # fmt: skip
def test_what_an_overlay_says_wrongly_is_told_with_the_overlay(
    laid: Callable[..., str], overlays: list[dict[str, Any]], told: str
) -> None:
    assert laid(*overlays).startswith(told)


def test_what_may_be_from_anywhere_is_told_so(laid: Callable[..., str]) -> None:
    either = "config.yaml or what was given by --configfile or --config: "
    assert laid(seed=-1).startswith(f"{either}seed: -1")
    assert laid({"seed": 2}, seed=-1).startswith(f"{either}seed: -1")
    assert laid(seed=float("nan")).startswith(f"{either}seed: nan is no finite number")
    assert laid(datasets={"NEW": {}}).startswith("what was given by --configfile or --config: datasets: NEW: ")


def test_what_config_yaml_says_wrongly_is_told_with_it(load: Callable, tmp_path: Path) -> None:
    load()
    values = {**VALUES, "seed": -1}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(values))
    overlay = tmp_path / "overlay.yaml"
    overlay.write_text("bow: {words: 5}")
    with pytest.raises(TartarusError) as error:
        config.load(changed(values, "bow", words=5), tmp_path, overlays=[overlay])
    assert str(error.value).startswith(f"{tmp_path}/config.yaml: seed: -1")


def test_a_pipe_of_settings_is_not_waited_for(load: Callable, tmp_path: Path) -> None:
    # As from --configfile <(...): Snakemake has emptied it.
    load()
    os.mkfifo(tmp_path / "pipe")
    assert config.load(VALUES, tmp_path, overlays=[tmp_path / "pipe"]).values["seed"] == 1


def test_an_overlay_of_json_is_read_as_such(load: Callable, tmp_path: Path) -> None:
    load()
    overlay = tmp_path / "overlay.json"
    overlay.write_text('{\n\t"seed": -1}')
    with pytest.raises(TartarusError, match=r"overlay\.json: seed: -1"):
        config.load({**VALUES, "seed": -1}, tmp_path, overlays=[overlay])


# --- Values that only look right ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "own", "told"),
    [
        ((), {"seed": 2**32}, "seed: 4294967296 is greater than the maximum"),
        ((), {"seed": 2**70}, "seed: an integer beyond"),
        ((), {"seed": 1.0}, "seed: 1.0 is not of type 'integer'"),
        ((), {"seed": True}, "seed: True is not of type 'integer'"),
        ((), {"max_missing": float("nan")}, "max_missing: nan is no finite number"),
        (("experiment",), {"seeds": [0, 2**32]}, "seeds: 1: 4294967296 is greater than"),
        (("bow",), {"sublinear_tf": "yes"}, "bow: sublinear_tf: 'yes' is a word; write true"),
        (("bow",), {"sublinear_tf": "off"}, "bow: sublinear_tf: 'off' is a word; write false"),
        (("bow",), {True: 1}, "bow: the key on, yes or true is no text; put it between quotes"),
        (("fetch",), {"gigabytes": 0}, "gigabytes: 0 is less than or equal to"),
        (("fetch",), {"hours": float("inf")}, "hours: inf is no finite number"),
        (("fetch",), {"plain_http": "false"}, "plain_http: 'false' is not of type 'boolean'"),
    ],
)
def test_a_value_that_cannot_be_is_refused(
    load: Callable, place: tuple[str, ...], own: dict[Any, Any], told: str
) -> None:
    values = copy.deepcopy(VALUES)
    inner = values
    for key in place:
        inner = inner[key]
    inner.update(own)
    with pytest.raises(TartarusError) as error:
        load(values=values)
    assert told in str(error.value)


def test_a_setting_may_be_called_on(load: Callable, tmp_path: Path) -> None:
    load()
    (tmp_path / "datasets/SONGS.yaml").write_text(
        "title: Songs\nkind: table\ntask: multiclass\nsettings: {bow: bow, on: bow, no: w2v, 1: bow}\n"
    )
    assert set(config.load(VALUES, tmp_path).dataset("SONGS")["settings"]) == {"bow", "on", "no", "1"}


# --- Names that Snakemake would take for patterns ----------------------------------------------------------------


@pytest.mark.parametrize("name", ["{x}", "a b", "a*", "..", "-x", "a+b", "ä"])
def test_the_name_of_a_family_is_one_that_files_can_have(load: Callable, name: str) -> None:
    with pytest.raises(TartarusError, match=r"experiments: '.*': the name of a family holds letters, digits, under"):
        load(**{name: {"title": "Odd", "experiments": {}}})


@pytest.mark.parametrize("name", ["{x}", "a_b", ".."])
def test_the_name_of_an_archive_is_one_that_files_can_have(load: Callable, name: str) -> None:
    with pytest.raises(TartarusError, match=r"datasets: '.*': the name of a dataset holds letters, digits, dots"):
        load(values={**VALUES, "datasets": {name: {**ARCHIVE, "datasets": {"X": ARCHIVE["datasets"]["SONGS"]}}}})


@pytest.mark.parametrize(
    ("own", "told"),
    [
        ({"features": {"bow": "{x}"}}, r"base: features: bow: '{x}' is not the name of features"),
        ({"features": {"bow": "a/b"}}, r"base: features: bow: 'a/b' is not the name of features"),
        ({"features": {"bow": "patches_1_0.50"}}, r"base: features: bow: 'patches_1_0.50': .* of so many seconds"),
    ],
)
def test_features_have_names_that_files_can_have(load: Callable, own: dict[str, Any], told: str) -> None:
    with pytest.raises(TartarusError, match=told):
        load({"base": {**BASE, **own}})


def test_patches_of_no_seconds_are_refused_with_their_setting(load: Callable) -> None:
    with pytest.raises(TartarusError, match=r"SONGS\.yaml: settings: none: 'patches_1_0': .* of so many seconds"):
        load(dataset=changed(DATASET, "settings", none="patches_1_0"))


def test_vectors_from_a_file_with_braces_in_its_name_are_refused(load: Callable) -> None:
    with pytest.raises(TartarusError, match=r"w2v: pretrained: '\{x\}\.bin' is not a path without braces"):
        load(dataset={**DATASET, "w2v": {"pretrained": "{x}.bin"}})


# --- Addresses ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("http://example.org/api", "begins with http://, where anybody on the way can read and change what comes"),
        ("https://anna:secret@example.org/api", "holds a user, a password or a query"),
        ("https://secret@example.org/api", "holds a user, a password or a query"),
        ("https://example.org/api?token=secret", "holds a user, a password or a query"),
        ("https://example.org/api#secret", "holds a user, a password or a query"),
        ("https://anna:sec/ret@example.org", "not an address that begins with https://"),
        ("secret", "not an address"),
        ("", "not an address"),
        ("https://", "not an address"),
        ("file:///etc/secret", "not an address"),
        ("ftp://example.org/secret", "not an address"),
        ("https://[secret", "not an address"),
        ("https://example.org:99999/secret", "not an address"),
        ("https://example.org/secret\n", "not an address"),
        ("https://example.org/{secret}", "not an address"),
        ("HTTPS//example.org/secret", "not an address"),
    ],
)
def test_an_address_is_refused_without_telling_what_may_be_secret(load: Callable, address: str, told: str) -> None:
    with pytest.raises(TartarusError) as error:
        load(values=changed(VALUES, "archives", api=address))
    assert f"archives: api: {told}" in str(error.value).replace("the address ", "")
    with pytest.raises(TartarusError) as other:
        load(dataset={**original("a.mp3"), "url": address})
    assert f"SONGS.yaml: url: {told}" in str(other.value).replace("the address ", "")
    assert "sec" not in str(error.value) + str(other.value)


def test_an_address_that_is_not_encrypted_may_be_allowed(load: Callable) -> None:
    allowed = changed(VALUES, "fetch", plain_http=True)
    loaded = load(values=changed(allowed, "archives", api="http://127.0.0.1:80/api"))
    assert loaded.values["archives"]["api"] == "http://127.0.0.1:80/api"


# --- References ------------------------------------------------------------------------------------------


def test_an_unknown_dataset_of_an_experiment_is_refused_with_the_nearest(load: Callable) -> None:
    with pytest.raises(TartarusError) as error:
        load({"base": {**BASE, "dataset": "SONG"}})
    message = str(error.value)
    assert "experiments/first.yaml: experiments: base: dataset: no dataset 'SONG'" in message
    assert "did you mean 'SONGS'?" in message


def test_two_families_may_not_have_the_same_experiment_on_the_same_dataset(load: Callable) -> None:
    # The outputs of layers are named by experiment and dataset alone.
    with pytest.raises(TartarusError, match=r"second\.yaml: experiments: base: the family 'first' has an experiment"):
        load(second={"title": "Second", "experiments": {"base": BASE}})


@pytest.mark.parametrize(
    ("kind", "folder"), [("dataset", "datasets"), ("archive", "datasets"), ("family", "experiments")]
)
def test_looking_up_an_unknown_name_lists_what_exists(load: Callable, kind: str, folder: str) -> None:
    with pytest.raises(TartarusError) as error:
        getattr(load(), kind)("nothing")
    known = {"dataset": "SONGS", "archive": "none", "family": "first"}[kind]
    assert str(error.value) == f"no {kind} 'nothing' in config/{folder}; Known: {known}"


def test_a_missing_key_of_a_shared_section_is_refused(load: Callable) -> None:
    audio = {key: value for key, value in VALUES["audio"].items() if key != "hop"}
    with pytest.raises(TartarusError, match=r"audio: .*hop"):
        load(values={**VALUES, "audio": audio})


@pytest.mark.parametrize(("key", "value"), [("momentum", 0.9), ("nesterov", True)])
def test_an_option_of_another_optimizer_is_refused(load: Callable, key: str, value: object) -> None:
    with pytest.raises(TartarusError, match=r"first\.yaml: experiments: base: optimizer"):
        load({"base": {**BASE, "optimizer": {"name": "adam", "learning_rate": 0.1, key: value}}})


# --- Archives, and what was published ------------------------------------------------------------------


@pytest.mark.parametrize("key", ["citation", "doi", "licence", "holds", "records", "datasets"])
def test_an_archive_must_say_what_it_is_and_where_it_is_from(load: Callable, key: str) -> None:
    with pytest.raises(TartarusError, match=rf"SONGS\.yaml: '{key}' is a required property"):
        load(dataset={name: value for name, value in ARCHIVE.items() if name != key})


def test_an_unknown_key_of_an_archive_s_dataset_is_refused_with_the_nearest(load: Callable) -> None:
    with pytest.raises(TartarusError, match=r"datasets: SONGS: unknown key 'colums'; did you mean 'columns'"):
        load(dataset=changed(ARCHIVE, "datasets", "SONGS", colums={}))


@pytest.mark.parametrize("name", ["my_songs", "a/b", ""])
def test_a_dataset_s_name_may_hold_no_underscore(load: Callable, name: str) -> None:
    held = {**ARCHIVE["datasets"], name: ARCHIVE["datasets"]["SONGS"]}
    with pytest.raises(TartarusError, match=f"'{name}': the name of a dataset holds letters, digits, dots and hyphens"):
        load(dataset={**ARCHIVE, "datasets": held})


def test_published_figures_must_be_of_a_family(load: Callable, tmp_path: Path) -> None:
    (tmp_path / "published").mkdir()
    file = tmp_path / "published" / "first.yaml"
    file.write_text("source: a paper\nrows:\n  base:\n    figures: {accuracy: 0.5}\n")
    assert load().published == {"first": {"source": "a paper", "rows": {"base": {"figures": {"accuracy": 0.5}}}}}
    file.rename(tmp_path / "published" / "frist.yaml")
    with pytest.raises(TartarusError) as error:
        load()
    assert str(error.value) == f"{tmp_path}/published/frist.yaml: no family 'frist'; did you mean 'first'? Known: first"


def test_an_unknown_key_of_a_published_row_is_refused(load: Callable, tmp_path: Path) -> None:
    (tmp_path / "published").mkdir()
    text = "source: a paper\nrows:\n  base:\n    figures: {accuracy: 0.5}\n    deviation: {accuracy: 0.1}\n"
    (tmp_path / "published" / "first.yaml").write_text(text)
    with pytest.raises(TartarusError, match=r"first\.yaml: rows: base: unknown key 'deviation'; did you mean 'dev"):
        load()


@pytest.mark.parametrize(
    ("seconds", "audio", "frames"),
    [(15, {"sample_rate": 22050, "hop": 1024}, 322), (1, {"sample_rate": 22050, "hop": 1024}, 21),
     (3, {"sample_rate": 16000, "hop": 512}, 93)],
)  # fmt: skip
def test_frames_are_counted_as_the_original_counts_them(seconds: int, audio: dict[str, int], frames: int) -> None:
    assert feature_kinds.frames_of(seconds, audio) == frames


# --- merged and ordered ----------------------------------------------------------------------------------

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)


def shuffled(value: Any, seed: int) -> Any:
    """Put the keys of all mappings into another order."""
    if isinstance(value, dict):
        keys = list(value)
        random.Random(seed).shuffle(keys)  # noqa: S311
        return {key: shuffled(value[key], seed) for key in keys}
    return [shuffled(entry, seed) for entry in value] if isinstance(value, list) else value


@given(plain, st.integers(0, 9))
def test_the_order_of_keys_means_nothing_once_ordered(value: Any, seed: int) -> None:
    # yaml keeps the order of keys, so equal text means equal order too.
    def text(entry: Any) -> str:
        return yaml.safe_dump(config.ordered(entry), sort_keys=False)

    assert text(shuffled(value, seed)) == text(value)
    assert config.ordered(value) == value


def test_the_order_of_lists_is_kept() -> None:
    assert config.ordered({"b": [3, 1, {"z": 1, "a": 2}], "a": (2, 1)}) == {"a": [2, 1], "b": [3, 1, {"a": 2, "z": 1}]}
    assert list(config.ordered({"b": 1, "a": 2})) == ["a", "b"]


mappings = st.dictionaries(st.text("abc", max_size=2), plain, max_size=4)


@given(mappings, mappings)
def test_merging_keeps_every_key_and_changes_neither_side(base: dict[str, Any], own: dict[str, Any]) -> None:
    before = copy.deepcopy((base, own))
    result = inheritance.merged(base, own)
    assert set(result) == set(base) | set(own)
    assert (base, own) == before
    for key, value in own.items():
        if not isinstance(value, dict):
            assert result[key] == value
    for key in set(base) - set(own):
        assert result[key] == base[key]


def test_a_setting_of_an_experiment_may_hold_no_underscore(load: Callable) -> None:
    with pytest.raises(TartarusError, match="my_bow"):
        load({"base": {**BASE, "features": {"my_bow": "bow"}}})


# --- Templates for one's own data, and what they bring ---------------------------------------------------


def of_own(load: Callable, *names: str, task: str = "multiclass", **experiments: Any) -> dict[str, Any]:
    """Resolve experiments that extend the templates that are shipped, on the dataset SONGS."""
    own = read_yaml(SHIPPED / "experiments/own.yaml")
    first = {name: {"extends": f"own/{name}", "dataset": "SONGS"} for name in names} | experiments
    loaded = load(first, own=own, dataset={"title": "Songs", "kind": "table", "task": task})
    return loaded.families["first"]["experiments"]


@pytest.mark.parametrize(
    ("task", "output", "methods"),
    [
        ("multiclass", "softmax", ["most-frequent", "logistic-regression", "linear-svm", "svm-rbf"]),
        ("multilabel", "sigmoid", ["most-frequent", "logistic-regression", "linear-svm"]),
    ],
)
def test_what_is_predicted_follows_from_the_task_and_plain_methods_come_with_it(load, task, output, methods) -> None:
    found = of_own(load, "sound", "words", "pictures", task=task)
    assert list(found) == ["pictures", "sound", "words", *methods]
    assert {entry["output"] for entry in found.values()} == {output}
    for method in methods:
        assert found[method]["network"] == {"name": "reference", "method": method}
        assert found[method]["settings"] == [["colours"], ["descriptors"], ["bow"]]
        assert found[method]["seeds"] == [1]
    assert not any("references" in entry for entry in found.values())


@pytest.mark.parametrize("task", ["multiclass", "multilabel", "recommendation"])
def test_the_mean_of_sound_is_of_the_network_and_of_a_plain_method_that_it_brings(load, task) -> None:
    found = of_own(load, "sound", "sound-mean", task=task)
    network, plain = (found["sound-mean"]["features"][name] for name in found["sound-mean"]["inputs"])
    assert network == "sound-pred_output"
    method = plain.removesuffix("_descriptors-pred_output")
    assert found[method]["settings"] == [["descriptors"]]
    assert found["sound-mean"]["output"] == found["sound"]["output"] == found[method]["output"]


def test_of_plays_factors_are_predicted(load) -> None:
    found = of_own(load, "words", task="recommendation")
    assert {entry["fact"] for entry in found.values()} == {"als"}
    assert list(found) == ["words", "popularity", "nearest-neighbours", "ridge"]


def test_what_a_family_calls_like_a_plain_method_stays_as_it_is(load) -> None:
    own = {**BASE, "network": {"name": "mlp"}}
    assert of_own(load, "words", **{"svm-rbf": own})["svm-rbf"]["network"] == {"name": "mlp"}


def test_plain_methods_take_nothing_of_how_a_network_is_trained(load) -> None:
    mine = {"extends": "own/sound", "dataset": "SONGS", "epochs": 7, "batch_size": 3, "dim": 9}
    entry = of_own(load, mine=mine)["linear-svm"]
    assert (entry["epochs"], entry["batch_size"], entry["dim"]) == (100, 32, 9)


def test_families_on_the_same_dataset_may_both_have_plain_methods(load) -> None:
    own = read_yaml(SHIPPED / "experiments/own.yaml")
    one, two = (
        {"title": name, "experiments": {name: {"extends": "own/words", "dataset": "SONGS"}}} for name in ("one", "two")
    )
    found = load({"base": BASE}, own=own, one=one, two=two).families
    assert all("linear-svm" in found[name]["experiments"] for name in ("one", "two"))


def test_on_a_second_dataset_plain_methods_are_called_after_it_too() -> None:
    options = {"seeds": [3, 4], "references": {"methods": ["ridge"], "vectors": ["bow"]}, "output": "linear"}
    found = references.with_references(
        {"a": {**options, "dataset": "ONE"}, "b": {**options, "dataset": "TWO"}}, {"epochs": 5}
    )
    assert {name: entry["dataset"] for name, entry in found.items()} == {
        "a": "ONE", "b": "TWO", "ridge": "ONE", "ridge-TWO": "TWO"
    }  # fmt: skip
    assert (found["ridge"]["seeds"], found["ridge"]["epochs"]) == ([3], 5)


@pytest.mark.parametrize(
    ("task", "methods"),
    [
        ("multiclass", ["logistic-regression", "linear-svm", "svm-rbf"]),
        ("multilabel", ["logistic-regression", "linear-svm"]),
        ("recommendation", ["popularity", "nearest-neighbours", "ridge"]),
    ],
)
def test_a_fusion_has_plain_methods_beside_it_that_learn_from_the_same_vectors(load, task, methods) -> None:
    said = {"extends": "own/fusion", "dataset": "SONGS"}
    both = {**said, "settings": [["audio", "text"]]}
    three = {**said, "inputs": ["audio", "text", "cover"], "features": {"cover": "colours"}}
    found = of_own(load, task=task, both=both, three=three)
    assert list(found) == ["both", "three", *(f"{method}-{of}" for of in ("both", "three") for method in methods)]
    for name, entry in found.items():
        of = name.rpartition("-")[2]
        assert all(entry.get(key) == found[of].get(key) for key in ("inputs", "settings", "features", "fact", "output"))
        assert (entry["network"]["name"], len(entry["seeds"])) == (("fusion", 2) if name == of else ("reference", 1))
    assert not of_own(load, both={**both, "references": {"joined": False}}).keys() - {"both"}


def test_factors_need_a_number_and_classes_do_not(load) -> None:
    less = {key: value for key, value in BASE.items() if key != "dim"}
    assert "dim" not in load({"base": less}).families["first"]["experiments"]["base"]
    with pytest.raises(TartarusError, match=r"first\.yaml: experiments: base: 'dim' is a required property"):
        load({"base": {**less, "fact": "pmi"}})
