# Writes fathom.hpp with all that it includes as one file (the target FATHOM_SINGLE_HEADER), run in include/:
#   awk -f single_header.awk ../LICENSE > fathom.hpp
# What fathom.hpp leaves out stands at the end, each file in an #if of the options below whose headers reach it: a program defines
# FATHOM_WITH_SEAFUSION instead of including fathom/seafusion.hpp.
BEGIN {
    option("DATA", "data.hpp data/boxes.hpp")
    option("DEBUG", "debug.hpp")
    option("METRICS", "metrics/fusion.hpp metrics/boundary.hpp metrics/detection.hpp metrics/retention.hpp metrics/statistics.hpp")
    option("SCENES", "data/scene/scene_files.hpp data/scene/synthetic_dataset.hpp")
    option("SEAFUSION", "seafusion.hpp")
    option("EIGEN", "interop/eigen.hpp")
    option("LINALG", "ops/linalg.hpp ops/linalg_norm.hpp ops/linalg_triangular.hpp")
    option("LINALG_EIGEN", "ops/linalg_eigen.hpp")
    option("FFT", "ops/fft.hpp ops/fftn.hpp")
    option("IMAGE_STB", "io/image_stb.hpp")
    option("PTH", "io/pth.hpp")

    reach("fathom/fathom.hpp", "")
    for (o = 1; o <= options; ++o) {
        count = split(headers[o], names, " ")
        for (i = 1; i <= count; ++i) reach("fathom/" names[i], "FATHOM_WITH_" option_name[o])
    }
    check_all_reached()

    print "// fathom in one file, made by the target FATHOM_SINGLE_HEADER from the headers that README.md describes: #include \"fathom.hpp\""
    print "// instead of <fathom/fathom.hpp>. What is included by name there is asked for here by a macro, before the first include:"
    for (o = 1; o <= options; ++o) printf "//   FATHOM_WITH_%-12s  %s\n", option_name[o], headers[o]
    print "//"
    while ((getline line < ARGV[1]) > 0) print (line == "" ? "//" : "// " line)
    print "#ifndef FATHOM_SINGLE_HEADER"
    print "#define FATHOM_SINGLE_HEADER"
    print "#if defined(FATHOM_COMPILED) || defined(FATHOM_VERSION_MAJOR)"
    print "#error \"fathom.hpp in one file goes neither with fathom::compiled nor with fathom's other headers in one unit\""
    print "#endif"
    put("fathom/fathom.hpp")
    for (o = 1; o <= options; ++o) {
        count = split(headers[o], names, " ")
        for (i = 1; i <= count; ++i) put("fathom/" names[i])
    }
    under("")
    print "\n#endif  // FATHOM_SINGLE_HEADER"
}

function option(name, list) {
    option_name[++options] = name
    headers[options] = list
}

function stop(file, line, what) {
    printf "error: single_header.awk: include/%s:%d: %s\n", file, line, what > "/dev/stderr"
    exit failed = 1
}

# Lines of a file, read once.
function load(file,    line) {
    if (file in size) return
    size[file] = 0
    while ((getline line < file) > 0) text[file, ++size[file]] = line
    close(file)
    if (!size[file]) stop(file, 0, "cannot be read")
}

