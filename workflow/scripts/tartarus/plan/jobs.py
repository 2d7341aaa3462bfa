"""Which jobs there are, and what each is given: what the rules ask, in plain Python.

A rule knows of a job what the name of its file tells (`Job`: dataset, set, features ...) or which request it serves
(`Request`). All else follows from the configuration.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tartarus.base.arrays import read_arrays
from tartarus.base.errors import TartarusError, suggestion
from tartarus.base.files import refuse_future
from tartarus.plan import archives, lineage, pretrained, requests
from tartarus.plan.dataset_jobs import Job
from tartarus.plan.feature_kinds import COLOURS, GIVEN, KINDS, OF_TRACKS, kind_of
from tartarus.plan.kinds import SETS
from tartarus.plan.report_jobs import ReportJobs
from tartarus.plan.request import Request

# Path of ours to its row in the report of an archive's check.
Status = Mapping[str, Mapping[str, str]]


class Jobs(ReportJobs):
    """The jobs that a configuration asks for."""

    def request(self, job: Job) -> Request:
        """Find what a file name is about: in its family, or by its dataset."""
        if "family" in job:
            return requests.find(self._config, job["family"], job["model"])
        return requests.find_source(self._config, job["model"], job["dataset"])

    def tagger(self, name: str) -> Request:
        """Find the request that a file of tags or listeners is named by: family and name, joined by an underscore."""
        family = lineage.owner(name, self._config.families)
        if family is None:
            meant = suggestion(name.split("_")[0], self._config.families)
            raise TartarusError(f"{name}.tsv: write <family>_<model>; {meant}")
        return requests.find(self._config, family, name.removeprefix(f"{family}_"))

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
        lineage.refuse_whole(self._config, request.dataset)
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
