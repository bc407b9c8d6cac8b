/* Guards what is said of counters that are refused: never a zero, always the kernel's reason, and what would
 * change it. Refusals are made with seccomp, which can do to perf_event_open() what other machines do. */
#include "../counting.h"

#include <errno.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

/* From now on perf_event_open() fails, if `grouped` only where it should join a group. */
static void refuse(int error, bool grouped)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_perf_event_open, 0, 4),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[3])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, UINT32_MAX, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, grouped ? SECCOMP_RET_ALLOW : SECCOMP_RET_ERRNO | (uint32_t)error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    filter[1].jf = 4; /* to the last one */
    struct sock_fprog program = {sizeof filter / sizeof filter[0], filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        SKIP("no seccomp filters here: %s", strerror(errno));
}

static void check_refused(int error, const char *why)
{
    struct counters_access access = counters_access();
    struct counting c;
    struct counter_reading r[COUNTERS_MAX];
    char advice[COUNTER_TEXT] = "";
    refuse(error, false);
    struct counter_set set = choose_and_try("page-faults,cycles");
    counters_open(&c, &set, COUNTERS_ALL_THREADS);
    counters_begin(&c);
    counters_end(&c, r);
    counters_close(&c);
    for (size_t i = 0; i < 2; i++) {
        CHECK_STR(set.spec[i].why, why);
        CHECK_EQ_I64(set.spec[i].error, error);
        CHECK_EQ_U64(r[i].reading.state, READING_UNSUPPORTED);
    }
    CHECK(counters_advice(&access, &set.spec[0], advice, sizeof advice));
}

TEST(a_refusal_is_quoted_eacces)
{
    check_refused(EACCES, "perf_event_open: Permission denied (EACCES)");
}

TEST(a_refusal_is_quoted_enosys)
{
    check_refused(ENOSYS, "perf_event_open: Function not implemented (ENOSYS)");
}

TEST(no_groups_no_harm)
{
    faults("page-faults");
    refuse(EINVAL, true);
    struct counter_set set = faults("page-faults,minor-faults,task-clock");
    struct counting c;
    struct counter_reading r[COUNTERS_MAX];
    size_t pages = PAGES;
    counters_open(&c, &set, COUNTERS_ALL_THREADS);
    for (size_t i = 0; i < set.count; i++)
        CHECK_EQ_U64(c.event[i].leader, i);
    counters_begin(&c);
    touch_fresh(&pages);
    counters_end(&c, r);
    counters_close(&c);
    check_about(&r[0], PAGES);
    check_about(&r[1], PAGES);
    CHECK(r[2].reading.value > 0);
}

/* As a plain user the kernel's side may be hidden; page faults of our own doing are seen nevertheless. */
TEST(plain_users_count_their_side)
{
    struct counters_access access = counters_access();
    if (getuid() == 0 && setresuid(65534, 65534, 65534) != 0)
        SKIP("cannot become another user");
    prctl(PR_SET_DUMPABLE, 1); /* changing the user took it away, and with it the right to count */
    struct counter_set set = choose_and_try("page-faults,context-switches");
    char advice[COUNTER_TEXT] = "";
    access = counters_access();
    CHECK(!access.privileged);
    if (*set.spec[0].why) {
        CHECK(known_errno(set.spec[0].why) && counters_advice(&access, &set.spec[0], advice, sizeof advice));
        return;
    }
    CHECK_EQ_U64(set.spec[0].user_only, access.paranoid > 1);
    if (!set.spec[0].user_only)
        return;
    CHECK_STR(set.spec[1].why, "it happens in the kernel, whose side must not be seen");
    CHECK(counters_advice(&access, &set.spec[0], advice, sizeof advice));
    CHECK_FOR(strstr(advice, "sudo sysctl kernel.perf_event_paranoid=1"), "%s", advice);
}

TEST(no_files_left_is_not_zero)
{
    struct counter_set set = faults("page-faults,task-clock");
    struct counting c;
    struct counter_reading r[COUNTERS_MAX];
    struct rlimit before;
    getrlimit(RLIMIT_NOFILE, &before);
    setrlimit(RLIMIT_NOFILE, &(struct rlimit){3, before.rlim_max});
    counters_open(&c, &set, COUNTERS_THIS_THREAD);
    setrlimit(RLIMIT_NOFILE, &before); /* the leak check wants files */
    counters_begin(&c);
    counters_end(&c, r);
    counters_close(&c);
    for (size_t i = 0; i < 2; i++) {
        CHECK_EQ_I64(c.event[i].error, EMFILE);
        CHECK_EQ_U64(r[i].reading.state, READING_UNSUPPORTED);
    }
}

TEST(advice)
{
    static const struct {
        struct counters_access access;
        uint32_t type;
        bool user_only;
        int error;
        const char *says; /* NULL: nothing */
    } rows[] = {
        {{2, false, true},
         PERF_TYPE_SOFTWARE,
         true,
         0,
         "paranoid is 2; this shows the kernel's side as well: sudo sysctl"},
        {{3, false, true}, PERF_TYPE_SOFTWARE, false, EACCES, "paranoid is 3; this shows them: sudo sysctl"},
        {{4, false, false}, PERF_TYPE_HARDWARE, false, EACCES, "paranoid is 4; this shows them: sudo sysctl"},
        {{1, false, true}, PERF_TYPE_HARDWARE, false, EPERM, "--cap-add=PERFMON"},
        {{2, true, true}, PERF_TYPE_HARDWARE, false, EPERM, "--cap-add=PERFMON"},
        {{2, false, true}, PERF_TYPE_HARDWARE, false, ENOSYS, "--cap-add=PERFMON"},
        {{INT_MIN, false, false}, PERF_TYPE_HARDWARE, false, ENOSYS, "CONFIG_PERF_EVENTS"},
        {{2, false, false}, PERF_TYPE_RAW, false, ENOENT, "only its host"},
        {{2, false, false}, PERF_TYPE_HARDWARE, false, EOPNOTSUPP, "only its host"},
        {{2, false, true}, PERF_TYPE_RAW, false, EINVAL, NULL},
        {{2, false, false}, PERF_TYPE_SOFTWARE, false, ENOENT, NULL},
        {{2, false, false}, PERF_TYPE_SOFTWARE, false, EMFILE, "ulimit -n"},
        {{2, false, true}, PERF_TYPE_SOFTWARE, false, 0, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct counter_spec spec = {.attr.type = rows[i].type, .user_only = rows[i].user_only, .error = rows[i].error};
        char text[COUNTER_TEXT] = "";
        bool said = counters_advice(&rows[i].access, &spec, text, sizeof text);
        CHECK_FOR(said == (rows[i].says != NULL), "row %zu: %s", i, text);
        CHECK_FOR(!said || strstr(text, rows[i].says), "row %zu: %s", i, text);
    }
}

TESTS(CASE(a_refusal_is_quoted_eacces), CASE(a_refusal_is_quoted_enosys), CASE(no_groups_no_harm),
      CASE(plain_users_count_their_side), CASE(no_files_left_is_not_zero), CASE(advice));
