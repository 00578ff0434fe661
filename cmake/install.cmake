# The two programs, and the library for others: find_package(nadir) gives nadir::nadir, all rooms but the command line.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
install(TARGETS nadir nadir-verify)

add_library(nadir_library INTERFACE)
set_target_properties(nadir_library PROPERTIES EXPORT_NAME nadir)
target_compile_features(nadir_library INTERFACE cxx_std_20)
# Eigen's matrices are aligned, and so freed, by what the processor has: both sides must be compiled for the same one.
target_compile_definitions(nadir_library INTERFACE EIGEN_DONT_PARALLELIZE)
if(NADIR_ARCH)
  target_compile_options(nadir_library INTERFACE -march=${NADIR_ARCH})
endif()
target_include_directories(nadir_library INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
set(rooms_for_others ${NADIR_ROOMS})
list(REMOVE_ITEM rooms_for_others cli)
foreach(room IN LISTS rooms_for_others)
  set_target_properties(nadir_${room} PROPERTIES EXPORT_NAME ${room})
  target_include_directories(nadir_${room} INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(nadir_library INTERFACE nadir_${room})
endforeach()
list(TRANSFORM rooms_for_others PREPEND nadir_ OUTPUT_VARIABLE room_targets)

install(TARGETS nadir_library ${room_targets} EXPORT nadir COMPONENT library)
install(DIRECTORY nadir DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT library
        FILES_MATCHING PATTERN "*.hpp" PATTERN "*test_util.hpp" EXCLUDE PATTERN "nadir/cli" EXCLUDE)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/nadir)
install(EXPORT nadir NAMESPACE nadir:: FILE nadir-targets.cmake DESTINATION ${package} COMPONENT library)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/nadir-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_SOURCE_DIR}/cmake/nadir-config.cmake ${CMAKE_BINARY_DIR}/nadir-config-version.cmake
        DESTINATION ${package} COMPONENT library)
