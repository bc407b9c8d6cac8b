/* Decoder programs to begin with, one in each of several languages: the files of decoders/skeletons. */
#ifndef HARNESS_SKELETON_H
#define HARNESS_SKELETON_H

struct skeleton {
    const char *language, *file; /* file: its name */
    const char *text, *manifest; /* of the file, and of decoder.json, where SKELETON_NAME stands for the decoder's */
};
#define SKELETON_NAME "@NAME@"

/* Ends with one without a language. */
extern const struct skeleton skeletons[];

#endif
