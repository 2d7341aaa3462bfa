"""List for each user the items that suit best, above a threshold."""

from tartarus.base import arrays, logs
from tartarus.evaluation import prediction_files
from tartarus.items import tables
from tartarus.items.listening import USER_COLUMNS
from tartarus.use import recommending

with logs.job(snakemake.log[0]):
    users = snakemake.input.get("users")
    # An archive does not tell who they are: then they are numbers.
    names = [row["user"] for row in tables.read_rows(users, columns=USER_COLUMNS) if row["row"]] if users else None
    predicted = prediction_files.read(snakemake.input.predictions)
    entries = recommending.top_lists(
        predicted.scores[0],
        arrays.read_array(snakemake.input.user_factors, mapped=True),
        users=snakemake.params.evaluation.get("users"),
        length=int(snakemake.wildcards.length),
        threshold=float(snakemake.wildcards.threshold),
    )
    tables.write_rows(
        snakemake.output[0],
        (
            {"user": names[user] if names else user, "rank": rank, "item": predicted.ids[item], "score": f"{score:.6f}"}
            for user, rank, item, score in entries
        ),
        columns=("user", "rank", "item", "score"),
    )
