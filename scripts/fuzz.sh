#!/usr/bin/env bash
# Fuzzes a reader of files, for as long as you like: what it finds stands in build/fuzz/found/TARGET, and the inputs that reach new code in
# build/fuzz/corpus/TARGET, from which the next run goes on.
#
#   scripts/fuzz.sh                      lists the targets
#   scripts/fuzz.sh TARGET [seconds]     builds and runs one; 3600 seconds if not said otherwise
#   scripts/fuzz.sh TARGET FILE          runs one input again, such as one that was found
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [[ ${1:-} == -h || ${1:-} == --help || $# -gt 2 ]]; then
    sed -n '2,/^set/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" | sed '/^set/d'
    exit $(($# > 2 ? 2 : 0))
fi
targets=$(cd tests/fuzz && ls ./*.cpp | sed 's|./||; s|\.cpp||')
if (($# == 0)); then
    echo "$targets"
    exit 0
fi
target=$1
grep -qx -- "$target" <<<"$targets" || { echo "error: fuzz.sh: no target $target, expected one of" $targets >&2; exit 2; }

source scripts/setup.sh
fathom_setup clang libclang-rt-14-dev
cmake --preset fuzz >/dev/null
cmake --build --preset fuzz --target "fuzz_$target" -j "$(nproc)"

program=build/fuzz/bin/fuzz_$target
options=(-timeout=10 -rss_limit_mb=1024)
[[ $target == pickle || $target == pth* ]] && options+=(-dict=tests/fuzz/pickle.dict)
if [[ -f ${2:-} ]]; then exec "$program" "${options[@]}" "$2"; fi
seconds=${2:-3600}
[[ $seconds =~ ^[0-9]+$ ]] || { echo "error: fuzz.sh: expected seconds or a file, got $seconds" >&2; exit 2; }
corpus=build/fuzz/corpus/$target found=build/fuzz/found/$target
mkdir -p "$corpus" "$found"
exec "$program" "${options[@]}" -max_total_time="$seconds" -max_len=65536 -artifact_prefix="$found/" "$corpus" "build/fuzz/tests/fuzz/seeds/$target"
