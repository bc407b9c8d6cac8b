/* The backend mmap as a plug-in: as it is in the tree, behind the functions of the plug-in's header. */
#include "../../../backends/backend.h"
#include "../../../decoders/dbnbench_plugin.h"

extern const struct backend backend_mmap;

static int translated(int rc)
{
    return rc == DBN_E_FILE_CHANGED       ? DBNBENCH_FILE_CHANGED
           : rc == DBN_E_UNSUPPORTED_FILE ? DBNBENCH_UNSUPPORTED_FILE
                                          : rc;
}

static int mmap_open(const struct dbnbench_input *in, void **self)
{
    const struct backend_input input = {.path = in->path,
                                        .begin = in->begin,
                                        .end = in->end,
                                        .block = (size_t)in->block,
                                        .advice = (enum backend_advice)in->advice};
    return translated(backend_mmap.open(&input, self));
}

static int mmap_next(void *self, size_t need, struct dbnbench_span *out)
{
    struct dbn_span span;
    int rc = backend_mmap.next(self, need, &span);
    *out = (struct dbnbench_span){span.ptr, span.len, span.offset};
    return translated(rc);
}

static int mmap_close(void *self, struct dbnbench_counts *counts)
{
    struct backend_counts c;
    int rc = backend_mmap.close(self, &c);
    counts->reads = c.reads;
    counts->other = c.other;
    counts->bytes_read = c.bytes_read;
    counts->copied = c.copied;
    return translated(rc);
}

const struct dbnbench_plugin *dbnbench_plugin(uint32_t host_abi)
{
    static const struct dbnbench_plugin plugin = {
        .abi = DBNBENCH_PLUGIN_ABI,
        .size = sizeof plugin,
        .name = "mmap",
        .version = "1",
        .summary = "the whole file mapped and lent in one piece",
        .does = "in place",
        .kind = DBNBENCH_LENDS,
        .flags = DBNBENCH_MAPPED | DBNBENCH_LAZY,
        .open = mmap_open,
        .next = mmap_next,
        .close = mmap_close,
    };
    return host_abi >= 1 ? &plugin : NULL;
}
