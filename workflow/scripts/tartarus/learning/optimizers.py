"""The optimisers, by the names that they have in the configuration."""

import math
from collections.abc import Sequence
from typing import Any

import keras
from tartarus.learning import backend


class Adam(keras.optimizers.Adam):
    """Adam as Keras has it (Kingma and Ba 2015), in one pass over the memory where the backend has it so.

    Keras' own formula takes eleven passes: most of the time of a step, where a layer has many weights.
    """

    def update_step(self, gradient: Any, variable: keras.Variable, learning_rate: Any) -> None:
        """Move weights against their gradient."""
        place = self._get_variable_index(variable)
        ours = (variable, self._momentums[place], self._velocities[place])
        rates = (learning_rate, self.beta_1, self.beta_2, self.epsilon)
        if not backend.adam_in_one_pass(*ours, gradient, rates, step=self.iterations + 1):
            super().update_step(gradient, variable, learning_rate)


KINDS = {"adam": Adam, "sgd": keras.optimizers.SGD}


# What weight decay leaves alone: it is for what multiplies inputs.
_NOT_DECAYED = ["bias", "gamma", "beta"]
_PLATEAU = 0.5  # by which the rate of a plateau is multiplied


def make(options: dict[str, Any]) -> keras.optimizers.Optimizer:
    """Make an optimiser from its `name` and the options that it is given beside it; `schedule` is not its own.

    With `weight_decay` each step also takes so much of every kernel, times the learning rate. Source: Loshchilov and
    Hutter, Decoupled weight decay regularization, 2019.
    """
    own = {key: value for key, value in options.items() if key not in ("name", "schedule")}
    made = KINDS[options["name"]](**own)
    if "weight_decay" in own:
        made.exclude_from_weight_decay(var_names=_NOT_DECAYED)
    return made


def rate(options: dict[str, Any], course: Sequence[float], *, epochs: int, patience: int) -> float:
    """Tell the learning rate of the next epoch.

    Parameters
    ----------
    options : dict
        Of the optimiser: `learning_rate`, and `schedule`: ``constant`` if there is none; ``cosine``, half a wave from
        `learning_rate` down to nothing after all epochs (Loshchilov and Hutter, SGDR, 2017); or ``plateau``: halved
        whenever half the patience has passed without improvement.
    course : sequence of float
        What is watched, in the epochs so far; lower is better.
    epochs, patience : int
        Of the training.
    """
    first: float = options["learning_rate"]
    schedule = options.get("schedule", "constant")
    if schedule == "cosine":
        return first * (1 + math.cos(math.pi * len(course) / epochs)) / 2
    if schedule == "plateau":
        best, waited, halvings = math.inf, 0, 0
        for value in course:
            best, waited = (value, 0) if value < best else (best, waited + 1)
            if waited == max(1, patience // 2):
                waited, halvings = 0, halvings + 1
        return first * _PLATEAU**halvings
    return first
