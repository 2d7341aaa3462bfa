"""What is known of classes, of ground truth and of the items of test before any job has run."""

from collections.abc import Sequence
from typing import Any

from tartarus.base.errors import TartarusError
from tartarus.base.files import digest
from tartarus.items import targets
from tartarus.items.known import Job, KnownItems
from tartarus.items.remarks import is_cut
from tartarus.plan import archives, names
from tartarus.plan.config import Config
from tartarus.plan.given import refuse_other_than_classes
from tartarus.plan.kinds import ALL, SETS, TASKS
from tartarus.plan.lineage import whole_of
from tartarus.plan.request import Request


class KnownTruth:
    """The classes of all datasets, the files of their ground truth, and which items results are about.

    Parameters
    ----------
    config : Config
        The whole configuration.
    items : KnownItems
        What tells their labels, sets and groups.
    """

    def __init__(self, config: Config, items: KnownItems) -> None:
        self._config, self._items = config, items

    def classes(self, job: Job) -> Sequence[str]:
        """List the classes in column order."""
        section, items = self._config.dataset(job["dataset"]), self._items.of(job["dataset"])
        if items is None:
            return list(section["classes"])
        return targets.classes_of(items, section.get("classes"), source=self._items.table(job["dataset"]))

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
        if (
            request.options["fact"] == "class"
            and "dim" in request.options
            and self._items.of(request.dataset) is not None
        ):
            targets.refuse_other_dimension(
                len(self.classes({"dataset": request.dataset})),
                request.options["dim"],
                source=self._items.table(request.dataset),
            )

    def groups(self, request: Request) -> str:
        """Compute the digest of the groups of a request's test items; empty if intervals draw no whole groups."""
        asked = self._config.values["bootstrap"]["by"] == "group" and request.kind_of_task.draws_items
        return self._groups(request, "test") if asked else ""

    def grouping(self, request: Request) -> dict[str, Any]:
        """Tell how a script reads the groups of items from which a plain method learns classes; empty if none has any.

        Returns
        -------
        dict
            `reading`: see `KnownItems.reading`. `groups`: their digest.
        """
        is_plain = request.options["network"]["name"] == "reference" and request.kind_of_task.has_classes
        found = self._groups(request, "train", "val") if is_plain else ""
        whole = {"dataset": whole_of(self._config, request.dataset)}
        return {"reading": self._items.reading(whole), "groups": found} if found else {}

    def _groups(self, request: Request, *sets: str) -> str:
        """Compute the digest of the groups of a request's items in some sets; empty if none has any."""
        found = [
            [item.id, item.cells["group"]]
            for item in self._items.of(request.dataset) or []
            if item.set in (*sets, ALL) and item.cells.get("group")
        ]
        return digest(found) if found else ""

    def about_validation(self, request: Request) -> dict[str, str]:
        """Tell where validation items come from, if the table has none, and if they are learned from: for a result."""
        are_cut = any(map(is_cut, self._items.of(request.dataset) or []))
        found = {"val_from": "train"} if are_cut or request.numbers_of_folds() else {}
        return {**found, "learned_from": "all"} if request.learns_from_all else found

    def bootstrap(self, request: Request) -> dict[str, Any]:
        """Tell how the test items of a request are drawn for its intervals."""
        by = {"by": "group"} if self.groups(request) else {}
        return {**by, "samples": self._config.values["bootstrap"]["samples"]}
