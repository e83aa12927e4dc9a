# Builds and runs consumer/ by one way of getting fathom, in a fresh folder:
#   cmake -DWAY=... -DFATHOM_SOURCE=... -DFATHOM_BUILD=... -DWORK=... -DCXX=... -DGENERATOR=... -P run.cmake
# include_path: nothing but -I and a C++20 compiler. find_package: FATHOM_BUILD is installed to a prefix first, which then moves.
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

set(options "")
if(WAY STREQUAL "add_subdirectory")
    set(options "-DCMAKE_CXX_FLAGS=-march=native")  # builds the library once more: for one instruction set, a third of the time
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
