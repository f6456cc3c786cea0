from __future__ import annotations

from pathlib import Path

from pairterm.gateway.web.page_files import PageFiles


def test_a_file_is_given_in_the_best_encoding_that_the_client_takes(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_bytes(b"<!doctype html>")
    for name in ("a-1.js", "a-1.js.br", "a-1.js.gz", "secret.py", ".hidden"):
        (tmp_path / "assets" / name).write_bytes(name.encode())
    files = PageFiles(tmp_path)
    assert files.index is not None
    assert files.index.encoded("br, gzip") == (b"<!doctype html>", "")
    script = files.asset("a-1.js")
    assert script is not None
    assert script.encoded("gzip, deflate, br") == (b"a-1.js.br", "br")
    assert script.encoded("gzip;q=0.5, br;q=0") == (b"a-1.js.gz", "gzip")
    assert script.encoded("") == (b"a-1.js", "")
    assert [files.asset(each) for each in ("secret.py", ".hidden", "a-1.js.gz", "../index.html", "")] == [None] * 5


def test_a_source_tree_without_a_built_page_has_no_files(tmp_path: Path) -> None:
    files = PageFiles(tmp_path / "none")
    assert files.index is None
    assert files.asset("a-1.js") is None
