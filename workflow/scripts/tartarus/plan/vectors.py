"""The vectors of a dataset's items by a name: what is exported, what neighbours are looked for in, what is drawn."""

from collections.abc import Sequence
from pathlib import Path

from tartarus.base.errors import TartarusError, suggestion
from tartarus.plan import archives, chains, given, lineage, names, requests
from tartarus.plan.config import Config, Section
from tartarus.plan.feature_kinds import GIVEN, LAYER, PATCHES, PICTURES, feature_file, kind_of
from tartarus.plan.request import Request


def features_of(config: Config, name: str, dataset: str) -> str:
    """Look up the features that a name stands for: a setting of the dataset, or the features themselves.

    Raises
    ------
    TartarusError
        If they are no vectors, one for each item, or if nothing makes them and they are not there.
    """
    settings = config.dataset(dataset)["settings"]
    features = str(settings.get(name, name))
    kind = kind_of(features)
    if kind in (PATCHES, PICTURES) or kind.are_word_ids:
        raise TartarusError(
            f"{dataset}: '{name}' has no vector for each item; ask for a layer of a model that was trained on it, "
            f"{name}-model-pred_layer, or for one of the settings of {dataset}: {', '.join(sorted(settings))}"
        )
    section = config.dataset(dataset)
    if kind.is_fitted:
        lineage.refuse_whole(config, dataset)
    elif "fold_of" in section:
        raise TartarusError(f"{dataset}: all folds share '{name}': ask for that of {section['fold_of']}")
    path = feature_file(features, archives.sets_of(config, dataset)[-1], lineage.home_of(config, features, dataset))
    if kind is GIVEN and config.dataset(dataset)["kind"] != "archive" and not Path(path).is_file():
        raise TartarusError(f"{dataset}: no features '{name}', and {path} is not there; {suggestion(name, settings)}")
    return features


def dataset_of(config: Config, name: str, built: Sequence[Request]) -> str:
    """Find the dataset whose vectors a family means by a name: the first of its experiments' that has a setting of it.

    Without any, the first on which a model is trained whose layer it names; else the first of all.
    """
    datasets = list(dict.fromkeys(request.dataset for request in built))
    layer = LAYER.parts(name).get("model")
    trained = [request.dataset for request in built if layer and request.name == layer]
    return [*(each for each in datasets if name in config.dataset(each)["settings"]), *trained, *datasets][0]


def files(config: Config, name: str, dataset: str) -> dict[str, str]:
    """Name the files of these vectors: set to path."""
    features = features_of(config, name, dataset)
    home = lineage.home_of(config, features, dataset)
    return {set_: feature_file(features, set_, home) for set_ in archives.sets_of(config, dataset)}


def of_a_file(config: Config, name: str, dataset: str) -> Section:
    """Write how these vectors are made of a file in an inbox, as an input of a chain; see `tartarus.plan.chains`.

    Raises
    ------
    TartarusError
        If nothing makes them of a file.
    """
    return chains.input_of(config, features_of(config, name, dataset), dataset, asked_by=f"{dataset}: '{name}'")


def files_of_hearing(config: Config, name: str, dataset: str) -> dict[str, list[str]]:
    """Name what is read to make these vectors of a file: the models of a chain; of words, their vocabulary."""
    features = features_of(config, name, dataset)
    models = chains.models({"models": [], "inputs": [of_a_file(config, name, dataset)]})
    home = lineage.home_of(config, features, dataset)
    vocabulary = [names.VOCABULARY.format(features=features, dataset=home)] if kind_of(features).has_vocabulary else []
    return {"models": list(dict.fromkeys(models)), "vocabulary": vocabulary}


def computing(config: Config, name: str, dataset: str) -> Section:
    """Give what the backend is started with to make them of a file: as for the model whose layer they are."""
    features, device = features_of(config, name, dataset), config.values["device"]
    if kind_of(features) is LAYER:
        return given.computing(requests.find_source(config, LAYER.parts(features)["model"], dataset), device)
    return {"device": device, "threads": config.values["experiment"]["threads"]}


def are_of_many_units(config: Config, name: str, dataset: str) -> bool:
    """Tell whether the columns of these vectors are of different units, so that only their spread makes them alike."""
    return kind_of(features_of(config, name, dataset)).is_standardised
