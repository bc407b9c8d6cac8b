/* The files of a plan, as they are named on a command line. */
#include "plan.h"

#include "../../datasets/datasets.h"
#include "../results/store.h"
#include "../text/safe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int look_at(struct plan_file *f, char *why, size_t size)
{
    uint8_t head[4];
    struct stat st;
    int fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    int rc = fd < 0 || fstat(fd, &st) < 0 ? -errno : 0;
    if (rc == 0 && !S_ISREG(st.st_mode))
        rc = DBN_E_UNSUPPORTED_FILE;
    if (rc == 0) {
        ssize_t n = pread(fd, head, sizeof head, 0);
        f->size = (uint64_t)st.st_size;
        f->compressed = n > 0 && dbn_zstd_magic(head, (size_t)n);
    } else {
        snprintf(why, size, "%s: %s", f->path, dbn_outcome_text(rc));
    }
    if (fd >= 0)
        close(fd);
    return rc;
}

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
    if (safe) {
        *escape_plain(safe, name, n) = '\0';
        n = strlen(name = safe);
    }
    snprintf(f->name, sizeof f->name, "%s", n < sizeof f->name ? name : name + n + 1 - sizeof f->name);
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
    snprintf(why, size, "%s", strerror(ENOMEM));
    if (find(p, path) < p->file_count)
        return 0;
    struct plan_file *more = reallocarray(p->files, p->file_count + 1, sizeof *more);
    if (!more)
        return -ENOMEM;
    p->files = more;
    const char **paths = reallocarray(p->paths, p->file_count + 1, sizeof *paths);
    if (!paths)
        return -ENOMEM;
    p->paths = paths;
    struct plan_file *f = &p->files[p->file_count];
    *f = (struct plan_file){.path = strdup(path), .is_dataset = dataset != NULL};
    if (!f->path)
        return -ENOMEM;
    snprintf(f->name, sizeof f->name, "%s", dataset ? dataset : "");
    int rc = look_at(f, why, size);
    if (rc) {
        free(f->path);
        return rc;
    }
    p->paths[p->file_count++] = f->path;
    for (size_t i = 0; i < p->file_count; i++)
        if (!p->files[i].is_dataset)
            name_file(p, &p->files[i]);
    return 0;
}

static int add_input(struct plan *p, const char *name, size_t first, size_t files, bool apart)
{
    struct plan_input *more = reallocarray(p->inputs, p->input_count + 1, sizeof *more);
    if (!more)
        return -ENOMEM;
    p->inputs = more;
    struct plan_input *in = &p->inputs[p->input_count++];
    *in = (struct plan_input){.first = first, .files = files, .apart = apart};
    snprintf(in->name, sizeof in->name, "%s", name);
    return 0;
}

static int add_dataset(struct plan *p, const struct dataset *d, const char *folder, size_t *at, plan_complain *complain)
{
    char path[4096], why[SAMPLE_ERROR];
    snprintf(path, sizeof path, "%s/%s", folder, d->file);
    int rc = access(path, F_OK) < 0 ? -errno : plan_add_file(p, path, d->name, why, sizeof why);
    if (rc == -ENOENT)
        complain("%s: not generated yet; run: dbnbench gen --dataset %s --dir %s", path, d->name, folder);
    else if (rc)
        complain("%s", rc == -ENOMEM ? strerror(ENOMEM) : why);
    *at = find(p, path);
    return rc;
}

/* All that the word means; each that is missing is named. */
static int add_word(struct plan *p, const char *word, const char *folder, plan_complain *complain)
{
    size_t before = p->file_count, first = 0, files = 0, at;
    int rc = -EINVAL;
    for (const struct dataset *d = datasets; d->name; d++) {
        if (!dataset_matches(d, word))
            continue;
        int one = add_dataset(p, d, folder, &at, complain);
        first = files++ == 0 ? at : first;
        rc = one || rc == -EINVAL ? one : rc;
    }
    if (files == 0)
        complain("no dataset is named %s; see `dbnbench list`", word);
    bool apart = files > 1 && (first < before || p->file_count - first != files);
    return rc ? rc : add_input(p, word, first, files, apart);
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
    int rc = 0;
    for (size_t i = first; i < p->file_count && rc == 0; i++)
        rc = add_input(p, p->files[i].name, i, 1, false);
    if (rc == 0 && p->file_count - first > 1)
        rc = add_input(p, PLAN_ALL_FILES, first, p->file_count - first, false);
    if (rc)
        complain("%s", strerror(-rc));
    return rc;
}
