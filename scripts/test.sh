#!/usr/bin/env bash
# Builds fathom and runs its tests. Installs missing packages through apt first, after saying which (root or sudo).
#
#   scripts/test.sh --quick  the inner loop: the parts of the suite that take seconds; under two minutes after the build
#   scripts/test.sh          release build and the suite; about 20 minutes on two cores
#   scripts/test.sh --all    also the sanitizers, clang++, -O0 with both compilers, the fuzz targets for seconds each, the
#                            install consumers and the compile-time budgets, with warnings as errors; about 65 minutes
#   scripts/test.sh --help
#
# The last line counts the tests of all stages; the exit code is 0 when all passed, 1 when some failed, 2 for wrong usage.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

mode=suite
for argument in "$@"; do
    case $argument in
        --quick) mode=quick ;;
        --all) mode=all ;;
        --help | -h) sed -n '2,/^set/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" | sed '/^set/d'; exit 0 ;;
        *) echo "error: test.sh: unknown option $argument, expected --quick, --all or --help" >&2; exit 2 ;;
    esac
done

source scripts/setup.sh
if [[ $mode == all ]]; then fathom_setup clang git libclang-rt-14-dev libomp-dev; else fathom_setup; fi

jobs=$(nproc)
passed=0 failed=0
failures=() times=()
slowest=$(mktemp)
trap 'rm -f "$slowest"' EXIT

# stage NAME PRESET [cmake option...] -- [--build TARGET | --no-build] [ctest option...]: configures, builds (everything, or that target), tests.
stage() {
    local name=$1 preset=$2 begin=$SECONDS log junit status seconds test
    local configure=() build=(cmake --build --preset "$2" -j "$jobs")
    shift 2
    while (($#)) && [[ $1 != -- ]]; do configure+=("$1"); shift; done
    (($#)) && shift
    case ${1:-} in
        --no-build) build=(true); shift ;;
        --build) build+=(--target "$2"); shift 2 ;;
    esac
    mkdir -p build/logs
    log=build/logs/$name.log junit=build/logs/$name.xml
    rm -f "$junit"
    echo "== $name"
    if ! { cmake --preset "$preset" "${configure[@]}" && "${build[@]}"; } >"$log" 2>&1; then
        grep -E 'error|Error|FAILED' -A4 "$log" | head -n 60
        echo "the build failed; the whole output is in $log"
        failed=$((failed + 1)) failures+=("$name: build")
    else
        ctest --preset "$preset" -j "$jobs" --output-junit "$PWD/$junit" "$@" >>"$log" 2>&1
        if grep -q '</testsuite>' "$junit" 2>/dev/null && grep -q '<testcase ' "$junit"; then
            while read -r status seconds test; do
                printf '%s %s %s\n' "$seconds" "$name" "$test" >>"$slowest"
                case $status in
                    passed) passed=$((passed + 1)) ;;
                    skipped) passed=$((passed + 1)); echo "skipped: $test" ;;
                    *) failed=$((failed + 1)) failures+=("$name: $test") ;;
                esac
            done < <(awk -f scripts/junit.awk "$junit")
            # What failed, with its output: ctest's lines from "N/M Test ... ***" to the next test.
            awk '/^ *[0-9]+\/[0-9]+ Test /{ keep = /\*\*\*/ } keep' "$log" | head -n 200
        else
            tail -n 20 "$log"
            failed=$((failed + 1)) failures+=("$name: ctest")
        fi
    fi
    times+=("$(printf '%6d s  %s' $((SECONDS - begin)) "$name")")
}

export CMAKE_BUILD_PARALLEL_LEVEL=$jobs  # of the builds that are tests
case $mode in
    quick) stage quick release -- --build fathom_tests -L '^quick$' ;;
    suite) stage release release -DFATHOM_TEST_ALL=OFF ;;
    all)
        # Everything, and alone in it: the emulator, which is for those who work on the device's kernels; OpenMP's threads;
        # headers that compile alone; the exercises; the list of compile-time budgets; runs that are killed, interrupted or whose data change,
        # published pictures and classes of one's own, whose minutes would be hours under a sanitizer and say nothing of a
        # compiler.
        stage release release -DFATHOM_TEST_ALL=ON -DFATHOM_WERROR=ON
        # The second compiler, which sees more of undefined behaviour, and what reads and writes memory. Left out: the rows above;
        # programs and lessons, which are compiled, but are calls of the library and of libraries; ops/threads and ops/gradcheck, which
        # run the operations of ops/ops again to compare their bits and gradients; published numbers of metrics, the golden numbers of
        # whole nets and of joint training, trainers and strips, whose kernels and operations are tested one by one.
        stage asan asan -DFATHOM_WERROR=ON \
            -DFATHOM_TESTS_WITHOUT='^programs/|^ops/(threads|gradcheck)|^seafusion/(joint|segmentation_net|segmentation_trainer|fusion_trainer|strips|bfloat16_training)|^metrics/fusion_published' \
            -- -LE 'build|headers|consumer|house|messages|openmp|exercise|lesson'
        # What has threads. Every operation runs on two in ops/threads; the other drivers of the list of operations, and the tests
        # of the kernels with the longest loops, add hours and no way for threads to meet. Readers of files, elements, errors,
        # metrics, single layers, nets of many members and chains of a million nodes have none; nor do whole training runs and
        # the golden numbers of whole nets find what the parts below them do not.
        stage tsan tsan -DFATHOM_WERROR=ON -DFATHOM_BUILD_EXAMPLES=OFF \
            -DFATHOM_TESTS_WITHOUT='^(io|tensor|debug|interop)/|^metrics/([a-eg-z]|fusion_(published|golden))|^kernels/(conv|gemm|ohem|reduce|sobel|color|pad|resize|window|math)|^data/(scene|boxes|canvas|contact_sheet|pairs|pictures|transforms|dataset)|^ops/[a-su-z]|^autograd/(node|gradcheck)|^optim/(clip|schedule)|^nn/(growth|init|load|layers|parameter|pooling)|^seafusion/(joint|segmentation_net|segmentation_trainer|fusion_trainer|fusion_net|bfloat16_training|content_loss|semantic_loss|strips)' \
            -- -LE 'build|headers|consumer|house|messages|openmp|exercise'
        # Every reader of files for three seconds; scripts/fuzz.sh is for longer.
        stage fuzz fuzz -DFATHOM_WERROR=ON
        # Header-only, for every instruction set: units that are linked together and consumers of the second compiler, and its messages.
        stage clang clang-debug -DFATHOM_WERROR=ON -- --no-build -L 'build|consumer|house|messages' -E 'layering|compiled|consumer/debugging'
        # The first one without optimization.
        stage debug debug -DFATHOM_WERROR=ON -- --no-build -L 'build|consumer' -E 'layering|compiled|house|consumer/debugging'
        ;;
esac

echo "== times"
printf '%s\n' "${times[@]}"
if [[ $mode != quick ]]; then
    echo "== slowest tests"
    sort -rg "$slowest" | awk 'NR <= 25 { printf "%6.0f s  %s  %s\n", $1, $2, $3 }'
fi
if ((${#failures[@]})); then
    echo "== failed"
    printf '%s\n' "${failures[@]}"
fi
total=$((passed + failed))
echo
echo "$((total ? passed * 100 / total : 0))% tests passed, $failed tests failed out of $total"
((failed == 0))
