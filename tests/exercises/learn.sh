#!/usr/bin/env bash
# Does scripts/learn.sh say what is so? In a copy of the tree's exercises, where solutions may take the place of holes.
#   learn.sh SOURCE BUILD
set -uo pipefail
source=$1 build=$2
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
mkdir "$work/scripts" "$work/build"
cp -r "$source/exercises" "$work/"
cp "$source/scripts/learn.sh" "$work/scripts/"
ln -s "$source/include" "$source/src" "$source/cuda" "$work/"
ln -s "$build" "$work/build/release"
wrong=0
run() { # EXIT_CODE ARGUMENTS...
    local code=$1
    shift
    "$work/scripts/learn.sh" "$@" >"$work/output" 2>&1
    local got=$?
    ((got == code)) && return
    echo "WRONG: learn.sh $* ended with $got, expected $code"
    cat "$work/output"
    wrong=1
}
expect() { # WHAT PATTERN: a line of the last run's output
    grep -qE "$2" "$work/output" && return
    echo "WRONG: $1: no line matches $2 in"
    cat "$work/output"
    wrong=1
}

run 1
expect "the first one" '^01_strides: not yet$'
expect "what is wrong" 'expected shape \[3,1\], got \[1,1\]$'
cp "$work/exercises/solutions/01_strides.cpp" "$work/exercises/"
echo 'int hole = no_such_name;' >>"$work/exercises/02_broadcast.cpp"
run 2
expect "one that is solved" '^01_strides: solved$'
expect "one that does not compile" '^02_broadcast: does not compile'
expect "the compiler's message" '02_broadcast.cpp:[0-9]+:[0-9]+: error: .*no_such_name'
run 0 --list
expect "what is known" '^01_strides +solved '
expect "what is not" '^03_matmul  +The product'
echo 'int* nowhere = nullptr; const int crash = *nowhere;' >>"$work/exercises/03_matmul.cpp"
run 1 3
expect "a crash" 'signal 11'
run 0 --hint 13
expect "a hint" '^Six loops'
run 2 conv
expect "a name that is not enough" '12_conv1d_backward, 13_conv2d, 14_conv2d_backward'
run 2 --unknown
expect "an option" 'unknown option --unknown'
if [[ -e $build/cuda/libfathom_emulator_checked.a ]]; then
    run 1 23
    expect "the race" '23_block_sum.cu:[0-9]+: race: '
fi
exit "$wrong"
