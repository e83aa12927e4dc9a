#!/bin/sh
# inspect_isa.sh PROGRAM WHICH: disassembles a program of march_plain.cpp (and march_wide.cpp), looks for AVX code where there must be none, and
# runs it on each instruction set. WHICH: plain_first, wide_first (two units), alone (the plain unit only).
program=$1
which=$2
objdump -d -C --no-show-raw-insn "$program" >"$program.asm" || { echo "objdump (binutils) is needed"; exit 1; }
# All AVX instructions, and only they (and a few for virtual machines), begin with v.
awk -v which="$which" '
    /^[0-9a-f]+ <.*>:$/ {
        name = $0
        sub(/^[0-9a-f]+ </, "", name)
        plain = name ~ /::baseline_v1_/
        wide = name ~ /::(avx2|avx512|avx512bf16|amx)_/
        if (name ~ /::(baseline|avx2)_v4/ && !(name in told)) { told[name] = 1; print "compiled below its unit: " name; bad = 1 }
        if (plain) ++plain_functions
        if (wide) ++wide_functions
        checked = plain || (which == "alone" && !wide)
        next
    }
    /^ +[0-9a-f]+:/ && $2 ~ /^v[a-z]/ && $2 !~ /^ver[rw]/ {
        if (wide) ++wide_instructions
        if (checked && !(name in told)) { told[name] = 1; print "AVX code (" $0 ") in " name; bad = 1 }
    }
    END {
        printf "%s: %d functions of the baseline, %d of AVX2 and AVX-512 with %d AVX instructions\n", which, plain_functions, wide_functions, wide_instructions
        if (!plain_functions || !wide_instructions) { print "the kernels were not found in the disassembly"; bad = 1 }
        exit bad
    }' "$program.asm" || exit 1
rm -f "$program.asm"

# Kernels have names of their own per instruction set; other inline functions, the standard library's among them, have not, and with the wide
# unit first the linker keeps its copies: then the whole program needs what that unit was compiled for.
if [ "$which" = wide_first ] && ! grep -q ' avx512vl' /proc/cpuinfo; then
    echo "inspected, not run: this machine lacks AVX-512"
    exit 0
fi
trap 'rm -f "$program.out"' EXIT
for isa in baseline avx2 avx512; do
    case $isa in
        avx2) grep -q ' avx2 .* fma\| fma .* avx2 ' /proc/cpuinfo || continue ;;
        avx512) grep -q ' avx512vl' /proc/cpuinfo || continue ;;
    esac
    FATHOM_ISA=$isa "$program" >"$program.out"
    code=$?
    cat "$program.out"
    # The wide unit has the kernels for AVX-512 alone: where the linker kept its copies of what calls them, it refuses others.
    if [ "$code" = 3 ] && [ "$which" != alone ] && [ "$isa" != avx512 ] && grep -q "$isa was not compiled in" "$program.out"; then continue; fi
    [ "$code" = 0 ] || { echo "fails on $isa"; exit 1; }
done
