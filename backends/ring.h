/* A bounded ring between one producer and any number of consumers: blocks of bytes are filled, wait in a queue, are
 * lent, and come back. A side with nothing to do sleeps until there is work for half a ring: waking a thread costs
 * more than a block does. */
#ifndef BACKENDS_RING_H
#define BACKENDS_RING_H

#include "../dbn/dbn.h"

#include <pthread.h>

enum { RING_BLOCKS = 16 };

struct block {
    struct block *next;
    const uint8_t *ptr; /* what is lent of data */
    size_t len;
    uint64_t offset;             /* of ptr in the stream */
    _Alignas(64) uint8_t data[]; /* ring.room bytes */
};

struct block_list {
    struct block *first, **last;
    size_t count;
};

struct ring {
    size_t room; /* of a block's data, in bytes */
    pthread_t producer;
    pthread_mutex_t lock;
    pthread_cond_t filled, freed;
    struct block_list queue, unused;
    bool ended, cancelled;
    int outcome; /* once ended: 0 or the error that every consumer gets behind the last block, */
    uint64_t fault;
    uint64_t waited; /* ns of CLOCK_MONOTONIC that consumers slept, all together, for blocks at waits_from or behind */
    uint64_t waits_from; /* an offset in the stream; set before the first block is published */
};

/* Starts the producer, a thread that runs main(arg). 0 or -errno. */
int ring_open(struct ring *r, size_t room, void *(*main)(void *), void *arg);
/* Ends the producer. The consumers are gone, and have given back all blocks. */
void ring_close(struct ring *r);

/* Makes the ring a block larger: each consumer holds one. 0 or -ENOMEM. */
int ring_grow(struct ring *r);

/* For the producer: an empty block, once there is one. NULL when the ring is closed. */
struct block *ring_take_unused(struct ring *r);
void ring_publish(struct ring *r, struct block *b);
/* No more blocks come. */
void ring_end(struct ring *r, int outcome, uint64_t fault);

/* For a consumer: gives `used` back (NULL: none) and gets the next block, once there is one; NULL behind the last. */
struct block *ring_exchange(struct ring *r, struct block *used);
void ring_give_back(struct ring *r, struct block *used);

#endif
