# What the rules share: the configuration, read and checked, and the functions that name their inputs.
#
# All rules have a parameter `code=code("<script>")`, a fingerprint of its script and of all local modules that
# it reaches: Snakemake itself looks neither at their content nor at what a script imports. Only those that fetch or
# unpack have none: what they bring is fixed by checksums, and need not be brought anew.
#
# The table of items is never simply an input, for then a new row would make every step of its dataset stale.
# A rule gets the digest of the rows that matter to it as a parameter, and reads the table as `ancient`.

import re
from functools import cache, wraps

from snakemake.exceptions import WorkflowError
from snakemake.logging import logger
from tartarus import config as configuration
from tartarus import archives, demo, tables, targets
from tartarus.config import SETS, SPECTRAL_KEYS, ordered
from tartarus.errors import TartarusError
from tartarus.files import digest, sha256
from tartarus.fingerprint import fingerprint


def told(function):
    """Turn an error that the user can mend into one that Snakemake shows without a traceback."""

    @wraps(function)
    def wrapped(*arguments, **named):
        try:
            return function(*arguments, **named)
        except TartarusError as error:
            raise WorkflowError(str(error)) from None

    return wrapped


CONFIG = told(configuration.load)(config)
SEED = CONFIG.values["seed"]


wildcard_constraints:
    set="train|val|test",
    dataset=r"[^_/]+",
    family=r"[^/]+",
    model=r"[^/]+",
    layer=r"[^_/]+",
    shard=r"(train|val|test)-\d+",
    n=r"\d+",
    sec=r"\d+",
    dim=r"\d+",


def code(script):
    return fingerprint(os.path.join(workflow.basedir, "workflow", "scripts", f"{script}.py"))


def datasets_of_kind(*kinds):
    return [name for name, settings in CONFIG.datasets.items() if settings["kind"] in kinds]


def pattern_of(names):
    """The regular expression of these names; of none, one that nothing matches."""
    return "|".join(re.escape(name) for name in names) or "(?!)"


def all_but(names):
    """The regular expression of other datasets' names, unknown ones too: they are answered with a suggestion."""
    return rf"(?!({pattern_of(names)})(_|\.[a-z0-9]+$|$))[^_/]+"


ARCHIVED = pattern_of(datasets_of_kind("archive"))
# Those with raw files of their own; and those with a table of items.
WITH_FILES = datasets_of_kind("synthetic", "original", "table")
RAW = all_but(datasets_of_kind("archive", "albums"))
LISTED = all_but(datasets_of_kind("archive"))


def section(*keys):
    """Give the parameters that a dataset's configuration has under these keys."""

    @told
    def of_dataset(wildcards):
        settings = CONFIG.dataset(wildcards.dataset)
        return {key: ordered(settings.get(key)) for key in keys}

    return of_dataset


def label_column(dataset):
    return CONFIG.dataset(dataset).get("label_column", "labels")


# --- The table of items ----------------------------------------------------------------------------------


@cache
def known_items(dataset):
    """Read the items of a dataset; None if they are not known before its files are fetched."""
    settings = CONFIG.dataset(dataset)
    table = f"data/raw/{dataset}/items.tsv"
    if settings["kind"] == "original":
        return None
    if settings["kind"] == "albums":
        tracks = settings["albums_of"]
        return tables.albums_of(known_items(tracks), source=f"data/raw/{tracks}/items.tsv")
    if settings["kind"] == "synthetic":
        rows = demo.rows(tracks_per_artist=settings["synthesis"]["tracks_per_artist"])
        return tables.items_from_rows(rows, source=table, label_column=label_column(dataset))
    return tables.read_items(table, label_column=label_column(dataset), seed=SEED)


@told
def items_table(wildcards):
    """The table of items: as it is where a rule makes it, and `ancient` where the user wrote it."""
    path = f"data/raw/{wildcards.dataset}/items.tsv"
    return path if CONFIG.dataset(wildcards.dataset)["kind"] != "table" else ancient(path)


def in_shard(item, shard, dataset):
    set_, number = shard.split("-")
    return item.set == set_ and tables.shard_of(item.id, CONFIG.dataset(dataset)["audio"]["shards"]) == int(number)


