# How rules ask about items: their tables, their sets, the raw files of a request, the plays, what lies in an inbox.

from tartarus.items import inbox
from tartarus.items.columns import MODALITIES
from tartarus.plan import vectors


def table_of(dataset):
    """The table of items: as it is where a rule makes it, and `ancient` where the user wrote it."""
    path = ITEMS.table(dataset)
    return ancient(path) if ITEMS.are_users_files(dataset) else path


@without_traceback
def items_table(wildcards):
    CONFIG.dataset(wildcards.dataset)
    return table_of(wildcards.dataset)


def sets_of(dataset):
    """The split that was written down, where the table does not tell it; not yet there in a first dry run."""
    return [ancient(path) for path in ITEMS.files_of_split({"dataset": dataset})]


def table_of_whole(job):
    """The table that names the raw files of a dataset's items, if they have any."""
    dataset = JOBS.whole(job["dataset"])
    return table_of(dataset) if dataset in JOBS.datasets(has_raw_files=True) else []


def raw_table(request):
    return table_of_whole({"dataset": request.dataset})


def raw_sets(request):
    return sets_of(JOBS.whole(request.dataset)) if raw_table(request) else []


def grouped_table(request, groups):
    """The table that tells the groups of items, if `groups`, asked about the request, says that they count."""
    return [table_of(JOBS.whole(request.dataset))] if groups(request) else []


def grouped_sets(request, groups):
    return sets_of(JOBS.whole(request.dataset)) if groups(request) else []


def raw_rows(request, *more):
    """A digest of the paths of these files, and of more columns."""
    return ITEMS.rows({"dataset": JOBS.whole(request.dataset)}, *MODALITIES, *more) if raw_table(request) else ""


@without_traceback
def items_sets(wildcards):
    return sets_of(wildcards.dataset)


def rows_of_owner(job):
    """A digest of what is read of these items: their ids, and what tells how popular they are."""
    column = JOBS.section(job, "plays")["plays"]["popularity"]
    return ITEMS.rows({"dataset": JOBS.owner_of_plays(job)}, column or "")


def stamps_of_inbox(job):
    """The versions of the files of an inbox: which of them are new, the job itself finds out."""
    return digest([[one.id, one.stamp] for one in inbox.find(job["inbox"])])


def vectors_of(job):
    """The files of the vectors that a name stands for, one for each set."""
    return list(vectors.files(CONFIG, job["features"], job["dataset"]).values())


def sets_with_vectors(job):
    return list(vectors.files(CONFIG, job["features"], job["dataset"]))


def of_vectors(get):
    """Ask `get`, of `tartarus.plan.vectors`, about the vectors that a name stands for."""
    return of_job(lambda job: get(CONFIG, job["features"], job["dataset"]))


def of_mapped(get, *arguments):
    """Ask `get` about a map: it is told, besides what the name of its file tells, the dataset whose items are on it."""

    def asked(job):
        built = sorted_requests(job["family"])[0]
        return get({**job, "dataset": vectors.dataset_of(CONFIG, job["features"], built)}, *arguments)

    return of_job(asked)
