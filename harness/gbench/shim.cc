// The only C++ here. Holds for versions from 1.7.1 on: the library's own reporters do all the output, as a reporter's
// Run changed. An exception means that memory ran out: nobody catches it, so it ends the process.
#include "shim.h"

#include <benchmark/benchmark.h>

struct gbench_state {
    benchmark::State &state;
};

int gbench_begin(int *argc, char **argv, void (*help)(void))
{
    benchmark::SetDefaultTimeUnit(benchmark::kMicrosecond); // unless --benchmark_time_unit is there
    benchmark::Initialize(argc, argv, help);
    return benchmark::ReportUnrecognizedArguments(*argc, argv) ? -1 : 0;
}

void gbench_help(void)
{
    benchmark::PrintDefaultHelp();
}

void gbench_register(const char *name, void (*run)(struct gbench_state *, void *), void *arg)
{
    benchmark::RegisterBenchmark(name,
                                 [=](benchmark::State &state) {
                                     gbench_state s = {state};
                                     run(&s, arg);
                                 })
        ->MeasureProcessCPUTime()
        ->UseRealTime();
}

size_t gbench_run(void)
{
    size_t matched = benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return matched;
}

bool gbench_keep_running(struct gbench_state *s)
{
    return s->state.KeepRunning();
}

void gbench_fail(struct gbench_state *s, const char *text)
{
    s->state.SkipWithError(text);
}

void gbench_set_work(struct gbench_state *s, uint64_t items, uint64_t bytes)
{
    if (items > 0)
        s->state.SetItemsProcessed(s->state.iterations() * static_cast<int64_t>(items));
    if (bytes > 0)
        s->state.SetBytesProcessed(s->state.iterations() * static_cast<int64_t>(bytes));
}
