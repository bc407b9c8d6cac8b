/* Decoders of others: plug-ins, and programs that talk over pipes (docs/your-decoder.md). Option -b takes their names
 * beside those of the backends. Their code never runs in the harness itself, only in the child process of a sample. */
#ifndef HARNESS_FOREIGN_H
#define HARNESS_FOREIGN_H

#include "../../backends/backend.h"
#include "../results/sample.h"
#include "../sinks/sink.h"

enum foreign_kind {
    FOREIGN_LENDS,   /* a plug-in that lends bytes, as a backend does: the core decodes them */
    FOREIGN_DECODES, /* a plug-in that decodes by itself */
    FOREIGN_PROGRAM, /* a program that does */
};

enum { FOREIGN_NAME = 32, FOREIGN_TEXT = 128, FOREIGN_SINKS = 16 };

/* Of a program: from its decoder.json. */
struct foreign_program {
    const char *folder;       /* where it runs */
    const char *const *start; /* its command line; ends with NULL */
    unsigned warm;            /* decodes before the clock, for compilers that work while it runs */
};

/* Stays as long as this program. Texts are clean, see sample_clean_text(). */
struct foreign {
    struct backend backend; /* its place among the backends, and the first member: .name is ours, .foreign this */
    enum foreign_kind kind;
    char name[FOREIGN_NAME]; /* "mine.so", "dbn/batches" */
    const char *path;        /* of the shared object, or of what is started; NULL: there is none */
    char does[FOREIGN_NAME]; /* with records: "in place", "copies", "allocates"; "": unknown */
    char version[FOREIGN_TEXT], summary[FOREIGN_TEXT]; /* "": unknown. Of a program its hello tells the version */

    /* SAMPLE_OK; or it cannot run, for this reason: then each of its cases is a row that ends so. */
    enum sample_outcome outcome;
    char why[LIMIT_WHY];

    /* Of those that decode. */
    char sinks[FOREIGN_SINKS][FOREIGN_NAME]; /* that it has; the last is "" */
    bool zstd, threads;                      /* it reads compressed files; it takes a number of threads */

    struct foreign_program program;
};

/* Does it decode by itself, and so whole files only? NULL is a backend of ours. */
static inline bool foreign_decodes(const struct foreign *f)
{
    return f && f->kind != FOREIGN_LENDS;
}

/* What the word means, a plug-in or decoder programs; ends with NULL. NULL: none; then why is "" if it has not the form
 * of such a word, or says what is wrong. */
const struct foreign *const *foreign_find(const char *word, char *why, size_t size);

/* By how much longer a child may take for a sample: to say more of a program than that its time is over. */
static inline int foreign_grace_ms(const struct foreign *f)
{
    return f && f->kind == FOREIGN_PROGRAM ? 2000 : 0;
}

bool foreign_has_sink(const struct foreign *f, const char *sink);

/* For a run line: its names, where it lies, and what tells it from other versions of itself. */
json_t *foreign_json(const struct foreign *f);

/* What a sample asks for. */
struct foreign_work {
    const struct foreign *foreign;
    const char *const *paths; /* a decode is one of each */
    size_t files;
    const char *sink;
    unsigned threads;
    uint64_t decodes; /* timed, one after the other. 0: it is only asked who it is */
    int timeout_ms;   /* for all of it */
};

/* What came of it. A reading that nobody took is all zero. */
struct foreign_result {
    enum sample_outcome outcome; /* of all but the comparison, which is the caller's */
    char error[SAMPLE_ERROR];    /* "" if OK: one line; of a program with the last lines of its standard error */
    bool refused;                /* it failed, and that is what it says itself */

    /* Of one decode, all files together, if OK. Each decode came to the same, or it is a mismatch. */
    uint64_t records, sums[SUMS];
    bool has_digest;
    uint64_t digest;

    uint64_t wall_ns; /* of all decodes */
    struct reading cpu_ns, minor_faults, major_faults;
    struct reading syscr, disk_bytes, max_rss_bytes; /* syscr: read calls */
    struct reading empty_ns;                         /* that a command takes which does nothing */
    char version[FOREIGN_TEXT];                      /* as it says itself */
};

/* Did it find what the reference decoder did? False: why names the first difference. */
bool foreign_agrees(const struct foreign_result *r, uint64_t records, const uint64_t sums[SUMS], uint64_t digest,
                    char *why, size_t size);

/* Has a child decode with it, in the time of *work and so many bytes of memory (0: no limit), and sets *r, whatever
 * becomes of that child. False: stopped by a signal. */
bool foreign_decode(const struct foreign_work *work, uint64_t memory_limit, struct foreign_result *r);

/* Starts the program and asks who it is: sets the outcome, the error and the version. */
void foreign_ask(const struct foreign *f, struct foreign_result *r);

/* Is called in the sample's child process, and sets *r. What it starts ends with it, however that ends. For plug-ins
 * see plugin.h. */
void program_sample(const struct foreign_work *work, struct foreign_result *r);

/* What the word behind "decoder:" means, with a mode or with all of its modes; ends with NULL. NULL, with the reason in
 * why: there is no such decoder. One that is there but cannot run says so by its .why. */
const struct foreign *const *manifest_find(const char *word, char *why, size_t size);

#endif
