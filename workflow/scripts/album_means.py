"""Average the vectors of tracks over their albums."""

from tartarus.base import files, logs
from tartarus.features import albums, store

with logs.job(snakemake.log[0]):
    album_of = albums.read(snakemake.input.albums)
    for set_ in ("train", "val", "test"):
        index = files.read_lines(snakemake.input[f"index_{set_}"])
        with store.open_features(snakemake.input[set_]) as tracks:
            albums.write_means(snakemake.output[set_], tracks, album_of, index)
