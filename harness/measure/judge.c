#include "judge.h"

#include "../../dbn/outcome.h"

#include <string.h>

enum verdict judge(int outcome, int expected, bool equal)
{
    if (outcome == expected && equal)
        return VERDICT_RIGHT;
    bool could_not_run = outcome == DBN_E_ZSTD_WINDOW_TOO_LARGE || /* of its own share of memory */
                         dbn_outcome_could_not_run(outcome) || dbn_outcome_could_not_run(expected);
    return could_not_run ? VERDICT_COULD_NOT_RUN : VERDICT_WRONG;
}

enum verdict judge_name(const char *outcome, bool equal)
{
    if (outcome && strcmp(outcome, dbn_outcome_name(0)) == 0)
        return judge(0, 0, equal);
    for (int code = DBN_E_BEGIN_ + 1; code < DBN_E_END_; code++)
        if (outcome && code != DBN_E_IN_FILE_ && strcmp(outcome, dbn_outcome_name(code)) == 0)
            return judge(code, 0, equal);
    return VERDICT_COULD_NOT_RUN; /* nothing, an errno, or a name that is not known */
}
