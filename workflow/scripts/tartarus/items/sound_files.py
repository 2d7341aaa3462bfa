"""The files that sound and covers pass through on their way to features, shard by shard."""

from tartarus.items.known import Job, KnownItems
from tartarus.plan import names, requests
from tartarus.plan.archives import own_features
from tartarus.plan.config import Config
from tartarus.plan.feature_kinds import KINDS, kind_of
from tartarus.plan.kinds import ALL, DATASET_KINDS, OWN, SETS
from tartarus.plan.lineage import whole_of
from tartarus.plan.request import Request


class SoundFiles:
    """The names of these files.

    Parameters
    ----------
    config : Config
        The whole configuration.
    items : KnownItems
        What tells the shards of a set.
    """

    def __init__(self, config: Config, items: KnownItems) -> None:
        self._config, self._items = config, items

    def _shards(self, dataset: str, set_: str) -> list[str]:
        """List the shards in which a set's items are; those of files beside an archive, or of folds, hold any set's."""
        section = self._config.dataset(dataset)
        kept = ALL if "folds" in section else OWN if DATASET_KINDS[section["kind"]].takes_own_files else set_
        return [f"{kept}-{number}" for number in self._items.shards(dataset, kept)]

    def spectrograms(self, job: Job, set_: str | None = None) -> list[str]:
        """List the spectrograms of a set: the job's, or the one given."""
        dataset, set_ = job["dataset"], set_ or job["set"]
        type_ = self._config.dataset(dataset)["audio"]["type"]
        shards = self._shards(dataset, set_)
        return [names.SPECTROGRAMS.format(type=type_, dataset=dataset, shard=shard) for shard in shards]

    def spectrograms_of_patches(self, job: Job) -> list[str]:
        """List the spectrograms that a job's patches are cut from.

        Raises
        ------
        TartarusError
            If it asks for no patches.
        """
        kind_of(f"patches_{job['n']}_{job['sec']}")
        return self.spectrograms(job)

    def to_redraw(self, request: Request) -> list[str]:
        """List the spectrograms from which a training draws its patches anew in every epoch, if it does."""
        if not request.options.get("augmentation", {}).get("fresh"):
            return []
        (features,) = request.features
        sets = ("train", "val") if request.learns_from_all else ("train",)
        jobs = [{"dataset": request.home_of(features), "set": request.source(set_)} for set_ in sets]
        return [*dict.fromkeys(path for job in jobs for path in self.spectrograms(job))]  # of a fold they are the same

    def statistics(self, job: Job, pattern: str = names.STATISTICS) -> list[str]:
        """List the statistics of the tracks of a job's set, shard by shard."""
        return [pattern.format(**job, shard=shard) for shard in self._shards(job["dataset"], job["set"])]

    def statistics_tables(self, job: Job) -> list[str]:
        """List the tables that tell what became of these tracks."""
        return self.statistics(job, names.STATISTICS_TRACKS)

    def covers(self, job: Job) -> list[str]:
        """List the decoded covers of a job's set."""
        return [
            names.COVERS.format(dataset=job["dataset"], shard=it) for it in self._shards(job["dataset"], job["set"])
        ]

    def track_tables(self, job: Job) -> list[str]:
        """List the tables that tell what became of the tracks of a job's set."""
        return self._tables(names.TRACKS, job["dataset"], job["set"])

    def cover_tables(self, job: Job) -> list[str]:
        """List the tables that tell what became of the covers of a job's set."""
        return self._tables(names.COVER_STATUSES, job["dataset"], job["set"])

    def _tables(self, pattern: str, dataset: str, set_: str) -> list[str]:
        return [pattern.format(dataset=dataset, shard=shard) for shard in self._shards(dataset, set_)]

    def status_files(self, request: Request) -> list[str]:
        """List the tables that tell what became of every item of the request's raw material."""
        dataset, files = whole_of(self._config, request.dataset), []
        sets = (ALL,) if "folds" in self._config.dataset(dataset) else SETS
        if DATASET_KINDS[self._config.dataset(dataset)["kind"]].has_raw_files:
            kinds = {kind_of(features): features for features in sorted(requests.raw_features(request))}
        else:
            kinds = {kind_of(features): features for owner, features in own_features(request) if owner == dataset}
        # A track has the same status for all that is made of its sound: that of the first kind is enough.
        heard = [kind for kind in KINDS if kind.modality == "audio" and kind in kinds][:1]
        sharded = [kind.statuses.replace("{statistics}", kinds[kind]) for kind in heard]
        sharded += [names.COVER_STATUSES] if any(kind.modality == "image" for kind in kinds) else []
        for pattern in sharded:
            files += [path for set_ in sets for path in self._tables(pattern, dataset, set_)]
        if any(kind.modality == "text" for kind in kinds):
            files.append(names.TEXT_STATUSES.format(dataset=dataset))
        return list(dict.fromkeys(files))
