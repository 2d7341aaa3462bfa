"""Make the table of the albums of a dataset of tracks, and the table that tells the album of every track."""

from tartarus.base import logs
from tartarus.items import item_tables, tables, views

with logs.job(snakemake.log[0]):
    source = snakemake.input.table
    tracks = item_tables.read_items(source, **snakemake.params.reading)
    albums = views.albums_of(tracks, source=source)
    rows = [{"id": album.id, "labels": album.cells["labels"], "set": album.set} for album in albums]
    tables.write_rows(snakemake.output.table, rows)
    members = [
        {"id": track.id, "album": track.cells["album"]} for track in tracks if track.set and track.cells.get("album")
    ]
    tables.write_rows(snakemake.output.albums, members)
