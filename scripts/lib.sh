# shellcheck shell=dash
# Functions of the scripts in this directory. They source this file. POSIX sh.
#
# They find a Python that is new enough, install system packages (as root, or by
# a sudo that needs no password), and keep the venv in .venv up to date. If a
# package can't be installed, they print its name, and continue if they can.

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
venv=$root/.venv

say() {
    printf '%s\n' "pairterm: $*" >&2
}

# as_root COMMAND...: run it as root; fail at once if that needs a password.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        sudo -n "$@"
    else
        return 1
    fi
}

# install_packages PACKAGE...: install them by apt. If that fails, fetch apt's lists and try again.
install_packages() {
    command -v apt-get >/dev/null 2>&1 && as_root true || return 1
    say "installing $*"
    set -- env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 \
        install -y --no-install-recommends "$@"
    as_root "$@" </dev/null >/dev/null 2>&1 && return 0
    as_root apt-get -qq update </dev/null >/dev/null && as_root "$@" </dev/null >/dev/null
}

# want COMMAND:PACKAGE...: install the packages of missing commands; print those that can't be installed.
want() {
    missing=
    for pair in "$@"; do
        command -v "${pair%%:*}" >/dev/null 2>&1 || missing="$missing ${pair#*:}"
    done
    [ -z "$missing" ] && return 0
    # shellcheck disable=SC2086 # one word a package
    install_packages $missing && return 0
    say "not installed:$missing (needs root: apt-get install$missing)"
    return 1
}

# can_make_venv PYTHON: is it 3.11 or later, with the venv module and ensurepip? (Debian packs ensurepip apart.)
can_make_venv() {
    "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

# find_python: print the path of a Python that can make the venv. PYTHON=... chooses one.
find_python() {
    if [ -n "${PYTHON:-}" ]; then
        can_make_venv "$PYTHON" && printf '%s\n' "$PYTHON"
        return
    fi
    for python in python3 python3.14 python3.13 python3.12 python3.11 \
        "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[1-9]*/bin/python3; do
        can_make_venv "$python" && printf '%s\n' "$python" && return
    done
    return 1
}

# set_up EXTRA: make or refresh the venv; EXTRA is "" for the product alone, "[dev]" for its tests.
set_up() {
    stamp=$venv/.installed$1
    if [ -e "$stamp" ] && [ "$stamp" -nt "$root/pyproject.toml" ] && [ "$stamp" -nt "$root/constraints.txt" ]; then
        return 0
    fi
    if [ ! -x "$venv/bin/python" ]; then
        python=$(find_python) || {
            install_packages python3 python3-venv || true
            python=$(find_python) || {
                say "Python 3.11 or later with its venv module is needed: apt-get install python3 python3-venv"
                exit 1
            }
        }
        say "making $venv"
        "$python" -m venv "$venv"
    fi
    say "installing Python packages"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
        --constraint "$root/constraints.txt" --editable "$root$1" >&2
    touch "$stamp"
}
