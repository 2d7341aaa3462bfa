"""Which dataset another one is of, whose features it has, and which models' outputs are meant there."""

from collections.abc import Iterable

from tartarus.base.errors import TartarusError, suggestion
from tartarus.plan.config import Config
from tartarus.plan.datasets import fold_name
from tartarus.plan.feature_kinds import LAYER, kind_of


def owner(name: str, experiments: Iterable[str]) -> str | None:
    """Tell which experiment a name is of, one that continues with settings: the longest that fits, if any does."""
    fitting = [known for known in experiments if name == known or name.startswith(f"{known}_")]
    return max(fitting, key=len, default=None)


def to_tracks(config: Config, dataset: str) -> list[str]:
    """Go from a dataset to the one that it is a view of, or that has its tracks, and on; it comes first itself."""
    section = config.dataset(dataset)
    following = next((section[key] for key in ("fold_of", "view_of", "albums_of") if key in section), None)
    return [dataset, *(to_tracks(config, following) if following else [])]


def fed_with(config: Config, model: str, dataset: str) -> tuple[str, str]:
    """Tell which family's models a layer's output names, and with the items of which dataset they are fed.

    Experiments on the dataset come first, then those on the datasets whose items or tracks it has (`to_tracks`), then
    those on any other: a model can be asked what it says of items that it was not trained for.

    Raises
    ------
    TartarusError
        If there is no such experiment, or several on other datasets.
    """
    owners: dict[str, dict[str, str]] = {}
    for family, content in config.families.items():
        for experiment, options in content["experiments"].items():
            owners.setdefault(experiment, {})[options["dataset"]] = family
    for home in to_tracks(config, dataset):
        here = owner(model, [known for known in owners if home in owners[known]])
        if here:
            return owners[here][home], dataset if "fold_of" in config.dataset(dataset) else home
    experiment = owner(model, owners)
    if experiment is None:
        raise TartarusError(f"no experiment '{model}' on {dataset}; {suggestion(model, owners)}")
    families = owners[experiment]
    if len(families) > 1:
        raise TartarusError(
            f"'{model}' on {dataset}: there are experiments of this name on {', '.join(sorted(families))}; rename one, "
            f"so that it is clear whose layer is meant"
        )
    (family,) = families.values()
    return family, dataset


def home_of(config: Config, features: str, dataset: str) -> str:
    """Tell which dataset has the files of features: a view shares those of the dataset that it is of.

    Only what a model makes of the view itself is its own: one that was trained on it, or on other items. A fold shares
    what is not fitted to the training items.
    """
    section, kind = config.dataset(dataset), kind_of(features)
    if "fold_of" in section:
        return dataset if kind.is_fitted else str(section["fold_of"])
    if "view_of" not in section:
        return dataset
    if kind is LAYER and fed_with(config, kind.parts(features)["model"], dataset)[1] == dataset:
        return dataset
    return home_of(config, features, section["view_of"])


def whole_of(config: Config, dataset: str) -> str:
    """Name the dataset that a view, or a fold, is of; of any other dataset, itself."""
    section = config.dataset(dataset)
    return str(section.get("view_of", section.get("fold_of", dataset)))


def refuse_whole(config: Config, dataset: str) -> None:
    """Stop if something is asked for of a dataset that each of its folds has by itself.

    Raises
    ------
    TartarusError
        Naming the folds.
    """
    folds = config.dataset(dataset).get("folds")
    if folds:
        first, last = fold_name(dataset, 1), fold_name(dataset, folds)
        raise TartarusError(f"{dataset} has folds, and each has this by itself: ask for that of {first} to {last}")


def is_mean_of_tracks(config: Config, features: str, dataset: str) -> bool:
    """Tell whether features of a dataset of albums are means over the tracks, which another dataset holds."""
    tracks = config.dataset(dataset).get("albums_of")
    if tracks is None or kind_of(features) is not LAYER:
        return False
    return fed_with(config, LAYER.parts(features)["model"], dataset)[1] in to_tracks(config, tracks)
