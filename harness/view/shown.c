#include "shown.h"

#include "../text/safe.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const char *shown_dataset(const struct report *s, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (strcmp(s->rows[k].sample->key.dataset, s->rows[i].sample->key.dataset) == 0)
            return NULL;
    return s->rows[i].sample->key.dataset;
}

void shown_case(const struct report *s, const struct report_row *row, char *text, size_t size)
{
    const struct case_key *key = &row->sample->key;
    char block[24], with_block[48] = "", threads[48] = "", shards[48] = "", files[48] = "";
    case_block(key->block, block, sizeof block);
    if (s->blocks_differ && key->block > 0)
        snprintf(with_block, sizeof with_block, " --block %s", block);
    if (key->threads > 1)
        snprintf(threads, sizeof threads, " with %" PRIu64 " threads", key->threads);
    if (key->split > 1)
        snprintf(shards, sizeof shards, ", %" PRIu64 " shards", key->split);
    if (key->files > 1)
        snprintf(files, sizeof files, ", %" PRIu64 " files", key->files);
    const char *name = *key->decoder ? key->decoder : key->backend;
    snprintf(text, size, "%s%s%s%s%s", name, with_block, threads, shards, files);
}

const char *shown_name(const struct report *s, const struct report_row *row, char text[SHOWN_NAME])
{
    char name[96];
    shown_case(s, row, name, sizeof name);
    snprintf(text, SHOWN_NAME, "%s %s %s", row->sample->key.dataset, name, row->sample->key.sink);
    return text;
}

bool shown_has_rate(const struct report_row *row)
{
    return row->ns.n > 0 && row->sample->records > 0;
}

struct stats shown_rate(const struct report_row *row)
{
    double amount = (double)row->sample->records * 1e3;
    struct stats rate = row->ns;
    if (!shown_has_rate(row))
        return (struct stats){0};
    rate.median = amount / row->ns.median;
    rate.low = amount / row->ns.high;
    rate.high = amount / row->ns.low;
    return rate;
}

/* --- which rows are compared --- */

/* How long records take with a sink: the mean of logarithms. One that does not look for records is no decode, and takes
 * less than any that does. -INFINITY: it has no time. */
static double work_of(const struct report *s, const char *sink)
{
    enum { LOOKS = 1000 };
    double sum = 0;
    size_t n = 0, looks = 0;
    for (const struct report_row *row = s->rows; row < s->rows + s->count; row++) {
        if (!shown_has_rate(row) || strcmp(row->sample->key.sink, sink) != 0)
            continue;
        sum += log(row->ns.median / (double)row->sample->records);
        looks += row->sample->tally_records > 0;
        n++;
    }
    return n > 0 ? sum / (double)n + (looks ? LOOKS : 0) : -INFINITY;
}

const char *shown_sink(const struct report *s, const char *dataset)
{
    const char *sink = NULL;
    double most = -INFINITY;
    for (const struct report_row *row = s->rows; row < s->rows + s->count; row++) {
        if (strcmp(row->sample->key.dataset, dataset) != 0)
            continue;
        double work = work_of(s, row->sample->key.sink);
        if (!sink || work > most) {
            sink = row->sample->key.sink;
            most = work;
        }
    }
    return sink;
}

/* --- what else a run is of --- */

static void take_scale(struct shown_run *run)
{
    scale_of(&run->report, &run->scale);
    run->curves = calloc(run->scale.count + 1, sizeof *run->curves);
    for (size_t i = 0; i < run->scale.count; i++)
        scale_curve_of(&run->scale, &run->scale.rows[i], &run->curves[i]);
}

static void take_steps(struct shown_run *run)
{
    const json_t *line = run->results->run, *names = json_object_get(line, "chain_inputs");
    const char *many = json_string_value(json_object_get(line, "chain_many"));
    char why[256];
    if (phase_chain_read(json_object_get(line, "chain"), 1, &run->chain, why, sizeof why) < 0) {
        run->kind = RUN_UNKNOWN;
        return;
    }
    run->steps = calloc(json_array_size(names) + 1, sizeof *run->steps);
    for (size_t i = 0; i < json_array_size(names); i++) {
        struct shown_steps *s = &run->steps[run->inputs];
        s->dataset = json_string_value(json_array_get(names, i));
        if (!s->dataset)
            continue;
        run->inputs++;
        s->rows = calloc(run->chain.count, sizeof *s->rows);
        phases_of(&run->report, &run->chain, s->dataset, i == 0 ? many : NULL, s->rows);
    }
}

void shown_run_of(const struct results *r, struct shown_run *run)
{
    *run = (struct shown_run){.results = r, .kind = run_kind(r)};
    report_of(r, &run->report);
    if (run->kind == RUN_SCALE)
        take_scale(run);
    if (run->kind == RUN_PHASES)
        take_steps(run);
    if (run->kind == RUN_PROFILE)
        profile_of(&run->report, &run->profile);
}

