"""`pairterm lsp`, as an editor starts it, and what a viewer of its session sees."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.editors import CURSOR_PLUGIN, CodeViewer, LanguageClient
from tests.e2e.world import World


@pytest.fixture(scope="module")
def session(town: World) -> Iterator[str]:
    """A session that the tests of this file share."""
    town.new("s", "cat")
    yield "s"
    town.run("kill", "-t", "s")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An editor's workspace, outside of the home directory."""
    root = tmp_path / "project"
    root.mkdir()
    return root


def test_a_plugin_of_pair_ls_works_with_its_default_flags(town: World, session: str, project: Path) -> None:
    """pair-ls-vscode starts `lsp -port 8080`, and pair-ls.nvim takes each message that is no error for the URL."""
    file = project / "a b.py"
    uri = file.as_uri()
    with CodeViewer(town, session) as viewer:
        editor = LanguageClient(town, project, "-port", "8080", "-t", session, capabilities=CURSOR_PLUGIN)
        assert editor.server["textDocumentSync"]["change"] == 2
        assert not editor.server.get("hoverProvider")
        editor.open(uri, "abc\ndef\nghi")
        editor.open((project / ".env").as_uri(), "PASSWORD=x")
        editor.open(uri, "abc\ndef\nghi")
        viewer.until(lambda: viewer.lines("a b.py") == ["abc", "def", "ghi"], "the text does not come")
        viewer.until(lambda: any(_colours(viewer, "a b.py")), "no colours come")
        change = {"range": {"start": {"line": 0, "character": 1}, "end": {"line": 2, "character": 1}}}
        editor.change(uri, {**change, "text": "X\nY"})
        editor.cursor(uri, 1, 1)
        viewer.until(lambda: viewer.lines("a b.py") == ["aX", "Yhi"], "the change does not come")

        def cursor_is_there() -> bool:
            document = viewer.document("a b.py")
            positions = [each.position for each in document.cursors] if document is not None else []
            return [(each.line, each.column) for each in positions] == [(1, 1)]

        viewer.until(cursor_is_there, "the cursor does not come")
        one = {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 1}}
        editor.notify("experimental/cursor", one)  # A plugin of 2022.
        viewer.until(lambda: viewer.cursors("a b.py") == [(1, 2)], "the cursor of an older plugin does not come")
        editor.hear_message("window/showMessage", "Sharing: ")
        assert len(editor.shown()) == 1, editor.shown()
        assert "ssh://ro-" in editor.shown()[0] or "#ro-" in editor.shown()[0]
        assert [each.name for each in viewer.documents.tabs] == ["a b.py"]
        editor.hear_message("window/logMessage", "not shared: .env")
        assert editor.end() == 0
        viewer.until(lambda: not viewer.sharers, "the editor stays in the list")


def test_without_a_plugin_the_cursor_comes_from_what_editors_ask(town: World, session: str, project: Path) -> None:
    uri = (project / "a.py").as_uri()
    place = {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 2}}
    with CodeViewer(town, session) as viewer:
        editor = LanguageClient(town, project, "-t", session)
        for provider in ("hoverProvider", "documentHighlightProvider", "codeActionProvider", "signatureHelpProvider"):
            assert provider in editor.server
        editor.open(uri, "😀bc")
        viewer.until(lambda: viewer.document("a.py"), "the text does not come")
        for method in ("textDocument/hover", "textDocument/documentHighlight", "textDocument/signatureHelp"):
            assert editor.request(method, place) is None
            viewer.until(lambda: _columns(viewer, "a.py") == [1], f"no cursor from {method}")
            moved = {"start": {"line": 0, "character": 2}, "end": {"line": 0, "character": 4}}
            asked = {"textDocument": {"uri": uri}, "range": moved, "context": {"diagnostics": []}}
            assert editor.request("textDocument/codeAction", asked) is None
            viewer.until(lambda: _columns(viewer, "a.py") == [3], "no cursor from a code action")
        assert editor.end() == 0


