#!/usr/bin/env bash
# run_readme.sh README FOLDER: runs the commands of README that call a program of bench/, with FOLDER for build/release/bin and --quick behind
# them, in an empty folder.
set -euo pipefail
readme=$(realpath "$1") programs=$(realpath "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
count=0
while IFS= read -r line; do
    command="${line//build\/release\/bin/$programs} --quick"
    if [[ $line == FATHOM_ISA=* ]] && ! eval "${line%% *} $programs/bench_ceilings --quick" > out 2>&1; then
        echo "left out, not on this machine: $line"
        continue
    fi
    echo "$command"
    if ! eval "$command" > out 2>&1; then cat out; exit 1; fi
    count=$((count + 1))
done < <(grep -E '^(FATHOM_ISA=[a-z0-9]+ )?build/release/bin/(bench_ceilings|bench_ops|ladder_)' "$readme")
((count >= 5)) || { echo "only $count commands found in $readme"; exit 1; }
