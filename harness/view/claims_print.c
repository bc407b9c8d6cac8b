/* The claims as a page: what was said, what was measured, and where they contradict themselves, for which nothing has
 * to be measured at all. */
#include "../analysis/claims.h"
#include "../analysis/phases.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define CLAIMED_RATE 2.8 /* M records/s: what the decoder did that all this was said of */

static const char *const verdicts[] = {
    [CLAIM_UNKNOWN] = "n/a",
    [CLAIM_HOLDS] = "holds",
    [CLAIM_BELOW] = "**does not hold: less**",
    [CLAIM_ABOVE] = "**does not hold: more**",
    [CLAIM_CANNOT_TELL] = "cannot tell",
};

static void put(double value, FILE *to)
{
    fprintf(to, fabs(value) >= 1000 ? "%.0f" : fabs(value) >= 1 ? "%.3g" : "%.2g", value);
}

/* Names of files may hold what Markdown, or a browser that shows it, would obey. */
static void put_name(const char *name, FILE *to)
{
    for (; *name; name++)
        fputc(strchr("|<>[]\\", *name) ? '?' : *name, to);
}

static void print_claim(const struct claim *c, const struct claims_input *in, FILE *to)
{
    struct claim_finding f = c->find(in, c->arg);
    fprintf(to, "| %s | ", c->says);
    if (f.value.n == 0) {
        fprintf(to, "n/a | n/a: %s |\n", f.what);
        return;
    }
    put(f.value.median, to);
    fprintf(to, " %s [", c->unit);
    put(f.value.low, to);
    fputs(", ", to);
    put(f.value.high, to);
    fputs("] (", to);
    put_name(f.what, to);
    fprintf(to, ") | %s |\n", verdicts[claim_judge(&f.value, c->low, c->high)]);
}

static void print_contradictions(FILE *to)
{
    struct phase_chain chain;
    char why[256];
    double low = CLAIMED_RATE, high = CLAIMED_RATE;
    phase_chain_load(NULL, 1, &chain, why, sizeof why);
    for (size_t i = 0; i < chain.count; i++) {
        const struct phase *p = &chain.phase[i];
        low *= p->low > 0 && !p->many && p->split == 1 && p->low > 1 ? p->low : 1;
        high *= p->high > 0 && !p->many && p->split == 1 && p->high > 1 ? p->high : 1;
    }
    fprintf(to,
            "## Where the claims contradict themselves\n\n"
            "This needs no measurement: the numbers cannot all be true.\n\n"
            "- 10 million calls of 50 ns are %.2f s. A million records at %.1f M/s take %.3f s in all: the calls\n"
            "  alone would take %.0f%% of that at the very least, not 40%%. 15 million of 100 ns would be %.1f s.\n",
            10e6 * 50e-9, CLAIMED_RATE, 1 / CLAIMED_RATE, 100 * 10e6 * 50e-9 * CLAIMED_RATE, 15e6 * 100e-9);
    fprintf(to,
            "- Removing 40%% of the time makes it 1/(1 - 0.4) = %.2f times as fast, which is +%.0f%%; the same step\n"
            "  is said to gain 40 to 66%%, and 40 to 50%% elsewhere.\n"
            "- Blocks of 64 KiB make %.0f read calls of a million records of 48 bytes, not 15 thousand.\n",
            1 / 0.6, 100 * (1 / 0.6 - 1), ceil(48e6 / 65536));
    fprintf(
        to,
        "- All promised gains together, from %.1f M/s on, come to %.1f to %.1f M/s; 7 to 8 is said to be the most.\n"
        "- 20%% serial work allows 5 times as fast at most; many files are said to scale linearly, without end.\n",
        CLAIMED_RATE, low, high);
}

static void print_runs(const struct claims_input *in, FILE *to)
{
    fputs("## The runs\n\n", to);
    for (size_t i = 0; i < in->count; i++) {
        const json_t *run = in->runs[i].run, *command = json_object_get(run, "command");
        const char *id = json_string_value(json_object_get(run, "run"));
        const char *cpu = json_string_value(json_object_get(json_object_get(run, "machine"), "cpu"));
        fprintf(to, "- %s, %zu samples, on %s: `", id ? id : "?", in->runs[i].count,
                cpu ? cpu : "an unknown processor");
        for (size_t k = 0; k < json_array_size(command); k++) {
            const char *word = json_string_value(json_array_get(command, k));
            for (const char *p = word ? word : ""; *p; p++)
                fputc(strchr("`|<>", *p) ? '?' : *p, to);
            fputc(k + 1 < json_array_size(command) ? ' ' : '`', to);
        }
        fputc('\n', to);
    }
    fputc('\n', to);
}

int claims_print(const struct claims_input *in, FILE *to)
{
    fputs("# Claims, and what was measured\n\n"
          "Work on this kind of decoder began with an analysis of one in another language, which claimed numbers that\n"
          "nobody had measured. Here each stands beside what a stored run found: the median, and an interval that\n"
          "holds it with at least 95 %. The claims are of that other decoder; what is measured is this one, in C, on\n"
          "the machine below. This page is made by `dbnbench claims`.\n\n"
          "| the claim | measured | verdict |\n| --- | --- | --- |\n",
          to);
    for (size_t i = 0; i < claims_count; i++)
        print_claim(&claims[i], in, to);
    fputc('\n', to);
    print_contradictions(to);
    fputc('\n', to);
    print_runs(in, to);
    return 0;
}
