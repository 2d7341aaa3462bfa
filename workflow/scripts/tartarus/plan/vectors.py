"""The vectors of a dataset's items by a name: what is exported, what neighbours are looked for in, what is drawn."""

from dataclasses import replace
from pathlib import Path

from tartarus.base.errors import TartarusError, suggestion
from tartarus.plan import archives, requests
from tartarus.plan.config import Config
from tartarus.plan.feature_kinds import GIVEN, LAYER, PATCHES, PICTURES, feature_file, kind_of
from tartarus.plan.requests import Request


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
        requests.refuse_whole(config, dataset)
    elif "fold_of" in section:
        raise TartarusError(f"{dataset}: all folds share '{name}': ask for that of {section['fold_of']}")
    path = feature_file(features, archives.sets_of(config, dataset)[-1], requests.home_of(config, features, dataset))
    if kind is GIVEN and config.dataset(dataset)["kind"] != "archive" and not Path(path).is_file():
        raise TartarusError(f"{dataset}: no features '{name}', and {path} is not there; {suggestion(name, settings)}")
    return features


def files(config: Config, name: str, dataset: str) -> dict[str, str]:
    """Name the files of these vectors: set to path."""
    features = features_of(config, name, dataset)
    home = requests.home_of(config, features, dataset)
    return {set_: feature_file(features, set_, home) for set_ in archives.sets_of(config, dataset)}


def layer_of(config: Config, name: str, dataset: str) -> tuple[Request, str]:
    """Find the model, with its first seed, and its layer whose outputs these vectors are.

    Raises
    ------
    TartarusError
        If they are no outputs of a layer: then nothing makes them of a file in an inbox.
    """
    features = features_of(config, name, dataset)
    if kind_of(features) is not LAYER:
        raise TartarusError(
            f"{dataset}: neighbours of files in an inbox are found by outputs of a layer, and '{name}' is none; ask by "
            f"<model>-pred_<layer>"
        )
    parts = LAYER.parts(features)
    source = requests.find_source(config, parts["model"], dataset)
    return replace(source, options={**source.options, "seeds": source.options["seeds"][:1]}), parts["layer"]
