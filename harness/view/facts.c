#include "facts.h"

#include <stdio.h>
#include <string.h>

static void print_line(FILE *to, const char *name, const json_t *value, const json_t *missing)
{
    const char *text = json_string_value(value), *why = json_string_value(json_object_get(missing, name));
    fprintf(to, "  %-28s ", name);
    if (json_is_integer(value))
        fprintf(to, "%" JSON_INTEGER_FORMAT "\n", json_integer_value(value));
    else if (json_is_boolean(value))
        fprintf(to, "%s\n", json_is_true(value) ? "yes" : "no");
    else
        fprintf(to, "%s%s\n", text ? text : "n/a: ", text ? "" : why ? why : "unknown");
}

/* Most flaws are other processors'. */
static void print_mitigations(FILE *to, json_t *all)
{
    const char *name;
    json_t *value;
    size_t others = 0;
    json_object_foreach(all, name, value)
    {
        if (strcmp(json_string_value(value), "Not affected") == 0)
            others++;
        else
            print_line(to, name, value, NULL);
    }
    fprintf(to, "  %-28s Not affected\n", others == json_object_size(all) ? "(all)" : "(others)");
}

static void print_counter(FILE *to, const char *name, const json_t *value, const json_t *missing)
{
    if (json_is_null(value))
        print_line(to, name, value, missing);
    else
        fprintf(to, "  %-28s counts%s\n", name,
                json_is_true(json_object_get(value, "user_only")) ? ", the user's side only" : "");
}

static void print_section(FILE *to, const char *title, json_t *section, const json_t *missing)
{
    const char *name;
    json_t *value;
    fprintf(to, "%s\n", title);
    if (strcmp(title, "mitigations") == 0) {
        print_mitigations(to, section);
        return;
    }
    json_object_foreach(section, name, value)
    {
        if (strcmp(title, "counters") == 0)
            print_counter(to, name, value, missing);
        else if (!json_is_object(value))
            print_line(to, name, value, missing);
    }
    if (strcmp(title, "counters") == 0)
        return;
    json_object_foreach(section, name, value) if (json_is_object(value)) print_section(to, name, value, missing);
}

void facts_print(const json_t *facts, FILE *to)
{
    const char *title;
    json_t *section, *missing = json_object_get(facts, "missing");
    json_object_foreach((json_t *)facts, title, section) if (section != missing)
        print_section(to, title, section, missing);
}
