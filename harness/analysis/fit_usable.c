/* A part of fit.c: what a law can be fitted to, and what to say if there is too little of it. */
#include "fit_parts.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Text that grows, and is cut off where its room ends. */
static void say(struct fit_law *law, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(struct fit_law *law, const char *format, ...)
{
    size_t used = strlen(law->why);
    va_list args;
    va_start(args, format);
    vsnprintf(law->why + used, sizeof law->why - used, format, args);
    va_end(args);
}

static const char *threads_word(unsigned n)
{
    return n == 1 ? "thread" : "threads";
}

static unsigned next_above(const struct fit_input *in, const struct fit_uses *uses, enum fit_use use, unsigned n)
{
    unsigned next = 0;
    for (size_t i = 0; i < in->count; i++)
        if (uses->of[i] == use && in->points[i].threads > n && (next == 0 || in->points[i].threads < next))
            next = in->points[i].threads;
    return next;
}

/* How many numbers of threads have that use. */
static size_t distinct(const struct fit_input *in, const struct fit_uses *uses, enum fit_use use)
{
    size_t count = 0;
    for (unsigned n = 0; (n = next_above(in, uses, use, n)) > 0;)
        count++;
    return count;
}

/* "1, 2 and 4 threads". */
static void say_threads(struct fit_law *law, const struct fit_input *in, const struct fit_uses *uses, enum fit_use use)
{
    unsigned last = 0;
    for (unsigned n = next_above(in, uses, use, 0), next; n > 0; n = next) {
        next = next_above(in, uses, use, n);
        say(law, "%s%u", last == 0 ? "" : next ? ", " : " and ", n);
        last = n;
    }
    say(law, " %s", threads_word(last));
}

static void refuse_few(struct fit_law *law, const struct fit_input *in, const struct fit_uses *uses, size_t needed)
{
    size_t n = distinct(in, uses, FIT_USED);
    say(law, "only %zu usable %s (", n, n == 1 ? "point" : "points");
    say_threads(law, in, uses, FIT_USED);
    say(law, "); %zu are needed", needed);
    if (distinct(in, uses, FIT_OVERSUBSCRIBED) > 0) {
        say(law, "; ");
        say_threads(law, in, uses, FIT_OVERSUBSCRIBED);
        say(law, ": more than cores");
    }
    if (distinct(in, uses, FIT_TOO_FEW_ROUNDS) > 0) {
        say(law, "; ");
        say_threads(law, in, uses, FIT_TOO_FEW_ROUNDS);
        say(law, ": in fewer than %d rounds", FIT_ROUNDS);
    }
}

/* Each value is a speed-up or is missing; that of 1 thread, which others are relative to, is 1. */
static bool check_values(struct fit_law *law, const struct fit_input *in)
{
    for (size_t p = 0; p < in->count; p++) {
        unsigned n = in->points[p].threads;
        if (n == 0)
            say(law, "a point has 0 threads");
        for (size_t r = 0; r < in->rounds && !law->why[0]; r++) {
            double s = fit_speedup(in, r, p);
            if (!isnan(s) && (!isfinite(s) || s <= 0))
                say(law, "a speed-up cannot be %g, as with %u %s in round %zu", s, n, threads_word(n), r + 1);
            else if (n == 1 && !isnan(s) && fabs(s - 1) > 1e-9)
                say(law, "the speed-up of 1 thread is 1 by definition, and not %g as in round %zu", s, r + 1);
        }
        if (law->why[0])
            return false;
    }
    return true;
}

/* Sets uses->rounds and uses->n. */
static void find_rounds(const struct fit_input *in, size_t one, struct fit_uses *uses)
{
    uses->n = 0;
    for (size_t r = 0; r < in->rounds; r++)
        if (!isnan(fit_speedup(in, r, one)))
            uses->rounds[uses->n++] = r;
}

bool fit_usable(struct fit_law *law, const struct fit_input *in, size_t needed, struct fit_uses *uses)
{
    size_t one = 0;
    if (in->count > FIT_POINTS) {
        say(law, "%zu points are too many; %d can be fitted", in->count, FIT_POINTS);
        return false;
    }
    if (!check_values(law, in))
        return false;
    while (one < in->count && (in->points[one].threads != 1 || in->points[one].oversubscribed))
        one++;
    if (one == in->count) {
        say(law, "there is no usable point with 1 thread, which speed-ups are relative to");
        return false;
    }
    find_rounds(in, one, uses);
    if (uses->n < FIT_ROUNDS) {
        say(law, "only %zu %s with 1 thread; %d are needed", uses->n, uses->n == 1 ? "round" : "rounds", FIT_ROUNDS);
        return false;
    }
    for (size_t p = 0; p < in->count; p++) {
        size_t known = 0;
        for (size_t i = 0; i < uses->n; i++)
            known += isnan(fit_speedup(in, uses->rounds[i], p)) ? 0 : 1;
        uses->of[p] = in->points[p].oversubscribed ? FIT_OVERSUBSCRIBED
                      : known < FIT_ROUNDS         ? FIT_TOO_FEW_ROUNDS
                                                   : FIT_USED;
    }
    law->rounds = uses->n;
    law->points = distinct(in, uses, FIT_USED);
    if (law->points < needed)
        refuse_few(law, in, uses, needed);
    return law->points >= needed;
}
