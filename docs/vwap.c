/* An example for libdbn: what was traded in each file, and at which price on average (volume-weighted).
 *
 *     cc -O2 vwap.c $(pkg-config --cflags --libs libdbn) -o vwap
 *     ./vwap FILE... */
#include <dbnbench/reader.h>

#include <inttypes.h>
#include <stdio.h>

static int vwap(const char *path)
{
    struct dbn_reader *r;
    const struct dbn_record *record;
    uint64_t records = 0, trades = 0, volume = 0;
    double value = 0;
    int rc = dbn_reader_open(path, DBN_READER_MAP, &r);
    for (; rc >= 0 && (rc = dbn_reader_next(r, &record)) > 0; records++)
        if (record->layout == DBN_LAYOUT_trade) {
            const struct dbn_trade *t = DBN_AS(trade, record->p);
            if (t->price == DBN_UNDEF_PRICE)
                continue;
            trades++;
            volume += t->size;
            value += (double)t->price * t->size;
        }
    if (rc < 0) {
        fprintf(stderr, "%s\n", dbn_reader_message(r));
    } else {
        const struct dbn_metadata *md = dbn_reader_metadata(r);
        const char *schema = dbn_schema_name(md->schema);
        printf("%s: %s, %s, %" PRIu32 " symbols, %" PRIu64 " records\n", path, md->dataset, schema ? schema : "mixed",
               md->symbols.count, records);
        if (volume > 0)
            printf("  %" PRIu64 " trades of %" PRIu64 ", at %.4f on average\n", trades, volume,
                   value / (double)volume / (double)DBN_PRICE_SCALE);
    }
    dbn_reader_close(r);
    return rc;
}

int main(int argc, char **argv)
{
    int failed = 0;
    for (int i = 1; i < argc; i++)
        failed |= vwap(argv[i]) < 0;
    return failed;
}
