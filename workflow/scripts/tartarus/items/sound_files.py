"""The files that sound passes through on its way to features, shard by shard."""

from tartarus.items.known import Job, KnownItems
from tartarus.plan import names
from tartarus.plan.config import Config
from tartarus.plan.feature_kinds import kind_of
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

    def track_tables(self, job: Job) -> list[str]:
        """List the tables that tell what became of the tracks of a job's set."""
        return self._track_tables(job["dataset"], job["set"])

    def _track_tables(self, dataset: str, set_: str) -> list[str]:
        shards = self._items.shards(dataset, set_)
        return [names.TRACKS.format(dataset=dataset, shard=f"{set_}-{number}") for number in shards]

    def status_files(self, request: Request) -> list[str]:
        """List the tables that tell what became of every item of the request's raw material."""
        dataset = str(self._config.dataset(request.dataset).get("view_of", request.dataset))
        if not DATASET_KINDS[self._config.dataset(dataset)["kind"]].has_raw_files:
            return []
        files, modalities = [], request.modalities()
        if "audio" in modalities:
            for set_ in SETS:
                files += self._track_tables(dataset, set_)
        if "text" in modalities:
            files.append(names.TEXT_STATUSES.format(dataset=dataset))
        return files
