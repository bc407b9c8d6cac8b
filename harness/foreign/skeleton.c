#include "skeleton.h"

#include "../text/embed.h"

#include <stddef.h>

#define SKELETONS                                                                                                      \
    SKELETON(c, "decoder.c")                                                                                           \
    SKELETON(cpp, "decoder.cpp")                                                                                       \
    SKELETON(rust, "decoder.rs")                                                                                       \
    SKELETON(python, "decoder.py")                                                                                     \
    SKELETON(go, "decoder.go")                                                                                         \
    SKELETON(julia, "decoder.jl")                                                                                      \
    SKELETON(java, "Decoder.java")

#define SKELETON(language, name)                                                                                       \
    EMBED(manifest_##language, "decoders/skeletons/" #language "/decoder.json");                                       \
    EMBED(source_##language, "decoders/skeletons/" #language "/" name);
SKELETONS
#undef SKELETON

const struct skeleton skeletons[] = {
#define SKELETON(language, name) {#language, name, source_##language, manifest_##language},
    SKELETONS
#undef SKELETON
    {NULL, NULL, NULL, NULL},
};
