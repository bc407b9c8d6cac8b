/* Instruments by number: futures, calendar spreads and options of two dozen roots. No two names are alike,
 * and all fit the shortest fields of version 1. */
#include "generate_market.h"

#include <stdio.h>

static const struct root roots[] = {
    {"ES", "ES", "IPNT", "FFICSX", 250000000, 19200, 50},  {"NQ", "NQ", "IPNT", "FFICSX", 250000000, 66800, 20},
    {"ZN", "ZN", "USD", "FFDCSX", 15625000, 7184, 1000},   {"CL", "CL", "BBL", "FCEPSX", 10000000, 7180, 1000},
    {"ZF", "ZF", "USD", "FFDCSX", 7812500, 13900, 1000},   {"GC", "GC", "TRYOZ", "FCEPSX", 100000000, 20700, 100},
    {"6E", "6E", "EUR", "FFCCSX", 50000, 22000, 125000},   {"ZB", "ZB", "USD", "FFDCSX", 31250000, 3980, 1000},
    {"RTY", "RT", "IPNT", "FFICSX", 100000000, 20400, 50}, {"YM", "YM", "IPNT", "FFICSX", 1000000000, 37900, 5},
    {"NG", "NG", "MMBTU", "FCEPSX", 1000000, 2550, 10000}, {"ZC", "ZC", "BU", "FCAPSX", 250000000, 1860, 50},
    {"ZS", "ZS", "BU", "FCAPSX", 250000000, 5120, 50},     {"ZW", "ZW", "BU", "FCAPSX", 250000000, 2430, 50},
    {"ZT", "ZT", "USD", "FFDCSX", 3906250, 26350, 2000},   {"6J", "6J", "JPY", "FFCCSX", 500, 14200, 12500000},
    {"6B", "6B", "GBP", "FFCCSX", 100000, 12700, 62500},   {"SI", "SI", "TRYOZ", "FCEPSX", 5000000, 4770, 5000},
    {"HG", "HG", "LBS", "FCEPSX", 500000, 7780, 25000},    {"RB", "RB", "GAL", "FCEPSX", 100000, 21100, 42000},
    {"HO", "HO", "GAL", "FCEPSX", 100000, 25400, 42000},   {"PL", "PL", "TRYOZ", "FCEPSX", 100000000, 9930, 50},
    {"LE", "LE", "LBS", "FCAPSX", 25000000, 6800, 400},    {"HE", "HE", "LBS", "FCAPSX", 25000000, 2730, 400},
};

enum { ROOTS = sizeof roots / sizeof roots[0] };

/* Of every four instruments of a root two are futures, one is the spread between them, one an option on the first. */
struct contract contract_at(uint32_t index)
{
    const struct root *root = &roots[index % ROOTS];
    uint32_t nth = index / ROOTS, group = nth / 4;
    struct contract c = {.root = root, .month = 2 * group, .first = index % ROOTS + ROOTS * 4 * group};
    if (nth % 4 == 1) {
        c.month++;
    } else if (nth % 4 == 2) {
        c.kind = CONTRACT_SPREAD;
        c.second = c.first + ROOTS;
    } else if (nth % 4 == 3) {
        c.kind = CONTRACT_OPTION;
        c.strike = root->tick * (root->home / 100 * (90 + (int32_t)(group % 20)));
        c.call = group % 2 == 0;
    }
    return c;
}

/* Quarterly months first, as these are the ones that trade. */
static int future_symbol(char *to, size_t size, const struct root *root, uint32_t month)
{
    return snprintf(to, size, "%s%c%u", root->name, "HMUZFGJKNQVX"[month % 12], 4 + month / 12);
}

void contract_symbol(uint32_t index, char symbol[SYMBOL_SIZE])
{
    struct contract c = contract_at(index);
    int n = future_symbol(symbol, SYMBOL_SIZE, c.root, c.month);
    char *rest = symbol + n;
    size_t room = SYMBOL_SIZE - (size_t)n;
    if (c.kind == CONTRACT_SPREAD) {
        *rest = '-';
        future_symbol(rest + 1, room - 1, c.root, c.month + 1);
    } else if (c.kind == CONTRACT_OPTION) {
        snprintf(rest, room, " %c%d", c.call ? 'C' : 'P', (int)(c.strike / c.root->tick));
    }
}

/* Scattered, as real ones are, but never the same twice and never 0: an odd factor is invertible modulo 2^24. */
uint32_t contract_instrument_id(uint32_t index)
{
    return (index + 1) * UINT32_C(0x9E3779) & 0xFFFFFF;
}