def test_a_folder_that_is_opened_later_is_shared(town: World, session: str, project: Path) -> None:
    other = project.parent / "other"
    other.mkdir()
    uri = (other / "b.py").as_uri()

    def change(key: str) -> None:
        event = {"added": [], "removed": [], key: [{"uri": other.as_uri(), "name": "other"}]}
        editor.notify("workspace/didChangeWorkspaceFolders", {"event": event})

    with CodeViewer(town, session) as viewer:
        editor = LanguageClient(town, project, "-t", session, capabilities=CURSOR_PLUGIN)
        editor.open((project / "a.py").as_uri(), "one")
        editor.open(uri, "other")
        editor.hear_message("window/logMessage", "not shared: b.py (it is outside of the workspace)")
        change("added")
        viewer.until(lambda: viewer.lines("other/b.py") == ["other"], "the file of the new folder does not come")
        change("removed")
        viewer.until(lambda: [each.name for each in viewer.documents.tabs] == ["a.py"], "it does not go")
        assert editor.end() == 0


def test_an_editor_that_is_killed_is_away_until_it_returns(town: World, session: str, project: Path) -> None:
    uri = (project / "a.py").as_uri()
    with CodeViewer(town, session) as viewer:
        editor = LanguageClient(town, project, "-t", session, capabilities=CURSOR_PLUGIN)
        editor.open(uri, "before")
        viewer.until(lambda: viewer.lines("a.py") == ["before"], "the text does not come")
        editor.kill()
        viewer.until(lambda: any(each.away_s for each in viewer.sharers), "nobody counts how long it is away")
        assert viewer.lines("a.py") == ["before"]
        again = LanguageClient(town, project, "-t", session, capabilities=CURSOR_PLUGIN)
        again.open(uri, "after")
        viewer.until(lambda: viewer.lines("a.py") == ["after"], "the editor does not come back")
        assert [each.away_s for each in viewer.sharers] == [None]
        assert again.end() == 0


def test_an_editor_without_a_session_shares_as_soon_as_there_is_one(world: World, project: Path) -> None:
    """It waits for the session, and comes back to a later one; `--new` starts one without a shell."""
    uri = (project / "a.py").as_uri()
    editor = LanguageClient(world, project)
    editor.open(uri, "text")
    editor.hear_message("window/showMessage", "no sessions")
    for name in ("first", "second"):
        world.new(name, "cat")
        with CodeViewer(world, name) as viewer:
            _comes(viewer, "text")
        world.run("kill", "-t", name)
    assert editor.end() == 0
    alone = LanguageClient(world, project, "--new", capabilities=CURSOR_PLUGIN)
    alone.open(uri, "alone")
    alone.hear_message("window/showMessage", "Sharing: ")
    assert [each["command"] for each in world.sessions()] == ["(shared code)"]
    with CodeViewer(world, "code-project") as viewer:
        viewer.until(lambda: viewer.lines("a.py") == ["alone"], "the text does not come")
    assert "can't start programs" in world.run("new-window", "-t", "code-project", status=1).stderr
    assert alone.end() == 0
    world.ends("code-project")


def test_options_of_pair_ls_without_a_meaning_are_refused_with_advice(town: World) -> None:
    for option in ("-forward", "-signal", "-client-cert"):
        refused = town.run("lsp", option, "x", status=2)
        assert f"no {option} here: " in refused.stderr


def test_a_person_at_a_terminal_is_told_what_it_is(town: World) -> None:
    town.terminal(["pairterm", "lsp"]).sees("an editor starts 'pairterm lsp'")


def _comes(viewer: CodeViewer, text: str) -> None:
    viewer.until(lambda: viewer.lines("a.py") == [text], "the text does not come")


def _colours(viewer: CodeViewer, name: str) -> tuple[bytes, ...]:
    document = viewer.document(name)
    return document.colours if document is not None else ()


def _columns(viewer: CodeViewer, name: str) -> list[int]:
    document = viewer.document(name)
    return [each.position.column for each in document.cursors] if document is not None else []
