/* The metadata of a generated stream: those of a request for history, or of a live session. */
#include "generate_market.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ID_SIZE = 12 };

/* The texts that the specification of the metadata points at. */
struct names {
    char (*symbol)[SYMBOL_SIZE];
    char (*id)[ID_SIZE];
    const char **list;
    struct dbn_interval *interval;
    struct dbn_mapping_spec *mapping;
};

static void names_free(struct names *n)
{
    free(n->mapping);
    free(n->interval);
    free(n->list);
    free(n->id);
    free(n->symbol);
}

static int names_make(struct names *n, uint32_t symbols, uint32_t start_date, uint32_t end_date)
{
    n->symbol = malloc(symbols * sizeof *n->symbol);
    n->id = malloc(symbols * sizeof *n->id);
    n->list = malloc(symbols * sizeof *n->list);
    n->interval = malloc(symbols * sizeof *n->interval);
    n->mapping = malloc(symbols * sizeof *n->mapping);
    if (!n->symbol || !n->id || !n->list || !n->interval || !n->mapping)
        return -ENOMEM;
    for (uint32_t i = 0; i < symbols; i++) {
        contract_symbol(i, n->symbol[i]);
        snprintf(n->id[i], ID_SIZE, "%u", (unsigned)contract_instrument_id(i));
        n->list[i] = n->symbol[i];
        n->interval[i] = (struct dbn_interval){start_date, end_date, n->id[i]};
        n->mapping[i] = (struct dbn_mapping_spec){n->symbol[i], 1, &n->interval[i]};
    }
    return 0;
}

static uint32_t date_of(uint64_t ns)
{
    time_t seconds = (time_t)(ns / MARKET_SECOND);
    struct tm tm;
    gmtime_r(&seconds, &tm);
    return (uint32_t)((tm.tm_year + 1900) * 10000 + (tm.tm_mon + 1) * 100 + tm.tm_mday);
}

/* Midnight behind the data, whose length is only known on average: a quarter and an hour more are enough for any. */
static uint64_t end_of_data(const struct generate_spec *spec, uint64_t mean_gap)
{
    uint64_t span = spec->records * mean_gap;
    uint64_t last = MARKET_OPEN + span + span / 4 + 3600 * MARKET_SECOND;
    return last - last % MARKET_DAY + MARKET_DAY;
}

int generate_metadata(const struct generate_spec *spec, uint64_t mean_gap, struct dbn_buffer *to)
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
    md.end = end_of_data(spec, mean_gap);
    md.stype_in = 1;
    struct names names = {0};
    int rc = names_make(&names, spec->symbols, date_of(md.start), date_of(md.end));
    md.symbols = (struct dbn_symbols_spec){spec->symbols, names.list};
    md.mappings = spec->symbols;
    md.mapping = names.mapping;
    if (strcmp(spec->schema, "all") == 0) { /* has something in every list */
        static const char *const unknown[] = {"NOSUCH1", "NOSUCH2"};
        md.partial = (struct dbn_symbols_spec){1, names.list};
        md.not_found = (struct dbn_symbols_spec){2, unknown};
    }
    if (rc == 0)
        rc = dbn_encode_metadata(&md, to);
    names_free(&names);
    return rc;
}
