// nadir-verify MODEL DATA: accept or reject a certificate.
#include "nadir/verify/command.hpp"

int main(int argc, char** argv) { return nadir::verify::run_command({argv + 1, argv + argc}); }
