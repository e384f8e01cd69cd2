#!/bin/sh
# Makes .venv from uv.lock. Says in one line what to do when it cannot.
set -eu

fail() { echo "menulens: $1" >&2; exit 2; }

for python in python3.13 python3; do
  if "$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null; then break; fi
  python=
done
[ -n "$python" ] || fail "Python 3.13 is needed: install it (for example 'uv python install 3.13') and put python3.13 on PATH"

echo "Setting up .venv"
if ! command -v uv >/dev/null; then
  "$python" -m venv .venv || fail "python3.13 cannot make virtual environments: install its venv module"
  .venv/bin/python -m pip install --quiet --disable-pip-version-check uv ||
    fail "uv could not be downloaded: check the network or the package index that pip uses"
  PATH=$PWD/.venv/bin:$PATH
fi
# Bytecode, because the commands of the local stack start many processes.
uv sync --quiet --frozen --all-groups --no-group hive --inexact --compile-bytecode --python "$python" ||
  fail "the packages of uv.lock could not be installed: check the network or the package index that uv uses"
