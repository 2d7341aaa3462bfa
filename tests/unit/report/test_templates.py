"""What is filled into pages."""

import json
import re

import pytest
from tartarus.report import templates

from tests.unit.report.small_pages import HOSTILE


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_data_in_a_script_end_neither_it_nor_a_line(text: str) -> None:
    written = templates.in_script({text: [text, 1.5, None]})
    assert not re.search("[<>&\u2028\u2029\n]", written)
    assert json.loads(written) == {text: [text, 1.5, None]}
