"""What jobs are given that are about a dataset, before any model: what the rules ask, in plain Python."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tartarus.base.errors import TartarusError
from tartarus.base.files import as_written, refuse_future
from tartarus.plan import archives, lineage, names, pretrained, weights
from tartarus.plan.config import Config, Section, ordered
from tartarus.plan.datasets import fold_name
from tartarus.plan.feature_kinds import PATCHES, PRETRAINED, feature_file, kind_of
from tartarus.plan.kinds import DATASET_KINDS, SETS
from tartarus.plan.request import Request
from tartarus.plan.schemas import spectral_keys

# What the name of a job's file tells.
Job = Mapping[str, str]


class DatasetJobs:
    """The jobs that a configuration asks for, as far as they are about datasets.

    Parameters
    ----------
    config : Config
        The whole configuration.
    """

    def __init__(self, config: Config) -> None:
        self._config = config

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
        return lineage.to_tracks(self._config, job["dataset"])[-1]

    def albums_of_plays(self, job: Job) -> list[str]:
        """List the table that tells the albums of the tracks that are played; none if the items are played."""
        chain = lineage.to_tracks(self._config, job["dataset"])
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
        return feature_file(job["features"], set_, lineage.home_of(self._config, job["features"], self.tracks_of(job)))

    def views(self) -> list[str]:
        """List the datasets that are views of others."""
        return self.datasets_of_kind("view")

    def whole(self, dataset: str) -> str:
        """Name the dataset that a view, or a fold, is of; of any other dataset, itself."""
        return lineage.whole_of(self._config, dataset)

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

    def texts_of_tracks(self, job: Job) -> str:
        """Name the texts of the tracks of a job's albums."""
        return self.texts({"dataset": self.tracks_of(job)})

    def sets_of_fold(self, job: Job) -> list[str]:
        """List what tells the sets of a fold's items; of a dataset without folds, whose table tells them, nothing.

        Raises
        ------
        TartarusError
            If the job is of all folds, of which each has features of its own.
        """
        dataset = job["dataset"]
        lineage.refuse_whole(self._config, dataset)
        if dataset not in self.datasets_of_kind("fold"):
            return []
        return [names.INDEX.format(set=set_, dataset=dataset) for set_ in SETS]
