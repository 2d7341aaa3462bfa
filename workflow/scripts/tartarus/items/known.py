"""The items of a dataset as far as they are known before any job has run: what jobs are planned with.

A table of items is never simply an input of a rule, for then a new row would make every step of its dataset stale.
Instead a job has the digest of the rows that matter to it.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tartarus.base.errors import TartarusError
from tartarus.base.files import as_written, digest, refuse_future
from tartarus.base.lists import shortened
from tartarus.base.logs import log
from tartarus.items import columns, demo_tracks, dividing, folds, item_tables, mirdata_loader, targets, views
from tartarus.items.item_tables import Item
from tartarus.items.own_files import read_own
from tartarus.items.raw_files import Stamps, stamps_of, version_of
from tartarus.items.remarks import is_cut, remarks
from tartarus.plan import archives, names
from tartarus.plan.config import Config
from tartarus.plan.given import refuse_other_than_classes
from tartarus.plan.kinds import ALL, DATASET_KINDS, OWN, SETS, TASKS, DatasetKind
from tartarus.plan.lineage import refuse_whole, to_tracks, whole_of
from tartarus.plan.request import Request
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
    memory : str
        The folder in which jobs remember the user's raw files that they have read.
    """

    def __init__(
        self,
        config: Config,
        *,
        tell: Callable[[str], None] = log.warning,
        may_write: Callable[[], bool] = lambda: False,
        memory: str = "",
    ) -> None:
        self._config, self._tell, self._may_write, self._memory = config, tell, may_write, memory
        self._items: dict[str, list[Item] | None] = {}
        self._own: dict[str, list[Item]] = {}
        self._sets: dict[str, dict[str, list[Item]]] = {}
        self._shards: dict[tuple[str, str], dict[int, Shard[Item]]] = {}
        self._looked_at: dict[tuple[str, ...], Stamps] = {}

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
            return self._shard(job).tracks
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

    def _shard(self, job: Job) -> Shard[Item]:
        set_, number = job["shard"].split("-")
        shards = self.shards(job["dataset"], set_)
        if int(number) not in shards:
            known = ", ".join(shortened(f"{set_}-{known}" for known in shards))
            raise TartarusError(f"{job['dataset']}: no shard {job['shard']}; the shards of its set are: {known}")
        return shards[int(number)]

    def shard(self, job: Job, column: str) -> dict[str, Any]:
        """Tell how a script is to read the files of a job's shard: the options of `own_files.files_of_shard`.

        Raises
        ------
        TartarusError
            If there is no such shard.
        """
        known = self.users_files(job, column)
        return {"modulus": self._shard(job).modulus, "reading": self.reading(job), "memory": known}

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

    def groups(self, request: Request) -> str:
        """Compute the digest of the groups of a request's test items; empty if intervals draw no whole groups."""
        asked = self._config.values["bootstrap"]["by"] == "group" and request.kind_of_task.draws_items
        return self._groups(request, "test") if asked else ""

    def grouping(self, request: Request) -> dict[str, Any]:
        """Tell how a script reads the groups of items from which a plain method learns classes; empty if none has any.

        Returns
        -------
        dict
            `reading`: see `reading`. `groups`: their digest.
        """
        is_plain = request.options["network"]["name"] == "reference" and request.kind_of_task.has_classes
        found = self._groups(request, "train", "val") if is_plain else ""
        whole = {"dataset": whole_of(self._config, request.dataset)}
        return {"reading": self.reading(whole), "groups": found} if found else {}

    def _groups(self, request: Request, *sets: str) -> str:
        """Compute the digest of the groups of a request's items in some sets; empty if none has any."""
        found = [
            [item.id, item.cells["group"]]
            for item in self.of(request.dataset) or []
            if item.set in (*sets, ALL) and item.cells.get("group")
        ]
        return digest(found) if found else ""

    def cut(self, request: Request) -> dict[str, str]:
        """Tell where validation items come from, if the table has none: for a result file."""
        are_cut = any(map(is_cut, self.of(request.dataset) or []))
        return {"val_from": "train"} if are_cut or request.numbers_of_folds() else {}

    def bootstrap(self, request: Request) -> dict[str, Any]:
        """Tell how the test items of a request are drawn for its intervals."""
        by = {"by": "group"} if self.groups(request) else {}
        return {**by, "samples": self._config.values["bootstrap"]["samples"]}

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
        if self.are_users_files(job["dataset"]):
            stamps = self._stamps(job, modality)
            if stamps:
                refuse_future(max(stamps, key=lambda path: stamps[path][1]))
            return []
        return self._paths(job, modality)

    def _refuse_without(self, dataset: str, modality: str) -> None:
        """Stop before anything runs if something is to be made of what no item of a dataset has."""
        names_of = columns.TEXTS if modality in columns.TEXTS else (modality,)
        items = self.of(dataset)
        if items and self.are_users_files(dataset) and not any(item.path(name) for item in items for name in names_of):
            what = " or ".join(f"'{name}'" for name in names_of)
            raise TartarusError(
                f"{self.table(dataset)}: no item has anything in column {what}, and features are to be made of it; add "
                f"the column, or leave out the experiments that learn from it"
            )

    def users_files(self, job: Job, modality: str) -> dict[str, str] | None:
        """Tell the version of the user's raw files of a job's items, and where the job is to remember them.

        Returns
        -------
        dict or None
            The arguments of `raw_files.remember`; None if a rule makes the files, which then are inputs.
        """
        if not self.are_users_files(job["dataset"]):
            return None
        memory = f"{self._memory}/{'_'.join((modality, job['dataset'], *filter(None, [job.get('shard')])))}.json"
        version = version_of(memory, self._stamps(job, modality), may_write=self._may_write())
        return {"memory": memory, "version": version}

    def _paths(self, job: Job, modality: str) -> list[str]:
        section, items = self._config.dataset(job["dataset"]), self.of_job(job)
        folder = self.table(job["dataset"]).rsplit("/", 1)[0]
        if items is None:
            return [f"{folder}/{path}" for path in section["files"] if path.startswith(f"{modality}/")]
        return sorted({f"{folder}/{path}" for item in items if (path := item.path(modality))})

    def _stamps(self, job: Job, modality: str) -> Stamps:
        """Look at the user's raw files of a job's items, once."""
        key = (job["dataset"], job.get("set", ""), job.get("shard", ""), modality)
        if key not in self._looked_at:
            self._looked_at[key] = stamps_of(self._paths(job, modality))
        return self._looked_at[key]

    def classes(self, job: Job) -> Sequence[str]:
        """List the classes in column order."""
        section, items = self._config.dataset(job["dataset"]), self.of(job["dataset"])
        if items is None:
            return list(section["classes"])
        return targets.classes_of(items, section.get("classes"), source=self.table(job["dataset"]))

    def count_classes(self, dataset: str) -> int:
        """Tell how many classes a dataset has: as its archive says, or as its items have."""
        section = self._config.dataset(dataset)
        return int(section["classes"]) if section["kind"] == "archive" else len(self.classes({"dataset": dataset}))

    def truth_files(self, request: Request) -> dict[str, str | list[str]]:
        """Name what the predictions of a request are measured against, of every fold; see `Request.truth_files`."""
        found = [self._truth_of(fold) for fold in request.folds()]
        every = {key: list(dict.fromkeys(files[key] for files in found)) for key in found[0]}
        return {key: files if len(files) > 1 else files[0] for key, files in every.items()}

    def _truth_of(self, request: Request) -> dict[str, str]:
        is_known = request.options["fact"] != "class" and not request.is_archived and request.kind_of_task.has_classes
        return request.truth_files(len(self.classes({"dataset": request.dataset})) if is_known else None)

    def labels(self, job: Job) -> dict[str, str]:
        """Name classes, and ground truth and ids of all sets of a job's dataset; none where listeners decide."""
        dataset, section = job["dataset"], self._config.dataset(job["dataset"])
        if not TASKS[section["task"]].has_classes:
            return {}
        is_archived = section["kind"] == "archive"
        files = {"classes": names.CLASSES.format(dataset=dataset)}
        for set_ in archives.sets_of(self._config, dataset):
            n_classes = section["classes"] if is_archived else len(self.classes(job))
            files[f"y_{set_}"] = names.TARGETS.format(set=set_, fact="class", dim=n_classes, dataset=dataset)
            files[f"index_{set_}"] = names.INDEX.format(set=set_, dataset=dataset)
        return files

    def truth_of_items(self, request: Request) -> dict[str, str | list[str]]:
        """Name the classes that the predictions of a request are told beside, item by item.

        Raises
        ------
        TartarusError
            If what is predicted is no classes.
        """
        refuse_other_than_classes(request, "what is predicted of every item is classes")
        return self.truth_files(request)

    def targets_of_classes(self, job: Job) -> dict[str, str]:
        """Name the ground truth of all sets: what factors of classes are made from.

        Raises
        ------
        TartarusError
            If an item of the job's dataset has not any number of classes.
        """
        dataset, task = job["dataset"], self._config.dataset(job["dataset"])["task"]
        if "pmi" not in TASKS[task].facts:
            raise TartarusError(f"{dataset}: factors of classes are for task: multilabel, and its task is {task}")
        n_classes = len(self.classes(job))
        return {set_: names.TARGETS.format(set=set_, fact="class", dim=n_classes, dataset=dataset) for set_ in SETS}

    def refuse_other_dimension(self, request: Request) -> None:
        """Stop if a request's `dim` is not the number of classes of its dataset, where that is known.

        Raises
        ------
        TartarusError
            With the number that it should be.
        """
        if request.options["fact"] == "class" and "dim" in request.options and self.of(request.dataset) is not None:
            targets.refuse_other_dimension(
                len(self.classes({"dataset": request.dataset})),
                request.options["dim"],
                source=self.table(request.dataset),
            )


def _is_ours(items: Sequence[Item]) -> bool:
    """Tell whether it is we who have shared the items out, or some of them."""
    return "set" not in items[0].cells or any(map(is_cut, items))
