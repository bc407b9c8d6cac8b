/* What `info` prints for people. */
#include "../text/safe.h"
#include "info.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

enum { NAME_WIDTH = 22 };

static void row(FILE *to, const char *name, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void row(FILE *to, const char *name, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(to, "  %-*s", NAME_WIDTH, name);
    vfprintf(to, format, args);
    fputc('\n', to);
    va_end(args);
}

static void time_row(FILE *to, const char *name, uint64_t ns)
{
    char date[32];
    time_t seconds = (time_t)(ns / 1000000000);
    struct tm tm;
    if (ns == DBN_UNDEF_TIME || !gmtime_r(&seconds, &tm)) {
        row(to, name, "none (%" PRIu64 ")", ns);
        return;
    }
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &tm);
    row(to, name, "%s.%09" PRIu64 "Z (%" PRIu64 ")", date, ns % 1000000000, ns);
}

static void symbol_rows(FILE *to, const char *name, const struct dbn_symbols *list, size_t size)
{
    for (uint32_t i = 0; i < list->count; i++) {
        fprintf(to, "  %-*s", NAME_WIDTH, i ? "" : name);
        print_plain(to, list->first + i * size, size);
        fputc('\n', to);
    }
}

static void mapping_rows(FILE *to, const struct dbn_metadata *md)
{
    const uint8_t *at = md->mapping;
    for (uint32_t i = 0; i < md->mappings; i++) {
        struct dbn_mapping m = dbn_mapping_at(md, at);
        fprintf(to, "  %-*s", NAME_WIDTH, i ? "" : "mappings");
        print_plain(to, m.raw_symbol, md->symbol_cstr_len);
        fputc('\n', to);
        for (uint32_t k = 0; k < m.intervals; k++) {
            struct dbn_interval v = dbn_interval_at(md, &m, k);
            fprintf(to, "  %-*s  %08" PRIu32 " to %08" PRIu32 "  ", NAME_WIDTH, "", v.start_date, v.end_date);
            print_plain(to, v.symbol, md->symbol_cstr_len);
            fputc('\n', to);
        }
        at = m.next;
    }
}

static void metadata_rows(FILE *to, const struct dbn_metadata *md, bool symbols)
{
    const char *schema = dbn_schema_name(md->schema);
    const char *in = dbn_stype_name(md->stype_in), *out = dbn_stype_name(md->stype_out);
    fprintf(to, "  %-*s", NAME_WIDTH, "dataset");
    print_plain(to, md->dataset, sizeof md->dataset);
    fputc('\n', to);
    row(to, "schema", "%s (%u)", schema ? schema : md->schema == DBN_SCHEMA_NONE ? "mixed" : "unknown", md->schema);
    time_row(to, "start", md->start);
    time_row(to, "end", md->end);
    if (md->limit)
        row(to, "limit", "%" PRIu64, md->limit);
    else
        row(to, "limit", "none (0)");
    row(to, "stype in, out", "%s (%u), %s (%u)", in ? in : "mixed", md->stype_in, out ? out : "unknown", md->stype_out);
    row(to, "symbols", "%" PRIu32 ", %" PRIu32 " partial, %" PRIu32 " not found, of %u bytes", md->symbols.count,
        md->partial.count, md->not_found.count, md->symbol_cstr_len);
    row(to, "mappings", "%" PRIu32 ", with %" PRIu32 " intervals", md->mappings, md->intervals);
    if (symbols) {
        symbol_rows(to, "symbols", &md->symbols, md->symbol_cstr_len);
        symbol_rows(to, "partial", &md->partial, md->symbol_cstr_len);
        symbol_rows(to, "not found", &md->not_found, md->symbol_cstr_len);
        mapping_rows(to, md);
    }
}

static void record_rows(FILE *to, const struct info *info)
{
    row(to, "first record at", "%" PRIu64, info->metadata.first_record_offset);
    row(to, "records", "%" PRIu64 ", %" PRIu64 " bytes", info->records, info->bytes);
    for (unsigned i = 0; i < 256; i++) {
        const char *type = dbn_rtype_name((uint8_t)i);
        if (info->rtype_counts[i])
            fprintf(to, "    %02x %-*s%" PRIu64 "\n", i, NAME_WIDTH - 5, type ? type : "unknown",
                    info->rtype_counts[i]);
    }
    row(to, "of unknown type", "%" PRIu64, info->unknown_rtypes);
    row(to, "of unusual length", "%" PRIu64, info->size_mismatches);
    row(to, "CRC-32 of records", "%08" PRIx32, info->crc32);
    row(to, "sum of ts_event", "%" PRIu64, info->ts_event_sum);
    row(to, "sum of price, size", "%" PRId64 ", %" PRIu64, (int64_t)info->price_sum, info->size_sum);
    if (info->trailing_bytes)
        row(to, "bytes behind records", "%" PRIu64, info->trailing_bytes);
}

void info_print(const struct info *info, bool symbols, FILE *to)
{
    print_plain(to, info->name, strlen(info->name));
    fputc('\n', to);
    row(to, "file size", "%" PRIu64 " bytes", info->facts.file_size);
    row(to, "container", "%s%s", info_container(info), info->facts.fragment ? ", a fragment without metadata" : "");
    if (info->known < INFO_STREAM)
        return;
    if (info->facts.compressed) {
        row(to, "zstd frames", "%" PRIu64, info->facts.frames);
        row(to, "inflated", "%" PRIu64 " bytes", info->facts.stream_size);
    }
    if (info_version(info))
        row(to, "version", "%u", info_version(info));
    else
        row(to, "version", "unknown");
    row(to, "ts_out", "%s", info->facts.ts_out ? "yes" : "no");
    if (!info->facts.fragment)
        metadata_rows(to, &info->metadata, symbols);
    record_rows(to, info);
}
