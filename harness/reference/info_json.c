/* What `info --json` prints. Written as text, since 64-bit sums do not fit the integers of a JSON library. */
#include "../text/safe.h"
#include "info.h"

#include <inttypes.h>

static void print_key(FILE *to, const char *key)
{
    fprintf(to, ",\n  \"%s\": ", key);
}

static void print_number(FILE *to, const char *key, uint64_t value)
{
    print_key(to, key);
    fprintf(to, "%" PRIu64, value);
}

static void print_bool(FILE *to, const char *key, bool value)
{
    print_key(to, key);
    fputs(value ? "true" : "false", to);
}

/* A string of ours, or null. */
static void print_name(FILE *to, const char *key, const char *value)
{
    print_key(to, key);
    if (value)
        print_json(to, value, strlen(value));
    else
        fputs("null", to);
}

static void print_metadata(FILE *to, const struct dbn_metadata *md)
{
    print_name(to, "dataset", md->dataset);
    print_name(to, "schema", dbn_schema_name(md->schema));
    print_number(to, "start", md->start);
    print_number(to, "end", md->end);
    print_number(to, "limit", md->limit);
    print_name(to, "stype_in", dbn_stype_name(md->stype_in));
    print_name(to, "stype_out", dbn_stype_name(md->stype_out));
}

static void print_records(FILE *to, const struct info *info)
{
    print_number(to, "record_count", info->records);
    print_number(to, "record_bytes", info->bytes);
    print_key(to, "crc32");
    fprintf(to, "\"%08" PRIx32 "\"", info->crc32);
    print_number(to, "ts_event_sum", info->ts_event_sum);
    print_number(to, "price_sum", info->price_sum);
    print_number(to, "size_sum", info->size_sum);
    print_key(to, "rtype_counts");
    const char *before = "{";
    for (unsigned i = 0; i < 256; i++)
        if (info->rtype_counts[i]) {
            fprintf(to, "%s\"%02x\": %" PRIu64, before, i, info->rtype_counts[i]);
            before = ", ";
        }
    fputs(info->records ? "}" : "{}", to);
    print_number(to, "unknown_rtype_count", info->unknown_rtypes);
    print_number(to, "size_mismatch_count", info->size_mismatches);
    print_number(to, "trailing_bytes", info->trailing_bytes);
}

static void print_symbols(FILE *to, const char *key, const struct dbn_symbols *list, size_t size)
{
    print_key(to, key);
    fputc('[', to);
    for (uint32_t i = 0; i < list->count; i++) {
        fputs(i ? ", " : "", to);
        print_json(to, list->first + i * size, size);
    }
    fputc(']', to);
}

static void print_mappings(FILE *to, const struct dbn_metadata *md)
{
    print_key(to, "mappings");
    fputc('[', to);
    const uint8_t *at = md->mapping;
    for (uint32_t i = 0; i < md->mappings; i++) {
        struct dbn_mapping m = dbn_mapping_at(md, at);
        fputs(i ? ",\n    {\"raw_symbol\": " : "\n    {\"raw_symbol\": ", to);
        print_json(to, m.raw_symbol, md->symbol_cstr_len);
        fputs(", \"intervals\": [", to);
        for (uint32_t k = 0; k < m.intervals; k++) {
            struct dbn_interval v = dbn_interval_at(md, &m, k);
            fprintf(to, "%s{\"start_date\": %" PRIu32 ", \"end_date\": %" PRIu32 ", \"symbol\": ", k ? ", " : "",
                    v.start_date, v.end_date);
            print_json(to, v.symbol, md->symbol_cstr_len);
            fputc('}', to);
        }
        fputs("]}", to);
        at = m.next;
    }
    fputc(']', to);
}

static void print_stream(FILE *to, const struct info *info, bool symbols)
{
    const struct dbn_metadata *md = &info->metadata;
    bool fragment = info->facts.fragment;
    if (info->facts.compressed) {
        print_number(to, "zstd_frames", info->facts.frames);
        print_number(to, "decompressed_size", info->facts.stream_size);
    }
    if (info_version(info))
        print_number(to, "version", info_version(info));
    else
        print_name(to, "version", NULL);
    if (!fragment)
        print_metadata(to, md);
    print_bool(to, "ts_out", info->facts.ts_out);
    if (!fragment)
        print_number(to, "symbol_cstr_len", md->symbol_cstr_len);
    print_number(to, "first_record_offset", md->first_record_offset);
    if (!fragment) {
        print_number(to, "symbols_count", md->symbols.count);
        print_number(to, "partial_count", md->partial.count);
        print_number(to, "not_found_count", md->not_found.count);
        print_number(to, "mappings_count", md->mappings);
        print_number(to, "intervals_count", md->intervals);
    }
    print_records(to, info);
    if (!fragment && symbols) {
        print_symbols(to, "symbols", &md->symbols, md->symbol_cstr_len);
        print_symbols(to, "partial", &md->partial, md->symbol_cstr_len);
        print_symbols(to, "not_found", &md->not_found, md->symbol_cstr_len);
        print_mappings(to, md);
    }
}

void info_json(const struct info *info, bool symbols, FILE *to)
{
    fputs("{\n  \"file\": ", to);
    print_json(to, info->name, strlen(info->name));
    if (info->known >= INFO_FILE) {
        print_number(to, "file_size", info->facts.file_size);
        print_name(to, "container", info_container(info));
        print_bool(to, "is_fragment", info->facts.fragment);
    }
    if (info->known == INFO_STREAM)
        print_stream(to, info, symbols);
    if (info->outcome) {
        print_key(to, "error");
        fprintf(to, "{\"outcome\": \"%s\", \"offset\": %" PRIu64 ", \"text\": ", dbn_outcome_name(info->outcome),
                info->fault);
        const char *text = dbn_outcome_text(info->outcome);
        print_json(to, text, strlen(text));
        fputc('}', to);
    }
    fputs("\n}", to);
}
