"""The pictures of the pages: each is an SVG without a script, small, and still for people who want that."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

_IMAGES = sorted((Path(__file__).resolve().parents[2] / "docs" / "images").glob("*.svg"))

_MOST_BYTES = 200_000


@pytest.mark.parametrize("path", _IMAGES, ids=lambda path: path.stem)
def test_a_picture_is_small_and_has_no_script(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.encode()) < _MOST_BYTES
    root = ElementTree.fromstring(text)
    assert not [each.tag for each in root.iter() if each.tag.endswith(("script", "foreignObject", "image"))]
    assert not re.search(r"""(?:href|src)=["'](?!#)|url\((?!#)|@import""", text), "it loads nothing"
    assert "animation" not in text or "prefers-reduced-motion" in text


def test_the_readme_opens_with_two_people_who_pair() -> None:
    readme = (_IMAGES[0].parents[2] / "README.md").read_text(encoding="utf-8")
    first = re.search(r"!\[.*\]\(docs/images/(.*)\)", readme)
    assert first is not None
    picture = (_IMAGES[0].parent / first[1]).read_text(encoding="utf-8")
    names = re.findall(r'animation-name:p\d+"><circle [^>]*/><text [^>]*>(\w+)<', picture)
    assert names == ["ada", "ben"]
