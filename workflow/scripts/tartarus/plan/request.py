"""What a target asks for: an experiment with its settings, and the files that this takes.

A request is named by its experiment and the settings that it is given, joined by underscores:
``dummy_multimodal_audio_bow`` is the experiment ``dummy_multimodal`` with the settings ``audio`` and ``bow``.
The dataset says which features a setting stands for; an experiment may say otherwise.
"""

from dataclasses import dataclass, replace
from functools import cached_property

from tartarus.base.errors import TartarusError, suggestion
from tartarus.plan import lineage, names
from tartarus.plan.config import Config, Section
from tartarus.plan.datasets import fold_name
from tartarus.plan.feature_kinds import STANDING_FOR_THEMSELVES, feature_file, kind_of
from tartarus.plan.kinds import ALL, SETS, TASKS, Task


@dataclass(frozen=True)
class Request:
    """An experiment with its settings: what one result is about.

    Attributes
    ----------
    family, experiment : str
        Where the experiment stands in the configuration.
    settings : tuple of str
        The settings named in the target, in that order.
    options : dict
        What the experiment says, with all that it inherits.
    config : Config
        The configuration that it comes from.
    """

    family: str
    experiment: str
    settings: tuple[str, ...]
    options: Section
    config: Config

    @property
    def name(self) -> str:
        """Join experiment and settings, as in file names."""
        return "_".join((self.experiment, *self.settings))

    @property
    def dataset(self) -> str:
        """Tell which dataset the experiment runs on."""
        return str(self.options["dataset"])

    def on(self, dataset: str) -> "Request":
        """Give the same trained models, to be fed with the items of another dataset."""
        return replace(self, options={**self.options, "dataset": dataset})

    def folds(self) -> list["Request"]:
        """List the same request of every fold of the dataset; of one without folds, only itself."""
        return [self.on(fold_name(self.dataset, fold)) for fold in self.numbers_of_folds()] or [self]

    def numbers_of_folds(self) -> list[int]:
        """List the numbers of the folds, whose scores are in one file; none if the dataset has no folds."""
        return [*range(1, self.config.dataset(self.dataset).get("folds", 0) + 1)]

    @property
    def fold(self) -> int | None:
        """Tell of which fold the models are; asked about another dataset, those of the first say it."""
        home = self.config.family(self.family)["experiments"][self.experiment]["dataset"]
        section = self.config.dataset(self.dataset)
        if section.get("fold_of") == home:
            return int(section["fold"])
        return 1 if "folds" in self.config.dataset(home) else None

    @property
    def is_at_home(self) -> bool:
        """Tell whether the dataset is the experiment's own, whose targets its models are trained for."""
        return bool(self.config.family(self.family)["experiments"][self.experiment]["dataset"] == self.dataset)

    @property
    def task(self) -> str:
        """Tell what is to be predicted, by a key of `tartarus.plan.kinds.TASKS`."""
        return "retrieval" if self.options["output"] == "space" else str(self.config.dataset(self.dataset)["task"])

    @property
    def kind_of_task(self) -> Task:
        """Look up what there is to know of the task."""
        return TASKS[self.task]

    @cached_property
    def features(self) -> tuple[str, ...]:
        """Look up the features of every input, for example ``patches_1_15`` or ``dummy_audio-pred_flatten``."""
        # What has one name everywhere stands for itself, unless the dataset or the experiment says otherwise.
        known = {**STANDING_FOR_THEMSELVES, **self.config.dataset(self.dataset)["settings"]}
        known |= self.options.get("features", {})
        inputs = self.options["inputs"]
        wanted = inputs if isinstance(inputs, list) else self.settings
        for name in wanted:
            if name not in known:
                raise TartarusError(
                    f"{self.name}: the dataset {self.dataset} has no setting '{name}'; {suggestion(name, known)}"
                )
        return tuple(known[name] for name in wanted)

    @property
    def dim(self) -> int:
        """Tell how many classes or factors are predicted: as the experiment says, else as many as there are classes."""
        said = self.options.get("dim")
        return self.config.count_classes(self.dataset) if said is None else int(said)

    @property
    def learns_from_all(self) -> bool:
        """Tell whether the validation items are learned from, too."""
        return bool(self.options.get("learn_from") == "all")

    def feature_names(self) -> list[str]:
        """List the features of every input."""
        return list(self.features)

    def source(self, set_: str) -> str:
        """Tell which set's files hold the items of a set: validation items may be cut from those for training."""
        return "train" if set_ == "val" and self.options["validation"] == "cut" else set_

    def files(self, set_: str) -> list[str]:
        """List the files of every input for one set."""
        return [self.file(features, set_) for features in self.features]

    def file(self, features: str, set_: str) -> str:
        """Name the file of an input for one set; what is the same in all folds is in one file for all sets."""
        home = self.home_of(features)
        return feature_file(features, ALL if "folds" in self.config.dataset(home) else self.source(set_), home)

    def home_of(self, features: str) -> str:
        """Tell which dataset has the files of an input."""
        return lineage.home_of(self.config, features, self.dataset)

    def index_file(self, set_: str) -> str:
        """Name the ids of one set."""
        return names.INDEX.format(set=self.source(set_), dataset=self.dataset)

    def index_files(self) -> list[str]:
        """Name the ids of all sets, train, val and test."""
        return [self.index_file(set_) for set_ in SETS]

    def vocabularies(self) -> list[str]:
        """List the vocabularies that the inputs are written in."""
        return [
            names.VOCABULARY.format(features=features, dataset=self.home_of(features))
            for features in self.features
            if kind_of(features).has_vocabulary
        ]

    def target_file(self, set_: str) -> str:
        """Name what the models are to predict for one set."""
        return self._targets(set_, self.options["fact"], self.dim)

    def _targets(self, set_: str, fact: str, dim: int) -> str:
        return names.TARGETS.format(set=self.source(set_), fact=fact, dim=dim, dataset=self.dataset)

    @property
    def is_archived(self) -> bool:
        """Tell whether an archive holds the dataset."""
        return bool(self.config.dataset(self.dataset)["kind"] == "archive")

    @property
    def plays_are_known(self) -> bool:
        """Tell whether plays are to be predicted whose counts are known here: not those of an archive."""
        return not self.kind_of_task.has_classes and not self.is_archived

    def truth_files(self, n_classes: int | None = None) -> dict[str, str]:
        """Name what predictions are measured against: classes of val and test; or plays, and factors of users.

        Of plays that were factorised here, the factors of the test items are known too, and how popular they are.
        `n_classes` is how many there are, of a dataset with a table; an archive says it itself.
        """
        fact, task = self.options["fact"], self.kind_of_task
        if not task.of_dataset:
            return {}
        dim = self.dim
        factors = names.FACTORS.format(side=task.side, fact=fact, dim=dim, dataset=self.dataset)
        if not task.has_classes:
            files = {"plays": names.PLAYS.format(set="test", dataset=self.dataset), "user_factors": factors}
            if self.plays_are_known:
                files["item_factors"] = self.target_file("test")
                files["users"] = names.USERS.format(dataset=self.dataset)
                files["played"] = names.PLAYED.format(dataset=self.dataset)
            return files
        if fact == "class":
            n_classes = dim
        elif self.is_archived:
            n_classes = self.config.dataset(self.dataset)["classes"]
        sets = sorted(task.scored_sets, reverse=True)
        files = {f"y_{set_}": self._targets(set_, "class", n_classes or 0) for set_ in sets}
        if fact != "class":
            files["class_factors"] = factors
        # A fold has the classes of the whole; a view has its own.
        named_by = self.config.dataset(self.dataset).get("fold_of", self.dataset)
        return {**files, "classes": names.CLASSES.format(dataset=named_by)}

    def models(self) -> list[str]:
        """List the trained models, one for each seed."""
        return [self._trained(names.MODEL, seed) for seed in self.options["seeds"]]

    def histories(self) -> list[str]:
        """List the courses of the trainings, one for each seed."""
        return [self._trained(names.HISTORY, seed) for seed in self.options["seeds"]]

    def _trained(self, pattern: str, seed: int) -> str:
        fold = names.folder_of(self.fold)
        return pattern.format(family=self.family, model=self.name, fold=fold, seed=seed)

    def predictions(self) -> list[str]:
        """List the scores that a result is made from."""
        return [
            names.PREDICTIONS.format(family=self.family, model=self.name, set=set_)
            for set_ in self.kind_of_task.scored_sets
        ]

    def result(self) -> str:
        """Name the result."""
        return names.RESULT.format(family=self.family, model=self.name)
