/* Names are clean already (see sample_clean_text()), so no file can play with the terminal. */
#include "session_parts.h"

#include "../machine/clock.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PLAIN_EVERY_NS UINT64_C(10000000000)

void progress_begin(struct progress *p, FILE *to)
{
    const char *term = getenv("TERM"), *ci = getenv("CI");
    bool dumb = !term || !*term || strcmp(term, "dumb") == 0;
    *p = (struct progress){.to = to, .live = isatty(fileno(to)) && !dumb && !(ci && *ci)};
}

void progress_show(struct progress *p, const struct case_key *key, const char *format, ...)
{
    char text[2 * SAMPLE_NAME];
    va_list args;
    va_start(args, format);
    size_t n = (size_t)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (key && n < sizeof text)
        snprintf(text + n, sizeof text - n, " %s %s %s", key->dataset, key->backend, key->sink);
    if (p->live) { /* a line that wraps could not be written over */
        fprintf(p->to, "\r\033[K%.79s", text);
        fflush(p->to);
        p->shown = true;
    } else if (!key || clock_now_ns() - p->last_ns > PLAIN_EVERY_NS) {
        fprintf(p->to, "%s\n", text);
        p->last_ns = clock_now_ns();
    }
}

void progress_end(struct progress *p)
{
    if (p->shown)
        fputs("\r\033[K", p->to);
    fflush(p->to);
    p->shown = false;
}
