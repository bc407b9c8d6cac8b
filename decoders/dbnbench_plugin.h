/* A plug-in: your way of reading or decoding DBN files, measured by dbnbench beside its own, without a rebuild.
 *
 *     cc -O3 -fPIC -shared -o mine.so mine.c
 *     dbnbench verify -b ./mine.so FILE
 *     dbnbench run -b mmap,./mine.so -s sum FILE
 *
 * A plug-in exports dbnbench_plugin(), and nothing else is asked of it. This header is C and C++, needs no other file
 * of dbnbench, and is all that both sides know of each other. Later versions only append members to structs. So each
 * struct begins with its size, a plug-in that was built once runs for ever, and what one side does not know reads as 0.
 *
 * dbnbench loads a plug-in in the child process of each sample. A crash, a hang or a call of exit() there costs a row
 * of the table. What it finds is compared with what the reference decoder found: no number without that. */
#ifndef DBNBENCH_PLUGIN_H
#define DBNBENCH_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DBNBENCH_PLUGIN_ABI 1u

/* --- a plug-in that lends bytes ---
 *
 * It moves the bytes of a file, and dbnbench decodes them: compressed ones too, which it lends as they are. Each open
 * file has a handle of its own. Several may be open in several threads. */

struct dbnbench_input {
    uint32_t size;   /* of this struct */
    uint32_t advice; /* for the kernel: 0 none, 1 sequential, 2 willneed, 3 populate, and others (option --advise) */
    const char *path;
    uint64_t begin, end; /* the bytes of the file to lend; end: UINT64_MAX for all */
    uint64_t block;      /* bytes to ask for at a time; 0: your own choice */
};

struct dbnbench_span {
    const uint8_t *ptr;
    size_t len;
    uint64_t offset; /* of ptr[0] in the file */
};

/* Set what you counted, and leave what you did not. What is left is shown as unknown. */
struct dbnbench_counts {
    uint32_t size, reserved;
    uint64_t reads;      /* calls of read(2) and its kin */
    uint64_t other;      /* further system calls: open, fstat, mmap, ... */
    uint64_t bytes_read; /* by those reads */
    uint64_t copied;     /* bytes that you copied yourself, on top of that */
};

/* How much it is asked for at a time: whatever it likes to lend, the header and then the rest of a record, or each
 * field by itself. */
enum dbnbench_step { DBNBENCH_STEP_BLOCK, DBNBENCH_STEP_RECORD, DBNBENCH_STEP_FIELD };

/* What open(), next() and close() return instead of -errno. */
enum dbnbench_error {
    DBNBENCH_UNSUPPORTED_FILE = -10001, /* not a regular file */
    DBNBENCH_FILE_CHANGED = -10002,     /* what was lent is not the file that was opened */
};

/* --- a plug-in that decodes --- */

struct dbnbench_work {
    uint32_t size; /* of this struct */
    uint32_t threads;
    const char *path; /* of the whole file, from open to close */
    const char *sink; /* what is done with the records: one of your sinks */
};

/* The sums are of the sink "sum", mod 2^64: of ts_event of each record, and of price and size of those types that have
 * both. Prices count as signed numbers of 64 bits. docs/method.md says per schema what that is. */
struct dbnbench_found {
    uint32_t size;       /* of this struct */
    uint32_t has_digest; /* set it to 1 if you set the digest */
    uint64_t records;
    uint64_t sum_ts_event, sum_price, sum_size;
    uint64_t digest; /* optional: see harness/sinks/digest.h */
    char error[256]; /* why decode() failed: one line */
};

/* --- both --- */

enum dbnbench_kind { DBNBENCH_LENDS = 1, DBNBENCH_DECODES = 2 };

/* Flags of a plug-in. */
enum dbnbench_flag {
    DBNBENCH_MAPPED = 1,         /* lends: the file's own pages, so there are page faults instead of read calls */
    DBNBENCH_LAZY = 2,           /* lends: nothing is read before somebody touches what was lent */
    DBNBENCH_ZSTD = 4,           /* decodes: compressed files as well */
    DBNBENCH_THREADS = 8,        /* decodes: with as many threads as it is asked for */
    DBNBENCH_KEEPS_THREADS = 16, /* a runtime or a pool has threads that outlive the call. Without this flag one that is
                                    left running is an error */
};

struct dbnbench_plugin {
    uint32_t abi;                         /* DBNBENCH_PLUGIN_ABI */
    uint32_t size;                        /* sizeof(struct dbnbench_plugin) */
    const char *name, *version, *summary; /* version: of your decoder, as you would write it in a table */
    const char *does;                     /* with records: "in place", "copies" or "allocates"; NULL: you do not say */
    uint32_t kind;                        /* enum dbnbench_kind */
    uint32_t flags;                       /* enum dbnbench_flag */

    /* Lends. All three hooks are required. They return < 0 for an error.
     * next(): 1 and *out lends the next bytes, at least one, valid until the next call; 0: all were lent. need: the
     * fewest bytes with which the decoder can go on, a hint. */
    uint32_t step; /* enum dbnbench_step */
    uint32_t reserved;
    uint64_t block; /* bytes that it reads at a time, unless it is told otherwise; 0: it has no blocks */
    int (*open)(const struct dbnbench_input *in, void **self);
    int (*next)(void *self, size_t need, struct dbnbench_span *out);
    int (*close)(void *self, struct dbnbench_counts *counts);

    /* Decodes. The hook is required: 0 and *found is set, or else found->error says why not. It is called several
     * times, and has to do all of the work each time. */
    const char *const *sinks; /* ends with NULL; NULL: "sum" alone */
    int (*decode)(const struct dbnbench_work *work, struct dbnbench_found *found);
};

/* The one exported function. host_abi: the newest version that dbnbench knows. What it returns stays valid; NULL: it
 * cannot run with this host. */
__attribute__((visibility("default"))) const struct dbnbench_plugin *dbnbench_plugin(uint32_t host_abi);

#ifdef __cplusplus
}
#endif
#endif