def items_for(wildcards):
    """The known items that a job is about: those of its shard, of its set, or all."""
    items = known_items(wildcards.dataset)
    if items is None:
        return None
    shard, set_ = getattr(wildcards, "shard", None), getattr(wildcards, "set", None)
    return [
        item
        for item in items
        if (shard is None or in_shard(item, shard, wildcards.dataset)) and (set_ is None or item.set == set_)
    ]


def rows_digest(*columns):
    """Give the digest of what a job reads from the table: ids, and the named columns of its items."""

    @told
    def of_job(wildcards):
        items = items_for(wildcards)
        if items is None:
            return digest(CONFIG.dataset(wildcards.dataset)["files"])
        return digest([[item.id, item.set, *(item.cells.get(column, "") for column in columns)] for item in items])

    return of_job


def raw_files(modality):
    """Give the raw files of a job's items: those that a rule makes, and those that the user has put there."""

    @told
    def of_job(wildcards):
        settings = CONFIG.dataset(wildcards.dataset)
        folder = f"data/raw/{wildcards.dataset}"
        if settings["kind"] == "original":
            return [f"{folder}/{path}" for path in settings["files"] if path.startswith(f"{modality}/")]
        paths = sorted({f"{folder}/{item.path(modality)}" for item in items_for(wildcards) if item.path(modality)})
        return [path for path in paths if settings["kind"] == "synthetic" or os.path.isfile(path)]

    return of_job


def classes_of(wildcards):
    """The classes in column order."""
    settings = CONFIG.dataset(wildcards.dataset)
    if known_items(wildcards.dataset) is None:
        return settings["classes"]
    source = f"data/raw/{wildcards.dataset}/items.tsv"
    return tables.classes_of(known_items(wildcards.dataset), settings.get("classes"), source=source)


def label_rows(wildcards):
    return rows_digest(label_column(wildcards.dataset))(wildcards)


def reading_of(dataset):
    """How a script is to read a table of items."""
    return {"label_column": label_column(dataset), "seed": SEED}


@told
def items_options(wildcards):
    return reading_of(wildcards.dataset)


def table_of_tracks(dataset):
    """The table from which a dataset of albums is made."""
    tracks = CONFIG.dataset(dataset)["albums_of"]
    path = f"data/raw/{tracks}/items.tsv"
    return path if CONFIG.dataset(tracks)["kind"] == "synthetic" else ancient(path)


def rows_of_tracks(dataset):
    """Give the digest of what a dataset of albums takes from the table of its tracks."""

    @told
    def of_job(wildcards):
        items = known_items(CONFIG.dataset(dataset)["albums_of"])
        return digest([[item.id, item.set, item.labels, item.cells.get("album", "")] for item in items])

    return of_job


# --- Sound and words -------------------------------------------------------------------------------------


def datasets_by_type():
    """Sort the datasets by the type of their spectrograms."""
    types = {}
    for name in WITH_FILES:
        types.setdefault(CONFIG.dataset(name)["audio"]["type"], []).append(name)
    return types


@told
def spectral_settings(wildcards):
    """What spectrograms and their tracks depend on: not how the work is shared out, nor what their type ignores."""
    audio = CONFIG.dataset(wildcards.dataset)["audio"]
    return {key: audio[key] for key in sorted([*SPECTRAL_KEYS[audio["type"]], "min_seconds"])}


@told
def shard_count(wildcards):
    return CONFIG.dataset(wildcards.dataset)["audio"]["shards"]


@told
def workers(wildcards):
    return CONFIG.dataset(wildcards.dataset)["audio"]["workers"]


def spectrograms_in(dataset, set_):
    type_ = CONFIG.dataset(dataset)["audio"]["type"]
    shards = targets.shards(CONFIG, dataset, set_)
    return [f"data/spectrograms/spectrograms_{type_}_{dataset}_{shard}.hdf5" for shard in shards]


@told
def spectrograms_of_set(wildcards):
    return spectrograms_in(wildcards.dataset, wildcards.set)


@told
def training_spectrograms(wildcards):
    return spectrograms_in(wildcards.dataset, "train")


@told
def tracks_of_set(wildcards):
    return targets.track_tables(CONFIG, wildcards.dataset, wildcards.set)


