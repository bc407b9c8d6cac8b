/* What all parts of a session do alike: saying how far it is and what is wrong, and storing. */
#include "session_parts.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

/* Names are clean already (see sample_clean_text()), so no file can play with the terminal. */
void session_progress(struct session *s, const struct case_key *key, const char *format, ...)
{
    char text[2 * SAMPLE_NAME];
    va_list args;
    va_start(args, format);
    size_t n = (size_t)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (key && n < sizeof text)
        snprintf(text + n, sizeof text - n, " %s %s %s", key->dataset, key->backend, key->sink);
    progress_show(&s->progress, !key, text);
}

bool session_fail(struct session *s, const char *format, ...)
{
    char text[4096 + SAMPLE_ERROR];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    progress_end(&s->progress);
    s->o->complain("%s", text);
    s->failed = true;
    return false;
}

bool session_stop(struct session *s)
{
    s->stopped = true;
    return false;
}

const struct plan_range *session_range(struct session *s, struct plan_file *f, uint64_t prefix)
{
    char why[SAMPLE_ERROR];
    const struct plan_range *range = plan_range(&s->plan, f, prefix, why, sizeof why);
    if (!range && *why)
        session_fail(s, "%s", why);
    else if (!range)
        session_stop(s);
    return range;
}

bool session_append(struct session *s, const char *type, const json_t *line)
{
    int rc = store_append(s->store, type, s->id, line);
    s->lost |= rc != 0;
    return rc == 0 || session_fail(s, "%s: %s", s->path, strerror(-rc));
}

bool session_store(struct session *s, enum stored type, const void *one)
{
    if (type != STORED_SAMPLE) {
        results_add(&s->results, type, one);
    } else if (!results_keep(&s->results, one)) {
        char name[CASE_NAME];
        case_name(&((const struct sample *)one)->key, name);
        s->lost = true;
        return session_fail(s, "two cases cannot be told apart: %s", name);
    }
    json_t *line = stored_to_json(type, one);
    bool stored = session_append(s, stored_types[type].name, line);
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
    return session_store(session, STORED_LIMIT, l) ? 0 : -EIO;
}
