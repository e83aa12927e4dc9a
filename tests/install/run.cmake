# Builds and runs consumer/ by one way of getting fathom, in a fresh folder:
#   cmake -DWAY=... -DFATHOM_SOURCE=... -DFATHOM_BUILD=... -DWORK=... -DCXX=... -DGENERATOR=... -P run.cmake
# include_path: nothing but -I and a C++20 compiler. single_header: README's program in a folder of its own with the library in one file.
# find_package: FATHOM_BUILD is installed to a prefix first, which then moves.
function(run)
    execute_process(COMMAND ${ARGN} COMMAND_ECHO STDOUT RESULT_VARIABLE failed)
    if(failed)
        list(JOIN ARGN " " command)
        message(FATAL_ERROR "failed: ${command}")
    endif()
endfunction()

file(REMOVE_RECURSE "${WORK}")
file(MAKE_DIRECTORY "${WORK}")
set(consumer "${CMAKE_CURRENT_LIST_DIR}/consumer")

if(WAY STREQUAL "include_path")
    run("${CXX}" -std=c++20 -O1 "-I${FATHOM_SOURCE}/include" "${consumer}/main.cpp" "${consumer}/other.cpp" -o "${WORK}/consumer")
    run("${WORK}/consumer")
    return()
endif()

if(WAY STREQUAL "single_header")
    file(COPY_FILE "${FATHOM_BUILD}/single_header/fathom.hpp" "${WORK}/fathom.hpp")
    file(READ "${FATHOM_SOURCE}/README.md" readme)
    string(REGEX MATCH "```cpp\n([^`]*)```" program "${readme}")
    string(REPLACE "<fathom/fathom.hpp>" "\"fathom.hpp\"" program "${CMAKE_MATCH_1}")
    file(WRITE "${WORK}/program.cpp" "${program}")
    # Nothing in the file shows the way back to the headers that it was made of.
    file(STRINGS "${WORK}/fathom.hpp" includes REGEX "^[ \t]*#[ \t]*include[ \t]*\"fathom/")
    if(includes)
        message(FATAL_ERROR "the single header includes ${includes}")
    endif()
    run("${CXX}" -std=c++20 -O0 "${WORK}/program.cpp" -o "${WORK}/program")
    run("${WORK}/program")
    # All that fathom.hpp leaves out, with the other compiler where there is one.
    file(WRITE "${WORK}/all.cpp" "#include \"fathom.hpp\"\n#include \"fathom.hpp\"\nfathom::seafusion::SegmentationNet<float>* net = nullptr;\n")
    file(STRINGS "${WORK}/fathom.hpp" options REGEX "^//   FATHOM_WITH_")
    list(TRANSFORM options REPLACE "^// +(FATHOM_WITH_[A-Z_]+).*" "-D\\1")
    find_program(SYNTAX_CXX NAMES clang++ g++)
    run("${SYNTAX_CXX}" -std=c++20 -fsyntax-only -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror ${options} ${INCLUDES} "${WORK}/all.cpp")
    return()
endif()

set(options "")
if(WAY STREQUAL "add_subdirectory")
    # Builds the library once more: for one instruction set and without optimization in a sixth of the time.
    set(options -DCMAKE_CXX_FLAGS=-march=native -DCMAKE_CXX_FLAGS_RELEASE=-O0)
endif()
if(WAY STREQUAL "fetch_content")
    # A repository of the files as they are now, committed or not.
    set(FATHOM_REPOSITORY "${WORK}/fathom.git")
    find_program(GIT git REQUIRED)
    run("${GIT}" init --quiet --bare "${FATHOM_REPOSITORY}")
    set(git "${GIT}" -C "${FATHOM_SOURCE}" "--git-dir=${FATHOM_REPOSITORY}" "--work-tree=${FATHOM_SOURCE}" -c user.name=fathom -c user.email=fathom@localhost)
    run(${git} add CMakeLists.txt cmake cuda include src)
    run(${git} commit --quiet -m "what a consumer builds")
    set(options "-DFATHOM_REPOSITORY=file://${FATHOM_REPOSITORY}")
endif()
if(WAY STREQUAL "find_package")
    run("${CMAKE_COMMAND}" --install "${FATHOM_BUILD}" --prefix "${WORK}/installed")
    file(RENAME "${WORK}/installed" "${WORK}/moved")
    set(options "-DCMAKE_PREFIX_PATH=${WORK}/moved")
endif()
run("${CMAKE_COMMAND}" -S "${consumer}" -B "${WORK}/build" -G "${GENERATOR}" "-DCMAKE_CXX_COMPILER=${CXX}" -DCMAKE_BUILD_TYPE=Release
    "-DWAY=${WAY}" "-DFATHOM_SOURCE=${FATHOM_SOURCE}" ${options})
run("${CMAKE_COMMAND}" --build "${WORK}/build")
run("${CMAKE_CTEST_COMMAND}" --test-dir "${WORK}/build" --output-on-failure)
