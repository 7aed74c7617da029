#include "cli/program.hpp"

int main(int argc, char** argv) { return fergraph::run_program(argc, argv); }
