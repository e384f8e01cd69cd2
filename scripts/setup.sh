#!/bin/sh
# Makes .venv from uv.lock. Says in one line what to do when it cannot.
set -eu

fail() { echo "menulens: $1" >&2; exit 2; }

groups="--all-groups --no-group hive"

# An old uv knows neither these options nor this lock: reading the lock shows it, without a network.
fits() { "$1" export --quiet --frozen --offline $groups --python "$python" >/dev/null 2>&1; }

touch .writable 2>/dev/null && rm .writable ||
  fail "$PWD cannot be written, or its disk is full: copy the project to a folder of your own"

# Git for Windows writes a link as a file that holds its target; the function would be built without the module.
check_link() {
  [ ! -e "$1" ] || [ "$1" -ef "$2" ] ||
    fail "$1 is not the symbolic link that it is in Git: run 'git config core.symlinks true && git checkout $1'"
}
check_link functions/replay/event.py functions/transform/event.py
check_link functions/letter/athena_queries.py functions/report/athena_queries.py

for python in python3.13 python3; do
  if "$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null; then break; fi
  python=
done
[ -n "$python" ] || fail "Python 3.13 is needed: install it (for example 'uv python install 3.13') and put python3.13 on PATH"

echo "Setting up .venv"
uv=$(command -v uv || true)
if [ -z "$uv" ] || ! fits "$uv"; then
  [ -z "$uv" ] || echo "$uv is too old for uv.lock ($("$uv" --version 2>/dev/null || echo unknown)): one of its own goes into .venv"
  "$python" -m venv .venv || fail "python3.13 cannot make virtual environments: install its venv module"
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --upgrade uv ||
    fail "uv could not be downloaded: check the network or the package index that pip uses"
  uv=.venv/bin/uv
fi
# Bytecode, because the commands of the local stack start many processes.
"$uv" sync --quiet --frozen $groups --inexact --compile-bytecode --python "$python" ||
  fail "the packages of uv.lock could not be installed: check the network, the package index that uv uses, and the disk's free space"
