#include "manifest.h"

#include "described.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_NAME "decoder.json"

static bool __attribute__((format(printf, 3, 4))) fail(char *why, size_t size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(why, size, format, args);
    va_end(args);
    sample_clean_text(why);
    return false;
}

/* --- where decoders and programs are --- */

/* The file of that name, in one of the folders with colons in between. */
static bool find_in(const char *folders, const char *name, int mode, char path[PATH_MAX])
{
    while (folders && *folders) {
        int n = (int)strcspn(folders, ":"), length = snprintf(path, PATH_MAX, "%.*s/%s", n, folders, name);
        if (n > 0 && length < PATH_MAX && access(path, mode) == 0)
            return true;
        folders += n + (folders[n] == ':');
    }
    return false;
}

/* $DBNBENCH_DECODERS, decoders/ here, and those of the tree or the installation that this program is of. */
static const char *decoder_folders(void)
{
    static char *folders;
    const char *given = getenv("DBNBENCH_DECODERS");
    char self[PATH_MAX] = "";
    if (folders)
        return folders;
    if (readlink("/proc/self/exe", self, sizeof self - 1) > 0)
        *strrchr(self, '/') = '\0';
    int n =
        asprintf(&folders, "%s:decoders:%s/../decoders:%s/../share/dbnbench/decoders", given ? given : "", self, self);
    if (n < 0)
        folders = NULL;
    return folders;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Of all decoders in the folder. */
static void add_names(const char *folder, const char ***names, size_t *count)
{
    DIR *dir = opendir(folder);
    char path[PATH_MAX];
    for (struct dirent *e; dir && (e = readdir(dir)) != NULL;) {
        snprintf(path, sizeof path, "%s/%s/%s", folder, e->d_name, FILE_NAME);
        if (e->d_name[0] == '.' || access(path, F_OK) < 0)
            continue;
        *names = reallocarray(*names, *count + 1, sizeof **names);
        (*names)[(*count)++] = described_keep_text(e->d_name);
    }
    if (dir)
        closedir(dir);
}

const char *const *manifest_names(void)
{
    char *folders = strdup(decoder_folders()), *rest = folders, *folder;
    const char **found = NULL;
    size_t count = 0, n = 0;
    while ((folder = strsep(&rest, ":")) != NULL)
        add_names(folder, &found, &count);
    if (count > 0)
        qsort(found, count, sizeof *found, by_text);
    const char **names = described_keep((count + 1) * sizeof *names);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || strcmp(found[i], found[i - 1]) != 0)
            names[n++] = found[i];
    free(found);
    free(folders);
    return names;
}

/* As many as fit. */
static void list_names(const char *const *names, char *text, size_t size)
{
    size_t n = 0;
    text[0] = '\0';
    for (size_t i = 0; names[i] && n < size; i++)
        n += (size_t)snprintf(text + n, size - n, "%s%s", i ? ", " : "", names[i]);
}

const char *manifest_lacks(const struct manifest *m)
{
    char path[PATH_MAX];
    const char *const *need = m->needs;
    while (*need && find_in(getenv("PATH"), *need, X_OK, path))
        need++;
    return *need;
}

/* --- what is made of it --- */

bool manifest_is_name(const char *name)
{
    return name && *name && strchr("-.", *name) == NULL &&
           name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._")] == '\0';
}

static bool check_name(const char *name, const struct place *p)
{
    return manifest_is_name(name) || described_wrong(p, "name", "it must be of " MANIFEST_NAMES, "");
}

static bool check(const struct described *d, const struct place *p)
{
    static const char *const ways[] = {"in place", "copies", "allocates", NULL};
    const char *const *way = ways;
    bool sum = false;
    while (d->does && *way && strcmp(*way, d->does) != 0)
        way++;
    if (!d->start || !d->start[0])
        return described_wrong(p, "start", "it is missing", "");
    if (!*way)
        return described_wrong(p, "does", "it must be ", "\"in place\", \"copies\" or \"allocates\"");
    for (size_t i = 0; d->sinks[i]; i++) {
        const struct sink *sink = sink_find(d->sinks[i]);
        if (i + 1 == FOREIGN_SINKS || !sink)
            return described_wrong(p, "sinks", sink ? "too many" : "there is no sink ", sink ? "" : d->sinks[i]);
        sum |= sink->expect == expect_sum;
    }
    return sum || described_wrong(p, "sinks", "\"sum\" is missing", "");
}

