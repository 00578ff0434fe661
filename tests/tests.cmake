# Tests that belong to no room. Each entry is a program or a script whose exit code is the verdict.
# Label `house`: looks at the sources only, so one build runs it. Label `long`: minutes.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
add_test(NAME layers COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tests/layers.py ${PROJECT_SOURCE_DIR})
add_test(NAME format COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tests/style.py ${PROJECT_SOURCE_DIR})
add_test(NAME map COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tests/map.py ${PROJECT_SOURCE_DIR})
add_test(NAME changelog COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tests/changelog.py
                                ${PROJECT_SOURCE_DIR}/CHANGELOG.md)
add_test(NAME tidy COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tests/tidy.py ${PROJECT_SOURCE_DIR}
                           ${PROJECT_BINARY_DIR} 2)
set_tests_properties(layers format map changelog PROPERTIES LABELS house)
set_tests_properties(tidy PROPERTIES LABELS "house;long" PROCESSORS 2 TIMEOUT 1800)
