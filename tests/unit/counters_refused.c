/* Guards what is said of counters that are refused: never a zero, always the kernel's reason. Refusals are made with
 * seccomp, which can do to perf_event_open() what other machines do. */
#include "../counting.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

/* From now on perf_event_open() fails. */
static void refuse(int error)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_perf_event_open, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof filter[0], filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        SKIP("no seccomp filters here: %s", strerror(errno));
}

static void check_refused(int error, const char *why)
{
    struct counting c;
    struct counter_reading r[COUNTERS_MAX];
    refuse(error);
    struct counter_set set = choose_and_try("page-faults,cycles");
    counters_open(&c, &set);
    counters_begin(&c);
    counters_end(&c, r);
    counters_close(&c);
    for (size_t i = 0; i < 2; i++) {
        CHECK_STR(set.spec[i].why, why);
        CHECK_EQ_I64(set.spec[i].error, error);
        CHECK_EQ_U64(r[i].reading.state, READING_UNSUPPORTED);
    }
}

TEST(a_refusal_is_quoted_eacces)
{
    check_refused(EACCES, "perf_event_open: Permission denied (EACCES)");
}

TEST(a_refusal_is_quoted_enosys)
{
    check_refused(ENOSYS, "perf_event_open: Function not implemented (ENOSYS)");
}

/* As a plain user the kernel's side may be hidden; page faults of our own doing are seen nevertheless. */
TEST(plain_users_count_their_side)
{
    if (getuid() == 0 && setresuid(65534, 65534, 65534) != 0)
        SKIP("cannot become another user");
    prctl(PR_SET_DUMPABLE, 1); /* changing the user took it away, and with it the right to count */
    struct counter_set set = choose_and_try("page-faults,context-switches");
    if (*set.spec[0].why) {
        CHECK(known_errno(set.spec[0].why));
        return;
    }
    if (set.spec[0].user_only)
        CHECK_STR(set.spec[1].why, "it happens in the kernel, whose side must not be seen");
}

TEST(no_files_left_is_not_zero)
{
    struct counter_set set = faults("page-faults,task-clock");
    struct counting c;
    struct counter_reading r[COUNTERS_MAX];
    struct rlimit before;
    getrlimit(RLIMIT_NOFILE, &before);
    setrlimit(RLIMIT_NOFILE, &(struct rlimit){3, before.rlim_max});
    counters_open(&c, &set);
    setrlimit(RLIMIT_NOFILE, &before); /* the leak check wants files */
    counters_begin(&c);
    counters_end(&c, r);
    counters_close(&c);
    for (size_t i = 0; i < 2; i++) {
        CHECK_EQ_I64(c.event[i].error, EMFILE);
        CHECK_EQ_U64(r[i].reading.state, READING_UNSUPPORTED);
    }
}

TESTS(CASE(a_refusal_is_quoted_eacces), CASE(a_refusal_is_quoted_enosys), CASE(plain_users_count_their_side),
      CASE(no_files_left_is_not_zero));
