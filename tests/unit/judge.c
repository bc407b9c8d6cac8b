/* "Could not run" and "wrong result" are two things, for every command. */
#include "../../dbn/outcome.h"
#include "../../harness/measure/job.h"
#include "../test.h"

#include <errno.h>
#include <stddef.h>

TEST(tells_apart_by_outcome)
{
    static const struct {
        int outcome, expected;
        bool equal;
        enum job_verdict verdict;
    } known[] = {
        {0, 0, true, VERDICT_RIGHT},
        {0, 0, false, VERDICT_WRONG},
        {DBN_E_TRUNCATED_RECORD, DBN_E_TRUNCATED_RECORD, true, VERDICT_RIGHT},
        {DBN_E_TRUNCATED_RECORD, DBN_E_TRUNCATED_RECORD, false, VERDICT_WRONG},
        {DBN_E_TRUNCATED_RECORD, 0, true, VERDICT_WRONG},
        {0, DBN_E_TRUNCATED_RECORD, true, VERDICT_WRONG},
        {-ENOMEM, 0, true, VERDICT_COULD_NOT_RUN},
        {-ENOMEM, 0, false, VERDICT_COULD_NOT_RUN},
        {-ENOMEM, DBN_E_TRUNCATED_RECORD, false, VERDICT_COULD_NOT_RUN},
        {-EAGAIN, 0, false, VERDICT_COULD_NOT_RUN},
        {DBN_E_SINK_FAILED, 0, false, VERDICT_COULD_NOT_RUN},
        {DBN_E_FILE_CHANGED, 0, false, VERDICT_COULD_NOT_RUN},
        {DBN_E_FILE_CHANGED, DBN_E_TRUNCATED_RECORD, false, VERDICT_COULD_NOT_RUN},
        {DBN_E_UNSUPPORTED_FILE, 0, false, VERDICT_COULD_NOT_RUN},
        {DBN_E_UNSUPPORTED_FILE, DBN_E_UNSUPPORTED_FILE, true, VERDICT_RIGHT},
        {0, -EIO, false, VERDICT_COULD_NOT_RUN},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        enum job_verdict v = job_judge(known[i].outcome, known[i].expected, known[i].equal);
        CHECK_FOR(v == known[i].verdict, "row %zu: verdict %d", i, (int)v);
    }
}

/* The name says as much as the code. */
TEST(names_say_as_much_as_codes)
{
    CHECK(job_judge_name("OK", true) == VERDICT_RIGHT);
    CHECK(job_judge_name("OK", false) == VERDICT_WRONG);
    CHECK(job_judge_name("IO_ERROR", false) == VERDICT_COULD_NOT_RUN);
    CHECK(job_judge_name(NULL, true) == VERDICT_COULD_NOT_RUN);
    CHECK(job_judge_name("SOMETHING_NEW", true) == VERDICT_COULD_NOT_RUN);
    for (int code = DBN_E_BEGIN_ + 1; code < DBN_E_END_; code++)
        if (code != DBN_E_IN_FILE_)
            CHECK(job_judge_name(dbn_outcome_name(code), false) == job_judge(code, 0, false));
}

TESTS(CASE(tells_apart_by_outcome), CASE(names_say_as_much_as_codes));
