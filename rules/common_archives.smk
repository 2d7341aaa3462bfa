# How rules ask about archives, and the files that these hold.

import os

from tartarus.base.files import stamps
from tartarus.items import tables


def report_of(archive):
    """The report of an archive's check, path to row; Snakemake comes back here once there is one."""
    path = checkpoints.check.get(archive=archive).output[0]
    return {row["path"]: row for row in tables.read_rows(path, columns=("path", "status", "source", "message"))}


def own_files(job):
    """A digest of the files that the user has put beside an archive in the place of its own: names, sizes and times."""
    return digest(stamps(f"data/raw/{job['archive']}/own", names=JOBS.archived_names(job)))


def check_of_dataset(job):
    return ancient(names.CHECK.format(archive=JOBS.archive_of(job)))


def archived_file(job, pattern):
    """The file of an archive that a file of ours is made from."""
    archive = JOBS.archive_of(job)
    return archives.source_of(report_of(archive), pattern.format(**job), archive=archive)


def archived_stamp(job, pattern):
    """Size and time of that file: a new one may be older than what it replaces."""
    found = os.stat(archived_file(job, pattern))
    return [found.st_size, found.st_mtime]
