#!/usr/bin/env bash
# Builds the library and its tests for AArch64 with Debian's cross compiler and runs them under qemu: the baseline kernels, which are
# NEON there. Installs missing packages through apt first. 25 minutes on two cores.
#
#   scripts/aarch64.sh             what computes: core, tensor, kernels, ops, autograd, nn, optim
#   scripts/aarch64.sh '^kernels/'  less: a regular expression over test files to leave out too
#
# The exit code is that of the tests.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
case ${1:-} in
    --help | -h) sed -n '2,/^set/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" | sed '/^set/d'; exit 0 ;;
esac

source scripts/setup.sh
fathom_setup g++-aarch64-linux-gnu qemu-user

cmake --preset aarch64 -DFATHOM_TESTS_WITHOUT="^(data|debug|house|interop|io|metrics|programs|seafusion)/|^nn/growth${1:+|$1}"  # growth: has limits in seconds
cmake --build --preset aarch64 -j "$(nproc)" --target fathom_tests
ctest --preset aarch64 -LE 'build|headers|house|consumer|messages|openmp|exercise'
