"""The packages: the wheel and the sdist are built, and the wheel is installed into a clean venv as a user does it.

The venv is made of the system's Python where that is new enough, because a service can't read a Python in somebody's
home. `setup gateway` runs as root in a mount namespace of its own, so nothing of it is left on this machine.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import pairterm
from tests.e2e.terminal import DEADLINE_S

ROOT = Path(__file__).resolve().parents[2]

MAN_PAGES = {each.name for each in (ROOT / "man" / "man1").iterdir()}

_INSTALL_S = 300.0
"""Most of it is the download of the libraries, at the first time on a machine."""


def run(
    *argv: str | Path, status: int = 0, environment: dict[str, str] | None = None, limit_s: float = DEADLINE_S
) -> str:
    """Run a command, and return its output and errors."""
    done = subprocess.run(
        [str(each) for each in argv],
        cwd="/",
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=limit_s,
    )
    assert done.returncode == status, (argv, done.returncode, done.stdout)
    return done.stdout


def suitable_python() -> str:
    """Return the system's Python if it is new enough, else the one of the tests."""
    asked = "import sys, venv; print(sys.version_info >= (3, 11))"
    system = "/usr/bin/python3"
    if os.access(system, os.X_OK):
        done = subprocess.run([system, "-c", asked], capture_output=True, text=True, check=False)
        if done.stdout.strip() == "True":
            return system
    return sys.executable


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory, testrun_uid: str) -> Iterator[Path]:
    """A directory with `dist/` and the venv `venv/`; all test processes share it, and the first one makes it.

    It is right below /tmp, because pytest's own directories have mode 0700, and the gateway's user reads the venv.
    """
    place = Path(tempfile.gettempdir()) / f"pairterm-packages-{testrun_uid}"
    lock = tmp_path_factory.getbasetemp().parent / "packages.lock"
    with lock.open("a") as users:
        # Between the two locks, the last user of before may remove it.
        while not (place / "made").exists():
            fcntl.flock(users, fcntl.LOCK_EX)
            if not (place / "made").exists():
                make_packages(place)
                (place / "made").touch()
            fcntl.flock(users, fcntl.LOCK_SH)
        yield place
    with lock.open("a") as last:
        try:
            fcntl.flock(last, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return  # Another test process still uses it, and removes it.
        shutil.rmtree(place, ignore_errors=True)


def make_packages(place: Path) -> None:
    """Build the packages, and install the wheel."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(mode=0o755)
    os.chmod(place, 0o755)
    dist = place / "dist"
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", str(dist)], cwd=ROOT, check=True, timeout=_INSTALL_S
    )
    run(suitable_python(), "-m", "venv", "--without-pip", place / "venv")
    pip: list[str | Path] = [sys.executable, "-m", "pip", "--python", place / "venv" / "bin" / "python", "--quiet"]
    constraints = ROOT / "constraints.txt"
    run(
        *pip,
        "install",
        "--no-compile",
        "-c",
        constraints,
        next(dist.glob("*.whl")),
        limit_s=_INSTALL_S,
        environment=dict(os.environ),
    )


def test_the_wheel_has_the_code_and_what_setup_installs(packages: Path) -> None:
    wheel = next((packages / "dist").glob("*.whl"))
    names = set(zipfile.ZipFile(wheel).namelist())
    source = {str(each.relative_to(ROOT)) for each in (ROOT / "pairterm").rglob("*.py")}
    assert source <= names
    assert {"pairterm/py.typed"} | {
        f"pairterm/data/systemd/{each.name}" for each in (ROOT / "systemd").iterdir()
    } <= names
    assert {f"pairterm/data/completions/{each}" for each in ("pairterm.bash", "_pairterm", "pairterm.fish")} <= names
    version = pairterm.__version__
    if shutil.which("npm") is not None:
        page = {each for each in names if each.startswith("pairterm/web_page/")}
        assert {
            f"pairterm/web_page/{each}" for each in ("index.html", "index.html.br", "play.html", "play.html.br")
        } <= page
        assets = {Path(each).suffix for each in page if "/assets/" in each and not each.endswith((".br", ".gz"))}
        assert assets == {".css", ".js", ".svg", ".txt"}
    assert {f"pairterm/data/man/man1/{each}" for each in MAN_PAGES} <= names
    assert {f"pairterm-{version}.data/data/share/man/man1/{each}" for each in MAN_PAGES} <= names
    assert not {each for each in names if each.startswith(("tests/", "docs/", "scripts/", "web/"))}


def test_a_wheel_that_is_built_from_the_sdist_is_the_same(packages: Path, tmp_path: Path) -> None:
    dist = packages / "dist"
    with tarfile.open(next(dist.glob("*.tar.gz"))) as archive:
        archive.extractall(tmp_path, filter="data")
    tree = next(tmp_path.glob("pairterm-*"))
    assert (tree / "tests" / "conftest.py").exists()
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "dist")], cwd=tree, check=True
    )
    again, first = (next(each.glob("*.whl")) for each in (tmp_path / "dist", dist))
    assert again.read_bytes() == first.read_bytes()


def test_the_installed_command_tells_its_build_and_its_libraries(packages: Path) -> None:
    command = packages / "venv" / "bin" / "pairterm"
    assert run(command, "-V") == f"pairterm {pairterm.__version__}\n"
    lines = run(command, "--version").splitlines()
    assert lines[0] == f"pairterm {pairterm.__version__}"
    facts = dict(line.split(": ", 1) for line in lines[1:])
    if (ROOT / ".git").exists():
        commit = run("git", "-C", ROOT, "rev-parse", "HEAD").strip()
        assert facts["build"].startswith(commit[:12])
    assert str(packages / "venv") in facts["build"]
    assert re.fullmatch(r"3\.\d+\.\d+\S* \(CPython, .*\)", facts["Python"])
    assert {each.split()[0] for each in facts["libraries"].split(", ")} >= {
        "asyncssh",
        "click",
        "cryptography",
        "msgspec",
    }
    assert "missing" not in facts["libraries"]


def test_the_installed_man_pages_are_where_pipx_looks(packages: Path) -> None:
    assert {each.name for each in (packages / "venv" / "share" / "man" / "man1").iterdir()} == MAN_PAGES


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("ssh") is None, reason="not installed: ssh")
def test_uv_installs_the_wheel_and_a_guest_joins(packages: Path, tmp_path: Path) -> None:
    place = tmp_path / "bin"
    environment = {**os.environ, "UV_TOOL_DIR": str(tmp_path / "tools"), "UV_TOOL_BIN_DIR": str(place)}
    environment["PATH"] = f"{place}:{os.environ['PATH']}"
    wheel = next((packages / "dist").glob("*.whl"))
    uv: list[str | Path] = [sys.executable, "-m", "uv", "tool", "install", "--quiet", "--python", suitable_python()]
    run(*uv, "--constraints", ROOT / "constraints.txt", wheel, environment=environment, limit_s=_INSTALL_S)
    said = run(ROOT / "scripts" / "try-installed", environment=environment, limit_s=_INSTALL_S)
    assert f", in {tmp_path}/tools/pairterm/" in said
    assert said.endswith("pairterm works: a guest joined by ssh and saw the session\n")


@pytest.fixture
def home() -> Iterator[Path]:
    """A home that also another user may enter. Pytest's own directories are for us alone."""
    with tempfile.TemporaryDirectory(prefix="pairterm-home-") as place:
        os.chmod(place, 0o777)
        yield Path(place)


def test_setup_shell_installs_and_removes(packages: Path, home: Path) -> None:
    base = home / "share"
    argv: list[str | Path] = [packages / "venv" / "bin" / "pairterm", "setup", "shell"]
    environment = {"HOME": str(home), "XDG_DATA_HOME": str(base), "XDG_STATE_HOME": str(home / "state")}
    if os.getuid() == 0:  # As another user: root's files are those of all users.
        argv = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *argv]
    said = run(*argv, "--dry-run", environment=environment)
    assert f"write {base}/fish/vendor_completions.d/pairterm.fish" in said
    assert not base.exists()
    run(*argv, environment=environment)
    written = {str(each.relative_to(base)) for each in base.rglob("*") if each.is_file()}
    assert written == {
        "bash-completion/completions/pairterm",
        "zsh/site-functions/_pairterm",
        "fish/vendor_completions.d/pairterm.fish",
        *(f"man/man1/{each}" for each in MAN_PAGES),
    }
    assert "is up to date" in run(*argv, environment=environment)
    run(*argv, "--uninstall", environment=environment)
    assert not [each for each in base.rglob("*") if each.is_file()]


