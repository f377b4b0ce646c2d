// The program: the command line is the door to every other one.

#include "door/cli/command.h"

int main(int argc, char** argv) {
    return cli::run(argc, argv);
}
