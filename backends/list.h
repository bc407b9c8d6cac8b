/* Every backend, in the order of all tables. BACKEND(name) stands for `const struct backend backend_name`. */
BACKEND(syscall)
BACKEND(syscall_record)
BACKEND(buffered)
BACKEND(mmap)
BACKEND(pipeline)
BACKEND(inflate)
BACKEND(direct)
BACKEND(uring)
