/* Drives the generator: metadata, then record after record, in large pieces. */
#include "generate.h"

#include "generate_market.h"
#include "generate_output.h"

#include <errno.h>
#include <stdlib.h>

enum { BLOCK = 1 << 20 };

static const struct schema {
    const char *name;
    uint64_t mean_gap; /* ns between records, on average or (bars, definitions) at most */
    size_t (*make)(struct market *m, uint8_t *p);
} schemas[] = {
    {"trades", 1000000, make_trade},
    {"mbo", 50000, make_mbo},
    {"mbp-1", 100000, make_mbp1},
    {"mbp-10", 100000, make_mbp10},
    {"ohlcv-1s", MARKET_SECOND, make_ohlcv},
    {"definition", 20000, make_definition},
    {"mixed", 50000, make_mixed},
    {"all", 100000, make_all},
};

enum { SCHEMAS = sizeof schemas / sizeof schemas[0] };

const char *const generate_schemas[] = {
    "trades", "mbo", "mbp-1", "mbp-10", "ohlcv-1s", "definition", "mixed", "all", NULL,
};

static const struct schema *find_schema(const char *name)
{
    for (size_t i = 0; i < SCHEMAS; i++)
        if (strcmp(schemas[i].name, name) == 0)
            return &schemas[i];
    return NULL;
}

int generate_check(const struct generate_spec *spec)
{
    bool fine = spec->schema && find_schema(spec->schema) && spec->version >= 1 && spec->version <= DBN_VERSIONS &&
                spec->records <= GENERATE_MAX_RECORDS && spec->symbols >= 1 && spec->symbols <= GENERATE_MAX_SYMBOLS &&
                spec->zstd_level <= GENERATE_MAX_LEVEL && spec->frames <= GENERATE_MAX_FRAMES &&
                (spec->zstd_level > 0 || spec->frames <= 1);
    return fine ? 0 : -EINVAL;
}

static bool stopped(const struct generate_spec *spec)
{
    return spec->stop && *spec->stop;
}

static int write_records(const struct generate_spec *spec, const struct schema *schema, struct output to)
{
    struct market market;
    uint8_t *block = malloc(BLOCK);
    int rc = block ? market_begin(&market, spec, schema->mean_gap) : -ENOMEM;
    if (rc) {
        free(block);
        return rc;
    }
    size_t filled = 0;
    for (uint64_t i = 0; i < spec->records && rc == 0; i++) {
        filled += schema->make(&market, block + filled);
        if (filled < BLOCK - DBN_MAX_RECORD && i + 1 < spec->records)
            continue;
        rc = stopped(spec) ? -EINTR : to.write(to.self, block, filled);
        filled = 0;
    }
    market_end(&market);
    free(block);
    return rc;
}

static int write_stream(const struct generate_spec *spec, const struct dbn_buffer *metadata, struct output to)
{
    int rc = to.write(to.self, metadata->bytes, metadata->size);
    return rc ? rc : write_records(spec, find_schema(spec->schema), to);
}

static int count_bytes(void *self, const uint8_t *p, size_t n)
{
    (void)p;
    *(uint64_t *)self += n;
    return 0;
}

/* To cut a stream into frames its length must be known, and to know it, it is generated once for nothing. */
static int write_packed(const struct generate_spec *spec, const struct dbn_buffer *metadata, struct output to)
{
    struct packing how = {
        .level = spec->zstd_level,
        .frames = spec->frames ? spec->frames : 1,
        .first_record = metadata->size,
        .seed = spec->seed,
    };
    int rc = 0;
    if (how.frames > 1)
        rc = write_stream(spec, metadata, (struct output){count_bytes, &how.total});
    struct packer *packer;
    if (rc == 0)
        rc = packer_open(&how, to, &packer);
    if (rc)
        return rc;
    rc = write_stream(spec, metadata, (struct output){packer_write, packer});
    if (rc == 0)
        rc = packer_finish(packer);
    packer_close(packer);
    return rc;
}

static int generate(const struct generate_spec *spec, struct output to)
{
    int rc = generate_check(spec);
    if (rc)
        return rc;
    struct dbn_buffer metadata = {0};
    rc = generate_metadata(spec, find_schema(spec->schema)->mean_gap, &metadata);
    if (rc == 0)
        rc = write_packed(spec, &metadata, to);
    free(metadata.bytes);
    return rc;
}

int generate_file(const struct generate_spec *spec, const char *path, bool replace, uint64_t *size)
{
    struct output_file file;
    int rc = generate_check(spec);
    if (rc == 0)
        rc = output_file_open(&file, path, replace);
    if (rc)
        return rc;
    rc = generate(spec, (struct output){output_file_write, &file});
    if (rc == 0)
        rc = output_file_sync(&file);
    if (rc == 0 && stopped(spec))
        rc = -EINTR;
    if (rc) {
        output_file_discard(&file);
        return rc;
    }
    if (size)
        *size = file.size;
    return output_file_publish(&file);
}

static int write_memory(void *self, const uint8_t *p, size_t n)
{
    uint8_t *to = dbn_buffer_extend(self, n);
    if (!to)
        return -ENOMEM;
    memcpy(to, p, n);
    return 0;
}

int generate_memory(const struct generate_spec *spec, uint8_t **bytes, size_t *size)
{
    struct dbn_buffer buffer = {0};
    int rc = generate(spec, (struct output){write_memory, &buffer});
    if (rc) {
        free(buffer.bytes);
        return rc;
    }
    *bytes = buffer.bytes;
    *size = buffer.size;
    return 0;
}
