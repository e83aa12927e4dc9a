# Third-party code, by need: what the system has comes first, otherwise a pinned version is fetched. Versions are Debian 12's, so that both
# ways build the same. The core needs none of it; nothing here reaches a consumer of fathom::fathom.
include(FetchContent)
set(FETCHCONTENT_TRY_FIND_PACKAGE_MODE NEVER)
cmake_policy(SET CMP0135 NEW)  # what is fetched is dated by its extraction

# stb_image and stb_image_write: compiled into fathom::compiled (io/image_stb.hpp). Reached as <stb/stb_image.h>.
find_path(FATHOM_STB_INCLUDE_DIR stb/stb_image.h)
if(NOT FATHOM_STB_INCLUDE_DIR)
    FetchContent_Declare(fathom_stb_source
        URL https://github.com/nothings/stb/archive/8b5f1f37b5b75829fc72d38e7b5d4bcbf8a26d55.tar.gz
        URL_HASH SHA256=c47cf5abe21e1d620afccd159c23fe71dfa86eb270015a7646a4f79e9bfd5503
        SOURCE_DIR "${PROJECT_BINARY_DIR}/_deps/stb-root/stb")
    FetchContent_MakeAvailable(fathom_stb_source)
    get_filename_component(stb_root "${fathom_stb_source_SOURCE_DIR}" DIRECTORY)
    set(FATHOM_STB_INCLUDE_DIR "${stb_root}" CACHE PATH "Folder that holds stb/stb_image.h" FORCE)
endif()
add_library(fathom_stb INTERFACE)
target_include_directories(fathom_stb SYSTEM INTERFACE "${FATHOM_STB_INCLUDE_DIR}")

# Tests, examples and benches call these where they need them.
macro(fathom_need_doctest)
    find_package(doctest 2.4.9 QUIET)
    if(NOT doctest_FOUND)
        find_path(FATHOM_DOCTEST_INCLUDE_DIR doctest/doctest.h)  # the header alone will do
    endif()
    if(FATHOM_DOCTEST_INCLUDE_DIR AND NOT TARGET doctest::doctest)
        add_library(fathom_doctest INTERFACE)
        add_library(doctest::doctest ALIAS fathom_doctest)
        target_include_directories(fathom_doctest SYSTEM INTERFACE "${FATHOM_DOCTEST_INCLUDE_DIR}")
    elseif(NOT TARGET doctest::doctest)
        set(DOCTEST_WITH_TESTS OFF CACHE INTERNAL "")
        FetchContent_Declare(doctest URL https://github.com/doctest/doctest/archive/refs/tags/v2.4.9.tar.gz
            URL_HASH SHA256=19b2df757f2f3703a5e63cee553d85596875f06d91a3333acd80a969ef210856)
        FetchContent_MakeAvailable(doctest)
        if(NOT TARGET doctest::doctest)
            add_library(doctest::doctest ALIAS doctest)
        endif()
    endif()
endmacro()

macro(fathom_need_eigen)
    find_package(Eigen3 3.4 QUIET NO_MODULE)
    if(NOT TARGET Eigen3::Eigen)
        FetchContent_Declare(eigen URL https://gitlab.com/libeigen/eigen/-/archive/3.4.0/eigen-3.4.0.tar.gz
            URL_HASH SHA256=8586084f71f9bde545ee7fa6d00288b264a2b7ac3607b974e54d13e7162c1c72 SOURCE_SUBDIR none)
        FetchContent_MakeAvailable(eigen)
        add_library(fathom_eigen INTERFACE)
        add_library(Eigen3::Eigen ALIAS fathom_eigen)
        target_include_directories(fathom_eigen SYSTEM INTERFACE "${eigen_SOURCE_DIR}")
    endif()
endmacro()

macro(fathom_need_cli11)
    find_package(CLI11 2.1 QUIET)
    if(NOT TARGET CLI11::CLI11)
        FetchContent_Declare(cli11 URL https://github.com/CLIUtils/CLI11/archive/refs/tags/v2.1.2.tar.gz
            URL_HASH SHA256=26291377e892ba0e5b4972cdfd4a2ab3bf53af8dac1f4ea8fe0d1376b625c8cb)
        FetchContent_MakeAvailable(cli11)
    endif()
endmacro()

macro(fathom_need_json)
    find_package(nlohmann_json 3.11 QUIET)
    if(NOT TARGET nlohmann_json::nlohmann_json)
        FetchContent_Declare(json URL https://github.com/nlohmann/json/archive/refs/tags/v3.11.2.tar.gz
            URL_HASH SHA256=d69f9deb6a75e2580465c6c4c5111b89c4dc2fa94e3a85fcd2ffcd9a143d9273)
        FetchContent_MakeAvailable(json)
    endif()
endmacro()

# Optional, and not fetched: the target fathom_xlsxwriter where it is there.
macro(fathom_find_xlsxwriter)
    find_path(FATHOM_XLSXWRITER_INCLUDE_DIR xlsxwriter.h)
    find_library(FATHOM_XLSXWRITER_LIBRARY xlsxwriter)
    if(FATHOM_XLSXWRITER_INCLUDE_DIR AND FATHOM_XLSXWRITER_LIBRARY)
        add_library(fathom_xlsxwriter INTERFACE)
        target_include_directories(fathom_xlsxwriter SYSTEM INTERFACE "${FATHOM_XLSXWRITER_INCLUDE_DIR}")
        target_link_libraries(fathom_xlsxwriter INTERFACE "${FATHOM_XLSXWRITER_LIBRARY}")
        target_compile_definitions(fathom_xlsxwriter INTERFACE FATHOM_XLSXWRITER)
    else()
        message(STATUS "no libxlsxwriter (Debian: libxlsxwriter-dev): evaluate fusion refuses --xlsx")
    endif()
endmacro()

macro(fathom_need_benchmark)
    find_package(benchmark 1.7 QUIET)
    if(NOT TARGET benchmark::benchmark)
        set(BENCHMARK_ENABLE_TESTING OFF CACHE INTERNAL "")
        set(BENCHMARK_ENABLE_INSTALL OFF CACHE INTERNAL "")
        FetchContent_Declare(benchmark URL https://github.com/google/benchmark/archive/refs/tags/v1.7.1.tar.gz
            URL_HASH SHA256=6430e4092653380d9dc4ccb45a1e2dc9259d581f4866dc0759713126056bc1d7)
        FetchContent_MakeAvailable(benchmark)
    endif()
endmacro()
