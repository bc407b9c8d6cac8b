/* Compresses a DBN stream into zstd frames that end where a record does, so that readers can begin with any of them. */
#ifndef DATASETS_PACK_H
#define DATASETS_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pack_spec {
    size_t frame; /* bytes of the stream in each frame, and what is left of the last record */
    int level;
    bool table; /* behind the frames a skippable one that says how large they are, as in zstd's seekable format */
    int (*write)(void *self, const uint8_t *p, size_t n); /* 0, or an error, which is passed on */
    void *self;
};
enum { PACK_MAX_FRAME = 512 << 20 };

struct pack;

/* 0 or -ENOMEM. */
int pack_open(const struct pack_spec *spec, struct pack **p);
void pack_close(struct pack *p);

/* Metadata: no frame ends in them. */
int pack_bytes(struct pack *p, const uint8_t *bytes, size_t n);
/* The whole, valid records among these bytes. *taken: how many bytes they are. */
int pack_records(struct pack *p, const uint8_t *bytes, size_t n, size_t *taken);
/* The last frame, and the table. *frames: how many there are. */
int pack_end(struct pack *p, uint64_t *frames);

#endif
