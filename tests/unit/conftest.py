"""What unit tests of several packages share."""

import pytest
from tartarus.base.documents import read_yaml
from tartarus.plan import config

from tests.paths import SHIPPED


@pytest.fixture(scope="session")
def shipped() -> config.Config:
    """The configuration as it is shipped."""
    return config.load(read_yaml(SHIPPED / "config.yaml"), SHIPPED)
