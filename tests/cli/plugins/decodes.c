/* A plug-in that decodes: it maps a file that is not compressed, and adds up what `sum` does. It knows the records that
 * have a price and a size, by rtype. */
#include "dbnbench_plugin.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef __cplusplus
extern "C" {
#endif

static uint64_t load(const uint8_t *p, size_t n)
{
    uint64_t value = 0;
    memcpy(&value, p, n);
    return value;
}

static void add_up(const uint8_t *at, const uint8_t *end, struct dbnbench_found *found)
{
    for (; at < end; at += 4 * at[0]) {
        int mbo = at[1] == 0xA0, market = at[1] <= 0x0A || at[1] >= 0xB1;
        found->records++;
        found->sum_ts_event += load(at + 8, 8);
        if (mbo || market) {
            found->sum_price += load(at + (mbo ? 24 : 16), 8);
            found->sum_size += load(at + (mbo ? 32 : 24), 4);
        }
    }
}

static int decode(const struct dbnbench_work *work, struct dbnbench_found *found)
{
    struct stat st;
    int fd = open(work->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0) {
        strcpy(found->error, "it cannot be opened");
        return -1;
    }
    size_t size = (size_t)st.st_size;
    const uint8_t *p = (const uint8_t *)mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (p == MAP_FAILED || size < 8) {
        strcpy(found->error, "it cannot be mapped");
        return -1;
    }
    add_up(p + 8 + load(p + 4, 4), p + size, found);
    munmap((void *)p, size);
    return 0;
}

const struct dbnbench_plugin *dbnbench_plugin(uint32_t host_abi)
{
    static struct dbnbench_plugin plugin;
    plugin.abi = DBNBENCH_PLUGIN_ABI;
    plugin.size = sizeof plugin;
    plugin.name = "decodes";
    plugin.version = "1.2.3";
    plugin.summary = "a loop over a mapped file";
    plugin.does = "in place";
    plugin.kind = DBNBENCH_DECODES;
    plugin.decode = decode;
#ifdef FLAGS
    plugin.flags = FLAGS;
#endif
    return host_abi >= 1 ? &plugin : NULL;
}

#ifdef __cplusplus
}
#endif
