"""List for each user the items that suit best, above a threshold."""

from tartarus.base import arrays, logs
from tartarus.evaluation import evaluate, prediction_files
from tartarus.items import listening, tables
from tartarus.use import recommending

with logs.job(snakemake.log[0]):
    given = snakemake.input
    # An archive does not tell who they are: then they are numbers.
    names = listening.read_users(given.users) if given.get("users") else None
    predicted = prediction_files.read(given.predictions)
    entries = recommending.top_lists(
        predicted.scores[0],
        arrays.read_array(given.user_factors, mapped=True),
        played=evaluate.plays_of(predicted, given.plays, given.index) if given.get("plays") else None,
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
