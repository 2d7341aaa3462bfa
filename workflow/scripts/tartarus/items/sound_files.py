"""The files that sound passes through on its way to features, shard by shard."""

from tartarus.items.known import Job, KnownItems
from tartarus.plan import names
from tartarus.plan.config import Config
from tartarus.plan.feature_kinds import KINDS, kind_of
from tartarus.plan.kinds import DATASET_KINDS, SETS
from tartarus.plan.requests import Request


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

    def spectrograms(self, job: Job, set_: str | None = None) -> list[str]:
        """List the spectrograms of a set: the job's, or the one given."""
        dataset, set_ = job["dataset"], set_ or job["set"]
        type_ = self._config.dataset(dataset)["audio"]["type"]
        return [
            names.SPECTROGRAMS.format(type=type_, dataset=dataset, shard=f"{set_}-{number}")
            for number in self._items.shards(dataset, set_)
        ]

    def spectrograms_of_patches(self, job: Job) -> list[str]:
        """List the spectrograms that a job's patches are cut from.

        Raises
        ------
        TartarusError
            If it asks for no patches, or for parts of seconds.
        """
        kind_of(f"patches_{job['n']}_{job['sec']}")
        return self.spectrograms(job)

    def statistics(self, job: Job, pattern: str = names.STATISTICS) -> list[str]:
        """List the statistics of the tracks of a job's set, shard by shard."""
        return [
            pattern.format(**job, shard=f"{job['set']}-{it}") for it in self._items.shards(job["dataset"], job["set"])
        ]

    def statistics_tables(self, job: Job) -> list[str]:
        """List the tables that tell what became of these tracks."""
        return self.statistics(job, names.STATISTICS_TRACKS)

    def track_tables(self, job: Job) -> list[str]:
        """List the tables that tell what became of the tracks of a job's set."""
        return self._tables(names.TRACKS, job["dataset"], job["set"])

    def _tables(self, pattern: str, dataset: str, set_: str) -> list[str]:
        shards = self._items.shards(dataset, set_)
        return [pattern.format(dataset=dataset, shard=f"{set_}-{number}") for number in shards]

    def status_files(self, request: Request) -> list[str]:
        """List the tables that tell what became of every item of the request's raw material."""
        dataset = str(self._config.dataset(request.dataset).get("view_of", request.dataset))
        if not DATASET_KINDS[self._config.dataset(dataset)["kind"]].has_raw_files:
            return []
        files, kinds = [], request.raw_kinds()
        # A track has the same status for all that is made of its sound: that of the first kind is enough.
        sounds = [kind.statuses for kind in KINDS if kind.modality == "audio" and kind in kinds]
        for pattern in sounds[:1]:
            for set_ in SETS:
                files += self._tables(pattern, dataset, set_)
        if "text" in request.modalities():
            files.append(names.TEXT_STATUSES.format(dataset=dataset))
        return files
