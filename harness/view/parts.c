/* Where the time of decodes goes, from a run of `dbnbench profile`: parts of a record's time, and side counts. */
#include "document.h"

#include <math.h>
#include <string.h>

/* --- tables --- */

static const struct table_column part_columns[] = {
    {.key = "dataset", .group = true},
    {.key = "backend", .group = true},
    {.key = "part"},
    {.key = "alone", .kind = TABLE_NUMBER, .title = "alone ns", .meaning = "CPU time a record, without the others"},
    {.key = "share", .kind = TABLE_NUMBER, .title = "share %", .meaning = "as a ratio to the whole, in the same round"},
    {.key = "at_most", .kind = TABLE_NUMBER, .title = "at most", .meaning = "times as fast without it"},
    {0},
};

/* Of any use if all of it is finite. */
static struct stats gain(const struct stats *share)
{
    struct stats gain = *share;
    gain.median = profile_gain(share->median);
    gain.low = profile_gain(share->low);
    gain.high = profile_gain(share->high);
    if (!isfinite(gain.median) || !isfinite(gain.high))
        gain.n = 0;
    return gain;
}

static struct table *parts_table(const struct profile *profile)
{
    struct table *t = table_new("where", "Where the time goes: each part measured without the others", part_columns);
    for (const struct profile_row *row = profile->rows; row < profile->rows + profile->count; row++) {
        if (row->cpu.n == 0)
            continue;
        table_row(t, "tttsss", row->dataset, row->backend, "whole", &row->cpu, 1.0, NULL, 1.0, NULL, 1.0);
        for (size_t i = 0; i < PROFILE_PARTS; i++) {
            const struct stats *share = &row->share[i];
            struct stats without = gain(share);
            if (!profile_has(&row->kind, (enum profile_part)i))
                continue;
            table_row(t, "tttsss", row->dataset, row->backend, profile_part_names[i], &row->part[i], 1.0, share, 100.0,
                      i == PART_UNEXPLAINED ? NULL : &without, 1.0);
        }
    }
    table_note(t, "whole: reading, decoding and (rows) keeping every record. calls: system calls and their copying. "
                  "faults: of pages of the mapped file. hand-over: between threads. memory: waiting for it, or for "
                  "another core. framing: finding records. allocation: memory for records, its faults, and copying. "
                  "unexplained: what the parts leave of the whole; below 0 they overlap.");
    return t;
}

static const struct table_column count_columns[] = {
    {.key = "dataset", .group = true},
    {.key = "backend"},
    {.key = "prefix", .kind = TABLE_COUNT, .rank = 1, .meaning = "from the start of the file, if it is not all"},
    {.key = "wall", .kind = TABLE_NUMBER, .rank = 8, .title = "wall ns", .meaning = "a record"},
    {.key = "cpu", .kind = TABLE_NUMBER, .title = "CPU ns", .meaning = "a record"},
    {.key = "reads", .kind = TABLE_NUMBER, .title = "reads/rec", .meaning = "read calls a record"},
    {.key = "faults", .kind = TABLE_NUMBER, .title = "faults/rec", .meaning = "page faults a record"},
    {.key = "moved", .kind = TABLE_NUMBER, .rank = 6, .meaning = "bytes copied or inflated, a byte decoded"},
    {.key = "verdict", .verdict = true, .title = "the parts", .meaning = "whether they add up to the whole"},
    {0},
};

static const char *verdict(const struct profile_row *row)
{
    const struct stats *share = &row->share[PART_UNEXPLAINED];
    if (row->cpu.n == 0)
        return row->sample->outcome ? sample_outcomes[row->sample->outcome] : NULL;
    return share->n > 0 && !share->confident ? "too few samples" : profile_verdicts[row->verdict];
}

static struct table *counts_table(const struct shown_run *run)
{
    struct table *t = table_new("counts", "What goes with it, a record", count_columns);
    for (const struct profile_row *row = run->profile.rows, *end = row + run->profile.count; row < end; row++) {
        bool known = row->cpu.n > 0;
        table_row(t, "ttNssdddt", row->dataset, row->backend, row->sample->prefix, &row->wall, 1.0, &row->cpu, 1.0,
                  known ? row->reads : NAN, known ? row->faults : NAN, known ? row->moved : NAN, verdict(row));
    }
    table_note(t, "They add up if the interval of what is unexplained holds 0, or within 3 %%; one beyond +-10 %% is "
                  "too noisy.");
    return t;
}

