"""Which jobs there are, and what each is given: what the rules ask, in plain Python.

A rule knows of a job what the name of its file tells (`Job`: dataset, set, features ...) or which request it serves
(`Request`). All else follows from the configuration.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from tartarus.base.arrays import read_arrays
from tartarus.base.errors import TartarusError, suggestion
from tartarus.base.files import refuse_future
from tartarus.plan import archives, chains, names, pretrained, requests
from tartarus.plan.dataset_jobs import Job
from tartarus.plan.feature_kinds import COLOURS, GIVEN, KINDS, LAYER, OF_TRACKS, kind_of
from tartarus.plan.kinds import SETS
from tartarus.plan.report_jobs import ReportJobs
from tartarus.plan.requests import Request

# Path of ours to its row in the report of an archive's check.
Status = Mapping[str, Mapping[str, str]]


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


class Jobs(ReportJobs):
    """The jobs that a configuration asks for."""

    def request(self, job: Job) -> Request:
        """Find what a file name is about: in its family, or by its dataset."""
        if "family" in job:
            return requests.find(self._config, job["family"], job["model"])
        return requests.find_source(self._config, job["model"], job["dataset"])

    def tagger(self, name: str) -> Request:
        """Find the request that a file of tags or listeners is named by: family and name, joined by an underscore."""
        family = requests.owner(name, self._config.families)
        if family is None:
            meant = suggestion(name.split("_")[0], self._config.families)
            raise TartarusError(f"{name}.tsv: write <family>_<model>; {meant}")
        return requests.find(self._config, family, name.removeprefix(f"{family}_"))

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
            for dataset in requests.to_tracks(self._config, self._config.dataset(name)["albums_of"])
        }
        patterns = {
            self.models_pattern(family, experiment)
            for family, content in self._config.families.items()
            for experiment, options in content["experiments"].items()
            if options["dataset"] in tracks
        }
        layers = [rf"({pattern})-pred_[^_/]+" for pattern in sorted(patterns)]
        return "|".join([*(kind.wildcard for kind in OF_TRACKS), *layers])

    def files(self, request: Request, set_: str) -> list[str]:
        """List the files of every input of a request for one set.

        Raises
        ------
        TartarusError
            If the features of an input are made by nothing here, and are not there either.
        """
        for features in request.features:
            self._expect_to_be_had(features, request)
        return request.files(set_)

    def _expect_to_be_had(self, features: str, request: Request) -> None:
        kind, dataset = kind_of(features), request.home_of(features)
        path = request.file(features, "test")
        if kind in (*OF_TRACKS, COLOURS):
            _refuse_others(path, features)
            pretrained.refuse_unknown(features, self._config.dataset(dataset))
        if kind is not GIVEN or self._config.dataset(dataset)["kind"] == "archive":
            return
        if Path(path).is_file():
            refuse_future(path)
            return
        folder, start = Path(path).parent, f"X_{Path(path).name.split('_')[1]}_"
        there = {
            found.name.removeprefix(start).removesuffix(f"_{dataset}.npz")
            for found in folder.glob(f"{start}*_{dataset}.npz")
        }
        made = [entry.name for entry in KINDS if entry.made_by]
        raise TartarusError(
            f"{request.name}: nothing makes the features '{features}', and {path} is not there; "
            f"{suggestion(features, [*made, *there])}; or put vectors of your own into {folder}"
        )

    def padding(self, request: Request) -> str | None:
        """Tell what stands behind the end of tracks shorter than the patches that a training draws anew."""
        if not request.options.get("augmentation", {}).get("fresh"):
            return None
        return str(self._config.dataset(request.home_of(request.features[0]))["patches"]["pad"])

    def first_model(self, request: Request) -> str:
        """Name the model whose layer is written, for all three sets of a dataset."""
        requests.refuse_whole(self._config, request.dataset)
        if len(archives.sets_of(self._config, request.dataset)) < len(SETS):
            raise TartarusError(
                f"{request.name}: layers are written for the sets train, val and test, but {request.dataset} has no "
                f"set val"
            )
        return request.models()[0]

    # --- Families ---------------------------------------------------------------------------------------

    def archives_of(self, family: str) -> list[str]:
        """List the archives that hold what a family's results are made from."""
        known = {
            entry.path: archive
            for archive in self._config.archives
            for entry in archives.expected(self._config, archive)
        }
        asked = requests.requests_of(self._config, family)
        needed = (path for request in asked for path in archives.needed_by(request))
        return sorted({known[path] for path in needed if path in known})

    def sorted_requests(self, family: str, status: Status) -> tuple[list[Request], dict[str, list[str]]]:
        """Part the requests of a family's name into those that can be built, and those that lack files.

        Parameters
        ----------
        family : str
            Its name.
        status : mapping
            What the checks of its archives have found.

        Returns
        -------
        built : list of Request
        left_out : dict
            Name to the files that it lacks.

        Raises
        ------
        TartarusError
            If a file is there but invalid.
        """
        built, left_out = [], {}
        for request in requests.requests_of(self._config, family):
            missing = archives.missing_for(request, status)
            if missing:
                left_out[request.name] = missing
            else:
                built.append(request)
        return built, left_out

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


