/* How the results of the parts of a job add up, and what an outcome says. */
#include "job.h"

#include <string.h>

void job_add_counts(struct backend_counts *to, const struct backend_counts *part)
{
    to->reads += part->reads;
    to->other += part->other;
    to->bytes_read += part->bytes_read;
    to->direct += part->direct;
    to->copied += part->copied;
    to->unknown |= part->unknown;
    to->wait_ns += part->wait_ns;
}

void job_add_costs(struct job_result *to, const struct job_result *part)
{
    job_add_counts(&to->counts, &part->counts);
    to->copied += part->copied;
    to->shards += part->shards;
    to->redone += part->redone;
    to->plan_ns += part->plan_ns;
    to->merge_ns += part->merge_ns;
    to->start_ns += part->start_ns;
    to->open_ns += part->open_ns;
    to->work_ns += part->work_ns;
    to->idle_ns += part->idle_ns;
}

void job_merge(struct job_result *to, const struct job_result *part)
{
    job_add_costs(to, part);
    tally_add(&to->tally, &part->tally);
    sink_facts_add(&to->facts, &part->facts);
    bool first = part->file < to->file || (part->file == to->file && part->fault < to->fault);
    if (part->outcome && (!to->outcome || first)) {
        to->outcome = part->outcome;
        to->file = part->file;
        to->fault = part->fault;
    }
}

enum job_verdict job_judge(int outcome, int expected, bool equal)
{
    if (outcome == expected && equal)
        return VERDICT_RIGHT;
    bool could_not_run = outcome == DBN_E_ZSTD_WINDOW_TOO_LARGE || /* of its own share of memory */
                         dbn_outcome_could_not_run(outcome) || dbn_outcome_could_not_run(expected);
    return could_not_run ? VERDICT_COULD_NOT_RUN : VERDICT_WRONG;
}

enum job_verdict job_judge_name(const char *outcome, bool equal)
{
    if (outcome && strcmp(outcome, dbn_outcome_name(0)) == 0)
        return job_judge(0, 0, equal);
    for (int code = DBN_E_BEGIN_ + 1; code < DBN_E_END_; code++)
        if (outcome && code != DBN_E_IN_FILE_ && strcmp(outcome, dbn_outcome_name(code)) == 0)
            return job_judge(code, 0, equal);
    return VERDICT_COULD_NOT_RUN; /* nothing, an errno, or a name that is not known */
}