needs_root_and_systemd = pytest.mark.skipif(
    os.getuid() != 0 or shutil.which("systemctl") is None or shutil.which("unshare") is None,
    reason="takes root, systemd's programs and mount namespaces",
)

ON_A_COPY_OF_THIS_MACHINE = """
set -e
mount -t tmpfs none "$1"
mkdir "$1/etc" "$1/work" "$1/bin"
mount -t overlay none -o "lowerdir=/etc,upperdir=$1/etc,workdir=$1/work" /etc
mount --bind "$1/bin" /usr/local/bin
mount -t tmpfs none /var/lib/private
shift
eval "$@"
"""
"""What a shell in a new mount namespace does: /etc and /usr/local/bin become copies that only it sees."""


def on_a_copy(place: Path, script: str) -> str:
    """Run a script of shell where it may change /etc, and return what it prints."""
    unshared: list[str | Path] = [
        "unshare",
        "--mount",
        "--propagation",
        "private",
        "sh",
        "-c",
        ON_A_COPY_OF_THIS_MACHINE,
    ]
    environment = {"HOME": "/root", "XDG_STATE_HOME": f"{place}/state", "PAIRTERM_TMPDIR": str(place)}
    return run(*unshared, "sh", place, script, environment=environment)


@needs_root_and_systemd
def test_setup_gateway_installs_a_unit_that_systemd_accepts_and_removes_it(packages: Path, tmp_path: Path) -> None:
    command = packages / "venv" / "bin" / "pairterm"
    if not Path(os.path.realpath(packages / "venv" / "bin" / "python")).is_relative_to("/usr"):
        pytest.skip("the system's Python is too old, and a service can't read another one")
    said = on_a_copy(
        tmp_path,
        f"""
        {command} setup gateway --dry-run --listen 0.0.0.0:2200
        test ! -e /etc/systemd/system/pairterm.service
        echo '== install'
        {command} setup gateway --listen 0.0.0.0:2200 --advertise pair.example.org
        echo '== files'
        ls -l /etc/pairterm.toml /etc/systemd/system/pairterm.service /usr/local/bin/pairterm
        grep ExecStart= /etc/systemd/system/pairterm.service
        grep ListenStream= /etc/systemd/system/pairterm.socket
        systemctl is-enabled pairterm.service pairterm.socket pairterm-operator.socket
        systemd-analyze verify /etc/systemd/system/pairterm*
        /usr/local/bin/pairterm serve --config /etc/pairterm.toml --check-config
        echo '== again'
        {command} setup gateway
        ! {command} setup gateway --listen 0.0.0.0:1
        echo '== uninstall'
        {command} setup gateway --uninstall
        ls /etc/systemd/system/pairterm.service /etc/systemd/system/pairterm.socket /usr/local/bin/pairterm || true
        ls /etc/systemd/system/*/pairterm.service || true
        {command} setup gateway --uninstall --purge
        ls /etc/pairterm.toml || true
        """,
    )
    dry, installed, files, again, gone = re.split(r"== \w+\n", said)
    assert "write /etc/systemd/system/pairterm.service\n    # 'pairterm setup gateway'" in dry
    assert "    DynamicUser=yes" in dry
    assert "guests connect to TCP port 2200" in installed
    assert "-rw-r--r--" in files
    assert f"ExecStart={command} serve --config /etc/pairterm.toml\n" in files
    assert "ListenStream=0.0.0.0:2200\nListenStream=/run/pairterm/link.sock\n" in files
    assert "\nenabled\nenabled\nenabled\n" in files
    assert "the configuration is right" in files
    assert "is up to date: /etc/systemd/system/pairterm.service" in again
    assert "kept: /etc/pairterm.toml" in again
    assert "/etc/pairterm.toml exists already" in again
    assert gone.count("No such file or directory") == 5, gone
    assert "kept: /etc/pairterm.toml; --purge removes" in gone
    assert "remove /etc/pairterm.toml" in gone


