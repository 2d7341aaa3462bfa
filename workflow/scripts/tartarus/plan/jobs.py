"""Which jobs there are, and what each is given: what the rules ask, in plain Python.

A rule knows of a job what the name of its file tells (`Job`: dataset, set, features ...) or which request it serves
(`Request`). All else follows from the configuration.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from typing import Any

from tartarus.base.arrays import read_arrays
from tartarus.base.errors import TartarusError, suggestion
from tartarus.base.files import as_written, refuse_future
from tartarus.plan import archives, chains, names, pretrained, requests, weights
from tartarus.plan.config import Config, Section, fold_name, ordered
from tartarus.plan.feature_kinds import GIVEN, KINDS, LAYER, OF_TRACKS, PATCHES, PRETRAINED, feature_file, kind_of
from tartarus.plan.kinds import DATASET_KINDS, SETS
from tartarus.plan.requests import Request
from tartarus.plan.schemas import spectral_keys

# What the name of a job's file tells.
Job = Mapping[str, str]
# Options of an experiment on which only the last bits depend.
COMPUTING = ("threads", "precision")
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


class Jobs:
    """The jobs that a configuration asks for.

    Parameters
    ----------
    config : Config
        The whole configuration.
    """

    def __init__(self, config: Config) -> None:
        self._config = config

    # --- Datasets ---------------------------------------------------------------------------------------

    def datasets(self, **facts: bool) -> list[str]:
        """List the datasets whose kind has these facts; see `tartarus.plan.kinds.DatasetKind`."""
        return [
            name
            for name, section in self._config.datasets.items()
            if all(getattr(DATASET_KINDS[section["kind"]], fact) == value for fact, value in facts.items())
        ]

    def datasets_of_kind(self, kind: str) -> list[str]:
        """List the datasets of a kind."""
        return [name for name, section in self._config.datasets.items() if section["kind"] == kind]

    def section(self, job: Job, *keys: str) -> Section:
        """Give what the configuration of a job's dataset has under these keys."""
        section = self._config.dataset(job["dataset"])
        return {key: ordered(section.get(key)) for key in keys}

    def datasets_by_spectrograms(self) -> dict[str, list[str]]:
        """Sort the datasets that may have files of sound by the type of their spectrograms."""
        types: dict[str, list[str]] = {}
        for name in [*self.datasets(has_raw_files=True), *self.datasets(takes_own_files=True)]:
            types.setdefault(self._config.dataset(name)["audio"]["type"], []).append(name)
        return types

    def spectral_options(self, job: Job, *more: str) -> Section:
        """Give what spectrograms depend on, and more keys of the section audio: nothing that their type ignores."""
        audio = self._config.dataset(job["dataset"])["audio"]
        return {key: audio[key] for key in sorted([*spectral_keys(audio["type"]), *more])}

    def statistical_options(self, job: Job) -> Section:
        """Give what statistics of sound, or the vectors of a pretrained network, depend on.

        Raises
        ------
        TartarusError
            If there is no such network, or it has no such parts.
        """
        section = self._config.dataset(job["dataset"])
        if kind_of(job["statistics"]) is PRETRAINED:
            pretrained.refuse_unknown(job["statistics"], section)
            return pretrained.options(job["statistics"], section)
        return {key: section["audio"][key] for key in ("hop", "n_fft", "sample_rate")}

    def pretrained_file(self, job: Job) -> str:
        """Name the file of the network that a job's vectors are made by."""
        section = self._config.dataset(job["dataset"])
        pretrained.refuse_unknown(job["statistics"], section)
        return pretrained.weights_file(job["statistics"], section)

    def own_networks(self) -> dict[str, Section]:
        """Give the pretrained networks of all datasets that the configuration names: name to what it says."""
        return {name: its for section in self._config.datasets.values() for name, its in section["pretrained"].items()}

    def source_of_weights(self, job: Job) -> Section:
        """Tell where published weights of a file's name are had, for a job that fetches them."""
        own = self.own_networks()
        return pretrained.source_of_own(job, own) if job["network"] in own else weights.source_of(job)

    def audio(self, job: Job, key: str) -> Any:
        """Give one key of the section audio of a job's dataset."""
        return self._config.dataset(job["dataset"])["audio"][key]

    def pretrained_vectors(self, job: Job) -> str | list[str]:
        """Name the file of vectors of words that are used instead of learned ones; an empty list if there is none."""
        return self._config.dataset(job["dataset"])["w2v"]["pretrained"] or []

    def source_of_table(self, request: Request) -> list[str]:
        """Name the file that tells whom to cite for a request's items; none if its dataset's YAML tells."""
        dataset = self.whole(request.dataset)
        return [names.SOURCE.format(dataset=dataset)] if dataset in self.datasets_of_kind("mirdata") else []

    def expected_files(self, job: Job) -> list[Section]:
        """List what an archive is to hold, as plain values."""
        return [ordered(asdict(entry)) for entry in archives.expected(self._config, job["archive"])]

    def archives_of_recordings(self) -> list[str]:
        """List the archives whose features may have to be made from measured recordings."""
        return [name for name in self._config.archives if archives.is_of_recordings(self._config, name)]

    def made_files(self, job: Job) -> list[str]:
        """Name the folder of what is made from an archive's measured recordings; none if it has no such."""
        return [names.MADE.format(**job)] if job["archive"] in self.archives_of_recordings() else []

    def measured_features(self, job: Job) -> dict[str, str]:
        """Tell what the measured recordings of a job's archive are to become: dataset to the name of its features."""
        return {
            dataset: features
            for dataset in archives.datasets_of(self._config, job["archive"])
            for features in self._config.dataset(dataset)["settings"].values()
            if kind_of(features) is PATCHES
        }

    def archived_names(self, job: Job) -> set[str]:
        """List the names of the files that an archive is to hold."""
        return {name for entry in archives.expected(self._config, job["archive"]) for name in entry.names}

    def archived_features(self) -> list[str]:
        """List the vectors that any archive holds."""
        archived = self.datasets_of_kind("archive")
        return sorted({name for dataset in archived for name in archives.features_of(self._config, dataset)})

    def signature_of_archived(self, job: Job) -> dict[str, str]:
        """Say what the columns of archived features mean: the same for all datasets of an archive."""
        features = job.get("features") or f"patches_{job['n']}_{job['sec']}"
        return {"archive": self.archive_of(job), "features": features, "kind": "archive"}

    def archive_of(self, job: Job) -> str:
        """Name the archive that holds a job's dataset."""
        return str(self._config.dataset(job["dataset"])["archive"])

    def album_datasets(self) -> list[str]:
        """List the datasets of albums that have a dataset of tracks."""
        return [name for name, section in self._config.datasets.items() if "albums_of" in section]

    def tracks_of(self, job: Job) -> str:
        """Name the dataset that holds the tracks of a job's albums."""
        return str(self._config.dataset(job["dataset"])["albums_of"])

    def albums_of_tracks(self, job: Job) -> str:
        """Name the table that tells the album of every track."""
        return names.ALBUMS.format(dataset=self.tracks_of(job))

    def plays_of(self, job: Job) -> str:
        """Name the table of who played the items of a job's dataset: that of the whole of a view, of albums' tracks.

        Raises
        ------
        TartarusError
            If the dataset is not there to recommend from, or the user has not put the table there.
        """
        dataset = job["dataset"]
        task = self._config.dataset(dataset)["task"]
        if task != "recommendation":
            raise TartarusError(f"{dataset}: plays are for task: recommendation, and its task is {task}")
        owner = self.owner_of_plays(job)
        path = names.TABLE_OF_PLAYS.format(dataset=owner)
        if owner in self.datasets(is_users_table=True):
            path = as_written(path)
            if not Path(path).is_file():
                raise TartarusError(f"{path}: not found; write who played what there (docs/own-data.md, Listeners)")
            refuse_future(path)
        return path

    def owner_of_plays(self, job: Job) -> str:
        """Name the dataset that the table of plays is of."""
        return requests.to_tracks(self._config, job["dataset"])[-1]

    def albums_of_plays(self, job: Job) -> list[str]:
        """List the table that tells the albums of the tracks that are played; none if the items are played."""
        chain = requests.to_tracks(self._config, job["dataset"])
        return [
            names.ALBUMS.format(dataset=self._config.dataset(dataset)["albums_of"])
            for dataset in chain
            if "albums_of" in self._config.dataset(dataset)
        ]

    def played(self, job: Job) -> list[str]:
        """List the table that tells whether the items of a job were played, if those that were not are left out.

        Nothing is learned from them. New items, which is what lists are made of, may well be among those for test.
        """
        section = self._config.dataset(job["dataset"])
        is_asked = section["task"] == "recommendation" and section["plays"]["items_without_plays"] == "left_out"
        return [names.PLAYED.format(dataset=job["dataset"])] if is_asked and job["set"] != "test" else []

    def features_of_tracks(self, job: Job, set_: str) -> str:
        """Name the features of tracks of which a job's features of albums are means."""
        return feature_file(job["features"], set_, requests.home_of(self._config, job["features"], self.tracks_of(job)))

    def views(self) -> list[str]:
        """List the datasets that are views of others."""
        return self.datasets_of_kind("view")

    def whole(self, dataset: str) -> str:
        """Name the dataset that a view, or a fold, is of; of any other dataset, itself."""
        return requests.whole_of(self._config, dataset)

    def folded(self) -> dict[str, list[str]]:
        """List the datasets with folds, each with those of its folds."""
        return {
            name: [fold_name(name, fold) for fold in range(1, section["folds"] + 1)]
            for name, section in self._config.datasets.items()
            if "folds" in section
        }

    def texts(self, job: Job) -> str:
        """Name the texts that a job's features are made from: in a fold, those of the whole."""
        return names.TEXTS.format(dataset=self.whole(job["dataset"]))

    def sets_of_fold(self, job: Job) -> list[str]:
        """List what tells the sets of a fold's items; of a dataset without folds, whose table tells them, nothing.

        Raises
        ------
        TartarusError
            If the job is of all folds, of which each has features of its own.
        """
        dataset = job["dataset"]
        requests.refuse_whole(self._config, dataset)
        if dataset not in self.datasets_of_kind("fold"):
            return []
        return [names.INDEX.format(set=set_, dataset=dataset) for set_ in SETS]

    # --- Models -----------------------------------------------------------------------------------------

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
        if kind in OF_TRACKS:
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

    def figures(self, built: Sequence[Request]) -> list[str]:
        """List the pictures of a family's results: of every model, and of every dataset with sound."""
        family = built[0].family
        drawn = [f"{kind}_{entry.name}" for entry in built for kind in (*entry.kind_of_task.pictures, "learning")]
        with_files = self.datasets(has_raw_files=True)
        heard = {self.whole(entry.dataset) for entry in built if PATCHES in entry.raw_kinds()}.intersection(with_files)
        drawn += [f"spectrograms_{dataset}" for dataset in sorted(heard)]
        return [names.FIGURE.format(family=family, figure=figure) for figure in (*drawn, "chain", "table")]


