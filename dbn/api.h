/* What the public headers begin and end with: in C++ their functions are C's, and the shared library exports them. */
#ifndef DBN_API_H
#define DBN_API_H

#ifdef __cplusplus
#define DBN_API_BEGIN                                                                                                  \
    extern "C" {                                                                                                       \
    _Pragma("GCC visibility push(default)")
#define DBN_API_END                                                                                                    \
    _Pragma("GCC visibility pop")                                                                                      \
    }
#else
#define DBN_API_BEGIN _Pragma("GCC visibility push(default)")
#define DBN_API_END _Pragma("GCC visibility pop")
#endif

#endif
