/* Where files are, and the libraries that read them. */
#include "machine_facts.h"

#include "../results/store.h"
#include "counters.h"

#include <errno.h>
#include <gnu/libc-version.h>
#include <libsmartcols.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <xxhash.h>
#include <zstd.h>

struct reading machine_read_ahead(const char *path, char *why, size_t size)
{
    char file[128], text[32];
    struct stat st;
    if (stat(path, &st) < 0) {
        snprintf(why, size, "%s", strerror(errno));
        return (struct reading){0};
    }
    snprintf(file, sizeof file, "/sys/class/bdi/%u:%u/read_ahead_kb", major(st.st_dev), minor(st.st_dev));
    int rc = machine_read(file, text, sizeof text);
    if (rc < 0) {
        snprintf(why, size, "%s: %s", file, strerror(-rc));
        return (struct reading){0};
    }
    return (struct reading){READING_EXACT, strtoull(text, NULL, 10) * 1024};
}

json_t *machine_libraries(void)
{
    const char *smartcols = "", *pfm = counters_pfm_version();
    char xxhash[32];
    scols_get_library_version(&smartcols);
    snprintf(xxhash, sizeof xxhash, "%d.%d.%d", XXH_VERSION_MAJOR, XXH_VERSION_MINOR, XXH_VERSION_RELEASE);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "libc", gnu_get_libc_version(), "zstd", ZSTD_versionString(),
                     "jansson", JANSSON_VERSION, "libsmartcols", smartcols, "xxhash", xxhash, "libpfm4",
                     pfm ? pfm : "not built in");
}

json_t *machine_folder(const char *path, json_t *missing)
{
    char buf[32], why[256] = "";
    char *name = strdup(path);
    const char *file_system = machine_file_system(path, buf, sizeof buf);
    struct reading ahead = machine_read_ahead(path, why, sizeof why);
    bool known = ahead.state != READING_UNSUPPORTED;
    sample_clean_text(name);
    json_t *o = json_pack("{s:s, s:s?, s:o}", "path", name, "file_system", file_system, "read_ahead_bytes",
                          known ? json_integer((json_int_t)ahead.value) : json_null());
    if (!file_system)
        json_object_set_new(missing, "file_system", json_string("statfs fails"));
    if (!known)
        json_object_set_new(missing, "read_ahead_bytes", json_string(why));
    free(name);
    return o;
}
