# Writes a C++ source that holds the bytes of INPUT:  cmake -DINPUT=data/iris.csv -DOUTPUT=x.cpp -P embed.cmake
file(READ ${INPUT} text)
string(REPLACE ")nadir\"" "" checked "${text}")
file(WRITE ${OUTPUT}.new "// Made from ${INPUT} by cmake/embed.cmake.\n#include \"nadir/cli/built_in.hpp\"\n\nnamespace nadir::cli {\n\nconst std::string_view built_in_csv = R\"nadir(${checked})nadir\";\n\n}  // namespace nadir::cli\n")
file(COPY_FILE ${OUTPUT}.new ${OUTPUT} ONLY_IF_DIFFERENT)
