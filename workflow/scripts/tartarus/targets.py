"""What a file name asks for: families, experiments, settings, features, and the files that they are in.

A model is named by its experiment and the settings that it is given, joined by underscores:
``dummy_multimodal_audio_bow`` is the experiment ``dummy_multimodal`` with the settings ``audio`` and ``bow``.
The dataset says which features a setting stands for; an experiment may say otherwise.
"""

import re
from dataclasses import dataclass, replace
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

    def on(self, dataset: str) -> "Model":
        """Give the same trained models, to be fed with the items of another dataset."""
        return replace(self, options={**self.options, "dataset": dataset})

    @property
    def task(self) -> str:
        """Tell what is to be predicted: multiclass, multilabel or recommendation."""
        return str(self.config.dataset(self.dataset)["task"])

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

    def source(self, set_: str) -> str:
        """Tell which set's files hold the items of a set: validation items may be cut from those for training."""
        return "train" if set_ == "val" and self.options["validation"] == "cut" else set_

    def files(self, set_: str) -> list[str]:
        """List the files of every input for one set."""
        return [feature_file(features, self.source(set_), self.dataset) for features in self.features]

    def index_file(self, set_: str) -> str:
        """Name the ids of one set."""
        return index_file(self.source(set_), self.dataset)

    def vocabularies(self) -> list[str]:
        """List the vocabularies that the inputs are written in."""
        return [vocabulary_file(name, self.dataset) for name in self.features if name in WORD_FEATURES]

    def target_file(self, set_: str) -> str:
        """Name what the model is to predict for one set."""
        return target_file(self.source(set_), self.options["fact"], self.options["dim"], self.dataset)

    def truth_files(self) -> dict[str, str]:
        """Name what predictions are measured against: classes of val and test; or plays, and factors of users."""
        fact, dim = self.options["fact"], self.options["dim"]
        if self.task == "recommendation":
            return {
                "plays": matrix_file(self.dataset),
                "user_factors": factors_file("user", fact, dim, self.dataset),
            }
        n_classes = dim if fact == "class" else self.config.dataset(self.dataset)["classes"]
        # Of one label, validation has nothing to say: there is no threshold to choose.
        sets = ("test",) if self.task == "multiclass" else ("val", "test")
        files = {f"y_{set_}": target_file(self.source(set_), "class", n_classes, self.dataset) for set_ in sets}
        if fact != "class":
            files["class_factors"] = factors_file("class", fact, dim, self.dataset)
        return {**files, "classes": class_file(self.dataset)}

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
                source = find_source(self.config, layer["model"], self.dataset)
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


def class_file(dataset: str) -> str:
    """Name the file of a dataset's classes."""
    return f"data/splits/genre_labels_{dataset}.tsv"


def factors_file(side: str, fact: str, dim: int, dataset: str) -> str:
    """Name the factors of users or classes."""
    return f"data/splits/{side}_factors_{fact}_{dim}_{dataset}.npy"


def matrix_file(dataset: str) -> str:
    """Name the plays of the test items."""
    return f"data/splits/matrix_test_{dataset}.npz"


def albums_file(dataset: str) -> str:
    """Name the table that tells the album of every track."""
    return f"data/splits/albums_{dataset}.tsv"


def shards(config: Config, dataset: str, set_: str) -> list[str]:
    """List the shards of a set's tracks: a track belongs to one shard of its own set."""
    return [f"{set_}-{number}" for number in range(config.dataset(dataset)["audio"]["shards"])]


def track_tables(config: Config, dataset: str, set_: str) -> list[str]:
    """List the tables that tell what became of a set's tracks."""
    return [f"data/spectrograms/tracks_{dataset}_{shard}.tsv" for shard in shards(config, dataset, set_)]


def status_files(model: Model) -> list[str]:
    """List the tables that tell what became of every item of the model's raw material."""
    files = []
    if model.config.dataset(model.dataset)["kind"] in ("archive", "albums"):
        return []
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


def find_source(config: Config, name: str, dataset: str) -> Model:
    """Find the model that a layer's output names, as it is fed with a dataset.

    Experiments on that dataset come first, then those on the dataset of its tracks, then those on any other: a
    model can be asked what it says of items that it was not trained for.

    Raises
    ------
    TartarusError
        If there is no such experiment, or several on other datasets.
    """
    near = [dataset, config.dataset(dataset).get("albums_of", dataset)]
    owners: dict[str, dict[str, str]] = {}
    for family, content in config.families.items():
        for experiment, options in content["experiments"].items():
            owners.setdefault(experiment, {})[options["dataset"]] = family
    fitting = [known for known in owners if name == known or name.startswith(f"{known}_")]
    for home in near:
        here = [known for known in fitting if home in owners[known]]
        if here:
            return find(config, owners[max(here, key=len)][home], name)
    if not fitting:
        raise TartarusError(f"no experiment '{name}' on {dataset}; {suggestion(name, owners)}")
    families = owners[max(fitting, key=len)]
    if len(families) > 1:
        raise TartarusError(
            f"'{name}' on {dataset}: there are experiments of this name on {', '.join(sorted(families))}; rename one, "
            f"so that it is clear whose layer is meant"
        )
    (family,) = families.values()
    return find(config, family, name).on(dataset)


def is_mean_of_tracks(config: Config, features: str, dataset: str) -> bool:
    """Tell whether features of a dataset of albums are means over the tracks, which another dataset holds."""
    layer = LAYER_OUTPUT.fullmatch(features)
    tracks = config.dataset(dataset).get("albums_of")
    return layer is not None and tracks is not None and find_source(config, layer["model"], dataset).dataset == tracks


def models_of(config: Config, family: str, *, on_demand: bool = False) -> list[Model]:
    """List the models that a family's name builds, in the order of the file.

    With `settings: []` an experiment is only built when it is asked for by a file's name; `on_demand` lists it too,
    if its inputs are fixed.
    """
    models = []
    for experiment, options in config.family(family)["experiments"].items():
        fixed: list[list[str]] = [[]] if on_demand and isinstance(options["inputs"], list) else []
        for settings in options.get("settings", [[]]) or fixed:
            models.append(find(config, family, "_".join((experiment, *settings))))
    return models
