# How rules ask about families: what of them can be built, and what is left out.

from functools import cache

from tartarus.base.files import sha256


def free(family):
    """The name of a family, by which it is asked for; no other name may be the same."""
    if workflow.is_rule(family):
        raise WorkflowError(f"config/experiments/{family}.yaml: '{family}' is the name of a rule; rename the file")
    return family


@without_traceback
def sorted_requests(family):
    """The requests that a family's name builds, and those that it leaves out, with the files that they lack."""
    status = {}
    for archive in archives_of(family):
        status |= report_of(archive)
    built, left_out = JOBS.sorted_requests(family, status)
    tell_left_out(family, tuple((name, len(missing), missing[0]) for name, missing in left_out.items()))
    jobs.refuse_nothing(family, built, left_out)
    return built, left_out


@cache
def archives_of(family):
    return JOBS.archives_of(family)


@cache
def tell_left_out(family, left_out):
    """Say once what a family does without."""
    for name, count, first in left_out:
        more = f" and {count - 1} more" if count > 1 else ""
        logger.warning(f"{family}: left out is {name}, because it lacks {first}{more}")


def family_files(family):
    """Everything that the name of a family builds."""
    made = (names.TABLE, names.TABLE_PAGE, names.PAGE, names.REPORT)
    return lambda _: [
        *report_jobs.results(sorted_requests(family)[0]),
        *(name.format(family=family) for name in made),
    ]


@without_traceback
def compared():
    """What results/compare.html sets side by side."""
    entries = CONFIG.values["compare"]
    return comparisons.sides(entries, list(CONFIG.families), lambda family: sorted_requests(family)[0])


def published_file(wildcards):
    path = CONFIG_FOLDER / "published" / f"{wildcards.family}.yaml"
    return str(path) if wildcards.family in CONFIG.published else []


def rules_digest():
    """A digest of the rules themselves, for what draws them."""
    return digest([sha256(path) for path in [HOME / "Snakefile", *sorted((HOME / "rules").iterdir())]])


def look(template):
    """Compute the digest of what a page is made with besides code: its template, and what pages share."""
    return digest(
        [sha256(HOME / "workflow" / "page" / name) for name in (template, "head.html", "page.css", "page.js")]
    )
