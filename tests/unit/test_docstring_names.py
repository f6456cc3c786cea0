"""The names in backticks in the docstrings of `pairterm/` exist, and so do the stops of the walks in the docs.

A name is a module, a class, a function, an attribute, a parameter, a file, a command or an option. A docstring that
names something which was renamed or removed fails here. Other text in backticks (a sequence, a format, an expression)
is not a name and is not looked at.
"""

from __future__ import annotations

import ast
import builtins
import importlib
import itertools
import keyword
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import click
import pytest

import pairterm
from pairterm.cli.app import pairterm as command_line
from tests.unit.foreign_names import FOREIGN

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = Path(pairterm.__file__).parent
ARCHITECTURE = ROOT / "docs" / "architecture.md"

DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*(?:\(\))?")
DASHED = re.compile(r"-{0,2}[a-z]+(?:-[a-z]+)+|--[a-z]+")
FILE = re.compile(r"[\w.-]+(?:/[\w.-]+)*/?")
MODULE_RUN = re.compile(r"python -m (\S+)(?: .*)?")
COMMAND = re.compile(r"pairterm (.+)", re.DOTALL)

Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Known:
    """The names that a docstring may use."""

    names: set[str] = field(default_factory=lambda: {*dir(builtins), *keyword.kwlist, *sys.stdlib_module_names})
    """Modules, classes, functions, attributes and parameters, and the words of Python itself."""
    members: dict[str, set[str]] = field(default_factory=dict)
    """The names inside of each class and of each module."""
    bases: dict[str, set[str]] = field(default_factory=dict)
    """The classes that each class inherits from."""
    imports: dict[str, str] = field(default_factory=dict)
    """Modules of other packages, by the name that the code gives to them."""
    strings: set[str] = field(default_factory=set)
    """The strings of the code, and the dashed words in them: commands, options and fields are among them."""


@cache
def nodes(path: Path) -> list[ast.AST]:
    """Return the syntax tree of a file as a list; the module is the first."""
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def docstrings(path: Path) -> Iterator[ast.Constant]:
    """Yield the docstrings of a module, its classes, functions and attributes."""
    for node in nodes(path):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.value


def targets(node: ast.AST) -> Iterator[str]:
    """Yield the names and the attributes that a statement assigns to."""
    match node:
        case ast.Assign(targets=found):
            for each in found:
                yield from (leaf.id for leaf in ast.walk(each) if isinstance(leaf, ast.Name))
                yield from (leaf.attr for leaf in ast.walk(each) if isinstance(leaf, ast.Attribute))
        case ast.AnnAssign(target=ast.Name(id=name)) | ast.AnnAssign(target=ast.Attribute(attr=name)):
            yield name


def members(node: ast.Module | ast.ClassDef) -> set[str]:
    """Return the names that a class or a module defines, with those that its methods give to `self`."""
    found = set()
    for each in node.body:
        if isinstance(each, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(each.name)
        found |= set(targets(each))
    if isinstance(node, ast.ClassDef):
        found |= {each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute) and is_self(each.value)}
    return found


def is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in ("self", "cls")


def learn(path: Path, known: Known) -> None:
    """Add the names of one module."""
    module = nodes(path)[0]
    assert isinstance(module, ast.Module)
    name = path.parent.name if path.stem == "__init__" else path.stem
    inside = members(module)
    if path.stem == "__init__":
        inside |= {each.stem for each in path.parent.iterdir()}
    known.names |= {name, *inside}
    known.members.setdefault(name, set()).update(inside)
    prose = {id(each) for each in docstrings(path)}
    for node in nodes(path):
        match node:
            case ast.ClassDef():
                inside = members(node)
                known.names |= {node.name, *inside}
                known.members.setdefault(node.name, set()).update(inside)
                known.bases.setdefault(node.name, set()).update(ast.unparse(each) for each in node.bases)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                known.names.add(node.name)
            case ast.arg():
                known.names.add(node.arg)
            case ast.Import():
                known.imports |= {each.name.split(".")[0]: each.name.split(".")[0] for each in node.names}
                known.imports |= {each.asname: each.name for each in node.names if each.asname}
            case ast.ImportFrom() if node.module and not node.module.startswith("pairterm"):
                known.imports |= {each.asname or each.name: f"{node.module}.{each.name}" for each in node.names}
                known.imports.setdefault(node.module.split(".")[0], node.module.split(".")[0])
            case ast.Constant(value=str() as text) if id(node) not in prose:
                known.strings |= {text, *DASHED.findall(text)}


def commands(group: click.Command) -> Iterator[click.Command]:
    """Yield a command and all commands below it."""
    yield group
    if isinstance(group, click.Group):
        context = click.Context(group)
        for name in group.list_commands(context):
            if found := group.get_command(context, name):
                yield from commands(found)


@cache
def everything() -> Known:
    """Return the names of the whole package."""
    known = Known()
    for path in sorted(PACKAGE.rglob("*.py")):
        learn(path, known)
    for command in commands(command_line):
        known.strings |= {name for each in command.params for name in (*each.opts, *each.secondary_opts)}
    return known


def exists(name: str, known: Known) -> bool:
    """Return whether a name in backticks is something that there is; text that is no name counts as existing."""
    if found := MODULE_RUN.fullmatch(name):
        return is_module(found[1])
    if found := COMMAND.fullmatch(name):
        return is_command(found[1])
    if DOTTED.fullmatch(name):
        parts = name.removesuffix("()").split(".")
        return is_dotted(parts, known) or name in known.strings or is_file(name)
    if DASHED.fullmatch(name):
        return name in known.strings
    if FILE.fullmatch(name) and "/" in name and not name.startswith(("/", "-")):
        return is_file(name)
    return True


