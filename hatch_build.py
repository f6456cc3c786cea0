"""The build hook of hatchling: it puts the file `build.json` and the page for browsers into each wheel and sdist.

The file names the commit that was built, the commit's time and whether files were changed since then.
`pairterm --version` prints it. In an editable installation the file does not exist. A wheel that is built
from an sdist has the sdist's file, and is the same, byte for byte, as the wheel from the checkout.

The page is in `pairterm/web_page`. The hook builds it there if it is missing or old, which needs npm. Without npm,
the package has everything but the page.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

IN_WHEEL = "pairterm/data/build.json"

IN_SDIST = "build.json"


PAGE = "pairterm/web_page/index.html"


class BuildInfoHook(BuildHookInterface[Any]):
    """Adds `build.json` if the source tree is a git checkout or an sdist, and builds the page in a checkout."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the file to the build. `version` is the kind of the build, for example "editable"."""
        root = Path(self.root)
        if version == "editable":
            return
        if not (root / IN_SDIST).exists():
            self._build_page(root)
        found = build_info(root)
        if found is None:
            return
        self._directory = tempfile.TemporaryDirectory()
        path = Path(self._directory.name) / "build.json"
        path.write_text(json.dumps(found) + "\n", encoding="utf-8")
        build_data["force_include"][str(path)] = IN_SDIST if self.target_name == "sdist" else IN_WHEEL

    def _build_page(self, root: Path) -> None:
        """Build the page for browsers. Without it the package is complete but for the page: say so, and go on."""
        done = subprocess.run([root / "scripts" / "build-web"], capture_output=True, text=True, check=False)
        if done.returncode:
            self.app.display_warning(done.stderr.strip())
        if done.returncode and (root / PAGE).exists():
            self.app.display_warning("the package gets the page that was built before")

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the temporary file."""
        if hasattr(self, "_directory"):
            self._directory.cleanup()


def build_info(root: Path) -> dict[str, Any] | None:
    """Return the facts about the commit in `root`; None if `root` is neither the top of a checkout nor an sdist."""
    of_sdist = root / IN_SDIST
    if of_sdist.exists():
        found: dict[str, Any] = json.loads(of_sdist.read_text(encoding="utf-8"))
        return found

    def git(*words: str) -> str:
        done = subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    try:
        if Path(git("rev-parse", "--show-toplevel")).resolve() != root.resolve():
            return None
        commit, date = git("show", "-s", "--format=%H %cI", "HEAD").split()
        is_modified = bool(git("status", "--porcelain", "--untracked-files=no"))
    except (OSError, ValueError, subprocess.CalledProcessError):
        return None
    return {"commit": commit, "date": date, "is_modified": is_modified}
