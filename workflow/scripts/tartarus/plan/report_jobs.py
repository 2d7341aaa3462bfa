"""What the page and the report of a family are made of: its charts, its pictures, and the items that are shown."""

from collections.abc import Iterable, Sequence

from tartarus.base.errors import TartarusError
from tartarus.plan import chains, names, requests
from tartarus.plan.config import Section
from tartarus.plan.feature_kinds import LAYER, PATCHES, kind_of
from tartarus.plan.request import Request
from tartarus.plan.training_jobs import TrainingJobs


class ReportJobs(TrainingJobs):
    """What rules ask about the report of a family: `built` are the requests whose results it has."""

    def charts(self, built: Sequence[Request]) -> list[str]:
        """List the descriptions of a family's charts: of every model, and of all results together."""
        return [names.CHART.format(family=built[0].family, figure=figure) for figure in _charts(built)]

    def pictures(self, built: Sequence[Request]) -> list[str]:
        """List the pictures of a family that are no charts: of every dataset with sound, and of the rules."""
        drawn = [*(f"spectrograms_{dataset}" for dataset in self.heard(built)), "chain"]
        return [names.FIGURE.format(family=built[0].family, figure=figure) for figure in drawn]

    def figures(self, built: Sequence[Request]) -> list[str]:
        """List all pictures of a family's results."""
        drawn = [names.FIGURE.format(family=built[0].family, figure=figure) for figure in _charts(built)]
        return [*drawn, *self.pictures(built)]

    def heard(self, built: Iterable[Request]) -> list[str]:
        """List the datasets of raw files whose spectrograms some requests learn from."""
        with_files = self.datasets(has_raw_files=True)
        found = {self.whole(entry.dataset) for entry in built if PATCHES in requests.raw_kinds(entry)}
        return sorted(found.intersection(with_files))

    def shown(self, built: Iterable[Request]) -> list[Request]:
        """List the requests of which single items are shown: they say classes of items that have files here."""
        with_files = self.datasets(has_raw_files=True)
        return [
            request
            for request in built
            if request.kind_of_task.has_classes
            and request.kind_of_task.of_dataset
            and self.whole(request.dataset) in with_files
        ]

    def predicted_items(self, built: Iterable[Request]) -> list[str]:
        """List what their models say, item by item."""
        return [names.PREDICTED_ITEMS.format(family=one.family, model=one.name) for one in self.shown(built)]

    def datasets_of_shown(self, built: Iterable[Request]) -> list[str]:
        """Name the dataset of each of these."""
        return [self.whole(request.dataset) for request in self.shown(built)]

    def shown_items(self, built: Sequence[Request]) -> list[str]:
        """Name what is shown of single items of a family, if there is any."""
        return [names.SHOWN_ITEMS.format(family=built[0].family)] if self.shown(built) else []

    def maps(self, built: Iterable[Request]) -> list[str]:
        """List the maps that the page leads to: of the layers which the models of these requests learn from."""
        return [
            names.MAP_PAGE.format(family=family, features=features)
            for family, features in dict.fromkeys(
                (request.family, features)
                for request in self.shown(built)
                for features in request.features
                if kind_of(features) is LAYER and not request.numbers_of_folds()
            )
        ]

    def sources(self, built: Sequence[Request]) -> list[Section]:
        """Tell of the datasets of some requests what they are, whom to cite and what may be done with them."""
        found = []
        for dataset in dict.fromkeys(self.whole(request.dataset) for request in built):
            section = self._config.dataset(dataset)
            origin: Section = self._config.archives[section["archive"]] if section["kind"] == "archive" else section
            said: Section = {key: str(origin[key]) for key in ("citation", "doi", "licence") if key in origin}
            found.append({"name": dataset, "title": str(section.get("title", origin["title"])), **said})
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


def of_classes_on(built: Iterable[Request], dataset: str) -> list[str]:
    """List what is said of every item, by all models of some requests that predict the classes of a dataset."""
    return [
        names.PREDICTED_ITEMS.format(family=request.family, model=request.name)
        for request in built
        if request.dataset == dataset and request.kind_of_task.has_classes and request.kind_of_task.of_dataset
    ]


def histories(built: Iterable[Request]) -> list[str]:
    """List the courses of all trainings of some requests."""
    return [path for request in built for fold in request.folds() for path in fold.histories()]


def deformed_results(built: Sequence[Request]) -> list[str]:
    """List what is measured of deformed sound by all models of sound of a family.

    Raises
    ------
    TartarusError
        If there is none.
    """
    found = [
        names.DEFORMED_RESULT.format(family=request.family, model=request.name)
        for request in built
        if chains.is_of_sound(request)
    ]
    if not found:
        raise TartarusError(f"{built[0].family}: no model of sound, of a dataset with files, which could be deformed")
    return found


def results_by_class(built: Iterable[Request]) -> list[str]:
    """List the results of some requests that tell of every class."""
    return [request.result() for request in built if request.kind_of_task.pictures]


def _charts(built: Sequence[Request]) -> list[str]:
    """Name the charts of some requests."""
    of_all = ["table", "classes"] if results_by_class(built) else ["table"]
    return [
        *of_all,
        *(f"{kind}_{entry.name}" for entry in built for kind in (*entry.kind_of_task.pictures, "learning")),
    ]


def shown_lists(built: Iterable[Request]) -> list[str]:
    """List what is shown of the recommendations of some requests."""
    return [
        names.SHOWN_LISTS.format(family=request.family, model=request.name)
        for request in built
        if not request.kind_of_task.has_classes
    ]