@told
def pretrained_vectors(wildcards):
    return CONFIG.dataset(wildcards.dataset)["w2v"]["pretrained"] or []


@told
def training_rows(wildcards):
    """The digest of the ids and labels of the training items."""
    items = known_items(wildcards.dataset)
    if items is None:
        return digest(CONFIG.dataset(wildcards.dataset)["files"])
    return digest([[item.id, item.labels] for item in items if item.set == "train"])


# --- Models ----------------------------------------------------------------------------------------------


def of_model(get):
    """Give what `get` says of the model that a file name is about, in a family or by its dataset."""

    @told
    def of_job(wildcards):
        if "family" in wildcards.keys():
            return get(targets.find(CONFIG, wildcards.family, wildcards.model))
        return get(targets.find_source(CONFIG, wildcards.model, wildcards.dataset))

    return of_job


def trainings():
    """List family, experiment and seeds of every training job's kind."""
    for family, content in CONFIG.families.items():
        for experiment, options in content["experiments"].items():
            seeds, size = options["seeds"], options["seeds_per_job"]
            for first in range(0, len(seeds), size):
                yield family, experiment, seeds[first : first + size]


def training_name(family, experiment, seeds):
    """Name the training of an experiment, by its first seed too where it takes several jobs."""
    whole = seeds == CONFIG.family(family)["experiments"][experiment]["seeds"]
    return f"train_{family}_{experiment}" + ("" if whole else f"_from_seed_{seeds[0]}")


def is_learned_from(family, experiment):
    """Tell whether a dataset offers a layer of this experiment's models as features."""
    offered = [name for settings in CONFIG.datasets.values() for name in settings["settings"].values()]
    outputs = map(targets.LAYER_OUTPUT.fullmatch, offered)
    return any(output and output["model"].startswith(experiment) for output in outputs)


def models_pattern(family, experiment):
    """The regular expression of an experiment's models: not those of one whose longer name begins alike."""
    longer = [name for name in CONFIG.family(family)["experiments"] if name.startswith(f"{experiment}_")]
    others = "".join(f"(?!{re.escape(name)}(_|/|-pred_))" for name in longer)
    return rf"{others}{re.escape(experiment)}(_[^_/]+)*"


def files_of(set_):
    return lambda model: model.files(set_)


def index_of(set_):
    return lambda model: model.index_file(set_)


def target_of(set_):
    return lambda model: model.target_file(set_)


def all_indexes(model):
    return [model.index_file(set_) for set_ in SETS]


def validation_of(model):
    return model.options["validation"]


def truth_of(model):
    return model.truth_files()


def user_factors_of(model):
    if model.task != "recommendation":
        raise TartarusError(f"{model.name}: lists are for recommendation, the task of {model.dataset} is {model.task}")
    return model.truth_files()["user_factors"]


def predictions_of(model):
    """The scores that a result is made from: thresholds of many labels are chosen on the validation set."""
    sets = ("test", "val") if model.task == "multilabel" else ("test",)
    return [f"data/predictions/{model.family}/{model.name}/{set_}.npz" for set_ in sets]


def vocabularies_of(model):
    return model.vocabularies()


def features_of(model):
    return list(model.features)


def training_options(model):
    """What a training depends on, whatever the names of its files."""
    apart = ("seeds", "seeds_per_job", "threads", "settings", "features", "inputs", "evaluation")
    return {key: value for key, value in ordered(model.options).items() if key not in apart}


def threads_of(model):
    return model.options["threads"]


def seeds_of(model):
    return model.options["seeds"]


def all_trained(model):
    return model.trained()


def first_trained(model):
    """The model whose layer is written, for all three sets of a dataset."""
    if len(archives.sets_of(CONFIG, model.dataset)) < len(SETS):
        raise TartarusError(
            f"{model.name}: layers are written for the sets train, val and test, but {model.dataset} has no set val"
        )
    return model.trained()[0]


def histories(model):
    return [path.replace("model.keras", "history.csv") for path in model.trained()]


def evaluation_options(model):
    return ordered(model.options.get("evaluation", {}))