# The file of the library's that a line includes, or "". FATHOM_KERNEL is what foreach_isa.hpp and foreach_tile.hpp include.
function target(line) {
    if (line ~ /^[ \t]*#[ \t]*include[ \t]+FATHOM_KERNEL/) return kernel
    if (line !~ /^[ \t]*#[ \t]*include[ \t]*"fathom\//) return ""
    sub(/^[^"]*"/, "", line)
    sub(/".*/, "", line)
    return line
}

# Notes by which option a file is reached; "" is fathom.hpp itself, which all others contain.
function reach(file, by,    i, name) {
    if ((file, by) in reached || (file, "") in reached) return
    reached[file, by]
    if (by != "") reached_by[file] = reached_by[file] (reached_by[file] == "" ? "" : " || ") "defined(" by ")"
    load(file)
    for (i = 1; i <= size[file]; ++i) {
        if (text[file, i] ~ /^#define FATHOM_KERNEL "/) {
            name = text[file, i]
            sub(/^[^"]*"/, "", name)
            sub(/".*/, "", name)
            reach(name, by)
        }
        name = target(text[file, i])
        if (name != "" && name != kernel) reach(name, by)
    }
}

function check_all_reached(    file, list) {
    list = "find fathom -name '*.hpp'"
    while ((list | getline file) > 0)
        if (!(file in size)) stop(file, 0, "no option of single_header.awk leads to this header")
    close(list)
}

# What follows stands in an #if of this condition.
function under(condition) {
    if (condition == current) return
    if (current != "") print "#endif  // " current
    if (condition != "") print "#if " condition
    current = condition
}

function is_body(file) { return file ~ /\.(kernel|list)\.hpp$|\/(foreach_[a-z]+|isa_region\.inl|stb_undef\.inl)\.hpp$/ }

# Emits a file in the place of its first #include, its own includes before what follows them. Bodies, which have no guard, stand wherever
# they are included.
function put(file,    i, line, name, held, begun, compiled, ifs, outer) {
    if (is_body(file)) {
        ++times[file]
    } else if (file in where_put) {
        if (where_put[file] > 0) stop(file, 1, "is included inside an #if elsewhere, and so cannot stand there alone")
        return
    } else {
        where_put[file] = depth
        if (depth > 0 && reached_by[file] != current) stop(file, 1, "is first included inside an #if")
    }
    held = "\n// ---- " file "\n"
    outer = depth
    for (i = 1; i <= size[file]; ++i) {
        line = text[file, i]
        if (line ~ /^#pragma once/) continue
        if (!begun && line ~ /^(\/\/.*)?$/) {
            if (times[file] < 2) held = held line "\n"
            continue
        }
        name = target(line)
        if (name != "") {
            if (is_body(name) && !begun) begun = flush(file, held)
            if (is_body(name) && !is_body(file) && depth == 0) under(reached_by[file])
            if (!is_body(name) && depth > 0 && !(name in where_put)) under_if(name, file, i)
            put(name)
            continue
        }
        # Header-only, as this file is.
        if (line ~ /^#ifndef FATHOM_COMPILED/) {
            compiled = depth + 1
            continue
        }
        if (compiled && line ~ /^#(else|elif)/ && depth == compiled - 1) stop(file, i, "an #else of FATHOM_COMPILED, which this script cannot resolve")
        if (compiled && line ~ /^#endif/ && depth == compiled - 1) {
            compiled = 0
            continue
        }
        if (line ~ /^[ \t]*#[ \t]*include[ \t]*</ && depth == 0 && reached_by[file] == "") {
            if (line in standard) continue
            standard[line]
        } else if (line !~ /^[ \t]*#[ \t]*include/ && !begun) {
            begun = flush(file, held)
        }
        if (!is_body(file) && depth == 0) under(reached_by[file])
        if (line ~ /^[ \t]*#[ \t]*if/) ++depth
        if (line ~ /^[ \t]*#[ \t]*endif/) --depth
        if (line ~ /^#define FATHOM_KERNEL "/) {
            kernel = line
            sub(/^[^"]*"/, "", kernel)
            sub(/".*/, "", kernel)
        }
        if (times[file] > 1 && line ~ /^[ \t]*(\/\/.*)?$/) continue
        print line
    }
    if (!begun) flush(file, held)
    if (depth != outer) stop(file, size[file], "an #if without its #endif")
}

# Inside an #if only what needs no other file can be put.
function under_if(name, file, line,    i) {
    for (i = 1; i <= size[name]; ++i)
        if (target(text[name, i]) != "") stop(file, line, "includes " name " inside an #if, with what that includes")
}

function flush(file, held) {
    if (!is_body(file)) under(reached_by[file])
    printf "%s", held
    return 1
}
