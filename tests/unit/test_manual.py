"""The manual as a site: its contents hold every page; it builds without a warning and asks nothing from elsewhere."""

import importlib.util
import re
import runpy
import subprocess
import sys

import pytest

from tests.paths import ROOT

PAGES = runpy.run_path(str(ROOT / "docs/conf.py"))["pages"]()


def test_the_contents_hold_every_page_of_the_manual_once():
    manual = {f"docs/{path.stem}" for path in (ROOT / "docs").glob("*.md")}
    others = {"config/README", "data/README", "CONTRIBUTING", "CHANGELOG", "docs/library/tartarus/index"}
    assert set(PAGES) == manual | others
    assert len(PAGES) == len(set(PAGES))


@pytest.mark.slow
@pytest.mark.skipif(not importlib.util.find_spec("sphinx"), reason="Sphinx is not installed (requirements-docs.lock)")
def test_the_site_has_all_pages_and_asks_for_nothing_from_elsewhere(tmp_path):
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-c", "docs", "-d", tmp_path / "trees"]
    done = subprocess.run([*command, ROOT, tmp_path / "site"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert all((tmp_path / f"site/{page}.html").is_file() for page in PAGES)
    loads = re.compile(r"<(?:script|img|iframe|link)\b[^>]*(?:src|href)=\"(?:https?:)?//")
    for page in (tmp_path / "site").rglob("*.html"):
        assert not loads.search(page.read_text(encoding="utf-8")), page
    for style in (tmp_path / "site").rglob("*.css"):
        assert not re.search(r"url\([\"']?(?:https?:)?//|@import", style.read_text(encoding="utf-8")), style
