#!/usr/bin/env bash
# Builds fathom and runs its tests. Installs missing packages through apt first, after saying which (root or sudo).
#
#   scripts/test.sh          release build and the suite; about 20 minutes on two cores
#   scripts/test.sh --all    also the sanitizers, clang++, -O0 with both compilers, the install consumers and the
#                            compile-time budgets, with warnings as errors; an hour to an hour and a half
#   scripts/test.sh --help
#
# The last line counts the tests of all stages; the exit code is 0 when all passed, 1 when some failed, 2 for wrong usage.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

all=0
for argument in "$@"; do
    case $argument in
        --all) all=1 ;;
        --help | -h) sed -n '2,/^set/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 0 ;;
        *) echo "error: test.sh: unknown option $argument, expected --all or --help" >&2; exit 2 ;;
    esac
done

source scripts/setup.sh
if ((all)); then fathom_setup clang libomp-dev; else fathom_setup; fi

jobs=$(nproc)
passed=0 failed=0
failures=() times=()

# stage NAME PRESET [cmake option...] -- [ctest option...]: configures, builds (unless the ctest options begin with --no-build), tests.
stage() {
    local name=$1 preset=$2 begin=$SECONDS build=1 log line
    local configure=() select=()
    shift 2
    while (($#)) && [[ $1 != -- ]]; do configure+=("$1"); shift; done
    (($#)) && shift
    if [[ ${1:-} == --no-build ]]; then build=0; shift; fi
    select=("$@")
    mkdir -p build/logs
    log=build/logs/$name.log
    echo "== $name"
    if ! cmake --preset "$preset" "${configure[@]}" >"$log" 2>&1 ||
        { ((build)) && ! cmake --build --preset "$preset" -j "$jobs" >>"$log" 2>&1; }; then
        grep -E 'error|Error|FAILED' -A4 "$log" | head -n 60
        echo "the build failed; the whole output is in $log"
        failed=$((failed + 1)) failures+=("$name: build")
    else
        ctest --preset "$preset" -j "$jobs" "${select[@]}" >>"$log" 2>&1
        sed -n '/tests passed, /,$p' "$log"
        line=$(grep -E '^[0-9]+% tests passed' "$log" | tail -n1)
        if [[ $line =~ ([0-9]+)\ tests\ failed\ out\ of\ ([0-9]+) ]]; then
            failed=$((failed + BASH_REMATCH[1]))
            passed=$((passed + BASH_REMATCH[2] - BASH_REMATCH[1]))
            if ((BASH_REMATCH[1])); then
                awk '/^ *[0-9]+\/[0-9]+ Test /{ keep = /\*\*\*/ } keep' "$log" | head -n 200
                while read -r line; do failures+=("$name: $line"); done < <(sed -n 's/^[\t ]*[0-9]* - \(.*\) (.*)$/\1/p' "$log")
            fi
        else
            tail -n 20 "$log"
            failed=$((failed + 1)) failures+=("$name: ctest")
        fi
    fi
    times+=("$(printf '%6d s  %s' $((SECONDS - begin)) "$name")")
}

export CMAKE_BUILD_PARALLEL_LEVEL=$jobs  # of the builds that are tests
if ((all)); then
    stage release release -DFATHOM_TEST_ALL=ON -DFATHOM_WERROR=ON
    # Interrupted runs and published pictures belong to the release stage: under a sanitizer they take a quarter of an hour,
    # and a second compiler makes no difference to them.
    stage asan asan -DFATHOM_WERROR=ON -- -LE 'build|consumer|house' -E 'programs/resume|programs/conformance'
    # What has threads: readers of files have none, and the kernels of convolution, which have no more than the others, would
    # take as long as all the rest; nor do whole training runs find what the parts below them do not.
    stage tsan tsan -DFATHOM_WERROR=ON -- -LE 'build|consumer|house|programs|io' -E 'kernels/conv|data/synthetic'
    stage clang clang -DFATHOM_WERROR=ON -- -E 'programs/resume|programs/conformance'
    stage debug debug -DFATHOM_WERROR=ON -- --no-build -L 'build|consumer|house' -E layering
    stage clang-debug clang-debug -DFATHOM_WERROR=ON -- --no-build -L 'build|consumer|house' -E layering
else
    stage release release -DFATHOM_TEST_ALL=OFF
fi

echo "== times"
printf '%s\n' "${times[@]}"
if ((${#failures[@]})); then
    echo "== failed"
    printf '%s\n' "${failures[@]}"
fi
total=$((passed + failed))
echo
echo "$((total ? passed * 100 / total : 0))% tests passed, $failed tests failed out of $total"
((failed == 0))