def is_dotted(parts: list[str], known: Known) -> bool:
    """Return whether `a.b.c` leads from a known name to its member, and so on."""
    if parts[0] in known.imports and leads(known.imports[parts[0]], parts[1:]):
        return True
    if parts[0] in sys.stdlib_module_names and leads(parts[0], parts[1:]):
        return True
    if parts[0] == "pairterm" and leads("pairterm", parts[1:]):
        return True
    if hasattr(builtins, parts[0]) and leads(f"builtins.{parts[0]}", parts[1:]):
        return True
    return parts[0] in known.names and all(has_member(owner, name, known) for owner, name in itertools.pairwise(parts))


def has_member(owner: str, name: str, known: Known) -> bool:
    """Return whether a class or module has a member. An owner that is neither may have any known name."""
    of_its_class = owner.title().replace("_", "")
    if of_its_class != owner and name in known.members.get(of_its_class, ()):
        return True
    if owner not in known.members:
        return name in known.names
    return name in known.members[owner] or any(
        leads(known.imports.get(base.split(".")[0], base), [*base.split(".")[1:], name])
        if base.split(".")[0] in known.imports
        else base in known.members and has_member(base, name, known)
        for base in (each.split("[")[0] for each in known.bases.get(owner, ()))
    )


def leads(start: str, rest: list[str]) -> bool:
    """Return whether a dotted path can be imported and followed."""
    parts = [*start.split("."), *rest]
    for count in range(len(parts), 0, -1):
        try:
            at: object = importlib.import_module(".".join(parts[:count]))
        except ImportError:
            continue
        for name in parts[count:]:
            if not hasattr(at, name):
                return name in getattr(at, "__annotations__", {})
            at = getattr(at, name)
        return True
    return False


def is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return name == "module" or path.with_suffix(".py").exists() or path.is_dir()


def is_command(text: str) -> bool:
    """Return whether the first word after `pairterm` is a command, or an option of it."""
    word = text.split()[0]
    if word.startswith("-"):
        return any(word in each.opts for each in command_line.params)
    return command_line.get_command(click.Context(command_line), word) is not None


def is_file(name: str) -> bool:
    """Return whether a file or a module of this path is in the repository."""
    places = (ROOT, PACKAGE, ROOT / "docs", ROOT / "tests", *(each for each in PACKAGE.iterdir() if each.is_dir()))
    return any((place / name).exists() or (place / f"{name}.py").exists() for place in places)


@cache
def named() -> list[tuple[str, str]]:
    """Return the file and the text of everything in backticks in a docstring."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        for each in docstrings(path):
            assert isinstance(each.value, str)
            for name in re.findall(r"`+([^`]+)`+", each.value):
                found.append((str(path.relative_to(ROOT)), " ".join(name.split())))
    return found


def test_a_name_in_backticks_exists() -> None:
    known = everything()
    missing = [f"{path}: {name}" for path, name in named() if name not in FOREIGN and not exists(name, known)]
    assert not missing, "\n".join(missing)


def test_every_foreign_name_is_in_use_and_has_a_reason() -> None:
    known = everything()
    used = {name for _, name in named()}
    assert all(FOREIGN.values())
    assert not set(FOREIGN) - used, "names that no docstring uses any more"
    assert not {name for name in FOREIGN if exists(name, known)}, "names that need no exception"


@pytest.mark.parametrize(
    "name",
    ["admits_input", "parse_policy", "SessionCore.no_such", "frame.no_such", "pairterm.nowhere", "--no-such-option"],
)
def test_a_name_that_does_not_exist_is_found(name: str) -> None:
    assert not exists(name, everything())
    assert not exists("pairterm no-such-command", everything())
    assert not exists("python -m pairterm.nowhere", everything())


@pytest.mark.parametrize(
    "name", ["SessionCore.input", "frame.Frame", "asyncio.timeout", "--json", "pairterm new", "host/"]
)
def test_a_name_that_exists_is_found(name: str) -> None:
    assert exists(name, everything())


def walks() -> dict[str, list[str]]:
    """Return the stops of each walk in the architecture page, by the walk's heading."""
    text = ARCHITECTURE.read_text(encoding="utf-8")
    section = text.partition("\n## Three walks\n")[2].partition("\n## ")[0]
    parts = re.split(r"^### (.*)$", section, flags=re.MULTILINE)[1:]
    found = zip(parts[::2], parts[1::2], strict=True)
    return {heading: re.findall(r"^\d+\. .*(?:\n   .*)*", body, re.MULTILINE) for heading, body in found}


def test_each_walk_has_at_most_eight_stops_in_order() -> None:
    assert list(walks()) == ["A guest's key to the pty", "A program's byte to a guest", "A user name to a verdict"]
    for stops in walks().values():
        assert 3 <= len(stops) <= 8
        assert [stop.partition(".")[0] for stop in stops] == [str(number + 1) for number in range(len(stops))]


@pytest.mark.parametrize("stop", [stop for stops in walks().values() for stop in stops], ids=lambda stop: stop[:60])
def test_a_stop_of_a_walk_exists(stop: str) -> None:
    found = re.match(r"\d+\. `([\w/]+\.py)`, `([\w.]+)`: ", stop)
    assert found, f"a stop begins with a file and a function: {stop}"
    body: list[ast.stmt] = ast.parse((PACKAGE / found[1]).read_text(encoding="utf-8")).body
    for name in found[2].split("."):
        definitions = [each for each in body if isinstance(each, Documented) and getattr(each, "name", "") == name]
        assert definitions, f"{found[1]} defines no {found[2]}"
        body = definitions[0].body
    assert not isinstance(definitions[0], ast.ClassDef), "a stop names a function"
