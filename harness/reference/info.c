/* What is in a file: for people a row a fact, or the same as JSON. The latter is written as text, since sums of 64 bits
 * do not fit the integers of a JSON library. All of it comes from the reference decoder, with which the backends under
 * test have next to nothing in common. */
#include "../../dbn/tables.h"
#include "reference.h"

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
    const struct dbn_metadata *md; /* of the lists of symbols */
};

struct fact {
    const char *key;
    enum { NUMBER, TEXT, BOOL, TIME, TYPES, SYMBOLS, MAPPINGS } kind;
    bool there;
    uint64_t number;
    const char *text; /* NULL: none */
    const void *list;
};

/* In rows with blanks, and padded to a width unless a list begins. */
static void put_key(const struct printer *o, const char *key, bool list)
{
    char name[NAME_WIDTH + 1];
    if (o->json) {
        fprintf(o->to, ",\n  \"%s\": ", key);
        return;
    }
    snprintf(name, sizeof name, "%s", key);
    for (char *at = name; (at = strchr(at, '_')) != NULL;)
        *at = ' ';
    fprintf(o->to, "  %-*s%s", list ? 0 : NAME_WIDTH, name, list ? "\n" : "");
}

static void put_string(const struct printer *o, const char *text, size_t size)
{
    (o->json ? print_json : print_plain)(o->to, text, size);
}

/* For people with its date. */
static void put_time(const struct printer *o, uint64_t ns)
{
    char date[32];
    time_t seconds = (time_t)(ns / 1000000000);
    struct tm tm;
    if (o->json || ns == DBN_UNDEF_TIME || !gmtime_r(&seconds, &tm)) {
        fprintf(o->to, o->json ? "%" PRIu64 : "none (%" PRIu64 ")", ns);
        return;
    }
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &tm);
    fprintf(o->to, "%s.%09" PRIu64 "Z (%" PRIu64 ")", date, ns % 1000000000, ns);
}

static void put_types(const struct printer *o, const uint64_t counts[256])
{
    const char *before = "";
    for (unsigned i = 0; i < 256; i++) {
        const char *type = dbn_rtype_name((uint8_t)i);
        if (counts[i] && o->json)
            fprintf(o->to, "%s\"%02x\": %" PRIu64, before, i, counts[i]);
        else if (counts[i])
            fprintf(o->to, "    %02x %-*s%" PRIu64 "\n", i, NAME_WIDTH - 5, type ? type : "unknown", counts[i]);
        before = counts[i] ? ", " : before;
    }
}

static void put_symbols(const struct printer *o, const struct dbn_symbols *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        fputs(!o->json ? "    " : i ? ", " : "", o->to);
        put_string(o, dbn_symbol_at(list, o->md->symbol_cstr_len, i), o->md->symbol_cstr_len);
        fputs(o->json ? "" : "\n", o->to);
    }
}

static void put_interval(const struct printer *o, const struct dbn_interval *v, bool first)
{
    fprintf(o->to,
            o->json ? "%s{\"start_date\": %" PRIu32 ", \"end_date\": %" PRIu32 ", \"symbol\": "
                    : "%s      %08" PRIu32 " to %08" PRIu32 "  ",
            o->json && !first ? ", " : "", v->start_date, v->end_date);
    put_string(o, v->symbol, o->md->symbol_cstr_len);
    fputs(o->json ? "}" : "\n", o->to);
}

static void put_mappings(const struct printer *o)
{
    const struct dbn_metadata *md = o->md;
    const uint8_t *at = md->mapping;
    for (uint32_t i = 0; i < md->mappings; i++) {
        struct dbn_mapping m = dbn_mapping_at(md, at);
        fputs(!o->json ? "    " : i ? ",\n    {\"raw_symbol\": " : "\n    {\"raw_symbol\": ", o->to);
        put_string(o, m.raw_symbol, md->symbol_cstr_len);
        fputs(o->json ? ", \"intervals\": [" : "\n", o->to);
        for (uint32_t k = 0; k < m.intervals; k++) {
            struct dbn_interval v = dbn_interval_at(md, &m, k);
            put_interval(o, &v, k == 0);
        }
        fputs(o->json ? "]}" : "", o->to);
        at = m.next;
    }
}

static void put_fact(const struct printer *o, const struct fact *f)
{
    bool list = f->kind >= TYPES;
    put_key(o, f->key, list);
    if (list && o->json)
        fputc(f->kind == TYPES ? '{' : '[', o->to);
    if (f->kind == NUMBER)
        fprintf(o->to, "%" PRIu64, f->number);
    else if (f->kind == BOOL)
        fputs(f->number ? "true" : "false", o->to);
    else if (f->kind == TIME)
        put_time(o, f->number);
    else if (f->kind == TYPES)
        put_types(o, f->list);
    else if (f->kind == SYMBOLS)
        put_symbols(o, f->list);
    else if (f->kind == MAPPINGS)
        put_mappings(o);
    else if (f->text)
        put_string(o, f->text, strlen(f->text));
    else
        fputs(o->json ? "null" : "none", o->to);
    if (list && o->json)
        fputc(f->kind == TYPES ? '}' : ']', o->to);
    fputs(list || o->json ? "" : "\n", o->to);
}