@needs_root_and_systemd
def test_doctor_compares_the_units_with_the_installation(packages: Path, tmp_path: Path) -> None:
    command = packages / "venv" / "bin" / "pairterm"
    if not Path(os.path.realpath(packages / "venv" / "bin" / "python")).is_relative_to("/usr"):
        pytest.skip("the system's Python is too old, and a service can't read another one")
    said = on_a_copy(
        tmp_path,
        f"""
        doctor() {{
            echo "== $1"
            {command} doctor --gateway own | grep -A1 'systemd unit:'
        }}
        {command} setup gateway
        doctor right
        echo 'listen = ["0.0.0.0:2200"]' > /etc/pairterm.toml
        doctor port
        {command} setup gateway
        doctor again
        echo '# mine' >> /etc/systemd/system/pairterm.service
        doctor changed
        echo 'listen = 7' > /etc/pairterm.toml
        doctor config
        sed -i 's|^ExecStart=.*|ExecStart=/opt/gone/pairterm serve|' /etc/systemd/system/pairterm.service
        doctor program
        """,
    )
    _, right, port, again, changed, config, gone = re.split(r"== \w+\n", said)
    service, socket = (f"/etc/systemd/system/pairterm.{each}" for each in ("service", "socket"))
    assert f"ok    systemd unit: {service}\n" in right
    assert f"WRONG systemd unit: {socket}: of another version, or changed\n" in port
    assert "'pairterm setup gateway' writes it again" in port
    assert f"ok    systemd unit: {service}\n" in again
    assert f"WRONG systemd unit: {service}: of another version" in changed
    assert "correct /etc/pairterm.toml" in config
    assert "/opt/gone/pairterm, which does not exist" in gone


