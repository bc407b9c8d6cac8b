/* Names are clean already (see sample_clean_text()), so no file can play with the terminal. */
#include "progress.h"

#include "clock.h"

#include <inttypes.h>
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

static void describe(const struct progress_now *now, char *text, size_t size)
{
    char left[32] = "";
    const char *name = now->c ? now->c->key.dataset : now->file->name;
    if (!now->c) {
        snprintf(text, size, "%s: decoding it with the reference decoder", name);
    } else if (now->round == 0) {
        snprintf(text, size, "%s%s %s %s %s", now->counting ? "counting " : "calibrating",
                 now->counting ? now->counting : "", name, now->c->backend->name, now->c->sink->name);
    } else {
        if (now->left_ns)
            snprintf(left, sizeof left, ", %.0f s left", (double)now->left_ns / 1e9);
        snprintf(text, size, "round %" PRIu64 "/%" PRIu64 ", sample %zu/%zu%s: %s %s %s", now->round, now->rounds,
                 now->done + 1, now->of, left, name, now->c->backend->name, now->c->sink->name);
    }
}

void progress_show(struct progress *p, const struct progress_now *now)
{
    char text[2 * SAMPLE_NAME];
    describe(now, text, sizeof text);
    if (p->live) { /* a line that wraps could not be written over */
        fprintf(p->to, "\r\033[K%.79s", text);
        fflush(p->to);
        p->shown = true;
    } else if (!now->c || clock_now_ns() - p->last_ns > PLAIN_EVERY_NS) {
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