static const char *in_folder(const char *folder, const char *name)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s%s%s", *name == '/' ? "" : folder, *name == '/' ? "" : "/", name);
    return described_keep_text(path);
}

/* A program of the folder, a script of it, or a program of $PATH. */
static const char *what_is_started(const char *folder, const char *const *start)
{
    char path[PATH_MAX];
    if (strchr(start[0], '/'))
        return in_folder(folder, start[0]);
    for (size_t i = 1; start[i]; i++)
        if (start[i][0] != '-' && find_in(folder, start[i], R_OK, path))
            return described_keep_text(path);
    return find_in(getenv("PATH"), start[0], X_OK, path) ? described_keep_text(path) : NULL;
}

/* A start whose first word has a / is of the folder, else of $PATH. */
static void set_state(const struct manifest *m, const char *given, const struct described *d, struct foreign *f)
{
    const char *program = d->start[0], *lacks = manifest_lacks(m);
    char path[PATH_MAX];
    bool of_folder = strchr(program, '/') != NULL;
    if (of_folder ? access(f->path, X_OK) == 0 : find_in(getenv("PATH"), program, X_OK, path))
        return;
    f->outcome = SAMPLE_UNAVAILABLE;
    if (lacks || !of_folder)
        snprintf(f->why, sizeof f->why, "not installed: %s is not found", lacks ? lacks : program);
    else if (m->build[0])
        snprintf(f->why, sizeof f->why, "not built: dbnbench decoders build %s", given);
    else
        snprintf(f->why, sizeof f->why, "%s: %s", f->path, strerror(errno));
    sample_clean_text(f->why);
}

static const struct foreign *make_mode(const struct manifest *m, const char *given, const struct described *d,
                                       const char *mode)
{
    size_t words = 0;
    while (d->start[words])
        words++;
    const char **start = described_keep((words + 1) * sizeof *start);
    struct foreign *f = described_keep(sizeof *f);
    memcpy(start, d->start, words * sizeof *start);
    if (strchr(start[0], '/'))
        start[0] = in_folder(m->folder, start[0]);
    *f = (struct foreign){
        .backend = {.name = f->name, .summary = f->summary, .foreign = f},
        .kind = FOREIGN_PROGRAM,
        .path = what_is_started(m->folder, d->start),
        .zstd = d->zstd,
        .threads = d->threads,
        .program = {.folder = m->folder, .start = start, .warm = d->warm},
    };
    snprintf(f->name, sizeof f->name, "%s%s%s", m->name, mode ? "/" : "", mode ? mode : "");
    snprintf(f->summary, sizeof f->summary, "%s", d->summary ? d->summary : m->summary);
    snprintf(f->does, sizeof f->does, "%s", d->does ? d->does : "");
    for (size_t i = 0; d->sinks[i]; i++)
        snprintf(f->sinks[i], sizeof f->sinks[i], "%s", d->sinks[i]);
    sample_clean_text(f->summary);
    set_state(m, given, d, f);
    return f;
}

/* Says what the file says, but for what the mode itself does. object NULL: there are no modes. */
static const struct foreign *read_mode(const struct manifest *m, const char *given, const struct place *p,
                                       const struct described *whole, const json_t *object)
{
    struct described d = *whole;
    if (object)
        d.name = NULL;
    if ((object && !described_read(object, p, &d)) || !check_name(d.name, p) || !check(&d, p))
        return NULL;
    if (strlen(m->name) + (object ? 1 + strlen(d.name) : 0) >= FOREIGN_NAME) {
        described_wrong(p, "name", "it is too long", "");
        return NULL;
    }
    return make_mode(m, given, &d, object ? d.name : NULL);
}

static bool read_modes(struct manifest *m, const char *given, struct place *p, const struct described *whole)
{
    size_t count = whole->modes ? json_array_size(whole->modes) : 1;
    const struct foreign **modes = described_keep((count + 1) * sizeof *modes);
    for (size_t i = 0; i < count; i++) {
        p->mode = whole->modes ? i + 1 : 0;
        modes[i] = read_mode(m, given, p, whole, json_array_get(whole->modes, i));
        for (size_t j = 0; j < i && modes[i]; j++)
            if (strcmp(modes[j]->name, modes[i]->name) == 0)
                return described_wrong(p, "name", "there are two of it", "");
        if (!modes[i])
            return false;
    }
    m->modes = modes;
    return true;
}

