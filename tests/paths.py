"""Where things are in the repository that is tested."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
SCRIPTS = ROOT / "workflow" / "scripts"
SHIPPED = ROOT / "config"
