#!/usr/bin/env bash
# Exercises that fail until they are solved: exercises/README.md. Compiles one in seconds, says what is wrong with it or that it is solved,
# and what comes next.
#
#   scripts/learn.sh                   the first one that is not solved
#   scripts/learn.sh 7                 that one; or by a part of its name: scripts/learn.sh pool
#   scripts/learn.sh --hint [which]    a hint
#   scripts/learn.sh --list            all of them, and what is known of each without compiling
#   scripts/learn.sh --help
#
# CXX names the compiler (c++). Exit code 0: solved, 1: not yet, 2: wrong usage, or it does not compile. Programs are kept in build/learn/ and
# made again when a file has changed; nothing else is remembered.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 2

stop() {
    echo "error: learn.sh: $*" >&2
    exit 2
}

cxx=${CXX:-c++}
work=build/learn
names=()
for file in exercises/[0-9]*.c{pp,u}; do names+=("$(basename "${file%.*}")"); done

file_of() { if [[ -e exercises/$1.cu ]]; then echo "exercises/$1.cu"; else echo "exercises/$1.cpp"; fi; }

# What a program is made of, as a checksum: time stamps would miss a file that was moved here.
sum_of() { find -H "$@" -type f -print0 | sort -z | xargs -0 cat | cksum | tr ' ' -; }
library=$(sum_of include cuda src scripts/learn.sh)-$(basename "$cxx")
program_of() { # NAME: where its program is, named after everything that it is made of
    local file
    file=$(file_of "$1")
    echo "$work/$1-$({ echo "$library"; cat "$file" exercises/*.hpp exercises/checks/*.hpp exercises/checks/main.cpp "exercises/checks/${file##*/}"; } | cksum | tr ' ' -)"
}

# A release build that is up to date saves most of the compiling.
built() { # LIBRARY: is it there, and newer than its sources?
    [[ -e build/release/$1 && -z $(find -H include src cuda -newer "build/release/$1" -type f -print -quit) ]] &&
        ! grep -q '^FATHOM_OPENMP:BOOL=ON' build/release/CMakeCache.txt 2>/dev/null
}

flags=(-std=c++20 -O0 -Iinclude -I. -pthread -Wall -Wextra -Wno-unused -Wno-unused-parameter -D_GLIBCXX_ASSERTIONS)
libraries=()

# The emulator that finds faults, for exercises on kernels: of the release build, or compiled once.
use_emulator() {
    local source objects=()
    flags+=(-DFATHOM_COMPILED -DFATHOM_EMULATOR -DFATHOM_EMULATOR_CHECKED)
    if built libfathom.a && built cuda/libfathom_emulator_checked.a; then
        libraries=(build/release/cuda/libfathom_emulator_checked.a build/release/libfathom.a -ldl)
        return
    fi
    local archive=$work/emulator-$library.a
    libraries=("$archive" -ldl)
    [[ -e $archive ]] && return
    echo "compiling the emulator, once"
    rm -rf "$work"/emulator*
    mkdir "$work/emulator"
    printf '%s\n' cuda/emulator/*.cpp cuda/emulator/checked/*.cpp src/core.cpp src/parallel_for.cpp |
        xargs -P "$(nproc)" -I{} sh -c '"$@" -O1 -c "$0" -o '"$work"'/emulator/$(basename "$0").o' {} "$cxx" "${flags[@]}" ||
        stop "the emulator does not compile"
    ar rc "$archive" "$work"/emulator/*.o || stop "ar failed"
}

compile() { # NAME PROGRAM
    local file
    file=$(file_of "$1")
    command -v "$cxx" >/dev/null || stop "$cxx: expected g++ 12 or clang++ 14 or later, found none; CXX names another"
    mkdir -p "$work"
    rm -f "$work/$1"-*
    local unit=(exercises/checks/main.cpp "-DFATHOM_EXERCISE=\"$file\"" "-DFATHOM_CHECK=\"exercises/checks/${file##*/}\"")
    if [[ $file == *.cu ]]; then
        use_emulator
        # The emulator answers the calls that -fsanitize=thread inserts, so that is not for the linker.
        "$cxx" "${flags[@]}" -O1 -g1 -gdwarf-4 -fsanitize=thread "${unit[@]}" -c -o "$2.o" && "$cxx" "$2.o" "${libraries[@]}" -pthread -o "$2"
    elif built libfathom.a; then
        "$cxx" "${flags[@]}" -DFATHOM_COMPILED "${unit[@]}" build/release/libfathom.a -o "$2"
    else
        "$cxx" "${flags[@]}" "${unit[@]}" -o "$2"
    fi
}