def _refuse_others(path: str, features: str) -> None:
    """Stop before a rule writes over vectors that somebody has put under the name of what is made here."""
    if not Path(path).is_file():
        return
    refuse_future(path)
    signature = str(read_arrays(path, only="signature").get("signature", ""))
    if f'"kind": "{features}"' not in signature:
        raise TartarusError(
            f"{path}: vectors of your own, but '{features}' are made here from sound, and would be written over them; "
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


def histories(built: Iterable[Request]) -> list[str]:
    """List the courses of all trainings of some requests."""
    return [path for request in built for fold in request.folds() for path in fold.histories()]


def training_options(request: Request) -> Section:
    """Give what a training depends on, whatever the names of its files."""
    apart = ("seeds", "seeds_per_job", *COMPUTING, "settings", "features", "inputs", "evaluation")
    said = ordered({**request.options, "dim": request.dim})
    options = {key: value for key, value in said.items() if key not in apart}
    begun, heard_by = weights.described(request.options["network"]), _pretrained(request)
    return {**options, **({"weights": begun} if begun else {}), **({"pretrained": heard_by} if heard_by else {})}


def _pretrained(request: Request) -> Section:
    """Tell of the pretrained networks that a result rests on, by features: their files by checksum, licence."""
    return {
        features: ordered(pretrained.described(features, request.config.dataset(request.home_of(features))))
        for features in sorted(request.raw_features())
        if kind_of(features) is PRETRAINED
    }


def weights_file(request: Request) -> str | list[str]:
    """Name the file of the weights that a training begins from; an empty list if it begins at random."""
    return weights.file_of(request.options["network"]) or []


def weighing_plays(request: Request) -> list[str]:
    """List the table that tells how many users played each item, if a plain method weighs the items by that."""
    return play_statuses(request) if request.options["network"].get("weighted") else []


def computing(request: Request, device: str) -> Section:
    """Give what the backend is started with: the last bits depend on it."""
    return {"device": device, **{key: request.options[key] for key in COMPUTING}}


def models_of_chain(request: Request) -> list[str]:
    """List all models that a file passes through on its way to the scores of a request, each once."""
    return list(dict.fromkeys(chains.models(chains.chain(request))))


def refuse_other_than_classes(request: Request, said: str) -> None:
    """Stop if a model does not predict classes; the message begins with what is `said` of them."""
    task = request.kind_of_task
    if not task.has_classes:
        does = "predicts what listeners like; ask for results/listeners/..., or top_<n>_above_<score>_<model>.tsv"
    elif not task.of_dataset:
        does = "finds one of its inputs by the other; ask for its result, or for a model that learns from its layers"
    else:
        return
    raise TartarusError(f"{request.family}/{request.name}: {said}, but this model {does}")


def truth_of_tags(request: Request, count_classes: Callable[[str], int]) -> dict[str, Any]:
    """Name what scores are told as classes by, and for many labels what thresholds are chosen on.

    `count_classes` tells how many classes a dataset has.

    Raises
    ------
    TartarusError
        If what is predicted is no classes.
    """
    task = request.kind_of_task
    refuse_other_than_classes(request, "tags are classes")
    request = request.folds()[0]
    truth = request.truth_files(count_classes(request.dataset))
    given: dict[str, Any] = {key: truth[key] for key in ("classes", "class_factors") if key in truth}
    if "val" in task.scored_sets:
        scored = names.PREDICTIONS.format(family=request.family, model=request.name, set="val")
        given |= {"y_val": truth["y_val"], "predictions": scored, "index": request.index_files()}
    return given


def thresholds(request: Request, asked: str | float) -> Section:
    """Tell how thresholds of tags are found: as the experiment says, or one for all."""
    rule = request.options.get("evaluation", {}).get("threshold", "per_class") if asked == "learned" else asked
    fold = {"fold": request.fold} if request.fold else {}
    return {"validation": request.options["validation"], "threshold": rule, **fold}


def option(request: Request, key: str) -> Any:
    """Give one option of an experiment; an empty mapping if it says nothing."""
    return ordered(request.options.get(key, {}))


def listeners(request: Request) -> dict[str, str]:
    """Name the factors of the users who are asked about, and the table that tells who they are, if there is one.

    Raises
    ------
    TartarusError
        If the task is another than recommendation.
    """
    if request.kind_of_task.has_classes:
        raise TartarusError(
            f"{request.name}: lists are for recommendation, the task of {request.dataset} is {request.task}"
        )
    return {name: path for name, path in request.truth_files().items() if name in ("user_factors", "users")}


def known_plays(request: Request) -> dict[str, str]:
    """Name who played which item for test, and these items, where plays were factorised here: lists leave them out.

    Those of an archive are lists as in the paper, of all items.
    """
    if not request.plays_are_known:
        return {}
    return {"plays": request.truth_files()["plays"], "index": request.index_file("test")}


def play_statuses(request: Request) -> list[str]:
    """List the table that tells what became of the plays of every item, if there is one."""
    truth = {} if request.kind_of_task.has_classes else request.truth_files()
    return [truth["played"]] if "played" in truth else []