def description(model):
    """The head of a result file."""
    return {
        "dataset": model.dataset,
        "experiment": model.experiment,
        "family": model.family,
        "features": list(model.features),
        "seeds": model.options["seeds"],
        "settings": list(model.settings),
        "task": model.task,
    }


def published_of(model):
    """What was published of a result: where, and which figures."""
    paper = CONFIG.published.get(model.family, {"rows": {}})
    row = paper["rows"].get(model.name)
    return {"source": paper["source"], "figures": ordered(row["figures"])} if row else {}


# --- Families --------------------------------------------------------------------------------------------


@cache
def archives_of(family):
    """The archives that hold what a family's models are made from."""
    known = {entry.path: archive for archive in CONFIG.archives for entry in archives.expected(CONFIG, archive)}
    needed = (path for model in targets.models_of(CONFIG, family) for path in archives.needed_by(model))
    return sorted({known[path] for path in needed if path in known})


@told
def checks_of_family(wildcards):
    return [f"data/raw/{archive}/CHECK.tsv" for archive in archives_of(wildcards.family)]


@told
def sorted_models(family):
    """The models that a family's name builds, and those that it leaves out, with the files that they lack."""
    status = {}
    for archive in archives_of(family):
        status |= report_of(archive)
    built, left_out = [], {}
    for model in targets.models_of(CONFIG, family):
        missing = archives.missing_for(model, status)
        if missing:
            left_out[model.name] = missing
        else:
            built.append(model)
    tell_left_out(family, tuple((name, len(missing), missing[0]) for name, missing in left_out.items()))
    if not built:
        why = "every experiment lacks files of its archive" if left_out else "no experiment says with which settings"
        raise TartarusError(f"{family}: nothing can be built: {why}; ask for results by their names")
    return built, left_out


@cache
def tell_left_out(family, left_out):
    """Say once what a family does without."""
    for name, count, first in left_out:
        more = f" and {count - 1} more" if count > 1 else ""
        logger.warning(f"{family}: left out is {name}, for want of {first}{more}")


def results_of(family):
    return [f"results/{family}/{model.name}.json" for model in sorted_models(family)[0]]


def results_of_family(wildcards):
    return results_of(wildcards.family)


def left_out_of_family(wildcards):
    return sorted_models(wildcards.family)[1]


def family_files(family):
    """Give everything that the name of a family builds."""

    def of_job(wildcards):
        summaries = ("table.tsv", "table.md", "report.html")
        return [*results_of(family), *(f"results/{family}/{name}" for name in summaries)]

    return of_job


def published_file(wildcards):
    return f"config/published/{wildcards.family}.yaml" if wildcards.family in CONFIG.published else []


def training_benchmarks(wildcards):
    """The measured times of all trainings of a family's models.

    They are no inputs: whoever clears the folder of benchmarks would have to train all models again.
    """
    return [
        f"benchmarks/train/{model.family}/{model.name}_seed-{seeds[0]}.tsv"
        for model in sorted_models(wildcards.family)[0]
        for family, experiment, seeds in trainings()
        if (family, experiment) == (model.family, model.experiment)
    ]


def all_histories(wildcards):
    return [path for model in sorted_models(wildcards.family)[0] for path in histories(model)]


@told
def family_title(wildcards):
    return CONFIG.family(wildcards.family)["title"]


# What is drawn of a result.
PICTURES = {"multiclass": ["confusion"], "multilabel": ["precision-recall"], "recommendation": []}


def figures_of_family(wildcards):
    """The pictures of a family: of every model, and of every dataset with sound."""
    models = sorted_models(wildcards.family)[0]
    names = [f"{kind}_{model.name}" for model in models for kind in (*PICTURES[model.task], "learning")]
    heard = {model.dataset for model in models if model.dataset in WITH_FILES and "audio" in model.modalities()}
    names += [f"spectrograms_{dataset}" for dataset in sorted(heard)]
    return [f"results/{wildcards.family}/figures/{name}.png" for name in (*names, "chain", "table")]


def rules_digest():
    """A digest of the rules themselves, for what draws them."""
    folder = os.path.join(workflow.basedir, "rules")
    paths = [
        workflow.main_snakefile,
        *(os.path.join(folder, name) for name in sorted(os.listdir(folder))),
    ]
    return digest([sha256(path) for path in paths])
