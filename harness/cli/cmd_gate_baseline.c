/* gate --baseline FILE RUN: two stored runs, case by case. */
#include "exit.h"
#include "../gate/gate_baseline.h"
#include "../text/escape.h"
#include "cmd_gate.h"
#include "cmd_stored.h"
#include "options.h"

#include <stdlib.h>
#include <string.h>

static int open_run(const char *name, struct stored_run *r)
{
    int code = stored_open(name, r);
    if (code || r->report.count > 0)
        return code;
    complain("%s: its last run has no samples", name);
    return EXIT_FAILED;
}

static bool same_case(const struct sample *a, const struct sample *b)
{
    return strcmp(a->key.dataset, b->key.dataset) == 0 && strcmp(a->key.backend, b->key.backend) == 0 &&
           strcmp(a->key.sink, b->key.sink) == 0 && a->key.threads == b->key.threads && a->key.block == b->key.block &&
           a->key.cold == b->key.cold;
}

static struct gate_stored find(const struct stored_run *r, const struct sample *like)
{
    for (size_t i = 0; i < r->report.count; i++) {
        const struct report_row *row = &r->report.rows[i];
        if (same_case(row->sample, like))
            return (struct gate_stored){
                .there = true,
                .failed = row->sample->outcome != SAMPLE_OK,
                .digest = row->sample->tally_digest,
                .records = row->sample->records,
                .of_limit = row->of_limit,
            };
    }
    return (struct gate_stored){0};
}

static enum gate_verdict judge(const struct stored_run *base, const struct stored_run *head, const struct sample *like,
                               bool anyway)
{
    char why[GATE_WHY] = "";
    struct gate_stored b = find(base, like), h = find(head, like);
    enum gate_verdict verdict = gate_judge_stored(&b, &h, anyway, why);
    printf("%-13s ", gate_verdicts[verdict]);
    print_plain(stdout, like->key.dataset, strlen(like->key.dataset));
    printf("/%s/%s/%u: %s\n", like->key.backend, like->key.sink, (unsigned)like->key.threads, why);
    return verdict;
}

/* Every case of either run. */
static enum gate_verdict judge_all(const struct stored_run *base, const struct stored_run *head, bool anyway)
{
    enum gate_verdict whole = GATE_NOTHING;
    for (size_t i = 0; i < base->report.count; i++)
        whole = gate_graver(whole, judge(base, head, base->report.rows[i].sample, anyway));
    for (size_t i = 0; i < head->report.count; i++)
        if (!find(base, head->report.rows[i].sample).there)
            whole = gate_graver(whole, judge(base, head, head->report.rows[i].sample, anyway));
    return whole;
}

static int compare(const struct gate_arguments *a, const struct stored_run *base, const struct stored_run *head)
{
    char changes[1024];
    if (!gate_is_comparable(base->results.run, head->results.run, changes, sizeof changes)) {
        complain("%s was taken in other surroundings: %s%s", a->baseline, changes,
                 a->anyway ? "" : "; --anyway compares all the same");
        if (!a->anyway)
            return EXIT_FAILED;
    }
    enum gate_verdict whole = judge_all(base, head, a->anyway);
    printf("gate: %s. Times of another day: weaker than `dbnbench gate BASE HEAD`, and no proof of anything.\n",
           gate_verdicts[whole]);
    return gate_exit_code(whole, a->strict, false);
}

int gate_against_baseline(const struct gate_arguments *a)
{
    struct stored_run base, head = {0};
    int code = open_run(a->baseline, &base);
    if (code == EXIT_FINE)
        code = open_run(a->program[0], &head);
    if (code == EXIT_FINE)
        code = compare(a, &base, &head);
    stored_close(&head);
    stored_close(&base);
    return code;
}
