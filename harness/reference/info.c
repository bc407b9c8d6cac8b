/* What is in a file: for people a row a fact, or the same as JSON. The latter is written as text, since sums of 64 bits
 * do not fit the integers of a JSON library. All of it comes from the reference decoder, with which the backends under
 * test have next to nothing in common. */
#include "info.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

struct sums {
    uint64_t records, bytes;
    uint64_t ts_event, price, size; /* mod 2^64; the latter two of records that have both */
    uint64_t rtype_counts[256];
    uint64_t unknown_rtypes, size_mismatches; /* known types of a length that none of their layouts has */
    uint32_t crc32;                           /* zlib's, of all records' bytes */
};

/* zlib's CRC-32, so that anyone can check it. */
static uint32_t crc32_of(uint32_t crc, const uint8_t *p, size_t n)
{
    static const uint32_t nibble[16] = {
        0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4, 0x4DB26158, 0x5005713C,
        0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C, 0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C,
    };
    crc = ~crc;
    for (size_t i = 0; i < n; i++) {
        crc ^= p[i];
        crc = crc >> 4 ^ nibble[crc & 15];
        crc = crc >> 4 ^ nibble[crc & 15];
    }
    return ~crc;
}

static bool add_record(void *arg, const struct ref_file *file, const struct ref_record *r)
{
    struct sums *sums = arg;
    uint64_t price, size;
    sums->records++;
    sums->bytes += r->size;
    sums->crc32 = crc32_of(sums->crc32, r->p, r->size);
    sums->ts_event += ref_value(r->p, &dbn_header_field[4]);
    if (ref_price_size(r, &price, &size)) {
        sums->price += price;
        sums->size += size;
    }
    sums->rtype_counts[r->p[1]]++;
    size_t suffix = file->ts_out ? DBN_TS_OUT_SIZE : 0;
    if (!dbn_rtype_name(r->p[1]))
        sums->unknown_rtypes++;
    else if (!r->layout || r->size != r->layout->size + suffix)
        sums->size_mismatches++;
    return true;
}

/* --- printing --- */

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

static void put_sums(const struct printer *o, const struct sums *sums)
{
    char crc32[9];
    snprintf(crc32, sizeof crc32, "%08" PRIx32, sums->crc32);
    put_number(o, "record_count", sums->records);
    put_number(o, "record_bytes", sums->bytes);
    put_text(o, "crc32", crc32);
    put_number(o, "ts_event_sum", sums->ts_event);
    put_number(o, "price_sum", sums->price);
    put_number(o, "size_sum", sums->size);
    put_types(o, sums->rtype_counts);
    put_number(o, "unknown_rtype_count", sums->unknown_rtypes);
    put_number(o, "size_mismatch_count", sums->size_mismatches);
}

/* `version`: of a fragment. */
static void put_stream(const struct printer *o, const struct ref_file *file, const struct sums *sums, unsigned version,
                       bool symbols)
{
    const struct dbn_metadata *md = &file->metadata;
    if (file->compressed) {
        put_number(o, "zstd_frames", file->frames);
        put_number(o, "decompressed_size", file->stream_size);
    }
    version = file->fragment ? version : md->version;
    if (version)
        put_number(o, "version", version);
    else
        put_text(o, "version", NULL);
    if (!file->fragment)
        put_metadata(o, md);
    put_bool(o, "ts_out", file->ts_out);
    if (!file->fragment)
        put_number(o, "symbol_cstr_len", md->symbol_cstr_len);
    put_number(o, "first_record_offset", md->first_record_offset);
    if (!file->fragment)
        put_counts(o, md);
    put_sums(o, sums);
    put_number(o, "trailing_bytes", file->stream_size - file->records_end);
    if (!file->fragment && symbols) {
        put_symbols(o, "symbols", &md->symbols, md->symbol_cstr_len);
        put_symbols(o, "partial", &md->partial, md->symbol_cstr_len);
        put_symbols(o, "not_found", &md->not_found, md->symbol_cstr_len);
        put_mappings(o, md);
    }
}

static void put_error(const struct printer *o, const struct ref_file *file)
{
    const char *text = dbn_outcome_text(file->outcome);
    put_key(o, "error");
    fprintf(o->to, "{\"outcome\": \"%s\", \"offset\": %" PRIu64 ", \"text\": ", dbn_outcome_name(file->outcome),
            file->fault);
    put_string(o, text, strlen(text));
    fputc('}', o->to);
}

int info_print(const char *path, const struct input_options *options, bool json, bool symbols, const char *before,
               FILE *to, uint64_t *fault)
{
    const struct printer o = {to, json};
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    struct sums sums = {0};
    struct ref_file file;
    ref_read(path, options, UINT64_MAX, &file, add_record, &sums);
    *fault = file.fault;
    if (!json && file.known == REF_NOTHING)
        return file.outcome;
    fprintf(to, "%s%s", before, json ? "{\n  \"file\": " : "");
    put_string(&o, name, strlen(name));
    end_row(&o);
    if (file.known >= REF_FILE) {
        put_number(&o, "file_size", file.file_size);
        put_text(&o, "container", file.outcome == DBN_E_LEGACY_DBZ ? "dbz" : file.compressed ? "zstd" : "raw");
        put_bool(&o, "is_fragment", file.fragment);
    }
    if (file.known == REF_STREAM)
        put_stream(&o, &file, &sums, options->version, symbols);
    if (file.outcome && json)
        put_error(&o, &file);
    fputs(json ? "\n}" : "", to);
    dbn_metadata_free(&file.metadata);
    return file.outcome;
}
