// The only C++ here. Holds for versions from 1.7.1 on: errors are asked of the State, whose error_occurred()
// all of them have, and not of a reporter's Run, which changed; so the library's own reporters do all the
// output.
#include "shim.h"

#include <benchmark/benchmark.h>

struct gbench_state {
    benchmark::State &state;
    bool over; // the loop
};

namespace
{
std::size_t failed_goes;

// Does it, and says whether that went without an exception.
template <class Action> int guarded(Action action) noexcept
{
    try {
        action();
        return 0;
    } catch (...) {
        return -1;
    }
}

// The same for a case. If not even the error can be noted, the go still counts as failed.
template <class Action> void guarded(gbench_state *s, Action action) noexcept
{
    if (guarded(action) < 0 && guarded([s] { s->state.SkipWithError("out of memory"); }) < 0)
        failed_goes++;
}

void go(benchmark::State &state, void (*run)(gbench_state *, void *), void *arg) noexcept
{
    gbench_state s = {state, false};
    run(&s, arg);
    if (!s.over && !state.error_occurred())
        gbench_fail(&s, "the case left its loop early"); // the library would abort
    failed_goes += state.error_occurred();
}
} // namespace

int gbench_begin(int *argc, char **argv, void (*help)(void))
{
    bool strange = true;
    guarded([=, &strange] {
        benchmark::SetDefaultTimeUnit(benchmark::kMicrosecond); // unless --benchmark_time_unit is there
        benchmark::Initialize(argc, argv, help);
        strange = benchmark::ReportUnrecognizedArguments(*argc, argv);
    });
    return strange ? -1 : 0;
}

void gbench_help(void)
{
    guarded([] { benchmark::PrintDefaultHelp(); });
}

int gbench_context(const char *key, const char *value)
{
    return guarded([=] { benchmark::AddCustomContext(key, value); });
}

int gbench_register(const char *name, void (*run)(struct gbench_state *, void *), void *arg)
{
    return guarded([=] {
        benchmark::RegisterBenchmark(name, [=](benchmark::State &state) { go(state, run, arg); })
            ->MeasureProcessCPUTime()
            ->UseRealTime();
    });
}

void gbench_run(size_t *matched, size_t *failed)
{
    *matched = 0;
    failed_goes = 0;
    if (guarded([=] { *matched = benchmark::RunSpecifiedBenchmarks(); }) < 0)
        failed_goes++;
    *failed = failed_goes;
}

void gbench_end(void)
{
    guarded([] { benchmark::Shutdown(); });
}

bool gbench_keep_running(struct gbench_state *s)
{
    guarded(s, [s] { s->over = !s->state.KeepRunning(); });
    return !s->over && !s->state.error_occurred();
}

void gbench_fail(struct gbench_state *s, const char *text)
{
    guarded(s, [=] { s->state.SkipWithError(text); });
}

void gbench_set_work(struct gbench_state *s, uint64_t items, uint64_t bytes)
{
    guarded(s, [=] {
        if (items > 0)
            s->state.SetItemsProcessed(s->state.iterations() * static_cast<int64_t>(items));
        if (bytes > 0)
            s->state.SetBytesProcessed(s->state.iterations() * static_cast<int64_t>(bytes));
    });
}
