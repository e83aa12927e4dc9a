# Reads ctest's JUnit file and prints a line "STATUS SECONDS NAME" per entry, STATUS being passed, failed or skipped (by the test itself).
# An entry that could not run, because what it needs failed to build, has failed. In the file every element begins a line of its own, and
# what the tests print is escaped, so that no "<" of theirs stands there.
function attribute(name,    found) {
    found = match($0, " " name "=\"[^\"]*\"")
    return found ? substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4) : ""
}
/^[ \t]*<testcase / {
    name = attribute("name")
    seconds = attribute("time")
    status = attribute("status")
    result = status == "run" ? "passed" : "failed"
}
/^[ \t]*<skipped / && attribute("message") ~ /SKIP_/ { result = "skipped" }
/^[ \t]*<\/testcase>/ { print result, seconds, name }
