/* What `info` prints: for people a row a fact, or the same as JSON. The latter is written as text, since sums of 64
 * bits do not fit the integers of a JSON library. */
#include "../text/safe.h"
#include "info.h"

#include <inttypes.h>
#include <time.h>

enum { NAME_WIDTH = 22 };

struct printer {
    FILE *to;
    bool json;
};

/* In rows with blanks, and padded to a width. */
static void put_name(const struct printer *o, const char *key, int width)
{
    char name[NAME_WIDTH + 1];
    if (o->json) {
        fprintf(o->to, ",\n  \"%s\": ", key);
        return;
    }
    snprintf(name, sizeof name, "%s", key);
    for (char *at = name; (at = strchr(at, '_')) != NULL;)
        *at = ' ';
    fprintf(o->to, "  %-*s", width, name);
}

static void put_key(const struct printer *o, const char *key)
{
    put_name(o, key, NAME_WIDTH);
}

static void begin_list(const struct printer *o, const char *key, char open)
{
    put_name(o, key, 0);
    fputc(o->json ? open : '\n', o->to);
}

static void end_row(const struct printer *o)
{
    if (!o->json)
        fputc('\n', o->to);
}

static void put_number(const struct printer *o, const char *key, uint64_t value)
{
    put_key(o, key);
    fprintf(o->to, "%" PRIu64, value);
    end_row(o);
}

static void put_string(const struct printer *o, const char *text, size_t size)
{
    (o->json ? print_json : print_plain)(o->to, text, size);
}

/* NULL: there is none. */
static void put_text(const struct printer *o, const char *key, const char *text)
{
    put_key(o, key);
    if (text)
        put_string(o, text, strlen(text));
    else
        fputs(o->json ? "null" : "none", o->to);
    end_row(o);
}

static void put_bool(const struct printer *o, const char *key, bool value)
{
    put_key(o, key);
    fputs(value ? "true" : "false", o->to);
    end_row(o);
}

/* For people with its date. */
static void put_time(const struct printer *o, const char *key, uint64_t ns)
{
    char date[32];
    time_t seconds = (time_t)(ns / 1000000000);
    struct tm tm;
    put_key(o, key);
    if (o->json || ns == DBN_UNDEF_TIME || !gmtime_r(&seconds, &tm)) {
        fprintf(o->to, o->json ? "%" PRIu64 : "none (%" PRIu64 ")\n", ns);
        return;
    }
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &tm);
    fprintf(o->to, "%s.%09" PRIu64 "Z (%" PRIu64 ")\n", date, ns % 1000000000, ns);
}

static void put_types(const struct printer *o, const uint64_t counts[256])
{
    const char *before = "";
    begin_list(o, "rtype_counts", '{');
    for (unsigned i = 0; i < 256; i++) {
        const char *type = dbn_rtype_name((uint8_t)i);
        if (counts[i] && o->json)
            fprintf(o->to, "%s\"%02x\": %" PRIu64, before, i, counts[i]);
        else if (counts[i])
            fprintf(o->to, "    %02x %-*s%" PRIu64 "\n", i, NAME_WIDTH - 5, type ? type : "unknown", counts[i]);
        before = counts[i] ? ", " : before;
    }
    fputs(o->json ? "}" : "", o->to);
}

static void put_symbols(const struct printer *o, const char *key, const struct dbn_symbols *list, size_t size)
{
    begin_list(o, key, '[');
    for (uint32_t i = 0; i < list->count; i++) {
        fputs(!o->json ? "    " : i ? ", " : "", o->to);
        put_string(o, list->first + i * size, size);
        end_row(o);
    }
    fputs(o->json ? "]" : "", o->to);
}

static void put_interval(const struct printer *o, const struct dbn_interval *v, size_t size, bool first)
{
    fprintf(o->to,
            o->json ? "%s{\"start_date\": %" PRIu32 ", \"end_date\": %" PRIu32 ", \"symbol\": "
                    : "%s      %08" PRIu32 " to %08" PRIu32 "  ",
            o->json && !first ? ", " : "", v->start_date, v->end_date);
    put_string(o, v->symbol, size);
    fputs(o->json ? "}" : "\n", o->to);
}

