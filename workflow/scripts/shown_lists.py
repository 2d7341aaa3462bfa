"""Choose the users and the items whose lists the page of a family shows, by the first seed of a model."""

from tartarus.base import arrays, files, logs
from tartarus.evaluation import evaluate, prediction_files
from tartarus.items import listening
from tartarus.report import shown_lists

with logs.job(snakemake.log[0]):
    given = snakemake.input
    predicted = prediction_files.read(given.predictions)
    shown = shown_lists.of_model(
        predicted.scores[0],
        predicted.ids,
        arrays.read_array(given.user_factors, mapped=True),
        evaluate.plays_of(predicted, given.plays, given.index),
        users=listening.read_users(given.users) if given.get("users") else None,
    )
    files.write_json(snakemake.output[0], shown)
