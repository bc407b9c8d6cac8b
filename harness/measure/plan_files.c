/* The files of a plan, as they are named on a command line. */
#include "plan.h"

#include "../../backends/file.h"
#include "../../datasets/datasets.h"
#include "../text/safe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- what they are called --- */

/* The end of the path with so many components, or all of it. */
static const char *end_of(const char *path, size_t components)
{
    const char *at = path + strlen(path);
    while (at > path && (at[-1] != '/' || --components > 0))
        at--;
    return at;
}

static bool is_told_apart(const struct plan *p, const struct plan_file *f, size_t components)
{
    const char *name = end_of(f->path, components);
    for (const struct plan_file *o = p->files; o < p->files + p->file_count; o++)
        if (o != f && strcmp(o->is_dataset ? o->name : end_of(o->path, components), name) == 0)
            return false;
    return true;
}

/* Of an end that is too long its own end remains. Control characters are \xNN, so that names stay different. */
static void name_file(const struct plan *p, struct plan_file *f)
{
    size_t components = 1;
    while (!is_told_apart(p, f, components) && end_of(f->path, components) > f->path)
        components++;
    const char *name = end_of(f->path, components);
    size_t n = strlen(name);
    char *safe = malloc(ESCAPE_MOST * n + 1);
    *escape_plain(safe, name, n) = '\0';
    n = strlen(safe);
    snprintf(f->name, sizeof f->name, "%s", n < sizeof f->name ? safe : safe + n + 1 - sizeof f->name);
    sample_clean_text(f->name); /* the end of a character may be what remains of it */
    free(safe);
}

/* --- adding them --- */

static size_t find(const struct plan *p, const char *path)
{
    size_t i = 0;
    while (i < p->file_count && strcmp(p->files[i].path, path) != 0)
        i++;
    return i;
}

int plan_add_file(struct plan *p, const char *path, const char *dataset, char *why, size_t size)
{
    if (find(p, path) < p->file_count)
        return 0;
    p->files = reallocarray(p->files, p->file_count + 1, sizeof *p->files);
    p->paths = reallocarray(p->paths, p->file_count + 1, sizeof *p->paths);
    struct plan_file *added = &p->files[p->file_count];
    memset(added, 0, sizeof *added);
    added->path = strdup(path);
    added->is_dataset = dataset != NULL;
    snprintf(added->name, sizeof added->name, "%s", dataset ? dataset : "");
    struct file file;
    int rc = file_open(&file, &(struct backend_input){.path = path, .end = UINT64_MAX});
    if (rc == 0) {
        added->size = file.size;
        int compressed = file_is_compressed(&file);
        int closed = file_close(&file, NULL);
        added->compressed = compressed > 0;
        rc = compressed < 0 ? compressed : closed;
    }
    if (rc) {
        snprintf(why, size, "%s: %s", path, input_outcome_text(rc));
        free(added->path);
        return rc;
    }
    p->paths[p->file_count++] = added->path;
    for (size_t i = 0; i < p->file_count; i++)
        if (!p->files[i].is_dataset)
            name_file(p, &p->files[i]);
    return 0;
}

static void add_input(struct plan *p, const char *name, size_t first, size_t files, bool apart)
{
    p->inputs = reallocarray(p->inputs, p->input_count + 1, sizeof *p->inputs);
    struct plan_input *in = &p->inputs[p->input_count++];
    *in = (struct plan_input){.first = first, .files = files, .apart = apart};
    snprintf(in->name, sizeof in->name, "%s", name);
}

/* All that the word means; each that is missing is named. */
static int add_word(struct plan *p, const char *word, const char *folder, plan_complain *complain)
{
    char path[4096], why[SAMPLE_ERROR];
    size_t before = p->file_count, first = 0, files = 0;
    int rc = 0;
    for (const struct dataset *d = datasets; d->name; d++) {
        if (!dataset_matches(d, word))
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, d->file);
        int one = plan_add_file(p, path, d->name, why, sizeof why);
        if (one == -ENOENT)
            complain("%s: not generated yet; run: dbnbench gen --dataset %s --dir %s", path, d->name, folder);
        else if (one)
            complain("%s", why);
        first = files++ == 0 ? find(p, path) : first;
        rc = one ? one : rc;
    }
    if (files == 0) {
        complain("no dataset is named %s; see `dbnbench list`", word);
        return -EINVAL;
    }
    if (rc == 0)
        add_input(p, word, first, files, files > 1 && (first < before || p->file_count - first != files));
    return rc;
}

int plan_add_datasets(struct plan *p, const char *words, const char *folder, plan_complain *complain)
{
    char *list = words ? strdup(words) : NULL, *rest = list, *word;
    int rc = 0;
    while (rc != -EINVAL && (word = strsep(&rest, ",")) != NULL) {
        int one = add_word(p, word, folder, complain);
        rc = one ? one : rc;
    }
    free(list);
    return rc;
}

int plan_add_files(struct plan *p, char *const *paths, size_t count, plan_complain *complain)
{
    size_t first = p->file_count;
    for (size_t i = 0; i < count; i++) {
        char why[SAMPLE_ERROR];
        int rc = plan_add_file(p, paths[i], NULL, why, sizeof why);
        if (rc) {
            complain("%s", why);
            return rc;
        }
    }
    for (size_t i = first; i < p->file_count; i++)
        add_input(p, p->files[i].name, i, 1, false);
    if (p->file_count - first > 1)
        add_input(p, PLAN_ALL_FILES, first, p->file_count - first, false);
    return 0;
}