/* --- answers --- */

static void say_where(const struct profile_row *row, struct table *to)
{
    size_t most = PROFILE_PARTS;
    char share[32], whole[32];
    for (size_t i = 0; i < PART_UNEXPLAINED; i++)
        if (row->share[i].n > 0 && (most == PROFILE_PARTS || row->share[i].median > row->share[most].median))
            most = i;
    if (row->cpu.n == 0) {
        table_note(to, "%s on %s could not be taken apart: %s.", row->backend, row->dataset,
                   row->unknown          ? "the run does not say how it reads"
                   : *row->sample->error ? row->sample->error
                                         : sample_outcomes[row->sample->outcome]);
    } else if (most == PROFILE_PARTS) {
        table_note(to, "Of %s on %s no part was measured.", row->backend, row->dataset);
    } else {
        table_number(100 * row->share[most].median, share, sizeof share);
        table_number(row->cpu.median, whole, sizeof whole);
        table_note(to, "%s on %s takes %s ns of CPU time a record, %s %% of it for %s. %s%s.", row->backend,
                   row->dataset, whole, share, profile_part_names[most],
                   row->verdict == PROFILE_CLOSES ? "The parts add up to it" : "The parts do not add up to it: ",
                   row->verdict == PROFILE_CLOSES ? "" : verdict(row));
    }
}

void section_profile(const struct shown_run *run, struct section *to)
{
    section_add(to, parts_table(&run->profile));
    section_add(to, counts_table(run));
    for (size_t i = 0; i < run->profile.count; i++)
        say_where(&run->profile.rows[i], to->answers);
}

/* --- the picture --- */

/* Parts lie side by side and fill the bar: what they leave is unexplained. If they come to more, they are drawn
 * smaller. */
static void add_bars(struct table *t, const struct profile_row *row, uint64_t at)
{
    char label[160], file[64], whole[48], number[32], share[32];
    double sum = 0, from = 0, width;
    figure_shorten(row->dataset, 20, file, sizeof file);
    table_number(row->cpu.median, number, sizeof number);
    snprintf(label, sizeof label, "%s on %s", row->backend, file);
    snprintf(whole, sizeof whole, "%s ns a record", number);
    for (size_t part = 0; part < PART_UNEXPLAINED; part++)
        sum += row->share[part].n > 0 ? 100 * fmax(row->share[part].median, 0) : 0;
    for (uint64_t part = 0; part < PROFILE_PARTS; part++) {
        const struct stats *of = &row->share[part];
        width = part == PART_UNEXPLAINED ? fmax(100 - from, 0) : of->n > 0 ? 100 * fmax(of->median, 0) : 0;
        width = part < PART_UNEXPLAINED && sum > 100 ? width * 100 / sum : width;
        table_number(part == PART_UNEXPLAINED ? width : 100 * of->median, number, sizeof number);
        snprintf(share, sizeof share, "%s %%", number);
        table_row(t, "ntttntdd", at, label, whole, profile_part_names[part], part, of->n > 0 ? share : "", from,
                  from + width);
        from += width;
    }
}

void add_where(const struct shown_runs *runs, struct figures *to)
{
    const struct shown_run *run = runs->of[RUN_PROFILE];
    struct table *t =
        figure_table("ntttntdd", "row", "label", "whole", "part", "number", "share", "from (%)", "to (%)");
    uint64_t n = 0;
    for (size_t i = 0; run && i < run->profile.count; i++)
        if (run->profile.rows[i].cpu.n > 0)
            add_bars(t, &run->profile.rows[i], n++);
    for (size_t i = 0; run && i < run->profile.count; i++)
        say_where(&run->profile.rows[i], t);
    figures_add(to, t, "", "CPU time of a record", "per cent, by parts");
}
