"""The vectors of a dataset's items by a name: what is exported, what neighbours are looked for in, what is drawn."""

from pathlib import Path

from tartarus.base.errors import TartarusError, suggestion
from tartarus.plan import archives, requests
from tartarus.plan.config import Config
from tartarus.plan.feature_kinds import GIVEN, PATCHES, PICTURES, feature_file, kind_of


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
