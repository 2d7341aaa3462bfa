"""Read who played what, and part it by set."""

from tartarus.base import logs
from tartarus.features import albums
from tartarus.items import item_tables, listening, plays, tables
from tartarus.plan.kinds import SETS

with logs.job(snakemake.log[0]):
    given, params = snakemake.input, snakemake.params
    options = params.plays["plays"]
    owners = item_tables.read_items(given.owner, **params.owner_reading)
    items = item_tables.read_items(given.table, **params.reading)
    found = plays.read(given.plays, [item.id for item in owners])
    values = listening.values_of(owners, options["popularity"])
    if given.get("albums"):
        album_of = albums.read(given.albums[0])
        found, values = plays.of_albums(found, album_of), listening.values_of_albums(values, album_of)
    listened = listening.by_set(
        found,
        {set_: [item.id for item in items if item.set == set_] for set_ in SETS},
        values,
        users_without_plays=options["users_without_plays"],
        items_without_plays=options["items_without_plays"],
        source=given.plays,
    )
    for set_, counts in listened.counts.items():
        listening.write_counts(snakemake.output[set_], counts)
    tables.write_rows(snakemake.output.users, listened.users, columns=listening.USER_COLUMNS)
    tables.write_rows(snakemake.output.played, listened.items, columns=listening.ITEM_COLUMNS)
