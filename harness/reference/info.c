/* Built on the reference decoder: `info` and the backends under test have next to nothing in common. */
#include "info.h"

#include <string.h>

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

static void add_record(struct info *info, const struct ref_record *r)
{
    uint64_t price, size;
    info->records++;
    info->bytes += r->size;
    info->crc32 = crc32_of(info->crc32, r->p, r->size);
    info->ts_event_sum += ref_value(r->p, &dbn_header_field[4]);
    if (ref_price_size(r, &price, &size)) {
        info->price_sum += price;
        info->size_sum += size;
    }
    info->rtype_counts[r->p[1]]++;
    size_t suffix = info->facts.ts_out ? DBN_TS_OUT_SIZE : 0;
    if (!dbn_rtype_name(r->p[1]))
        info->unknown_rtypes++;
    else if (!r->layout || r->size != r->layout->size + suffix)
        info->size_mismatches++;
}

static void read_records(struct info *info, struct ref *p)
{
    struct ref_record r;
    int rc;
    uint64_t end = info->metadata.first_record_offset;
    while ((rc = ref_next(p, &r, &info->fault)) > 0) {
        add_record(info, &r);
        end = r.offset + r.size;
    }
    info->outcome = rc;
    if (rc == DBN_E_BAD_RECORD_LENGTH)
        ref_drain(p); /* for the number of bytes behind it */
    info->facts = ref_facts(p);
    info->trailing_bytes = info->facts.stream_size - end;
}

void info_read(const char *path, const struct input_options *options, struct info *info)
{
    const char *slash = strrchr(path, '/');
    struct ref *p;
    *info = (struct info){.name = slash ? slash + 1 : path, .fragment_version = options->version};
    info->outcome = ref_open(path, options, &p);
    if (info->outcome)
        return;
    info->known = INFO_FILE;
    info->outcome = ref_start(p, &info->fault);
    info->facts = ref_facts(p);
    if (info->outcome == 0) {
        info->known = INFO_STREAM;
        info->metadata = ref_take_metadata(p);
        read_records(info, p);
    }
    int rc = ref_close(p);
    if (rc) {
        info->outcome = rc;
        info->fault = 0;
    }
}

void info_free(struct info *info)
{
    dbn_metadata_free(&info->metadata);
}

const char *info_container(const struct info *info)
{
    return info->outcome == DBN_E_LEGACY_DBZ ? "dbz" : info->facts.compressed ? "zstd" : "raw";
}

unsigned info_version(const struct info *info)
{
    return info->facts.fragment ? info->fragment_version : info->metadata.version;
}
