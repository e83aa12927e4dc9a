#!/usr/bin/env bash
# Compile times, header-only, as ratios to a unit that includes <vector>, <string>, <memory> and <functional>: user CPU time, the median of
# three ratios to the yardstick's just before and after, since the machine's own speed changes from minute to minute. Fails when one is above 1.5
# times its budget (docs/design.md).
#   measure.sh [--compiler g++]... [--runs 3] [--enough] [--json FILE] [--no-check]
# --enough: stops after a run whose ratios are all within their limits. Several compilers are measured side by side; FILE has COMPILER in
# the place of their names then.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
compilers=() others=() runs=3 json="" check=1 enough=0
while (($#)); do
    case $1 in
        --compiler) compilers+=("$2"); shift 2 ;;
        --runs) runs=$2 others+=("$1" "$2"); shift 2 ;;
        --json) json=$2; shift 2 ;;
        --enough) enough=1 others+=("$1"); shift ;;
        --no-check) check=0 others+=("$1"); shift ;;
        --help) sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 0 ;;
        *) echo "error: measure.sh: unknown option $1" >&2; exit 2 ;;
    esac
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if ((${#compilers[@]} > 1)); then
    measured=() failed=0
    for i in "${!compilers[@]}"; do
        name=${compilers[i]}
        bash "$0" --compiler "$name" ${json:+--json "${json/COMPILER/"$name"}"} "${others[@]}" >"$work/$i" 2>&1 &
        measured+=($!)
    done
    for i in "${!measured[@]}"; do
        wait "${measured[i]}" || failed=1
        cat "$work/$i"
    done
    exit "$failed"
fi
compiler=${compilers[0]:-g++}
printf '#include <vector>\n#include <string>\n#include <memory>\n#include <functional>\n' >"$work/yardstick.cpp"
echo '#include <fathom/tensor/tensor.hpp>' >"$work/tensor.cpp"
echo '#include <fathom/fathom.hpp>' >"$work/fathom.cpp"

# A portable program has kernels for three instruction sets, one with -march=native for this machine's only.
names=(yardstick tensor fathom mlp convolution mlp_native convolution_native)
budgets=(1 2 6 18 24 12 16)
common=("$compiler" -std=c++20 "-I$root/include")
commands=(
    "${common[*]} -fsyntax-only $work/yardstick.cpp"
    "${common[*]} -fsyntax-only $work/tensor.cpp"
    "${common[*]} -fsyntax-only $work/fathom.cpp"
    "${common[*]} -O2 -c $here/mlp.cpp -o $work/mlp.o"
    "${common[*]} -O2 -c $here/convolution.cpp -o $work/convolution.o"
    "${common[*]} -O2 -march=native -c $here/mlp.cpp -o $work/mlp.o"
    "${common[*]} -O2 -march=native -c $here/convolution.cpp -o $work/convolution.o"
)

# Milliseconds of user CPU time of a command, children included.
user_ms() {
    local TIMEFORMAT=%U seconds
    seconds=$({ time "$@" >"$work/log" 2>&1; } 2>&1) || { cat "$work/log" >&2; return 1; }
    awk -v s="${seconds/,/.}" 'BEGIN { printf "%d", s * 1000 + 0.5 }'
}

# Of the yardstick, which is short: the mean of three.
yardstick_ms() {
    local total=0 i ms
    for i in 1 2 3; do ms=$(user_ms ${commands[0]}); total=$((total + ms)); done
    echo $((total / 3))
}

best=() ratios=()
before=$(yardstick_ms)
for ((run = 1; run <= runs; ++run)); do
    within=1
    for i in "${!commands[@]}"; do
        ms=$(user_ms ${commands[i]})
        after=$(yardstick_ms)
        ratio=$(awk -v a="$ms" -v b="$before" -v c="$after" 'BEGIN { printf "%.2f", 2 * a / (b + c) }')
        if [[ -z ${best[i]:-} ]] || ((ms < best[i])); then best[i]=$ms; fi
        ratios[i]+="$ratio "
        if awk -v r="$ratio" -v b="${budgets[i]}" 'BEGIN { exit !(r > 1.5 * b) }'; then within=0; fi
        before=$after
    done
    if ((enough && within)); then runs=$run; fi
done

failed=0 rows=""
printf '%-18s %8s %7s %7s   (%s)\n' program seconds ratio budget "$("$compiler" -dumpfullversion -dumpversion | head -n1) $compiler"
for i in "${!names[@]}"; do
    ratio=$(tr ' ' '\n' <<<"${ratios[i]% }" | sort -g | awk '{ r[NR] = $1 } END { print r[int((NR + 1) / 2)] }')
    limit=$(awk -v b="${budgets[i]}" 'BEGIN { print 1.5 * b }')
    verdict=""
    if awk -v r="$ratio" -v b="${budgets[i]}" 'BEGIN { exit !(r > b) }'; then verdict="  over its budget"; fi
    if awk -v r="$ratio" -v l="$limit" 'BEGIN { exit !(r > l) }'; then verdict="  over its limit $limit" failed=1; fi
    printf '%-18s %8.2f %7.2f %7s%s\n' "${names[i]}" "$(awk -v a="${best[i]}" 'BEGIN { print a / 1000 }')" "$ratio" "${budgets[i]}" "$verdict"
    rows+="${rows:+,}
    {\"program\": \"${names[i]}\", \"user_seconds\": $(awk -v a="${best[i]}" 'BEGIN { printf "%.3f", a / 1000 }'), \"ratio\": $ratio, \"budget\": ${budgets[i]}, \"limit\": $limit}"
done
if [[ -n $json ]]; then
    mkdir -p "$(dirname "$json")"
    printf '{\n  "what": "user CPU time of compiling, best of %s; median ratio to the yardstick beside it",\n  "compiler": "%s",\n  "results": [%s\n  ]\n}\n' \
        "$runs" "$("$compiler" --version | head -n1)" "$rows" >"$json.part"
    mv "$json.part" "$json"
fi
if ((check)); then exit "$failed"; fi
