# Tests lie beside what they test (nadir/ROOM/*_test.cpp); what no room owns is in tests/.
include(GoogleTest)
add_library(nadir_test_main INTERFACE)
target_link_libraries(nadir_test_main INTERFACE GTest::gtest GTest::gtest_main)
target_compile_definitions(nadir_test_main INTERFACE NADIR_SOURCE_DIR="${PROJECT_SOURCE_DIR}")

foreach(room IN LISTS NADIR_ROOMS)
  file(GLOB sources CONFIGURE_DEPENDS nadir/${room}/*_test.cpp)
  if(sources)
    add_executable(${room}_test ${sources})
    target_link_libraries(${room}_test PRIVATE nadir_${room} nadir_test_main)
    gtest_discover_tests(${room}_test DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 1500)
  endif()
endforeach()
# Its lies are about polynomial models, under the names that the other kinds' lies have.
set_source_files_properties(nadir/verify/lies_test.cpp PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
include(tests/tests.cmake)
