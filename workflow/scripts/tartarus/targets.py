"""What a file name asks for: families, experiments, settings, features, and the files that they are in.

A model is named by its experiment and the settings that it is given, joined by underscores:
``dummy_multimodal_audio_bow`` is the experiment ``dummy_multimodal`` with the settings ``audio`` and ``bow``.
The dataset says which features a setting stands for; an experiment may say otherwise.
"""

import re
from dataclasses import dataclass
from functools import cached_property

from tartarus.config import SETS, Config, Settings
from tartarus.errors import TartarusError, suggestion

PATCHES = re.compile(r"patches_(?P<n>\d+)_(?P<seconds>\d+)")
LAYER_OUTPUT = re.compile(r"(?P<model>.+)-pred_(?P<layer>[^_]+)")
WORD_FEATURES = ("bow", "w2v")


@dataclass(frozen=True)
class Model:
    """An experiment with its settings: what one result is about.

    Attributes
    ----------
    family, experiment : str
        Where the experiment stands in the configuration.
    settings : tuple of str
        The settings named in the target, in that order.
    options : dict
        The resolved settings of the experiment.
    config : Config
        The configuration that it comes from.
    """

    family: str
    experiment: str
    settings: tuple[str, ...]
    options: Settings
    config: Config

    @property
    def name(self) -> str:
        """Join experiment and settings, as in file names."""
        return "_".join((self.experiment, *self.settings))

    @property
    def dataset(self) -> str:
        """Tell which dataset the experiment runs on."""
        return str(self.options["dataset"])

    @cached_property
    def features(self) -> tuple[str, ...]:
        """Look up the features of every input, for example ``patches_1_15`` or ``dummy_audio-pred_flatten``."""
        known = {**self.config.dataset(self.dataset)["settings"], **self.options.get("features", {})}
        inputs = self.options["inputs"]
        names = inputs if isinstance(inputs, list) else self.settings
        for name in names:
            if name not in known:
                raise TartarusError(
                    f"{self.name}: the dataset {self.dataset} has no setting '{name}'; {suggestion(name, known)}"
                )
        return tuple(known[name] for name in names)

    def files(self, set_: str) -> list[str]:
        """List the files of every input for one set."""
        return [feature_file(features, set_, self.dataset) for features in self.features]

    def vocabularies(self) -> list[str]:
        """List the vocabularies that the inputs are written in."""
        return [vocabulary_file(name, self.dataset) for name in self.features if name in WORD_FEATURES]

    def target_file(self, set_: str) -> str:
        """Name the ground truth for one set."""
        return target_file(set_, self.options["fact"], self.options["dim"], self.dataset)

    def trained(self) -> list[str]:
        """List the trained models, one for each seed."""
        return [f"data/models/{self.family}/{self.name}/seed-{seed}/model.keras" for seed in self.options["seeds"]]

    def modalities(self, *, followers: tuple[str, ...] = ()) -> set[str]:
        """Tell which raw material the inputs come from, through other models too: audio, text.

        Raises
        ------
        TartarusError
            If a model is made from a layer of its own, directly or through others (`followers`).
        """
        if self.name in followers:
            circle = " <- ".join((*followers, self.name))
            raise TartarusError(f"{self.name}: made from a layer of its own ({circle}); give one of them other inputs")
        found: set[str] = set()
        for features in self.features:
            layer = LAYER_OUTPUT.fullmatch(features)
            if PATCHES.fullmatch(features):
                found.add("audio")
            elif layer:
                source = find_on_dataset(self.config, layer["model"], self.dataset)
                found |= source.modalities(followers=(*followers, self.name))
            elif features in WORD_FEATURES:
                found.add("text")
        return found


def feature_file(features: str, set_: str, dataset: str) -> str:
    """Name the file of a set's features."""
    patches = PATCHES.fullmatch(features)
    if patches:
        return f"data/patches/patches_{set_}_{dataset}_{patches['n']}_{patches['seconds']}.hdf5"
    return f"data/train_data/X_{set_}_{features}_{dataset}.npz"


def vocabulary_file(features: str, dataset: str) -> str:
    """Name the file of the vocabulary of features made from words."""
    return f"data/train_data/vocabulary_{features}_{dataset}.npz"


def index_file(set_: str, dataset: str) -> str:
    """Name the file of a set's ids."""
    return f"data/splits/items_index_{set_}_{dataset}.tsv"


def target_file(set_: str, fact: str, dim: int, dataset: str) -> str:
    """Name the file of a set's ground truth."""
    return f"data/splits/y_{set_}_{fact}_{dim}_{dataset}.npy"


def shards(config: Config, dataset: str, set_: str) -> list[str]:
    """List the shards of a set's tracks: a track belongs to one shard of its own set."""
    return [f"{set_}-{number}" for number in range(config.dataset(dataset)["audio"]["shards"])]


def track_tables(config: Config, dataset: str, set_: str) -> list[str]:
    """List the tables that tell what became of a set's tracks."""
    return [f"data/spectrograms/tracks_{dataset}_{shard}.tsv" for shard in shards(config, dataset, set_)]


def status_files(model: Model) -> list[str]:
    """List the tables that tell what became of every item of the model's raw material."""
    files = []
    if "audio" in model.modalities():
        for set_ in SETS:
            files += track_tables(model.config, model.dataset, set_)
    if "text" in model.modalities():
        files.append(f"data/texts/texts_{model.dataset}.tsv")
    return files


def find(config: Config, family: str, name: str) -> Model:
    """Find the model that a target of a family names.

    Raises
    ------
    TartarusError
        If family, experiment or setting is unknown, or the number of settings is wrong; the message lists
        what exists.
    """
    experiments = config.family(family)["experiments"]
    fitting = [known for known in experiments if name == known or name.startswith(f"{known}_")]
    if not fitting:
        raise TartarusError(f"results/{family}/{name}.json: no such experiment; {suggestion(name, experiments)}")
    experiment = max(fitting, key=len)
    settings = tuple(name.removeprefix(experiment).split("_")[1:])
    model = Model(family, experiment, settings, experiments[experiment], config)
    inputs = model.options["inputs"]
    wanted = 0 if isinstance(inputs, list) else inputs
    if len(model.settings) != wanted:
        known = config.dataset(model.dataset)["settings"]
        raise TartarusError(
            f"results/{family}/{name}.json: {experiment} takes {wanted} settings in its name, found "
            f"{len(model.settings)}; the settings of {model.dataset} are: {', '.join(sorted(known))}"
        )
    _ = model.features
    return model


def find_on_dataset(config: Config, name: str, dataset: str) -> Model:
    """Find the model that a layer's output names, whichever family it belongs to."""
    config.dataset(dataset)
    candidates = {}
    for family, content in config.families.items():
        for experiment, options in content["experiments"].items():
            if options["dataset"] == dataset:
                candidates[experiment] = family
    fitting = [known for known in candidates if name == known or name.startswith(f"{known}_")]
    if not fitting:
        raise TartarusError(f"no experiment '{name}' on {dataset}; {suggestion(name, candidates)}")
    return find(config, candidates[max(fitting, key=len)], name)


def models_of(config: Config, family: str) -> list[Model]:
    """List the models that a family's name builds, in the order of the file."""
    models = []
    for experiment, options in config.family(family)["experiments"].items():
        for settings in options.get("settings", [[]]):
            models.append(find(config, family, "_".join((experiment, *settings))))
    return models
