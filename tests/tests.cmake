# Tests that belong to no room. Each entry is a program or a script whose exit code is the verdict.
# Label `house`: looks at the sources only, so one build runs it. Label `long`: minutes.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
add_test(NAME layers COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tests/layers.py ${PROJECT_SOURCE_DIR})
add_test(NAME format COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tests/style.py ${PROJECT_SOURCE_DIR})
add_test(NAME map COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tests/map.py ${PROJECT_SOURCE_DIR})
add_test(NAME changelog COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tests/changelog.py
                                ${PROJECT_SOURCE_DIR}/CHANGELOG.md)
add_test(NAME tidy COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tests/tidy.py ${PROJECT_SOURCE_DIR}
                           ${PROJECT_BINARY_DIR}/tidy 2)
set_tests_properties(layers format map changelog PROPERTIES LABELS house)
set_tests_properties(tidy PROPERTIES LABELS "house;long" PROCESSORS 2 TIMEOUT 1800)

foreach(forged forgeries gated_forgeries)
  add_executable(${forged}_test ${PROJECT_SOURCE_DIR}/tests/${forged}_test.cpp)
  target_include_directories(${forged}_test PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${forged}_test PRIVATE nadir_spectral nadir_convex nadir_model nadir_verify nadir_test_main)
  gtest_discover_tests(${forged}_test DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 600)
endforeach()

add_executable(linear_certificates_test ${PROJECT_SOURCE_DIR}/tests/linear_certificates_test.cpp)
target_include_directories(linear_certificates_test PRIVATE ${PROJECT_SOURCE_DIR})
target_link_libraries(linear_certificates_test PRIVATE nadir_linear nadir_model nadir_verify nadir_test_main)
gtest_discover_tests(linear_certificates_test DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 600)

# The two programs from outside. Unit tests of Python are chosen by class, in lots that take about as long.
set(cli_test ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tests/cli_test.py $<TARGET_FILE:nadir>
             $<TARGET_FILE:nadir-verify> ${PROJECT_SOURCE_DIR})
add_test(NAME cli COMMAND ${cli_test} Use ExitCodes BadInput SameBytes Certify Linear Planted Particle Kernel Powers Npz)
add_test(NAME cli_convex COMMAND ${cli_test} Gated Relu Resume)
add_test(NAME cli_long COMMAND ${cli_test} LongRuns LongResume LongSevenSets)
set_tests_properties(cli cli_convex PROPERTIES TIMEOUT 1200)
set_tests_properties(cli_long PROPERTIES LABELS long TIMEOUT 3600)

# What ONNX Runtime says of exported networks; needs the packages of `scripts/setup --tests`.
set(venv_python ${PROJECT_SOURCE_DIR}/build/venv/bin/python3)
add_test(NAME export COMMAND ${venv_python} ${PROJECT_SOURCE_DIR}/tests/export_test.py $<TARGET_FILE:nadir>
                             ${PROJECT_SOURCE_DIR})
set_tests_properties(export PROPERTIES TIMEOUT 1200)

# What a C++ user does: find_package(nadir) from an installed prefix.
add_test(NAME examples COMMAND ${PROJECT_SOURCE_DIR}/tests/examples.sh ${PROJECT_BINARY_DIR} ${PROJECT_SOURCE_DIR}
                               ${CMAKE_CXX_COMPILER})
add_test(NAME tutorial COMMAND ${PROJECT_SOURCE_DIR}/tests/tutorial.sh ${PROJECT_BINARY_DIR} ${PROJECT_SOURCE_DIR}
                               ${venv_python})
set_tests_properties(export examples tutorial PROPERTIES LABELS long)  # seconds, but of the release's libraries only

# The Python package, by the interpreter that it was built for.
if(NADIR_PYTHON)
  add_test(NAME python COMMAND ${NADIR_PYTHON_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tests/python_test.py
                               $<TARGET_FILE:nadir> $<TARGET_FILE:nadir-verify> ${PROJECT_SOURCE_DIR})
  set_tests_properties(python PROPERTIES ENVIRONMENT "PYTHONPATH=${PROJECT_BINARY_DIR}/python" TIMEOUT 1200)
endif()
