#include "store_json.h"

#include "sample.h"
#include "store.h"

#include <stdio.h>
#include <string.h>

bool store_get_text(const json_t *from, const char *key, char *to, size_t size)
{
    const char *s = json_string_value(json_object_get(from, key));
    if (!s || strlen(s) >= size)
        return false;
    snprintf(to, size, "%s", s);
    sample_clean_text(to);
    return true;
}

bool store_get_count(const json_t *from, const char *key, uint64_t *to)
{
    const json_t *number = json_object_get(from, key);
    *to = (uint64_t)json_integer_value(number);
    return json_is_integer(number) && json_integer_value(number) >= 0;
}
