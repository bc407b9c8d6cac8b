/* Which decoder of others it was: what is stored of it. */
#include "foreign.h"

#include "../machine/child.h"

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* In hex, or "". */
static void find_sha256(const char *path, char hex[65])
{
    enum { TIMEOUT_MS = 60 * 1000 };
    const char *const argv[] = {"sha256sum", "--", path, NULL};
    char out[4200] = "";
    int detail;
    struct child_program program = {
        .argv = argv, .file[STDOUT_FILENO] = {.out = out, .size = sizeof out}, .timeout_ms = TIMEOUT_MS};
    bool done = child_exec(&program, &detail, NULL) == CHILD_DONE && detail == 0;
    const char *digits = *out == '\\' ? out + 1 : out; /* in front of a path with odd characters */
    snprintf(hex, 65, "%.64s", done && strspn(digits, "0123456789abcdef") == 64 ? digits : "");
}

static bool read_at(int fd, void *to, size_t n, uint64_t offset)
{
    return pread(fd, to, n, (off_t)offset) == (ssize_t)n;
}

/* In a segment of notes of this length. */
static bool find_note(int fd, uint64_t offset, uint64_t length, char *hex, size_t size)
{
    enum { MOST_NOTES = 64 };
    Elf64_Nhdr note;
    char name[4];
    unsigned char id[64];
    uint64_t at = 0;
    for (int i = 0; i < MOST_NOTES && at + sizeof note <= length; i++) {
        if (!read_at(fd, &note, sizeof note, offset + at))
            return false;
        uint64_t behind = at + sizeof note + (note.n_namesz + UINT64_C(3)) / 4 * 4;
        if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == sizeof name && note.n_descsz <= sizeof id &&
            read_at(fd, name, sizeof name, offset + at + sizeof note) && memcmp(name, "GNU", sizeof name) == 0 &&
            read_at(fd, id, note.n_descsz, offset + behind)) {
            for (size_t k = 0; k < note.n_descsz && 2 * k + 3 <= size; k++)
                snprintf(hex + 2 * k, 3, "%02x", id[k]);
            return true;
        }
        at = behind + (note.n_descsz + UINT64_C(3)) / 4 * 4;
    }
    return false;
}

/* The linker's note of what it linked, in hex; "" if it left none. */
static void find_build_id(const char *path, char *hex, size_t size)
{
    Elf64_Ehdr elf;
    Elf64_Phdr segment;
    *hex = '\0';
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool go_on = fd >= 0 && read_at(fd, &elf, sizeof elf, 0) && memcmp(elf.e_ident, ELFMAG, SELFMAG) == 0 &&
                 elf.e_ident[EI_CLASS] == ELFCLASS64 && elf.e_phentsize == sizeof segment;
    for (size_t i = 0; go_on && i < elf.e_phnum; i++) {
        go_on = read_at(fd, &segment, sizeof segment, elf.e_phoff + i * sizeof segment);
        if (go_on && segment.p_type == PT_NOTE)
            go_on = !find_note(fd, segment.p_offset, segment.p_filesz, hex, size);
    }
    if (fd >= 0)
        close(fd);
}

/* A program tells its version when it is asked. */
static void find_version(const struct foreign *f, char *version)
{
    static struct foreign_result r;
    snprintf(version, FOREIGN_TEXT, "%s", f->version);
    if (f->kind == FOREIGN_PROGRAM) {
        foreign_ask(f, &r);
        snprintf(version, FOREIGN_TEXT, "%s", r.version);
    }
    sample_clean_text(version);
}

/* NULL of what is not known. */
static const char *known(const char *text)
{
    return *text ? text : NULL;
}

json_t *foreign_json(const struct foreign *f)
{
    static const char *const kinds[] = {[FOREIGN_LENDS] = "plug-in that lends",
                                        [FOREIGN_DECODES] = "plug-in that decodes",
                                        [FOREIGN_PROGRAM] = "program"};
    char sha256[65] = "", build_id[129] = "", version[FOREIGN_TEXT];
    char *path = strdup(f->path ? f->path : "");
    if (*path) {
        find_sha256(path, sha256);
        find_build_id(path, build_id, sizeof build_id);
    }
    sample_clean_text(path);
    find_version(f, version);
    json_t *o = json_pack("{s:s, s:s, s:s?, s:s?, s:s?, s:s?, s:s?, s:s?}", "name", f->name, "kind", kinds[f->kind],
                          "version", known(version), "does", known(f->does), "path", known(path), "sha256",
                          known(sha256), "build_id", known(build_id), "why", known(f->why));
    free(path);
    return o;
}
