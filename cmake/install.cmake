# Install rules: headers, the library, and a package configuration for find_package(fathom).
include(CMakePackageConfigHelpers)
set(fathom_config_dir "${CMAKE_INSTALL_LIBDIR}/cmake/fathom")

install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/fathom" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
install(TARGETS fathom fathom_compiled EXPORT fathom_targets ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
if(TARGET fathom_backend_cuda)
    # fathom::cuda is objects and stays objects: nothing but a weak symbol refers to them.
    install(TARGETS fathom_backend_cuda fathom_cuda_runtime EXPORT fathom_targets
        OBJECTS DESTINATION "${CMAKE_INSTALL_LIBDIR}/fathom" ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
endif()
install(EXPORT fathom_targets NAMESPACE fathom:: FILE fathom-targets.cmake DESTINATION "${fathom_config_dir}")

set(fathom_with_cuda ${FATHOM_CUDA})
configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/fathom-config.cmake.in" "${PROJECT_BINARY_DIR}/fathom-config.cmake"
    INSTALL_DESTINATION "${fathom_config_dir}")
# Before 1.0 a minor version may break programs.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/fathom-config-version.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/fathom-config.cmake" "${PROJECT_BINARY_DIR}/fathom-config-version.cmake" DESTINATION "${fathom_config_dir}")
