"""Whatever of these tests comes first, Keras is started as all need it: afterwards that cannot be changed."""

from types import ModuleType

import pytest


@pytest.fixture(scope="session", autouse=True)
def _started(keras: ModuleType) -> None:
    pass
