#!/bin/sh
# nothing_unused.sh OBJECT: fails when the object of empty.cpp defines more than main, such as a table of virtual functions and all that it
# refers to, or a static object with a constructor or a destructor.
defined=$(nm -C --defined-only "$1") || { echo "nm (binutils) is needed"; exit 1; }
echo "$defined" | grep -q ' T main$' || { echo "no main in $1"; exit 1; }
unused=$(echo "$defined" | grep -v -e ' T main$' -e ' r ')  # r: the standard library's constants, of which every unit has its own
[ -z "$unused" ] || { echo "compiled though nobody uses it:"; echo "$unused"; exit 1; }
