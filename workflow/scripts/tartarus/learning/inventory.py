"""The networks of all models, with their sizes, as far as the configuration alone tells them.

How long some vectors are shows only in the data: tf-idf has as many columns as the training texts have words that
qualify. Such networks are built twice, with two lengths made up: what differs depends on the data, and is left out.
"""

from dataclasses import dataclass

import keras
import numpy as np
from tartarus.base.errors import TartarusError, suggestion
from tartarus.learning import networks
from tartarus.plan import names, requests
from tartarus.plan.config import Config, ordered
from tartarus.plan.feature_kinds import LAYER, are_standardised, feature_file, kind_of, row_shape
from tartarus.plan.request import Request

Row = dict[str, str]
Shape = tuple[int, ...]

# Stand for lengths and numbers of words that are not known.
MADE_UP = (2, 3)


@dataclass(frozen=True)
class Sketch:
    """What there is to say of a network: the shape of a row of every layer's output, and the trained parameters."""

    layers: dict[str, Shape]
    parameters: int

    @property
    def flatten(self) -> int | None:
        """Tell the size of the layer ``flatten``, or else of ``concatenate``."""
        shape = self.layers.get("flatten", self.layers.get("concatenate"))
        return None if shape is None else int(np.prod(shape))


def rows(config: Config) -> list[Row]:
    """Make the rows of networks.tsv: one for each model that a family's name builds.

    Parameters
    ----------
    config : Config
        The whole configuration; nothing else is read.

    Returns
    -------
    list of dict
        `family`, `model`, `dataset`, `network`, `inputs` (features and the shape of a row), `output`, `dim`,
        `parameters` (trained), `flatten` (values that leave the layer ``flatten``, or else ``concatenate``), `layers`
        (names, in order), `note`. What depends on data is empty (in `inputs` a question mark); then the note says on
        which file.

    Raises
    ------
    TartarusError
        If a network does not fit its inputs, naming the model.
    """
    inventory = Inventory(config)
    return [
        inventory.row(request)
        for family in config.families
        for request in requests.requests_of(config, family, on_demand=True)
    ]


class Inventory:
    """Sketches of networks, each drawn once: many models share a network, or learn from the layers of a few.

    Parameters
    ----------
    config : Config
        The whole configuration.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._sketches: dict[str, Sketch] = {}

    def row(self, request: Request) -> Row:
        """Describe a request, as in `rows`."""
        requests.modalities(request)  # refuses models that are made from layers of their own, directly or in a circle
        one, other = (self._sketch(request, made_up) for made_up in MADE_UP)
        shapes = {features: self._known_shape(features, request.dataset) for features in request.features}
        options = request.options
        return {
            "family": request.family,
            "model": request.name,
            "dataset": request.dataset,
            "network": options["network"]["name"],
            "inputs": ", ".join(f"{features} {_shown(shapes[features])}" for features in request.features),
            "output": options["output"],
            "dim": str(request.dim),
            "parameters": _agreed(one.parameters, other.parameters),
            "flatten": _agreed(one.flatten, other.flatten),
            "layers": " ".join(one.layers),
            "note": "" if one == other else f"depends on {', '.join(self._unknown_files(request))}",
        }

    def _sketch(self, request: Request, made_up: int) -> Sketch:
        inputs = [self._input(features, request, made_up) for features in request.features]
        sizes = [
            (entry.shape, None if entry.weights is None else entry.weights.shape, entry.moments is None)
            for entry in inputs
        ]
        key = repr((ordered(request.options["network"]), request.options["output"], request.dim, sizes))
        if key not in self._sketches:
            self._sketches[key] = _drawn(request, inputs)
        return self._sketches[key]

    def _input(self, features: str, request: Request, made_up: int) -> networks.Input:
        shape = self._shape(features, request.dataset, made_up)
        if kind_of(features).are_word_ids:
            dimensions = self._config.dataset(request.dataset)[features]["dimensions"]
            return networks.Input(features, shape, {}, weights=np.zeros((made_up, dimensions), np.float32))
        is_standardised = are_standardised(features, if_possible=request.options.get("standardise", False))
        moments = (np.zeros(shape), np.ones(shape)) if is_standardised else None
        return networks.Input(features, shape, {}, moments=moments)

    def _shape(self, features: str, dataset: str, made_up: int) -> Shape:
        """Tell the shape of a row of features; where data decide it, with a made-up length."""
        known = row_shape(features, self._config.dataset(dataset))
        if known is not None:
            return known
        if kind_of(features) is LAYER:
            return (self._length_of_layer(**LAYER.parts(features), dataset=dataset, made_up=made_up),)
        return (made_up,)

    def _length_of_layer(self, model: str, layer: str, dataset: str, made_up: int) -> int:
        """Tell how many values a layer gives for an item: outputs of layers are kept as flat vectors."""
        shapes = self._sketch(requests.find_source(self._config, model, dataset), made_up).layers
        if layer not in shapes:
            raise TartarusError(f"{model}-pred_{layer}: {model} has no layer '{layer}'; {suggestion(layer, shapes)}")
        return int(np.prod(shapes[layer]))

    def _known_shape(self, features: str, dataset: str) -> Shape | None:
        one, other = (self._shape(features, dataset, made_up) for made_up in MADE_UP)
        return one if one == other else None

    def _unknown_files(self, request: Request) -> list[str]:
        """List the files, each once, that decide on the size of a network."""
        files: list[str] = []
        for features in request.features:
            kind = kind_of(features)
            if kind.are_word_ids:
                files.append(names.VOCABULARY.format(features=features, dataset=request.dataset))
            elif self._known_shape(features, request.dataset) is not None:
                continue
            elif kind is LAYER:
                model = kind.parts(features)["model"]
                files += self._unknown_files(requests.find_source(self._config, model, request.dataset))
            else:
                files.append(feature_file(features, "train", request.dataset))
        return list(dict.fromkeys(files))


def _drawn(request: Request, inputs: list[networks.Input]) -> Sketch:
    options = request.options
    # Collecting the memory of former networks each time would take longer than all the rest; Python does it in time.
    keras.utils.clear_session(free_memory=False)
    try:
        built = networks.build(
            request.name, inputs, network=options["network"], output=options["output"], n_outputs=request.dim
        )
    except TartarusError as error:
        raise TartarusError(f"{request.family}: {request.name}: {error}") from None
    shapes = {layer.name: tuple(layer.output.shape[1:]) for layer in built.layers}
    return Sketch(shapes, networks.parameters(built))


def _shown(shape: Shape | None) -> str:
    return "?" if shape is None else "x".join(map(str, shape))


def _agreed(one: int | None, other: int | None) -> str:
    return str(one) if one == other and one is not None else ""
