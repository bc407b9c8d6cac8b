/* Plug-ins that go wrong, each in a way of its own: -D one of the names below. */
#include "dbnbench_plugin.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- those that decode --- */

static void *run_for_ever(void *arg)
{
    for (;;)
        pause();
    return arg;
}

/* Writes 'x' to all memory that it shares with dbnbench. */
static void write_anywhere(void)
{
    unsigned long begin, end;
    char line[256], rights[5];
    FILE *maps = fopen("/proc/self/maps", "r");
    while (maps && fgets(line, sizeof line, maps))
        if (sscanf(line, "%lx-%lx %4s", &begin, &end, rights) == 3 && strcmp(rights, "rw-s") == 0)
            memset((void *)begin, 'x', end - begin);
    if (maps)
        fclose(maps);
}

/* What is right, if it was told. */
static void find_all(struct dbnbench_found *found)
{
#if defined RECORDS
    found->records = RECORDS;
    found->sum_ts_event = (uint64_t)TS_EVENT;
    found->sum_price = (uint64_t)PRICE;
    found->sum_size = (uint64_t)SIZE;
#endif
    (void)found;
}

static int decode(const struct dbnbench_work *work, struct dbnbench_found *found)
{
    (void)work;
    found->records = 1;
#if defined TOO_MANY_RECORDS
    found->records = UINT64_MAX;
#elif defined SLEEPS
    sleep(1000);
#elif defined EXITS
    exit(0);
#elif defined ABORTS
    abort();
#elif defined CRASHES
    raise(SIGSEGV);
#elif defined LEAVES_A_THREAD
    pthread_t thread;
    pthread_create(&thread, NULL, run_for_ever, NULL);
    find_all(found);
#elif defined LEAVES_A_PROCESS || defined HIDES_A_PROCESS || defined LEAVES_ONE_AND_EXITS ||                           \
    defined LEAVES_ONE_AND_CRASHES
    if (fork() == 0) {
        setsid();
        if (fork() > 0)
            _exit(0);
        sleep(1000);
    }
#if defined HIDES_A_PROCESS
    sleep(1000);
#elif defined LEAVES_ONE_AND_EXITS
    exit(3);
#elif defined LEAVES_ONE_AND_CRASHES
    raise(SIGSEGV);
#else
    wait(NULL); /* what it left is an orphan by now */
    find_all(found);
#endif
#elif defined TAKES_MEMORY
    for (size_t i = 0; i < 1000; i++)
        memset(malloc(4 << 20), (int)i, 4 << 20);
    sleep(1000);
#elif defined WRITES_ANYWHERE
    write_anywhere();
#elif defined WRITES_ANYWHERE_AND_EXITS
    write_anywhere();
    _exit(0);
#elif defined WRONG_SUMS
    find_all(found);
    found->sum_price = 12;
#elif defined FAILS
    memset(found->error, 'x', sizeof found->error);
    return -1;
#endif
    (void)run_for_ever, (void)write_anywhere, (void)find_all;
    return 0;
}

/* --- those that lend --- */

static uint8_t bytes[1 << 20];

static int open_file(const struct dbnbench_input *in, void **self)
{
    (void)in;
    *self = bytes;
    return 0;
}

static int next(void *self, size_t need, struct dbnbench_span *out)
{
    (void)need;
    *out = (struct dbnbench_span){self, sizeof bytes, 0};
#if defined SPAN_BEHIND_THE_END
    return 1;
#elif defined SPAN_TWICE
    out->len = 1;
    return 1;
#elif defined SPAN_OF_NO_MEMORY
    out->ptr = (const uint8_t *)4096;
    out->len = 100;
    return 1;
#elif defined SPAN_OF_NOTHING
    out->ptr = NULL;
    return 1;
#elif defined ODD_ERROR
    return -123456;
#else
    return 0;
#endif
}

static int close_file(void *self, struct dbnbench_counts *counts)
{
    (void)self, (void)counts;
    return 0;
}

#if defined BREAKS_WHEN_LOADED
__attribute__((constructor)) static void when_loaded(void)
{
    raise(SIGSEGV);
}
#endif

const struct dbnbench_plugin *dbnbench_plugin(uint32_t host_abi)
{
    static struct dbnbench_plugin plugin = {
        .abi = DBNBENCH_PLUGIN_ABI,
        .size = sizeof plugin,
        .name = "hostile",
#if defined LENDS
        .kind = DBNBENCH_LENDS,
#else
        .kind = DBNBENCH_DECODES,
#endif
        .open = open_file,
        .next = next,
        .close = close_file,
        .decode = decode,
    };
    (void)host_abi;
#if defined NO_HOOKS
    plugin.decode = NULL;
#elif defined NO_NEXT
    plugin.next = NULL;
#elif defined SHORT_STRUCT
    plugin.size = 16;
#elif defined WRONG_ABI
    plugin.abi = 77;
#elif defined OTHER_KIND
    plugin.kind = 9;
#elif defined SAYS_THAT_IT_KEEPS_THREADS
    plugin.flags = DBNBENCH_KEEPS_THREADS;
#elif defined REFUSES
    return NULL;
#endif
    return &plugin;
}
