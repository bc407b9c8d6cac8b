#include "progress.h"

#include "../machine/clock.h"
#include "../text/terminal.h"

#include <stdlib.h>

static const uint64_t PLAIN_EVERY_NS = UINT64_C(10000000000);

void progress_begin(struct progress *p, FILE *to)
{
    const char *ci = getenv("CI");
    *p = (struct progress){.to = to, .live = terminal_is_live(to) && !(ci && *ci)};
    p->begin_ns = p->last_ns = clock_now_ns();
}

void progress_show(struct progress *p, bool always, const char *text)
{
    if (p->live) { /* a line that wraps could not be written over */
        fprintf(p->to, "\r\033[K%.*s", (int)terminal_width(p->to) - 1, text);
        fflush(p->to);
        p->shown = true;
    } else if (always || clock_now_ns() - p->last_ns > PLAIN_EVERY_NS) {
        fprintf(p->to, "%s\n", text);
        p->last_ns = clock_now_ns();
    }
}

void progress_step(struct progress *p, size_t done, size_t steps, const char *text)
{
    char line[256], left[48] = "";
    double spent = (double)(clock_now_ns() - p->begin_ns) / 1e9;
    if (done > 0)
        snprintf(left, sizeof left, ", %.0f s left", spent / (double)done * (double)(steps - done));
    snprintf(line, sizeof line, "%zu of %zu%s: %s", done + 1, steps, left, text);
    if (p->live)
        progress_show(p, false, line);
}

void progress_end(struct progress *p)
{
    if (p->shown)
        fputs("\r\033[K", p->to);
    fflush(p->to);
    p->shown = false;
}

void progress_say(struct progress *p, const char *text)
{
    progress_end(p);
    fprintf(p->to, "%s\n", text);
}
