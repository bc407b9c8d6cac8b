/* Prints what programs that use libdbn have compiled in: the layout of its structs, and its numbers. */
#include <dbnbench/encode.h>
#include <dbnbench/inflate.h>
#include <dbnbench/reader.h>

#include <stdio.h>

#define STRUCT(name) printf("struct " #name ": %zu\n", sizeof(struct name))
#define AT(name, member)                                                                                               \
    printf("    %zu " #member " %zu bytes\n", offsetof(struct name, member), sizeof((struct name *)0)->member)
#define NUMBER(name) printf(#name " %lld\n", (long long)(name))

static void print_records(void)
{
    STRUCT(dbn_header);
#define HEADER_FIELD(type, name, offset) AT(dbn_header, name);
#include <dbnbench/records.def>

/* Their members lie as records.def has them, or the library does not compile. */
#define RECORD(id, Name, size) STRUCT(dbn_##id);
#define FIELD(type, name, offset, column) printf("    %d " #name " " #type "\n", offset);
#define TEXT(name, offset, size, column) printf("    %d " #name " text of %d\n", offset, size);
#define PAD(name, offset, size) printf("    %d " #name " %d bytes\n", offset, size);
#include <dbnbench/records.def>
}

static void print_structs(void)
{
    STRUCT(dbn_field);
    AT(dbn_field, name), AT(dbn_field, offset), AT(dbn_field, size), AT(dbn_field, type), AT(dbn_field, column);
    STRUCT(dbn_layout);
    AT(dbn_layout, name), AT(dbn_layout, size), AT(dbn_layout, fields), AT(dbn_layout, field);
    STRUCT(dbn_span);
    AT(dbn_span, ptr), AT(dbn_span, len), AT(dbn_span, offset);
    STRUCT(dbn_source);
    AT(dbn_source, next), AT(dbn_source, self);
    STRUCT(dbn_sink);
    AT(dbn_sink, take), AT(dbn_sink, self);
    STRUCT(dbn_decoder);
    AT(dbn_decoder, source), AT(dbn_decoder, step), AT(dbn_decoder, span), AT(dbn_decoder, offset);
    AT(dbn_decoder, fault), AT(dbn_decoder, joined), AT(dbn_decoder, carried), AT(dbn_decoder, carry);
    STRUCT(dbn_symbols);
    AT(dbn_symbols, count), AT(dbn_symbols, first);
    STRUCT(dbn_metadata);
    AT(dbn_metadata, version), AT(dbn_metadata, dataset), AT(dbn_metadata, schema), AT(dbn_metadata, start);
    AT(dbn_metadata, end), AT(dbn_metadata, limit), AT(dbn_metadata, stype_in), AT(dbn_metadata, stype_out);
    AT(dbn_metadata, ts_out), AT(dbn_metadata, symbol_cstr_len), AT(dbn_metadata, symbols), AT(dbn_metadata, partial);
    AT(dbn_metadata, not_found), AT(dbn_metadata, mappings), AT(dbn_metadata, intervals), AT(dbn_metadata, mapping);
    AT(dbn_metadata, first_record_offset), AT(dbn_metadata, block);
    STRUCT(dbn_interval);
    AT(dbn_interval, start_date), AT(dbn_interval, end_date), AT(dbn_interval, symbol);
    STRUCT(dbn_mapping);
    AT(dbn_mapping, raw_symbol), AT(dbn_mapping, intervals), AT(dbn_mapping, interval), AT(dbn_mapping, next);
    STRUCT(dbn_zstd_stats);
    AT(dbn_zstd_stats, frames), AT(dbn_zstd_stats, checksums), AT(dbn_zstd_stats, inflated), AT(dbn_zstd_stats, joined);
    STRUCT(dbn_buffer);
    AT(dbn_buffer, bytes), AT(dbn_buffer, size), AT(dbn_buffer, room);
    STRUCT(dbn_symbols_spec);
    AT(dbn_symbols_spec, count), AT(dbn_symbols_spec, symbol);
    STRUCT(dbn_mapping_spec);
    AT(dbn_mapping_spec, raw_symbol), AT(dbn_mapping_spec, intervals), AT(dbn_mapping_spec, interval);
    STRUCT(dbn_metadata_spec);
    AT(dbn_metadata_spec, version), AT(dbn_metadata_spec, dataset), AT(dbn_metadata_spec, schema);
    AT(dbn_metadata_spec, start), AT(dbn_metadata_spec, end), AT(dbn_metadata_spec, limit);
    AT(dbn_metadata_spec, stype_in), AT(dbn_metadata_spec, stype_out), AT(dbn_metadata_spec, ts_out);
    AT(dbn_metadata_spec, symbol_cstr_len), AT(dbn_metadata_spec, symbols), AT(dbn_metadata_spec, partial);
    AT(dbn_metadata_spec, not_found), AT(dbn_metadata_spec, mappings), AT(dbn_metadata_spec, mapping);
    STRUCT(dbn_record);
    AT(dbn_record, p), AT(dbn_record, size), AT(dbn_record, layout);
    STRUCT(dbn_records);
    AT(dbn_records, first), AT(dbn_records, end), AT(dbn_records, size), AT(dbn_records, layout);
    AT(dbn_records, offset);
    STRUCT(dbn_reader);
    AT(dbn_reader, record), AT(dbn_reader, last), AT(dbn_reader, kind);
}

static void print_numbers(void)
{
#define OUTCOME(name, text) NUMBER(DBN_E_##name);
#define OUTCOME_IN_FILE
#include <dbnbench/outcome.def>
#define RECORD(id, Name, size) NUMBER(DBN_LAYOUT_##id);
#include <dbnbench/records.def>
    NUMBER(DBN_STEP_BLOCK), NUMBER(DBN_STEP_RECORD), NUMBER(DBN_STEP_FIELD);
    NUMBER(DBN_TYPE_chr), NUMBER(DBN_TYPE_i8), NUMBER(DBN_TYPE_u8), NUMBER(DBN_TYPE_i16), NUMBER(DBN_TYPE_u16);
    NUMBER(DBN_TYPE_i32), NUMBER(DBN_TYPE_u32), NUMBER(DBN_TYPE_i64), NUMBER(DBN_TYPE_u64), NUMBER(DBN_TYPE_TEXT);
    NUMBER(DBN_TYPE_PAD);
    NUMBER(DBN_MAX_RECORD), NUMBER(DBN_NO_MEMORY), NUMBER(DBN_READER_MAP), NUMBER(DBN_READER_THREADS(2)),
        NUMBER(DBN_ZSTD_OUT);
}

int main(void)
{
    print_records();
    print_structs();
    print_numbers();
    return 0;
}
