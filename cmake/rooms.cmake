# One static library per room, linked as nadir/LAYERS allows: an include that the map forbids does not link.
set(NADIR_EXTERNAL_base Eigen3::Eigen Threads::Threads OpenSSL::Crypto)
set(NADIR_EXTERNAL_data ZLIB::ZLIB nlohmann_json::nlohmann_json)
set(NADIR_EXTERNAL_net nlohmann_json::nlohmann_json)
set(NADIR_EXTERNAL_claim nlohmann_json::nlohmann_json)
set(NADIR_EXTERNAL_path nlohmann_json::nlohmann_json)
set(NADIR_EXTERNAL_model nlohmann_json::nlohmann_json)
set(NADIR_EXTERNAL_train nlohmann_json::nlohmann_json)
set(NADIR_EXTERNAL_spectral nlohmann_json::nlohmann_json)
set(NADIR_EXTERNAL_verify ZLIB::ZLIB nlohmann_json::nlohmann_json OpenSSL::Crypto mpfr gmpxx gmp)
set(NADIR_EXTERNAL_cli CLI11::CLI11 nlohmann_json::nlohmann_json)

set(NADIR_ROOMS "")
file(STRINGS nadir/LAYERS layer_lines REGEX "^[a-z]+:")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS nadir/LAYERS)
foreach(line IN LISTS layer_lines)
  string(REGEX MATCH "^([a-z]+):(.*)$" _ "${line}")
  set(room ${CMAKE_MATCH_1})
  string(REGEX MATCHALL "[a-z]+" allowed "${CMAKE_MATCH_2}")
  list(APPEND NADIR_ROOMS ${room})
  file(GLOB sources CONFIGURE_DEPENDS nadir/${room}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$|/main\\.cpp$")
  if(sources)
    add_library(nadir_${room} STATIC ${sources})
    set(scope PUBLIC)
  else()
    add_library(nadir_${room} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(nadir_${room} ${scope} $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
  foreach(other IN LISTS allowed)
    target_link_libraries(nadir_${room} ${scope} nadir_${other})
  endforeach()
  target_link_libraries(nadir_${room} ${scope} ${NADIR_EXTERNAL_${room}})
endforeach()

# Readers of ONNX stand on protozero, headers only.
target_include_directories(nadir_exchange SYSTEM PUBLIC $<BUILD_INTERFACE:${PROTOZERO_INCLUDE_DIR}>)
# The verifier switches rounding modes; the compiler must not move or fold arithmetic across the switch.
target_compile_options(nadir_verify PRIVATE -frounding-math)
# So does the one source of ours that must round upward.
set_source_files_properties(nadir/spectral/concavity.cpp PROPERTIES COMPILE_OPTIONS -frounding-math)
# The data set that `nadir train` runs on when none is given.
add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/built_in.cpp
  COMMAND ${CMAKE_COMMAND} -DINPUT=data/iris.csv -DOUTPUT=${CMAKE_BINARY_DIR}/built_in.cpp -P cmake/embed.cmake
  WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} DEPENDS data/iris.csv cmake/embed.cmake)
target_sources(nadir_cli PRIVATE ${CMAKE_BINARY_DIR}/built_in.cpp)
set_source_files_properties(${CMAKE_BINARY_DIR}/built_in.cpp PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