void shown_run_free(struct shown_run *run)
{
    for (size_t i = 0; i < run->inputs; i++)
        free(run->steps[i].rows);
    free(run->steps);
    json_decref(run->chain.json);
    free(run->curves);
    scale_free(&run->scale);
    profile_free(&run->profile);
    report_free(&run->report);
}

bool shown_is_about_speed(const struct shown_run *run)
{
    return run->kind == RUN_RUN || run->kind == RUN_UNKNOWN || run->kind == RUN_PROCESS;
}

void shown_runs_choose(struct shown_runs *runs)
{
    for (struct shown_run *run = runs->run; run < runs->run + runs->count; run++) {
        run->before = runs->of[run->kind];
        runs->of[run->kind] = run;
        if (!runs->first || shown_is_about_speed(run) || !shown_is_about_speed(runs->first))
            runs->first = run;
    }
}

const char *shown_limit(const struct results *r, const char *name)
{
    const char *of = json_string_value(json_object_get(json_object_get(r->run, "limits"), name));
    return of ? of : name;
}

/* --- which run it is --- */

/* The words that tell one processor from another. */
static void print_processor(const char *cpu, FILE *to)
{
    static const char *const empty[] = {"(R)", "(TM)", "(r)", "(tm)", NULL}, *const left_out[] = {"CPU", "Processor",
                                                                                                  "@", "", NULL};
    char *copy = strdup(cpu), *rest = copy, *word, *mark;
    for (const char *const *e = empty; *e; e++)
        while ((mark = strstr(copy, *e)) != NULL)
            memmove(mark, mark + strlen(*e), strlen(mark + strlen(*e)) + 1);
    for (bool any = false; (word = strsep(&rest, " ")) != NULL;) {
        const char *const *out = left_out;
        while (*out && strcmp(*out, word) != 0)
            out++;
        if (!*out)
            fprintf(to, "%s%s", any ? " " : "", word);
        any |= !*out;
    }
    free(copy);
}

void shown_machine(const struct results *r, char *text, size_t size)
{
    const json_t *machine = json_object_get(r->run, "machine");
    const char *cpu = json_string_value(json_object_get(machine, "cpu"));
    json_int_t cores = json_integer_value(json_object_get(machine, "cores_online"));
    FILE *to = fmemopen(text, size, "w");
    print_processor(cpu ? cpu : "an unknown processor", to);
    if (cores > 0)
        fprintf(to, ", %" JSON_INTEGER_FORMAT " core%s", cores, cores == 1 ? "" : "s");
    fclose(to);
    text[size - 1] = '\0';
}

char *shown_head(const struct report *s)
{
    enum { NAMED = 8 };
    const struct results *r = s->results;
    const json_t *datasets = json_object_get(r->run, "datasets"), *one;
    char when[40], machine[256], *text;
    size_t size, i, n = json_array_size(datasets);
    enum run_kind kind = run_kind(r);
    FILE *to = open_memstream(&text, &size);
    shown_time(r, when, sizeof when);
    shown_machine(r, machine, sizeof machine);
    fprintf(to, "%s %s%s%s, %s, %s", run_is_example(r) ? "Example run" : "Run", run_id(r),
            kind == RUN_RUN ? "" : " of ", kind == RUN_RUN ? "" : run_kinds[kind], when, machine);
    json_array_foreach((json_t *)datasets, i, one)
    {
        const char *name = json_string_value(json_object_get(one, "name"));
        if (i < NAMED)
            fprintf(to, "%s%s", i == 0 ? ". Data: " : ", ", name ? name : "n/a");
    }
    if (n > NAMED)
        fprintf(to, " and %zu more", n - NAMED);
    if (s->fewest < s->most)
        fprintf(to, "; %zu to %zu samples of each case", s->fewest, s->most);
    else if (s->most > 0)
        fprintf(to, "; %zu sample%s of each case", s->most, s->most == 1 ? "" : "s");
    fputs(run_is_complete(r) ? "." : "; not finished.", to);
    fclose(to);
    return text;
}

void shown_time(const struct results *r, char *text, size_t size)
{
    int64_t ms = run_unix_ms(r);
    time_t seconds = (time_t)(ms / 1000);
    struct tm utc;
    if (ms < 0 || !gmtime_r(&seconds, &utc) || strftime(text, size, "%Y-%m-%d %H:%M:%S UTC", &utc) == 0)
        snprintf(text, size, "n/a");
}

char *shown_command(const struct results *r)
{
    char *text;
    size_t size, i;
    json_t *word;
    FILE *line = open_memstream(&text, &size);
    json_array_foreach(json_object_get(r->run, "command"), i, word)
    {
        const char *of = json_string_value(word);
        fputs(i ? " " : "", line);
        if (i == 0 && of) /* it is "dbnbench run", two words */
            fputs(of, line);
        else
            shell_word(line, of ? of : "");
    }
    fclose(line);
    return text;
}
