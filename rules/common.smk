# What the rules share: the configuration, read and checked, and the adapters by which rules ask the library.
#
# Whatever is more than wiring is in tartarus.plan.jobs (which jobs there are, and what each is given) and
# tartarus.items.known* (the items that jobs are about). What concerns items, archives and families is in the files beside
# it.
#
# All rules have a parameter `code=code("<script>")`, a fingerprint of its script and of all local modules that
# it reaches: Snakemake itself looks neither at their content nor at what a script imports. Only those that fetch or
# unpack have none: what they bring is fixed by checksums, and need not be brought anew.
#
# The table of items is never simply an input, for then a new row would make every step of its dataset stale.
# A rule gets the digest of the rows that matter to it as a parameter, and reads the table as `ancient`.

from dataclasses import replace
from functools import wraps

from snakemake.logging import logger
from tartarus.base.documents import read_yaml
from tartarus.base.errors import TartarusError
from tartarus.base.fingerprint import fingerprint
from tartarus.base.files import digest
from tartarus.base.lists import shorten_lists
from tartarus.items import demo, mirdata_loader
from tartarus.items.known import KnownItems
from tartarus.items.known_files import KnownFiles
from tartarus.items.known_truth import KnownTruth
from tartarus.items.sound_files import SoundFiles
from tartarus.plan import archives, chains, checks, comparisons, config as configuration, given, jobs, kinds, names
from tartarus.plan import pretrained, report_jobs, requests, weights
from tartarus.plan.config import ordered
from tartarus.plan.jobs import Jobs
from tartarus.plan.request import Request


def without_traceback(function):
    """Turn an error that the user can mend into one that Snakemake shows in a line."""

    @wraps(function)
    def wrapped(*arguments, **named):
        try:
            return function(*arguments, **named)
        except TartarusError as error:
            raise WorkflowError(str(error)) from None

    return wrapped


logger.addFilter(shorten_lists)

# Before Snakemake reads it, which it does without bounds and without telling a line.
CONFIG_FILE = CONFIG_FOLDER / "config.yaml"
if CONFIG_FILE.exists():
    without_traceback(read_yaml)(CONFIG_FILE)


configfile: str(CONFIG_FILE)


CONFIG = without_traceback(configuration.load)(config, CONFIG_FOLDER, overlays=workflow.overwrite_configfiles)
SEED = CONFIG.values["seed"]


def may_write():
    """Every job reads the tables again: only the main process has something to say, or to write, about them."""
    return workflow.is_main_process and workflow.executor_plugin is not None and not workflow.dryrun


ITEMS = KnownItems(CONFIG, tell=logger.warning if workflow.is_main_process else logger.debug, may_write=may_write)
# The memory lasts as long as Snakemake remembers what its jobs were given.
FILES = KnownFiles(CONFIG, ITEMS, may_write=may_write, memory=".snakemake/tartarus")
TRUTH = KnownTruth(CONFIG, ITEMS)
# Where an experiment does not say `dim`, the table does.
CONFIG = replace(CONFIG, count_classes=without_traceback(TRUTH.count_classes))
JOBS = Jobs(CONFIG)
SOUND = SoundFiles(CONFIG, ITEMS)
SENSIBLE = set()  # the requests that were checked

ON_GPU = CONFIG.values["device"] == "gpu"
TENSORFLOW = f"../envs/tensorflow{'-cuda' if ON_GPU else ''}.yaml"

ARCHIVES = names.pattern(CONFIG.archives)
# Datasets by where their files come from; what is no archive's may be unknown, and is answered with a suggestion.
ARCHIVED = names.pattern(JOBS.datasets_of_kind("archive"))
LISTED = names.all_but(JOBS.datasets(has_table=False))
RAW = names.all_but(JOBS.datasets(has_raw_files=False))
# What is fitted to the training items is made of each fold, of items that the whole has, and of albums, of their tracks' texts.
OF_OTHERS = {*JOBS.datasets_of_kind("fold"), *JOBS.datasets_of_kind("albums")}
FITTED = names.all_but([name for name in JOBS.datasets(has_raw_files=False) if name not in OF_OTHERS])


wildcard_constraints:
    set="train|val|test|all",
    dataset=r"[^_/]+",
    family=r"[^/]+",
    model=r"[^/]+",
    layer=r"[^_/]+",
    features=r"[^/]+",
    inbox=r"[^/]+",
    shard=r"(train|val|test|all|own)-\d+",
    n=r"\d+",
    sec=r"\d+(\.\d+)?",
    dim=r"\d+",


def code(script):
    return fingerprint(HOME / "workflow" / "scripts" / f"{script}.py")


# --- How rules ask ---------------------------------------------------------------------------------------


def of_job(get, *arguments):
    """Ask `get` about a job: it is given what the name of the job's file tells, and these arguments."""
    return without_traceback(lambda wildcards: get(dict(wildcards.items()), *arguments))


def of_request(get, *arguments):
    """Ask `get` about what the name of a job's file asks for: it is given the Request, and these arguments."""
    return of_job(lambda job: get(sensible(JOBS.request(job)), *arguments))


def of_folds(get, *arguments):
    """Ask as `of_request` does, about every fold in turn if the dataset has some, for one list of all."""
    return of_request(jobs.of_folds, get, *arguments)


def of_tagger(get, *arguments):
    """Ask `get` about the request whose models are put to use: the job has its family and name in one word."""
    return of_job(lambda job: get(sensible(JOBS.tagger(job["tagger"])), *arguments))


def of_owner(get, *arguments):
    """Ask `get` about the dataset whose items are played: the tracks of albums, the whole of a view."""
    return of_job(lambda job: get({"dataset": JOBS.owner_of_plays(job)}, *arguments))


def sensible(request):
    """The request, if what it says goes together and fits its dataset; models may be fed with another dataset."""
    if request.is_at_home and (request.family, request.name) not in SENSIBLE:
        checks.refuse_misfits(request)
        TRUTH.refuse_other_dimension(request)
        SENSIBLE.add((request.family, request.name))
    return request


def of_family(get, *arguments):
    """Ask `get` about a family: it is given the requests that can be built, and these arguments."""
    return of_job(lambda job: get(sorted_requests(job["family"])[0], *arguments))


# --- What jobs ask a cluster for -------------------------------------------------------------------------


def asks(step, of_each_thread=False, runs_networks=True):
    """What a job of a step asks a cluster for: more with every attempt, because what was lacking may be that."""
    needs = CONFIG.values["resources"][step]
    return {
        "mem_mb": lambda _, threads, attempt: needs["megabytes"] * attempt * (threads if of_each_thread else 1),
        "runtime": lambda _, attempt: needs["minutes"] * attempt,
        **({"gpu": 1} if ON_GPU and runs_networks and step in ("pretrained", "train", "predict", "use") else {}),
    }
