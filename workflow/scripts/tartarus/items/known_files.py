"""The raw files of items as they are known before any job has run: what jobs read, and its version.

Those of the user are no inputs of rules, for they may be many: a job is given their version, and where to remember it.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tartarus.base.errors import TartarusError
from tartarus.base.files import as_written, refuse_future
from tartarus.items import columns
from tartarus.items.known import Job, KnownItems
from tartarus.items.raw_files import Stamps, stamps_of, version_of
from tartarus.plan import names
from tartarus.plan.config import Config
from tartarus.plan.lineage import to_tracks


class KnownFiles:
    """The raw files of all datasets, each looked at once.

    Parameters
    ----------
    config : Config
        The whole configuration.
    items : KnownItems
        What tells the files of items.
    may_write : callable, optional
        As `KnownItems` takes it.
    memory : str
        The folder in which jobs remember the user's files that they have read.
    """

    def __init__(
        self, config: Config, items: KnownItems, *, may_write: Callable[[], bool] = lambda: False, memory: str = ""
    ) -> None:
        self._config, self._items, self._may_write, self._memory = config, items, may_write, memory
        self._looked_at: dict[tuple[str, ...], Stamps] = {}

    def shard(self, job: Job, column: str) -> dict[str, Any]:
        """Tell how a script is to read the files of a job's shard: the options of `own_files.files_of_shard`.

        Raises
        ------
        TartarusError
            If there is no such shard.
        """
        known = self.users_files(job, column)
        return {"modulus": self._items.shard_of(job).modulus, "reading": self._items.reading(job), "memory": known}

    def present(self, job: Job, pattern: str) -> list[str]:
        """List the file of a name, of `tartarus.plan.names`, of a job's dataset, if it is there; see `as_written`."""
        path = as_written(pattern.format(**job))
        return [path] if Path(path).is_file() else []

    def gazetteer(self, job: Job) -> str | list[str]:
        """Name the gazetteer of a job's texts, which are of the whole of a fold, or of an album's tracks.

        An empty list if no rule makes one and the user has none.
        """
        owner = to_tracks(self._config, job["dataset"])[-1]
        path = as_written(names.GAZETTEER.format(dataset=owner))
        is_made = self._config.dataset(owner)["kind"] == "synthetic"
        there = self.present({"dataset": owner}, names.GAZETTEER)
        if there and not is_made:
            refuse_future(path)
        return path if is_made or there else []

    def raw_files(self, job: Job, modality: str) -> list[str]:
        """List the raw files of a job's items that a rule makes; those of the user, which may be many, are looked at.

        Raises
        ------
        TartarusError
            If no item of the dataset has any, or one of the user's is dated in the future.
        """
        self._refuse_without(job["dataset"], modality)
        if self._items.are_users_files(job["dataset"]):
            stamps = self._stamps(job, modality)
            if stamps:
                refuse_future(max(stamps, key=lambda path: stamps[path][1]))
            return []
        return self._paths(job, modality)

    def _refuse_without(self, dataset: str, modality: str) -> None:
        """Stop before anything runs if something is to be made of what no item of a dataset has."""
        names_of = columns.TEXTS if modality in columns.TEXTS else (modality,)
        items = self._items.of(dataset)
        if (
            items
            and self._items.are_users_files(dataset)
            and not any(item.path(name) for item in items for name in names_of)
        ):
            what = " or ".join(f"'{name}'" for name in names_of)
            raise TartarusError(
                f"{self._items.table(dataset)}: no item has anything in column {what}, and features are to be made of "
                f"it; add the column, or leave out the experiments that learn from it"
            )

    def users_files(self, job: Job, modality: str) -> dict[str, str] | None:
        """Tell the version of the user's raw files of a job's items, and where the job is to remember them.

        Returns
        -------
        dict or None
            The arguments of `raw_files.remember`; None if a rule makes the files, which then are inputs.
        """
        if not self._items.are_users_files(job["dataset"]):
            return None
        memory = f"{self._memory}/{'_'.join((modality, job['dataset'], *filter(None, [job.get('shard')])))}.json"
        version = version_of(memory, self._stamps(job, modality), may_write=self._may_write())
        return {"memory": memory, "version": version}

    def _paths(self, job: Job, modality: str) -> list[str]:
        section, items = self._config.dataset(job["dataset"]), self._items.of_job(job)
        folder = self._items.table(job["dataset"]).rsplit("/", 1)[0]
        if items is None:
            return [f"{folder}/{path}" for path in section["files"] if path.startswith(f"{modality}/")]
        return sorted({f"{folder}/{path}" for item in items if (path := item.path(modality))})

    def _stamps(self, job: Job, modality: str) -> Stamps:
        """Look at the user's raw files of a job's items, once."""
        key = (job["dataset"], job.get("set", ""), job.get("shard", ""), modality)
        if key not in self._looked_at:
            self._looked_at[key] = stamps_of(self._paths(job, modality))
        return self._looked_at[key]