static void put_mappings(const struct printer *o, const struct dbn_metadata *md)
{
    const uint8_t *at = md->mapping;
    begin_list(o, "mappings", '[');
    for (uint32_t i = 0; i < md->mappings; i++) {
        struct dbn_mapping m = dbn_mapping_at(md, at);
        fputs(!o->json ? "    " : i ? ",\n    {\"raw_symbol\": " : "\n    {\"raw_symbol\": ", o->to);
        put_string(o, m.raw_symbol, md->symbol_cstr_len);
        fputs(o->json ? ", \"intervals\": [" : "\n", o->to);
        for (uint32_t k = 0; k < m.intervals; k++) {
            struct dbn_interval v = dbn_interval_at(md, &m, k);
            put_interval(o, &v, md->symbol_cstr_len, k == 0);
        }
        fputs(o->json ? "]}" : "", o->to);
        at = m.next;
    }
    fputs(o->json ? "]" : "", o->to);
}

static void put_metadata(const struct printer *o, const struct dbn_metadata *md)
{
    put_text(o, "dataset", md->dataset);
    put_text(o, "schema", dbn_schema_name(md->schema));
    put_time(o, "start", md->start);
    put_time(o, "end", md->end);
    put_number(o, "limit", md->limit);
    put_text(o, "stype_in", dbn_stype_name(md->stype_in));
    put_text(o, "stype_out", dbn_stype_name(md->stype_out));
}

static void put_counts(const struct printer *o, const struct dbn_metadata *md)
{
    put_number(o, "symbols_count", md->symbols.count);
    put_number(o, "partial_count", md->partial.count);
    put_number(o, "not_found_count", md->not_found.count);
    put_number(o, "mappings_count", md->mappings);
    put_number(o, "intervals_count", md->intervals);
}

static void put_records(const struct printer *o, const struct info *info)
{
    char crc32[9];
    snprintf(crc32, sizeof crc32, "%08" PRIx32, info->crc32);
    put_number(o, "record_count", info->records);
    put_number(o, "record_bytes", info->bytes);
    put_text(o, "crc32", crc32);
    put_number(o, "ts_event_sum", info->ts_event_sum);
    put_number(o, "price_sum", info->price_sum);
    put_number(o, "size_sum", info->size_sum);
    put_types(o, info->rtype_counts);
    put_number(o, "unknown_rtype_count", info->unknown_rtypes);
    put_number(o, "size_mismatch_count", info->size_mismatches);
    put_number(o, "trailing_bytes", info->trailing_bytes);
}

static void put_stream(const struct printer *o, const struct info *info, bool symbols)
{
    const struct dbn_metadata *md = &info->metadata;
    bool fragment = info->facts.fragment;
    if (info->facts.compressed) {
        put_number(o, "zstd_frames", info->facts.frames);
        put_number(o, "decompressed_size", info->facts.stream_size);
    }
    if (info_version(info))
        put_number(o, "version", info_version(info));
    else
        put_text(o, "version", NULL);
    if (!fragment)
        put_metadata(o, md);
    put_bool(o, "ts_out", info->facts.ts_out);
    if (!fragment)
        put_number(o, "symbol_cstr_len", md->symbol_cstr_len);
    put_number(o, "first_record_offset", md->first_record_offset);
    if (!fragment)
        put_counts(o, md);
    put_records(o, info);
    if (!fragment && symbols) {
        put_symbols(o, "symbols", &md->symbols, md->symbol_cstr_len);
        put_symbols(o, "partial", &md->partial, md->symbol_cstr_len);
        put_symbols(o, "not_found", &md->not_found, md->symbol_cstr_len);
        put_mappings(o, md);
    }
}

void info_print(const struct info *info, bool json, bool symbols, FILE *to)
{
    const struct printer o = {to, json};
    fputs(json ? "{\n  \"file\": " : "", to);
    put_string(&o, info->name, strlen(info->name));
    end_row(&o);
    if (info->known >= INFO_FILE) {
        put_number(&o, "file_size", info->facts.file_size);
        put_text(&o, "container", info_container(info));
        put_bool(&o, "is_fragment", info->facts.fragment);
    }
    if (info->known == INFO_STREAM)
        put_stream(&o, info, symbols);
    if (info->outcome && json) {
        put_key(&o, "error");
        fprintf(to, "{\"outcome\": \"%s\", \"offset\": %" PRIu64 ", \"text\": ", dbn_outcome_name(info->outcome),
                info->fault);
        const char *text = dbn_outcome_text(info->outcome);
        put_string(&o, text, strlen(text));
        fputc('}', to);
    }
    fputs(json ? "\n}" : "", to);
}
