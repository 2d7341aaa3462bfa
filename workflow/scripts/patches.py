"""Cut the patches of a set."""

from tartarus.base import files, logs
from tartarus.features.sound import patches
from tartarus.items import statuses

with logs.job(snakemake.log[0]):
    ids = files.read_lines(snakemake.input.index)
    names = snakemake.wildcards
    statuses.refuse_too_many_lost(
        statuses.read_statuses(snakemake.input.tracks),
        max_missing=snakemake.params.max_missing["max_missing"],
        what=f"{names.set} tracks of {names.dataset} (data/spectrograms/tracks_{names.dataset}_{names.set}-*.tsv)",
    )
    patches.write_patches(
        snakemake.output[0],
        ids,
        snakemake.input.spectrograms,
        snakemake.params.audio,
        count=int(names.n),
        seconds=float(names.sec),
        how=snakemake.params.patches["patches"]["offsets"],
        pad=snakemake.params.patches["patches"]["pad"],
        seed=snakemake.params.seed,
    )
