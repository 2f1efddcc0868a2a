#!/bin/sh
# Prints the Python to set up with: the one PYTHON names, else the environment's own, else the newest that runs and can
# make environments. A name on the path is not enough: a version manager leaves names there that start nothing.
runs='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'
whole='import ensurepip, sqlite3, ssl, venv'

say() { echo "$*" >&2; }

runs() { "$1" -c "$runs" > /dev/null 2>&1; }
whole() { "$1" -c "$whole" > /dev/null 2>&1; }

if [ -n "$PYTHON" ]; then
  if ! runs "$PYTHON"; then
    say "PYTHON=$PYTHON is no Python 3.11, 3.12 or 3.13 that runs: name another, or leave PYTHON out and the newest one is taken."
    exit 1
  fi
  if ! whole "$PYTHON"; then
    say "$PYTHON cannot make environments (on Debian and Ubuntu: apt install python3-venv)."
    exit 1
  fi
  echo "$PYTHON"
  exit
fi

incomplete=
for one in .venv/bin/python python3.13 python3.12 python3.11 python3; do
  runs "$one" || continue
  if whole "$one"; then
    echo "$one"
    exit
  fi
  incomplete=$one
done

if [ -n "$incomplete" ]; then
  say "$incomplete is here but cannot make environments: on Debian and Ubuntu, apt install python3-venv; then run this again."
else
  say "Python 3.11, 3.12 or 3.13 is needed, and none that runs was found: on Debian and Ubuntu, apt install python3 python3-venv;" \
    "on macOS, brew install python@3.13. PYTHON=… names one that lies elsewhere."
fi
exit 1
