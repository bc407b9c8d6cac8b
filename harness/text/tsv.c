#include "tsv.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>

void tsv_text(FILE *to, const char *text)
{
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '\\')
            fputs("\\\\", to);
        else if (c < ' ' || c == '"' || c == 0x7F)
            fprintf(to, "\\%03o", c);
        else
            fputc(c, to);
    }
}

void tsv_number(FILE *to, double value)
{
    if (isfinite(value))
        fprintf(to, "%.9g", value);
    else
        fputs("NaN", to);
}

void tsv_row(FILE *to, const char *kinds, ...)
{
    va_list args;
    va_start(args, kinds);
    bool more = false;
    for (const char *kind = kinds; *kind; kind++) {
        if (kind > kinds)
            fputc('\t', to);
        if (*kind == '+')
            more = true;
        else if (*kind == 't')
            tsv_text(to, va_arg(args, const char *));
        else if (*kind == 'n')
            fprintf(to, "%" PRIu64, va_arg(args, uint64_t));
        else
            tsv_number(to, va_arg(args, double));
    }
    va_end(args);
    if (!more)
        fputc('\n', to);
}
