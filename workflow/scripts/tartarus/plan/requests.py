"""How requests are found: by the name of a target, by the output of a layer, by the name of a family."""

from collections.abc import Mapping
from typing import Any

from tartarus.base.errors import TartarusError, suggestion
from tartarus.plan import lineage
from tartarus.plan.config import Config
from tartarus.plan.feature_kinds import LAYER, FeatureKind, kind_of
from tartarus.plan.request import Request


def find(config: Config, family: str, name: str) -> Request:
    """Find what a target of a family asks for.

    Raises
    ------
    TartarusError
        If family, experiment or setting is unknown, or the number of settings is wrong; the message lists
        what exists.

    Examples
    --------
    In the folder of the repository:

    >>> from tartarus.base.documents import read_yaml
    >>> from tartarus.plan import config
    >>> whole = config.load(read_yaml("config/config.yaml"))
    >>> request = find(whole, "super", "dummy_multimodal_audio_bow")
    >>> request.experiment, request.settings, request.features[0]
    ('dummy_multimodal', ('audio', 'bow'), 'dummy_audio-pred_flatten')
    """
    experiments = config.family(family)["experiments"]
    experiment = lineage.owner(name, experiments)
    if experiment is None:
        raise TartarusError(f"results/{family}/{name}.json: no such experiment; {suggestion(name, experiments)}")
    settings = tuple(name.removeprefix(experiment).split("_")[1:])
    request = Request(family, experiment, settings, experiments[experiment], config)
    inputs = request.options["inputs"]
    wanted = 0 if isinstance(inputs, list) else inputs
    if len(request.settings) != wanted:
        known = config.dataset(request.dataset)["settings"]
        raise TartarusError(
            f"results/{family}/{name}.json: {experiment} takes {wanted} settings in its name, found "
            f"{len(request.settings)}; the settings of {request.dataset} are: {', '.join(sorted(known))}"
        )
    _ = request.features
    return request


def find_source(config: Config, name: str, dataset: str) -> Request:
    """Find the models that a layer's output names, as they are fed with a dataset; see `lineage.fed_with`.

    Raises
    ------
    TartarusError
        If there is no such experiment, several on other datasets, or its settings are wrong.
    """
    family, fed = lineage.fed_with(config, name, dataset)
    return find(config, family, name).on(fed)


def modalities(request: Request) -> set[str]:
    """Tell which raw material the inputs come from, through other models too: audio, text; see `raw_kinds`."""
    return {kind.modality for kind in raw_kinds(request) if kind.modality}


def raw_kinds(request: Request) -> set[FeatureKind]:
    """Tell the kinds of what the inputs come from; see `raw_features`."""
    return {kind_of(features) for features in raw_features(request)}


def raw_features(request: Request, *, followers: tuple[str, ...] = ()) -> set[str]:
    """Tell which features the inputs come from, through other models too: no outputs of layers.

    Raises
    ------
    TartarusError
        If a model is made from a layer of its own, directly or through others (`followers`).
    """
    if request.name in followers:
        circle = " <- ".join((*followers, request.name))
        raise TartarusError(f"{request.name}: made from a layer of its own ({circle}); give one of them other inputs")
    found: set[str] = set()
    for features in request.features:
        kind = kind_of(features)
        if kind is LAYER:
            source = find_source(request.config, kind.parts(features)["model"], request.dataset)
            found |= raw_features(source, followers=(*followers, request.name))
        else:
            found.add(features)
    return found


def requests_of(config: Config, family: str, *, on_demand: bool = False) -> list[Request]:
    """List what a family's name builds, in the order of the file.

    With `settings: []` an experiment is only built when it is asked for by a file's name; `on_demand` lists it too,
    if its inputs are fixed.
    """
    found = []
    for experiment, options in config.family(family)["experiments"].items():
        fixed: list[list[str]] = [[]] if on_demand and isinstance(options["inputs"], list) else []
        for settings in options.get("settings", [[]]) or fixed:
            found.append(find(config, family, "_".join((experiment, *settings))))
    return found


def description(request: Request) -> dict[str, Any]:
    """Write the head of a result file."""
    return {
        "dataset": request.dataset,
        "experiment": request.experiment,
        "family": request.family,
        "features": list(request.features),
        "seeds": request.options["seeds"],
        "settings": list(request.settings),
        "task": request.task,
    }


def published(request: Request) -> Mapping[str, Any]:
    """Look up what was published of a result: where, and which figures; empty if nothing was."""
    paper = request.config.published.get(request.family, {"rows": {}})
    row = paper["rows"].get(request.name)
    return {"source": paper["source"], "figures": row["figures"]} if row else {}
