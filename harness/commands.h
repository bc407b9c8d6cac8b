/* Every command: COMMAND(name, "what it does") stands for int cmd_name(int argc, char **argv) in cmd_name.c, which
 * parses its own arguments (argv[0] is "dbnbench NAME") and returns an exit code of exit.h. */
COMMAND(list, "list backends, sinks and datasets, and why one is unavailable")
COMMAND(gen, "generate a DBN file")
COMMAND(info, "say what is in a file")
COMMAND(cat, "print every record of a file")
COMMAND(decode, "decode files once, for timing whole processes")
COMMAND(verify, "hold every backend against a plain decode")
COMMAND(run, "measure backends, and store every sample")