static const struct manifest *read_file(const char *path, const char *given, char *why, size_t size)
{
    static const char *const nothing[] = {NULL}, *const sum[] = {"sum", NULL};
    static const char *const *const no_commands[] = {NULL};
    struct described d = {.summary = "", .needs = nothing, .build = no_commands, .sinks = sum};
    struct place p = {.path = path, .why = why, .size = size};
    json_error_t error;
    char folder[PATH_MAX];
    struct stat st;
    json_t *json = NULL;
    struct manifest *m = NULL;
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) /* a pipe may never end */
        fail(why, size, "%s: it is no regular file", path);
    else if (!(json = json_load_file(path, JSON_REJECT_DUPLICATES, &error)))
        fail(why, size, error.line > 0 ? "%s: %s, line %d" : "%s: %s", path, error.text, error.line);
    else if (!json_is_object(json))
        fail(why, size, "%s: it must be an object", path);
    else if (!realpath(path, folder))
        fail(why, size, "%s: %s", path, strerror(errno));
    else if (described_read(json, &p, &d) && check_name(d.name, &p)) {
        *strrchr(folder, '/') = '\0';
        m = described_keep(sizeof *m);
        *m = (struct manifest){described_keep_text(folder), d.name, d.summary, d.needs, d.build, NULL};
        m = read_modes(m, given, &p, &d) ? m : NULL;
    }
    json_decref(json);
    return m;
}

/* --- finding it --- */

static bool is_path(const char *word)
{
    return *word == '.' || *word == '/';
}

const struct manifest *manifest_read(const char *name, char *why, size_t size)
{
    char path[PATH_MAX], file[PATH_MAX], names[256];
    snprintf(file, sizeof file, "%s/%s", name, FILE_NAME);
    if (is_path(name))
        return read_file(file, name, why, size);
    if (*name && find_in(decoder_folders(), file, F_OK, path))
        return read_file(path, name, why, size);
    list_names(manifest_names(), names, sizeof names);
    fail(why, size, "there is no decoder '%.64s' (%s; a folder of your own: ./%.64s)", name,
         *names ? names : "none is found here", name);
    return NULL;
}

/* The one of them with this name, as a list. */
static const struct foreign *const *find_mode(const struct manifest *m, const char *mode, char *why, size_t size)
{
    const struct foreign **one = described_keep(2 * sizeof *one);
    char all[256] = "";
    size_t n = strlen(m->name) + 1;
    for (const struct foreign *const *f = m->modes; *f; f++) {
        const char *name = strlen((*f)->name) > n ? (*f)->name + n : "";
        size_t used = strlen(all);
        if (*name && strcmp(name, mode) == 0)
            one[0] = *f;
        snprintf(all + used, sizeof all - used, "%s%s", used ? ", " : "", name);
    }
    if (!one[0])
        fail(why, size, "decoder %s has no mode '%.64s' (%s)", m->name, mode, *all ? all : "it has none");
    return one[0] ? one : NULL;
}

static bool has_manifest(const char *folder)
{
    char file[PATH_MAX];
    snprintf(file, sizeof file, "%s/%s", folder, FILE_NAME);
    return access(file, F_OK) == 0;
}

/* Behind the first / of a name may be a mode; behind the last one of a path, if only what is before it is a decoder. */
const struct foreign *const *manifest_find(const char *word, char *why, size_t size)
{
    char *name = strdup(word), *slash = is_path(word) ? strrchr(name, '/') : strchr(name, '/');
    const struct foreign *const *found = NULL;
    if (slash)
        *slash = '\0';
    if (slash && is_path(word) && (has_manifest(word) || !has_manifest(name))) {
        *slash = '/';
        slash = NULL;
    }
    const struct manifest *m = manifest_read(name, why, size);
    if (m)
        found = slash ? find_mode(m, slash + 1, why, size) : m->modes;
    free(name);
    return found;
}