run() { # NAME: compiles where something has changed, runs, says what came of it; as the exit code of this script
    local program status said
    program=$(program_of "$1")
    if [[ ! -e $program ]] && ! compile "$1" "$program"; then
        echo "$1: does not compile; the compiler's first message is the one to read"
        return 2
    fi
    said=$(timeout 60 "$program" 2>&1)
    status=$?
    if ((status == 0)); then
        echo "$1: solved"
        return 0
    fi
    echo "$1: not yet"
    [[ -z $said ]] || sed 's/^/  /' <<<"$said"
    if ((status == 124)); then echo "  It was still running after a minute: does every loop come to its end?"; fi
    if ((status > 124)); then echo "  It was ended by the system (signal $((status - 128))): did it read or write outside of an array?"; fi
    return 1
}

find_name() { # WHICH: a number or a part of a name
    local name found=()
    for name in "${names[@]}"; do
        if [[ $1 =~ ^[0-9]+$ ]]; then
            ((10#$1 == 10#${name%%_*})) && found+=("$name")
        elif [[ $name == *"$1"* ]]; then
            found+=("$name")
        fi
    done
    ((${#found[@]})) || stop "$1: there is no such exercise; --list names them"
    ((${#found[@]} == 1)) || stop "$1 may be $(sed 's/ /, /g' <<<"${found[*]}"); say more of the name, or its number"
    echo "${found[0]}"
}

hint=0 which=
for argument in "$@"; do
    case $argument in
        --help | -h) sed -n '2,/^set/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" | sed '/^set/d'; exit 0 ;;
        --list)
            for name in "${names[@]}"; do
                state=
                program=$(program_of "$name")
                if [[ -e $program ]]; then timeout 60 "$program" >/dev/null 2>&1 && state=solved || state='not yet'; fi
                printf '%-24s %-8s %s\n' "$name" "$state" "$(sed -n '1s,^// [0-9]* ,,p' "$(file_of "$name")")"
            done
            exit 0
            ;;
        --hint) hint=1 ;;
        -*) stop "unknown option $argument, expected --hint, --list or --help" ;;
        *) [[ -z $which ]] || stop "one exercise at a time, got $which and $argument"; which=$argument ;;
    esac
done

if [[ $which ]]; then
    name=$(find_name "$which") || exit 2
    chosen=("$name")
else
    chosen=("${names[@]}")
fi
# Up to the first that is not solved. Which one a hint is for need not be looked up where it was said.
status=0
for name in "${chosen[@]}"; do
    if ((hint)); then
        if [[ $which ]] || ! run "$name" >/dev/null 2>&1; then
            awk -v name="$name" '/^## /{ on = $2 == name } on' exercises/hints.md
            exit 0
        fi
    else
        run "$name"
        status=$?
        ((status == 0)) || break
    fi
done
if ((status != 0)); then
    echo "The exercise: $(file_of "$name"). A hint: scripts/learn.sh --hint ${name%%_*}"
elif [[ $which ]]; then
    echo "Next: scripts/learn.sh, which goes on to the first that is not solved."
else
    echo "All exercises are solved."
fi
exit "$status"
