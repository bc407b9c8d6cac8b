/* Drives the generator: metadata, then record after record, in large pieces. */
#include "generate_market.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { BLOCK = 1 << 20, ID_SIZE = 12 };

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

/* --- metadata: those of a request for history, or of a live session --- */

static uint32_t date_of(uint64_t ns)
{
    time_t seconds = (time_t)(ns / MARKET_SECOND);
    struct tm tm;
    gmtime_r(&seconds, &tm);
    return (uint32_t)((tm.tm_year + 1900) * 10000 + (tm.tm_mon + 1) * 100 + tm.tm_mday);
}

/* Midnight behind the data, whose length is only known on average: a quarter and an hour more are enough for any. */
static uint64_t end_of_data(const struct generate_spec *spec)
{
    uint64_t span = spec->records * find_schema(spec->schema)->mean_gap;
    uint64_t last = MARKET_OPEN + span + span / 4 + 3600 * MARKET_SECOND;
    return last - last % MARKET_DAY + MARKET_DAY;
}

/* With the symbols and their mappings. */
static int history_metadata(const struct generate_spec *spec, struct dbn_metadata_spec *md, struct dbn_buffer *to)
{
    static const char *const unknown[] = {"NOSUCH1", "NOSUCH2"};
    uint32_t n = spec->symbols, start_date = date_of(md->start), end_date = date_of(md->end);
    struct {
        char symbol[SYMBOL_SIZE], id[ID_SIZE];
        struct dbn_interval interval;
    } *texts = malloc(n * sizeof *texts);
    const char **symbol = malloc(n * sizeof *symbol);
    struct dbn_mapping_spec *mapping = malloc(n * sizeof *mapping);
    int rc = texts && symbol && mapping ? 0 : -ENOMEM;
    for (uint32_t i = 0; i < n && rc == 0; i++) {
        contract_symbol(i, texts[i].symbol);
        snprintf(texts[i].id, ID_SIZE, "%u", (unsigned)contract_instrument_id(i));
        texts[i].interval = (struct dbn_interval){start_date, end_date, texts[i].id};
        symbol[i] = texts[i].symbol;
        mapping[i] = (struct dbn_mapping_spec){symbol[i], 1, &texts[i].interval};
    }
    md->symbols = (struct dbn_symbols_spec){n, symbol};
    md->mappings = n;
    md->mapping = mapping;
    if (strcmp(spec->schema, "all") == 0) { /* has something in every list */
        md->partial = (struct dbn_symbols_spec){1, symbol};
        md->not_found = (struct dbn_symbols_spec){2, unknown};
    }
    if (rc == 0)
        rc = dbn_encode_metadata(md, to);
    free(mapping);
    free(symbol);
    free(texts);
    return rc;
}

static int make_metadata(const struct generate_spec *spec, struct dbn_buffer *to)
{
    int schema = dbn_schema_number(spec->schema);
    struct dbn_metadata_spec md = {
        .version = spec->version,
        .dataset = "GLBX.MDP3",
        .schema = schema < 0 ? DBN_SCHEMA_NONE : (uint16_t)schema,
        .start = MARKET_OPEN,
        .end = DBN_UNDEF_TIME,
        .stype_in = DBN_STYPE_NONE,
        .stype_out = 0,
        .ts_out = spec->ts_out,
        .symbol_cstr_len = dbn_symbol_cstr_len(spec->version),
    };
    if (strcmp(spec->schema, "mixed") == 0)
        return dbn_encode_metadata(&md, to);
    md.start = MARKET_OPEN - MARKET_OPEN % MARKET_DAY;
    md.end = end_of_data(spec);
    md.stype_in = 1;
    return history_metadata(spec, &md, to);
}

/* --- the stream --- */

static int write_records(const struct generate_spec *spec, struct output to)
{
    const struct schema *schema = find_schema(spec->schema);
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
        rc = spec->stop && *spec->stop ? -EINTR : to.write(to.self, block, filled);
        filled = 0;
    }
    market_end(&market);
    free(block);
    return rc;
}

int generate_stream(const struct generate_spec *spec, struct output to, uint64_t *first_record)
{
    struct dbn_buffer metadata = {0};
    int rc = make_metadata(spec, &metadata);
    if (rc == 0)
        rc = to.write(to.self, metadata.bytes, metadata.size);
    *first_record = metadata.size;
    free(metadata.bytes);
    return rc ? rc : write_records(spec, to);
}

/* --- the manifest as a table --- */

const struct dataset datasets[] = {
#define DATASET(name, file, schema, version, records, symbols, seed, ts_out, zstd_level, frames, set)                  \
    {name, file, set, {schema, version, records, symbols, seed, ts_out, zstd_level, frames, NULL}},
#include "manifest.def"
    {0},
};

const char *dataset_default(const char *command)
{
#define DATASET_DEFAULT(name, words)                                                                                   \
    if (strcmp(command, name) == 0)                                                                                    \
        return words;
#include "manifest.def"
    return NULL;
}

bool dataset_matches(const struct dataset *dataset, const char *list)
{
    const char *words[] = {dataset->name, dataset->set, "all"};
    for (size_t n; *list; list += n + (list[n] == ',')) {
        n = strcspn(list, ",");
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
            if (strlen(words[i]) == n && memcmp(words[i], list, n) == 0)
                return true;
    }
    return false;
}
