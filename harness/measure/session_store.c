/* What the parts of a session do alike: say what is wrong, and store. */
#include "session_parts.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

bool session_fail(struct session *s, const char *format, ...)
{
    char text[4096 + SAMPLE_ERROR];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    progress_end(&s->progress);
    if (*text)
        s->o->complain("%s", text);
    s->failed = true;
    return false;
}

bool session_stop(struct session *s)
{
    s->stopped = true;
    return false;
}

bool session_no_range(struct session *s, int error, const char *why)
{
    return error == -EINTR ? session_stop(s) : session_fail(s, "%s", why);
}

const struct plan_range *session_range(struct session *s, struct plan_file *f, uint64_t prefix)
{
    char why[SAMPLE_ERROR];
    int error;
    const struct plan_range *range = plan_range(&s->plan, f, prefix, &error, why, sizeof why);
    if (!range)
        session_no_range(s, error, why);
    return range;
}

static void set_id(char *id, size_t size)
{
    struct tm utc;
    time_t now = time(NULL);
    gmtime_r(&now, &utc);
    size_t n = strftime(id, size, "%Y%m%dT%H%M%SZ", &utc);
    snprintf(id + n, size - n, "-%ld", (long)getpid());
}

bool session_open_store(struct session *s)
{
    set_id(s->id, sizeof s->id);
    if (!s->o->out && mkdir("results", 0777) < 0 && errno != EEXIST)
        return session_fail(s, "results: %s", strerror(errno));
    if (s->o->out)
        snprintf(s->path, sizeof s->path, "%s", s->o->out);
    else
        snprintf(s->path, sizeof s->path, "results/%s-%s.jsonl", run_kinds[s->o->kind], s->id);
    int rc = store_open(s->path, &s->store);
    if (rc == -EEXIST)
        return session_fail(s, "%s: holds something else than results, so nothing is added to it", s->path);
    return rc == 0 || session_fail(s, "%s: %s", s->path, strerror(-rc));
}

static bool append(struct session *s, const char *type, const json_t *line, int rc)
{
    if (rc == 0)
        rc = store_append(s->store, type, s->id, line);
    s->lost |= rc != 0;
    return rc == 0 || session_fail(s, "%s: %s", s->path, strerror(-rc));
}

bool session_store(struct session *s, enum stored type, const void *one)
{
    json_t *line = stored_to_json(type, one);
    int rc = type == STORED_SAMPLE && !results_keep(&s->results, one) ? -EEXIST : 0;
    if (type != STORED_SAMPLE)
        results_add(&s->results, type, one);
    bool stored = append(s, stored_types[type].name, line, rc);
    json_decref(line);
    return stored;
}

bool session_store_line(struct session *s, const char *type, json_t *line, json_t **kept)
{
    bool stored = append(s, type, line, 0);
    if (stored && json_object_set_new(line, "run", json_string(s->id)) == 0)
        *kept = json_incref(line);
    json_decref(line);
    return stored;
}

bool session_keep(struct session *s, struct plan_case *c, const struct sample *sample)
{
    c->failed = sample->outcome != SAMPLE_OK;
    return session_store(s, STORED_SAMPLE, sample);
}

int session_keep_limit(void *session, const struct limit_sample *l)
{
    struct session *s = session;
    return session_store(s, STORED_LIMIT, l) ? 0 : -EIO;
}
