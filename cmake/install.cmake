# find_package(fergraph) gives fergraph::graph, ::datasets, ::cache, ::nodes, ::report and ::cli, to build programs with
# nodes of their own (examples/own_node).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(libraries graph datasets cache nodes report cli)
list(TRANSFORM libraries PREPEND fergraph_ OUTPUT_VARIABLE targets)
install(TARGETS ${targets} fergraph_torch fergraph_opencv fergraph_hdf5 fergraph EXPORT fergraph)
install(EXPORT fergraph NAMESPACE fergraph:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/fergraph FILE fergraph-targets.cmake)
install(DIRECTORY ${libraries} DESTINATION include/fergraph FILES_MATCHING PATTERN "*.hpp")
install(DIRECTORY pipelines DESTINATION ${CMAKE_INSTALL_DATADIR}/fergraph)
configure_file(cmake/fergraph-config.cmake.in fergraph-config.cmake @ONLY)
write_basic_package_version_file(fergraph-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/fergraph-config.cmake ${CMAKE_CURRENT_BINARY_DIR}/fergraph-config-version.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/fergraph)
