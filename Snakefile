# Tartarus: deep learning on the sound, words, pictures and listeners of music.
#
# A result is a file, its name says what it is, and asking for it builds all that it needs and nothing else:
#
#   results/<family>/<experiment>_<setting>_<setting>.json   one experiment's result
#   results/<family>/table.tsv, table.md                     every result of a family, beside the published figures
#   results/<family>/figures/*.png, *.svg, *.tsv             confusion matrices or precision-recall curves, learning
#                                                            curves, spectrograms, chain, table
#   results/<family>/index.html                              the page of the family: to look, listen and compare
#   results/<family>/report.html                             Snakemake's report of the family
#   results/<family>/figures/map_<features>.html             items that are alike near each other, to look at and to hear
#   results/<family>/deformed.tsv, deformed.md               the same of sound that is noisy, soft, dull, slow or packed
#   results/<family>/predictions_<model>.tsv                 what is said of every item, beside the truth
#   results/<family>/top_<n>_above_<score>_<model>.tsv       the best items for every user
#   results/tags/<INBOX>/<family>_<model>.tsv                what a model says of the files of data/inbox/<INBOX>
#   results/listeners/<INBOX>/<family>_<model>.tsv           the users who are most likely to like these files
#   results/networks.tsv                                     every network, with its sizes and layers
#
# The names of all other files are in data/README.md. Targets by name: all (the default family of the
# configuration), and every family: demo, demo-modalities, demo-labels, demo-listeners, super, ismir, dlrs, tismir,
# acousticbrainz, networks. What an archive holds is known after its check, data/raw/<archive>/CHECK.tsv: then a family's
# results follow, without those that lack files.
import gc
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.utils import min_version

min_version("9.13")
# Where this file lies: not `workflow.basedir`, which is another workflow's where this one is its module.
HOME = Path(workflow.current_basedir.get_path_or_uri(secret_free=True))
if not HOME.is_dir():
    raise WorkflowError(f"{HOME}: scripts need the library beside them; clone the repository and name the clone's path")
sys.path.insert(0, str(HOME / "workflow" / "scripts"))
# Planning makes many objects that stay: to look for rubbish among them after every 700 takes a sixth of its time.
gc.set_threshold(50_000, 20)
# With --directory, or as a module: the configuration that lies there, or else the one that comes with Tartarus.
CONFIG_FOLDER = Path("config") if Path("config/datasets").is_dir() else HOME / "config"


include: "rules/common.smk"
include: "rules/common_items.smk"
include: "rules/common_archives.smk"
include: "rules/common_families.smk"
include: "rules/datasets.smk"
include: "rules/archives.smk"
include: "rules/audio.smk"
include: "rules/pretrained.smk"
include: "rules/text.smk"
include: "rules/factors.smk"
include: "rules/pictures.smk"
include: "rules/train.smk"
include: "rules/predict.smk"
include: "rules/evaluate.smk"
include: "rules/report.smk"
include: "rules/use.smk"


rule all:
    """Build the default family of the configuration."""
    input:
        family_files(CONFIG.values["default_family"]),


# One that has nothing but templates, such as own, is only there to be extended.
for family in [name for name, content in CONFIG.families.items() if content["experiments"]]:

    rule:
        """Build all results, the table and the report of a family."""
        name:
            free(family)
        input:
            family_files(family),


onstart:
    # Snakemake (up to 9.27 at least) wakes up once a second for every job that has ended, because of a limit on how
    # many jobs are submitted: after 250 jobs that took a third of a core. On this machine nothing is submitted.
    if workflow.local_exec:
        workflow.scheduler.job_rate_limiter = None
