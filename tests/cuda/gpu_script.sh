#!/usr/bin/env bash
# Does scripts/gpu.sh report what happens? A dry run with the programs of a build folder, then runs whose programs are
# scripts that fail or hang.
#   gpu_script.sh SOURCE BUILD
set -uo pipefail
source=$1 build=$2
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
wrong=0
expect() { # WHAT PATTERN: a line of the last run's output
    grep -qE "$2" "$work/output" && return
    echo "WRONG: $1: no line matches $2 in"
    cat "$work/output"
    wrong=1
}
run() { # EXIT_CODE ARGUMENTS...
    local code=$1
    shift
    OUT=$work/results "$source/scripts/gpu.sh" --dry-run --fast "$@" >"$work/output" 2>&1
    local got=$?
    ((got == code)) && return
    echo "WRONG: gpu.sh $* ended with $got, expected $code"
    cat "$work/output"
    wrong=1
}

run 0 --build "$build"
expect "the tests" '^tests +[0-9]+ s  ok +test cases: +[1-9]'
expect "the comparison" '^compare +[0-9]+ s  ok'
expect "its numbers" 'double on emulator: frame, most +difference .* ok$'
expect "the times" '^times +[0-9]+ s  ok'
expect "what needs a GPU" '^ceilings +[0-9]+ s  skipped +a dry run'
expect "the verdict" '^nothing failed'
files=("$work"/results/*)
((${#files[@]} <= 8)) || { echo "WRONG: more than eight files: ${files[*]}"; wrong=1; }
grep -q '"program": "gpu_times", .*"name": "fusion frame", "ms": [0-9]' "$work/results/numbers.jsonl" ||
    { echo "WRONG: numbers.jsonl has no time of a frame"; wrong=1; }

mkdir -p "$work/build/bin"
stub() { # NAME COMMANDS
    printf '#!/bin/sh\n%s\n' "$2" >"$work/build/bin/$1" && chmod +x "$work/build/bin/$1"
}
stub fathom_backend_tests 'echo "error: cannot begin"; exit 1'
stub gpu_compare 'echo "a number"; echo "error: gpu_compare: a difference is over its bound" >&2; exit 1'
stub gpu_times 'echo "a time"; sleep 60'
run 1 --build "$work/build" --seconds 12 --only build,tests,compare,times,torch
expect "a program that fails" '^tests +[0-9]+ s  failed +'
expect "a program that says why" '^compare +[0-9]+ s  failed +error: gpu_compare: a difference is over its bound'
expect "what it printed before" '^    a number'
expect "a program that hangs" '^times +[0-9]+ s  timeout +stopped at its limit of [0-9]+ s'
expect "what it printed before" '^    a time'
expect "what does not fit any more" '^torch +[0-9]+ s  skipped +[0-9] s are left'
expect "the verdict" '^FAILED:.* times'

rm "$work/build/bin/gpu_times"
run 1 --build "$work/build"
expect "a program that is not there" '^build +[0-9]+ s  failed +.*/gpu_times is not there'
expect "what depends on it" '^compare +[0-9]+ s  skipped +build did not succeed'

run 3 --build "$build" --seconds 0
expect "no time at all" '^tests +0 s  skipped'
run 2 --only nonsense
expect "a stage that does not exist" '^error: gpu.sh: --only: no stage is named nonsense'
((wrong)) && exit 1
echo "gpu.sh reports what happens"
