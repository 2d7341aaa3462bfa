"""The optimisers, by the names that they have in the configuration."""

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


def make(options: dict[str, Any]) -> keras.optimizers.Optimizer:
    """Make an optimiser from its `name` and the options that it is given beside it."""
    return KINDS[options["name"]](**{key: value for key, value in options.items() if key != "name"})
