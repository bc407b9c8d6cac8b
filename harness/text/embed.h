/* Files of the tree in the program itself: it is installed alone, and runs in any folder. */
#ifndef HARNESS_EMBED_H
#define HARNESS_EMBED_H

/* Makes `symbol` the text of the file. An object that embeds files is listed with them in the Makefile. */
#define EMBED(symbol, path)                                                                                            \
    extern const char symbol[] __attribute__((visibility("hidden")));                                                  \
    __asm__(".pushsection .rodata\n"                                                                                   \
            ".globl " #symbol "\n"                                                                                     \
            ".hidden " #symbol "\n" #symbol ":\n"                                                                      \
            ".incbin \"" path "\"\n"                                                                                   \
            ".byte 0\n"                                                                                                \
            ".popsection\n")

#endif
