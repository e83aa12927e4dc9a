# The target FATHOM_SINGLE_HEADER, which writes fathom.hpp with all that it includes as one file. Not part of what is built by default.
find_program(FATHOM_AWK awk)
if(FATHOM_AWK)
    add_custom_target(FATHOM_SINGLE_HEADER
        COMMAND ${CMAKE_COMMAND} -E make_directory "${PROJECT_BINARY_DIR}/single_header"
        COMMAND ${FATHOM_AWK} -f "${PROJECT_SOURCE_DIR}/cmake/single_header.awk" "${PROJECT_SOURCE_DIR}/LICENSE" > "${PROJECT_BINARY_DIR}/single_header/fathom.hpp"
        WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}/include" COMMENT "Writing ${PROJECT_BINARY_DIR}/single_header/fathom.hpp" VERBATIM)
endif()
