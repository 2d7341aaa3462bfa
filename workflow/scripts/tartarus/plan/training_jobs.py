"""Which trainings there are, and what follows from them: patterns of models, means over tracks, measured times."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from tartarus.plan import lineage, names
from tartarus.plan.dataset_jobs import DatasetJobs
from tartarus.plan.feature_kinds import LAYER, OF_TRACKS, kind_of
from tartarus.plan.request import Request


@dataclass(frozen=True)
class Training:
    """The training of an experiment with some of its seeds: what one rule is for.

    Attributes
    ----------
    rule : str
        The name of the rule.
    family, experiment : str
        What is trained.
    seeds : list of int
        With which seeds, in one job.
    runs : list of (str, int)
        The models of the job: folder of the fold, empty without any, and seed; one fold after the other.
    folds : int
        How many folds there are; 1 without any.
    models : str
        The regular expression of the names of the experiment's models.
    is_awaited : bool
        Whether a dataset offers a layer of these models as features, so that others wait for them.
    """

    rule: str
    family: str
    experiment: str
    seeds: list[int]
    runs: list[tuple[str, int]]
    folds: int
    models: str
    is_awaited: bool


class TrainingJobs(DatasetJobs):
    """The trainings that a configuration asks for."""

    def trainings(self) -> Iterator[Training]:
        """Go through the trainings of all experiments; one of many seeds takes several jobs, each with a rule."""
        for family, content in self._config.families.items():
            for experiment, options in content["experiments"].items():
                seeds, size = options["seeds"], options["seeds_per_job"]
                count = self._config.dataset(options["dataset"]).get("folds", 0)
                folds = [names.folder_of(fold) for fold in range(1, count + 1)] or [""]
                models = self.models_pattern(family, experiment)
                is_awaited = self._is_awaited(models)
                for first in range(0, len(seeds), size):
                    name = f"train_{family}_{experiment}"
                    if size < len(seeds):
                        name += f"_from_seed_{seeds[first]}"
                    chosen = seeds[first : first + size]
                    runs = [*product(folds, chosen)]
                    yield Training(name, family, experiment, chosen, runs, len(folds), models, is_awaited)

    def models_pattern(self, family: str, experiment: str) -> str:
        """Write the regular expression of an experiment's models: not those of one whose longer name begins alike."""
        longer = [name for name in self._config.family(family)["experiments"] if name.startswith(f"{experiment}_")]
        others = "".join(f"(?!{re.escape(name)}(_|/|-pred_|\\Z))" for name in longer)
        return rf"{others}{re.escape(experiment)}(_[^_/]+)*"

    def _is_awaited(self, models: str) -> bool:
        """Tell whether a dataset offers a layer of these models as features."""
        offered = {name for section in self._config.datasets.values() for name in section["settings"].values()}
        return any(
            re.match(rf"({models})-pred_[^_]+\Z", name) is not None for name in offered if kind_of(name) is LAYER
        )

    def averaged_features(self) -> str:
        """Write the regular expression of features that albums get as means of their tracks.

        They are what is measured of sound, and layers of models that were trained on tracks.
        """
        tracks = {
            dataset
            for name in self.album_datasets()
            for dataset in lineage.to_tracks(self._config, self._config.dataset(name)["albums_of"])
        }
        patterns = {
            self.models_pattern(family, experiment)
            for family, content in self._config.families.items()
            for experiment, options in content["experiments"].items()
            if options["dataset"] in tracks
        }
        layers = [rf"({pattern})-pred_[^_/]+" for pattern in sorted(patterns)]
        return "|".join([*(kind.wildcard for kind in OF_TRACKS), *layers])

    def training_benchmarks(self, built: Sequence[Request]) -> list[str]:
        """List the measured times of all trainings of some requests.

        They are no inputs: whoever clears the folder of benchmarks would have to train all models again.
        """
        first_seeds: dict[tuple[str, str], list[int]] = {}
        for training in self.trainings():
            first_seeds.setdefault((training.family, training.experiment), []).append(training.seeds[0])
        return [
            names.TRAINING_BENCHMARK.format(family=request.family, model=request.name, seed=seed)
            for request in built
            for seed in first_seeds[request.family, request.experiment]
        ]
