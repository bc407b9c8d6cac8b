/* dbnbench info: what is in a file. */
#include "../reference/info.h"
#include "exit.h"
#include "../text/safe.h"
#include "options.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

enum { NAME_WIDTH = 22 };

static void row(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void row(const char *name, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    printf("  %-*s", NAME_WIDTH, name);
    vprintf(format, args);
    putchar('\n');
    va_end(args);
}

static void time_row(const char *name, uint64_t ns)
{
    char date[32];
    time_t seconds = (time_t)(ns / 1000000000);
    struct tm tm;
    if (ns == DBN_UNDEF_TIME || !gmtime_r(&seconds, &tm)) {
        row(name, "none (%" PRIu64 ")", ns);
        return;
    }
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &tm);
    row(name, "%s.%09" PRIu64 "Z (%" PRIu64 ")", date, ns % 1000000000, ns);
}

static void symbol_rows(const char *name, const struct dbn_symbols *list, size_t size)
{
    for (uint32_t i = 0; i < list->count; i++) {
        printf("  %-*s", NAME_WIDTH, i ? "" : name);
        print_plain(stdout, list->first + i * size, size);
        putchar('\n');
    }
}

static void mapping_rows(const struct dbn_metadata *md)
{
    const uint8_t *at = md->mapping;
    for (uint32_t i = 0; i < md->mappings; i++) {
        struct dbn_mapping m = dbn_mapping_at(md, at);
        printf("  %-*s", NAME_WIDTH, i ? "" : "mappings");
        print_plain(stdout, m.raw_symbol, md->symbol_cstr_len);
        putchar('\n');
        for (uint32_t k = 0; k < m.intervals; k++) {
            struct dbn_interval v = dbn_interval_at(md, &m, k);
            printf("  %-*s  %08" PRIu32 " to %08" PRIu32 "  ", NAME_WIDTH, "", v.start_date, v.end_date);
            print_plain(stdout, v.symbol, md->symbol_cstr_len);
            putchar('\n');
        }
        at = m.next;
    }
}

static void metadata_rows(const struct dbn_metadata *md, bool symbols)
{
    const char *schema = dbn_schema_name(md->schema);
    const char *in = dbn_stype_name(md->stype_in), *out = dbn_stype_name(md->stype_out);
    printf("  %-*s", NAME_WIDTH, "dataset");
    print_plain(stdout, md->dataset, sizeof md->dataset);
    putchar('\n');
    row("schema", "%s (%u)", schema ? schema : md->schema == DBN_SCHEMA_NONE ? "mixed" : "unknown", md->schema);
    time_row("start", md->start);
    time_row("end", md->end);
    if (md->limit)
        row("limit", "%" PRIu64, md->limit);
    else
        row("limit", "none (0)");
    row("stype in, out", "%s (%u), %s (%u)", in ? in : "mixed", md->stype_in, out ? out : "unknown", md->stype_out);
    row("symbols", "%" PRIu32 ", %" PRIu32 " partial, %" PRIu32 " not found, of %u bytes", md->symbols.count,
        md->partial.count, md->not_found.count, md->symbol_cstr_len);
    row("mappings", "%" PRIu32 ", with %" PRIu32 " intervals", md->mappings, md->intervals);
    if (symbols) {
        symbol_rows("symbols", &md->symbols, md->symbol_cstr_len);
        symbol_rows("partial", &md->partial, md->symbol_cstr_len);
        symbol_rows("not found", &md->not_found, md->symbol_cstr_len);
        mapping_rows(md);
    }
}

static void record_rows(const struct info *info)
{
    row("first record at", "%" PRIu64, info->metadata.first_record_offset);
    row("records", "%" PRIu64 ", %" PRIu64 " bytes", info->records, info->bytes);
    for (unsigned i = 0; i < 256; i++) {
        const char *type = dbn_rtype_name((uint8_t)i);
        if (info->rtype_counts[i])
            printf("    %02x %-*s%" PRIu64 "\n", i, NAME_WIDTH - 5, type ? type : "unknown", info->rtype_counts[i]);
    }
    row("of unknown type", "%" PRIu64, info->unknown_rtypes);
    row("of unusual length", "%" PRIu64, info->size_mismatches);
    row("CRC-32 of records", "%08" PRIx32, info->crc32);
    row("sum of ts_event", "%" PRIu64, info->ts_event_sum);
    row("sum of price, size", "%" PRId64 ", %" PRIu64, (int64_t)info->price_sum, info->size_sum);
    if (info->trailing_bytes)
        row("bytes behind records", "%" PRIu64, info->trailing_bytes);
}

static void print_info(const struct info *info, bool symbols)
{
    print_plain(stdout, info->name, strlen(info->name));
    putchar('\n');
    row("file size", "%" PRIu64 " bytes", info->facts.file_size);
    row("container", "%s%s", info_container(info), info->facts.fragment ? ", a fragment without metadata" : "");
    if (info->known < INFO_STREAM)
        return;
    if (info->facts.compressed) {
        row("zstd frames", "%" PRIu64, info->facts.frames);
        row("inflated", "%" PRIu64 " bytes", info->facts.stream_size);
    }
    if (info_version(info))
        row("version", "%u", info_version(info));
    else
        row("version", "unknown");
    row("ts_out", "%s", info->facts.ts_out ? "yes" : "no");
    if (!info->facts.fragment)
        metadata_rows(&info->metadata, symbols);
    record_rows(info);
}

struct arguments {
    struct input_options input;
    bool json, symbols;
};

static int run(void *arguments, const struct command_line *line)
{
    const struct arguments *a = arguments;
    int code = EXIT_FINE;
    fputs(a->json && line->count > 1 ? "[\n" : "", stdout);
    for (size_t i = 0; i < line->count; i++) {
        struct info info;
        info_read(line->operand[i], &a->input, &info);
        if (a->json) {
            fputs(i ? ",\n" : "", stdout);
            info_json(&info, a->symbols, stdout);
        } else if (info.known > INFO_NOTHING) {
            fputs(i ? "\n" : "", stdout);
            print_info(&info, a->symbols);
        }
        if (info.outcome) {
            char text[512];
            input_describe(line->operand[i], info.outcome, info.fault, text, sizeof text);
            fflush(stdout);
            complain("%s", text);
            code = EXIT_FAILED;
        }
        info_free(&info);
    }
    fputs(!a->json ? "" : line->count > 1 ? "\n]\n" : "\n", stdout);
    return code;
}

#define TO(member) OPTION_TO(struct arguments, member)
static const struct option_row options[] = {
    {"json", 0, NULL, "A JSON object, or an array of them for several files", set_flag, TO(json)},
    {"symbols", 0, NULL, "Also the symbols and their mappings", set_flag, TO(symbols)},
    {.group = &input_option_group, TO(input)},
    {0},
};

const struct command command_info = {
    .name = "info",
    .summary = "say what is in a file",
    .operands = "FILE...",
    .least = 1,
    .options = options,
    .about = "Say what is in DBN files: metadata, types and numbers of records, checksums.",
    .examples = "info trades.dbn.zst\ninfo --json --symbols *.dbn",
    .size = sizeof(struct arguments),
    .run = run,
};