def _refuse_others(path: str, features: str) -> None:
    """Stop before a rule writes over vectors that somebody has put under the name of what is made here."""
    if not Path(path).is_file():
        return
    refuse_future(path)
    signature = str(read_arrays(path, only="signature").get("signature", ""))
    if f'"kind": "{features}"' not in signature:
        raise TartarusError(
            f"{path}: vectors of your own, but '{features}' are made here, and would be written over them; "
            f"rename the files of all three sets, and write the new name under settings"
        )


def refuse_nothing(family: str, built: Sequence[Request], left_out: Mapping[str, Sequence[str]]) -> None:
    """Stop if no request of a family can be built, once it was told what each lacks."""
    if not built:
        why = "every experiment lacks files of its archive" if left_out else "no experiment says with which settings"
        raise TartarusError(f"{family}: nothing can be built: {why}; ask for results by their names")


def of_folds(request: Request, get: Callable[..., Any], *arguments: Any) -> list[Any]:
    """Ask about every fold of a request in turn, and put all answers into one list; see `Request.folds`."""
    found: list[Any] = []
    for fold in request.folds():
        answer = get(fold, *arguments)
        found += answer if isinstance(answer, list) else [answer]
    return found


def results(built: Iterable[Request]) -> list[str]:
    """List the results of some requests."""
    return [request.result() for request in built]


def samples_to_compare(built: Iterable[Request]) -> list[str]:
    """List the bootstrap samples of some requests, if there is a plain method among them to compare with."""
    every = list(built)
    if not any(request.options["network"]["name"] == "reference" for request in every):
        return []
    return [names.SAMPLES.format(family=request.family, model=request.name) for request in every]


def of_classes_on(built: Iterable[Request], dataset: str) -> list[str]:
    """List what is said of every item, by all models of some requests that predict the classes of a dataset."""
    return [
        names.PREDICTED_ITEMS.format(family=request.family, model=request.name)
        for request in built
        if request.dataset == dataset and request.kind_of_task.has_classes and request.kind_of_task.of_dataset
    ]


def histories(built: Iterable[Request]) -> list[str]:
    """List the courses of all trainings of some requests."""
    return [path for request in built for fold in request.folds() for path in fold.histories()]


def deformed_results(built: Sequence[Request]) -> list[str]:
    """List what is measured of deformed sound by all models of sound of a family.

    Raises
    ------
    TartarusError
        If there is none.
    """
    found = [
        names.DEFORMED_RESULT.format(family=request.family, model=request.name)
        for request in built
        if chains.is_of_sound(request)
    ]
    if not found:
        raise TartarusError(f"{built[0].family}: no model of sound, of a dataset with files, which could be deformed")
    return found
