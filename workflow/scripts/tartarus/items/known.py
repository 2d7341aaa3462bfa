"""The items of a dataset as far as they are known before any job has run: what jobs are planned with.

A table of items is never simply an input of a rule, for then a new row would make every step of its dataset stale.
Instead a job has the digest of the rows that matter to it.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tartarus.base.errors import TartarusError
from tartarus.base.files import as_written, digest
from tartarus.base.lists import shortened
from tartarus.base.logs import log
from tartarus.items import demo_tracks, dividing, folds, item_tables, mirdata_loader, views
from tartarus.items.item_tables import Item
from tartarus.items.own_files import read_own
from tartarus.items.remarks import is_cut, remarks
from tartarus.plan import names
from tartarus.plan.config import Config
from tartarus.plan.kinds import ALL, DATASET_KINDS, OWN, SETS, TASKS, DatasetKind
from tartarus.plan.lineage import refuse_whole
from tartarus.plan.sharding import Shard, part

# What the name of a job's file tells: its dataset, and the set or shard that it is about.
Job = Mapping[str, str]


class KnownItems:
    """The items of all datasets, each read once.

    Parameters
    ----------
    config : Config
        The whole configuration.
    tell : callable, optional
        What is given every line that a user should know of a table; else it goes to the log.
    may_write : callable, optional
        Asked whether something may be written down: not in a dry run, nor by a job. Without it, nothing is.
    """

    def __init__(
        self,
        config: Config,
        *,
        tell: Callable[[str], None] = log.warning,
        may_write: Callable[[], bool] = lambda: False,
    ) -> None:
        self._config, self._tell, self._may_write = config, tell, may_write
        self._items: dict[str, list[Item] | None] = {}
        self._own: dict[str, list[Item]] = {}
        self._sets: dict[str, dict[str, list[Item]]] = {}
        self._shards: dict[tuple[str, str], dict[int, Shard[Item]]] = {}

    def of(self, dataset: str) -> list[Item] | None:
        """Give the items of a dataset; None if they are not known before its files are fetched."""
        if dataset not in self._items:
            self._items[dataset] = self._read(dataset)
        return self._items[dataset]

    def _read(self, dataset: str) -> list[Item] | None:
        section, source = self._config.dataset(dataset), self.table(dataset)
        if not self._kind(dataset).known_beforehand:
            return None
        if section["kind"] == "albums":
            tracks = section["albums_of"]
            return views.albums_of(self.of(tracks) or [], source=self.table(tracks))
        if section["kind"] == "view":
            rows, whole = self._view(dataset), self.table(section["view_of"])
            return item_tables.items_from_rows(rows, source=whole, **self._labelling(dataset))
        if section["kind"] == "synthetic":
            tracks_per_artist = section["synthesis"]["tracks_per_artist"]
            rows = demo_tracks.rows(tracks_per_artist=tracks_per_artist, seed=self._config.values["seed"])
            return item_tables.items_from_rows(rows, source=source, **self._labelling(dataset))
        if section["kind"] == "mirdata":
            mirdata_loader.refuse_unmade(dataset, section)
        if section["kind"] == "fold":
            return folds.items_of_fold(
                self.of(section["fold_of"]) or [],
                section["fold"],
                seed=self._config.values["seed"],
                shares=section.get("shares"),
                single=self._labelling(dataset)["single"],
            )
        items = item_tables.read_items(source, **self.reading({"dataset": dataset}))
        for line in remarks(items, **self._labelling(dataset), source=source):
            self._tell(line)
        is_told = "folds" in section and "fold" in item_tables.read_cells(source)[0]
        if _is_ours(items) and not is_told:
            self._keep_split(dataset, items)
        return items

    def _keep_split(self, dataset: str, items: Sequence[Item]) -> None:
        """Write down in which set every item is, so that a later row moves none of them."""
        path = Path(names.SETS.format(dataset=dataset))
        section = self._config.dataset(dataset)
        made_by = dividing.maker(self._config.values["seed"], shares=section.get("shares"), folds=section.get("folds"))
        former = dividing.read_sets(path, made_by=made_by) if path.is_file() else {}
        sets = {item.id: item.cells["fold"] if item.set == ALL else item.set for item in items if item.set}
        moved = [id_ for id_, set_ in sets.items() if former.get(id_, set_) != set_]
        if moved:
            self._tell(f"{path}: {len(moved)} items go to the set of their new group, the first: {moved[0]}")
        if sets != former and self._may_write():
            dividing.write_sets(path, sets, made_by=made_by)

    def _kind(self, dataset: str) -> DatasetKind:
        return DATASET_KINDS[self._config.dataset(dataset)["kind"]]

    def table(self, dataset: str) -> str:
        """Name the table of a dataset's items; of an archive's, that of the files that the user puts beside it.

        Raises
        ------
        TartarusError
            If the user has put one with tabs there, and one with commas.
        """
        if self._kind(dataset).takes_own_files:
            archive = self._config.dataset(dataset)["archive"]
            return as_written(names.OWN_ITEMS.format(archive=archive, dataset=dataset))
        table = names.ITEMS.format(dataset=dataset)
        return as_written(table) if self._kind(dataset).is_users_table else table

    def are_users_files(self, dataset: str) -> bool:
        """Tell whether it is the user who puts a dataset's raw files there, and writes the table that names them."""
        kind = self._kind(dataset)
        return kind.is_users_table or kind.takes_own_files

    def _with_files(self, dataset: str) -> list[Item] | None:
        """Give the items whose raw files there may be: as `of`, or those of an archive that the user has files of."""
        if not self._kind(dataset).takes_own_files:
            return self.of(dataset)
        if dataset not in self._own:
            self._own[dataset] = read_own(self.table(dataset))
        return self._own[dataset]

    def _label_column(self, dataset: str) -> str:
        return str(self._config.dataset(dataset).get("label_column", "labels"))

    def _labelling(self, dataset: str) -> dict[str, Any]:
        task = TASKS[self._config.dataset(dataset)["task"]]
        column = self._label_column(dataset)
        return {"label_column": column, "single": task.one_class, "needs_labels": task.has_classes}

    def of_job(self, job: Job) -> list[Item] | None:
        """Give the items that a job is about: those of its shard, of its set, or of all sets."""
        items = self._with_files(job["dataset"])
        if items is None:
            return None
        if job.get("set", ALL) != ALL:
            refuse_whole(self._config, job["dataset"])
        elif "set" in job and "folds" not in self._config.dataset(job["dataset"]):
            raise TartarusError(f"{job['dataset']}: no set '{ALL}', for it has no folds; ask for train, val or test")
        if "shard" in job:
            return self.shard_of(job).tracks
        sets = self._by_set(job["dataset"])
        return sets[job["set"]] if "set" in job else [item for item in items if item.set]

    def _by_set(self, dataset: str) -> dict[str, list[Item]]:
        """Sort the items of a dataset by set, once for all jobs."""
        if dataset not in self._sets:
            self._sets[dataset] = {set_: [] for set_ in (*SETS, OWN, ALL)}
            for item in self._with_files(dataset) or []:
                if item.set:
                    self._sets[dataset][item.set].append(item)
        return self._sets[dataset]

    def shards(self, dataset: str, set_: str) -> dict[int, Shard[Item]]:
        """Part a set into shards, number to shard; of items that are not known yet, as if there were none."""
        if (dataset, set_) not in self._shards:
            items = {item.id: item for item in self._by_set(dataset)[set_]}
            self._shards[dataset, set_] = part(items, self._config.dataset(dataset)["audio"]["shards"])
        return self._shards[dataset, set_]

    def shard_of(self, job: Job) -> Shard[Item]:
        """Give the shard that a job is about.

        Raises
        ------
        TartarusError
            If there is no such shard.
        """
        set_, number = job["shard"].split("-")
        shards = self.shards(job["dataset"], set_)
        if int(number) not in shards:
            known = ", ".join(shortened(f"{set_}-{known}" for known in shards))
            raise TartarusError(f"{job['dataset']}: no shard {job['shard']}; the shards of its set are: {known}")
        return shards[int(number)]

    def rows(self, job: Job, *columns: str) -> str:
        """Compute the digest of what a job reads from the table: ids, sets, and the named columns of its items."""
        items = self.of_job(job)
        if items is None:
            return digest(self._config.dataset(job["dataset"])["files"])
        return digest([[item.id, item.set, *[item.cells.get(column, "") for column in columns]] for item in items])

    def label_rows(self, job: Job) -> str:
        """Compute the digest of the ids, sets and labels of a job's items."""
        return self.rows(job, self._label_column(job["dataset"]))

    def fold_rows(self, dataset: str) -> str:
        """Compute the digest of what the sets and the ground truth of folds are made from."""
        return self.rows({"dataset": dataset}, "fold", "group", self._label_column(dataset))

    def training_rows(self, job: Job) -> str:
        """Compute the digest of the ids and labels of the training items."""
        items = self.of(job["dataset"])
        if items is None:
            return digest(self._config.dataset(job["dataset"])["files"])
        return digest([[item.id, item.labels] for item in items if item.set in ("train", ALL)])

    def album_rows(self, dataset: str) -> str:
        """Compute the digest of what a dataset of albums takes from the table of its tracks."""
        items = self.of(self._config.dataset(dataset)["albums_of"]) or []
        return digest([[item.id, item.set, item.labels, item.cells.get("album", "")] for item in items])

    def view_rows(self, dataset: str) -> str:
        """Compute the digest of what a view takes from the table of the dataset that it is of."""
        return digest(self._view(dataset))

    def _view(self, dataset: str) -> list[dict[str, str]]:
        whole = self._config.dataset(dataset)["view_of"]
        source = self.table(whole)
        return views.rows_of_view(self.of(whole) or [], **self.classes_of_view(dataset), source=source)

    def classes_of_view(self, dataset: str) -> dict[str, Any]:
        """Tell which column holds the classes of a view, and whether it must be there: options of `rows_of_view`."""
        labelling = self._labelling(dataset)
        return {key: labelling[key] for key in ("label_column", "needs_labels")}

    def reading(self, job: Job) -> dict[str, Any]:
        """Tell how a script is to read the table of items: the options of `own_files.read_table`."""
        dataset, section = job["dataset"], self._config.dataset(job["dataset"])
        if self._kind(dataset).takes_own_files:
            return {"is_own": True}
        sets = names.SETS.format(dataset=dataset)
        asked: dict[str, Any] = {key: section[key] for key in ("shares", "folds") if key in section}
        return {**self._labelling(dataset), **asked, "seed": self._config.values["seed"], "sets": sets}

    def files_of_split(self, job: Job) -> list[str]:
        """List the file in which a split is written down: none if the table tells it, or nothing has run yet."""
        path = names.SETS.format(dataset=job["dataset"])
        items = self.of(job["dataset"])
        is_ours = items and self._kind(job["dataset"]).is_users_table and _is_ours(items)
        return [path] if is_ours and Path(path).is_file() else []


def _is_ours(items: Sequence[Item]) -> bool:
    """Tell whether it is we who have shared the items out, or some of them."""
    return "set" not in items[0].cells or any(map(is_cut, items))
