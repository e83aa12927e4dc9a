# Sourced by demo.sh and test.sh: `fathom_setup [package...]` sees to it that the tools and libraries are there. On Debian and its relatives it
# installs what is missing through apt, after saying so; elsewhere, or when it may not install, it says what is missing and gives up.

fathom_packages=(g++ cmake ninja-build doctest-dev libeigen3-dev libstb-dev libcli11-dev nlohmann-json3-dev libxlsxwriter-dev libbenchmark-dev)

fathom_fail() {
    echo "error: $*" >&2
    exit 1
}

# Is version $1 at least $2?
fathom_at_least() { [[ $(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n1) == "$2" ]]; }

fathom_check_tools() {
    local version
    command -v cmake >/dev/null || fathom_fail "cmake: expected 3.25 or later, found none"
    version=$(cmake --version | awk 'NR == 1 { print $3 }')
    fathom_at_least "$version" 3.25 || fathom_fail "cmake: expected 3.25 or later, found $version"
    command -v ninja >/dev/null || fathom_fail "ninja: expected 1.10 or later, found none"
    command -v "${CXX:-c++}" >/dev/null || fathom_fail "C++ compiler: expected g++ 12 or clang 14 or later, found none"
}

fathom_setup() {
    local package missing=() sudo=()
    if command -v dpkg-query >/dev/null && command -v apt-get >/dev/null; then
        for package in "${fathom_packages[@]}" "$@"; do
            [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
        done
    else
        echo "no apt here: using the tools that are installed; CMake fetches missing libraries"
    fi
    if ((${#missing[@]})); then
        if ((EUID != 0)); then
            command -v sudo >/dev/null ||
                fathom_fail "packages missing: ${missing[*]}; expected root or sudo to install them; as root: apt-get install ${missing[*]}"
            sudo=(sudo)
        fi
        echo "installing through apt: ${missing[*]}"
        "${sudo[@]}" apt-get update -q >/dev/null || echo "apt-get update failed; trying with the package lists that are here" >&2
        "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" >/dev/null ||
            fathom_fail "apt-get install failed; packages missing: ${missing[*]}"
    fi
    fathom_check_tools
}