/* `version`: of a fragment. */
static void put_facts(const struct printer *o, const struct ref_file *file, const struct sums *sums, unsigned version,
                      bool symbols)
{
    const struct dbn_metadata *md = &file->metadata;
    bool known = file->known >= REF_FILE, stream = file->known == REF_STREAM;
    bool packed = stream && file->compressed, whole = stream && !file->fragment, lists = whole && symbols;
    const char *container = file->outcome == DBN_E_LEGACY_DBZ ? "dbz" : file->compressed ? "zstd" : "raw";
    char crc32[9];
    snprintf(crc32, sizeof crc32, "%08" PRIx32, sums->crc32);
    version = file->fragment ? version : md->version;
    const struct fact facts[] = {
        {"file_size", NUMBER, known && file->file_size != UINT64_MAX, .number = file->file_size},
        {"container", TEXT, known, .text = container},
        {"is_fragment", BOOL, known, .number = file->fragment},
        {"zstd_frames", NUMBER, packed, .number = file->frames},
        {"decompressed_size", NUMBER, packed, .number = file->stream_size},
        {"version", version ? NUMBER : TEXT, stream, .number = version},
        {"dataset", TEXT, whole, .text = md->dataset},
        {"schema", TEXT, whole, .text = dbn_schema_name(md->schema)},
        {"start", TIME, whole, .number = md->start},
        {"end", TIME, whole, .number = md->end},
        {"limit", NUMBER, whole, .number = md->limit},
        {"stype_in", TEXT, whole, .text = dbn_stype_name(md->stype_in)},
        {"stype_out", TEXT, whole, .text = dbn_stype_name(md->stype_out)},
        {"ts_out", BOOL, stream, .number = file->ts_out},
        {"symbol_cstr_len", NUMBER, whole, .number = md->symbol_cstr_len},
        {"first_record_offset", NUMBER, stream, .number = md->first_record_offset},
        {"symbols_count", NUMBER, whole, .number = md->symbols.count},
        {"partial_count", NUMBER, whole, .number = md->partial.count},
        {"not_found_count", NUMBER, whole, .number = md->not_found.count},
        {"mappings_count", NUMBER, whole, .number = md->mappings},
        {"intervals_count", NUMBER, whole, .number = md->intervals},
        {"record_count", NUMBER, stream, .number = sums->records},
        {"record_bytes", NUMBER, stream, .number = sums->bytes},
        {"crc32", TEXT, stream, .text = crc32},
        {"ts_event_sum", NUMBER, stream, .number = sums->ts_event},
        {"price_sum", NUMBER, stream, .number = sums->price},
        {"size_sum", NUMBER, stream, .number = sums->size},
        {"rtype_counts", TYPES, stream, .list = sums->rtype_counts},
        {"unknown_rtype_count", NUMBER, stream, .number = sums->unknown_rtypes},
        {"size_mismatch_count", NUMBER, stream, .number = sums->size_mismatches},
        {"trailing_bytes", NUMBER, stream, .number = file->stream_size - file->records_end},
        {"symbols", SYMBOLS, lists, .list = &md->symbols},
        {"partial", SYMBOLS, lists, .list = &md->partial},
        {"not_found", SYMBOLS, lists, .list = &md->not_found},
        {"mappings", MAPPINGS, lists, .list = md},
    };
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++)
        if (facts[i].there)
            put_fact(o, &facts[i]);
}

static void put_error(const struct printer *o, const struct ref_file *file)
{
    const char *text = input_outcome_text(file->outcome);
    put_key(o, "error", false);
    fprintf(o->to, "{\"outcome\": \"%s\", \"offset\": %" PRIu64 ", \"text\": ", dbn_outcome_name(file->outcome),
            file->fault);
    put_string(o, text, strlen(text));
    fputc('}', o->to);
}

int info_print(const char *path, const struct input_options *options, bool json, bool symbols, const char *before,
               FILE *to, uint64_t *fault)
{
    const char *slash = path ? strrchr(path, '/') : NULL, *name = slash ? slash + 1 : input_name(path);
    struct sums sums = {0};
    struct ref_file file;
    const struct printer o = {to, json, &file.metadata};
    ref_read(path, options, UINT64_MAX, &file, add_record, &sums);
    *fault = file.fault;
    if (!json && file.known == REF_NOTHING)
        return file.outcome;
    fprintf(to, "%s%s", before, json ? "{\n  \"file\": " : "");
    put_string(&o, name, strlen(name));
    fputs(json ? "" : "\n", to);
    put_facts(&o, &file, &sums, options->version, symbols);
    if (file.outcome && json)
        put_error(&o, &file);
    fputs(json ? "\n}" : "", to);
    dbn_metadata_free(&file.metadata);
    return file.outcome;
}