@needs_root_and_systemd
def test_setup_gateway_leaves_a_unit_of_somebody_else(packages: Path, tmp_path: Path) -> None:
    command = packages / "venv" / "bin" / "pairterm"
    said = on_a_copy(
        tmp_path,
        f"""
        echo '[Service]' > /etc/systemd/system/pairterm.service
        ! {command} setup gateway
        {command} setup gateway --uninstall
        cat /etc/systemd/system/pairterm.service
        """,
    )
    assert "pairterm.service was not written by this command" in said
    assert said.endswith("[Service]\n")


@needs_root_and_systemd
def test_setup_gateway_leaves_the_gateway_of_a_package(packages: Path, tmp_path: Path) -> None:
    """`--purge` would remove the configuration and the host key of that gateway."""
    command = packages / "venv" / "bin" / "pairterm"
    said = on_a_copy(
        tmp_path,
        f"""
        mkdir {tmp_path}/units
        mount --bind {tmp_path}/units /usr/lib/systemd/system
        touch /usr/lib/systemd/system/pairterm.service /etc/pairterm.toml
        ! {command} setup gateway
        ! {command} setup gateway --uninstall --purge
        ls /etc/pairterm.toml
        """,
    )
    assert said.count("a package has installed the gateway") == 2
    assert said.endswith("\n/etc/pairterm.toml\n")


@needs_root_and_systemd
def test_setup_gateway_refuses_an_installation_that_the_service_cannot_read(packages: Path, tmp_path: Path) -> None:
    command = packages / "venv" / "bin" / "pairterm"
    said = on_a_copy(
        tmp_path,
        f"""
        chmod o-x {packages}
        {command} setup gateway || echo status $?
        chmod o+x {packages}
        ls /etc/systemd/system/pairterm.service || true
        """,
    )
    assert f"the gateway's user can't read {packages}" in said
    assert "status 2" in said
    assert "No such file or directory" in said


def test_the_tests_know_where_scripts_are() -> None:
    """`setup gateway` names the program by this path."""
    assert (Path(sysconfig.get_path("scripts")) / "pairterm").exists()
